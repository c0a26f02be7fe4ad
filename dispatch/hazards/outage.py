"""The three cuts: where and when power and network fail, as told or because a hazard is there, and who falls silent.

Power fails at places that a hazard reaches (norm table ``outage_rules``: how soon, for how long after). Public
telephone follows when the batteries of every mast that covers a place are empty (as in the simulation); a place without
a satellite phone, a narrow-band radio or a relay drone in reach can then neither report nor be ordered.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.county.county import County
from dispatch.county.problem_text import found
from dispatch.hazards.disruption import AREA_COLUMNS, GROUP_COLUMNS, Disruption
from dispatch.hazards.footprints import MEDIA
from dispatch.hazards.ground_spec import Outage
from dispatch.hazards.outcomes import foreseen_places, stacked_groups
from dispatch.norms import read_norm
from dispatch.problems import Problem

__all__ = ["SILENT_COLUMNS", "silent_places", "with_outages"]

Floats = NDArray[np.float64]

SILENT_COLUMNS: dict[str, str] = {
    "place": "str",
    "name": "str",
    "from_s": "float64",
    "to_s": "float64",
    "power": "bool",
    "network": "bool",
    "fallback": "str",
}
"""Places cut off from public telephone: from when to when (s from the reference instant, ``inf``: not restored), which
media fail, and what is left (``satellite_phone``, ``radio``, ``relay_drone``; "": nothing, the place is silent)."""

_KM = 111.195
_FALLBACKS = ("satellite_phone", "radio", "relay_drone")


def with_outages(
    spec: Outage, county: County, disruption: Disruption, file: str = ""
) -> tuple[Disruption, list[Problem]]:
    """Add cuts of power and network to a disruption.

    Parameters
    ----------
    spec : Outage
    county : County
    disruption : Disruption
        Its ``places`` tell whom its hazards reach.
    file : str
        Of the scenario, for messages.

    Returns
    -------
    disruption : Disruption
    problems : list of Problem
        Places or media of a cut that nobody knows.
    """
    problems: list[Problem] = []
    rows, groups = [], []
    known = _known(county)
    for number, cut in enumerate(spec.cuts, start=1):
        group = f"outage:{number}"
        where = f"hazards.outage.cuts[{number}]"
        problems += [
            found("hazards_medium", file, None, f"{where}.media", medium)
            for medium in cut["media"] if medium.casefold() not in MEDIA
        ]  # fmt: skip
        problems += [
            found("hazards_outage_place", file, None, f"{where}.places", place)
            for place in cut["places"] if place not in known
        ]  # fmt: skip
        if problems:
            continue
        rows += [
            {"place": place, "medium": MEDIA[medium.casefold()], "start_s": cut["start"], "end_s": cut["end"],
             "cause": "other", "group": group}
            for name in cut["places"] for place in known[name] for medium in cut["media"]
        ]  # fmt: skip
        groups.append((group, cut["probability"], 0.0, 0.0, 0.0, 1.0, 1.0, 1.0))
    if spec.from_hazard:
        followed, own = _following(spec, county, disruption)
        rows += followed
        groups += own
    areas = pd.DataFrame(rows, columns=list(AREA_COLUMNS)).astype(AREA_COLUMNS)
    named = pd.DataFrame(groups, columns=list(GROUP_COLUMNS)).astype(GROUP_COLUMNS)
    table = pd.concat([disruption.areas, areas], ignore_index=True) if len(disruption.areas) else areas
    return replace(disruption, areas=table, groups=stacked_groups([disruption.groups, named])), problems


def silent_places(county: County, areas: pd.DataFrame) -> pd.DataFrame:
    """Places whose public telephone fails, silent ones first (``SILENT_COLUMNS``).

    Every cut of ``areas`` counts, as if all of them came.

    Parameters
    ----------
    county : County
    areas : DataFrame
        ``Disruption.areas``; a township's row stands for its villages too.
    """
    places = _leaves(county)
    table = county.table("communications")
    parent = dict(zip(places["place"], places["parent"], strict=True))
    lon, lat = places["lon"].to_numpy(dtype=np.float64), places["lat"].to_numpy(dtype=np.float64)
    battery = _battery_s(table, places, lon, lat)
    reach = {medium: _covered(table, medium, places, lon, lat) for medium in _FALLBACKS}
    rows = []
    for k, place in enumerate(places["place"]):
        mine = areas[areas["place"].isin({place, parent[place]})]
        if mine.empty:
            continue
        dark, dumb = (mine[mine["medium"] == medium] for medium in ("power", "network"))
        spans = [(start + battery[k], end) for start, end in zip(dark["start_s"], dark["end_s"], strict=True)]
        spans += list(zip(dumb["start_s"], dumb["end_s"], strict=True))
        spans = [(start, end) for start, end in spans if end > start]
        if not spans:
            continue
        left = next((medium for medium in _FALLBACKS if reach[medium][k]), "")
        rows.append((place, places["name"].iloc[k], min(a for a, _ in spans), max(b for _, b in spans),
                     len(dark) > 0, len(dumb) > 0, left))  # fmt: skip
    table = pd.DataFrame(rows, columns=list(SILENT_COLUMNS)).astype(SILENT_COLUMNS)
    return table.sort_values(["fallback", "from_s", "place"], kind="stable", ignore_index=True)


def _following(
    spec: Outage, county: County, disruption: Disruption
) -> tuple[list[dict[str, object]], list[tuple[str, float, float, float, float, float, float, float]]]:
    """Power cut at the places that hazards reach, township by township on the same nights."""
    rules = {row["cause"]: row for row in read_norm("outage_rules")}
    parent = county.table("places").set_index("place")["parent"]
    rows: list[dict[str, object]] = []
    groups: dict[str, tuple[str, float, float, float, float, float, float, float]] = {}
    for reached in foreseen_places(disruption.places).itertuples():
        rule = rules.get(reached.cause, rules["other"])
        if not math.isnan(reached.depth_m) and reached.depth_m < rule["least_depth"]:
            continue
        feeder = str(parent.get(reached.place, "")) or reached.place
        group = f"outage:{reached.cause}:{feeder}"
        groups.setdefault(group, (group, spec.probability, 0.0, 0.0, 0.0, 0.5, 1.0, 2.0))
        rows.append({
            "place": reached.place, "medium": "power", "start_s": reached.start_s + 3600.0 * rule["power_after"],
            "end_s": _back_s(reached.start_s, reached.end_s, rule), "cause": reached.cause, "group": group,
        })  # fmt: skip
    return rows, list(groups.values())


def _back_s(start_s: float, end_s: float, rule: dict[str, float]) -> float:
    """When power is back: so long after the hazard has left, or after it came if it does not leave."""
    gone = end_s if math.isfinite(end_s) else start_s
    return gone + 3600.0 * (rule["power_after"] + rule["power_back"])


def _known(county: County) -> dict[str, list[str]]:
    """Places by id and by name."""
    known: dict[str, list[str]] = {}
    places = county.table("places")
    for place, name in zip(places["place"], places["name"], strict=True):
        known.setdefault(place, []).append(place)
        known.setdefault(name, []).append(place)
    return known


def _leaves(county: County) -> pd.DataFrame:
    places = county.table("places")
    leaf = places[(places["kind"] != "county") & ~places["place"].isin(set(places["parent"]))]
    return leaf[leaf["lon"].notna() & leaf["lat"].notna()].reset_index(drop=True)


def _covered(
    table: pd.DataFrame, medium: str, places: pd.DataFrame, lon: Floats, lat: Floats
) -> NDArray[np.bool_]:  # fmt: skip
    """Places that have a medium of their own or lie within the radius of one (not of a satellite phone)."""
    rows = table[table["medium"] == medium]
    own: NDArray[np.bool_] = places["place"].isin(set(rows["place"])).to_numpy()
    if medium == "satellite_phone" or rows.empty:
        return own
    return own | (_distances(rows, lon, lat) <= _radius(rows)[:, None]).any(axis=0)


def _battery_s(table: pd.DataFrame, places: pd.DataFrame, lon: Floats, lat: Floats) -> Floats:
    """How long the best mast that covers each place lasts without power."""
    masts = table[table["medium"] == "mobile"]
    if masts.empty:
        return np.zeros(len(places))
    at_home = masts["place"].to_numpy()[:, None] == places["place"].to_numpy()[None, :]
    covers = (_distances(masts, lon, lat) <= _radius(masts)[:, None]) | at_home
    hours = masts["backup_power_h"].fillna(0.0).to_numpy(dtype=np.float64)
    lasts: Floats = np.where(covers, hours[:, None], 0.0).max(axis=0) * 3600.0
    return lasts


def _radius(rows: pd.DataFrame) -> Floats:
    radius: Floats = rows["radius_km"].fillna(math.inf).to_numpy(dtype=np.float64)
    return radius


def _distances(rows: pd.DataFrame, lon: Floats, lat: Floats) -> Floats:
    """Distances on the local plane, km, (rows, places); a row without a position is infinitely far."""
    at_lon, at_lat = rows["lon"].to_numpy(dtype=np.float64), rows["lat"].to_numpy(dtype=np.float64)
    x = (at_lon[:, None] - lon[None, :]) * np.cos(np.radians(lat))[None, :] * _KM
    y = (at_lat[:, None] - lat[None, :]) * _KM
    away: Floats = np.nan_to_num(np.hypot(x, y), nan=math.inf)
    return away
