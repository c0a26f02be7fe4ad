"""An earthquake: how hard the ground shakes where, which bridges and roads that breaks, and who loses their home.

Intensity by distance along and across the fault (or acceleration by distance, or a raster of it) → damage states of
bridges, tunnels and slopes along roads by fragility curves → closures until they are repaired; homes too damaged to
live in → people displaced. Ground motion that is stronger or weaker than expected is common to all sites in part: the
factor of the groups. It is a scenario, not a forecast.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.county.county import County
from dispatch.hazards.along import edge_middles, street_points
from dispatch.hazards.chances import Outcome, Unit, chance_disruption
from dispatch.hazards.disruption import PLACE_COLUMNS, Disruption, empty_table
from dispatch.hazards.ground_spec import Earthquake
from dispatch.hazards.raster import HazardRaster, read_raster
from dispatch.hazards.terrain import Terrain, read_terrain
from dispatch.norms import read_norm
from dispatch.roads.measure import EARTH_RADIUS_M, great_circle_m
from dispatch.roads.network import ROAD_CLASSES, RoadNetwork
from models.ground.fragility import exceedance, intensity, pga_of_intensity, spectral_1s, states
from models.ground.slopes import newmark_cm, slide_share
from models.terrain import slope_aspect

__all__ = ["DAMAGE_STATES", "EarthquakeModel", "earthquake"]

Floats = NDArray[np.float64]

DAMAGE_STATES: tuple[str, ...] = ("slight", "moderate", "extensive", "complete")
FACTOR = "earthquake"
LEAST_PROBABILITY = 1e-3
"""Damage less probable than this is left out."""
_MAJOR = frozenset({"motorway", "trunk", "primary", "motorway_link", "trunk_link", "primary_link"})
_SLOPE_SPACING_M = 100.0
_NORMAL = (
    (0.0312, 0.2429, 0.4518, 0.2429, 0.0312),
    (-2.85697, -1.35563, 0.0, 1.35563, 2.85697),
)
"""Weights and points of the five-point Gauss-Hermite rule for a normal variable."""
_DAYS_H = 24.0


@dataclass(frozen=True, eq=False)
class EarthquakeModel:
    """An earthquake, ready to be laid over a county."""

    spec: Earthquake
    deviation: float
    raster: HazardRaster | None
    terrain: Terrain | None
    rules: dict[str, float]

    def pga_g(self, lon: Floats, lat: Floats) -> Floats:
        """Median peak ground acceleration at points, g."""
        lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
        if self.raster is not None:
            given: Floats = np.nan_to_num(self.raster.sample(lon, lat)[0], nan=0.0)
            return given
        rows = {row["axis"]: row for row in read_norm("earthquake_attenuation") if row["region"] == self.spec.region}
        long, short = (np.array([rows[axis][name] for name in "abcr"]) for axis in ("long", "short"))
        west, south = self.spec.epicentre
        if rows["long"]["form"] == "ln_pga_g":
            away = great_circle_m(lon, lat, np.array(west), np.array(south)) / 1000
            shaking: Floats = np.exp(long[0] + long[1] * self.spec.magnitude - long[2] * np.log(away + long[3]))
            return shaking
        km = math.radians(1) * EARTH_RADIUS_M / 1000
        east, north = (lon - west) * km * math.cos(math.radians(south)), (lat - south) * km
        return pga_of_intensity(intensity(east, north, self.spec.magnitude, self.spec.axis_deg, long, short))

    def over(self, network: RoadNetwork, county: County) -> Disruption:
        """Lay it over roads and places."""
        units = [*self._structures(network), *self._slopes(network)]
        roads = chance_disruption(network, units, self.rules["foreseen"])
        return Disruption(roads.edges, self._places(county), roads.areas, roads.groups)

    def shaken(self, county: County) -> pd.DataFrame:
        """Places by shaking: place, name, pga_g, intensity, displaced share and people, most shaken first."""
        places = county.table("places")
        leaf = places[(places["kind"] != "county") & ~places["place"].isin(set(places["parent"]))]
        leaf = leaf[leaf["lon"].notna() & leaf["lat"].notna()]
        pga = self.pga_g(leaf["lon"].to_numpy(dtype=np.float64), leaf["lat"].to_numpy(dtype=np.float64))
        building = {row["building"]: row for row in read_norm("hazus_buildings")}[self.spec.building]
        total = math.hypot(building["dispersion"], self.deviation)
        reached = exceedance(pga, np.array([building[state] for state in DAMAGE_STATES]), total)
        within = states(reached)
        share = self.rules["displaced_extensive"] * within[:, 2] + self.rules["displaced_complete"] * within[:, 3]
        with np.errstate(divide="ignore"):
            degree = 3.17 * np.log10(pga * 9.80665) + 6.59
        table = pd.DataFrame({
            "place": leaf["place"].to_numpy(), "name": leaf["name"].to_numpy(), "pga_g": pga, "intensity": degree,
            "share": share, "people": share * leaf["population"].to_numpy(dtype=np.float64),
        })  # fmt: skip
        return table.sort_values(["pga_g", "place"], ascending=[False, True], kind="stable", ignore_index=True)

    def _structures(self, network: RoadNetwork) -> Iterator[Unit]:
        """Bridges and tunnels."""
        edge = _one_way(network)
        pga = self.pga_g(*edge_middles(network, edge))
        bridge = {row["bridge"]: row for row in read_norm("hazus_bridges")}[self.spec.bridge]
        tunnel = {row["asset"]: row for row in read_norm("hazus_roads")}["HTU1"]
        second = spectral_1s(pga, self.rules["characteristic_period"], self.rules["spectrum_plateau"])
        for asset, curve, demand, which in (
            ("bridge", bridge, second, network.bridge[edge]), ("tunnel", tunnel, pga, network.tunnel[edge]),
        ):  # fmt: skip
            total = math.hypot(curve["dispersion"], self.deviation)
            some = np.flatnonzero(which)
            reached = exceedance(demand[some], np.array([curve[state] for state in DAMAGE_STATES]), total)
            for k, within in zip(some, states(reached), strict=True):
                if within.sum() >= LEAST_PROBABILITY:
                    name = f"earthquake:{network.edge_id[edge[k]]}"
                    yield self._unit(name, asset, _both(network, int(edge[k])), within, total)

    def _slopes(self, network: RoadNetwork) -> Iterator[Unit]:
        """Streets on or below slopes that slide: debris on the road (Jibson et al. 2000), or its bed displaced (HAZUS).

        By the displacement of a block (Newmark) on the land at points along a street; only the share of such land that
        is prone to slide counts. Means over the uncertainty of the shaking.
        """
        if self.terrain is None:
            return
        points = street_points(network, _SLOPE_SPACING_M)
        cell = self.terrain.cell(points.lon, points.lat)
        steep, _ = slope_aspect(self.terrain.elevation_m, self.terrain.dx_m, self.terrain.dy_m)
        degrees = np.where(cell >= 0, np.degrees(np.arctan(steep.ravel()[np.maximum(cell, 0)])), 0.0)
        classes = sorted(read_norm("earthquake_slopes"), key=lambda row: float(row["slope_deg"]))
        place = np.searchsorted([row["slope_deg"] for row in classes], degrees, side="right") - 1
        critical = np.array([row["critical_g"] for row in classes])[place]
        prone = np.array([row["share"] for row in classes])[place]
        roads = {row["asset"]: row for row in read_norm("hazus_roads")}
        major = np.isin(np.array(ROAD_CLASSES)[network.road_class[points.edge]], sorted(_MAJOR))[points.street]
        moderate = np.where(major, roads["HRD1"]["moderate"], roads["HRD2"]["moderate"])
        pga = self.pga_g(points.lon, points.lat)
        hit = np.zeros(len(pga))
        for weight, shift in zip(*_NORMAL, strict=True):
            slid = newmark_cm(pga * np.exp(self.deviation * shift), critical)
            bed = exceedance(slid / 2.54 / moderate, np.array([1.0]), roads["HRD2"]["dispersion"])[:, 0]
            hit += weight * prone * (1.0 - (1.0 - slide_share(slid)) * (1.0 - bed))
        missed = np.ones(len(points.edge))
        np.multiply.at(missed, points.street, 1.0 - hit)
        chance = np.where(network.tunnel[points.edge], 0.0, 1.0 - missed)
        hours = tuple(self.rules[f"slide_clear_{end}"] for end in ("low", "mode", "high"))
        known = self.spec.at + 60.0 * self.rules["survey"]
        for k in np.flatnonzero(chance >= LEAST_PROBABILITY):
            edge = int(points.edge[k])
            outcome = Outcome(float(chance[k]), self.spec.at, (hours[0], hours[1], hours[2]), known)
            correlation = self._correlation(math.hypot(roads["HRD2"]["dispersion"], self.deviation))
            name = f"earthquake:slope:{network.edge_id[edge]}"
            yield Unit(name, _both(network, edge), "slide", (outcome,), FACTOR, correlation, known)

    def _unit(self, name: str, asset: str, edges: NDArray[np.int64], within: Floats, total: float) -> Unit:
        """A structure: worst state first; a slight one is passed slowly, the others shut the road."""
        repair = {(row["asset"], row["state"]): row for row in read_norm("hazus_restoration")}
        known = self.spec.at + 60.0 * self.rules["survey"]
        outcomes = []
        for number in reversed(range(len(DAMAGE_STATES))):
            row = repair[asset, DAMAGE_STATES[number]]
            mean, wide = _DAYS_H * row["mean_d"], 1.5 * _DAYS_H * row["deviation_d"]
            hours = (max(mean - wide, 0.25 * mean), mean, mean + wide)
            permille = 1000 * self.rules["slight_speed"] if number == 0 else 0.0
            outcomes.append(Outcome(float(within[number]), self.spec.at, hours, known, math.floor(permille + 0.5)))
        return Unit(name, edges, "earthquake", tuple(outcomes), FACTOR, self._correlation(total), known)

    def _correlation(self, total: float) -> float:
        """Share of the variance of ln(demand / capacity) that all sites have in common."""
        return self.rules["between_share"] * self.deviation**2 / total**2 if total > 0 else 0.0

    def _places(self, county: County) -> pd.DataFrame:
        table = self.shaken(county)
        some = table[table["share"] >= self.rules["least_displaced"]]
        if some.empty:
            return empty_table(PLACE_COLUMNS)
        rows = pd.DataFrame({
            "place": some["place"], "start_s": self.spec.at, "end_s": math.inf, "share": some["share"],
            "depth_m": math.nan, "cause": "earthquake", "group": "",
        })  # fmt: skip
        return rows[list(PLACE_COLUMNS)].astype(PLACE_COLUMNS).reset_index(drop=True)


def earthquake(spec: Earthquake) -> EarthquakeModel:
    """Read what an earthquake needs.

    Raises
    ------
    InputProblems
        If a raster cannot be read.
    """
    rules = {row["rule"]: row["value"] for row in read_norm("earthquake_rules")}
    deviation = spec.deviation
    if math.isnan(deviation):
        row = next(row for row in read_norm("earthquake_attenuation") if row["region"] == spec.region)
        per_ln = rules["intensity_per_ln_pga"] if row["form"] == "intensity" else 1.0
        deviation = row["deviation"] / per_ln
    raster = None if spec.pga_raster is None else read_raster(spec.pga_raster)
    terrain = None if spec.terrain is None else read_terrain(spec.terrain)
    return EarthquakeModel(spec, deviation, raster, terrain, rules)


def _one_way(network: RoadNetwork) -> NDArray[np.int64]:
    """Edges, of a two-way street the direction that comes first."""
    twin = network.twin.astype(np.int64)
    return np.flatnonzero((twin < 0) | (np.arange(len(twin)) < twin))


def _both(network: RoadNetwork, edge: int) -> NDArray[np.int64]:
    twin = int(network.twin[edge])
    return np.array([edge] if twin < 0 else sorted((edge, twin)), dtype=np.int64)
