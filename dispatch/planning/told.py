"""What headquarters are told in the night, as a duty officer writes it down, one thing at a time.

A closed, open or slow road, a vehicle that is out, late or new, people and goods needed, goods left in a depot, a trip
that has begun or has not, each named as people name it and understood here: every later step works with codes.
Quantities are what there is now in all, never how many more, so that being told twice changes nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from dispatch.clock import SECOND_MS
from dispatch.county.names import find_place
from dispatch.hazards.when import seconds_from
from dispatch.planning.names import site_name
from dispatch.planning.plan import Plan
from dispatch.planning.road_words import road_edges
from dispatch.planning.wishes import WishError
from dispatch.scenario import Scenario

__all__ = ["FORMS", "KINDS", "Told", "clock_ms", "told", "told_row"]

FORMS: dict[str, str] = {
    "close": "ROAD[=FROM[-TO]]",
    "slow": "ROAD=FACTOR[,FROM[-TO]]",
    "open": "ROAD[=TIME]",
    "without": "VEHICLE",
    "late": "VEHICLE=TIME",
    "vehicle": "CLASS@BASE[=TIME]",
    "people": "PLACE=PEOPLE[@SITE]",
    "need": "PLACE=ITEM:QUANTITY",
    "stock": "DEPOT=ITEM[/LOT]:QUANTITY",
    "not_begun": "TRIP",
    "begun": "TRIP",
}
"""How each kind is written, in the order in which kinds take effect."""

KINDS: tuple[str, ...] = tuple(FORMS)
_AMOUNT = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Told:
    """One thing told.

    Attributes
    ----------
    kind : str
        One of ``KINDS``.
    what : str
        A road as people name it, or the code of a vehicle, a vehicle class, a place, a depot or a trip.
    where : str
        Base of a new vehicle, delivery point of people ("": where they had their goods so far).
    item, lot : str
    amount : float
        Speed factor, people, or units; NaN where the kind has none.
    from_ms, until_ms : int or None
        From the reference instant; None = from now, and to the end.
    """

    kind: str
    what: str
    where: str = ""
    item: str = ""
    lot: str = ""
    amount: float = math.nan
    from_ms: int | None = None
    until_ms: int | None = None

    def row(self) -> dict[str, Any]:
        """As JSON values; what it does not say is left out."""
        nothing: tuple[Any, ...] = ("", None)
        return {name: value for name, value in asdict(self).items() if value not in nothing and value == value}


def told_row(row: Mapping[str, Any]) -> Told:
    """What :meth:`Told.row` wrote.

    Raises
    ------
    ValueError, TypeError
        If it is none.
    """
    made = Told(**row)
    times = (made.from_ms, made.until_ms)
    whole = all(isinstance(time, int) or time is None for time in times) and isinstance(made.amount, int | float)
    words = all(isinstance(word, str) for word in (made.what, made.where, made.item, made.lot))
    if made.kind not in FORMS or not whole or not words:
        msg = f"not something told: {row!r}"
        raise ValueError(msg)
    return made


def clock_ms(scenario: Scenario, time: str, word: str) -> int:
    """A time as scenario files have it (``+2:30``, ``22:30``), ms from the reference instant.

    Raises
    ------
    WishError
        If it is none.
    """
    try:
        return round(seconds_from(scenario.reference_time, time.strip()) * SECOND_MS)
    except ValueError:
        raise WishError("plan_wish_clock", word=word, time=time) from None


def told(scenario: Scenario, plan: Plan, kind: str, word: str) -> Told:
    """Understand one thing as written (``FORMS``).

    Parameters
    ----------
    scenario : Scenario
    plan : Plan
        The plan in force, whose trips may be named.
    kind : str
        One of ``KINDS``.
    word : str

    Raises
    ------
    WishError
        If it cannot be read, or names what is not there or more than one.
    """
    return _READERS[kind](scenario, plan, word.strip())


def _formed(kind: str, word: str) -> WishError:
    return WishError("plan_wish_form", word=word, form=FORMS[kind])


def _split(kind: str, word: str) -> tuple[str, str]:
    """Both sides of the last ``=``, neither empty."""
    left, _, right = word.rpartition("=")
    if not left.strip() or not right.strip():
        raise _formed(kind, word)
    return left.strip(), right.strip()


def _span(scenario: Scenario, times: str, word: str) -> tuple[int, int | None]:
    """``FROM``, ``FROM-`` or ``FROM-TO``; a time may itself have hyphens."""
    for k in [len(times), *(k for k, letter in enumerate(times) if letter in "-–~" and k)]:
        try:
            begin = clock_ms(scenario, times[:k], word)
            end = times[k + 1 :].strip()
            return begin, clock_ms(scenario, end, word) if end else None
        except WishError:
            continue
    raise WishError("plan_wish_clock", word=word, time=times)


def _road(kind: str) -> Callable[[Scenario, Plan, str], Told]:
    def read(scenario: Scenario, _plan: Plan, word: str) -> Told:
        amount, begin, end = math.nan, None, None
        if kind == "slow":
            road, said = _split(kind, word)
            factor, _, times = said.partition(",")
            amount = _share(factor, kind, word)
        else:
            road, _, times = word.rpartition("=") if "=" in word else (word, "", "")
        if not road.strip():
            raise _formed(kind, word)
        road_edges(scenario, road)
        if times.strip() and kind == "open":
            begin = clock_ms(scenario, times, word)
        elif times.strip():
            begin, end = _span(scenario, times.strip(), word)
            if end is not None and end <= begin:
                raise WishError("plan_wish_no_time", road=road)
        return Told(kind, road.strip(), amount=amount, from_ms=begin, until_ms=end)

    return read


def _share(factor: str, kind: str, word: str) -> float:
    """A speed factor above 0 and below 1, also in per cent."""
    number = factor.strip().removesuffix("%").removesuffix("％")
    if not _AMOUNT.fullmatch(number.strip()):
        raise _formed(kind, word)
    share = float(number) / (100.0 if number != factor.strip() else 1.0)
    if not 0.001 <= share < 1:
        raise WishError("replan_factor", word=word)
    return share


def _vehicle(scenario: Scenario, word: str) -> str:
    """A vehicle by its code, plate or name."""
    fleet = scenario.county.table("vehicles")
    for column in ("vehicle", "plate", "name"):
        found = fleet.loc[fleet[column].str.casefold() == word.casefold(), "vehicle"].tolist() if word else []
        if len(found) == 1:
            return str(found[0])
        if found:
            raise WishError("replan_which_vehicle", word=word, known=", ".join(found))
    raise WishError("plan_wish_vehicles", vehicles=word)


def _without(scenario: Scenario, _plan: Plan, word: str) -> Told:
    return Told("without", _vehicle(scenario, word))


def _late(scenario: Scenario, _plan: Plan, word: str) -> Told:
    vehicle, time = _split("late", word)
    return Told("late", _vehicle(scenario, vehicle), until_ms=clock_ms(scenario, time, word))


def _new_vehicle(scenario: Scenario, _plan: Plan, word: str) -> Told:
    said, _, time = word.rpartition("=") if "=" in word else (word, "", "")
    vehicle_class, _, base = said.rpartition("@")
    if not vehicle_class.strip() or not base.strip():
        raise _formed("vehicle", word)
    known = sorted(set(scenario.county.table("vehicles")["class"]))
    if vehicle_class.strip() not in known:
        raise WishError("plan_wish_class", name=vehicle_class, known=", ".join(known))
    begin = clock_ms(scenario, time, word) if time.strip() else None
    return Told("vehicle", vehicle_class.strip(), where=_site(scenario, base.strip(), "plan_wish_base"), from_ms=begin)


def _site(scenario: Scenario, word: str, key: str) -> str:
    """A site on the roads by its code, its name in either language, or a place's."""
    if word in scenario.sites.index:
        return word
    named = [s for s in scenario.sites.index if word in {site_name(scenario, s, lang) for lang in ("zh", "en")}]
    found = named or [place for place in find_place(scenario.county, word) if place in scenario.sites.index]
    if len(found) != 1:
        raise WishError(key if not found else "replan_which_site", base=word, known=", ".join(found))
    return str(found[0])


def _place(scenario: Scenario, word: str) -> str:
    """A place of the county, those with needs first."""
    found = find_place(scenario.county, word)
    if not found:
        places = scenario.county.table("places")
        found = [p for p in places["place"] if word in {site_name(scenario, p, lang) for lang in ("zh", "en")}]
    asked = [place for place in found if (scenario.needs["place"] == place).any()]
    chosen = asked or found
    if not chosen:
        raise WishError("replan_no_place", place=word)
    if len(chosen) > 1:
        names = {f"names_{lang}": ", ".join(f"{site_name(scenario, p, lang)} {p}" for p in chosen)
                 for lang in ("zh", "en")}  # fmt: skip
        raise WishError("plan_wish_which_place", place=word, **names)
    return chosen[0]


def _count(number: str, kind: str, word: str) -> float:
    """A whole number from 0 on."""
    if not number.strip().isdecimal() or len(number.strip()) > 9:
        raise _formed(kind, word)
    return float(number)


def _people(scenario: Scenario, _plan: Plan, word: str) -> Told:
    place, said = _split("people", word)
    number, _, where = said.partition("@")
    site = _site(scenario, where.strip(), "plan_wish_base") if where.strip() else ""
    return Told("people", _place(scenario, place), where=site, amount=_count(number, "people", word))


def _item(scenario: Scenario, word: str) -> str:
    """An item by its code or its name in either language."""
    items = scenario.county.table("items")
    for column in ("item", "name", "name_en"):
        found = items.loc[items[column].str.casefold() == word.casefold(), "item"].tolist() if word else []
        if found:
            return str(found[0])
    zh, en = ([f"{name} ({code})" for code, name in zip(items["item"], items[column], strict=True)]
              for column in ("name", "name_en"))  # fmt: skip
    raise WishError("replan_no_item", item=word, known_zh="、".join(zh), known_en=", ".join(en))


def _goods(kind: str, word: str) -> tuple[str, str, float]:
    """The place or depot, the item, and the quantity of ``WHERE=ITEM:QUANTITY``."""
    where, said = _split(kind, word)
    item, _, number = said.replace("：", ":").rpartition(":")
    if not item.strip():
        raise _formed(kind, word)
    return where, item.strip(), _count(number, kind, word)


def _need(scenario: Scenario, _plan: Plan, word: str) -> Told:
    where, item, amount = _goods("need", word)
    place = _place(scenario, where)
    if not (scenario.needs["place"] == place).any():
        raise WishError("replan_people_first", place=where)
    return Told("need", place, item=_item(scenario, item), amount=amount)


def _stock(scenario: Scenario, _plan: Plan, word: str) -> Told:
    where, said, amount = _goods("stock", word)
    name, _, lot = said.partition("/")
    depot, item = _site(scenario, where, "plan_wish_base"), _item(scenario, name.strip())
    table = scenario.county.table("stock")
    lots = table.loc[(table["depot"] == depot) & (table["item"] == item), "lot"].tolist()
    if not lots or (lot and lot not in lots):
        raise WishError("replan_no_lot", word=word, known=", ".join(lots) or "–")
    if not lot and len(lots) > 1:
        raise WishError("replan_which_lot", word=word, known=", ".join(lots))
    return Told("stock", depot, item=item, lot=lot or lots[0], amount=amount)


def _trip(kind: str) -> Callable[[Scenario, Plan, str], Told]:
    def read(_scenario: Scenario, plan: Plan, word: str) -> Told:
        if word not in set(plan.trips["trip"]):
            raise WishError("replan_no_trip", trip=word)
        return Told(kind, word)

    return read


_READERS: dict[str, Callable[[Scenario, Plan, str], Told]] = {
    "close": _road("close"), "slow": _road("slow"), "open": _road("open"), "without": _without, "late": _late,
    "vehicle": _new_vehicle, "people": _people, "need": _need, "stock": _stock, "not_begun": _trip("not_begun"),
    "begun": _trip("begun"),
}  # fmt: skip
