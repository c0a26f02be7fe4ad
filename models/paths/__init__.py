"""Shortest paths for roads that keep closing: prepare a topology once, bring weights in often, ask for many pairs."""

from models.paths.hierarchy import Hierarchy, prepare
from models.paths.isolating_cut import isolating_cut
from models.paths.last_roads import LastRoads, last_roads
from models.paths.lengths import matrix_with_lengths
from models.paths.matrix import matrix
from models.paths.metric import Metric, customise
from models.paths.nearest import nearest
from models.paths.nearest_source import SourceTree, nearest_source
from models.paths.one_to_all import one_to_all
from models.paths.recustomise import recustomise
from models.paths.scenarios import scenario_matrices
from models.paths.single_cuts import SingleCuts, single_cuts
from models.paths.times import times
from models.paths.unpack import shortest_path
from models.turns import SplitGraph, split_turns

__all__ = [
    "Hierarchy",
    "LastRoads",
    "Metric",
    "SingleCuts",
    "SourceTree",
    "SplitGraph",
    "customise",
    "isolating_cut",
    "last_roads",
    "matrix",
    "matrix_with_lengths",
    "nearest",
    "nearest_source",
    "one_to_all",
    "prepare",
    "recustomise",
    "scenario_matrices",
    "shortest_path",
    "single_cuts",
    "split_turns",
    "times",
]
