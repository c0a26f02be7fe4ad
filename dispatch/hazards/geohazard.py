"""Slides, rock falls and debris flows that rain sets off at known hidden-danger points and in risk zones.

A point fails with a probability that grows with the rain that counts (fallen so far, and what is left of the days
before) over its threshold; a road through a risk zone by the length inside. Points and roads of one zone share a
factor, so that they fail on the same nights. A failure shuts the nearest street until it is cleared.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.county.county import County
from dispatch.hazards.chances import Outcome, Unit, chance_disruption
from dispatch.hazards.disruption import PLACE_COLUMNS, Disruption, empty_table
from dispatch.hazards.ground_spec import Geohazard
from dispatch.hazards.lines import EdgeLines, edge_lines
from dispatch.hazards.rain import storm_of
from dispatch.hazards.storm import Storm
from dispatch.norms import read_norm
from dispatch.roads.network import RoadNetwork
from models.ground.rainfall import effective_rain_mm, failure_probability, threshold_mm

__all__ = ["FAILURE_COLUMNS", "GeohazardModel", "geohazard"]

Floats = NDArray[np.float64]

FAILURE_COLUMNS: dict[str, str] = {
    "unit": "str",
    "kind": "str",
    "zone": "str",
    "place": "str",
    "lon": "float64",
    "lat": "float64",
    "rain_mm": "float64",
    "threshold_mm": "float64",
    "probability": "float64",
    "blocked_m": "float64",
    "people": "float64",
    "street": "str",
}
"""Points, and roads through zones, that may fail: the most rain that counts, its threshold, the probability by the
end, the length of road that a failure covers, people below it, the edge that it shuts ("": none near)."""

BINS = 6
"""Into how many equally likely times of failure a unit's probability is cut."""

CAUSES = {"slide": "slide", "collapse": "collapse", "debris_flow": "debris_flow"}


@dataclass(frozen=True, eq=False)
class GeohazardModel:
    """Rain on slopes, worked out for a county."""

    spec: Geohazard
    storm: Storm
    rules: dict[str, float]

    def over(self, network: RoadNetwork, county: County) -> Disruption:
        """Lay it over roads and places."""
        table, chance = self._units(network, county)
        foreseen = self.rules["foreseen"]
        units = [self._unit(row, chance[k], network) for k, row in enumerate(table.to_dict("records")) if row["street"]]
        roads = chance_disruption(network, units, foreseen)
        return Disruption(roads.edges, self._places(table, chance, county), roads.areas, roads.groups)

    def failures(self, network: RoadNetwork, county: County) -> pd.DataFrame:
        """What may fail, most probable first (``FAILURE_COLUMNS``)."""
        table, _ = self._units(network, county)
        return table.sort_values(["probability", "unit"], ascending=[False, True], kind="stable", ignore_index=True)

    def rain_mm(self, lon: Floats, lat: Floats) -> Floats:
        """Rain that counts at points, from the storm's start, float64 array (points, steps + 1)."""
        before = effective_rain_mm(np.array(self.spec.antecedent_mm), self.rules["decay"])
        fallen = np.concatenate([[0.0], np.cumsum(self.storm.rain_mm)])
        rain: Floats = before + _share(self.storm, lon, lat)[:, None] * fallen
        return rain

    def _times(self) -> Floats:
        time: Floats = self.storm.start_s + self.storm.step_s * np.arange(len(self.storm.rain_mm) + 1, dtype=np.float64)
        return time

    def _units(self, network: RoadNetwork, county: County) -> tuple[pd.DataFrame, Floats]:
        """Points and roads through zones, and the probability of each to have failed by each time."""
        lines = edge_lines(network)
        zones = _zones(county, lines)
        rows = [*_points(county, lines, network, zones), *_crossings(network, lines, zones, self.rules)]
        table = pd.DataFrame(rows, columns=[*FAILURE_COLUMNS, "length_km"])
        if table.empty:
            return table.astype({**FAILURE_COLUMNS, "length_km": "float64"}), np.empty((0, len(self._times())))
        duration_h = len(self.storm.rain_mm) * self.storm.step_s / 3600
        usual = threshold_mm(np.array([duration_h]), self.rules["caine_coefficient"], self.rules["caine_exponent"])
        by_zone = table.groupby("zone")["threshold_mm"].median()
        threshold = table["threshold_mm"].fillna(table["zone"].map(by_zone)).fillna(float(usual[0]))
        rain = self.rain_mm(table["lon"].to_numpy(dtype=np.float64), table["lat"].to_numpy(dtype=np.float64))
        length = table["length_km"].to_numpy(dtype=np.float64)
        point = np.isnan(length)
        limit = threshold.to_numpy(dtype=np.float64)
        chance = failure_probability(rain, limit, self.rules["at_threshold"], self.rules["dispersion"])
        per_km = failure_probability(rain, limit, self.rules["slope_failures"], self.rules["dispersion"])
        along = 1.0 - (1.0 - per_km) ** np.where(point, 0.0, length)[:, None]
        chance = np.where(point[:, None], chance, along)
        table = table.assign(threshold_mm=threshold, rain_mm=rain[:, -1], probability=chance[:, -1])
        return table.astype(FAILURE_COLUMNS), chance

    def _unit(self, row: dict[str, object], chance: Floats, network: RoadNetwork) -> Unit:
        kinds = {kind["kind"]: kind for kind in read_norm("geohazard_kinds")}
        kind = kinds[str(row["kind"])]
        time, report = self._times(), 60.0 * self.rules["report"]
        cuts = np.linspace(chance[0], chance[-1], BINS + 1)
        # what had failed before the storm began is no event of this night
        outcomes = []
        for low, high in zip(cuts[:-1], cuts[1:], strict=True):
            start = float(np.interp(0.5 * (low + high), chance, time))
            outcomes.append(
                Outcome(float(high - low), start, (kind["low_h"], kind["mode_h"], kind["high_h"]), start + report)
            )
        edge = network.edge_index[str(row["street"])]
        both = [edge, int(network.twin[edge])] if network.twin[edge] >= 0 else [edge]
        correlation = self.rules["correlation"] if math.isnan(self.spec.correlation) else self.spec.correlation
        zone = str(row["zone"])
        return Unit(
            f"geohazard:{row['unit']}", np.array(sorted(both)), CAUSES.get(str(row["kind"]), "other"), tuple(outcomes),
            f"zone:{zone}" if zone else "", correlation if zone else 0.0, self.storm.start_s,
        )  # fmt: skip

    def _places(self, table: pd.DataFrame, chance: Floats, county: County) -> pd.DataFrame:
        """People below points that may fail: moved from the moment the probability reaches that of the warning."""
        people = county.table("places").set_index("place")["population"]
        warned = (chance >= self.rules["warned"]) & (table["people"].to_numpy(dtype=np.float64) > 0)[:, None]
        rows = []
        of = table.assign(row=range(len(table)))[warned.any(axis=1)]
        for place, some in of[of["place"] != ""].groupby("place"):
            living = float(people.get(place, math.nan))
            if not living > 0:
                continue
            first = min(int(warned[k].argmax()) for k in some["row"])
            rows.append({
                "place": place, "start_s": self._times()[first], "end_s": self.storm.start_s + 3600 * self.spec.hours,
                "share": min(float(some["people"].sum()) / living, 1.0), "depth_m": math.nan, "cause": "slide",
                "group": "",
            })  # fmt: skip
        return pd.DataFrame(rows)[list(PLACE_COLUMNS)].astype(PLACE_COLUMNS) if rows else empty_table(PLACE_COLUMNS)


def geohazard(spec: Geohazard) -> GeohazardModel:
    """Work out the rain."""
    rules = {row["rule"]: row["value"] for row in read_norm("geohazard_rules")}
    return GeohazardModel(spec, storm_of(spec, 60.0 * rules["step"]), rules)


def _share(storm: Storm, lon: Floats, lat: Floats) -> Floats:
    """Rain at points as a share of the centre's."""
    from dispatch.roads.measure import great_circle_m

    if storm.centre is None or math.isinf(storm.radius_km):
        return np.ones(len(lon))
    away = great_circle_m(lon, lat, np.array(storm.centre[0]), np.array(storm.centre[1])) / 1000
    share: Floats = np.exp(-((away / storm.radius_km) ** 2))
    return share


def _zones(county: County, lines: EdgeLines) -> dict[str, Any]:
    """Areas of the geohazard zones, in the metres of the lines."""
    import shapely

    table = county.table("risk_zones")
    table = table[(table["kind"] == "geohazard") & (table["geometry"] != "")]
    return {row.risk_zone: lines.to_metres(shapely.from_wkt(row.geometry)) for row in table.itertuples()}


def _points(
    county: County, lines: EdgeLines, network: RoadNetwork, zones: dict[str, Any]
) -> Iterator[dict[str, object]]:  # fmt: skip
    """Hidden-danger points with the street within their reach, and the zone they belong to or lie in."""
    import shapely

    kinds = {row["kind"]: row for row in read_norm("geohazard_kinds")}
    table = county.table("hazard_points")
    table = table[table["lon"].notna() & table["lat"].notna()]
    points = lines.to_metres(shapely.points(table["lon"].to_numpy(dtype=float), table["lat"].to_numpy(dtype=float)))
    open_sky = _hit(network, lines)
    tree = shapely.STRtree(lines.line[open_sky])
    for row, point in zip(table.itertuples(), points, strict=True):
        kind = kinds[row.kind]
        near, away = tree.query_nearest(point, return_distance=True, all_matches=False)
        within = len(near) > 0 and away[0] <= kind["reach_m"]
        zone = row.risk_zone or next((name for name, area in zones.items() if shapely.covers(area, point)), "")
        yield {
            "unit": row.hazard_point, "kind": row.kind, "zone": zone, "place": row.place, "lon": row.lon,
            "lat": row.lat, "threshold_mm": row.rain_threshold_mm, "blocked_m": kind["blocked_m"],
            "people": 0.0 if math.isnan(row.people_threatened) else row.people_threatened,
            "street": network.edge_id[lines.edge[open_sky[near[0]]]] if within else "", "length_km": math.nan,
        }  # fmt: skip


def _crossings(
    network: RoadNetwork, lines: EdgeLines, zones: dict[str, Any], rules: dict[str, float]
) -> Iterator[dict[str, object]]:
    """Streets through a zone, with their length inside."""
    import shapely

    if not rules["slope_failures"] > 0:
        return
    kind = {row["kind"]: row for row in read_norm("geohazard_kinds")}["slide"]
    hit = np.zeros(len(lines.line), dtype=bool)
    hit[_hit(network, lines)] = True
    for name, area in zones.items():
        streets = np.sort(lines.tree.query(area, predicate="intersects"))
        for street in streets[hit[streets]]:
            inside = shapely.intersection(lines.line[street], area)
            if inside.length < 1.0:
                continue
            lon, lat = np.array(shapely.point_on_surface(inside).coords[0]) / lines.metres
            yield {
                "unit": f"{name}:{network.edge_id[lines.edge[street]]}", "kind": "slide", "zone": name, "place": "",
                "lon": lon, "lat": lat, "threshold_mm": math.nan, "blocked_m": kind["blocked_m"], "people": 0.0,
                "street": network.edge_id[lines.edge[street]], "length_km": inside.length / 1000,
            }  # fmt: skip


def _hit(network: RoadNetwork, lines: EdgeLines) -> NDArray[np.int64]:
    """Streets that a slide can shut: not where the norms spare tunnels or bridges."""
    rule = {row["cause"]: row for row in read_norm("exposure")}["slide"]
    spared = np.zeros(len(lines.edge), dtype=bool)
    if rule["tunnels"] == "spared":
        spared |= network.tunnel[lines.edge]
    if rule["bridges"] == "spared":
        spared |= network.bridge[lines.edge]
    return np.flatnonzero(~spared)
