"""Lists of closed roads and bridges, as headquarters hear of them: "G342 between Duanshi and Zhengzhuang, bridge only".

One row of a CSV table, or one ``[[closed]]`` section of a TOML file, names roads by number, name, OSM way or edge id,
within a box, near a point, or between two points, and says from when to when they are closed, flooded or slowed.
All conditions of a row must hold. A road is closed in both directions unless the row says ``one_way``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dispatch.county.files import read_bytes
from dispatch.county.list_file import list_rows
from dispatch.county.problem_text import found
from dispatch.county.table import Column
from dispatch.hazards.effect import EFFECT_COLUMNS, Effect, Row, read_effect, read_fields
from dispatch.hazards.footprints import cause_names
from dispatch.problems import Problem

__all__ = ["CLOSED_COLUMNS", "ClosedRoad", "read_closed_roads"]

C = Column
CLOSED_COLUMNS: tuple[Column, ...] = (
    *EFFECT_COLUMNS,
    C("ref", "道路编号", "list", zh_also=("路线编号",)),
    C("road", "路名", "list", zh_also=("道路名称", "桥名")),
    C("way", "OSM道路号", "list", zh_also=("OSM编号",)),
    C("edge", "路段号", "list", zh_also=("路段",)),
    C("bbox", "范围", "list"),
    C("near", "附近", "list", zh_also=("位置",)),
    C("radius_m", "半径", "number", "m", low=0),
    C("from", "起点", "list"),
    C("to", "终点", "list"),
    C("only", "仅限", "choice", choices={"bridge": "桥梁", "tunnel": "隧道", "ford": "过水路面"}),
    C("one_way", "单向", "flag"),
)
"""Which roads. ``bbox``: west, south, east, north. ``near``: a place of the county or ``lon, lat``; with ``radius_m``
all roads within it that meet the other conditions, without it the nearest one. ``from`` and ``to``: the same, the part
of the road between them. ``only``: bridges, tunnels or fords of the roads."""

SELECTORS = ("ref", "road", "way", "edge", "bbox", "near", "from")


@dataclass(frozen=True)
class ClosedRoad:
    """One row of the list.

    Attributes
    ----------
    name : str
        As given, else ``file#row``.
    effect : Effect
    ref, road, edge : tuple of str
        Any of these numbers, names, edge ids.
    way : tuple of int
        Any of these OSM ways.
    bbox : tuple of four floats, or empty
        West, south, east, north.
    near, start, end : str
        Points as written: a place, or ``lon, lat``; "" if not given.
    radius_m : float
        NaN if not given.
    only : str
        ``bridge``, ``tunnel``, ``ford``, or "".
    one_way : bool
        Whether only the direction of the edges named is concerned.
    file, row
        Where it was read.
    """

    name: str
    effect: Effect
    ref: tuple[str, ...] = ()
    road: tuple[str, ...] = ()
    way: tuple[int, ...] = ()
    edge: tuple[str, ...] = ()
    bbox: tuple[float, ...] = ()
    near: str = ""
    start: str = ""
    end: str = ""
    radius_m: float = float("nan")
    only: str = ""
    one_way: bool = False
    file: str = ""
    row: int | None = None


def read_closed_roads(path: Path, reference: datetime) -> tuple[list[ClosedRoad], list[Problem]]:
    """Read a list of closed roads.

    Parameters
    ----------
    path : Path
        CSV (UTF-8, GB18030 …) or the first sheet of a workbook, headers in English or Chinese, also below title rows;
        or TOML with ``[[closed]]`` sections.
    reference : datetime
        Time zero, aware.

    Returns
    -------
    closed : list of ClosedRoad
        Rows without errors, in the order of the file.
    problems : list of Problem
        ``row`` is the row of the table, the number of the section in TOML.
    """
    problems: list[Problem] = []
    causes = cause_names()
    closed: list[ClosedRoad] = []
    unknown: dict[str, int] = {}
    for number, cells in _rows(path, problems):
        row, further = read_fields(cells, CLOSED_COLUMNS, path.name, number, reference, problems)
        for header in further:
            unknown.setdefault(header, number)
        row.values["name"] = row.values["name"] or f"{path.name}#{number}"
        read = _closed_road(row, causes)
        if not row.failed:
            closed.append(read)
    columns = ", ".join(column.name for column in CLOSED_COLUMNS)
    problems += [
        found("hazards_unknown_property", path.name, number, header, header, "warning", columns=columns)
        for header, number in unknown.items()
    ]
    if not closed and not problems:
        problems.append(found("hazards_no_closed_roads", path.name, None, "", "", "warning"))
    return closed, problems


def _closed_road(row: Row, causes: dict[str, str]) -> ClosedRoad:
    """One row; its problems go on the row's list."""
    value = row.values
    effect = read_effect(row, closed_unless_told=True, causes=causes)
    if not row.given & set(SELECTORS) and not row.failed:
        row.problem("", value["name"], "hazards_no_selector")
    if ("from" in row.given) != ("to" in row.given):
        row.problem("to" if "from" in row.given else "from", "", "hazards_from_and_to")
    ways = tuple(int(way) for way in value["way"] if way.lstrip("-").isdecimal())
    if len(ways) != len(value["way"]):
        row.problem("way", "; ".join(value["way"]), "hazards_integer")
    return ClosedRoad(
        name=value["name"],
        effect=effect,
        ref=value["ref"],
        road=value["road"],
        way=ways,
        edge=value["edge"],
        bbox=_bbox(row, value["bbox"]),
        near=", ".join(value["near"]),
        start=", ".join(value["from"]),
        end=", ".join(value["to"]),
        radius_m=value["radius_m"],
        only=value["only"],
        one_way=value["one_way"] is True,
        file=row.file,
        row=row.row,
    )


def _bbox(row: Row, parts: tuple[str, ...]) -> tuple[float, ...]:
    """West, south, east, north, in order and within the globe."""
    if not parts:
        return ()
    try:
        west, south, east, north = (float(part) for part in parts)
    except ValueError:
        row.problem("bbox", "; ".join(parts), "hazards_bbox")
        return ()
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        row.problem("bbox", "; ".join(parts), "hazards_bbox")
    return west, south, east, north


def _rows(path: Path, problems: list[Problem]) -> Iterator[tuple[int, dict[str, object]]]:
    """(row or section number, cells by header) of every row."""
    if path.suffix.lower() == ".toml":
        return _sections(path, problems)
    return list_rows(path, CLOSED_COLUMNS, problems)


def _sections(path: Path, problems: list[Problem]) -> Iterator[tuple[int, dict[str, object]]]:
    """Sections ``[[closed]]`` of a TOML file."""
    content, wrong = read_bytes(path)
    problems += wrong
    if content is None:
        return
    try:
        read = tomllib.loads(content.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        problems.append(found("hazards_not_table", path.name, reason=error))
        return
    sections = read.pop("closed", [])
    if not isinstance(sections, list) or not all(isinstance(section, dict) for section in sections) or read:
        key = next(iter(read), "closed")
        problems.append(found("hazards_not_table", path.name, None, key, reason=key))
        return
    yield from enumerate(sections, start=1)
