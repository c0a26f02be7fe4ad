"""``site``, ``stock`` and ``cover`` as a user types them, on the embedded county."""

from __future__ import annotations

import json
import sqlite3
import zipfile

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from dispatch.cli.cover import cover
from dispatch.cli.site import site
from dispatch.cli.stock import stock
from dispatch.planning.siting_ground import candidate_points, lay_ground
from dispatch.roads.profile_norms import read_profiles
from tests import qinshui


@pytest.fixture(scope="module")
def layout(tmp_path_factory):
    out = tmp_path_factory.mktemp("layout")
    done = CliRunner().invoke(site, ["qinshui", "--points", "4", "--within", "15min", "--robust", "bridges",
                                     "--out", str(out), "--lang", "zh"])  # fmt: skip
    assert done.exit_code == 0, done.output
    return out, json.loads((out / "layout.json").read_text(encoding="utf-8")), done.output


def test_numbers_recomputed_from_the_matrix(layout) -> None:
    """The report's figures come out of the driving times again, by another way than the measures take."""
    _, numbers, _ = layout
    base = lay_ground(qinshui.county(), qinshui.network(), read_profiles()["light_truck"],
                      candidate_points(qinshui.county()), limit_m=2000, walk_kmh=3)  # fmt: skip
    for key in ("now", "optimal"):
        told = numbers["variants"][key]
        near = [
            min(base.time_ms[i, base.index[name]] for name in told["points"]) / 60_000 for i in range(len(base.people))
        ]
        people = list(zip(near, base.people, strict=True))
        assert told["people_covered"] == sum(heads for minutes, heads in people if minutes <= 15)
        assert told["people_within"]["30"] == sum(heads for minutes, heads in people if minutes <= 30)
        assert told["worst_min"] == pytest.approx(max(near))
        assert told["mean_min"] == pytest.approx(sum(m * heads for m, heads in people) / sum(base.people))
    best = numbers["variants"]["optimal"]
    assert best["status"] == "optimal"
    assert best["people_always"] == best["value"] >= numbers["variants"]["now"]["people_always"]


def test_the_workbook_says_the_same(layout) -> None:
    out, numbers, _ = layout
    book = load_workbook(out / "layout.xlsx", data_only=True)
    sheet = book["逐点收益"]
    header = next(row for row in sheet.iter_rows() if any(cell.value == "覆盖人口" for cell in row))
    column = {cell.value: cell.column for cell in header}
    covered = [sheet.cell(header[0].row + 1 + k, column["覆盖人口"]).value for k in range(5)]
    assert covered == [row["people_covered"] for row in numbers["curve"]]
    places = book["最优方案-村"]
    assert places.max_row >= 193


def test_word_report_and_geopackage_open(layout) -> None:
    out, _, printed = layout
    report = out / "储备点布局评估报告.docx"
    words = zipfile.ZipFile(report).read("word/document.xml").decode("utf-8")
    for heading in ("一、结论", "三、现状、人工方案与最优方案", "六、单座桥梁中断", "七、建议", "虚拟数据"):
        assert heading in words
    assert "已证最优" in printed
    with sqlite3.connect(out / "layout.gpkg") as base:
        layers = {name for (name,) in base.execute("SELECT table_name FROM gpkg_contents")}
    assert {"places", "points", "bridges"} <= layers


def test_a_bad_proposal_leaves_nothing_behind(tmp_path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("candidate,name,lon,lat\nK-10,禁建,,\nX,坏坐标,abc,35\n", encoding="utf-8")
    out = tmp_path / "out"
    done = CliRunner().invoke(site, ["qinshui", "--proposal", str(bad), "--out", str(out), "--lang", "en"])
    assert done.exit_code == 2
    assert "bad.csv" in done.output
    assert "K-10" in done.output
    assert not out.exists()


@pytest.mark.parametrize("words", [["--within", "soon"], ["--vehicle", "camel"]])
def test_what_cannot_be_is_refused(tmp_path, words) -> None:
    done = CliRunner().invoke(site, ["qinshui", *words, "--out", str(tmp_path / "x")])
    assert done.exit_code == 2


def test_readiness_says_no_and_writes_a_workbook(tmp_path) -> None:
    out = tmp_path / "check"
    done = CliRunner().invoke(stock, ["qinshui", "--check", "--date", "2026-05-20", "--out", str(out), "--lang", "en"])
    assert done.exit_code == 1  # some lots have expired
    assert "FAIL" in done.output
    assert "due within 90 days" in done.output
    assert set(load_workbook(out / "stock_check.xlsx").sheetnames) == {"Check", "Units", "Due", "Norm"}


def test_the_five_year_plan_prints_its_budget(tmp_path) -> None:
    done = CliRunner().invoke(stock, ["qinshui", "--plan", "--date", "2026-05-20", "--out", str(tmp_path / "p"),
                                      "--lang", "zh"])  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "2030-05-19" in done.output
    assert (tmp_path / "p" / "stock_plan.xlsx").is_file()


@pytest.mark.parametrize(("kind", "code"), [("satellite", 0), ("shelter", 1), ("water_point", 0), ("fire_road", 0)])
def test_coverages(tmp_path, kind: str, code: int) -> None:
    """Exit 1 where a time limit is not kept everywhere."""
    done = CliRunner().invoke(cover, ["qinshui", kind, "--out", str(tmp_path / kind), "--lang", "zh"])
    assert done.exit_code == code, done.output
    assert any((tmp_path / kind).iterdir())


@pytest.mark.parametrize(("command", "words", "option"), [
    (cover, ["qinshui", "shelter", "--wind", "3"], "--wind"),
    (cover, ["qinshui", "camera", "--within", "20min"], "--within"),
    (stock, ["qinshui", "--check", "--years", "3"], "--years"),
    (stock, ["qinshui", "--optimise", "qinshui/flash_flood", "--goods", "stay"], "--goods"),
    (stock, ["qinshui", "--points", "2", "--date", "2026-05-20", "--budget", "1", "--people", "9"], "--people --date"),
])  # fmt: skip
def test_an_option_that_would_do_nothing_is_refused(command, words: list[str], option: str) -> None:
    done = CliRunner().invoke(command, [*words, "--lang", "en"])
    assert done.exit_code == 2
    assert option in done.output


def test_points_and_stock_as_a_user_types_it(tmp_path) -> None:
    out = tmp_path / "points"
    words = ["qinshui", "--optimise", "qinshui/flash_flood", "--points", "1", "--budget", "900000", "--sampled", "2",
             "--lang", "zh", "--out", str(out)]  # fmt: skip
    done = CliRunner().invoke(stock, words)
    assert done.exit_code == 0, done.output
    assert "建议" in done.output
    book = load_workbook(out / "stock_points.xlsx", data_only=True)
    assert {"逐点增益", "新点"} <= set(book.sheetnames)
    for missing in ([*words[:4], "--budget", "1"], [*words[:5], "--lang", "en"]):
        assert CliRunner().invoke(stock, missing).exit_code == 2
