"""Shelters on foot (H-04), fire stations by road (T-12), and satellite phones for silent villages (C-04)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from dispatch.clock import MINUTE_MS
from dispatch.county.county import County
from dispatch.planning.coverage import Coverage, away_m, cover_with_fewest, points_of, targets_of
from dispatch.planning.siting_ground import Ground, client_places, siting_rules, township_of

__all__ = ["satellite_coverage", "shelter_coverage", "station_coverage", "threatened_people"]


def threatened_people(county: County, clients: pd.DataFrame) -> pd.Series:
    """People of each village for whom there must be room in shelters.

    Those threatened by the hazard points listed at the village; where there are none, the norm's share of its people.
    """
    share = siting_rules()["shelter_place_share"]
    listed = county.table("hazard_points").groupby("place")["people_threatened"].sum()
    known = clients["place"].map(listed)
    return known.where(known > 0, clients["people"] * share).fillna(0.0)


def shelter_coverage(county: County, *, limit_min: float | None = None, seconds: float = 60.0) -> Coverage:
    """Every village has a shelter within the walk; the fewest new ones, at listed candidates or in villages.

    The walk is the straight line times ``walk_detour`` at ``walk_speed``.
    """
    rules = siting_rules()
    limit = rules["shelter_walk"] if limit_min is None else limit_min
    clients, _, _ = client_places(county)
    places = county.table("places").set_index("place")
    shelters = county.table("shelters").copy()
    for axis in ("lon", "lat"):
        shelters[axis] = shelters[axis].fillna(shelters["place"].map(places[axis]))
    shelters = shelters[shelters["lon"].notna()]
    above = township_of(county.table("places"))
    stand = pd.DataFrame({
        "candidate": shelters["shelter"], "name": shelters["name"], "place": shelters["place"],
        "lon": shelters["lon"], "lat": shelters["lat"], "existing": True,
    })  # fmt: skip
    listed = points_of(county, "", "shelter")[["candidate", "name", "place", "lon", "lat", "existing"]]
    own = clients.assign(candidate="new-" + clients["place"], existing=False)[
        ["candidate", "name", "place", "lon", "lat", "existing"]
    ]
    points = pd.concat([stand, listed, own], ignore_index=True).astype({"existing": bool})
    points["township"] = [above.get(place, "") for place in points["place"]]
    away = away_m(clients["lon"].to_numpy(), clients["lat"].to_numpy(), points["lon"].to_numpy(),
                  points["lat"].to_numpy())  # fmt: skip
    walk = away * rules["walk_detour"] / (rules["walk_speed"] * 1000 / 60)
    has_own = clients["place"].isin(set(shelters["place"])).to_numpy()
    need = threatened_people(county, clients).to_numpy()
    near = walk[:, : len(stand)] <= limit
    gap = _capacity_gap(near, need, shelters["capacity"].to_numpy(dtype=np.float64))
    extra: dict[str, dict[str, Any]] = {
        "coverage_shelter_without": {"count": int((~has_own).sum()), "names": "、".join(clients["name"][~has_own])},
        "coverage_shelter_gap": {"people": f"{gap:,.0f}", "need": f"{need.sum():,.0f}",
                                 "room": f"{shelters['capacity'].sum():,.0f}"},
    }  # fmt: skip
    return cover_with_fewest("shelter", limit, "min", targets_of(clients), points, walk, seconds=seconds, extra=extra)


def _capacity_gap(near: np.ndarray, need: np.ndarray, capacity: np.ndarray) -> float:
    """People without a place in a shelter within the walk, at best use of all places (a maximum flow)."""
    from scipy.optimize import linprog
    from scipy.sparse import coo_array

    row, column = np.nonzero(near)
    if not len(row):
        return float(need.sum())
    k = len(row)
    n, m = near.shape
    matrix = coo_array((np.ones(2 * k), (np.concatenate([row, n + column]), np.tile(np.arange(k), 2))),
                       shape=(n + m, k))  # fmt: skip
    solved = linprog(-np.ones(k), A_ub=matrix.tocsr(), b_ub=np.concatenate([need, capacity]), method="highs")
    if not solved.success:
        msg = "the places in shelters could not be given out"
        raise ArithmeticError(msg)
    return float(max(need.sum() + solved.fun, 0.0))


def station_coverage(ground: Ground, *, limit_min: float | None = None, seconds: float = 60.0) -> Coverage:
    """Villages within the response time of a fire station: turn-out and drive of a fire engine."""
    rules = siting_rules()
    limit = rules["fire_station_response"] if limit_min is None else limit_min
    value = ground.time_ms / MINUTE_MS + rules["fire_station_turnout"]
    return cover_with_fewest("fire_station", limit, "min", targets_of(ground.clients), ground.candidates, value,
                             seconds=seconds)  # fmt: skip


def satellite_coverage(county: County, *, limit_km: float | None = None, seconds: float = 60.0) -> Coverage:
    """Fewest further satellite phones so that no village is silent when road, power and network fail together.

    A village is not silent that has a satellite phone, or a radio with its own power, or lies within the distance of a
    satellite phone. Every village may be given one.
    """
    limit = (siting_rules()["satellite_range"] if limit_km is None else limit_km) * 1000
    clients, _, _ = client_places(county)
    table = county.table("communications")
    phones = table[table["medium"] == "satellite_phone"].copy()
    radios = set(table.loc[(table["medium"] == "radio") & (table["backup_power_h"] > 0), "place"])
    places = county.table("places").set_index("place")
    for axis in ("lon", "lat"):
        phones[axis] = phones[axis].fillna(phones["place"].map(places[axis]))
    phones = phones[phones["lon"].notna()]
    stand = pd.DataFrame({"candidate": phones["communication"], "name": phones["name"], "lon": phones["lon"],
                          "lat": phones["lat"], "existing": True})  # fmt: skip
    own = clients.assign(candidate="new-" + clients["place"], existing=False)
    points = pd.concat([stand, own[["candidate", "name", "lon", "lat", "existing"]]], ignore_index=True)
    points = points.astype({"existing": bool})
    away = away_m(clients["lon"].to_numpy(), clients["lat"].to_numpy(), points["lon"].to_numpy(),
                  points["lat"].to_numpy())  # fmt: skip
    radio = clients["place"].isin(radios).to_numpy()
    return cover_with_fewest("satellite", limit, "m", targets_of(clients), points, away, seconds=seconds, beyond=radio,
                             extra={"coverage_radio": {"count": int(radio.sum())}})  # fmt: skip
