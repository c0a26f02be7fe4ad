"""Attributes of which OSMnx holds several values in one edge, as lists or as the text of a list."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable
from typing import Any

from dispatch.roads.network import ROAD_CLASSES

__all__ = ["listed", "lowest_class"]

_RANK = {name: (ROAD_CLASSES.index(name.removesuffix("_link")), k) for k, name in enumerate(ROAD_CLASSES)}


def listed(value: Any) -> list[str]:
    """Return the values as texts: of a list, of the text of one (``"['a', 'b']"``), or the one value; none if empty."""
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        return []
    if isinstance(value, str) and value.startswith("[") and value.endswith("]"):
        try:
            value = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            return [str(value)]
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [str(part) for part in value if part is not None and part == part]
    return [str(value)]


def lowest_class(classes: Iterable[str]) -> str:
    """Lowest of the road classes named, "" if none is one; a link road ranks right below its class."""
    return max((name for name in classes if name in _RANK), key=lambda name: _RANK[name], default="")
