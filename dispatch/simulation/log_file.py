"""The event log as a file, Parquet or CSV: equal logs make equal bytes, and only the closed vocabulary is let through.

CSV is UTF-8 with a byte order mark, so that a spreadsheet shows Chinese; times have three decimals.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dispatch.county.problem_text import found
from dispatch.problems import InputProblems, Problem
from dispatch.simulation.log import EVENTS, LOG_COLUMNS, LOG_VERSION

__all__ = ["check_log", "read_log", "write_log"]

_NUMBERS = {"int32": np.int32, "float64": np.float64}
_VERSION_KEY = b"relief-dispatch event log version"
_MOST = 100


def write_log(log: pd.DataFrame, path: Path) -> None:
    """Write a log; the suffix says how: ``.parquet`` or ``.csv``.

    Raises
    ------
    InputProblems
        If the log breaks its schema: a column missing, an event outside the vocabulary, a cause that comes later.
    ValueError
        If the suffix is another one.
    """
    problems = check_log(log, path.name)
    if problems:
        raise InputProblems(problems)
    if path.suffix == ".parquet":
        _write_parquet(log, path)
    elif path.suffix == ".csv":
        _write_csv(log, path)
    else:
        raise ValueError(_unknown_suffix(path))


def read_log(path: Path) -> pd.DataFrame:
    """Read a log that :func:`write_log` or a drill wrote.

    Raises
    ------
    InputProblems
        If it breaks its schema.
    FileNotFoundError
        If it is not there.
    ValueError
        If the suffix is neither ``.parquet`` nor ``.csv``.
    """
    if path.suffix == ".parquet":
        log, problems = _read_parquet(path)
    elif path.suffix == ".csv":
        log, problems = _read_csv(path)
    else:
        raise ValueError(_unknown_suffix(path))
    problems = problems or check_log(log, path.name)
    if problems:
        raise InputProblems(problems)
    return log


def _unknown_suffix(path: Path) -> str:
    return f"{path.name}: an event log is a .parquet or a .csv file"


def check_log(log: pd.DataFrame, file: str = "event log") -> list[Problem]:
    """Return what breaks the schema, at most a hundred problems; row 2 is the first event."""
    missing = [column for column in LOG_COLUMNS if column not in log.columns]
    if missing:
        return [found("simulation_log_column", file, 1, name) for name in missing]
    problems: list[Problem] = []

    def add(mask: Any, column: str, code: str) -> None:
        rows = np.flatnonzero(mask)[: _MOST - len(problems)].tolist()
        key = f"simulation_log_{code}"
        problems.extend([found(key, file, row + 2, column, log[column].iloc[row]) for row in rows])

    add(~log["event"].isin(list(EVENTS)), "event", "event")
    add(~np.isfinite(log["time_s"].to_numpy(dtype=np.float64)), "time_s", "time")
    replication = log["replication"].to_numpy(dtype=np.int64)
    event_id = log["event_id"].to_numpy(dtype=np.int64)
    pairs = pd.MultiIndex.from_arrays([replication, event_id])
    add(pairs.duplicated(), "event_id", "twice")
    cause = log["cause"].to_numpy(dtype=np.int64)
    named = np.flatnonzero((cause >= 0) & (cause < event_id))
    there = pd.MultiIndex.from_arrays([replication[named], cause[named]]).isin(pairs)
    wrong = (cause < -1) | (cause >= event_id)
    wrong[named[~there]] = True
    add(wrong, "cause", "cause")
    return problems


def _write_parquet(log: pd.DataFrame, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {"int32": pa.int32(), "float64": pa.float64(), "str": pa.string()}
    schema = pa.schema(
        [pa.field(name, kinds[kind]) for name, kind in LOG_COLUMNS.items()],
        metadata={_VERSION_KEY: str(LOG_VERSION).encode()},
    )
    columns = [
        pa.array(log[name].to_numpy(dtype=_NUMBERS[kind]))
        if kind in _NUMBERS
        else pa.array(log[name].to_numpy(dtype=object), pa.string())
        for name, kind in LOG_COLUMNS.items()
    ]
    table = pa.Table.from_arrays(columns, schema=schema)
    pq.write_table(table, path, compression="zstd", row_group_size=1 << 20, store_schema=True, version="2.6")


def _read_parquet(path: Path) -> tuple[pd.DataFrame, list[Problem]]:
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    version = (table.schema.metadata or {}).get(_VERSION_KEY, str(LOG_VERSION).encode()).decode()
    if version != str(LOG_VERSION):
        return pd.DataFrame(), [found("simulation_log_version", path.name, None, "", version, ours=LOG_VERSION)]
    return _typed({name: table.column(name).to_numpy(zero_copy_only=False) for name in table.column_names}), []


def _typed(columns: dict[str, Any]) -> pd.DataFrame:
    """Contract columns in their dtypes; a missing one stays missing."""
    return pd.DataFrame({
        name: pd.Series(columns[name], dtype=kind) for name, kind in LOG_COLUMNS.items() if name in columns
    })  # fmt: skip


def _write_csv(log: pd.DataFrame, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(LOG_COLUMNS)
        writer.writerows(_csv_rows(log))


def _csv_rows(log: pd.DataFrame) -> Iterator[list[Any]]:
    columns = [log[name].tolist() for name in LOG_COLUMNS]
    time, quantity = list(LOG_COLUMNS).index("time_s"), list(LOG_COLUMNS).index("quantity")
    for values in zip(*columns, strict=True):
        row = list(values)
        row[time] = f"{row[time]:.3f}"
        row[quantity] = "" if math.isnan(row[quantity]) else repr(float(row[quantity]))
        yield row


def _read_csv(path: Path) -> tuple[pd.DataFrame, list[Problem]]:
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    problems: list[Problem] = []
    columns: dict[str, Any] = {}
    for name, kind in LOG_COLUMNS.items():
        if name not in table.columns:
            continue
        if kind not in _NUMBERS:
            columns[name] = table[name].to_numpy(dtype=object)
            continue
        blank = math.nan if name == "quantity" else "-1" if name == "cause" else None
        cells = [blank if cell == "" and blank is not None else cell for cell in table[name].tolist()]
        columns[name], wrong = _numbers(cells, kind)
        code = "simulation_log_whole" if kind == "int32" else "simulation_log_number"
        problems += [found(code, path.name, row + 2, name, cells[row]) for row in wrong[: _MOST - len(problems)]]
    return (pd.DataFrame() if problems else _typed(columns)), problems


def _numbers(cells: list[Any], kind: str) -> tuple[Any, list[int]]:
    """Numbers of a column, and the rows that hold none."""
    values = np.zeros(len(cells), dtype=_NUMBERS[kind])
    wrong: list[int] = []
    for row, cell in enumerate(cells):
        try:
            values[row] = int(cell) if kind == "int32" else float(cell)
        except (ValueError, OverflowError):
            wrong.append(row)
    return values, wrong
