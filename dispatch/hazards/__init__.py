"""Hazards: what they do to roads, places and communications over time."""
