"""What should lie in depots: pre-positioning with or without new points, agreements beside own stock, shelf life."""

from models.stock.agreement import Reserve, Split, split_reserve
from models.stock.information import value_of_information
from models.stock.points import (
    PointsAndStock,
    Provided,
    Stockpoints,
    place_points,
    points_curve,
    points_information,
    provide,
)
from models.stock.preposition import Preposition, Stocking, evaluate, preposition
from models.stock.shelf_life import Lots, ShelfPlan, plan_shelf

__all__ = [
    "Lots",
    "PointsAndStock",
    "Preposition",
    "Provided",
    "Reserve",
    "ShelfPlan",
    "Split",
    "Stocking",
    "Stockpoints",
    "evaluate",
    "place_points",
    "plan_shelf",
    "points_curve",
    "points_information",
    "preposition",
    "provide",
    "split_reserve",
    "value_of_information",
]
