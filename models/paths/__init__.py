"""Shortest paths for roads that keep closing: prepare a topology once, bring weights in often, ask for many pairs."""

from models.paths.hierarchy import Hierarchy, prepare
from models.paths.matrix import matrix
from models.paths.metric import Metric, customise
from models.paths.scenarios import scenario_matrices

__all__ = ["Hierarchy", "Metric", "customise", "matrix", "prepare", "scenario_matrices"]
