"""One GPX 1.1 file a vehicle, for a satellite navigator or a phone: its stops, and each drive as a route and a track.

Track points carry the planned time, interpolated by length along each edge between its planned entry and exit.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from datetime import UTC
from pathlib import Path

import numpy as np

from dispatch.clock import clock_time
from dispatch.documents.messages import text
from dispatch.planning.plan import Plan
from dispatch.report.names import site_name, vehicle_name
from dispatch.report.phases import Phase, plan_phases
from dispatch.scenario import Scenario

__all__ = ["write_tracks"]

_NAMESPACE = "http://www.topografix.com/GPX/1/1"


def write_tracks(scenario: Scenario, plan: Plan, folder: Path, lang: str) -> list[Path]:
    """Write ``VEHICLE.gpx`` for every vehicle that drives.

    Parameters
    ----------
    scenario : Scenario
    plan : Plan
    folder : Path
        Made if it is not there.
    lang : {"zh", "en"}
    """
    folder.mkdir(parents=True, exist_ok=True)
    by_vehicle: dict[str, list[Phase]] = {}
    for phase in plan_phases(plan, scenario):
        if len(phase.edges):
            by_vehicle.setdefault(phase.vehicle, []).append(phase)
    return [_write(scenario, vehicle, phases, folder, lang) for vehicle, phases in by_vehicle.items()]


def _write(scenario: Scenario, vehicle: str, phases: Sequence[Phase], folder: Path, lang: str) -> Path:
    ET.register_namespace("", _NAMESPACE)
    root = ET.Element(f"{{{_NAMESPACE}}}gpx", version="1.1", creator="relief-dispatch")
    head = _add(root, "metadata")
    _add(head, "name", vehicle_name(scenario, vehicle, lang))
    _add(head, "desc", text(lang, "common_planning_aid"))
    for site in dict.fromkeys(site for phase in phases for site in (phase.site, phase.to_site) if site):
        if site in scenario.sites.index:
            row = scenario.sites.loc[site]
            point = _add(root, "wpt", lat=f"{row['lat']:.6f}", lon=f"{row['lon']:.6f}")
            _add(point, "name", site_name(scenario, site, lang))
    for phase in phases:
        track = _add(root, "trk")
        to = site_name(scenario, phase.to_site, lang) if phase.to_site else ""
        _add(track, "name", f"{phase.trip} {text(lang, f'report_activity_{phase.activity}')} → {to}".strip())
        segment = _add(track, "trkseg")
        for lon, lat, time_ms in _points(scenario, phase):
            point = _add(segment, "trkpt", lat=f"{lat:.6f}", lon=f"{lon:.6f}")
            _add(point, "time", _utc(scenario, time_ms))
    path = folder / f"{_file_name(vehicle)}.gpx"
    ET.indent(root)
    path.write_bytes(b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="utf-8") + b"\n")
    return path


def _add(parent: ET.Element, tag: str, value: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, f"{{{_NAMESPACE}}}{tag}", attributes)
    element.text = value
    return element


def _points(scenario: Scenario, phase: Phase) -> Iterable[tuple[float, float, int]]:
    """(lon, lat, time in ms) along a drive, junctions once."""
    network = scenario.network
    for k, edge in enumerate(phase.edges):
        lo, hi = int(network.shape_first[edge]), int(network.shape_first[edge + 1])
        lon, lat = network.shape_lon[lo:hi], network.shape_lat[lo:hi]
        step = np.hypot(np.diff(lon) * np.cos(np.radians(lat[:-1])), np.diff(lat))
        along = np.concatenate([[0.0], np.cumsum(step)]) / max(float(step.sum()), 1e-12)
        times = phase.enter_ms[k] + along * (phase.leave_ms[k] - phase.enter_ms[k])
        for i in range(1 if k else 0, len(lon)):
            yield float(lon[i]), float(lat[i]), round(float(times[i]))


def _utc(scenario: Scenario, time_ms: int) -> str:
    """ISO time in UTC, as GPX asks for."""
    return clock_time(scenario.reference_time, time_ms).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _file_name(name: str) -> str:
    """Name that every file system takes."""
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in name)
