"""A drill's JSON file and its schema, both made from the dataclasses of ``dispatch.drill.model``."""

from __future__ import annotations

import dataclasses
import json
import math
import typing
from pathlib import Path
from typing import Any

from dispatch.county.problem_text import found
from dispatch.drill.model import DRILL_VERSION, Drill
from dispatch.problems import InputProblems

__all__ = ["drill_schema", "read_drill", "write_drill"]

_FORMAT = "relief-dispatch drill"
_MOST = 50


def write_drill(drill: Drill, path: Path) -> Path:
    """Write a drill; equal drills give equal bytes."""
    plain = json.loads(json.dumps(dataclasses.asdict(drill)))
    content = {"format": _FORMAT, **dataclasses.asdict(_made(Drill, plain, "", []))}  # 1 and 1.0 are written alike
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
    return path


def read_drill(path: Path) -> Drill:
    """Read a drill.

    Raises
    ------
    InputProblems
        If the file is not there, is no JSON, or breaks the schema.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputProblems([found("drill_unreadable", str(path), reason=str(error.strerror))]) from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputProblems([found("drill_not_json", path.name, reason=str(error))]) from None
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise InputProblems([found("drill_not_a_drill", path.name)])
    if content.get("version") != DRILL_VERSION:
        version = str(content.get("version"))
        raise InputProblems([found("drill_version", path.name, None, "version", version, ours=DRILL_VERSION)])
    wrong: list[tuple[str, Any]] = []
    drill = _made(Drill, {name: value for name, value in content.items() if name != "format"}, "", wrong)
    if wrong:
        raise InputProblems(
            [found("drill_field", path.name, None, where, str(value)[:80]) for where, value in wrong[:_MOST]]
        )
    return typing.cast("Drill", drill)


def drill_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a drill's file, as published in ``docs/schema/drill.schema.json``."""
    definitions: dict[str, Any] = {}
    root = _object(Drill, definitions)
    root["properties"] = {"format": {"const": _FORMAT}, **root["properties"], "version": {"const": DRILL_VERSION}}
    root["required"] = ["format", *root["required"]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Drill",
        "description": "Times time_ms are integer ms from reference_time; *_s are seconds of scenario time, but in the "
        "timetable seconds of exercise time from the start of play.",
        **root,
        "$defs": definitions,
    }


def _object(kind: type, definitions: dict[str, Any]) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]
    return {
        "type": "object",
        "properties": {name: _schema(hints[name], definitions) for name in names},
        "required": names,
        "additionalProperties": False,
    }


_PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
}


def _schema(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if hint in _PLAIN:
        return _PLAIN[hint]
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return {"enum": list(arguments)}
    if origin is tuple and arguments[-1] is Ellipsis:
        return {"type": "array", "items": _schema(arguments[0], definitions)}
    if origin is tuple:
        items = [_schema(part, definitions) for part in arguments]
        return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
    if hint.__name__ not in definitions:
        definitions[hint.__name__] = {}
        definitions[hint.__name__] = _object(hint, definitions)
    return {"$ref": f"#/$defs/{hint.__name__}"}


def _made(hint: Any, value: Any, where: str, wrong: list[tuple[str, Any]]) -> Any:
    """The value of a type from its JSON; what does not fit goes on the list with where it stands."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        fits = value in arguments
    elif origin is tuple:
        if not isinstance(value, list) or (arguments[-1] is not Ellipsis and len(value) != len(arguments)):
            wrong.append((where, value))
            return ()
        kinds = arguments[:1] * len(value) if arguments[-1] is Ellipsis else arguments
        return tuple(_made(kind, part, f"{where}[{k}]", wrong)
                     for k, (kind, part) in enumerate(zip(kinds, value, strict=True)))  # fmt: skip
    elif dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _object_made(hint, value, where, wrong)
    elif hint is float:
        fits = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        value = float(value) if fits else value
    else:
        fits = type(value) is hint
    if not fits:
        wrong.append((where, value))
    return value


def _object_made(kind: type, value: Any, where: str, wrong: list[tuple[str, Any]]) -> Any:
    hints = typing.get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]
    if not isinstance(value, dict) or set(value) != set(names):
        keys = set(value) if isinstance(value, dict) else set()
        wrong.append((where, ", ".join(sorted(keys ^ set(names))) if keys else value))
        return None
    return kind(**{name: _made(hints[name], value[name], f"{where}/{name}".lstrip("/"), wrong) for name in names})
