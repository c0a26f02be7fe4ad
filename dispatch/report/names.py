"""Names as the report shows them, looked up once: a page asks for the same few hundred thousands of times."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, partial
from weakref import WeakKeyDictionary

from dispatch.county.english import side_of
from dispatch.documents.messages import catalogue, has, text
from dispatch.planning import names as planning
from dispatch.scenario import Scenario

__all__ = ["item_name", "quantity_of", "site_label", "site_name", "source_text", "unit_of", "unit_word", "vehicle_name"]

_REMARK = re.compile(r"\s*[（(](?:虚拟|synthetic)[)）]$", re.IGNORECASE)
_CHINESE = re.compile("[\u4e00-\u9fff]")
_BREAK = re.compile(r"(?<=[\u4e00-\u9fff）])([;:]) ")
_KNOWN: WeakKeyDictionary[Scenario, dict[tuple[str, str, str], str]] = WeakKeyDictionary()


def _once(scenario: Scenario, kind: str, name: str, lang: str, find: Callable[[], str]) -> str:
    known = _KNOWN.setdefault(scenario, {})
    key = (kind, name, lang)
    if key not in known:
        known[key] = find()
    return known[key]


def site_name(scenario: Scenario, site: str, lang: str) -> str:
    """Name of a depot, facility, shelter, place or task."""
    find = partial(planning.site_name, scenario, site, lang)
    return _once(scenario, "site", site, lang, find)


def site_label(scenario: Scenario, site: str, lang: str) -> str:
    """Name of a site for a map: without the remark that it is synthetic, which the page makes at its top."""
    return _REMARK.sub("", site_name(scenario, site, lang)) or site


def item_name(scenario: Scenario, item: str, lang: str) -> str:
    """Name of an item."""
    return _once(scenario, "item", item, lang, lambda: planning.item_name(scenario, item, lang))


def vehicle_name(scenario: Scenario, vehicle: str, lang: str = "zh") -> str:
    """Id of a vehicle, with its plate or name; in English with its class where it has no plate."""

    def find() -> str:
        name = planning.vehicle_name(scenario, vehicle)
        if lang != "en" or not _CHINESE.search(name):
            return name
        row = scenario.county.table("vehicles").set_index("vehicle").loc[vehicle]
        profile = scenario.profiles.get(row["class"])
        return f"{vehicle} ({row['plate'] or (row['class'] if profile is None else profile.name_en)})"

    return _once(scenario, "vehicle", vehicle, lang, find)


def unit_word(unit: str, lang: str) -> str:
    """A unit as a reader knows it; in English "" for pieces, and the county's own word if it has no English."""
    if lang == "zh" or not unit:
        return unit
    if unit in planning.PIECES:
        return ""
    return text(lang, f"report_unit_{unit}") if has(f"report_unit_{unit}") else unit


def unit_of(scenario: Scenario, item: str, lang: str) -> str:
    """Unit in which an item is counted, as :func:`unit_word` says it."""

    def find() -> str:
        items = scenario.county.table("items")
        found = items.loc[items["item"] == item, "unit"]
        return unit_word(str(found.iloc[0]) if len(found) else "", lang)

    return _once(scenario, "unit", item, lang, find)


def quantity_of(scenario: Scenario, item: str, quantity: float, lang: str) -> str:
    """An item with its quantity and unit: ``棉被 1,200床``, ``quilt 1,200``."""
    unit = unit_of(scenario, item, lang)
    gap = "" if lang == "zh" else " "
    return f"{item_name(scenario, item, lang)} {quantity:,}{gap if unit else ''}{unit}"


def source_text(source: str, lang: str) -> str:
    """A source as a page shows it: its side of ``Chinese | English``, or in Chinese the pieces that the catalogue has.

    Sources in the norm tables are English; pieces that are not known stay so, rather than being guessed.
    """
    if lang != "zh" or "| " in source:
        return side_of(source, lang)
    for english, chinese in _source_pieces():
        source = source.replace(english, chinese)
    return _BREAK.sub(lambda found: {";": "；", ":": "："}[found.group(1)], source)


@cache
def _source_pieces() -> tuple[tuple[str, str], ...]:
    """English and Chinese pieces of sources, the longest first."""
    known = [(entry["en"], entry["zh"]) for key, entry in catalogue().items() if key.startswith("source_")]
    return tuple(sorted(known, key=lambda pair: -len(pair[0])))
