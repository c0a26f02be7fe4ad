"""The files beside the page, for other programs: layers for a GIS, tracks, calendars, alerts, the leader's page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dispatch.documents.messages import text
from dispatch.planning.plan import Plan
from dispatch.report.calendars import write_calendars
from dispatch.report.cap_messages import Status, write_alerts
from dispatch.report.findings import Findings, find
from dispatch.report.geo_files import write_geojson, write_geopackage
from dispatch.report.layers import plan_layers
from dispatch.report.leader_page import write_leader_page
from dispatch.report.tracks import write_tracks
from dispatch.scenario import Scenario

if TYPE_CHECKING:
    from dispatch.simulation.ensemble import Ensemble

__all__ = ["KINDS", "coloured_words", "export_folders", "export_targets", "write_exports"]

KINDS: tuple[str, ...] = ("summary", "geopackage", "geojson", "gpx", "ics", "cap")
"""What can be exported: ``summary.docx``, ``layers.gpkg``, and the folders ``geojson``, ``tracks``, ``calendars`` and
``alerts``."""


def export_targets(out: Path, kinds: Iterable[str]) -> list[Path]:
    """Files and folders that :func:`write_exports` writes for these kinds, and the leader's page's figures."""
    names = {
        "summary": ("summary.docx", "figures"), "geopackage": ("layers.gpkg",), "geojson": ("geojson",),
        "gpx": ("tracks",), "ics": ("calendars",), "cap": ("alerts",),
    }  # fmt: skip
    return [out / name for kind in kinds for name in names[kind]]


def export_folders(kinds: Iterable[str]) -> tuple[str, ...]:
    """Folders whose files follow from the plan alone: a track or calendar of another plan has no place beside them."""
    names = {"geojson": "geojson", "gpx": "tracks", "ics": "calendars", "cap": "alerts"}
    return tuple(names[kind] for kind in kinds if kind in names)


def write_exports(
    out: Path,
    scenario: Scenario,
    plan: Plan,
    ensemble: Ensemble | None,
    *,
    lang: str,
    kinds: tuple[str, ...] = KINDS,
    status: Status = "Exercise",
    mark: str = "",
    findings: Findings | None = None,
) -> list[Path]:
    """Write the files of the kinds asked for into a folder, which must exist.

    Parameters
    ----------
    out : Path
    scenario : Scenario
    plan : Plan
    ensemble : Ensemble or None
    lang : {"zh", "en"}
    kinds : tuple of str
        Of ``KINDS``.
    status : {"Exercise", "Actual", "Test", "Draft"}
        Of the alerts.
    mark : str
        Printed at the head of the leader's page.
    findings : Findings, optional
        Of ``findings.find``, where they are known already.

    Returns
    -------
    list of Path
        Files and folders written.
    """
    findings = find(scenario, plan, ensemble, lang) if findings is None else findings
    written: list[Path] = []
    if "summary" in kinds:
        picture = out / "figures" / "map.png"
        written.append(
            write_leader_page(scenario, findings, out / "summary.docx", lang, map_picture=picture, mark=mark)
        )
    if {"geopackage", "geojson"} & set(kinds):
        layers = plan_layers(scenario, plan, findings, lang)
        if "geopackage" in kinds:
            written.append(write_geopackage(layers, out / "layers.gpkg", coloured_words(lang)))
        if "geojson" in kinds:
            write_geojson(layers, out / "geojson")
            written.append(out / "geojson")
    if "gpx" in kinds:
        write_tracks(scenario, plan, out / "tracks", lang)
        written.append(out / "tracks")
    if "ics" in kinds:
        write_calendars(scenario, plan, out / "calendars", lang)
        written.append(out / "calendars")
    if "cap" in kinds:
        write_alerts(scenario, plan, out / "alerts", status=status)
        written.append(out / "alerts")
    return written


def coloured_words(lang: str) -> dict[str, Sequence[str]]:
    """Words of the columns by which layers are coloured."""
    return {
        "closures": [text(lang, f"report_state_{state}") for state in ("closed", "partial", "slowed")],
        "places": [text(lang, f"exports_verdict_{verdict}") for verdict in ("served", "late", "missed")],
    }
