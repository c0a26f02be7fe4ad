"""A fire of its own for every night: where it starts, wind, moisture, what holds and when it is seen are drawn.

A bounded number of fires, the members, is computed when the scenario is read; a night draws one of them, all alike.
Member ``k`` hangs on the seed of the fire and on ``k`` alone: the same on any machine and with any number of workers,
and more members leave the first ones as they are. What is drawn for a member, in this order: the seed of its spot
fires and of the fires that start unbidden (``people_fires``, ``lightning_storms``); the strength of the wind and its
turn; the moisture of dead fuel; when it is seen, if by the county's own watches; where the fires given lie
(``ignition_error_m``); which breaks it crosses. Planners see the fires given, at the mode of everything; a member's
roads become known as they close, those of a fire that nobody has seen not before it is. Who is in need and who has to
leave follows from the fire that planners see; when the fire comes to them, and whether it does, from the night's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.county.county import County
from dispatch.hazards.disruption import Disruption
from dispatch.hazards.fire_drops import read_water_drops, watered
from dispatch.hazards.fire_grid import FireGrid, fire_grid
from dispatch.hazards.fire_in_county import known_in_county, works_in_county
from dispatch.hazards.fire_norms import fire_rules
from dispatch.hazards.fire_spec import FireSpec, Ignition
from dispatch.hazards.fire_starts import with_drawn_fires
from dispatch.hazards.footprints import Footprint
from dispatch.hazards.outcomes import one_of
from dispatch.hazards.overlay import disrupt
from dispatch.hazards.wildfire import Wildfire, burnable_land, forecast, wildfire
from dispatch.hazards.wildfire_footprints import CAUSE, footprints_of, wildfire_footprints
from dispatch.hazards.wildfire_spots import with_spots
from dispatch.roads.network import RoadNetwork

__all__ = ["FireNights", "fire_nights"]

Floats = NDArray[np.float64]
TRIES = 50
"""Draws of where a fire may lie instead, until it lies on fuel that burns; then it lies where it was told."""
REACH_COLUMNS = ("place", "name", "people", "chance", "arrival_s")


@dataclass(frozen=True, eq=False)
class FireNights:
    """Footprints of the fire as planners see it and of every member.

    Attributes
    ----------
    forecast : tuple of Footprint
        None if no fire is given.
    fires : tuple of tuples of Footprint
        By member; without any where no fire starts.
    arrival_s : float32 array (members, rows, columns)
        When each member burns which cell; ``inf``: not.
    grid : FireGrid
        Of every member.
    """

    forecast: tuple[Footprint, ...]
    fires: tuple[tuple[Footprint, ...], ...]
    arrival_s: NDArray[np.float32] = field(repr=False)
    grid: FireGrid = field(repr=False)

    def over(self, network: RoadNetwork, county: County) -> Disruption:
        """Lay it over roads and places; every night has one of the members."""
        laid = [disrupt(network, county, fire, ())[0] for fire in self.fires]
        return one_of(disrupt(network, county, self.forecast, ())[0], laid, CAUSE, unseen=True)

    @property
    def burnt_ha(self) -> Floats:
        """What each member burns."""
        cells: Floats = np.isfinite(self.arrival_s).sum(axis=(1, 2)) * self.grid.cell_m**2 / 1e4
        return cells

    @property
    def burn_probability(self) -> Floats:
        """Share of the members that burn each cell (rows, columns)."""
        share: Floats = np.isfinite(self.arrival_s).mean(axis=0)
        return share

    def reach(self, county: County) -> pd.DataFrame:
        """How likely the fire comes to each place where people live, the likeliest first; only those it may reach.

        Returns
        -------
        DataFrame
            place, name, people, chance (share of the members), arrival_s (median of those that come). A fire comes to
            a place when it burns within ``closed_within`` (norm table ``fire_roads``) of it.
        """
        places = county.table("places")
        leaf = places[(places["kind"] != "county") & ~places["place"].isin(set(places["parent"]))]
        leaf = leaf[leaf["lon"].notna() & leaf["lat"].notna()]
        rows = []
        at = self.grid.place(leaf[["lon", "lat"]].to_numpy(dtype=np.float64).reshape(-1, 2))
        for (x, y), row in zip(at, leaf.to_dict("records"), strict=True):
            arrival = self._near(float(x), float(y))
            comes = np.isfinite(arrival)
            if comes.any():
                rows.append((row["place"], row["name"], row["population"], float(comes.mean()),
                             float(np.median(arrival[comes]))))  # fmt: skip
        table = pd.DataFrame(rows, columns=list(REACH_COLUMNS))
        return table.sort_values(["chance", "arrival_s", "place"], ascending=[False, True, True], ignore_index=True)

    def _near(self, x: float, y: float) -> Floats:
        """When each member first burns within reach of a point in columns and rows."""
        radius = fire_rules()["closed_within"] / self.grid.cell_m
        rows, columns = self.grid.shape
        top, bottom = max(math.floor(y - radius), 0), min(math.floor(y + radius) + 1, rows)
        left, right = max(math.floor(x - radius), 0), min(math.floor(x + radius) + 1, columns)
        if top >= bottom or left >= right:
            return np.full(len(self.arrival_s), np.inf)
        # from the point to the nearest edge of each cell
        down = np.maximum(np.abs(np.arange(top, bottom) + 0.5 - y) - 0.5, 0.0)
        across = np.maximum(np.abs(np.arange(left, right) + 0.5 - x) - 0.5, 0.0)
        near = np.hypot(down[:, None], across[None, :]) <= radius
        part = self.arrival_s[:, top:bottom, left:right][:, near].astype(np.float64)
        first: Floats = part.min(axis=1, initial=np.inf)
        return first


def fire_nights(spec: FireSpec, county: County, reference: datetime) -> FireNights:
    """Compute the fire that planners see, and every member.

    Parameters
    ----------
    spec : FireSpec
        As it is written, not yet in its county.
    county : County
    reference : datetime

    Raises
    ------
    InputProblems
        As ``dispatch.hazards.wildfire.wildfire``.
    """
    spec = works_in_county(_centred(spec), county)
    grid = fire_grid(spec)
    seen = known_in_county(spec, county, reference)
    # no shift in time: each member has a wind of its own
    mode = spec.wind_factor[1]
    expected = tuple(wildfire_footprints(replace(seen, wind_factor=(mode, mode, mode)))) if spec.ignitions else ()
    land = burnable_land(spec, grid=grid)
    fires: list[tuple[Footprint, ...]] = []
    arrivals = np.full((spec.nights, *grid.shape), np.inf, dtype=np.float32)
    for k in range(spec.nights):
        rng = np.random.default_rng([spec.seed, k + 1])
        fire = _member(spec, county, reference, land, rng)
        if fire is None:
            fires.append(())
            continue
        until = fire.spec.until_s
        fire, arrival = with_spots(fire, until) if fire.spec.spotting else (fire, forecast(fire, until))
        arrivals[k] = arrival
        fires.append(tuple(footprints_of(fire, arrival)))
    return FireNights(expected, tuple(fires), arrivals, grid)


def _centred(spec: FireSpec) -> FireSpec:
    """The fire on a square that does not hang on where its ignitions come to lie."""
    if spec.centre is not None:
        return spec
    lon, lat = np.mean([(fire.lon, fire.lat) for fire in spec.ignitions], axis=0).tolist()
    return replace(spec, centre=(lon, lat))


def _member(
    spec: FireSpec, county: County, reference: datetime, land: Wildfire, rng: np.random.Generator
) -> Wildfire | None:  # fmt: skip
    """The fire of one member before it burns; None if none starts."""
    seed = int(rng.integers(2**31))
    wind = _triangular(rng, spec.wind_factor)
    turn = _turn(spec, rng)
    moisture = _triangular(rng, spec.moisture_factor)
    seen = float(rng.random())
    hours = tuple(
        replace(hour, wind_m_s=hour.wind_m_s * wind, wind_from_deg=(hour.wind_from_deg + turn) % 360.0)
        for hour in spec.weather
    )
    member = replace(spec, seed=seed, weather=hours, moisture_factor=(moisture, moisture, moisture),
                     ignitions=_moved(spec, land, rng))  # fmt: skip
    if member.draws_fires:
        member = with_drawn_fires(member, county, land)
    burnable = burnable_land(member, grid=land.grid)
    member = replace(member, ignitions=_alight(member.ignitions, burnable))
    if not member.ignitions:
        return None
    fire = wildfire(known_in_county(member, county, reference, seen), 1.0, rng, burnable)
    return fire if spec.water_drops is None else watered(fire, read_water_drops(spec.water_drops))


def _triangular(rng: np.random.Generator, triple: tuple[float, float, float]) -> float:
    """Drawn between low and high; one number is drawn in any case."""
    low, mode, high = triple
    u = float(rng.random())
    if low == high:
        return mode
    if u < (mode - low) / (high - low):
        return low + math.sqrt(u * (high - low) * (mode - low))
    return high - math.sqrt((1.0 - u) * (high - low) * (high - mode))


def _turn(spec: FireSpec, rng: np.random.Generator) -> float:
    """How far the wind turns; one number is drawn in any case."""
    u = float(rng.random())
    if not spec.wind_turn_deg:
        return 0.0
    weights = np.array(spec.wind_turn_weights or [1.0] * len(spec.wind_turn_deg), dtype=np.float64)
    which = int(np.searchsorted(np.cumsum(weights / weights.sum()), u, side="right"))
    return spec.wind_turn_deg[min(which, len(spec.wind_turn_deg) - 1)]


def _moved(spec: FireSpec, land: Wildfire, rng: np.random.Generator) -> tuple[Ignition, ...]:
    """The fires given, each where it may lie instead."""
    if spec.ignition_error_m <= 0:
        return spec.ignitions
    moved = []
    for fire in spec.ignitions:
        drawn = [rng.normal(0.0, spec.ignition_error_m, 2) / np.array(land.grid.metres) for _ in range(TRIES)]
        tries = [replace(fire, lon=fire.lon + float(east), lat=fire.lat + float(north)) for east, north in drawn]
        moved.append(next((one for one in tries if _alight((one,), land)), fire))
    return tuple(moved)


def _alight(ignitions: tuple[Ignition, ...], land: Wildfire) -> tuple[Ignition, ...]:
    """Those that lie where the land burns in that weather."""
    at = land.grid.cells(np.array([(fire.lon, fire.lat) for fire in ignitions], dtype=np.float64).reshape(-1, 2))
    burns: NDArray[np.bool_] = np.any(land.front.a > 0, axis=0)
    return tuple(fire for fire, (row, column) in zip(ignitions, at, strict=True) if row >= 0 and burns[row, column])
