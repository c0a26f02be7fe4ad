"""Shortest paths for roads that keep closing: prepare a topology once, bring weights in often, ask for many pairs."""

from models.paths.hierarchy import Hierarchy, prepare
from models.paths.matrix import matrix
from models.paths.metric import Metric, customise
from models.paths.one_to_all import one_to_all
from models.paths.scenarios import scenario_matrices
from models.paths.unpack import shortest_path

__all__ = [
    "Hierarchy",
    "Metric",
    "customise",
    "matrix",
    "one_to_all",
    "prepare",
    "scenario_matrices",
    "shortest_path",
]
