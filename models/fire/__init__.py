"""Wildfire over arrays: surface and crown spread, the ellipse, arrival times, spotting, lines and containment."""
