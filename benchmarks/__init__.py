"""Published instances and peers, side by side."""
