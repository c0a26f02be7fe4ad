"""The form in which evaluators keep the log of an exercise: empty, or filled in as the drill's standard has it."""

from __future__ import annotations

import math
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from dispatch.documents.messages import text
from dispatch.documents.workbook import Column, Sheet, write_workbook
from dispatch.drill.model import Action, Drill
from dispatch.drill.review_log import REAL_COLUMNS, START

__all__ = ["write_log_form"]

_TYPED = ("clock", "detail")
_COLUMNS = (
    "due", "what", *_TYPED, *(name for name in REAL_COLUMNS if name not in {*_TYPED, "time_s"}),
)  # fmt: skip


def write_log_form(drill: Drill, path: Path, lang: str, *, played: bool = False) -> Path:
    """Write the form: a row for the start, every inject and every expected action.

    Parameters
    ----------
    drill : Drill
    path : Path
        Workbook to write.
    lang : {"zh", "en"}
    played : bool
        Fill the clock times in: every inject given at its time and every action done as on the night that the drill
        follows (where that has none: at the median, or the norm). Such a log scores 100, but for what the rounding
        of clock times to seconds takes.
    """
    rows: list[dict[str, Any]] = [
        {"at": inject.time_ms, "done": inject.time_ms, "what": inject.text(lang), "inject": inject.key,
         "role": inject.sender}
        for inject in drill.injects
    ]  # fmt: skip
    given = {inject.key: inject.time_ms for inject in drill.injects}
    rows += [
        {"at": action.time_ms, "given": given[action.inject], "done": given[action.inject] + _took_ms(action),
         "what": action.text(lang), "action": action.action, "event": action.event,
         "role": action.role, "actor": action.actor, "place": action.place, "milestone": action.milestone}
        for action in drill.actions
    ]  # fmt: skip
    rows.sort(key=lambda row: (row["at"], row.get("action", "")))
    first = {"at": drill.start_ms, "done": drill.start_ms, "what": text(lang, "review_start_row"), "inject": START}
    shown = [_shown(drill, row, played=played) for row in [first, *rows]]
    columns = tuple(
        Column(name, text(lang, f"review_col_{name}"), "text" if name in {"what", "detail"} else "id",
               90.0 if name == "clock" else 60.0, editable=name in _TYPED)
        for name in _COLUMNS
    )  # fmt: skip
    roles = pd.DataFrame(
        [{"role": role.role, "name": role.name(lang), "unit": role.unit(lang)} for role in drill.roles]
    )
    heads = tuple(
        Column(name, text(lang, f"review_col_{key}"))
        for name, key in (("role", "role"), ("name", "name"), ("unit", "unit"))
    )
    notes = [text(lang, "review_template_note"), text(lang, "review_template_start")]
    if played:
        notes.insert(0, text(lang, "review_template_played"))
    sheets = [
        Sheet(text(lang, "review_sheet_log"), drill.title(lang), columns, pd.DataFrame(shown, columns=list(_COLUMNS)),
              tuple(notes)),
        Sheet(text(lang, "review_sheet_roles"), drill.title(lang), heads, roles),
    ]  # fmt: skip
    write_workbook(path, sheets, title=drill.title(lang), created=drill.clock(0).replace(tzinfo=None))
    return path


def _took_ms(action: Action) -> int:
    """Time of an action by its standard, from its inject: on the drill's night, else the median or the norm."""
    standard = action.standard
    return round(1000 * (standard.own_s if standard.own_s >= 0 else min(standard.p50_s, standard.limit_s)))


def _shown(drill: Drill, row: dict[str, Any], *, played: bool) -> dict[str, Any]:
    """Cells of a row; clocks of injects are rounded to seconds, those of actions down, but not before their inject."""
    told = {name: row[name] for name in _COLUMNS if name in row}
    cells = {**dict.fromkeys(_COLUMNS, ""), **told, "due": _exercise(drill, row["at"])}
    if played:
        whole = round(drill.exercise_s(row.get("given", row["done"])))
        if row.get("action"):
            whole = max(whole, math.floor(drill.exercise_s(row["done"])))
        begin = drill.clock(drill.start_ms).replace(tzinfo=None)
        cells["clock"] = f"{begin + timedelta(seconds=whole):%Y-%m-%d %H:%M:%S}"
    return cells


def _exercise(drill: Drill, time_ms: int) -> str:
    """Exercise time as ``h:mm`` from the start of play."""
    minutes = round(drill.exercise_s(time_ms) / 60)
    return f"{'-' if minutes < 0 else ''}{abs(minutes) // 60}:{abs(minutes) % 60:02d}"
