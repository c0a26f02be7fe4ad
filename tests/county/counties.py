"""Counties drawn by hypothesis: every table, every kind of column, text with all that a file format may trip over."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta, timezone
from typing import Any

import shapely
from hypothesis import strategies as st

from dispatch.county.county import County
from dispatch.county.reading import LEFT_OPEN
from dispatch.county.schema import SCHEMA
from dispatch.county.table import Column
from dispatch.county.typed import as_table
from dispatch.county.validate import LARGEST

_WORDS = st.text(
    st.sampled_from("苏庄村,;\"'=+-@#|~\\ \n\t«é𬒗_x0041_%0")
    | st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]),
    max_size=12,
)
TEXT = _WORDS.map(lambda text: text.replace("\ufeff", "").replace("\r", "").strip())
"""Text as a table holds it: no control characters, no blanks at the ends."""
_NOTHING = LEFT_OPEN | {"没有", "无", "合计", "总计", "小计", "共计", "累计", "sum", "total", "subtotal", "grandtotal"}
ID = st.from_regex(r"[A-Za-z一-龥][A-Za-z0-9一-龥_\-]{0,8}", fullmatch=True).filter(
    lambda one: one.casefold() not in _NOTHING
)
NUMBER = st.floats(-LARGEST, LARGEST)


def _cell(column: Column, ids: dict[str, list[str]]) -> st.SearchStrategy[Any]:
    known = sorted({one for table in column.refers for one in ids[table]})
    match column.kind:
        case "number" | "integer":
            low = -1e6 if column.low is None else column.low
            high = 1e12 if column.high is None else column.high
            drawn: st.SearchStrategy[Any] = st.floats(low, high)
            if column.kind == "integer":
                drawn = st.integers(int(low), 10**9).map(float)
            elif column.low is None or column.high is None:
                drawn = drawn | NUMBER.map(lambda x: x if column.low is None else abs(x))
            return drawn if column.required or column.default is not None else drawn | st.just(math.nan)
        case "flag":
            return st.booleans()
        case "choice":
            words = st.sampled_from(sorted(column.choices or {}))
            return words if column.required or column.default else words | st.just("")
        case "reference":
            chosen = st.sampled_from(known) if known else st.just("")
            return chosen if column.required else chosen | st.just("")
        case "list":
            element = st.sampled_from(known) if column.refers and known else ID
            none = bool(column.refers) and not known
            return st.just("") if none else st.lists(element, max_size=3).map(";".join)
        case "date":
            return st.just("") | st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(date.isoformat)
        case "moment":
            zone = st.integers(-12, 14).map(lambda h: timezone(timedelta(hours=h)))
            drawn = st.datetimes(datetime(1900, 1, 1), datetime(2199, 1, 1), timezones=zone)
            return st.just("") | drawn.map(lambda t: t.isoformat(timespec="seconds"))
        case _:
            return TEXT.filter(bool) if column.required else TEXT


@st.composite
def counties(draw: st.DrawFn) -> County:
    """Draw a county; it need not make sense (a depot without stock), but every cell is what its column may hold."""
    ids: dict[str, list[str]] = {}
    present = draw(st.sets(st.sampled_from(sorted(SCHEMA)), max_size=6))
    present |= {name for name, table in SCHEMA.items() if table.required}
    count = {name: draw(st.integers(1, 2)) if name in present else 0 for name in SCHEMA}
    for name in SCHEMA:
        drawn = draw(st.lists(ID, min_size=count[name], max_size=count[name], unique=True))
        ids[name] = [f"{name[:3]}{one}" for one in drawn]
    tables = {}
    for name, table in SCHEMA.items():
        rows = count[name]
        if any(c.kind == "reference" and c.required and not any(ids[t] for t in c.refers) for c in table.columns):
            rows = 0
        values: dict[str, list[Any]] = {}
        for column in table.columns:
            if (column.name,) == table.key or (column.kind == "id" and column.name in table.key):
                values[column.name] = ids[name][:rows]
            elif column.kind == "wkt":
                shape = "LINESTRING (112 35, 112.1 35.1)" if name == "fire_lines" else "POLYGON ((1 1, 2 1, 2 2, 1 1))"
                values[column.name] = [shape] * rows
            else:
                values[column.name] = [draw(_cell(column, ids)) for _ in range(rows)]
        tables[name] = as_table(table, _sensible(name, values))
    edge = draw(st.booleans())
    boundary = shapely.to_wkt(shapely.box(111.123456789012, 34, 114.1, 37.3333333333333), rounding_precision=-1)
    return County(draw(ID), draw(TEXT.filter(bool)), draw(TEXT.filter(bool)), "Asia/Shanghai", tables,
                  tuple(draw(st.lists(TEXT.filter(bool), max_size=2))), boundary if edge else "")  # fmt: skip


def _sensible(name: str, values: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Keep the rules that hold between columns."""
    rows = range(len(next(iter(values.values()))))
    if name == "places":
        values["kind"], values["parent"] = ["village" for _ in rows], ["" for _ in rows]
    if name == "headquarters":
        values["parent"] = ["" for _ in rows]
    if name == "stock":
        values["mode"], values["produced"] = ["physical" for _ in rows], ["" for _ in rows]
    if "lon" in values:
        for i in rows:
            inside = not math.isnan(values["lon"][i] + values["lat"][i])
            values["lon"][i] = 111.2 + abs(values["lon"][i]) / 180 if inside else math.nan
            values["lat"][i] = 34.1 + abs(values["lat"][i]) / 90 if inside else math.nan
    return values
