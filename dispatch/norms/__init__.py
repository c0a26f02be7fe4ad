"""Figures a user may dispute, each row with its source: speeds, step times, pace, goods, rules."""

from dispatch.norms.read import read_norm, write_norm
from dispatch.norms.tables import NORMS, NormColumn, NormTable

__all__ = ["NORMS", "NormColumn", "NormTable", "read_norm", "write_norm"]
