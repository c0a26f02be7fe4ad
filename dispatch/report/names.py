"""Names as the report shows them, looked up once: a page asks for the same few hundred thousands of times."""

from __future__ import annotations

import re
from collections.abc import Callable
from weakref import WeakKeyDictionary

from dispatch.planning import names as planning
from dispatch.scenario import Scenario

__all__ = ["item_name", "site_label", "site_name", "unit_of", "vehicle_name"]

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


def unit_of(scenario: Scenario, item: str) -> str:
    """Unit in which an item is counted, "" if the item is not known."""

    def find() -> str:
        items = scenario.county.table("items")
        found = items.loc[items["item"] == item, "unit"]
        return str(found.iloc[0]) if len(found) else ""

    return _once(scenario, "unit", item, "", find)
