"""From a scenario file to a problem to solve: county, roads, hazard, needs and steps put together.

Everything is read, and every problem collected, before one report is raised.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import pandas as pd

from dispatch.clock import HOUR_MS, MINUTE_MS, clock_time, ms
from dispatch.county.county import County
from dispatch.county.names import place_label
from dispatch.county.read import read_county, read_table
from dispatch.hazards.closed_roads import ClosedRoad, read_closed_roads
from dispatch.hazards.disruption import Disruption
from dispatch.hazards.footprints import Footprint, read_footprints
from dispatch.hazards.overlay import disrupt
from dispatch.needs import BASES, DemandRule, demand_by_rule, needs_of
from dispatch.problems import InputProblems, Problem, errors
from dispatch.roads.network import RoadNetwork
from dispatch.roads.profile_norms import read_profiles
from dispatch.roads.profiles import VehicleProfile, travel_ms
from dispatch.roads.read import read_network
from dispatch.scenario import Scenario, StepTime
from dispatch.scenario_text import ScenarioText, moment_ms, read_scenario_text
from dispatch.sites import attach_sites, site_points
from dispatch.step_norms import general_pace, rule_values, step_times

__all__ = ["bundled_scenarios", "find_scenario", "load_scenario"]

Read = TypeVar("Read")


def bundled_scenarios() -> dict[str, Path]:
    """Scenarios that come with the library: ``county/name`` → file."""
    from importlib.resources import files

    root = Path(str(files("scenarios")))
    return {f"{path.parent.name}/{path.stem}": path for path in sorted(root.glob("*/*.toml")) if path.stem != "county"}


def find_scenario(name: str) -> Path:
    """File of a scenario given as a path, or by the name (or its last part) of a bundled one.

    Raises
    ------
    InputProblems
        If there is neither.
    """
    path = Path(name)
    if path.exists():
        return path
    bundled = bundled_scenarios()
    found = [file for key, file in bundled.items() if name in {key, key.rsplit("/", 1)[-1]}]
    if len(found) == 1:
        return found[0]
    expected = f"a scenario file (.toml, .xlsx), or one of {', '.join(bundled)}"
    raise InputProblems([Problem(name, None, "", name, expected, "scenario_not_found")])


def load_scenario(path: Path | str) -> Scenario:
    """Read a scenario file and everything it names.

    Raises
    ------
    InputProblems
        Once, with every problem found in the scenario, its county, roads and hazard files.
    """
    path = find_scenario(str(path))
    written = read_scenario_text(path)
    notes: list[Problem] = []
    county = _read(written, notes, "county", read_county)
    network = _read(written, notes, "roads", lambda file: (read_network(file), ()))
    profiles = _profiles(written)
    reference = _reference(written, county)
    if county is None or network is None or profiles is None or reference is None or errors(written.problems):
        raise InputProblems([*written.problems, *notes])
    scenario = _build(written, notes, county, network, profiles, reference)
    if errors(written.problems) or errors(notes):
        raise InputProblems([*written.problems, *notes])
    return replace(scenario, notes=tuple(str(problem) for problem in (*written.problems, *notes)))


def _read(
    written: ScenarioText, notes: list[Problem], key: str, reader: Callable[[Path], tuple[Read, Iterable[Problem]]]
) -> Read | None:
    """Read the file a key names, collecting its problems instead of stopping."""
    if key not in written.values:
        return None
    file = written.path.parent / written.values[key]
    if not file.exists():
        written.problem(
            key, written.values[key], "an existing file or folder, relative to the scenario", "missing_file"
        )
        return None
    try:
        result, warnings = reader(file)
    except InputProblems as found:
        notes.extend(found.problems)
        return None
    notes.extend(warnings)
    return result


def _profiles(written: ScenarioText) -> dict[str, VehicleProfile] | None:
    """Vehicle profiles: the norm's, or those of the scenario's own tables."""
    try:
        own = {key: written.path.parent / written.values[f"norms.{key}"]
               for key in ("vehicle_profiles", "speeds") if f"norms.{key}" in written.values}  # fmt: skip
        return read_profiles(**own)
    except InputProblems as found:
        written.problems.extend(found.problems)
        return None


def _reference(written: ScenarioText, county: County | None) -> datetime | None:
    """Time zero, in the county's zone."""
    text = written.values.get("reference_time")
    if text is None or county is None:
        return None
    zone = ZoneInfo(county.zone)
    try:
        reference = datetime.fromisoformat(text)
    except ValueError:
        written.problem("reference_time", text, "a clock time, not an offset")
        return None
    return reference.replace(tzinfo=zone) if reference.tzinfo is None else reference.astimezone(zone)


def _build(
    written: ScenarioText,
    notes: list[Problem],
    county: County,
    network: RoadNetwork,
    profiles: dict[str, VehicleProfile],
    reference: datetime,
) -> Scenario:
    """Put the parts together; problems go to ``written`` and ``notes``."""
    value = written.values.get
    rules = rule_values()
    order_ms = moment_ms(value("order_received"), reference)
    horizon_ms = round(value("horizon_h", 24.0) * HOUR_MS)
    walk_kmh = value("walk_kmh", rules["walk_speed"])
    used = _used_profiles(written, county, profiles)
    reports = _reports(written, notes, county)
    hazard_files = _hazards(written, notes, reference)
    # The hazard decides who must be served, those decide which sites split which edges: overlay twice.
    demand = _demand(written, county, reports, disrupt(network, county, *hazard_files, reference)[0])
    first_batch = _first_batch(written, county)
    limit_m = value("site_limit_m", rules["site_limit"])
    network, sites = _sites(written, notes, county, network, used, demand, limit_m, walk_kmh)
    disruption, found = disrupt(network, county, *hazard_files, reference)
    notes.extend(found)
    starts, permille = _pace(written, reference, order_ms + horizon_ms)
    spread = tuple(rules[f"speed_spread_{part}"] for part in ("low", "mode", "high"))
    own_steps = {
        key.split(".")[1]: StepTime(*value(key), source=written.path.name)
        for key in written.values
        if key.startswith("steps.")
    }
    return Scenario(
        name=value("name"),
        county=county,
        network=network,
        sites=sites,
        profiles=used,
        disruption=disruption,
        reference_time=reference,
        needs=needs_of(demand, first_batch, county.table("items"), reference, order_ms),
        first_batch=first_batch,
        steps={**step_times(clock_time(reference, order_ms)), **own_steps},
        order_ms=order_ms,
        deadline_ms=round(value("deadline_h", rules["county_deadline"]) * HOUR_MS),
        horizon_ms=horizon_ms,
        tier_deadline_ms={
            tier: round(value(f"tiers.{tier}_deadline_h", rules[f"{tier}_deadline"]) * HOUR_MS)
            for tier in ("city", "province")
        },
        tier_request_ms={
            tier: round(value(f"tiers.{tier}_request_min", 0.0) * MINUTE_MS) for tier in ("city", "province")
        },
        title_zh=value("title_zh", value("name")),
        title_en=value("title_en", value("name")),
        hazard=value("hazard", "none"),
        first_batch_preset=value("first_batch.preset", ""),
        loading_reference_kg=rules["loading_reference_mass"],
        loading_reference_m3=rules["loading_reference_volume"],
        loading_floor=rules["loading_floor"],
        pace_start_ms=starts,
        pace_permille=permille,
        speed_spread=value("uncertainty.speed_spread", spread),
        drive_limit_ms=ms(rules["drive_limit"] * 3600),
        drive_rest_ms=ms(rules["drive_rest"] * 60),
        walk_kmh=walk_kmh,
        seed=value("seed", 1),
        statements=value("statements", ()),
        path=written.path,
    )


def _pace(written: ScenarioText, reference: datetime, end_ms: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """General speed factors; an unknown weather is a problem."""
    value = written.values.get
    weather = value("pace.weather")
    start = moment_ms(value("pace.weather_from", "+0:00"), reference)
    end = moment_ms(value("pace.weather_to"), reference) if value("pace.weather_to") else end_ms
    try:
        return general_pace(reference, end_ms, night=value("pace.night", True), weather=weather, window=(start, end))
    except KeyError as unknown:
        written.problem("pace.weather", weather, str(unknown.args[0]), "unknown_id")
        return (0,), (1000,)


def _used_profiles(
    written: ScenarioText, county: County, profiles: dict[str, VehicleProfile]
) -> dict[str, VehicleProfile]:
    """Profiles of the classes in the county's fleet; a class without a profile is a problem of its row."""
    vehicles = county.table("vehicles")
    for row in vehicles.itertuples():
        vehicle_class = vehicles.at[row.Index, "class"]
        if vehicle_class not in profiles:
            expected = f"one of {', '.join(profiles)}"
            written.problems.append(
                Problem("vehicles", None, f"class of {row.vehicle}", vehicle_class, expected, "unknown_class")
            )
    return {name: profile for name, profile in profiles.items() if name in set(vehicles["class"])}


def _reports(written: ScenarioText, notes: list[Problem], county: County) -> pd.DataFrame:
    """Demand reports: the scenario's own table, or the county's."""
    if "demand.table" not in written.values:
        return county.table("demand")
    reports = _read(written, notes, "demand.table", lambda file: read_table(file, "demand"))
    return county.table("demand") if reports is None else reports


def _hazards(
    written: ScenarioText, notes: list[Problem], reference: datetime
) -> tuple[list[Footprint], list[ClosedRoad]]:
    """Footprints and closed roads of every file named."""
    footprints: list[Footprint] = []
    closed: list[ClosedRoad] = []
    for key, reader, into in (
        ("hazards.footprints", read_footprints, footprints),
        ("hazards.closed_roads", read_closed_roads, closed),
    ):
        for name in written.values.get(key, ()):
            file = written.path.parent / name
            if not file.exists():
                written.problem(key, name, "an existing file, relative to the scenario", "missing_file")
                continue
            rows, found = reader(file, reference)
            into.extend(rows)
            notes.extend(found)
    return footprints, closed


def _demand(written: ScenarioText, county: County, reports: pd.DataFrame, disruption: Disruption) -> pd.DataFrame:
    """Reports with every count filled in, and rows by rule for places without a report."""
    shares = [written.values.get(f"demand.rule.share_{basis}") for basis in ("relocated", "sheltered")]
    if (shares[0] is None) != (shares[1] is None):
        written.problem("demand.rule", shares, "both share_relocated and share_sheltered", "missing_key")
        return reports
    rule = None if shares[0] is None else DemandRule(*shares)
    known_places = set(county.table("places")["place"])
    reports = reports.copy()
    for row in reports.itertuples():
        if row.place not in known_places:
            written.problem("demand.table", row.place, f"a place of the county (report {row.report})", "unknown_id")
        counts = {basis: getattr(row, basis) for basis in BASES}
        if all(math.isnan(count) for count in counts.values()):
            written.problem("demand.table", f"report {row.report}", "at least one count of people", "missing_value")
            continue
        for basis, count in _complete(counts, rule).items():
            reports.loc[row.Index, basis] = count
    if rule is None:
        return reports
    by_rule = demand_by_rule(county, disruption.places, rule, reports["place"])
    return pd.concat([reports, by_rule], ignore_index=True).fillna(
        {"report_time": "", "delivery_point": "", "source": ""}
    )


def _complete(counts: dict[str, float], rule: DemandRule | None) -> dict[str, float]:
    """Fill counts not given: by the rule's shares of the affected where there is one, else by the nearest count."""
    filled = dict(counts)
    if rule is not None and not math.isnan(counts["affected"]):
        for basis, share in (("relocated", rule.share_relocated), ("sheltered", rule.share_sheltered)):
            if math.isnan(filled[basis]):
                filled[basis] = float(math.ceil(counts["affected"] * share))
    for basis, other in (("relocated", "sheltered"), ("affected", "relocated")):
        if math.isnan(filled[basis]):
            filled[basis] = filled[other]
    for basis, other in (("relocated", "affected"), ("sheltered", "relocated")):
        if math.isnan(filled[basis]):
            filled[basis] = filled[other]
    return filled


def _first_batch(written: ScenarioText, county: County) -> pd.DataFrame:
    """Rows of the preset in force."""
    table = county.table("first_batch")
    presets = sorted(set(table["preset"]))
    preset = written.values.get("first_batch.preset", presets[0] if len(presets) == 1 else "")
    if preset not in presets:
        expected = (
            f"one of {', '.join(presets)}" if presets else "a preset of the county's table first_batch (it is empty)"
        )
        written.problem("first_batch.preset", preset, expected, "unknown_id")
    return table[table["preset"] == preset].reset_index(drop=True)


def _sites(
    written: ScenarioText,
    notes: list[Problem],
    county: County,
    network: RoadNetwork,
    profiles: dict[str, VehicleProfile],
    demand: pd.DataFrame,
    limit_m: float,
    walk_kmh: float,
) -> tuple[RoadNetwork, pd.DataFrame]:
    """Depots, vehicle bases, affected places and delivery points on the network; what has no road is a note."""
    places = county.table("places")
    wanted = {
        *county.table("depots")["depot"],
        *county.table("vehicles")["base"],
        *demand["place"],
        *demand.loc[demand["delivery_point"] != "", "delivery_point"],
        *places.loc[places["kind"] == "township", "place"],
    }
    points, missing = site_points(county, wanted)
    delivered_to = {*demand["delivery_point"], *demand.loc[demand["delivery_point"] == "", "place"]}
    needed = {*county.table("depots")["depot"], *county.table("vehicles")["base"], *delivered_to}
    for site in missing:
        if site in needed:
            written.problem("county", site, "coordinates, its own or its place's", "missing_position")
    smallest = min(profiles.values(), key=lambda profile: (profile.gross_t, profile.vehicle_class), default=None)
    if smallest is None or points.empty:
        written.problem("county", "", "at least one vehicle and one depot with a position", "missing_value")
        return network, pd.DataFrame()
    free_ms = travel_ms(network, smallest)
    network, sites = attach_sites(network, points, free_ms, limit_m=limit_m, walk_kmh=walk_kmh)
    for row in sites[sites["node"] < 0].itertuples():
        label = place_label(county, row.site) if row.kind == "place" else row.name
        expected = f"a road within {limit_m:g} m of {label} ({row.lon:.5f}, {row.lat:.5f})"
        notes.append(Problem(written.path.name, None, "roads", row.site, expected, "far_from_road", "warning"))
    return network, sites
