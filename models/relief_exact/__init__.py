"""What no relief plan can beat: trips priced over time and load, a linear programme over them (Dantzig and Wolfe 1960)."""
