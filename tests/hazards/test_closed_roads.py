"""Lists of closed roads: reading them, and which edges each row means."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.hazards.closed_roads import CLOSED_COLUMNS, ClosedRoad, read_closed_roads
from dispatch.hazards.effect import Effect
from dispatch.hazards.lines import edge_lines
from dispatch.hazards.match import match_edges
from dispatch.problems import errors
from tests import tiny
from tests.hazards.worlds import codes, line, with_attributes
from tests.tiny import REFERENCE

CLOSED = Effect(0.0, math.inf, 0.0, speed_permille=0.0)


def _written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def test_a_chinese_ledger_and_a_toml_list_say_the_same(tmp_path: Path) -> None:
    header = "名称,道路编号,路名,起点,终点,仅限,开始,结束,灾因,概率"
    sheet = header + '\n沁河桥,G342；S331,沁河大桥,端氏镇,"112.5, 35.7",桥梁,+0:30,,洪水,0.5\n'
    toml = """
[[closed]]
name = "沁河桥"
ref = ["G342", "S331"]
road = "沁河大桥"
from = "端氏镇"
to = [112.5, 35.7]
only = "bridge"
start = 30
cause = "flood"
probability = 0.5
"""
    here, problems = read_closed_roads(_written(tmp_path / "closed.csv", sheet, "gb18030"), REFERENCE)
    assert problems == []
    there, problems = read_closed_roads(_written(tmp_path / "closed.toml", toml), REFERENCE)
    assert problems == []
    assert here[0] == replace(there[0], file="closed.csv", row=2, effect=here[0].effect)
    assert str(here[0].effect) == str(there[0].effect)  # as text: a depth not given is NaN, which equals nothing
    assert (here[0].effect.speed_permille, here[0].effect.start_s, here[0].effect.group) == (0, 1800, "沁河桥")
    assert (here[0].ref, here[0].start, here[0].end) == (("G342", "S331"), "端氏镇", "112.5, 35.7")


def test_a_row_may_flood_or_slow_instead(tmp_path: Path) -> None:
    sheet = "ref,depth_m,speed_factor,vehicle_classes\nG342,0.4,,\nG342,,0.3,bus;truck_10t\n"
    (wet, slow), problems = read_closed_roads(_written(tmp_path / "closed.csv", sheet), REFERENCE)
    assert problems == []
    assert (wet.effect.depth_m, slow.effect.speed_permille, slow.effect.vehicle_classes) == (
        0.4,
        300,
        ("bus", "truck_10t"),
    )


def test_every_fault_is_named_with_its_line(tmp_path: Path) -> None:
    sheet = """ref,way,bbox,from,to,only,start,reff

,,,,,,+1:00,
G1,12a,,,,,,
G1,,112;35;111;36,,,,,
G1,,112;35;111,,,,,
G1,,,A,,,,
G1,,,,,boat,,
G1,,,,,,later,x
"""
    closed, problems = read_closed_roads(_written(tmp_path / "c.csv", sheet), REFERENCE)
    assert closed == []
    assert codes(problems) == [
        (3, "", "hazards_no_selector"),
        (4, "way", "hazards_integer"),
        (5, "bbox", "hazards_bbox"),
        (6, "bbox", "hazards_bbox"),
        (7, "to", "hazards_from_and_to"),
        (8, "only", "hazards_value_choice"),
        (9, "start", "hazards_time"),
        (3, "reff", "hazards_unknown_property"),
    ]


def test_a_workbook_with_title_rows_and_its_own_times(tmp_path: Path) -> None:
    """As headquarters keep it: a title above the header, a number column, Excel's own dates and times."""
    import openpyxl

    book = openpyxl.Workbook()
    for row in [
        ["沁水县道路中断情况"],
        ["序号", "名称", "道路编号", "开始", "结束", "水深"],
        [1, "沁河桥", "G342", datetime(2026, 7, 20, 23, 0), time(4, 30), 0.4],
    ]:
        book.active.append(row)
    book.save(tmp_path / "closed.xlsx")
    (row,), problems = read_closed_roads(tmp_path / "closed.xlsx", REFERENCE)
    assert errors(problems) == []
    assert (row.row, row.ref) == (3, ("G342",))
    assert (row.effect.start_s, row.effect.end_s, row.effect.depth_m) == (3600, 6.5 * 3600, 0.4)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("c.csv", b"", "hazards_no_header"),
        ("c.csv", b"ref\n", "hazards_no_closed_roads"),
        ("c.csv", b"ref\n\x81\xff\xff", "county_encoding"),
        ("c.csv", b"ref\n\"" + b"x" * 200_000, "county_csv_quotes"),
        ("c.toml", b"closed = 3", "hazards_not_table"),
        ("c.toml", b"[[close]]\nref = 'G1'", "hazards_not_table"),
        ("c.toml", b"[[closed]", "hazards_not_table"),
        ("c.toml", b"", "hazards_no_closed_roads"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_list(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert [problem.code for problem in read_closed_roads(tmp_path / name, REFERENCE)[1]] == [code]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert [problem.code for problem in read_closed_roads(tmp_path / "no.csv", REFERENCE)[1]] == ["county_no_file"]


CELL = st.text(max_size=8) | st.sampled_from(
    ["G1", "+1:00", "1;2;3", "是", "桥梁", "0.5", "-1", "112, 35", "nan", "1e999"]
)
HEADER = st.sampled_from(
    [column.name for column in CLOSED_COLUMNS] + [column.zh for column in CLOSED_COLUMNS]
) | st.text(max_size=4)


@given(header=st.lists(HEADER, max_size=6), rows=st.lists(st.lists(CELL, max_size=6), max_size=4))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_list_makes_a_traceback(tmp_path: Path, header: list[str], rows: list[list[str]]) -> None:
    text = "\n".join(",".join(cells) for cells in (header, *rows))
    path = tmp_path / "c.csv"
    path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    closed, problems = read_closed_roads(path, REFERENCE)
    assert not {problem.row for problem in errors(problems)} & {row.row for row in closed}


# --- which edges a row means, on the line r01 – r12 – r23 ---

ROADS = {
    "ref": {"r01": "G342", "r12": "G342;S331", "r23": "S331"},
    "name": {"r12": "沁河大桥"},
    "bridge": {"r12": True},
}
COUNTY = tiny.county(
    places=[
        {"place": "A", "name": "甲村", "kind": "village", "lon": 112.0, "lat": 35.5, "aliases": "老甲;旧甲"},
        {"place": "B", "name": "乙村", "kind": "village", "lon": 112.02, "lat": 35.5},
        {"place": "C", "name": "同名", "kind": "village", "lon": 112.03, "lat": 35.5},
        {"place": "D", "name": "同名", "kind": "village", "lon": 112.04, "lat": 35.5},
        {"place": "E", "name": "无坐标", "kind": "village"},
    ]
)  # fmt: skip


def _edges(network: Any = None, **row: Any) -> tuple[set[str], list[str]]:
    """Ids of the edges that a row means, and the codes of its problems."""
    network = line(**ROADS) if network is None else network
    (edges,), problems = match_edges(network, COUNTY, edge_lines(network), [ClosedRoad("x", CLOSED, **row)])
    return set(network.edge_id[edges]), [problem.code for problem in problems]


def _both(*roads: str) -> set[str]:
    return {f"{road}:{u}-{v}" for road in roads for u, v in ((road[1], road[2]), (road[2], road[1]))}


@pytest.mark.parametrize(
    ("row", "meant"),
    [
        ({"ref": ("G342",)}, _both("r01", "r12")),
        ({"ref": ("ｇ-3 42",)}, _both("r01", "r12")),  # full width, hyphen, blank, case
        ({"ref": ("G342", "S331")}, _both("r01", "r12", "r23")),
        ({"road": ("沁河大桥",)}, _both("r12")),
        ({"ref": ("S331",), "only": "bridge"}, _both("r12")),
        ({"edge": ("r12:1-2",)}, _both("r12")),
        ({"edge": ("r12:1-2",), "one_way": True}, {"r12:1-2"}),
        ({"bbox": (112.011, 35.0, 112.019, 36.0)}, _both("r12")),
        ({"ref": ("G342",), "bbox": (112.001, 35.0, 112.009, 36.0)}, _both("r01")),
        ({"near": "112.026, 35.51"}, _both("r23")),
        (
            {"near": "112.026, 35.501", "ref": ("G342",)},
            _both("r12"),
        ),  # the nearest of that road, though another is nearer
        ({"near": "112.015, 35.5", "radius_m": 300.0}, _both("r12")),
        ({"near": "112.015, 35.5", "radius_m": 500.0}, _both("r01", "r12", "r23")),  # their ends are 452 m off
        ({"near": "甲村"}, _both("r01")),
        ({"start": "甲村", "end": "乙村"}, _both("r01", "r12")),
        ({"start": "旧甲", "end": "B"}, _both("r01", "r12")),
        ({"start": "A", "end": "B", "ref": ("S331",)}, _both("r12")),
        ({"start": "112.02, 35.5", "end": "112.03, 35.5"}, _both("r23")),
    ],
)
def test_what_a_row_means(row: dict[str, Any], meant: set[str]) -> None:
    assert _edges(**row) == (meant, [])


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"ref": ("G343",)}, "hazards_no_such_road"),
        ({"road": ("沁河桥",)}, "hazards_no_such_road"),
        ({"way": (99,)}, "hazards_no_road_matches"),
        ({"ref": ("G342",), "only": "tunnel"}, "hazards_no_road_matches"),
        ({"near": "112.5, 35.5", "radius_m": 100.0}, "hazards_no_road_matches"),
        ({"near": "丙村"}, "hazards_point"),
        ({"near": "无坐标"}, "hazards_point"),
        ({"start": "同名", "end": "A"}, "hazards_point_ambiguous"),
    ],
)
def test_a_row_that_means_no_road_is_an_error(row: dict[str, Any], code: str) -> None:
    edges, found = _edges(**row)
    assert edges == set()
    assert found == [code]


def test_the_nearest_names_are_offered() -> None:
    network = line(**ROADS)
    _, (problem,) = match_edges(network, COUNTY, edge_lines(network), [ClosedRoad("x", CLOSED, road=("沁河桥",))])
    assert "沁河大桥" in problem.expected


def test_an_osm_way_is_found_by_any_of_the_ways_an_edge_was_made_of() -> None:
    network = line()
    ways = network.ways.copy()
    ways[:] = [(1, 77) if edge.startswith("r12") else (1,) for edge in network.edge_id]
    assert _edges(replace(network, ways=ways), way=(77,)) == (_both("r12"), [])


def test_an_edge_split_by_an_attached_place_keeps_being_meant() -> None:
    network = line()
    names = network.edge_id.copy()
    names[:] = [f"{edge}/1" if edge == "r12:1-2" else edge for edge in network.edge_id]
    assert _edges(replace(network, edge_id=names), edge=("r12:1-2",), one_way=True) == ({"r12:1-2/1"}, [])


def test_between_two_points_bridges_a_gap_in_the_numbering() -> None:
    """G342 is not tagged on r12 (a town's main street): the way is followed through it, but only G342 is closed."""
    network = with_attributes(tiny.network([(0, 1, 1.0), (1, 2, 1.0), (2, 3, 1.0), (0, 4, 1.0), (4, 3, 1.5)]),
                              ref={"r01": "G342", "r23": "G342"})  # fmt: skip
    assert _edges(network, ref=("G342",), start="112.0, 35.5", end="112.03, 35.5") == (_both("r01", "r23"), [])
    # without a number, the shortest way
    assert _edges(network, start="112.0, 35.5", end="112.03, 35.5") == (_both("r04", "r34"), [])


def test_between_follows_the_shorter_branch_of_a_road() -> None:
    """Hand-worked: both branches carry the number; 0–1–3 is 2 km, 0–2–3 is 3 km."""
    network = with_attributes(tiny.network([(0, 1, 1.0), (1, 3, 1.0), (0, 2, 1.5), (2, 3, 1.5)]),
                              ref=dict.fromkeys(["r01", "r13", "r02", "r23"], "G342"))  # fmt: skip
    edges, problems = _edges(network, ref=("G342",), start="112.0, 35.5", end="112.03, 35.5")
    assert problems == []
    assert {edge[:3] for edge in edges} == {"r01", "r13"}


def test_between_closes_both_carriageways() -> None:
    """One-way there over 1, one-way back over 3: both are the road between 0 and 2."""
    roads = tiny.network([(0, 1, 1.0), (1, 2, 1.0), (2, 3, 1.0), (3, 0, 1.0), (2, 4, 1.0)], two_way=False)
    network = with_attributes(roads, ref=dict.fromkeys(["r01", "r12", "r23", "r03", "r24"], "G342"))
    meant = {"r01:0-1", "r12:1-2", "r23:2-3", "r03:3-0"}
    assert _edges(network, ref=("G342",), start="112.0, 35.5", end="112.02, 35.5") == (meant, [])


def test_each_row_is_matched_by_itself() -> None:
    network = line(**ROADS)
    rows = [ClosedRoad("a", CLOSED, ref=("G342",)), ClosedRoad("b", CLOSED, ref=("S331",))]
    first, second = match_edges(network, COUNTY, edge_lines(network), rows)[0]
    assert set(network.edge_id[first]) == _both("r01", "r12")
    assert set(network.edge_id[second]) == _both("r12", "r23")
    assert (np.diff(first) > 0).all()
