"""Initial attack (T-02): of many ignitions, how many crews contain while they are small, soon, or within a day.

Ignitions are drawn evenly over each township's forest; each grows as an ellipse at the fire model's rate for its cell's
fuel, slope and weather; the soonest crews come by road and on foot and build line at the norm's rate for its fuel,
racing the fire's edge (``models.fire.attack``). The logistic model of Hirsch, Corey and Martell (1998) is told beside
it as a cross-check: it knows only size and intensity when the first crew comes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.county.county import County
from dispatch.hazards.fire_grid import FireGrid, fire_grid
from dispatch.hazards.fire_norms import fuel_models, line_rate_m_h, logistic
from dispatch.hazards.fire_spec import FireSpec, FireWeather, Ignition
from dispatch.planning.coverage import land_cells
from dispatch.planning.teams_reach import FireCrew, crew_minutes, fire_crews, new_crew, with_townships
from dispatch.roads.network import RoadNetwork
from dispatch.scenario_tasks import team_rules
from models.fire.attack import attack
from models.fire.behaviour import Behaviour, spread
from models.fire.fuels import wet_fuel_beds
from models.fire.moisture import equilibrium_moisture
from models.fire.suppression import containment_probability

__all__ = ["ATTACK_COLUMNS", "FIRE_COLUMNS", "AttackGround", "Attacked", "attack_ground", "attack_table", "attacked",
           "best_further_crew"]  # fmt: skip

Floats = NDArray[np.float64]
_DAY_MIN = 24 * 60.0
_LARGE_HA = 500.0
"""The logistic model says nothing of larger fires but that they are not contained."""
_WIND_10M_PER_20FT = 1.15
"""As in ``dispatch.hazards.wildfire`` (Turner and Lawson 1978)."""
_COARSER = np.array([0.0, 0.01, 0.02])
"""1, 10 and 100 h fuel: each this much wetter than the finest, as in ``dispatch.hazards.wildfire``."""

FIRE_COLUMNS = ("lon", "lat", "township", "ros_m_min", "intensity_kw_m", "first_crew_min", "area_at_crew_ha",
                "contained_min", "area_ha", "hirsch")  # fmt: skip
ATTACK_COLUMNS = ("township", "name", "ignitions", "first_crew_min", "small_now", "in_2h_now", "in_24h_now",
                  "hirsch_now", "small_with", "in_2h_with", "in_24h_with", "hirsch_with", "area_saved_ha")  # fmt: skip


@dataclass(frozen=True, eq=False)
class AttackGround:
    """Ignitions and how they burn: one row per ignition.

    Attributes
    ----------
    cells : DataFrame
        lon, lat, township.
    ros_m_min, eccentricity, intensity_kw_m : float64 arrays (n,)
    line_group : object array (n,)
    """

    cells: pd.DataFrame
    ros_m_min: Floats
    eccentricity: Floats
    intensity_kw_m: Floats
    line_group: NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Attacked:
    """What becomes of the ignitions (``FIRE_COLUMNS``) with these crews."""

    fires: pd.DataFrame
    crews: tuple[FireCrew, ...]


def attack_ground(
    county: County, spec: FireSpec, *, per_township: int = 100, seed: int = 1, side_m: float = 500.0
) -> AttackGround:
    """Draw ignitions and work out how each burns.

    Parameters
    ----------
    county : County
        Forest: the cells of its wildfire zones where the fuel burns.
    spec : FireSpec
        Fuel, heights, moisture; the first hour of its weather holds.
    per_township : int
        Ignitions drawn in each township with forest, evenly over its cells, with repetition.
    seed : int
    side_m : float
        Side of the cells.

    Raises
    ------
    ValueError
        If the county has no wildfire zone, or nothing burns in it.
    """
    cells = land_cells(county, side_m=side_m)
    if cells.empty:
        raise ValueError("the county's table risk_zones has no wildfire zone")
    middle = Ignition(float(cells["lon"].mean()), float(cells["lat"].mean()), 0.0)
    degree_km = 111.195
    east_km = (cells["lon"] - middle.lon).abs().max() * degree_km * math.cos(math.radians(middle.lat))
    half = max(float((cells["lat"] - middle.lat).abs().max()) * degree_km, float(east_km))
    grid = fire_grid(replace(spec, ignitions=(middle,), reach_km=half + 1.0, cell_m=max(spec.cell_m, 100.0)))
    at = grid.cells(cells[["lon", "lat"]].to_numpy(dtype=np.float64))
    inside = at[:, 0] >= 0
    fire = _behaviour(spec, grid, spec.weather[0])
    flat = np.where(inside, at[:, 0] * grid.shape[1] + at[:, 1], 0)
    burns = inside & (fire.ros_m_min[flat] > 0)
    if not burns.any():
        raise ValueError("nothing burns in the county's wildfire zones")
    cells, flat = with_townships(county, cells[burns].reset_index(drop=True)), flat[burns]
    rng = np.random.default_rng(seed)
    chosen = np.concatenate([
        rng.choice(np.flatnonzero((cells["township"] == township).to_numpy()), per_township)
        for township in sorted(set(cells["township"]))
    ])  # fmt: skip
    flat = flat[chosen]
    return AttackGround(
        cells.iloc[chosen][["lon", "lat", "township"]].reset_index(drop=True), fire.ros_m_min[flat],
        np.clip(fire.eccentricity[flat], 0.0, 0.999), fire.intensity_kw_m[flat], grid.line_group.ravel()[flat],
    )  # fmt: skip


def _behaviour(spec: FireSpec, grid: FireGrid, hour: FireWeather) -> Behaviour:
    """Rothermel's head fire in every cell in one hour's weather."""
    if spec.moisture_1h_pct is None:
        fine = float(equilibrium_moisture(np.array(hour.temperature_c), np.array(hour.humidity_pct)))
    else:
        fine = spec.moisture_1h_pct / 100
    fuels = fuel_models()
    beds = wet_fuel_beds(fuels, np.array([*(fine + _COARSER), spec.herb_pct / 100, spec.woody_pct / 100]))
    everywhere = np.ones(grid.fuel.size)
    return spread(
        beds, fuels.rows(grid.fuel.ravel()), grid.slope.ravel(), grid.aspect_deg.ravel(), grid.canopy,
        everywhere * hour.wind_m_s / _WIND_10M_PER_20FT, everywhere * hour.wind_from_deg, spec.foliar_pct / 100,
        int(fuels.rows(np.array([10]))[0]),
    )  # fmt: skip


def attacked(
    ground: AttackGround, network: RoadNetwork, crews: list[FireCrew], further: FireCrew | None = None, *,
    night: bool = False,
) -> Attacked:  # fmt: skip
    """Send the soonest crews to every ignition, and ``further`` in addition, and race the fire.

    Crews begin at the rear; at the head where its intensity is below the norm's limit and that contains the fire
    smaller.
    """
    rules = team_rules()
    lon, lat = ground.cells["lon"].to_numpy(), ground.cells["lat"].to_numpy()
    known = [*crews, *([] if further is None else [further])]
    minutes = rules["attack_detect"] + crew_minutes(network, known, lon, lat, night=night)
    sent = np.argsort(minutes[:, : len(crews)], axis=1, kind="stable")[:, : int(rules["attack_crews"])]
    if further is not None:
        sent = np.column_stack([sent, np.full(len(lon), len(crews))])
    arrive = np.take_along_axis(minutes, sent, axis=1)
    rates = _line_rates(ground, known)[np.arange(len(lon))[:, None], sent] * rules["attack_line_share"]
    contained, area = attack(ground.ros_m_min, ground.eccentricity, arrive, rates, _DAY_MIN)
    calm = ground.intensity_kw_m <= rules["attack_head_limit"]
    ahead, smaller = attack(ground.ros_m_min, ground.eccentricity, arrive, rates, _DAY_MIN, calm)
    better = calm & (ahead < np.inf) & (smaller < area)
    contained, area = np.where(better, ahead, contained), np.where(better, smaller, area)
    first = arrive.min(axis=1, initial=np.inf)
    met_ha = _free_ha(ground, np.where(np.isfinite(first), first, _DAY_MIN))
    hirsch = np.where(
        np.isfinite(first),
        containment_probability(logistic("containment"), np.minimum(met_ha, _LARGE_HA), ground.intensity_kw_m),
        0.0,
    )
    fires = ground.cells.assign(
        ros_m_min=ground.ros_m_min, intensity_kw_m=ground.intensity_kw_m, first_crew_min=first,
        area_at_crew_ha=met_ha, contained_min=contained, area_ha=area / 10_000, hirsch=hirsch,
    )[list(FIRE_COLUMNS)]  # fmt: skip
    return Attacked(fires, tuple(known))


def _line_rates(ground: AttackGround, crews: list[FireCrew]) -> Floats:
    """Line that each crew builds in each ignition's fuel, m/min."""
    rate = np.zeros((len(ground.cells), len(crews)))
    for group in set(ground.line_group):
        here = ground.line_group == group
        for j, crew in enumerate(crews):
            per_h = math.inf if group == "none" else line_rate_m_h(
                group, crew.people, professional=crew.professional)  # fmt: skip
            rate[here, j] = min(per_h, 1e9) / 60
    return rate


def _free_ha(ground: AttackGround, minutes: Floats) -> Floats:
    """Area of the free ellipse after so many minutes."""
    e = ground.eccentricity
    area: Floats = math.pi * (ground.ros_m_min * minutes / (1 + e)) ** 2 * np.sqrt(1 - e * e) / 10_000
    return area


def attack_table(county: County, now: Attacked, further: Attacked | None = None) -> pd.DataFrame:
    """Shares by township, now and with a further crew; the county's last.

    Returns
    -------
    DataFrame
        ``ATTACK_COLUMNS``: share contained below the small size, within 2 h and 24 h of the ignition, mean of
        Hirsch's probability, median minutes from ignition to the first crew; ``area_saved_ha``: mean per ignition.
    """
    names = dict(zip(county.table("places")["place"], county.table("places")["name"], strict=True))
    small = team_rules()["attack_small"]
    rows = []
    for township in [*sorted(set(now.fires["township"])), ""]:
        row: dict[str, object] = {"township": township, "name": names.get(township, "")}
        for label, of in (("now", now), ("with", further)):
            fires = None if of is None else of.fires[(of.fires["township"] == township) | (township == "")]
            row |= {f"{name}_{label}": share for name, share in _shares(fires, small).items()}
            if label == "now" and fires is not None:
                row |= {"ignitions": len(fires), "first_crew_min": float(fires["first_crew_min"].median())}
                burnt = float(fires["area_ha"].mean())
            row["area_saved_ha"] = math.nan if fires is None else burnt - float(fires["area_ha"].mean())
        rows.append(row)
    return pd.DataFrame(rows, columns=list(ATTACK_COLUMNS))


def _shares(fires: pd.DataFrame | None, small_ha: float) -> dict[str, float]:
    """Shares contained while small, within 2 h and 24 h, and the mean of Hirsch's probability; NaN without fires."""
    if fires is None:
        return dict.fromkeys(("small", "in_2h", "in_24h", "hirsch"), math.nan)
    contained = fires["contained_min"]
    return {
        "small": float(((contained < np.inf) & (fires["area_ha"] < small_ha)).mean()),
        "in_2h": float((contained <= 120).mean()),
        "in_24h": float((contained <= _DAY_MIN).mean()),
        "hirsch": float(fires["hirsch"].mean()),
    }


def best_further_crew(
    county: County, ground: AttackGround, network: RoadNetwork, *, night: bool = False
) -> tuple[Attacked, Attacked, str]:
    """Fires now, fires with a further standard crew at the township seat where it does most, and that township.

    Most: fires contained while small, then within 2 h, then within 24 h, then the area saved.
    """
    crews = fire_crews(county, night=night)
    now = attacked(ground, network, crews, night=night)
    best: tuple[tuple[float, ...], Attacked, str] | None = None
    places = county.table("places")
    for place in places.loc[(places["kind"] == "township") & places["lon"].notna(), "place"]:
        found = attacked(ground, network, crews, new_crew(county, place, night=night), night=night)
        whole = attack_table(county, found).iloc[-1]
        value = (whole["small_now"], whole["in_2h_now"], whole["in_24h_now"], -float(found.fires["area_ha"].mean()))
        if best is None or value > best[0]:
            best = value, found, str(place)
    if best is None:
        raise ValueError("no township seat has a position")
    return now, best[1], best[2]
