"""Text of scenario files: TOML, GeoJSON footprints, demand reports and lists of closed roads."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scenarios.qinshui.authoring.frame import Line, lonlat
from scenarios.qinshui.authoring.shelters import shelter_of, township_shelter
from scenarios.qinshui.authoring.sketch import Sketch, Village
from scenarios.qinshui.authoring.tables import SYNTHETIC, Rows, table_text

__all__ = ["STATEMENTS", "Report", "demand_text", "geojson"]

STATEMENTS = (Path(__file__).parent / "statements.toml").read_text(encoding="utf-8")
"""What every scenario of this county must say on page 1."""


@dataclass(frozen=True)
class Report:
    """A demand report to be written: whose people, how many moved, where they are now, when it was known.

    ``to`` is ``own`` (the village's shelter), ``seat`` (the shelter of its township), or the name of another township
    or of another ``township/village``; ``more`` a second report: clock time, relocated, sheltered in all.
    """

    township: str
    village: str
    relocated: int
    sheltered: int
    to: str
    time: str
    priority: float = 1.0
    more: tuple[str, int, int] | None = None


def demand_text(county: Sketch, prefix: str, reports: Sequence[Report]) -> str:
    """Table ``demand``: one row per report, a further one where a second report raises the figures."""
    rows: Rows = []
    for report in reports:
        village = county.village(report.township, report.village)
        stages = [(report.time, report.relocated, report.sheltered, "")]
        if report.more is not None:
            stages.append((*report.more, "续报，人数为累计数"))
        for time, relocated, sheltered, note in stages:
            rows.append({
                "report": f"{prefix}-{len(rows) + 1:02d}", "place": village.code,
                "affected": min(math.ceil(relocated * 1.6), village.people), "relocated": relocated,
                "sheltered": sheltered, "delivery_point": _delivery_point(county, village, report.to),
                "requester": f"{village.name}灾害信息员", "report_time": time, "priority": report.priority,
                "source": SYNTHETIC, "note": note,
            })  # fmt: skip
    return table_text("demand", rows)


def _delivery_point(county: Sketch, village: Village, to: str) -> str:
    if to == "own":
        return shelter_of(village)
    if to == "seat":
        return township_shelter(village.township.code)
    township, _, name = to.partition("/")
    if not name:
        return township_shelter(next(t.code for t in county.townships.values() if t.name == township))
    return shelter_of(county.village(township, name))


def geojson(features: Sequence[tuple[Mapping[str, Any], Sequence[Line]]]) -> str:
    """Feature collection of polygons; the first ring is the outer one, the others are holes. One feature a line."""
    lines = []
    for properties, rings in features:
        coordinates = [[[round(lon, 5), round(lat, 5)] for lon, lat in map(lonlat, [*ring, ring[0]])] for ring in rings]
        geometry = {"type": "Polygon", "coordinates": coordinates}
        feature = {"type": "Feature", "properties": dict(properties), "geometry": geometry}
        lines.append(json.dumps(feature, ensure_ascii=False))
    return '{"type": "FeatureCollection", "features": [\n' + ",\n".join(lines) + "\n]}\n"
