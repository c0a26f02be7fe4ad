"""Warnings to hand on, in the Common Alerting Protocol (CAP 1.2, OASIS 2010): roads closed, places to be left.

``status`` is ``Exercise`` unless told otherwise: a planning tool does not warn the public. Every message has both
languages. Equal plans give equal bytes: ``sent`` is the scenario's order, identifiers follow from its name.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import numpy as np
import shapely

from dispatch.clock import clock_time
from dispatch.documents.messages import LANGUAGES, text
from dispatch.hazards.alerts import CAP
from dispatch.planning.plan import Plan
from dispatch.report.closures import Closure, closures, road_name
from dispatch.report.layers import edge_lines
from dispatch.report.names import site_name
from dispatch.report.tables import cause_name
from dispatch.scenario import Scenario

__all__ = ["write_alerts"]

Status = Literal["Exercise", "Actual", "Test", "Draft"]
_CODES = {"zh": "zh-CN", "en": "en-US"}
_BUFFER_DEG = 0.0005  # about 50 m beside the road
_PLACE_KM = 1.0  # radius of a place's area where nothing better is known
_NO_END_H = 24


def write_alerts(scenario: Scenario, plan: Plan, folder: Path, *, status: Status = "Exercise") -> list[Path]:
    """Write one message a closed road and cause, and one a place that is evacuated.

    Parameters
    ----------
    scenario : Scenario
    plan : Plan
    folder : Path
        Made if it is not there.
    status : {"Exercise", "Actual", "Test", "Draft"}
    """
    folder.mkdir(parents=True, exist_ok=True)
    closed: dict[tuple[str, str], list[Closure]] = {}
    for closure in closures(scenario.network, scenario.disruption, scenario.profiles, forecast=True):
        if closure.state == "closed":
            key = (road_name(scenario.network, closure.street), closure.cause)
            closed.setdefault(key, []).append(closure)
    paths = []
    for k, ((road, cause), found) in enumerate(sorted(closed.items()), start=1):
        alert = _road_alert(scenario, road, cause, found, f"road-{k:03d}", status)
        paths.append(_write(alert, folder / f"road-{k:03d}.xml"))
    for place, moves in plan.evacuations.groupby("place", sort=True):
        alert = _evacuation_alert(scenario, str(place), moves.to_dict("records"), status)
        paths.append(_write(alert, folder / f"evacuate-{place}.xml"))
    return paths


def _road_alert(
    scenario: Scenario, road: str, cause: str, found: Sequence[Closure], key: str, status: Status
) -> ET.Element:
    start = min(closure.start_ms for closure in found)
    end = max(closure.end_ms for closure in found)
    lines = edge_lines(scenario.network, np.array([closure.street for closure in found], dtype=np.int64))
    area = shapely.union_all(lines).buffer(_BUFFER_DEG, quad_segs=2).simplify(_BUFFER_DEG / 4)
    alert = _alert(scenario, key, status)
    for lang in LANGUAGES:
        name = road or text(lang, "exports_cap_unnamed")
        words = {
            "event": text(lang, "exports_cap_road_event", cause=cause_name(lang, cause)),
            "headline": text(lang, "exports_cap_road", road=name, cause=cause_name(lang, cause)),
            "instruction": text(lang, "exports_cap_road_instruction"),
        }
        info = _info(scenario, alert, lang, words, response="Avoid", start_ms=start, end_ms=end)
        _parameter(info, "closed", "true")
        _area(info, name, area)
    return alert


def _evacuation_alert(scenario: Scenario, place: str, moves: Sequence[Mapping[str, Any]], status: Status) -> ET.Element:
    alert = _alert(scenario, f"evacuate-{place}", status)
    start = min(move["notice_ms"] for move in moves)
    hazard = [move["hazard_ms"] for move in moves if move["hazard_ms"] >= 0]
    end = min(hazard) if hazard else max(move["done_ms"] for move in moves)
    for lang in LANGUAGES:
        shelters = dict.fromkeys(site_name(scenario, move["shelter"], lang) for move in moves)
        name = site_name(scenario, place, lang)
        words = {
            "event": text(lang, "exports_cap_leave_event"),
            "headline": text(lang, "exports_cap_leave", place=name),
            "instruction": text(lang, "exports_cap_leave_instruction", shelters=", ".join(shelters)),
        }
        info = _info(scenario, alert, lang, words, response="Evacuate", start_ms=start, end_ms=end)
        _parameter(info, "people_share", "1")
        area = _add(info, "area")
        _add(area, "areaDesc", name)
        if place in scenario.sites.index:
            row = scenario.sites.loc[place]
            _add(area, "circle", f"{row['lat']:.5f},{row['lon']:.5f} {_PLACE_KM:g}")
    return alert


def _alert(scenario: Scenario, key: str, status: Status) -> ET.Element:
    ET.register_namespace("", CAP)
    alert = ET.Element(f"{{{CAP}}}alert")
    for tag, value in (
        ("identifier", f"{scenario.name}.{key}"), ("sender", f"relief-dispatch.{scenario.county.code}"),
        ("sent", _clock(scenario, scenario.order_ms)), ("status", status), ("msgType", "Alert"),
        ("scope", "Restricted"), ("restriction", text("zh", "common_planning_aid")),
    ):  # fmt: skip
        _add(alert, tag, value)
    return alert


def _info(
    scenario: Scenario,
    alert: ET.Element,
    lang: str,
    words: Mapping[str, str],
    *,
    response: str,
    start_ms: int,
    end_ms: int,
) -> ET.Element:
    """One language of a message, up to its area; the order of elements is the schema's."""
    info = _add(alert, "info")
    last = end_ms if end_ms < 1 << 52 else start_ms + _NO_END_H * 3_600_000
    for tag, value in (
        ("language", _CODES[lang]), ("category", "Safety"), ("event", words["event"]), ("responseType", response),
        ("urgency", "Expected"), ("severity", "Severe"), ("certainty", "Likely"),
        ("onset", _clock(scenario, start_ms)), ("expires", _clock(scenario, last)), ("headline", words["headline"]),
        ("description", _statement(scenario, lang)), ("instruction", words["instruction"]),
    ):  # fmt: skip
        _add(info, tag, value)
    return info


def _statement(scenario: Scenario, lang: str) -> str:
    """What must be said of the scenario, and that this is no order."""
    said = [zh if lang == "zh" else en for zh, en in scenario.statements]
    return " ".join([text(lang, "common_planning_aid"), *said])


def _parameter(info: ET.Element, name: str, value: str) -> None:
    parameter = _add(info, "parameter")
    _add(parameter, "valueName", name)
    _add(parameter, "value", value)


def _area(info: ET.Element, name: str, shape: Any) -> None:
    area = _add(info, "area")
    _add(area, "areaDesc", name)
    for part in shapely.get_parts(shape):
        points = " ".join(f"{lat:.5f},{lon:.5f}" for lon, lat in part.exterior.coords)
        _add(area, "polygon", points)


def _add(parent: ET.Element, tag: str, value: str | None = None) -> ET.Element:
    element = ET.SubElement(parent, f"{{{CAP}}}{tag}")
    element.text = value
    return element


def _clock(scenario: Scenario, time_ms: int) -> str:
    """Local time with its offset, in whole seconds, as CAP asks for (``+08:00``, never ``Z``)."""
    at = clock_time(scenario.reference_time, time_ms)
    shift = at.utcoffset() or timedelta(0)
    sign = "-" if shift < timedelta(0) else "+"
    minutes = abs(shift) // timedelta(minutes=1)
    return f"{at.replace(tzinfo=None).isoformat(timespec='seconds')}{sign}{minutes // 60:02d}:{minutes % 60:02d}"


def _write(alert: ET.Element, path: Path) -> Path:
    ET.indent(alert)
    path.write_bytes(b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(alert, encoding="utf-8") + b"\n")
    return path
