"""JSON schemas (draft 2020-12) of a scenario file and of ``indicators.json``, as published in ``docs/schema``.

A scenario is a TOML file; its schema is that of the same values as JSON (date-times as text). It follows
``scenario_text.KEYS``, so that an editor with schema support completes and checks keys while one writes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dispatch.documents.messages import has, text
from dispatch.hazards.fire_works import LAYERS
from dispatch.scenario_text import KEYS, LARGEST_FIGURE, LARGEST_WHOLE, REQUIRED
from dispatch.simulation.indicators import SERVED_COLUMNS
from dispatch.simulation.service import SERVICE_HOURS

__all__ = ["KINDS", "indicators_schema", "scenario_schema", "write_schemas"]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_MOMENT = r"^([+-]\d+(:[0-5]?\d)?|\d{4}-\d{2}-\d{2}.*)$"
_TRIPLE = {"type": "array", "items": {"type": "number", "minimum": 0}, "minItems": 3, "maxItems": 3}
_PATHS = {"anyOf": [{"type": "string", "minLength": 1},
                    {"type": "array", "items": {"type": "string", "minLength": 1}}]}  # fmt: skip

KINDS: dict[str, dict[str, Any]] = {
    "text": {"type": "string", "minLength": 1},
    "path": {"type": "string", "minLength": 1},
    "paths": _PATHS,
    "layers": {"anyOf": [{"enum": list(LAYERS)}, {"type": "array", "items": {"enum": list(LAYERS)}}]},
    "moment": {"type": "string", "pattern": _MOMENT},
    "table": {"type": "object"},
    "tables": {"anyOf": [{"type": "object"}, {"type": "array", "items": {"type": "object"}}]},
    "positive": {"type": "number", "exclusiveMinimum": 0, "maximum": LARGEST_FIGURE},
    "amount": {"type": "number", "minimum": 0},
    "amounts": {"type": "array", "items": {"type": "number", "minimum": 0}},
    "share": {"type": "number", "minimum": 0, "maximum": 1},
    "number": {"type": "number"},
    "integer": {"type": "integer", "minimum": 0, "maximum": LARGEST_WHOLE},
    "flag": {"type": "boolean"},
    "triple": _TRIPLE,
    "figure": {"anyOf": [{"type": "number", "minimum": 0}, _TRIPLE]},
    "statements": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"zh": {"type": "string"}, "en": {"type": "string"}},
            "required": ["zh", "en"],
        },
    },
}
"""Schema of each kind of value in ``scenario_text.KEYS``."""

_NUMBER: dict[str, Any] = {"type": ["number", "null"]}
_SHARE: dict[str, Any] = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
_TEXT: dict[str, Any] = {"type": "string"}
_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}


def scenario_schema() -> dict[str, Any]:
    """Schema of a scenario file; keys with a dot are tables within tables."""
    schema: dict[str, Any] = {
        "$schema": _DRAFT,
        "title": "Scenario",
        "description": "A scenario file (TOML) of relief-dispatch; paths are relative to the file.",
        **_table(),
        "required": list(REQUIRED),
        "anyOf": [{"required": ["order_received"]}, {"required": ["warning"]}],
    }
    for key, kind in KEYS.items():
        *tables, name = key.split(".")
        at = schema
        for part in tables:
            at = at["properties"].setdefault(part, _table())
        key_of_kind = f"scenario_{kind}"
        said = {"description": text("en", key_of_kind)} if has(key_of_kind) else {}
        at["properties"][name] = {**KINDS[kind], **said}
    return schema


def _table() -> dict[str, Any]:
    return {"type": "object", "properties": {}, "additionalProperties": False}


def indicators_schema() -> dict[str, Any]:
    """Schema of ``indicators.json``: times in ms since the order, shares in 0 … 1, null for what is not known."""
    chance = _object(dict.fromkeys(("value", "low", "high"), _SHARE))
    times = {f"{name}_ms": _NUMBER for name in ("mean", "p5", "p50", "p95")} | {"share": _SHARE}
    hours = {f"share_{hour}": _SHARE for hour in SERVICE_HOURS}
    curve = {"time_ms": {"type": "integer"}} | {
        f"{name}_{part}": _SHARE for name in SERVED_COLUMNS for part in ("mean", "p5", "p95")
    }
    arrivals = {f"arrival_{name}_ms": _NUMBER for name in ("p5", "p50", "p95")}
    properties: dict[str, Any] = {
        "scenario": _TEXT,
        "replications": _COUNT,
        "deadline_ms": _COUNT,
        "horizon_ms": _COUNT,
        "p_on_time": chance,
        "p_on_time_places": chance,
        "interval": _TEXT,
        "times": _object({name: _object(times) for name in ("t1", "t_all", "t_all_places", "first_wheel")}),
        "counts": {"type": "object", "additionalProperties": _NUMBER},
        "served": _rows(curve),
        "steps": _rows({"step": _TEXT, "last_place_min": _NUMBER, "every_place_min": _NUMBER}),
        "places": _rows({"place": _TEXT, "name": _TEXT, "people": _NUMBER, "p_reachable": _SHARE, "p_complete": _SHARE,
                         "p_in_time": _SHARE, "in_time_low": _SHARE, "in_time_high": _SHARE, **arrivals,
                         "p_last": _SHARE}),
        "vehicles": _rows({"vehicle": _TEXT, "ready_p50_ms": _NUMBER, "productive_share": _NUMBER,
                           "waiting_share": _NUMBER, "km": _NUMBER, "trips_done": _NUMBER, "p_stranded": _SHARE}),
        "place_service": _rows({"place": _TEXT, **hours}),
        "townships": _rows({"township": _TEXT, "name": _TEXT, "places": _COUNT, "people": _NUMBER, "p_in_time": _SHARE,
                            "p_seat": _SHARE, **hours}),
        "items": _rows({"item": _TEXT, "name": _TEXT, **hours, "issued": _NUMBER, "delivered": _NUMBER,
                        "unmet": _NUMBER, "p_stock_out": _SHARE}),
        "fairness": _rows({"hour": _COUNT, "share": _SHARE, "gini": _NUMBER, "worst_share": _SHARE,
                           "worst_place": _TEXT}),
        "critical": _rows({"step": _TEXT}),
        "depots": _rows({"depot": _TEXT, "docks": _NUMBER, "dock_use": _NUMBER, "trucks": _NUMBER, "waits": _NUMBER,
                         "wait_mean_min": _NUMBER, "wait_longest_p95_min": _NUMBER, "line_longest_p95": _NUMBER}),
        "curve": _rows(curve),
    }  # fmt: skip
    return {
        "$schema": _DRAFT,
        "title": "Indicators of simulated nights",
        "description": "Times in ms since the order; shares in 0 … 1; null is a figure not known.",
        **_object(properties),
    }


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    """An object that has these at least."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def _rows(columns: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": _object(columns)}


def write_schemas(folder: Path) -> list[Path]:
    """Write ``scenario.schema.json`` and ``indicators.schema.json``."""
    written = []
    for name, schema in (("scenario", scenario_schema()), ("indicators", indicators_schema())):
        path = folder / f"{name}.schema.json"
        path.write_text(json.dumps(schema, ensure_ascii=False, indent=2) + "\n", encoding="utf-8", newline="\n")
        written.append(path)
    return written
