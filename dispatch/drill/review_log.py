"""The log of a real exercise, as evaluators fill it in: its empty form, and what was filled in, read strictly.

A row says when (``clock``: what the wall clock showed; or ``time_s``, seconds of scenario time, as a simulated log
has it), which event, who did it (a role of the drill, or a vehicle, depot … of the scenario), and where. ``action`` may
name the drill's action outright. Clock times are understood in every usual form; an unknown role, event or action is an
error.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from dispatch.county.problem_text import found
from dispatch.documents.cells import Grid, as_text, moment, number, read_grids
from dispatch.documents.messages import LANGUAGES, text
from dispatch.documents.workbook import Column, Sheet, write_workbook
from dispatch.drill.model import Drill
from dispatch.problems import InputProblems, Problem
from dispatch.simulation.log import EVENTS, LOG_COLUMNS

__all__ = ["REAL_COLUMNS", "RealLog", "clock_of", "read_real_log", "write_log_template"]

REAL_COLUMNS: tuple[str, ...] = (
    "clock", "time_s", "action", "inject", "event", "role", "actor", "place", "milestone", "detail",
)  # fmt: skip
"""Columns that a review reads; further columns of the event log may be there and are passed over."""

_HALF_DAYS = (
    ("凌晨", 0), ("早上", 0), ("上午", 0), ("早", 0), ("中午", 12), ("下午", 12), ("傍晚", 12), ("晚上", 12),
    ("晚", 12), ("am", 0), ("pm", 12),
)  # fmt: skip
_HOUR_WORDS = re.compile(r"(\d{1,2})\s*[点點]\s*(半|\d{0,2})\s*分?")


@dataclass(frozen=True, eq=False)
class RealLog:
    """A log as read.

    Attributes
    ----------
    rows : DataFrame
        ``REAL_COLUMNS`` without the clock, and ``time_ms`` (scenario time), in the order of time.
    start : datetime or None
        Clock time of the start of play, where the log gives clock times.
    warnings : tuple of Problem
    """

    rows: pd.DataFrame
    start: datetime | None
    warnings: tuple[Problem, ...] = ()


def write_log_template(drill: Drill, path: Path, lang: str) -> Path:
    """Write the form for evaluators: a row for every inject and every expected action, times left blank."""
    rows: list[dict[str, Any]] = [
        {"due": inject.time_ms, "what": inject.text(lang), "inject": inject.key, "role": inject.sender}
        for inject in drill.injects
    ]
    rows += [
        {"due": action.time_ms, "what": action.text(lang), "action": action.action, "event": action.event,
         "role": action.role, "actor": action.actor, "place": action.place, "milestone": action.milestone}
        for action in drill.actions
    ]  # fmt: skip
    rows.sort(key=lambda row: (row["due"], row.get("action", "")))
    shown = [{**dict.fromkeys(REAL_COLUMNS, ""), **row, "due": _exercise(drill, row["due"])} for row in rows]
    names = (
        "due",
        "what",
        "clock",
        "detail",
        *(name for name in REAL_COLUMNS if name not in {"clock", "detail", "time_s"}),
    )
    columns = tuple(
        Column(name, text(lang, f"review_col_{name}"), "text" if name in {"what", "detail"} else "id", 60.0,
               editable=name in {"clock", "detail"})
        for name in names
    )  # fmt: skip
    roles = pd.DataFrame(
        [{"role": role.role, "name": role.name(lang), "unit": role.unit(lang)} for role in drill.roles]
    )
    heads = tuple(
        Column(name, text(lang, f"review_col_{key}"))
        for name, key in (("role", "role"), ("name", "name"), ("unit", "unit"))
    )
    sheets = [
        Sheet(text(lang, "review_sheet_log"), drill.title(lang), columns, pd.DataFrame(shown, columns=list(names)),
              (text(lang, "review_template_note"), text(lang, "review_template_start"))),
        Sheet(text(lang, "review_sheet_roles"), drill.title(lang), heads, roles),
    ]  # fmt: skip
    write_workbook(path, sheets, title=drill.title(lang), created=drill.clock(0).replace(tzinfo=None))
    return path


def _exercise(drill: Drill, time_ms: int) -> str:
    """Exercise time as ``h:mm`` from the start of play."""
    minutes = round(drill.exercise_s(time_ms) / 60)
    return f"{'-' if minutes < 0 else ''}{abs(minutes) // 60}:{abs(minutes) % 60:02d}"


def clock_of(value: Any, near: datetime) -> datetime:
    """Clock time of a cell: everything ``documents.cells.moment`` reads, and 上午, 下午, 晚上, am, pm, 点, 半.

    Raises
    ------
    ValueError
        If it is no clock time.
    """
    if not isinstance(value, str):
        if isinstance(value, timedelta):  # a spreadsheet's own duration format
            return moment((datetime.min + value).time(), near)
        return moment(value, near)
    words = unicodedata.normalize("NFKC", value).strip().lower()
    add = None
    for word, hours in _HALF_DAYS:
        if word in words:
            words, add = words.replace(word, " ").strip(), hours
            break
    words = _HOUR_WORDS.sub(lambda m: f"{m[1]}:{30 if m[2] == '半' else int(m[2] or 0):02d}", words)
    words = re.sub(r"(\d)时$", r"\1:00", words)
    words = re.sub(r"\s+", " ", words)
    at = moment(words, near)
    if add is None:
        return at
    hour = at.hour + 12 if add == 12 and at.hour < 12 and not (at.hour == 11 and "中午" in value) else at.hour
    if add == 0 and at.hour == 12:
        hour = 0
    return at.replace(hour=hour) if re.search(r"\d[-/.月]\d", words) else moment(time(hour, at.minute, at.second), near)


def read_real_log(
    path: Path, drill: Drill, known: frozenset[str] = frozenset(), start: datetime | None = None
) -> RealLog:
    """Read what evaluators filled in.

    Parameters
    ----------
    path : Path
        Workbook, CSV, or the Parquet file of a simulated log (its first replication).
    drill : Drill
    known : frozenset of str
        Further actors that may be named: ids of the scenario's vehicles, depots, places …
    start : datetime, optional
        Clock time, without zone, of the start of play; by default the drill's own.

    Raises
    ------
    InputProblems
        With every bad cell: file, row, column, value, what was expected.
    """
    table, where = _table(path)
    problems: list[Problem] = []
    begin = start or drill.clock(drill.start_ms).replace(tzinfo=None)
    roles = {role.role for role in drill.roles} | {
        name for role in drill.roles for name in (role.name.zh, role.name.en)
    }
    actors = (
        roles | known | {action.actor for action in drill.actions} | {inject.actor for inject in drill.injects} | {""}
    )
    allowed = {
        "event": set(EVENTS) | {""},
        "action": {action.action for action in drill.actions} | {""},
        "inject": {inject.key for inject in drill.injects} | {str(inject.number) for inject in drill.injects} | {""},
        "role": roles | known | {""},
        "actor": actors,
    }
    if any("event_id" in cells for _, cells in table):  # a simulated log names actors as the scenario does
        del allowed["actor"], allowed["role"]
    rows: list[dict[str, Any]] = []
    clocks = False
    for number_, cells in table:
        row = {name: str(cells.get(name, "")).strip() for name in REAL_COLUMNS if name not in {"clock", "time_s"}}
        for column, choices in allowed.items():
            if row[column] not in choices:
                near = ", ".join(sorted(choice for choice in choices if choice)[:12])
                problems.append(found(f"review_unknown_{column}", where, number_, column, row[column], known=near))
        try:
            time_ms = _time_ms(cells, drill, begin)
        except ValueError:
            given = cells.get("clock") or cells.get("time_s")
            problems.append(found("review_clock", where, number_, "clock", str(given)))
            continue
        if time_ms is None:
            continue
        clocks = clocks or bool(cells.get("clock"))
        rows.append({**row, "time_ms": time_ms, "row": number_})
    if problems:
        raise InputProblems(problems)
    warnings = () if rows else (found("review_empty", where, None, "clock", "", "warning"),)
    columns = [*(name for name in REAL_COLUMNS if name not in {"clock", "time_s"}), "time_ms", "row"]
    made = pd.DataFrame(rows, columns=columns).sort_values("time_ms", kind="stable", ignore_index=True)
    return RealLog(made, begin if clocks else None, warnings)


def _time_ms(cells: Mapping[str, Any], drill: Drill, begin: datetime) -> int | None:
    """Scenario time of a row; None where nobody has filled in a time."""
    clock, seconds = cells.get("clock"), cells.get("time_s")
    if clock not in (None, ""):
        return drill.scenario_ms((clock_of(clock, begin) - begin).total_seconds())
    if seconds not in (None, ""):
        return round(number(seconds) * 1000)
    return None


def _table(path: Path) -> tuple[list[tuple[int, dict[str, Any]]], str]:
    """Rows with their numbers and cells by column, and the name by which problems call the file."""
    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        return _of_workbook(read_grids(path), path.name)
    try:
        if path.suffix.lower() == ".parquet":
            frame = pd.read_parquet(path)
        else:
            frame = pd.read_csv(path, encoding="utf-8-sig", dtype=object, keep_default_na=False)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise InputProblems([found("review_unreadable", path.name, None, "", str(error)[:80])]) from None
    if "replication" in frame and len(frame):
        frame = frame[frame["replication"].astype(str) == str(frame["replication"].iloc[0])]
    names = _named(list(frame.columns))
    rows = [
        (k, {names[column]: value for column, value in row.items() if column in names})
        for k, row in enumerate(frame.to_dict("records"), start=2)
    ]
    return [(k, {name: "" if value != value else value for name, value in row.items()}) for k, row in rows], path.name


def _named(header: list[Any]) -> dict[Any, str]:
    """Header → column, by its name or its title in either language."""
    titles = {text(lang, f"review_col_{name}"): name for name in REAL_COLUMNS for lang in LANGUAGES}
    titles |= {name: name for name in (*REAL_COLUMNS, *LOG_COLUMNS)}
    return {cell: titles[str(cell).strip()] for cell in header if str(cell).strip() in titles}


def _of_workbook(grids: Mapping[str, Grid], file: str) -> tuple[list[tuple[int, dict[str, Any]]], str]:
    """Rows of the sheet whose header names most of the columns."""
    best: tuple[int, str, int, dict[int, str]] = (1, "", 0, {})
    for sheet, grid in grids.items():
        for position, (_, values) in enumerate(grid[:30]):
            names = _named(values)
            at = {k: names[cell] for k, cell in enumerate(values) if cell in names}
            if len(set(at.values())) > best[0] and {"clock", "time_s"} & set(at.values()):
                best = (len(set(at.values())), sheet, position, at)
    if not best[1]:
        raise InputProblems([found("review_header", file, None, "clock", "")])
    rows = []
    for number_, values in grids[best[1]][best[2] + 1 :]:
        cells = {name: values[k] for k, name in best[3].items() if k < len(values) and values[k] is not None}
        for name in set(cells) - {"clock", "time_s"}:
            cells[name] = as_text(cells[name]) if not isinstance(cells[name], (datetime, time)) else str(cells[name])
        rows.append((number_, cells))
    return rows, f"{file}!{best[1]}"
