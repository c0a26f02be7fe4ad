"""Exercises whose clock comes from the simulation, and the review of what really happened."""
