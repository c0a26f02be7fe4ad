"""What should lie in the depots: two-stage pre-positioning, physical against agreement reserve, and shelf life."""

from models.stock.agreement import Reserve, Split, split_reserve
from models.stock.preposition import Preposition, Stocking, evaluate, preposition, value_of_information
from models.stock.shelf_life import Lots, ShelfPlan, plan_shelf

__all__ = [
    "Lots",
    "Preposition",
    "Reserve",
    "ShelfPlan",
    "Split",
    "Stocking",
    "evaluate",
    "plan_shelf",
    "preposition",
    "split_reserve",
    "value_of_information",
]
