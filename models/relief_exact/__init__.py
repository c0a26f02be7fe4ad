"""What no relief plan can beat: a linear programme over trips priced by time and load (Dantzig and Wolfe 1960)."""
