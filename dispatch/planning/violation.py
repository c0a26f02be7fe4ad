"""One thing wrong with a plan, as a person finds it again and reads it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

from dispatch.clock import HOUR_MS, SECOND_MS, clock_time
from dispatch.documents.messages import Lang, has, text
from dispatch.planning.names import item_name, site_name, vehicle_name
from dispatch.scenario import Scenario

__all__ = ["Violation", "violation_text"]

_OF_SITES = frozenset(("wrong_site", "wrong_start", "path_missing", "path_broken"))
"""Rules whose value and limit are sites."""


@dataclass(frozen=True)
class Violation:
    """One rule that a plan breaks, and where.

    Attributes
    ----------
    code : str
        The rule; ``check_`` + code is its message in the catalogue.
    trip : str
    stop : int
        0 where the violation is not at one stop.
    vehicle, depot, place, need, item, lot, path : str
        Ids of what it concerns, "" where none; ``place`` may be any site.
    what : str
        Whatever else has a name: a dock's number, a tier, a level of the objective, a table's column.
    value, limit : float or str
        What stands in the plan and what is allowed, in the unit of ``unit``; NaN where there is none.
    unit : str
        ``time`` (ms from the reference instant), ``duration`` (ms), ``kg``, ``m3``, ``quantity``, ``text`` or "".
    """

    code: str
    trip: str = ""
    stop: int = 0
    vehicle: str = ""
    depot: str = ""
    place: str = ""
    need: str = ""
    item: str = ""
    lot: str = ""
    path: str = ""
    what: str = ""
    value: float | str = math.nan
    limit: float | str = math.nan
    unit: str = ""

    def __str__(self) -> str:
        """``code: trip T1 stop 2 …, value (limit …)`` for logs; people read :func:`violation_text`."""
        ids = ("trip", "stop", "vehicle", "depot", "place", "need", "item", "lot", "path", "what")
        named = [f"{name} {value}" for name in ids if (value := getattr(self, name))]
        return f"{self.code}: {' '.join(named)}: {self.value} (limit {self.limit})"


def violation_text(violation: Violation, scenario: Scenario, lang: Lang) -> str:
    """The violation in words, with the names of the place, depot, vehicle and item."""
    where = text(lang, "check_where_stop" if violation.stop else "check_where_trip",
                 trip=violation.trip, stop=violation.stop) if violation.trip else ""  # fmt: skip
    said = text(
        lang,
        f"check_{violation.code}",
        trip=violation.trip,
        stop=violation.stop,
        vehicle=vehicle_name(scenario, violation.vehicle),
        depot=site_name(scenario, violation.depot, lang),
        place=site_name(scenario, violation.place, lang),
        need=violation.need,
        item=item_name(scenario, violation.item, lang),
        lot=violation.lot,
        path=violation.path,
        what=_what(violation, scenario, lang),
        value=_value(violation, violation.value, scenario, lang),
        limit=_value(violation, violation.limit, scenario, lang),
    )
    return text(lang, "check_line", where=where, said=said) if where else said


def _what(violation: Violation, scenario: Scenario, lang: Lang) -> str:
    """A level of the objective or a site by its name, anything else as it is."""
    if violation.code == "no_way":
        return site_name(scenario, violation.what, lang)
    key = {"objective_wrong": "plan_measure_", "impossible_time": "plan_col_"}.get(violation.code, "") + violation.what
    return text(lang, key) if key != violation.what and has(key) else violation.what


def _value(violation: Violation, value: float | str, scenario: Scenario, lang: Lang) -> str:
    """A value as people read it: a site by its name, a level of the objective in its own unit."""
    if violation.code in _OF_SITES and isinstance(value, str) and value in scenario.sites.index:
        return site_name(scenario, value, lang)
    if violation.code == "objective_wrong" and not isinstance(value, str) and violation.what.endswith("_ms"):
        if violation.what.startswith("weighted"):  # a measure of person-ms, named in person-hours
            return f"{value / HOUR_MS:,.1f}"
        return _shown(value, "duration", scenario)
    return _shown(value, violation.unit, scenario)


def _shown(value: float | str, unit: str, scenario: Scenario) -> str:
    """A value in its unit, as read by people."""
    if isinstance(value, str):
        return value
    if math.isnan(value):
        return "–"
    if unit == "time":
        return f"{clock_time(scenario.reference_time, int(value)):%m-%d %H:%M:%S}"
    if unit == "duration":
        return str(timedelta(seconds=round(value / SECOND_MS)))
    if unit == "kg":
        return f"{value:,.1f} kg"
    if unit == "m3":
        return f"{value:,.2f} m³"
    return f"{value:,.0f}" if value == round(value) else f"{value:,.3f}"
