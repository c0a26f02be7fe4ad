"""Travellers whom snow catches on the road, and the place that takes them in: demand for food, fuel and quilts."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.county.county import County
from dispatch.hazards.along import edge_middles
from dispatch.hazards.disruption import Disruption
from dispatch.norms import read_norm
from dispatch.roads.measure import great_circle_m
from dispatch.roads.network import ROAD_CLASSES, RoadNetwork

__all__ = ["stranded_reports", "stranded_travellers"]

TRUCK_SHARE = 0.5
"""Share of the vehicles on a road at night that are trucks or coaches, which gradients stop before cars."""


def stranded_travellers(
    night: Disruption, network: RoadNetwork, county: County, rules: Mapping[str, float]
) -> pd.DataFrame:
    """People stranded, by the place that takes them in.

    A street counts where the forecast shuts it to cars or to trucks for at least ``stranded_within`` hours. Of each
    road (by ref, else by name, else the street itself) the street that stops most counts once: vehicles an hour ×
    ``caught`` hours × people in a vehicle × the share of traffic that cannot go on (trucks, or all).

    Returns
    -------
    DataFrame
        place, people, from_s; most people first. Nearest township seat, or leaf place where there is none.
    """
    columns = {"place": "str", "people": "float64", "from_s": "float64"}
    table = night.edges[(night.edges["speed_permille"] == 0)]
    length = table["forecast_end_s"] - table["forecast_start_s"]
    table = table[length >= 3600.0 * rules["stranded_within"]]
    if table.empty:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
    norms = {row["road_class"]: row for row in read_norm("snow_roads")}
    edge = np.array([network.edge_index[name] for name in table["edge"]])
    share = table["vehicle_class"].map({"": 1.0, "car": 1.0 - TRUCK_SHARE, "truck_5t": TRUCK_SHARE}).fillna(0.0)
    road = [str(network.ref[e]) or str(network.name[e]) or str(network.edge_id[e]) for e in edge]
    stopped = pd.DataFrame(
        {"edge": edge, "road": road, "share": share.to_numpy(), "from_s": table["forecast_start_s"].to_numpy()}
    )
    by_street = stopped.groupby(["road", "edge"]).agg(share=("share", "sum"), from_s=("from_s", "min")).reset_index()
    kind = [norms[ROAD_CLASSES[network.road_class[e]]] for e in by_street["edge"]]
    by_street["people"] = [
        min(row, 1.0) * rules["caught"] * norm["vehicles_per_h"] * norm["people_per_vehicle"]
        for row, norm in zip(by_street["share"], kind, strict=True)
    ]
    worst = by_street.sort_values(["people", "edge"], ascending=[False, True], kind="stable").groupby("road").head(1)
    worst = worst[worst["people"] >= 1.0]
    worst = worst.assign(place=_taken_in(network, county, worst["edge"].to_numpy(dtype=np.int64)))
    taken = worst[worst["place"] != ""].groupby("place").agg(people=("people", "sum"), from_s=("from_s", "min"))
    taken["people"] = np.ceil(taken["people"])
    taken = taken.reset_index().sort_values(["people", "place"], ascending=[False, True], kind="stable")
    return taken.reset_index(drop=True).astype(columns)


def stranded_reports(stranded: pd.DataFrame, source: str) -> pd.DataFrame:
    """Demand reports of stranded travellers: all of them need shelter, where they are taken in."""
    return pd.DataFrame({
        "report": [f"stranded-{place}" for place in stranded["place"]], "place": stranded["place"],
        "affected": stranded["people"], "relocated": stranded["people"], "sheltered": stranded["people"],
        "delivery_point": "", "requester": "", "report_time": "", "priority": 1.0, "source": source, "note": "",
    })  # fmt: skip


def _taken_in(network: RoadNetwork, county: County, edge: NDArray[np.int64]) -> list[str]:
    """Township seat nearest to the middle of each edge; any place with people if there are no townships."""
    places = county.table("places")
    places = places[places["lon"].notna() & places["lat"].notna() & (places["kind"] != "county")]
    seats = places[places["kind"] == "township"]
    seats = places if seats.empty else seats
    if seats.empty:
        return [""] * len(edge)
    lon, lat = edge_middles(network, edge)
    at_lon, at_lat = seats["lon"].to_numpy(dtype=np.float64), seats["lat"].to_numpy(dtype=np.float64)
    names = seats["place"].to_numpy(dtype=object)
    away = (great_circle_m(at_lon, at_lat, x, y) for x, y in zip(lon, lat, strict=True))
    return [str(names[int(np.argmin(np.nan_to_num(one, nan=math.inf)))]) for one in away]
