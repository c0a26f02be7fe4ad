"""Terrain over arrays: voids, slope and aspect, where water drains to and how high a cell stands above it."""

from models.terrain.drainage import Drainage, drain
from models.terrain.surface import fill_voids, slope_aspect

__all__ = ["Drainage", "drain", "fill_voids", "slope_aspect"]
