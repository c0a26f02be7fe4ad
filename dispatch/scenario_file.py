"""From a scenario file to a problem to solve: county, roads, hazard, needs and steps put together.

Everything is read, and every problem collected, before one report is raised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pandas as pd

from dispatch.clock import HOUR_MS, MINUTE_MS, clock_time, ms
from dispatch.county.county import County
from dispatch.county.idle_vehicles import unloadable
from dispatch.county.problem_text import found
from dispatch.county.read import read_county, read_table
from dispatch.evacuation_order import Trigger
from dispatch.hazards.closed_roads import ClosedRoad, read_closed_roads
from dispatch.hazards.computed import Computed, read_computed
from dispatch.hazards.disruption import Disruption
from dispatch.hazards.fire_works import without_layers
from dispatch.hazards.footprints import Footprint, read_footprints
from dispatch.needs import needs_of
from dispatch.passage import fast_passage
from dispatch.problems import InputProblems, Problem, errors
from dispatch.roads.network import RoadNetwork
from dispatch.roads.profile_norms import read_profiles
from dispatch.roads.profiles import VehicleProfile, travel_ms
from dispatch.roads.read import read_network
from dispatch.scenario import Scenario, StepTime
from dispatch.scenario_air import air_of
from dispatch.scenario_demand import demand_of, first_batch_of, with_reports
from dispatch.scenario_evacuation import closed_by_rule, evacuation_of, evacuation_sites, sheltered, triggers_of
from dispatch.scenario_response import response_of
from dispatch.scenario_tasks import task_points, task_sites, tasks_of
from dispatch.scenario_text import ScenarioText, moment_ms, read_scenario_text
from dispatch.sites import attach_sites, shifted, site_points
from dispatch.step_norms import general_pace, rule_values, step_times, weather_conditions

__all__ = ["bundled_scenarios", "find_scenario", "load_scenario", "load_with_models"]

Read = TypeVar("Read")


@dataclass
class _Parts:
    """What a scenario file names, as far as it could be read."""

    written: ScenarioText
    reference: datetime
    county: County
    network: RoadNetwork
    profiles: dict[str, VehicleProfile]
    reports: pd.DataFrame
    footprints: list[Footprint] = field(default_factory=list)
    closed: list[ClosedRoad] = field(default_factory=list)
    computed: Computed = field(default_factory=Computed)
    triggers: tuple[Trigger, ...] = ()
    task_rows: pd.DataFrame | None = None


def bundled_scenarios() -> dict[str, Path]:
    """Scenarios that come with the library: ``county/name`` → file."""
    from importlib.resources import files

    root = Path(str(files("scenarios")))
    own = {"county"}
    return {f"{path.parent.name}/{path.stem}": path for path in sorted(root.glob("*/*.toml")) if path.stem not in own}


def find_scenario(name: str) -> Path:
    """File of a scenario given as a path, or by the name (or its last part) of a bundled one.

    Raises
    ------
    InputProblems
        If there is neither.
    """
    path = Path(name)
    if path.is_file():
        return path
    bundled = bundled_scenarios()
    fitting = [file for key, file in bundled.items() if name in {key, key.rsplit("/", 1)[-1]}]
    if len(fitting) == 1:
        return fitting[0]
    raise InputProblems([found("scenario_not_found", name, known=", ".join(bundled))])


def load_scenario(path: Path | str, overrides: Mapping[str, Any] | None = None) -> Scenario:
    """Read a scenario file and everything it names.

    Parameters
    ----------
    path : Path or str
        A TOML file, a county workbook with a sheet ``scenario``, or the name of a bundled scenario.
    overrides : mapping of dotted key to value, optional
        Values in place of the file's (``{"pace.weather": "rain"}``); a relative path counts from the file's folder.

    Raises
    ------
    InputProblems
        Once, with every problem found in the scenario, its county, roads and hazard files.
    """
    return load_with_models(path, overrides)[0]


def load_with_models(
    path: Path | str, overrides: Mapping[str, Any] | None = None
) -> tuple[Scenario, Computed]:  # fmt: skip
    """As ``load_scenario``, with what its hazards were computed by: it says more than the roads suffer.

    Raises
    ------
    InputProblems
        As ``load_scenario``.
    """
    written = read_scenario_text(find_scenario(str(path)), overrides)
    parts = _read_parts(written)
    scenario = None if parts is None else _build(parts)
    if parts is None or scenario is None or errors(written.problems):
        raise InputProblems(written.problems)
    if written.values.get("passage.fast", False):
        scenario = fast_passage(scenario)
    return replace(scenario, notes=tuple(written.problems)), parts.computed


def _read_parts(written: ScenarioText) -> _Parts | None:
    """Read every file named; None if one that the rest hangs on could not be."""
    county = _read(written, "county", read_county)
    if county is not None:
        county = without_layers(county, written.values.get("county_without", ()))
    crs, named = written.values.get("roads_crs"), written.values.get("roads_columns")
    columns = None if named is None else written.path.parent / named
    network = _read(written, "roads", lambda file: (read_network(file, crs=crs, columns=columns), ()))
    profiles = _profiles(written)
    reference = _reference(written, county)
    if county is None or network is None or profiles is None or reference is None or errors(written.problems):
        return None
    reports = county.table("demand")
    if "demand.table" in written.values:
        own = _read(written, "demand.table", lambda file: read_table(file, "demand", county))
        reports = reports if own is None else own
    parts = _Parts(written, reference, county, network, profiles, reports)
    parts.task_rows = _read(written, "tasks.table", lambda file: read_table(file, "tasks", county))
    for file in _files(written, "hazards.footprints"):
        areas, problems = read_footprints(file, reference)
        parts.footprints += areas
        written.problems += problems
    for file in _files(written, "hazards.closed_roads"):
        roads, problems = read_closed_roads(file, reference)
        parts.closed += roads
        written.problems += problems
    parts.triggers = triggers_of(written, reference, county)
    parts.closed += closed_by_rule(parts.triggers)
    parts.computed, problems = read_computed(written.values, written.rows, written.path, reference, county)
    written.problems += problems
    return parts


def _disrupted(parts: _Parts, network: RoadNetwork) -> tuple[Disruption, list[Problem]]:
    """Given and computed hazards laid over a network."""
    return parts.computed.over(network, parts.county, parts.footprints, parts.closed)


def _read(written: ScenarioText, key: str, reader: Callable[[Path], tuple[Read, Iterable[Problem]]]) -> Read | None:
    """Read the file a key names, collecting its problems instead of stopping."""
    if key not in written.values:
        return None
    file = written.path.parent / written.values[key]
    if not file.exists():
        written.problem("scenario_missing_file", key, written.values[key])
        return None
    try:
        result, warnings = reader(file)
    except InputProblems as several:
        written.problems += several.problems
        return None
    written.problems += warnings
    return result


def _files(written: ScenarioText, key: str) -> list[Path]:
    """Files a key lists; those that do not exist are problems."""
    named = {name: written.path.parent / name for name in written.values.get(key, ())}
    for name, file in named.items():
        if not file.is_file():
            written.problem("scenario_missing_file", key, name)
    return [file for file in named.values() if file.is_file()]


def _profiles(written: ScenarioText) -> dict[str, VehicleProfile] | None:
    """Vehicle profiles: the norm's, with the scenario's own tables laid over them."""
    own = {}
    for key in ("vehicle_profiles", "speeds"):
        if f"norms.{key}" in written.values:
            own[key] = written.path.parent / written.values[f"norms.{key}"]
    try:
        return read_profiles(**own)
    except InputProblems as several:
        written.problems += several.problems
        return None


def _reference(written: ScenarioText, county: County | None) -> datetime | None:
    """Time zero, in the county's zone."""
    text = written.values.get("reference_time")
    if text is None or county is None:
        return None
    try:
        reference = datetime.fromisoformat(text)
    except ValueError:
        written.problem("scenario_clock", "reference_time", text)
        return None
    zone = ZoneInfo(county.zone)
    return reference.replace(tzinfo=zone) if reference.tzinfo is None else reference.astimezone(zone)


def _build(parts: _Parts) -> Scenario | None:
    """Put the parts together; problems go to the scenario's text. None if a scenario cannot be made of them."""
    written, county, reference = parts.written, parts.county, parts.reference
    value = written.values.get
    rules = rule_values()
    order_ms, response = response_of(written, reference)
    horizon_ms = round(value("horizon_h", 24.0) * HOUR_MS)
    deadline_ms = round(value("deadline_h", rules["county_deadline"]) * HOUR_MS)
    if deadline_ms > horizon_ms:
        written.problem("scenario_later_than_horizon", "deadline_h", value("deadline_h", rules["county_deadline"]))
    walk_kmh = value("walk_kmh", rules["walk_speed"])
    profiles = _used_profiles(parts)
    preset, first_batch = first_batch_of(written, county)
    # The hazard decides who must be served, those decide which sites split which edges: it is laid over twice.
    before, problems = _disrupted(parts, parts.network)
    written.problems += [*problems, *parts.computed.silent(county, before)]
    reports = with_reports(parts.reports, parts.computed.reports(parts.network, county))
    demand = demand_of(written, county, reports, before)
    evacuation = evacuation_of(written, reference, county, before, response, parts.triggers)
    air = air_of(written, reference, county, response, (order_ms, order_ms + deadline_ms, order_ms + horizon_ms))
    tasks = tasks_of(written, parts.task_rows, county, reference, order_ms, horizon_ms)
    also = evacuation_sites(evacuation, county) | task_sites(tasks, county)
    points = task_points(tasks)
    placed = _place_sites(parts, profiles, demand, value("site_limit_m", rules["site_limit"]), walk_kmh, also, points)
    if placed is None or errors(written.problems):
        return None
    network, sites = placed
    starts, permille = _pace(written, reference, order_ms + horizon_ms)
    spread = (rules["speed_spread_low"], rules["speed_spread_mode"], rules["speed_spread_high"])
    scenario = Scenario(
        name=written.values["name"],
        county=county,
        network=network,
        sites=sites,
        profiles=profiles,
        disruption=_disrupted(parts, network)[0],
        reference_time=reference,
        needs=needs_of(demand, first_batch, county.table("items"), reference, order_ms),
        first_batch=first_batch,
        steps={**step_times(clock_time(reference, order_ms)), **_own_steps(written)},
        order_ms=order_ms,
        deadline_ms=deadline_ms,
        horizon_ms=horizon_ms,
        tier_deadline_ms={
            tier: round(value(f"tiers.{tier}_deadline_h", rules[f"{tier}_deadline"]) * HOUR_MS)
            for tier in ("city", "province")
        },
        tier_request_ms={
            tier: round(value(f"tiers.{tier}_request_min", 0.0) * MINUTE_MS) for tier in ("city", "province")
        },
        title_zh=value("title_zh", written.values["name"]),
        title_en=value("title_en", written.values["name"]),
        hazard=value("hazard", "none"),
        first_batch_preset=preset,
        loading_reference_kg=rules["loading_reference_mass"],
        loading_reference_m3=rules["loading_reference_volume"],
        loading_floor=rules["loading_floor"],
        pace_start_ms=starts,
        pace_permille=permille,
        speed_spread=value("uncertainty.speed_spread", spread),
        drive_limit_ms=ms(rules["drive_limit"] * 3600),
        drive_rest_ms=ms(rules["drive_rest"] * 60),
        walk_kmh=walk_kmh,
        response=response,
        evacuation=evacuation,
        air=air,
        tasks=tasks,
        seed=value("seed", 1),
        statements=value("statements", ()),
        path=written.path,
    )
    return sheltered(scenario, demand)


def _own_steps(written: ScenarioText) -> dict[str, StepTime]:
    """Step times that the scenario gives itself."""
    return {
        key.removeprefix("steps."): StepTime(triple[0], triple[1], triple[2], written.path.name)
        for key, triple in written.values.items()
        if key.startswith("steps.")
    }


def _pace(written: ScenarioText, reference: datetime, end_ms: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """General speed factors; an unknown weather is a problem."""
    value = written.values.get
    weather = value("pace.weather")
    if weather is not None and weather not in weather_conditions():
        written.problem("scenario_one_of", "pace.weather", weather, known=", ".join(weather_conditions()))
        weather = None
    start = moment_ms(value("pace.weather_from", "+0:00"), reference)
    end = moment_ms(written.values["pace.weather_to"], reference) if "pace.weather_to" in written.values else end_ms
    if end <= start and "pace.weather_to" in written.values:
        written.problem("scenario_weather_window", "pace.weather_to", written.values["pace.weather_to"])
    return general_pace(reference, end_ms, night=value("pace.night", True), weather=weather, window=(start, end))


def _used_profiles(parts: _Parts) -> dict[str, VehicleProfile]:
    """Profiles of the classes in the county's fleet; a class without a profile is a problem."""
    vehicles = parts.county.table("vehicles").drop_duplicates("class")
    known = ", ".join(parts.profiles)
    for vehicle, vehicle_class in zip(vehicles["vehicle"], vehicles["class"], strict=True):
        if vehicle_class not in parts.profiles:
            problem = found(
                "scenario_unknown_class", "vehicles", None, "class", vehicle_class, known=known, vehicle=vehicle
            )
            parts.written.problems.append(problem)
    used = set(vehicles["class"])
    return {name: profile for name, profile in parts.profiles.items() if name in used}


def _place_sites(
    parts: _Parts,
    profiles: dict[str, VehicleProfile],
    demand: pd.DataFrame,
    limit_m: float,
    walk_kmh: float,
    also: Iterable[str],
    further: pd.DataFrame,
) -> tuple[RoadNetwork, pd.DataFrame] | None:
    """Depots, vehicle bases, affected places, delivery points, township seats and ``further`` points on the network.

    A depot, base or delivery point without coordinates is a problem, one far from any road a warning.
    """
    county = parts.county
    delivered_to = {*demand["delivery_point"], *demand.loc[demand["delivery_point"] == "", "place"]} - {""}
    needed = {*county.table("depots")["depot"], *county.table("vehicles")["base"], *delivered_to}
    places = county.table("places")
    points, missing = site_points(
        county, {*needed, *demand["place"], *places.loc[places["kind"] == "township", "place"], *also}
    )
    points = pd.concat([points, further], ignore_index=True) if len(further) else points
    for site in missing:
        if site in needed:
            parts.written.problem("scenario_position", "county", site=site)
    smallest = min(profiles.values(), key=lambda profile: (profile.gross_t, profile.vehicle_class), default=None)
    if smallest is None or points.empty:
        if points.empty or county.table("vehicles").empty:  # else its classes are unknown, which is said
            parts.written.problem("scenario_no_fleet", "county")
        return None
    parts.written.problems += [*shifted(county, parts.network), *unloadable(county)]
    free_ms = travel_ms(parts.network, smallest)
    network, sites = attach_sites(parts.network, points, free_ms, limit_m=limit_m, walk_kmh=walk_kmh)
    for row in sites[sites["node"] < 0].itertuples():
        problem = found(
            "scenario_far_from_road", parts.written.path.name, parts.written.rows.get("roads"), "roads", row.site,
            "warning", site=row.name, limit=f"{limit_m:g}", lon=f"{row.lon:.5f}", lat=f"{row.lat:.5f}",
        )  # fmt: skip
        parts.written.problems.append(problem)
    return network, sites
