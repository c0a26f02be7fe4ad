"""Tables of the pack as CSV files: the schema's columns that hold something, in its order."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dispatch.county.schema import SCHEMA

__all__ = ["MEMORY", "SYNTHETIC", "Rows", "read_facts", "table_text", "text_csv"]

Rows = list[dict[str, Any]]
SYNTHETIC = "synthetic"
MEMORY = "assumption (general knowledge, no published source read)"

_FACTS = Path(__file__).parent / "facts"


def read_facts(name: str) -> list[dict[str, str]]:
    """Rows of a table of sourced facts."""
    with (_FACTS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table_text(name: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Text of a table's CSV file.

    Raises
    ------
    ValueError
        If a row has a column that the schema does not know, or lacks one it requires.
    """
    columns = SCHEMA[name].columns
    known = {column.name for column in columns}
    used = {key for row in rows for key, value in row.items() if value is not None and value != ""}
    required = {column.name for column in columns if column.required}
    if not used <= known or not required <= used:
        msg = f"{name}: unknown {sorted(used - known)}, missing {sorted(required - used)}"
        raise ValueError(msg)
    return text_csv([column.name for column in columns if column.name in used], rows)


def text_csv(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """CSV text with these columns; lines end with a bare line feed."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([[_cell(row.get(column)) for column in columns] for row in rows])
    return out.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return str(value)
