"""The rules that hold between cells, rows and tables of a county; every breach is a problem with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dispatch.county.county import County
from dispatch.county.findings import Findings, Origin
from dispatch.county.rules_places import check_places
from dispatch.county.rules_positions import check_positions
from dispatch.county.rules_supply import (
    check_demand,
    check_first_batch,
    check_headquarters,
    check_stock,
    check_vehicles,
    check_weights,
)
from dispatch.county.schema import SCHEMA
from dispatch.county.table import Column, Table
from dispatch.problems import Problem

__all__ = ["LARGEST", "check_tables", "validate_county"]

_SITES = ("places", "depots", "facilities", "shelters")
"""Tables whose ids name a point on the road network: no id may stand in two of them."""
_SEPARATORS = (";", "；", "、", ",", "，")


def validate_county(county: County) -> tuple[Problem, ...]:
    """Check a county in memory as a pack is checked when it is read.

    Returns
    -------
    tuple of Problem
        ``file`` is the table's name, ``row`` the row as a CSV file of it would number them.
    """
    findings = Findings()
    origins = {name: Origin.in_memory(name, county.table(name)) for name in SCHEMA}
    for name in SCHEMA:
        for column in SCHEMA[name].columns if len(county.table(name)) else ():
            _check_values(name, column, county.tables, origins[name], findings)
    check_tables(county.tables, origins, findings, county.boundary_wkt, county.code)
    return tuple(findings.all())


def check_tables(
    tables: Mapping[str, pd.DataFrame],
    origins: Mapping[str, Origin],
    findings: Findings,
    boundary_wkt: str = "",
    code: str = "",
) -> None:
    """Check every rule on typed tables.

    Parameters
    ----------
    tables : mapping
        All of ``SCHEMA``.
    origins : mapping
        Where their rows come from; cells marked faulty there are left alone.
    findings : Findings
        Takes the problems.
    boundary_wkt, code : str
        The county's; "" skips the rules that need them.
    """
    check_positions(tables, origins, findings, boundary_wkt)
    for name, table in SCHEMA.items():
        if len(tables[name]):
            check_columns(table, tables[name], origins[name], findings)
            _check_keys(table, tables[name], origins[name], findings)
    _check_sites(tables, origins, findings)
    check_places(tables["places"], origins["places"], findings, code)
    check_stock(tables, origins, findings)
    check_weights(tables, origins, findings)
    check_vehicles(tables["vehicles"], origins["vehicles"], findings)
    check_first_batch(tables["first_batch"], origins["first_batch"], findings)
    check_demand(tables["demand"], origins["demand"], findings)
    check_headquarters(tables["headquarters"], origins["headquarters"], findings)


def check_columns(table: Table, frame: pd.DataFrame, origin: Origin, findings: Findings) -> None:
    """Required values and ranges, column by column."""
    for column in table.columns:
        if column.required and column.name in origin.headers:
            for i, value in enumerate(frame[column.name].tolist()):
                if value == "" or value != value:  # nothing, or NaN
                    findings.once(origin, i, column.name, "county_missing_value")
        if column.kind in {"number", "integer"}:
            low = -LARGEST if column.low is None else column.low
            high = LARGEST if column.high is None else column.high
            numbers = frame[column.name].to_numpy(dtype=float)
            for i in np.flatnonzero((numbers < low) | (numbers > high)).tolist():
                limit = (
                    _limit(column) if abs(numbers[i]) <= LARGEST else _Limit("county_at_most", "", f"{LARGEST:,.0f}")
                )
                findings.once(origin, i, column.name, limit.code, low=limit.low, high=limit.high)


LARGEST = 1e12
"""No count, amount or price of a county is larger."""


@dataclass(frozen=True)
class _Limit:
    code: str
    low: str
    high: str


def _limit(column: Column) -> _Limit:
    low = "" if column.low is None else f"{column.low:g}"
    high = "" if column.high is None else f"{column.high:g}"
    return _Limit("county_between" if low and high else "county_at_least" if low else "county_at_most", low, high)


def _check_keys(table: Table, frame: pd.DataFrame, origin: Origin, findings: Findings) -> None:
    """Each key once; single ids without the signs that part a list."""
    columns = [frame[name].tolist() for name in table.key]
    first: dict[tuple[str, ...], int] = {}
    for i, key in enumerate(zip(*columns, strict=True)):
        if "" in key or any((i, name) in origin.faulty for name in table.key):
            continue
        if key in first:
            words = "、".join(table.column(name).zh for name in table.key)
            findings.once(origin, i, table.key[-1], "county_duplicate_key", other_row=origin.rows[first[key]],
                          keys_zh=words, keys_en=", ".join(table.key))  # fmt: skip
        first.setdefault(key, i)
    if len(table.key) == 1 and table.column(table.key[0]).kind == "id" and table.name != "scenario":
        for i, value in enumerate(columns[0]):
            if any(sign in value for sign in _SEPARATORS):
                findings.once(origin, i, table.key[0], "county_id_separator")


def _check_sites(tables: Mapping[str, pd.DataFrame], origins: Mapping[str, Origin], findings: Findings) -> None:
    """Ids of places, depots, facilities and shelters are unique across these tables."""
    taken: dict[str, str] = {}
    for name in _SITES:
        key = SCHEMA[name].key[0]
        ids = tables[name][key].tolist()
        for i, one in enumerate(ids):
            if one and taken.get(one, name) != name:
                findings.once(origins[name], i, key, "county_shared_id", table_zh=SCHEMA[taken[one]].zh,
                        table_en=taken[one])  # fmt: skip
        for one in ids:
            taken.setdefault(one, name)


def _check_values(
    name: str, column: Column, tables: Mapping[str, pd.DataFrame], origin: Origin, findings: Findings
) -> None:
    """In memory only: choices are canonical, whole numbers whole, references ids."""
    values = tables[name][column.name]
    if column.kind == "choice":
        allowed = {*(column.choices or {}), ""}
        for i in np.flatnonzero(~values.isin(allowed)).tolist():
            findings.once(origin, i, column.name, "county_choice", choices_en=", ".join(column.choices or ()),
                    choices_zh="、".join((column.choices or {}).values()))  # fmt: skip
    elif column.kind == "integer":
        numbers = values.to_numpy(dtype=float)
        for i in np.flatnonzero(~np.isnan(numbers) & (numbers != np.round(numbers))).tolist():
            findings.once(origin, i, column.name, "county_integer")
    elif column.refers:
        known = {one for refers in column.refers for one in tables[refers][SCHEMA[refers].key[0]]} | {""}
        for i, value in enumerate(values.tolist()):
            parts = value.split(";") if column.kind == "list" else [value]
            prefecture = column.name == "parent" and name == "places" and tables[name]["kind"].iat[i] == "county"
            if not known.issuperset(parts) and not prefecture:
                findings.once(origin, i, column.name, "county_unknown_reference",
                        tables_zh="、".join(SCHEMA[refers].zh for refers in column.refers),
                        tables_en=", ".join(column.refers), hint_zh="", hint_en="")  # fmt: skip
