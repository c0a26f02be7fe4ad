"""Step times measured in a drill, in place of the default ones.

A file (CSV or workbook) gives for each step either every measured time, one row each (columns ``step``, ``minutes``),
or its range (``step``, ``low``, ``mode``, ``high``). Chinese headers and step names are taken too.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pandas as pd

from dispatch.county.problem_text import found
from dispatch.documents.messages import LANGUAGES, has, text
from dispatch.problems import InputProblems, Problem
from dispatch.scenario import STEPS, StepTime

__all__ = ["read_measured"]

_HEADERS: dict[str, tuple[str, ...]] = {
    "step": ("step", "步骤", "环节"),
    "minutes": ("minutes", "min", "分钟", "用时（分钟）", "用时"),
    "low": ("low", "low_min", "最短", "最短（分钟）"),
    "mode": ("mode", "mode_min", "最可能", "最可能（分钟）"),
    "high": ("high", "high_min", "最长", "最长（分钟）"),
}


def read_measured(path: Path) -> dict[str, StepTime]:
    """Read measured step times.

    Several times of a step become a triangle from the shortest to the longest with their mean (as far as a triangle
    can have it: the mode lies between the two). One time alone becomes a step that always takes it. So few
    measurements say little about the tails; the source printed with the step names their number.

    Raises
    ------
    InputProblems
        With every row that cannot be used.
    """
    table = _read(path)
    problems: list[Problem] = []
    missing = "step" not in table.columns or not ("minutes" in table.columns or {"low", "mode", "high"} <= set(table))
    if missing:
        raise InputProblems([found("studies_measured_columns", path.name, 1)])
    samples: defaultdict[str, list[float]] = defaultdict(list)
    steps: dict[str, StepTime] = {}
    for number, row in enumerate(table.to_dict("records"), start=2):
        written = str(row["step"]).strip()
        values = [_number(row.get(name)) for name in ("minutes", "low", "mode", "high")]
        if written in ("", "nan") and all(value is None for value in values):
            continue
        step = _step(written)
        single, triple = values[0], values[1:]
        if step is None:
            problems.append(found("studies_measured_step", path.name, number, "step", written, known=", ".join(STEPS)))
        elif single is not None and single >= 0:
            samples[step].append(single)
        elif (low := triple[0]) is not None and (mode := triple[1]) is not None and (high := triple[2]) is not None \
                and 0 <= low <= mode <= high:  # fmt: skip
            steps[step] = StepTime(low, mode, high, f"measured: {path.name}")
        else:
            problems.append(found("studies_measured_minutes", path.name, number, "minutes", row.get("minutes", "")))
    twice = sorted(set(samples) & set(steps))
    problems += [found("studies_measured_twice", path.name, None, "step", step) for step in twice]
    if not problems and not samples and not steps:
        problems.append(found("studies_measured_empty", path.name))
    if problems:
        raise InputProblems(problems)
    return {**steps, **{step: _triangle(times, path.name) for step, times in samples.items()}}


def _triangle(times: list[float], file: str) -> StepTime:
    """Triangle with the shortest, the longest and the mean of the times: mode = 3 × mean - shortest - longest."""
    low, high = min(times), max(times)
    mode = min(max(3 * sum(times) / len(times) - low - high, low), high)
    return StepTime(low, mode, high, f"measured: {file}, n = {len(times)}")


def _read(path: Path) -> pd.DataFrame:
    """Table with known headers by their English names."""
    try:
        if path.suffix.lower() in {".xlsx", ".xlsm"}:
            table = pd.read_excel(path, dtype=object)
        else:
            table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError, KeyError) as error:
        raise InputProblems([found("studies_measured_unreadable", path.name, reason=error)]) from None
    known = {written: name for name, headers in _HEADERS.items() for written in headers}
    return table.rename(columns=lambda written: known.get(str(written).strip().lower(), str(written)))


def _number(value: Any) -> float | None:
    if value is None or value == "":
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return -1.0
    return None if number != number else number


def _step(written: str) -> str | None:
    """Step by its key or by its name in either language."""
    names = {step: step for step in STEPS}
    for step in STEPS:
        for key in (f"plan_step_{step}", f"report_step_{step}"):
            if has(key):
                names.update({text(lang, key): step for lang in LANGUAGES})
    return names.get(written)
