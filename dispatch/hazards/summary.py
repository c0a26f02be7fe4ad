"""What a hazard does, in tables: roads by the hour, places reached, warning times of streams, outages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.county.county import County
from dispatch.hazards.disruption import Disruption
from dispatch.hazards.outage import silent_places
from dispatch.hazards.outcomes import foreseen_places
from dispatch.roads.network import ROAD_CLASSES, RoadNetwork
from dispatch.roads.profiles import VehicleProfile

__all__ = ["HazardSummary", "summary"]

Floats = NDArray[np.float64]

PLACE_COLUMNS = ("place", "name", "cause", "arrival_s", "peak_m", "lead_s", "people", "roads_stopped")
CHANCE_COLUMNS = ("edge", "name", "ref", "road_class", "km", "chance", "first_s", "closed_h")
STREET_COLUMNS = ("edge", "name", "ref", "road_class", "km", "cause", "closed_s", "open_s", "closed_h", "deepest_m")


@runtime_checkable
class _Reaching(Protocol):
    """A flood that says which places it reaches."""

    def reached(self, network: RoadNetwork, county: County) -> pd.DataFrame: ...


@runtime_checkable
class _Leading(Protocol):
    """A flash flood that says how much time its warning leaves."""

    def lead_times(self) -> pd.DataFrame: ...


@runtime_checkable
class _Ploughing(Protocol):
    """A snowfall that says when which street is ploughed."""

    def ploughed(self, network: RoadNetwork) -> pd.DataFrame: ...


@runtime_checkable
class _Burning(Protocol):
    """A fire that is another every night."""

    def reach(self, county: County) -> pd.DataFrame: ...


@dataclass(frozen=True, eq=False)
class HazardSummary:
    """What a hazard does; times in seconds from the reference instant.

    Attributes
    ----------
    foreseen : bool
        Whether the tables are the forecast; else, what happens without anybody foreseeing it (an earthquake).
    hours : DataFrame
        hour (h), road_class, closed, closed_km, slowed, slowed_km: streets that are shut to the vehicle class, or
        slower for it, at each full hour. A street counts once, with the worse of its directions.
    streets : DataFrame
        Streets that are shut at some time, in the order in which they are: edge, name, ref, road_class, km, cause,
        closed_s, open_s (``inf``: not within what is followed), closed_h (without gaps; within the hours shown),
        deepest_m (NaN: not water).
    places : DataFrame
        place, name, cause, arrival_s, peak_m (NaN: not water), lead_s (from the warning, or from when headquarters know
        of the hazard, to the arrival; NaN: unknown), people in reach, roads_stopped (near it; -1: not counted).
    streams : DataFrame
        Reaches that leave their banks (``FlashFloodModel.lead_times``).
    silent : DataFrame
        Places without power or network that can neither report nor be ordered otherwise (``outage.silent_places``).
    outages : DataFrame
        place, name, medium, start_s, end_s.
    ploughed : DataFrame
        Streets in the order in which the hazard's own ploughs clear them (``SnowModel.ploughed``).
    nights : DataFrame
        hour, mean, high: streets shut at each full hour over nights that were drawn, on average and on nine nights of
        ten at most. Empty where none was drawn or every night is as forecast.
    until_s : float
        End of the hours shown.
    chances : DataFrame
        Streets that are shut on some of the nights drawn, the likeliest first: edge, name, ref, road_class, km, chance
        (share of the nights), first_s (median, of the nights on which it is shut, of when that begins) and closed_h
        (mean over those nights, within the hours shown). Empty as ``nights`` is.
    reach : DataFrame
        How likely a fire comes to which place (``FireNights.reach``); empty where every night has the same fire.
    breaks : DataFrame
        What each fire road and break is worth (``fire_breaks.break_gains``); empty unless it was asked for.
    water : DataFrame
        What burns by the hour with and without the water of planned sorties (``studies.fire_water.water_gain``); empty
        unless it was asked for.
    """

    foreseen: bool
    hours: pd.DataFrame
    streets: pd.DataFrame
    places: pd.DataFrame
    streams: pd.DataFrame
    silent: pd.DataFrame
    outages: pd.DataFrame
    ploughed: pd.DataFrame
    nights: pd.DataFrame
    until_s: float
    chances: pd.DataFrame = field(default_factory=pd.DataFrame)
    reach: pd.DataFrame = field(default_factory=pd.DataFrame)
    breaks: pd.DataFrame = field(default_factory=pd.DataFrame)
    water: pd.DataFrame = field(default_factory=pd.DataFrame)


def summary(
    network: RoadNetwork, county: County, disruption: Disruption, models: Sequence[Any], profile: VehicleProfile,
    until_s: float, nights: int = 0, seed: int = 1,
) -> HazardSummary:  # fmt: skip
    """Put a hazard into tables.

    Parameters
    ----------
    network : RoadNetwork
    county : County
    disruption : Disruption
        Of that network. Its forecast counts; where it has none (nobody foresees an earthquake), what will be if every
        group happens on time.
    models : sequence
        What the scenario has computed (``Computed.models``).
    profile : VehicleProfile
        Whose wading depth decides what is shut.
    until_s : float
        End of the hours shown.
    nights, seed : int
        How many nights are drawn for the chances, and from which seed.
    """
    edges, foreseen = _as_seen(disruption, any(isinstance(model, _Burning) for model in models))
    rows = _rows_of(network, edges, profile)
    first = min(0.0, float(rows["start_s"].min())) if len(rows) else 0.0
    hours = np.arange(math.floor(first / 3600.0), math.floor(until_s / 3600.0) + 1)
    drawn = _drawn(network, disruption, profile, np.random.default_rng(seed), nights)
    return HazardSummary(
        foreseen=foreseen,
        hours=_hours(network, rows, hours),
        streets=_streets(network, rows, until_s),
        places=_places(network, county, disruption, models),
        streams=_streams(models),
        silent=silent_places(county, disruption.areas),
        outages=_outages(county, disruption.areas),
        ploughed=_ploughed(network, models),
        nights=_nights(drawn, hours),
        until_s=until_s,
        chances=_chances(network, drawn, until_s),
        reach=_reach(models, county),
    )


def _as_seen(disruption: Disruption, drawn_fires: bool) -> tuple[pd.DataFrame, bool]:
    """Intervals as forecast, or as they will be where nothing is forecast.

    Fires of which each night draws one never burn together: they are left to the tables of the nights.
    """
    edges = disruption.edges
    forecast = edges[edges["forecast_end_s"] > edges["forecast_start_s"]]
    lasting = edges[edges["end_s"] > edges["start_s"]]
    if drawn_fires:
        lasting = lasting[lasting["cause"] != "wildfire"]
    if len(forecast) or lasting.empty:
        return forecast.assign(start_s=forecast["forecast_start_s"], end_s=forecast["forecast_end_s"]), True
    return lasting, False


def _rows_of(network: RoadNetwork, edges: pd.DataFrame, profile: VehicleProfile) -> pd.DataFrame:
    """Intervals that matter to the class, with the street they are on: street, start_s, end_s, depth_m, cause, shut."""
    own = edges[(edges["vehicle_class"] == "") | (edges["vehicle_class"] == profile.vehicle_class)]
    edge = np.array([network.edge_index[name] for name in own["edge"]], dtype=np.int64)
    twin = network.twin[edge].astype(np.int64) if len(edge) else edge
    depth = own["depth_m"].to_numpy(dtype=np.float64)
    given = own["speed_permille"].to_numpy(dtype=np.float64)
    shut = np.where(np.isnan(depth), given <= 0, (depth >= profile.wading_m) & (depth > 0))
    slow = np.where(np.isnan(depth), given < 1000, depth > 0)
    table = pd.DataFrame({
        "street": np.where(twin >= 0, np.minimum(edge, twin), edge), "start_s": own["start_s"].to_numpy(),
        "end_s": own["end_s"].to_numpy(), "depth_m": depth, "cause": own["cause"].to_numpy(), "shut": shut,
    })  # fmt: skip
    return table[slow | shut].reset_index(drop=True)


def _hours(network: RoadNetwork, rows: pd.DataFrame, hours: NDArray[np.int64]) -> pd.DataFrame:
    """Streets shut and slowed by hour and road class; classes without any are left out."""
    street = rows["street"].to_numpy(dtype=np.int64)
    start, end = rows["start_s"].to_numpy(dtype=np.float64), rows["end_s"].to_numpy(dtype=np.float64)
    shut = rows["shut"].to_numpy(dtype=bool)
    km = network.length_m / 1000.0
    made: list[dict[str, Any]] = []
    for hour in hours.tolist():
        there = (start <= 3600.0 * hour) & (3600.0 * hour < end)
        closed = np.unique(street[there & shut])
        slowed = np.setdiff1d(street[there], closed)
        for number in np.unique(network.road_class[np.concatenate([closed, slowed])]).tolist():
            c, s = (some[network.road_class[some] == number] for some in (closed, slowed))
            made.append({"hour": hour, "road_class": ROAD_CLASSES[number], "closed": len(c),
                         "closed_km": float(km[c].sum()), "slowed": len(s),
                         "slowed_km": float(km[s].sum())})  # fmt: skip
    columns = ["hour", "road_class", "closed", "closed_km", "slowed", "slowed_km"]
    return pd.DataFrame(made, columns=columns)


def _drawn(
    network: RoadNetwork, disruption: Disruption, profile: VehicleProfile, rng: np.random.Generator, nights: int
) -> list[pd.DataFrame]:
    """Intervals at which streets are shut, night by night; none where every night is as forecast."""
    drawn = []
    for _ in range(0 if disruption.groups.empty else nights):
        rows = _rows_of(network, disruption.sample(rng).edges, profile)
        drawn.append(rows[rows["shut"] & (rows["end_s"] > rows["start_s"])])
    return drawn


def _nights(drawn: Sequence[pd.DataFrame], hours: NDArray[np.int64]) -> pd.DataFrame:
    """Streets shut at each full hour over drawn nights."""
    if not drawn:
        return pd.DataFrame({"hour": np.empty(0, dtype=np.int64), "mean": [], "high": []})
    counts = np.zeros((len(drawn), len(hours)))
    for night, shut in zip(counts, drawn, strict=True):
        street = shut["street"].to_numpy(dtype=np.int64)
        start, end = shut["start_s"].to_numpy(dtype=np.float64), shut["end_s"].to_numpy(dtype=np.float64)
        night[:] = [len(np.unique(street[(start <= 3600.0 * hour) & (3600.0 * hour < end)])) for hour in hours]
    return pd.DataFrame({"hour": hours, "mean": counts.mean(axis=0), "high": np.quantile(counts, 0.9, axis=0)})


def _chances(network: RoadNetwork, drawn: Sequence[pd.DataFrame], until_s: float) -> pd.DataFrame:
    """How likely each street is shut at some time."""
    first: dict[int, list[float]] = {}
    hours: dict[int, list[float]] = {}
    for shut in drawn:
        for street, of in shut[shut["start_s"] < until_s].groupby("street"):
            first.setdefault(int(street), []).append(float(of["start_s"].min()))
            hours.setdefault(int(street), []).append(_length_s(of, until_s) / 3600.0)
    made = [
        {"edge": str(network.edge_id[edge]), "name": str(network.name[edge]), "ref": str(network.ref[edge]),
         "road_class": ROAD_CLASSES[int(network.road_class[edge])], "km": float(network.length_m[edge]) / 1000.0,
         "chance": len(times) / len(drawn), "first_s": float(np.median(times)), "closed_h": float(np.mean(hours[edge]))}
        for edge, times in first.items()
    ]  # fmt: skip
    table = pd.DataFrame(made, columns=list(CHANCE_COLUMNS))
    return table.sort_values(["chance", "first_s", "edge"], ascending=[False, True, True], kind="stable",
                             ignore_index=True)  # fmt: skip


def _reach(models: Sequence[Any], county: County) -> pd.DataFrame:
    tables = [model.reach(county) for model in models if isinstance(model, _Burning)]
    return tables[0] if tables else pd.DataFrame(columns=["place", "name", "people", "chance", "arrival_s"])


def _streets(network: RoadNetwork, rows: pd.DataFrame, until_s: float) -> pd.DataFrame:
    """Streets that are shut at some time."""
    made: list[dict[str, Any]] = []
    for street, of in rows[rows["shut"]].groupby("street"):
        edge = int(street)
        first, last = float(of["start_s"].min()), float(of["end_s"].max())
        made.append({
            "edge": str(network.edge_id[edge]), "name": str(network.name[edge]), "ref": str(network.ref[edge]),
            "road_class": ROAD_CLASSES[int(network.road_class[edge])], "km": float(network.length_m[edge]) / 1000.0,
            "cause": ", ".join(sorted(set(of["cause"]))), "closed_s": first, "open_s": last,
            "closed_h": _length_s(of, until_s) / 3600.0,
            "deepest_m": float(of["depth_m"].max()),
        })  # fmt: skip
    table = pd.DataFrame(made, columns=list(STREET_COLUMNS))
    return table.sort_values(["closed_s", "edge"], kind="stable", ignore_index=True)


def _length_s(of: pd.DataFrame, until_s: float) -> float:
    """Length of a union of intervals up to an instant."""
    total, reached = 0.0, -math.inf
    for start, end in sorted(zip(of["start_s"], of["end_s"].clip(upper=until_s), strict=True)):
        total += max(end - max(start, reached), 0.0)
        reached = max(reached, end)
    return total


def _places(network: RoadNetwork, county: County, disruption: Disruption, models: Sequence[Any]) -> pd.DataFrame:
    """Places reached: from the floods that say so, and from what the disruption holds of the other causes."""
    tables: list[pd.DataFrame] = []
    told: set[str] = set()
    for model in models:
        if isinstance(model, _Reaching):
            causes = sorted(set(model.over(network, county).places["cause"]))  # type: ignore[attr-defined]
            told.update(causes)
            tables.append(model.reached(network, county).assign(cause=causes[0] if causes else ""))
    seen = foreseen_places(disruption.places)
    rest = seen[~seen["cause"].isin(told)]
    if len(rest):
        names = county.table("places").set_index("place")
        known = disruption.edges.groupby("cause")["known_s"].min()
        first = rest.sort_values("start_s", kind="stable")
        first = first.assign(top=first.groupby("place")["depth_m"].transform("max"),
                             most=first.groupby("place")["share"].transform("max"))  # fmt: skip
        first = first.drop_duplicates("place")
        arrival = first["start_s"].to_numpy(dtype=np.float64)
        people = names["population"].reindex(first["place"]).to_numpy(dtype=np.float64)
        tables.append(pd.DataFrame({
            "place": first["place"].to_numpy(), "name": names["name"].reindex(first["place"]).to_numpy(),
            "cause": first["cause"].to_numpy(), "arrival_s": arrival, "peak_m": first["top"].to_numpy(),
            "lead_s": arrival - known.reindex(first["cause"]).to_numpy(dtype=np.float64),
            "people": np.round(people * first["most"].to_numpy(dtype=np.float64)), "roads_stopped": -1,
        }))  # fmt: skip
    filled = [table[list(PLACE_COLUMNS)] for table in tables if len(table)]
    if not filled:
        return pd.DataFrame(columns=list(PLACE_COLUMNS))
    whole = pd.concat(filled, ignore_index=True)
    return whole.sort_values(["arrival_s", "place"], kind="stable", ignore_index=True)


def _streams(models: Sequence[Any]) -> pd.DataFrame:
    tables = [model.lead_times() for model in models if isinstance(model, _Leading)]
    filled = [table for table in tables if len(table)]
    if not filled:
        return pd.DataFrame(columns=["lon", "lat", "area_km2", "peak_m3_s", "peak_stage_m", "arrival_s", "lead_s"])
    return pd.concat(filled, ignore_index=True).sort_values("lead_s", kind="stable", ignore_index=True)


def _ploughed(network: RoadNetwork, models: Sequence[Any]) -> pd.DataFrame:
    tables = [model.ploughed(network) for model in models if isinstance(model, _Ploughing)]
    filled = [table[np.isfinite(table["done_s"])] for table in tables]
    if not any(map(len, filled)):
        return pd.DataFrame(columns=["edge", "name", "ref", "order", "lying_cm", "done_s", "team"])
    return pd.concat([table for table in filled if len(table)], ignore_index=True)


def _outages(county: County, areas: pd.DataFrame) -> pd.DataFrame:
    names = county.table("places").set_index("place")["name"]
    table = pd.DataFrame({"place": areas["place"], "name": names.reindex(areas["place"]).to_numpy(),
                          "medium": areas["medium"], "start_s": areas["start_s"],
                          "end_s": areas["end_s"]})  # fmt: skip
    return table.drop_duplicates().sort_values(["start_s", "place", "medium"], kind="stable", ignore_index=True)
