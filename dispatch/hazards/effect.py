"""What a given hazard does and when: the columns that footprints and closed roads share, read from one row.

A row closes roads, floods them to a depth or slows them, from ``start`` to ``end``; without a start from the
reference instant on, without an end for good. Rows with one ``group`` come and go together.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dispatch.county.cells import read_cell, split_list
from dispatch.county.problem_text import found
from dispatch.county.reading import clean_text
from dispatch.county.table import Column
from dispatch.hazards.when import seconds_from
from dispatch.problems import Problem

__all__ = ["EFFECT_COLUMNS", "Effect", "Row", "read_effect", "read_fields"]

C = Column
EFFECT_COLUMNS: tuple[Column, ...] = (
    C("name", "名称", zh_also=("编号",)),
    C("start", "开始", zh_also=("开始时间", "起")),
    C("end", "结束", zh_also=("结束时间", "止")),
    C("known", "获知", zh_also=("获知时间", "上报时间")),
    C("closed", "中断", "flag", zh_also=("封闭", "阻断", "断路")),
    C("depth_m", "水深", "number", "m", low=0, zh_also=("淹没水深",)),
    C("speed_factor", "车速系数", "number", low=0, high=1),
    C("vehicle_classes", "车型", "list", zh_also=("限行车型",)),
    C("cause", "灾因", zh_also=("原因", "灾种")),
    C("group", "分组", zh_also=("关联组",)),
    C("alternative", "互斥组"),
    C("probability", "概率", "number", low=0, high=1, zh_also=("发生概率",)),
    C("shift_min", "时间偏移", zh_also=("提前或推迟",)),
    C("duration_factor", "历时系数"),
    C("source", "来源"),
    C("note", "备注"),
)
"""Columns of both tables. ``alternative``: of the groups with one name here a night has one at most (exactly one, if
their probabilities add up to 1); planners see the most probable. ``known``: when headquarters learn of it (empty: when
it begins). ``vehicle_classes``: only these classes feel it (empty: all). ``shift_min`` and ``duration_factor``: low,
mode, high of how many minutes later and how many times as long it may turn out, ``-30; 0; 60``."""

_TIMES = ("start", "end", "known")
_TRIPLES = ("shift_min", "duration_factor")


@dataclass
class Row:
    """One row or feature being read.

    Attributes
    ----------
    file, row
        Where it stands.
    values : dict of str to object
        By column; the empty value where nothing was given or the cell could not be read.
    problems : list of Problem
        Those of the whole file; this row's are added.
    given : frozenset of str
        Columns that hold a value.
    failed : bool
        Whether something is wrong with it.
    """

    file: str
    row: int | None
    values: dict[str, Any]
    problems: list[Problem] = field(repr=False)
    given: frozenset[str] = frozenset()
    failed: bool = False

    def problem(self, column: str, value: object, key: str, **values: object) -> None:
        """Note an error in this row; ``key`` is the message that says what was expected."""
        self.failed = True
        self.problems.append(found(key, self.file, self.row, column, value, "error", **values))

    def warning(self, column: str, value: object, key: str, **values: object) -> None:
        """Note something that is shown but does not stop the work."""
        self.problems.append(found(key, self.file, self.row, column, value, "warning", **values))


@dataclass(frozen=True)
class Effect:
    """What one given hazard does to roads, and how it may turn out.

    Attributes
    ----------
    start_s, end_s, known_s : float
        Seconds from the reference instant; ``inf`` = no end.
    depth_m, speed_permille : float
        Water, or the speed left (0 = closed); at most one is given, the other NaN; both NaN: roads feel nothing.
    vehicle_classes : tuple of str
        Classes that feel it; empty: all.
    cause, group, alternative : str
    probability : float
        That the group happens; NaN if not given.
    shift_s, duration : tuple of three floats, or empty if not given
        Low, mode, high of the group's shift (seconds) and of its duration (factor).
    """

    start_s: float
    end_s: float
    known_s: float
    depth_m: float = math.nan
    speed_permille: float = math.nan
    vehicle_classes: tuple[str, ...] = ()
    cause: str = "other"
    group: str = ""
    alternative: str = ""
    probability: float = math.nan
    shift_s: tuple[float, ...] = ()
    duration: tuple[float, ...] = ()


def read_fields(
    cells: Mapping[str, object],
    columns: Sequence[Column],
    file: str,
    row: int | None,
    reference: datetime,
    problems: list[Problem],
) -> tuple[Row, list[str]]:
    """Values of one row by column name, each as its column means it, and the headers that mean no column.

    A header is a column's name, its Chinese name, or the first ten letters of its name (what a Shapefile leaves).
    """
    known = {header: column for column in columns for header in (column.name, column.zh, *column.zh_also)}
    known |= {column.name[:10]: column for column in columns if column.name[:10] not in known}
    read = Row(file, row, {}, problems)
    unknown: list[str] = []
    given: set[str] = set()
    for header, cell in cells.items():
        column = known.get(clean_text(str(header)).casefold())
        if column is None:
            unknown.append(str(header))
            continue
        if _is_blank(cell):
            continue
        value = _value(read, column, cell, reference)
        if value is None:
            continue
        given.add(column.name)
        read.values[column.name] = value
    read.given = frozenset(given)
    for column in columns:
        read.values.setdefault(column.name, _blank(column))
    return read, unknown


def _is_blank(cell: object) -> bool:
    if isinstance(cell, float):
        return math.isnan(cell)
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _blank(column: Column) -> Any:
    if column.name in _TRIPLES or column.kind == "list":
        return ()
    if column.name in _TIMES or column.kind == "number":
        return math.nan
    return None if column.kind == "flag" else ""


def _value(row: Row, column: Column, cell: object, reference: datetime) -> Any:
    """Value of a cell that is not empty; None (and a problem) if it cannot be read."""
    if column.name in _TIMES:
        try:
            return seconds_from(reference, cell)
        except ValueError:
            row.problem(column.name, cell, "hazards_time")
            return None
    if column.name in _TRIPLES:
        return _triple(row, column.name, cell)
    if column.kind == "list":
        parts = cell if isinstance(cell, (list, tuple)) else split_list(str(cell))
        return tuple(clean_text(str(part)) for part in parts)
    if not isinstance(cell, (str, int, float, bool)):
        row.problem(column.name, cell, "hazards_value_text")
        return None
    reading = read_cell(cell, column, reference.tzinfo)  # type: ignore[arg-type]
    if reading.code and reading.severity == "error":
        choices = {"choices": ", ".join(column.choices)} if column.choices else {}
        row.problem(column.name, cell, f"hazards_value_{column.kind}", **choices)
        return None
    if column.kind == "number" and not _in_range(reading.value, column):
        low = f"{column.low or 0:g}"
        if column.high is None:
            row.problem(column.name, cell, "hazards_at_least", low=low)
        else:
            row.problem(column.name, cell, "hazards_range", low=low, high=f"{column.high:g}")
        return None
    return reading.value


def _in_range(value: float, column: Column) -> bool:
    return (column.low is None or value >= column.low) and (column.high is None or value <= column.high)


def _triple(row: Row, name: str, cell: object) -> tuple[float, ...] | None:
    """Three numbers low ≤ mode ≤ high, as a list or apart by ``;`` ``/`` or blanks."""
    parts: Iterable[object] = cell if isinstance(cell, (list, tuple)) else re.split(r"[;；,，/\s]+", str(cell).strip())
    try:
        numbers = tuple(float(str(part)) for part in parts)
    except ValueError:
        numbers = ()
    lowest = 0.0 if name == "duration_factor" else -math.inf
    if len(numbers) != 3 or not lowest <= numbers[0] <= numbers[1] <= numbers[2] < math.inf or math.isinf(numbers[0]):
        row.problem(name, cell, "hazards_triple")
        return None
    return numbers


def read_effect(row: Row, *, closed_unless_told: bool, causes: Mapping[str, str]) -> Effect:
    """Build the effect of a row; what contradicts itself becomes a problem of the row.

    Parameters
    ----------
    row : Row
        With the columns of ``EFFECT_COLUMNS``.
    closed_unless_told : bool
        Whether a row that says neither ``closed`` nor a depth nor a speed means closed (a list of closed roads does).
    causes : mapping of str to str
        Known causes and their names in any language → cause.
    """
    value = row.values
    said = [name for name in ("closed", "depth_m", "speed_factor") if name in row.given]
    if value["closed"] is False:
        said.remove("closed")
    if len(said) > 1:
        row.problem(said[1], value[said[1]], "hazards_one_effect")
    closed = value["closed"] is True or (closed_unless_told and not said)
    if "depth_m" in row.given and value["depth_m"] == 0:
        row.problem("depth_m", 0, "hazards_no_water")
    if "speed_factor" in row.given and value["speed_factor"] == 1:
        row.problem("speed_factor", 1, "hazards_no_slowdown")
    start = 0.0 if math.isnan(value["start"]) else value["start"]
    end = math.inf if math.isnan(value["end"]) else value["end"]
    if end <= start:
        row.problem("end", f"{end / 60:g} min", "hazards_end_before_start", start_min=f"{start / 60:g}")
    uncertain = bool({"probability", "shift_min", "duration_factor", "alternative"} & row.given)
    return Effect(
        start_s=start,
        end_s=end,
        known_s=start if math.isnan(value["known"]) else value["known"],
        depth_m=value["depth_m"],
        speed_permille=0.0 if closed else math.floor(value["speed_factor"] * 1000 + 0.5) if "speed_factor" in said
        else math.nan,
        vehicle_classes=value["vehicle_classes"],
        cause=_cause(row, causes),
        group=value["group"] or (value["name"] if uncertain else ""),
        alternative=value["alternative"],
        probability=value["probability"],
        shift_s=tuple(60 * minutes for minutes in value["shift_min"]),
        duration=value["duration_factor"],
    )  # fmt: skip


def _cause(row: Row, causes: Mapping[str, str]) -> str:
    """Cause by any of its names; water without a cause is a flood; one without a rule keeps its name."""
    written = row.values["cause"]
    if not written:
        return "flood" if "depth_m" in row.given else "other"
    cause = causes.get(written.casefold())
    if cause is None:
        row.warning("cause", written, "hazards_unknown_cause", causes=", ".join(sorted(set(causes.values()))))
        return str(written)
    return cause
