"""A wildfire computed over the land: behaviour by the hour, arrival times, and a front that feels what crews do.

``burnable_land`` says how it would burn; ``wildfire`` prepares a fire; ``forecast`` says when it will arrive where;
``advance`` moves it on, with the lines and wetted cells that stand by then. Planners see forecasts; the simulation may
advance the true front with its own lines, as arrays.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dispatch.county.problem_text import found
from dispatch.hazards.fire_grid import FireGrid, fire_grid, read_breaks
from dispatch.hazards.fire_norms import fuel_models, line_rate_m_h, logistic, wang_rule
from dispatch.hazards.fire_spec import FireSpec, FireWeather
from dispatch.hazards.fire_works import works_rules
from dispatch.problems import InputProblems
from models.fire.arrival import FirePace, arrival_times, pace
from models.fire.behaviour import BTU_FT_S_KW_M, Behaviour, length_to_width, spread
from models.fire.fuels import FuelBeds, wet_fuel_beds
from models.fire.lines import close_lines, line_cells
from models.fire.moisture import equilibrium_moisture
from models.fire.suppression import breach_probability
from models.fire.wang import wang_ros_m_min
from models.fire.wet_lines import wet_share

__all__ = ["Wildfire", "advance", "break_breach", "burnable_land", "forecast", "wildfire"]

Floats = NDArray[np.float64]

WIND_10M_PER_20FT = 1.15
"""Wind at 10 m over wind at 20 ft above the vegetation (Turner and Lawson 1978)."""
WANG_MIDFLAME = 0.4
"""Share of the 20 ft wind in the ellipse of Wang's rule, which itself says nothing of the shape."""
STEP_10H, STEP_100H = 0.01, 0.02
"""Coarser dead fuel is this much wetter than 1 h fuel (as in Scott and Burgan's dead moisture scenarios)."""


@dataclass(frozen=True, eq=False)
class Wildfire:
    """A fire at an instant.

    Attributes
    ----------
    spec : FireSpec
    grid : FireGrid
    behaviours : list of Behaviour
        One per period of weather.
    front : FirePace
    starts_s : float64 array (rows, columns)
        Times of the ignitions; ``inf`` elsewhere.
    origins : int64 array (k, 2)
        Rows and columns of the ignitions.
    burnt_s : float64 array (rows, columns)
        Arrival times up to ``now_s``; ``inf`` where it has not burnt.
    closed_s, opens_s : float64 arrays (rows, columns)
        Cells that fire cannot enter in [closed_s, opens_s).
    now_s : float
    """

    spec: FireSpec
    grid: FireGrid
    behaviours: list[Behaviour]
    front: FirePace
    starts_s: Floats
    origins: NDArray[np.int64]
    burnt_s: Floats
    closed_s: Floats
    opens_s: Floats
    now_s: float


def burnable_land(spec: FireSpec, wind_factor: float = 1.0, grid: FireGrid | None = None) -> Wildfire:
    """A fire without ignitions, lines, drops and breaks: how it would burn, cell by cell, period by period.

    ``grid``: of this fire, where it has been laid already.

    Raises
    ------
    InputProblems
        If a raster cannot be read.
    """
    grid = fire_grid(spec) if grid is None else grid
    periods = [_behaviour(spec, grid, hour, wind_factor) for hour in spec.weather]
    start = np.array([hour.time for hour in spec.weather])
    front = pace(periods, grid.slope.ravel(), start, grid.shape, spec.cell_m)
    nothing = np.full(grid.shape, np.inf)
    nowhere = np.zeros((0, 2), dtype=np.int64)
    return Wildfire(spec, grid, periods, front, nothing, nowhere, nothing, nothing, nothing, -math.inf)


def wildfire(
    spec: FireSpec, wind_factor: float = 1.0, rng: np.random.Generator | None = None, land: Wildfire | None = None
) -> Wildfire:
    """Prepare a fire before its first ignition, with the breaks that hold and the lines and drops of the scenario.

    Parameters
    ----------
    spec : FireSpec
    wind_factor : float
        Times the wind of the scenario.
    rng : numpy Generator, optional
        Draws which breaks are breached; without it, those whose probability is one half or more.
    land : Wildfire, optional
        ``burnable_land`` of this fire and this wind, where it has been prepared already.

    Raises
    ------
    InputProblems
        If a raster or table cannot be read or an ignition lies where nothing burns.
    """
    land = burnable_land(spec, wind_factor) if land is None else land
    grid, front = land.grid, land.front
    at = grid.cells(np.array([(fire.lon, fire.lat) for fire in spec.ignitions], dtype=np.float64).reshape(-1, 2))
    starts = np.full(grid.shape, np.inf)
    for (row, column), ignition in zip(at, spec.ignitions, strict=True):
        if row < 0 or not (front.a[:, row, column] > 0).any():
            shown = f"{ignition.lon:g}, {ignition.lat:g}"
            raise InputProblems([found("hazards_fire_not_burning", spec.file, None, "hazards.fire.ignitions", shown)])
        starts[row, column] = min(starts[row, column], ignition.time)
    fire = replace(land, spec=spec, starts_s=starts, origins=at)
    closed, opens = _standing(fire, rng)
    crews = _crew_lines(spec, grid)
    wet, dry = _drops(spec, grid)
    fire = _closing(fire, closed, opens)
    fire = _closing(fire, crews, np.where(np.isfinite(crews), np.inf, -np.inf))
    return _closing(fire, wet, dry)


def forecast(fire: Wildfire, until_s: float) -> Floats:
    """Arrival time in every cell up to ``until_s``, with the lines known now; ``inf`` where fire does not come."""
    known = np.where(fire.burnt_s <= fire.now_s, fire.burnt_s, fire.starts_s)
    return arrival_times(fire.front, known, fire.origins, fire.closed_s, fire.opens_s, until_s)


def advance(
    fire: Wildfire, to_s: float, closed_s: Floats | None = None, opens_s: Floats | None = None
) -> Wildfire:  # fmt: skip
    """Let the fire burn until ``to_s``, with lines that are added to those known.

    Parameters
    ----------
    fire : Wildfire
    to_s : float
    closed_s, opens_s : float64 arrays (rows, columns), optional
        Cells that fire cannot enter in [closed_s, opens_s); ``opens_s`` missing: for good. What has burnt stays burnt.

    Raises
    ------
    ValueError
        If ``to_s`` lies before the fire's present.
    """
    if to_s < fire.now_s:
        msg = f"a fire at {fire.now_s} s cannot advance to {to_s} s"
        raise ValueError(msg)
    if closed_s is not None:
        since = np.where(np.isfinite(fire.burnt_s), np.inf, np.maximum(closed_s, fire.now_s))
        until = np.where(since < np.inf, np.inf, -np.inf) if opens_s is None else opens_s
        fire = _closing(fire, since, until)
    return replace(fire, burnt_s=forecast(fire, to_s), now_s=to_s)


def break_breach(fire: Wildfire) -> Floats:
    """Probability that the fire crosses each break, at the greatest intensity in the cells it runs through."""
    model = logistic("breach")
    chances = []
    for line in read_breaks(fire.spec):
        cells, _ = line_cells(fire.grid.place(line.line), fire.grid.shape)
        intensity = max((float(p.intensity_kw_m.reshape(fire.grid.shape)[cells[:, 0], cells[:, 1]].max(initial=0.0))
                         for p in fire.behaviours), default=0.0)  # fmt: skip
        near = fire.grid.canopy.cover.reshape(fire.grid.shape)[cells[:, 0], cells[:, 1]]
        trees = np.array([bool((near > 0).any())])
        chances.append(float(breach_probability(model, np.array([line.width_m]), np.array([intensity]), trees)[0]))
    return np.array(chances)


def _closing(fire: Wildfire, closed_s: Floats, opens_s: Floats) -> Wildfire:
    """Add closed cells; where a cell was closed before, the two intervals become one."""
    both = np.isfinite(fire.closed_s) | (fire.closed_s == -np.inf)
    opens = np.where(both, np.maximum(fire.opens_s, opens_s), opens_s)
    new = closed_s < np.inf
    return replace(
        fire,
        closed_s=np.minimum(fire.closed_s, closed_s),
        opens_s=np.where(new, opens, fire.opens_s),
    )


def _behaviour(spec: FireSpec, grid: FireGrid, hour: FireWeather, wind_factor: float) -> Behaviour:
    """Behaviour in every cell in one period."""
    wind = hour.wind_m_s * wind_factor
    if spec.moisture_1h_pct is None:
        fine = float(equilibrium_moisture(np.array(hour.temperature_c), np.array(hour.humidity_pct)))
    else:
        fine = spec.moisture_1h_pct / 100
    fine *= spec.moisture_factor[1]
    moisture = np.array([fine, fine + STEP_10H, fine + STEP_100H, spec.herb_pct / 100, spec.woody_pct / 100])
    fuels = fuel_models()
    beds = wet_fuel_beds(fuels, moisture)
    bed = fuels.rows(grid.fuel.ravel())
    everywhere = np.ones(grid.fuel.size)
    if spec.rule == "wang":
        return _wang(grid, hour, wind, beds, bed)
    crown = int(fuels.rows(np.array([10]))[0])
    return spread(
        beds, bed, grid.slope.ravel(), grid.aspect_deg.ravel(), grid.canopy, everywhere * wind / WIND_10M_PER_20FT,
        everywhere * hour.wind_from_deg, spec.foliar_pct / 100, crown,
    )  # fmt: skip


def _wang(grid: FireGrid, hour: FireWeather, wind: float, beds: FuelBeds, bed: NDArray[np.int32]) -> Behaviour:
    """Wang Zhengfei's rate, heading where the wind blows; intensity from the fuel bed's heat."""
    everywhere = np.ones(grid.fuel.size)
    upslope = grid.aspect_deg.ravel() + 180.0
    downwind = everywhere * (hour.wind_from_deg + 180.0) if wind > 0 else upslope
    ros = wang_ros_m_min(
        wang_rule(), everywhere * hour.temperature_c, everywhere * wind, everywhere * hour.humidity_pct,
        grid.ks.ravel(), grid.slope.ravel(), downwind - upslope,
    )  # fmt: skip
    ros = np.where(bed >= 0, ros, 0.0) * (beds.heat_btu_ft2[bed] > 0)
    ratio = length_to_width(wind / WIND_10M_PER_20FT / 0.44704 * WANG_MIDFLAME)
    btu = beds.heat_btu_ft2[bed] * ros / 0.3048 / 60.0
    kind = (ros > 0).astype(np.int8)
    return Behaviour(
        ros, downwind % 360.0, everywhere * math.sqrt(ratio**2 - 1.0) / ratio, btu * BTU_FT_S_KW_M,
        0.45 * btu**0.46 * 0.3048, kind,
    )  # fmt: skip


def _standing(fire: Wildfire, rng: np.random.Generator | None) -> tuple[Floats, Floats]:
    """Cells of the breaks that hold: closed for good."""
    grid = fire.grid
    breaks = read_breaks(fire.spec)
    chance = break_breach(fire)
    breached = chance >= 0.5 if rng is None else rng.random(len(breaks)) < chance
    held = [grid.place(line.line) for line, crossed in zip(breaks, breached, strict=True) if not crossed]
    closed = close_lines(held, np.full(len(held), -np.inf), np.ones(len(held)), grid.shape)
    return closed, np.where(closed < np.inf, np.inf, -np.inf)


def _crew_lines(spec: FireSpec, grid: FireGrid) -> Floats:
    """When the lines of the crews are finished, cell by cell: each cell at the rate of its own fuel.

    Where a pump has water it is built faster, by ``wet_gain``; crews take water in their order.
    """
    closed = np.full(grid.shape, np.inf)
    if not spec.crews:
        return closed
    lines = [line_cells(grid.place(np.array(crew.line)), grid.shape) for crew in spec.crews]
    steps = [np.diff(along, prepend=0.0) * grid.cell_m for _, along in lines]
    gain = works_rules()["wet_gain"]
    wet = np.split(_wet(spec, grid, np.concatenate([cells for cells, _ in lines]), np.concatenate(steps)),
                   np.cumsum([len(step) for step in steps])[:-1])  # fmt: skip
    for crew, (cells, _), step, share in zip(spec.crews, lines, steps, wet, strict=True):
        groups = grid.line_group[cells[:, 0], cells[:, 1]]
        rate = {g: math.inf if g == "none" else line_rate_m_h(g, crew.people, professional=crew.professional)
                for g in dict.fromkeys(groups)}  # fmt: skip
        by_hand = step / np.array([rate[g] for g in groups])
        done = crew.start + np.cumsum(by_hand * (1.0 - share + share / gain)) * 3600.0
        at = (cells[:, 0], cells[:, 1])
        closed[at] = np.minimum(closed[at], done)
    return closed


def _wet(spec: FireSpec, grid: FireGrid, cells: NDArray[np.int64], step_m: Floats) -> Floats:
    """Share of the line in each cell that is built with water."""
    if not spec.works.water:
        return np.zeros(len(cells))
    rules = works_rules()
    lon, lat, litres = np.array(spec.works.water, dtype=np.float64).T
    at = grid.place(np.column_stack([lon, lat]))
    away = np.hypot(cells[:, 1, None] + 0.5 - at[None, :, 0], cells[:, 0, None] + 0.5 - at[None, :, 1]) * grid.cell_m
    return wet_share(step_m * rules["wet_litres"], away, litres, rules["hose_reach"])


def _drops(spec: FireSpec, grid: FireGrid) -> tuple[Floats, Floats]:
    """Cells that water keeps from burning, from when to when."""
    closed, opens = np.full(grid.shape, np.inf), np.full(grid.shape, -np.inf)
    row, column = np.mgrid[0 : grid.shape[0], 0 : grid.shape[1]]
    for drop in spec.drops:
        x, y = grid.place(np.array([[drop.lon, drop.lat]]))[0]
        wet = np.hypot(column + 0.5 - x, row + 0.5 - y) * grid.cell_m <= max(drop.radius_m, grid.cell_m / 2)
        closed[wet] = np.minimum(closed[wet], drop.time)
        opens[wet] = np.maximum(opens[wet], drop.time + 60.0 * drop.hold_min)
    return closed, opens
