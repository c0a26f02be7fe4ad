"""Tables of a study as files: CSV, one workbook, one JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from dispatch.documents.messages import Lang, has, text

__all__ = ["said_value", "save_tables"]

_CREATED = datetime(2026, 1, 1)
"""Creation date in the workbook, fixed so that equal content makes equal bytes."""

_WORDS = frozenset(("case", "against", "factor", "answer", "measure", "plan", "policy", "plan_differs_in"))
"""Columns whose codes have words."""


def save_tables(tables: Mapping[str, pd.DataFrame], out: Path, name: str, lang: Lang) -> list[Path]:
    """Write every table as ``TABLE.csv``, all of them as ``NAME.xlsx`` and ``NAME.json``.

    Returns
    -------
    list of Path
        What was written.
    """
    from dispatch.documents.workbook import Column, Sheet, write_workbook

    written = []
    sheets = []
    for key, table in tables.items():
        path = out / f"{key}.csv"
        table.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
        written.append(path)
        columns = tuple(
            Column(column, _said(lang, column), "decimal" if pd.api.types.is_float_dtype(table[column]) else "text")
            for column in table.columns
        )
        shown = table.copy()
        for column in shown.columns[[pd.api.types.is_float_dtype(table[c]) for c in table.columns]]:
            shown[column] = shown[column].round(4)
        for column in _WORDS.intersection(shown.columns):
            shown[column] = [said_value(lang, column, value) for value in shown[column]]
        title = text(lang, f"studies_table_{key}")
        sheets.append(Sheet(title[:31], title, columns, shown))
    workbook = out / f"{name}.xlsx"
    write_workbook(workbook, sheets, title=name, created=_CREATED)
    plain = {key: [_plain(row) for row in table.to_dict("records")] for key, table in tables.items()}
    document = out / f"{name}.json"
    document.write_text(json.dumps(plain, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return [*written, workbook, document]


def said_value(lang: Lang, column: str, value: object) -> object:
    """A value as people read it: assumptions, answers, plans and policies by name, anything else as it is.

    CSV and JSON keep the codes.
    """
    if column not in _WORDS or not isinstance(value, str):
        return value
    return " · ".join(_word(lang, part) for part in value.split(" · "))


def _word(lang: Lang, code: str) -> str:
    keys = (f"studies_value_{code}", f"plan_part_{code}", f"plan_{code}" if code.startswith("step_") else "")
    return next((text(lang, key) for key in keys if key and has(key)), code)


def _said(lang: Lang, column: str) -> str:
    key = f"studies_column_{column}"
    return text(lang, key) if has(key) else column


def _plain(row: Mapping[str, object]) -> dict[str, object]:
    plain: dict[str, object] = {}
    for key, value in row.items():
        item = value.item() if isinstance(value, np.generic) else value
        plain[str(key)] = None if isinstance(item, float) and math.isnan(item) else item
    return plain
