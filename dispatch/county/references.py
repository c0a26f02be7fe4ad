"""References between tables: a code, a name that is unique, or a code that a spreadsheet mangled → the row it means."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Mapping

import pandas as pd

from dispatch.county.cells import MANGLED
from dispatch.county.findings import Findings, Origin
from dispatch.county.names import PlaceNames
from dispatch.county.problem_text import hints
from dispatch.county.schema import SCHEMA
from dispatch.county.table import Column
from dispatch.county.units import plain

__all__ = ["resolve_references"]

_MOST_SUGGESTIONS = 20
_ABOVE = {"village": "township", "township": "county"}
"""Kind of place that a place's ``parent`` names, where a name alone leaves it open."""


def resolve_references(tables: dict[str, pd.DataFrame], origins: Mapping[str, Origin], findings: Findings) -> None:
    """Put the id in the place of every reference that names its row in another way; name those that cannot be found.

    In turn: the id itself; a name (of a place also its label, former name or name without 村) that only one row has; a
    code cut to six figures (1.40521E+11) that fits one row, or one whose name stands in the same row; a number whose
    leading zeros were lost. What was put together from less than the whole is a warning.

    Parameters
    ----------
    tables : dict
        By name; changed in place (columns with names in them are replaced).
    origins : mapping
        Of every table.
    findings : Findings
    """
    names = PlaceNames(tables["places"])
    _resolve_column("places", SCHEMA["places"].column("parent"), tables, origins, names, findings)
    names = PlaceNames(tables["places"])  # now with every parent's code, which tells namesakes apart
    for name, table in SCHEMA.items():
        for column in table.columns:
            if column.refers and len(tables[name]) and name != "places":
                _resolve_column(name, column, tables, origins, names, findings)


def _resolve_column(
    name: str,
    column: Column,
    tables: dict[str, pd.DataFrame],
    origins: Mapping[str, Origin],
    names: PlaceNames,
    findings: Findings,
) -> None:
    frame, origin = tables[name], origins[name]
    target = _Target(column, tables, origins, names)
    values = frame[column.name].tolist()
    changed = False
    for i, value in enumerate(values):
        if value == "" or (i, column.name) in origin.faulty:
            continue
        parts = value.split(";") if column.kind == "list" else [value]
        if all(part in target.ids for part in parts):
            continue
        meant = [part if part in target.ids else target.find(part, frame, i, origin, findings) for part in parts]
        values[i] = ";".join(part for part in meant if part)
        changed = True
    if changed:
        frame[column.name] = pd.Series(values, dtype="str")


class _Target:
    """Rows that one column may name."""

    def __init__(
        self, column: Column, tables: Mapping[str, pd.DataFrame], origins: Mapping[str, Origin], names: PlaceNames
    ) -> None:
        self._column, self._names = column, names
        self.ids: dict[str, str] = {}
        self._by_name: dict[str, list[str]] = defaultdict(list)
        self._whole = all(origins[refers].whole for refers in column.refers)
        self._suggested = 0
        for refers in column.refers:
            key = SCHEMA[refers].key[0]
            frame = tables[refers]
            self.ids.update(dict.fromkeys(frame[key].tolist(), refers))
            if refers != "places":
                english = frame["name_en"].tolist() if "name_en" in frame else [""] * len(frame)
                for one, *called in zip(frame[key].tolist(), frame["name"].tolist(), english, strict=True):
                    for word in dict.fromkeys(_squeeze(name) for name in called if name):
                        self._by_name[word].append(one)
        self.ids.pop("", None)

    def find(self, value: str, frame: pd.DataFrame, i: int, origin: Origin, findings: Findings) -> str:
        """Id that a value means; what stands there if it cannot be told, and then a problem."""
        column = self._column.name
        named = self._named(value, frame, i)
        if len(named) == 1:
            return named[0]
        if len(named) > 1:
            labels = [self._label(one) for one in named[:6]]
            findings.cell(origin, i, column, "county_ambiguous_name", labels_zh="、".join(labels),
                          labels_en=", ".join(labels))  # fmt: skip
            return value
        if (match := MANGLED.fullmatch(value)) is not None:
            return self._mangled(value, match, frame, i, origin, findings)
        digits = re.sub(r"\.0+$", "", value).lstrip("0")
        if digits.isdecimal():
            equal = [one for one in self.ids if one.isdecimal() and one.lstrip("0") == digits]
            if len(equal) == 1:
                findings.cell(origin, i, column, "county_recovered_code", "warning", meant=equal[0])
                return equal[0]
        if self._known_outside(value, frame, i):
            return value
        if self._whole:
            self._report_unknown(value, i, origin, findings)
        return value

    def _named(self, value: str, frame: pd.DataFrame, i: int) -> list[str]:
        """Ids of the rows that have this name."""
        named = list(self._by_name.get(_squeeze(value), ()))
        if "places" in self._column.refers and not named:
            named = [code for code in self._names.find(value) if code in self.ids]
        if len(named) > 1 and self._column.name == "parent" and "kind" in frame:
            above = _ABOVE.get(frame["kind"].iat[i])
            named = [code for code in named if self._names.kind(code) == above] or named
        return named

    def _mangled(
        self, value: str, match: re.Match[str], frame: pd.DataFrame, i: int, origin: Origin, findings: Findings
    ) -> str:
        """Id whose first figures and length fit ``1.40521E+11``, if one only, or one only whose name is in the row."""
        power = int(match[3])
        low = (float(f"{match[1]}.{match[2] or 0}") - 0.5 * 10.0 ** -len(match[2] or "")) * 10.0**power
        high = low + 10.0 ** (power - len(match[2] or ""))
        fitting = [c for c in self.ids if len(c) == power + 1 and c.isdecimal() and low <= float(c) <= high]
        if len(fitting) > 1:
            texts = [_squeeze(cell) for cell in frame.iloc[i].tolist() if isinstance(cell, str) and cell != value]
            by_length: dict[int, list[str]] = defaultdict(list)
            for code in fitting:
                called = self._names.stem(code) if self.ids[code] == "places" else ""
                if called and any(called in text for text in texts):
                    by_length[len(called)].append(code)
            fitting = by_length[max(by_length)] if by_length else fitting
        if len(fitting) == 1:
            findings.cell(origin, i, self._column.name, "county_recovered_code", "warning", meant=fitting[0])
            return fitting[0]
        if self._whole:
            findings.cell(origin, i, self._column.name, "county_mangled_code")
        return ""

    def _known_outside(self, value: str, frame: pd.DataFrame, i: int) -> bool:
        """Whether this is a county's own parent: the prefecture, which no county's table lists."""
        return self._column.name == "parent" and "kind" in frame and frame["kind"].iat[i] == "county" and bool(value)

    def _report_unknown(self, value: str, i: int, origin: Origin, findings: Findings) -> None:
        close: list[str] = []
        if self._suggested < _MOST_SUGGESTIONS and len(self.ids) < 20_000:
            self._suggested += 1
            close = difflib.get_close_matches(value, [*self.ids, *self._by_name], n=1, cutoff=0.75)
        findings.cell(
            origin,
            i,
            self._column.name,
            "county_unknown_reference",
            "error",
            tables_zh="、".join(SCHEMA[name].zh for name in self._column.refers),
            tables_en=", ".join(self._column.refers),
            **hints(close[0], close[0]) if close else hints("", ""),
        )

    def _label(self, code: str) -> str:
        if self.ids[code] == "places":
            return f"{self._names.label(code)} {code}"
        return code


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", "", plain(text)).casefold()
