"""The log of a real exercise, as evaluators fill it in, read strictly; or the log of a simulated night.

A row says when (``clock``: what the wall clock showed; or ``time_s``, seconds of scenario time, as a simulated log
has it), which event, who did it (a role of the drill, or a vehicle, depot … of the scenario), and where. ``action`` may
name the drill's action outright. Clock times are understood in every usual form (``drill.clock_cell``); an unknown
role, event or action is an error. The row whose inject is ``START`` says when play began.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd

from dispatch.county.problem_text import found
from dispatch.documents.cells import Grid, as_text, number, read_grids
from dispatch.documents.messages import LANGUAGES, text
from dispatch.drill.clock_cell import clock_of
from dispatch.drill.model import Drill
from dispatch.problems import InputProblems, Problem
from dispatch.simulation.log import EVENTS, LOG_COLUMNS

__all__ = ["REAL_COLUMNS", "START", "RealLog", "clock_of", "read_real_log"]

REAL_COLUMNS: tuple[str, ...] = (
    "clock", "time_s", "action", "inject", "event", "role", "actor", "place", "milestone", "detail",
)  # fmt: skip
"""Columns that a review reads; further columns of the event log may be there and are passed over."""
START = "START"
"""Inject of the row that says when play began."""
_SHOWN = 8
_ENCODINGS = ("utf-8-sig", "gb18030")
"""A spreadsheet program set to Chinese writes CSV files in the second."""


@dataclass(frozen=True, eq=False)
class RealLog:
    """A log as read.

    Attributes
    ----------
    rows : DataFrame
        ``REAL_COLUMNS`` without the clock, and ``time_ms`` (scenario time), in the order of time.
    start : datetime or None
        Clock time of the start of play, where the log gives clock times.
    simulated : bool
        Whether it is the event log of a simulated night, which holds nothing of what people alone decide.
    warnings : tuple of Problem
    """

    rows: pd.DataFrame
    start: datetime | None
    simulated: bool = False
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class _Table:
    """Rows with their numbers and cells by column; the name of the file and the header that each column has there."""

    rows: list[tuple[int, dict[str, Any]]]
    file: str
    header: Mapping[str, str]


def read_real_log(
    path: Path, drill: Drill, known: frozenset[str] = frozenset(), start: datetime | None = None
) -> RealLog:
    """Read what evaluators filled in.

    Parameters
    ----------
    path : Path
        Workbook or CSV; or the event log of simulated nights (also Parquet), of which the drill's own night is taken
        if it is there, else the first.
    drill : Drill
    known : frozenset of str
        Further actors that may be named: ids of the scenario's vehicles, depots, places …
    start : datetime, optional
        Clock time, without zone, of the start of play; by default the log's own ``START``, else the drill's.

    Raises
    ------
    InputProblems
        With every bad cell: file, row, column, value, what was expected.
    """
    table = _table(path)
    simulated = any("event_id" in cells for _, cells in table.rows)
    lines, warnings = _one_night(table, drill)
    begin, problems, notes = _begin(table, lines, drill, start)
    warnings += notes
    problems += _unknown(table, lines, drill, known, simulated=simulated)
    rows: list[dict[str, Any]] = []
    clocks = False
    for number_, cells in lines:
        row = {name: str(cells.get(name, "")).strip() for name in REAL_COLUMNS if name not in {"clock", "time_s"}}
        if row["inject"] == START:
            continue
        try:
            time_ms = _time_ms(cells, drill, begin)
        except ValueError:
            column = "clock" if cells.get("clock") not in (None, "") else "time_s"
            problems.append(found("review_clock", table.file, number_, table.header[column], str(cells[column])))
            continue
        if time_ms is not None:
            clocks = clocks or cells.get("clock") not in (None, "")
            rows.append({**row, "time_ms": time_ms, "row": number_})
    if problems:
        raise InputProblems(problems)
    if not rows:
        warnings.append(found("review_empty", table.file, None, table.header.get("clock", ""), "", "warning"))
    if clocks and start is None and not any(str(cells.get("inject", "")).strip() == START for _, cells in lines):
        warnings.append(found("review_no_start", table.file, None, "", f"{begin:%Y-%m-%d %H:%M}", "warning"))
    columns = [*(name for name in REAL_COLUMNS if name not in {"clock", "time_s"}), "time_ms", "row"]
    made = pd.DataFrame(rows, columns=columns).sort_values("time_ms", kind="stable", ignore_index=True)
    return RealLog(made, begin if clocks else None, simulated, tuple(warnings))


def _one_night(table: _Table, drill: Drill) -> tuple[list[tuple[int, dict[str, Any]]], list[Problem]]:
    """Rows of one night, and what is to be said of the choice."""
    nights = list(dict.fromkeys(str(cells["replication"]) for _, cells in table.rows if "replication" in cells))
    if len(nights) < 2:
        return table.rows, []
    night = str(drill.replication) if str(drill.replication) in nights else nights[0]
    said = found("review_night", table.file, None, "", "", "warning", count=len(nights), night=night)
    return [row for row in table.rows if str(row[1].get("replication", "")) == night], [said]


def _begin(
    table: _Table, lines: list[tuple[int, dict[str, Any]]], drill: Drill, start: datetime | None
) -> tuple[datetime, list[Problem], list[Problem]]:
    """When play began, with problems and warnings: as told, else by the log, else by the drill."""
    own = drill.clock(drill.start_ms).replace(tzinfo=None)
    if start is not None:
        return start, [], []
    for number_, cells in lines:
        value = cells.get("clock")
        if str(cells.get("inject", "")).strip() != START or value in (None, ""):
            continue
        try:
            begin = clock_of(value, own)
        except ValueError:
            return own, [found("review_clock", table.file, number_, table.header["clock"], str(value))], []
        dated = isinstance(value, datetime) or any(mark in str(value) for mark in "-/月")
        undated = found("review_start_undated", table.file, number_, table.header["clock"], str(value), "warning",
                        day=begin.date().isoformat())  # fmt: skip
        return begin, [], [] if dated else [undated]
    return own, [], []


def _unknown(
    table: _Table,
    lines: list[tuple[int, dict[str, Any]]],
    drill: Drill,
    known: frozenset[str],
    *,
    simulated: bool,
) -> list[Problem]:
    """Cells that name what neither the drill nor the scenario has, with the nearest that they have."""
    names = {role.role: (f"{role.role} {role.name.zh}", f"{role.role} {role.name.en}") for role in drill.roles}
    roles = set(names) | {name for role in drill.roles for name in (role.name.zh, role.name.en)}
    actors = roles | known | {action.actor for action in drill.actions} | {inject.actor for inject in drill.injects}
    actors |= {resource.resource for resource in drill.resources}
    injects = {inject.key for inject in drill.injects} | {str(inject.number) for inject in drill.injects}
    allowed = {
        "event": set(EVENTS),
        "action": {action.action for action in drill.actions},
        "inject": injects | {START},
        "role": roles | known,
        "actor": actors,
    }
    if simulated:  # it names actors as the scenario does
        del allowed["actor"], allowed["role"]
    problems = []
    for number_, cells in lines:
        for column, choices in allowed.items():
            value = str(cells.get(column, "")).strip()
            if value and value not in choices:
                near = _nearest(value, choices - {""}, names)
                problems.append(found(f"review_unknown_{column}", table.file, number_, table.header.get(column, column),
                                      value, zh=", ".join(pair[0] for pair in near),
                                      en=", ".join(pair[1] for pair in near)))  # fmt: skip
    return problems


def _nearest(value: str, choices: Iterable[str], names: Mapping[str, tuple[str, str]]) -> list[tuple[str, str]]:
    """Choices most like a word, else the first ones; roles with their names in either language."""
    ordered = sorted(choices)
    like = sorted(get_close_matches(value, ordered, n=_SHOWN, cutoff=0.5))
    shown = like or [choice for choice in ordered if choice in names] or ordered
    return [names.get(choice, (choice, choice)) for choice in shown[: _SHOWN if like else 2 * _SHOWN]]


def _time_ms(cells: Mapping[str, Any], drill: Drill, begin: datetime) -> int | None:
    """Scenario time of a row; None where nobody has filled in a time."""
    clock, seconds = cells.get("clock"), cells.get("time_s")
    if clock not in (None, ""):
        return drill.scenario_ms((clock_of(clock, begin) - begin).total_seconds())
    if seconds not in (None, ""):
        return round(number(seconds) * 1000)
    return None


def _table(path: Path) -> _Table:
    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        return _of_workbook(read_grids(path), path.name)
    frame = pd.read_parquet(path) if path.suffix.lower() == ".parquet" and path.is_file() else _of_csv(path)
    names = _named(list(frame.columns))
    if not {"clock", "time_s"} & set(names.values()) or len(set(names.values())) < 2:
        raise InputProblems([found("review_header", path.name)])
    rows = [
        (k, {names[column]: "" if value != value else value for column, value in row.items() if column in names})
        for k, row in enumerate(frame.to_dict("records"), start=2)
    ]
    return _Table(rows, path.name, {name: str(cell) for cell, name in names.items()})


def _of_csv(path: Path) -> pd.DataFrame:
    for encoding in _ENCODINGS:
        try:
            return pd.read_csv(path, encoding=encoding, dtype=object, keep_default_na=False, skip_blank_lines=False)
        except UnicodeDecodeError:
            continue
        except OSError as error:
            raise InputProblems([found("review_unreadable", path.name, value=error.strerror or "")]) from None
        except ValueError as error:
            raise InputProblems([found("review_unreadable", path.name, value=str(error)[:80])]) from None
    raise InputProblems([found("review_unreadable", path.name)])


def _named(header: list[Any]) -> dict[Any, str]:
    """Header → column, by its name or its title in either language."""
    titles = {text(lang, f"review_col_{name}"): name for name in REAL_COLUMNS for lang in LANGUAGES}
    titles |= {name: name for name in (*REAL_COLUMNS, *LOG_COLUMNS)}
    return {cell: titles[str(cell).strip()] for cell in header if str(cell).strip() in titles}


def _of_workbook(grids: Mapping[str, Grid], file: str) -> _Table:
    """Rows of the sheet whose header names most of the columns."""
    best: tuple[int, str, int, dict[int, str], dict[str, str]] = (1, "", 0, {}, {})
    for sheet, grid in grids.items():
        for position, (_, values) in enumerate(grid[:30]):
            names = _named(values)
            at = {k: names[cell] for k, cell in enumerate(values) if cell in names}
            if len(set(at.values())) > best[0] and {"clock", "time_s"} & set(at.values()):
                header = {name: str(cell) for cell, name in names.items()}
                best = (len(set(at.values())), sheet, position, at, header)
    if not best[1]:
        raise InputProblems([found("review_header", file)])
    rows = []
    for number_, values in grids[best[1]][best[2] + 1 :]:
        cells = {name: values[k] for k, name in best[3].items() if k < len(values) and values[k] is not None}
        for name in set(cells) - {"clock", "time_s"}:
            cells[name] = as_text(cells[name]) if not isinstance(cells[name], (datetime, time)) else str(cells[name])
        rows.append((number_, cells))
    return _Table(rows, f"{file}!{best[1]}", best[4])
