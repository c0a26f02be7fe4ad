"""What each layer of works against forest fire is worth: fire, crews and aircraft with it and without (F-01).

Fire roads, breaks, water tanks, cameras, towers, checkpoints and pads (and water points) are taken out of the county
one at a time, and the figure that the layer is built for is worked out again, everything else equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.air.sky import sky_of
from dispatch.county.county import County
from dispatch.hazards.fire_in_county import fire_in_county
from dispatch.hazards.fire_spec import FireSpec, Ignition, read_fire
from dispatch.hazards.fire_watch import detected_s
from dispatch.hazards.fire_works import LAYERS, without_layers
from dispatch.hazards.wildfire import forecast, wildfire
from dispatch.planning.air_bucket import best_bucket
from dispatch.planning.coverage import away_m, land_cells
from dispatch.planning.siting_ground import siting_rules
from dispatch.planning.teams_reach import crew_minutes, fire_crews
from dispatch.roads.network import RoadNetwork
from dispatch.scenario import Scenario
from dispatch.scenario_file import find_scenario, load_scenario
from dispatch.scenario_tasks import team_rules
from dispatch.scenario_text import read_scenario_text

__all__ = ["FIRE_LAYER_COLUMNS", "MEASURES", "fire_layers", "forest_minutes"]

Floats = NDArray[np.float64]

FIRE_LAYER_COLUMNS: dict[str, str] = {
    "layer": "str",
    "measure": "str",
    "unit": "str",
    "worse": "str",
    "with_it": "float64",
    "without_it": "float64",
    "as_stated": "bool",
}
"""``worse``: ``more`` or ``less``, the way in which the figure must move without the layer; ``as_stated``: it does."""

MEASURES: dict[str, tuple[str, str, str]] = {
    "fire_roads": ("crew_to_forest", "min", "more"),
    "fire_breaks": ("burnt", "ha", "more"),
    "water_tanks": ("line_finished", "min", "more"),
    "cameras": ("detection", "min", "more"),
    "towers": ("detection", "min", "more"),
    "checkpoints": ("fires_started", "", "more"),
    "helipads": ("water_on_fire", "L/h", "less"),
    "water_points": ("water_on_fire", "L/h", "less"),
}
"""What each layer moves: mean minutes of the first crew to a cell of forest; land burnt; minutes from its start until
the crews' lines stand; mean minutes until a fire in the forest is known (it is by then with a probability of one half);
people's fires that start; litres per hour of all helicopters on the scenario's fires."""

SAMPLE = 150
PEOPLE_FIRES = 8.0


def fire_layers(
    path: Path | str, *, cell_m: float = 100.0, draws: int = 10, overrides: Mapping[str, Any] | None = None
) -> pd.DataFrame:
    """One row per layer (``FIRE_LAYER_COLUMNS``).

    Parameters
    ----------
    path : Path or str
        A scenario with a computed fire and the section ``air``.
    cell_m : float
        Cells of the fire.
    draws : int
        Days on which people's fires are drawn.
    overrides : mapping, optional
        As for :func:`dispatch.scenario_file.load_scenario`.

    Raises
    ------
    ValueError
        If the scenario computes no fire or has no section ``air``.
    """
    written = read_scenario_text(find_scenario(str(path)), overrides)
    table = written.values.get("hazards.fire")
    scenario = load_scenario(path, overrides)
    if table is None or scenario.air is None:
        msg = "a fire to be computed and the section 'air' are needed"
        raise ValueError(msg)
    spec, _ = read_fire(table, written.path, scenario.reference_time)
    assert spec is not None
    study = _Study(scenario, replace(spec, cell_m=cell_m), draws)
    whole: dict[str, float] = {}
    rows = []
    for layer in LAYERS:
        measure, unit, worse = MEASURES[layer]
        if measure not in whole:
            whole[measure] = study.value(measure, scenario.county)
        before, after = whole[measure], study.value(measure, without_layers(scenario.county, [layer]))
        moved = after > before if worse == "more" else after < before
        rows.append({"layer": layer, "measure": measure, "unit": unit, "worse": worse, "with_it": before,
                     "without_it": after, "as_stated": bool(moved)})  # fmt: skip
    return pd.DataFrame({
        name: pd.Series([row[name] for row in rows], dtype=kind) for name, kind in FIRE_LAYER_COLUMNS.items()
    })  # fmt: skip


class _Study:
    """One fire, measured in a county and in the same county without a layer."""

    def __init__(self, scenario: Scenario, spec: FireSpec, draws: int) -> None:
        self.scenario, self.spec, self.draws = scenario, spec, draws
        self.network: RoadNetwork = scenario.network

    def value(self, measure: str, county: County) -> float:
        """The figure in that county."""
        match measure:
            case "crew_to_forest":
                return float(np.mean(forest_minutes(county, self.network)))
            case "burnt":
                return self._burnt(county)
            case "line_finished":
                return self._line_min(county)
            case "detection":
                return self._detection_min(county)
            case "fires_started":
                return self._fires(county)
        return self._water(county)

    def _in(self, county: County, **changes: Any) -> FireSpec:
        return fire_in_county(replace(self.spec, members=0, **changes), county, self.scenario.reference_time)

    def _burnt(self, county: County) -> float:
        """Hectares burnt by the forecast, with the breaks of the county."""
        spec = self._in(county, county_breaks=True)
        fire = wildfire(spec)
        return float(np.isfinite(forecast(fire, spec.until_s)).sum()) * spec.cell_m**2 / 1e4

    def _line_min(self, county: County) -> float:
        """Minutes from the first crew's start until the last cell of a line stands."""
        spec = replace(self._in(county, water=True, county_breaks=False, breaks=None), drops=())
        closed = wildfire(spec).closed_s
        return float(closed[np.isfinite(closed)].max() - min(crew.start for crew in spec.crews)) / 60

    def _detection_min(self, county: County) -> float:
        """Mean over cells of forest, evenly taken, of when a fire there is known."""
        cells = land_cells(self.scenario.county, side_m=1000.0)
        cells = cells.iloc[:: max(1, len(cells) // SAMPLE)]
        start = self.spec.ignitions[0].time
        found = []
        for lon, lat in zip(cells["lon"], cells["lat"], strict=True):
            spec = replace(self.spec, ignitions=(Ignition(float(lon), float(lat), start),))
            found.append(detected_s(spec, county, self.scenario.reference_time) - start)
        return float(np.mean(found)) / 60

    def _fires(self, county: County) -> float:
        """People's fires of some days about the first ignition; the same draws with and without."""
        first = self.spec.ignitions[0]
        count = 0
        for day in range(self.draws):
            drawn = self._in(county, ignitions=(), crews=(), people_fires=PEOPLE_FIRES, checkpoints=True,
                             detection=False, from_detection=False, centre=(first.lon, first.lat), cell_m=250.0,
                             seed=day)  # fmt: skip
            count += len(drawn.ignitions)
        return float(count)

    def _water(self, county: County) -> float:
        """Litres per hour of all helicopters, each on the fire on which it drops most."""
        sky = sky_of(replace(self.scenario, county=_moved(county)))
        total = 0.0
        for craft in sky.fleet:
            best = [found.litres_h for request in sky.order.requests if request.kind == "bucket"
                    if (found := best_bucket(sky, craft, request)) is not None]  # fmt: skip
            total += max(best, default=0.0)
        return total


def _moved(county: County) -> County:
    """The county with aircraft whose pad is gone at its first depot, where the next best landing ground is made."""
    aircraft, known = county.table("aircraft"), set(county.table("facilities")["facility"])
    known |= set(county.table("depots")["depot"]) | set(county.table("places")["place"])
    first = county.table("depots")["depot"].iloc[0]
    moved = aircraft.assign(base=[base if base in known else first for base in aircraft["base"]])
    return replace(county, tables={**county.tables, "aircraft": moved.astype(aircraft.dtypes.to_dict())})


def forest_minutes(county: County, network: RoadNetwork, *, side_m: float = 1000.0) -> Floats:
    """Minutes until the first crew is at each cell of forest: by road, by fire roads that are built, and on foot.

    A cell beyond the walk that is asked of a crew counts as ``unreached_counts`` of the siting rules.
    """
    import shapely

    cells = land_cells(county, side_m=side_m)
    lon, lat = cells["lon"].to_numpy(np.float64), cells["lat"].to_numpy(np.float64)
    crews = fire_crews(county)
    best: Floats = np.min(crew_minutes(network, crews, lon, lat), axis=1)
    rules = siting_rules()
    walk = 60 / (team_rules()["walk_speed"] * 1000) * team_rules()["walk_detour"]
    drive = 60 / (rules["fire_road_speed"] * 1000)
    lines = county.table("fire_lines")
    built = lines[(lines["kind"] == "fire_road") & ~lines["planned"].astype(bool)]
    for geometry in built["geometry"]:
        points = shapely.get_coordinates(shapely.segmentize(shapely.from_wkt(geometry), 0.002))
        ends = np.min(crew_minutes(network, crews, points[[0, -1], 0], points[[0, -1], 1]), axis=1)
        steps = np.concatenate([[0.0], np.cumsum(_step_m(points))])
        at = np.minimum(ends[0] + steps * drive, ends[1] + (steps[-1] - steps) * drive)
        best = np.minimum(best, (at[None] + away_m(lon, lat, points[:, 0], points[:, 1]) * walk).min(axis=1))
    return np.minimum(best, rules["unreached_counts"])


def _step_m(points: Floats) -> Floats:
    from dispatch.roads.measure import step_lengths_m

    return step_lengths_m(points[:, 0], points[:, 1])
