"""Names as the report shows them, looked up once: a page asks for the same few hundred thousands of times."""

from __future__ import annotations

import re
from collections.abc import Callable
from weakref import WeakKeyDictionary

from dispatch.documents.messages import has, text
from dispatch.planning import names as planning
from dispatch.scenario import Scenario

__all__ = ["item_name", "quantity_of", "site_label", "site_name", "unit_of", "vehicle_name"]

_PIECES = frozenset("份顶床条件张块台支把盏艘盘部个只根副双具架辆")  # measure words that English does without
_REMARK = re.compile(r"\s*[（(](?:虚拟|synthetic)[)）]$", re.IGNORECASE)
_KNOWN: WeakKeyDictionary[Scenario, dict[tuple[str, str, str], str]] = WeakKeyDictionary()


def _once(scenario: Scenario, kind: str, name: str, lang: str, find: Callable[[], str]) -> str:
    known = _KNOWN.setdefault(scenario, {})
    key = (kind, name, lang)
    if key not in known:
        known[key] = find()
    return known[key]


def site_name(scenario: Scenario, site: str, lang: str) -> str:
    """Name of a depot, facility, shelter or place."""
    return _once(scenario, "site", site, lang, lambda: planning.site_name(scenario, site, lang))


def site_label(scenario: Scenario, site: str, lang: str) -> str:
    """Name of a site for a map: without the remark that it is synthetic, which the page makes at its top."""
    return _REMARK.sub("", site_name(scenario, site, lang)) or site


def item_name(scenario: Scenario, item: str, lang: str) -> str:
    """Name of an item."""
    return _once(scenario, "item", item, lang, lambda: planning.item_name(scenario, item, lang))


def vehicle_name(scenario: Scenario, vehicle: str) -> str:
    """Plate or name of a vehicle, with its id."""
    return _once(scenario, "vehicle", vehicle, "", lambda: planning.vehicle_name(scenario, vehicle))


def unit_of(scenario: Scenario, item: str, lang: str) -> str:
    """Unit in which an item is counted; in English "" for pieces, and the county's own word if it has no English."""

    def find() -> str:
        items = scenario.county.table("items")
        found = items.loc[items["item"] == item, "unit"]
        unit = str(found.iloc[0]) if len(found) else ""
        if lang == "zh" or not unit:
            return unit
        if unit in _PIECES:
            return ""
        return text(lang, f"report_unit_{unit}") if has(f"report_unit_{unit}") else unit

    return _once(scenario, "unit", item, lang, find)


def quantity_of(scenario: Scenario, item: str, quantity: float, lang: str) -> str:
    """An item with its quantity and unit: ``棉被 1,200床``, ``quilt 1,200``."""
    unit = unit_of(scenario, item, lang)
    gap = "" if lang == "zh" else " "
    return f"{item_name(scenario, item, lang)} {quantity:,}{gap if unit else ''}{unit}"
