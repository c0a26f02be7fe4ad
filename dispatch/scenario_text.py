"""A scenario as a person writes it: one TOML file, or the sheet ``scenario`` of the county's workbook.

Here keys and kinds of values are checked; what they mean together is the business of ``scenario_file``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from dispatch.clock import HOUR_MS, MINUTE_MS, offset_ms
from dispatch.county.problem_text import found
from dispatch.hazards.computed import COMPUTED_KEYS
from dispatch.hazards.fire_works import LAYERS
from dispatch.norms.response import SECTIONS, response_figures
from dispatch.problems import InputProblems, Problem

__all__ = ["KEYS", "LARGEST_FIGURE", "LARGEST_WHOLE", "ScenarioText", "moment_ms", "read_scenario_text"]

KEYS: dict[str, str] = {
    "name": "text",
    "title_zh": "text",
    "title_en": "text",
    "hazard": "text",
    "county": "path",
    "county_without": "layers",
    "roads": "path",
    "roads_crs": "text",
    "roads_columns": "path",
    "reference_time": "moment",
    "order_received": "moment",
    "horizon_h": "positive",
    "deadline_h": "positive",
    "seed": "integer",
    "site_limit_m": "positive",
    "walk_kmh": "positive",
    "statements": "statements",
    "first_batch.preset": "text",
    "demand.table": "path",
    "demand.rule.share_relocated": "share",
    "demand.rule.share_sheltered": "share",
    "hazards.footprints": "paths",
    "hazards.closed_roads": "paths",
    **COMPUTED_KEYS,
    "pace.night": "flag",
    "pace.weather": "text",
    "pace.weather_from": "moment",
    "pace.weather_to": "moment",
    "passage.fast": "flag",
    "uncertainty.speed_spread": "triple",
    "steps.call_up": "triple",
    "steps.vehicle_arrival": "triple",
    "steps.loading": "triple",
    "steps.convoy": "triple",
    "steps.unloading": "triple",
    "tiers.city_deadline_h": "positive",
    "tiers.province_deadline_h": "positive",
    "tiers.city_request_min": "amount",
    "tiers.province_request_min": "amount",
    "norms.vehicle_profiles": "path",
    "norms.speeds": "path",
    "warning.detected": "moment",
    "distribution.counted": "flag",
    "evacuation.warned": "moment",
    "evacuation.contraflow": "flag",
    "evacuation.rain_mm": "amounts",
    "evacuation.rain_from": "moment",
    "evacuation.visitors": "tables",
    "evacuation.trigger": "tables",
    "air.wind_m_s": "amounts",
    "air.visibility_km": "amounts",
    "air.weather_from": "moment",
    "air.terrain": "path",
    "air.elevation_m": "amount",
    "air.warmer_c": "number",
    "air.supply": "flag",
    "air.relay": "flag",
    "air.request": "tables",
    "tasks.enabled": "flag",
    "tasks.table": "path",
    "tasks.commanders": "integer",
    **{f"{section}.enabled": "flag" for section in SECTIONS},
    **dict.fromkeys(response_figures("night"), "figure"),
}
"""Every key a scenario may hold (tables with a dot), and the kind of its value.

Sections of the response (``warning``, ``news`` …; ``dispatch.norms.response`` says what each adds to a night) are in
force with ``enabled = true``; their figures, one number or low, mode and high, are those of the norm table
``response``. ``warning.detected``: when the hazard is detected; the order then follows from it, and ``order_received``
is not given. ``county_without``: layers of works against fire that are taken as not built
(``dispatch.hazards.fire_works``). ``hazards.fire``: a wildfire to be computed; ``dispatch.hazards.fire_spec`` lists its
keys.
``hazards.flash_flood``, ``dam_breach``, ``levee_breach``, ``waterlogging``: floods to be computed;
``dispatch.hazards.water_spec`` lists their keys. ``hazards.geohazard``, ``earthquake``, ``snow``, ``outage``: slides,
shaking, snow and cuts of power and network (``dispatch.hazards.ground_spec``). ``hazards.rasters``: depths, arrival
times or burnt cells of another model (``dispatch.hazards.raster_hazard``).
``passage.fast``: fast passage is granted (``dispatch.passage``): speeds and waiting change by the norm table
``fast_passage``.
``distribution.counted``: handing out to households counts into the six hours.
``evacuation.warned``: when the order to leave is given; ``contraflow``: whether cars may use the other direction's
lanes outwards; ``rain_mm``: rain by the hour from ``rain_from`` on, for the rules ``[[evacuation.trigger]]``;
``[[evacuation.visitors]]``: people from elsewhere (``dispatch.scenario_evacuation``). ``air``: aircraft, their weather
and what is asked of them (``dispatch.scenario_air``).
``tasks.table``: what teams have to do; or ``tasks.enabled``, which takes the county's table; ``tasks.commanders``:
fires that can be commanded at once (``dispatch.scenario_tasks``)."""

REQUIRED = ("name", "county", "roads", "reference_time")


LARGEST_FIGURE = 1e6
"""Beyond it no figure of a scenario file makes sense (hours, metres, kilometres an hour)."""
LARGEST_WHOLE = 2**31 - 1
_LONGEST_OFFSET = 6
_YEARS = (1900, 2200)


@dataclass
class ScenarioText:
    """A scenario as written: checked values by dotted key, and the problems met."""

    path: Path
    values: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, code: str, key: str, value: object = "", **detail: object) -> None:
        """Note that a key's value is not what ``code`` of the catalogue expects."""
        self.problems.append(found(code, self.path.name, self.rows.get(key), key, value, "error", **detail))


def read_scenario_text(path: Path, overrides: Mapping[str, Any] | None = None) -> ScenarioText:
    """Read keys and values; unknown keys, missing ones and wrong kinds of value become problems.

    Parameters
    ----------
    path : Path
    overrides : mapping of dotted key to value, optional
        Taken instead of what the file says.

    Raises
    ------
    InputProblems
        If the file cannot be read at all.
    """
    written = ScenarioText(path)
    for key, value in {**_flat(_raw(path, written)), **(overrides or {})}.items():
        kind = KEYS.get(key)
        if kind is None:
            near = get_close_matches(key, KEYS, n=3, cutoff=0.0)
            written.problem("scenario_unknown_key", key, value, known=", ".join(near))
        elif (accepted := _accept(kind, value)) is None:
            written.problem(f"scenario_{kind}", key, value)
        else:
            written.values[key] = accepted
    known = () if "warning.detected" in written.values else ("order_received",)
    for key in (*REQUIRED, *known):
        if key not in written.values and not any(problem.column == key for problem in written.problems):
            written.problem("scenario_missing_key", key)
    return written


def _raw(path: Path, written: ScenarioText) -> dict[str, Any]:
    """Values as the file holds them; row numbers go to ``written.rows``."""
    try:
        if path.suffix.lower() in {".xlsx", ".xlsm"}:
            return _raw_sheet(path, written)
        text = path.read_bytes().decode("utf-8-sig")
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputProblems([found("scenario_toml", path.name, reason=error)]) from None
    except UnicodeDecodeError:
        raise InputProblems([found("scenario_unreadable", path.name, reason="not UTF-8")]) from None
    except OSError as error:
        raise InputProblems([found("scenario_unreadable", str(path), reason=error.strerror or error)]) from None
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith("[") and not stripped.startswith("[["):
            table = stripped.strip("[] ") + "."
            written.rows.setdefault(table.rstrip("."), number)
        elif "=" in stripped and not stripped.startswith("#"):
            written.rows.setdefault(table + stripped.split("=", 1)[0].strip().strip('"'), number)
    for key in list(_flat(raw)):
        parent = key
        while key not in written.rows and "." in parent:
            parent = parent.rsplit(".", 1)[0]
            if parent in written.rows:
                written.rows[key] = written.rows[parent]
    return raw


def _raw_sheet(path: Path, written: ScenarioText) -> dict[str, Any]:
    """Key/value rows of the workbook's sheet ``scenario``; values are read as TOML where they are not plain text.

    A fault is reported by its key, without a row.
    """
    from dispatch.county.read import read_table

    table, problems = read_table(path, "scenario")
    written.problems.extend(problems)
    raw: dict[str, Any] = {"county": path.name}
    for row in table.to_dict("records"):
        value = str(row["value"]).strip()
        if value == "":
            continue
        try:
            raw[row["key"]] = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            raw[row["key"]] = value
        if isinstance(raw[row["key"]], datetime):
            raw[row["key"]] = raw[row["key"]].isoformat()
    return raw


def _flat(raw: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Tables within tables as dotted keys."""
    flat: dict[str, Any] = {}
    for key, value in raw.items():
        if isinstance(value, Mapping) and KEYS.get(prefix + key) != "table":
            flat.update(_flat(value, f"{prefix}{key}."))
        else:
            flat[prefix + key] = value
    return flat


def _accept(kind: str, value: Any) -> Any:
    """Return the value in its kind's form, None if it is not of that kind."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= LARGEST_FIGURE
    match kind:
        case "text" | "path":
            return value if isinstance(value, str) and value else None
        case "paths":
            listed = [value] if isinstance(value, str) else value
            return listed if isinstance(listed, list) and all(isinstance(v, str) and v for v in listed) else None
        case "layers":
            listed = [value] if isinstance(value, str) else value
            return (
                tuple(listed)
                if isinstance(listed, list) and all(isinstance(v, str) and v in LAYERS for v in listed)
                else None
            )
        case "moment":
            text = value.isoformat() if isinstance(value, datetime) else value
            return text if isinstance(text, str) and _moment(text) is not None else None
        case "tables":
            fine = isinstance(value, list) and all(isinstance(v, Mapping) for v in value)
            return tuple(dict(v) for v in value) if fine else None
        case "amounts":
            fine = isinstance(value, list) and all(_accept("amount", v) is not None for v in value)
            return tuple(map(float, value)) if fine else None
        case "number":
            return float(value) if number else None
        case "table":
            return dict(value) if isinstance(value, Mapping) else None
        case "positive":
            return float(value) if number and value > 0 else None
        case "amount":
            return float(value) if number and value >= 0 else None
        case "share":
            return float(value) if number and 0 <= value <= 1 else None
        case "integer":
            whole = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= LARGEST_WHOLE
            return int(value) if whole and value == int(value) else None
        case "flag":
            return value if isinstance(value, bool) else None
        case "triple":
            fine = isinstance(value, list) and len(value) == 3 and all(isinstance(v, (int, float)) for v in value)
            fine = fine and all(abs(v) <= LARGEST_FIGURE for v in value)
            return tuple(map(float, value)) if fine and 0 <= value[0] <= value[1] <= value[2] else None
        case "figure":
            return _accept("triple", [value] * 3 if number else value)
        case _:
            fine = isinstance(value, list) and all(isinstance(v, dict) and {"zh", "en"} <= set(v) for v in value)
            return tuple((str(v["zh"]), str(v["en"])) for v in value) if fine else None


def moment_ms(text: str, reference: datetime) -> int:
    """Ms from ``reference`` of an offset (``+0:30``) or a clock time; one without a zone is in the reference's."""
    parsed = _moment(text)
    if isinstance(parsed, int):
        return parsed
    if parsed is None:
        msg = f"{text!r} is neither an offset nor a clock time"
        raise ValueError(msg)
    return offset_ms(reference, parsed if parsed.tzinfo else parsed.replace(tzinfo=reference.tzinfo))


def _moment(text: str) -> int | datetime | None:
    """Offset ``+h:mm`` in ms, or a clock time; None if neither."""
    stripped = text.strip()
    if stripped[:1] in {"+", "-"}:
        hours, _, minutes = stripped[1:].partition(":")
        if not (hours.isdecimal() and (minutes.isdecimal() or not minutes)) or int(minutes or 0) > 59:
            return None
        if len(hours) > _LONGEST_OFFSET:
            return None
        offset = int(hours) * HOUR_MS + int(minutes or 0) * MINUTE_MS
        return -offset if stripped[0] == "-" else offset
    try:
        parsed = datetime.fromisoformat(stripped)
    except ValueError:
        return None
    return parsed if _YEARS[0] <= parsed.year <= _YEARS[1] else None
