"""A township or village as its drill needs it: people, shelter and the way there, danger, depot, communications."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dispatch.county.english import english_name
from dispatch.drill.facts import Facts
from dispatch.drill.model import Words
from dispatch.drill.norms import drill_rule
from dispatch.drill.standards import EventTimes
from dispatch.drill.walk import metres_between

__all__ = ["PlaceFacts", "place_facts"]

_LEAST_TEAM, _LARGEST_TEAM = 5, 30
"""People of a village's team: one for twenty households, but no more than a semi-professional crew's thirty."""
_DANGER_M = 3000.0
"""Danger points farther than this are not the place's own."""
_FALLBACK = ("satellite_phone", "radio", "relay_drone", "loudspeaker")
_OWN_DANGER = Words("村边沟口和低洼处", "the gully and low ground near by")
_MEDIA = {
    "satellite_phone": Words("卫星电话", "satellite telephone"),
    "radio": Words("窄带电台", "radio"),
    "relay_drone": Words("中继无人机", "relay drone"),
    "loudspeaker": Words("大喇叭（只能对内）", "loudspeaker (within only)"),
    "": Words("通信员步行", "messenger on foot"),
}


@dataclass(frozen=True)
class PlaceFacts:
    """One place; ``words`` are the placeholders of its injects, ``shown`` the table on the first page of its pack."""

    place: str
    level: str
    name: Words
    township: Words
    located: bool
    lon: float
    lat: float
    households: int
    visitors: int
    villages: int
    callers: int
    team_people: int
    walk_s: float
    shelter: str
    capacity: float
    words: dict[str, Words]
    shown: tuple[tuple[Words, Words], ...]


def place_facts(facts: Facts, times: EventTimes | None, place: str, rng: np.random.Generator) -> PlaceFacts:
    """Look a township or village up.

    Raises
    ------
    KeyError
        If the county has no township or village of that code.
    """
    county = facts.scenario.county
    places = county.table("places").set_index("place", drop=False)
    row = places.loc[place]
    level = str(row["kind"])
    if level not in ("township", "village"):
        raise KeyError(place)
    parent = place if level == "township" else str(row["parent"])
    own = places[(places["kind"] == "village") & (places["parent"] == place)]
    shown_people, shown_households = _people(row, own)
    seat = _seat(facts, place, own) if level == "township" else place
    people, households = _people(places.loc[seat], own) if seat != place else (shown_people, shown_households)
    spot = facts.spot(place)
    visitors = max(2, math.ceil(households / drill_rule("households_per_visitor")))
    callers = max(2, math.ceil(len(own) / drill_rule("villages_per_caller")))
    team = min(_LARGEST_TEAM, max(_LEAST_TEAM, households // 20))
    danger, danger_shown = _danger(facts, spot.lon, spot.lat, rng)
    rescue, basis, depot = _rescue(facts, times, place)
    shelters = county.table("shelters").set_index("shelter")
    capacity = float(shelters["capacity"].get(spot.shelter, 0.0))
    words = facts.words(place, None) | {
        "danger": danger,
        "township": facts.name(parent) if parent in places.index else facts.name(place),
        "households": _plain(households),
        "visitors": _plain(visitors),
        "villages": _plain(len(own)),
        "callers": _plain(callers),
        "team_people": _plain(team),
        "frail": _plain(max(1, round(people * drill_rule("frail_share")))),
        "people": _plain(people),
        "walk_min": _plain(math.ceil(spot.walk.walk_s / 60)),
        "rescue_min": _plain(rescue),
        "rescue_basis": basis,
        "comms": _comms(county.table("communications"), place),
    }
    words |= {
        "first_zh": Words(words["first"].zh, words["first"].zh),
        "first_en": Words(words["first"].en, words["first"].en),
    }
    about = words | {"people": _plain(shown_people), "households": _plain(shown_households)}
    shown = _shown(level, spot.walk.dry, about, capacity, depot, danger_shown, basis)
    return PlaceFacts(
        place,
        level,
        facts.name(place),
        words["township"],
        spot.lon == spot.lon and spot.lat == spot.lat,
        spot.lon,
        spot.lat,
        households,
        visitors,
        len(own),
        callers,
        team,
        spot.walk.walk_s,
        spot.shelter,
        capacity,
        words,
        shown,
    )


def _seat(facts: Facts, township: str, villages: pd.DataFrame) -> str:
    """Village nearest to the township's seat: the one that its own drill moves."""
    villages = villages[villages["lon"].notna()]
    lon, lat = facts.position(township)
    if villages.empty or lon != lon:
        return township
    away = metres_between(villages["lon"].to_numpy(), villages["lat"].to_numpy(), lon, lat)
    return str(villages.index[int(away.argmin())])


def _plain(value: float) -> Words:
    return Words(f"{value:,}", f"{value:,}")


def _people(row: pd.Series, villages: pd.DataFrame) -> tuple[int, int]:
    """People and households; a township's are its villages' together where it gives none."""
    people, households = float(row["population"]), float(row["households"])
    if math.isnan(people):
        people = float(villages["population"].sum())
    if math.isnan(households):
        households = float(villages["households"].sum()) or people / drill_rule("household_size")
    return int(people), max(1, round(households))


def _danger(facts: Facts, lon: float, lat: float, rng: np.random.Generator) -> tuple[Words, Words]:
    """One of the three nearest danger points, drawn; and what to say of the nearest."""
    table = facts.located("hazard_points")
    if table.empty or lon != lon:
        return _OWN_DANGER, Words("", "")
    away = metres_between(table["lon"].to_numpy(), table["lat"].to_numpy(), lon, lat)
    order = np.argsort(away, kind="stable")

    def said(k: int) -> Words:
        row, km = table.iloc[k], away[k] / 1000
        name = str(row["name"]).replace("（虚拟）", "")
        english = english_name(facts.scenario.county, "hazard_points", row.to_dict()) or name
        return Words(f"{name}（约{km:.1f}公里）", f"{english} (about {km:.1f} km)")

    near = [int(k) for k in order[:3] if away[k] <= _DANGER_M]
    return (said(near[int(rng.integers(len(near)))]) if near else _OWN_DANGER), said(int(order[0]))


def _rescue(facts: Facts, times: EventTimes | None, place: str) -> tuple[int, Words, Words]:
    """Minutes until help from outside, on what basis, and the nearest depot with its distance."""
    depots = facts.located("depots")
    lon, lat = facts.position(place)
    depot, km = Words("", ""), 0.0
    if len(depots) and lon == lon:
        away = metres_between(depots["lon"].to_numpy(), depots["lat"].to_numpy(), lon, lat)
        row = depots.iloc[int(away.argmin())]
        km = facts.walks.way(lon, lat, float(row["lon"]), float(row["lat"])).length_m / 1000
        name = facts.name(str(row["depot"]))
        depot = Words(f"{name.zh}，约{km:.1f}公里", f"{name.en}, about {km:.1f} km")
    if times is not None:
        order = times.first("order_received")
        took = (times.first("first_batch_complete", milestone=f"place {place} first batch") - order).dropna()
        if len(took) >= 5:
            p50, p90 = (math.ceil(float(q) / 60) for q in np.quantile(took, [0.5, 0.9], method="inverted_cdf"))
            basis = Words(
                f"推演：自调拨指令起p50 {p50}分钟、p90 {p90}分钟", f"simulated from the order: p50 {p50}, p90 {p90} min"
            )
            return p90, basis, depot
    minutes = math.ceil(drill_rule("rescue_ready") + km / drill_rule("rescue_kmh") * 60)
    return (
        minutes,
        Words(f"按最近储备库路程{km:.1f}公里估算", f"estimated from {km:.1f} km to the nearest depot"),
        depot,
    )


def _comms(table: pd.DataFrame, place: str) -> Words:
    media = set(table.loc[table["place"] == place, "medium"])
    return _MEDIA[next((medium for medium in _FALLBACK if medium in media), "")]


def _shown(
    level: str, dry: bool, words: dict[str, Words], capacity: float, depot: Words, danger: Words, basis: Words
) -> tuple[tuple[Words, Words], ...]:
    """Rows of the table of the place: label and value."""
    from dispatch.documents.messages import text

    def row(key: str, value_key: str = "", **values: Any) -> tuple[Words, Words]:
        label = Words(*(text(lang, f"drill_{key}") for lang in ("zh", "en")))
        if not value_key:
            return label, values["value"]
        return label, Words(
            *(
                text(
                    lang, f"drill_{value_key}", **{k: v(lang) if isinstance(v, Words) else v for k, v in values.items()}
                )
                for lang in ("zh", "en")
            )
        )

    way = row("v_way", "v_way_value", road=words["road"], km=words["distance_km"], minutes=words["walk_min"])
    if not dry:
        wet = Words(*(text(lang, "drill_v_way_wet") for lang in ("zh", "en")))
        way = way[0], Words(way[1].zh + wet.zh, f"{way[1].en} {wet.en}")
    found = [row("v_population", value=words["people"]), row("v_households", value=words["households"])]
    if level == "township":
        found.append(row("v_villages", value=words["villages"]))
    found += [row("v_shelter", "v_shelter_value", shelter=words["shelter"], capacity=f"{capacity:,.0f}"), way]
    if depot.zh:
        found.append(row("v_depot", value=depot))
    if danger.zh:
        found.append(row("v_danger", value=danger))
    return (*found, row("v_comms", value=words["comms"]), row("v_batch", value=basis))
