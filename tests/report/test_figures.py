"""Figures: real text, the same bytes again, nothing that escapes onto the page, and no boxes for Chinese."""

from __future__ import annotations

import dataclasses
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dispatch.clock import HOUR_MS
from dispatch.documents import fonts
from dispatch.report import figures
from dispatch.report.drawing import as_png_and_pdf, as_svg, em_width, inline_svg
from dispatch.report.figure_bars import ItemStock, cases_chart, stock_chart
from dispatch.report.figure_map import Mark, map_chart
from dispatch.report.figure_time import arrivals_chart, served_chart
from dispatch.report.figures import drawings, write_figures
from dispatch.report.findings import find
from dispatch.report.palette import LIGHT
from dispatch.report.phases import plan_phases
from dispatch.report.shapes import drawn_edges, road_group, simplify
from tests import tiny
from tests.report.worlds import MINUTE, one_truck

SVG = "{http://www.w3.org/2000/svg}"


def svgs(ran, lang="zh") -> dict[str, str]:
    findings = find(ran.scenario, ran.plan, ran.ensemble, lang)
    found = drawings(ran.scenario, ran.plan, findings, plan_phases(ran.plan, ran.scenario), lang)
    return {drawing.name: as_svg(drawing.chart, drawing.title) for drawing in found}


def words(svg: str) -> list[str]:
    return ["".join(text.itertext()).strip() for text in ET.fromstring(svg).iter(f"{SVG}text")]


def points(svg: str, colour: str, tag: str = "path") -> list[tuple[float, float]]:
    """Corners of the drawn paths of a colour, in points from the upper left."""
    found = []
    for path in ET.fromstring(svg).iter(f"{SVG}{tag}"):
        if f"stroke: {colour}" in path.get("style", "") and path.get("d"):
            found += [tuple(map(float, pair)) for pair in re.findall(r"(-?[\d.]+) (-?[\d.]+)", path.get("d"))]
    return found


def test_all_figures_are_there_with_their_words(ran):
    drawn = svgs(ran)
    assert list(drawn) == ["served", "map", "arrivals", "gantt", "docks", "stock", "steps"]
    assert {"A村", "B村", "C村", "县库", "N"} <= set(words(drawn["map"]))
    assert {"A村", "B村", "C村"} <= set(words(drawn["arrivals"])) & set(words(drawn["steps"]))
    assert {"V1", "装车", "卸车签收", "返回"} <= set(words(drawn["gantt"]))
    assert {"县库 1号口", "装车"} <= set(words(drawn["docks"]))
    for name in ("served", "arrivals", "gantt", "docks", "steps"):
        assert "2.5 小时线 00:30" in words(drawn[name]), name
        assert "22:00" in words(drawn[name]), name


def test_equal_results_give_equal_bytes(ran):
    assert svgs(ran) == svgs(ran)


def test_figures_use_only_the_palette(ran):
    for name, svg in svgs(ran, "en").items():
        colours = {colour.lower() for colour in re.findall(r"#[0-9a-fA-F]{6}\b", svg)}
        assert colours <= set(LIGHT.values()), name
        assert not re.findall(r"#[0-9a-fA-F]{6}\b", inline_svg(svg)), name


def test_inside_the_page_a_figure_styles_and_names_nothing_else(ran):
    for svg in svgs(ran).values():
        inlined = inline_svg(svg)
        assert "<style" not in inlined
        assert "http" not in inlined
        ids = set(re.findall(r' id="([^"]+)"', inlined))
        assert ids <= set(re.findall(r"#([\w-]+)", inlined))


def test_the_curve_rises_where_the_plan_serves():
    # Two places of 1 and 3 people at 1 h and 4 h on a clock of 6 h: 25 % until 4 h, then all.
    chart = served_chart("en", tiny.REFERENCE, 0, 5 * HOUR_MS, 6 * HOUR_MS, np.array([1.0, 3.0]),
                         np.array([HOUR_MS, 4 * HOUR_MS]), None)  # fmt: skip
    corners = points(as_svg(chart, "t"), LIGHT["ink"])
    left, right = 44.0, 9.4 * 72 - 14
    hour = (right - left) / 6
    bottom, top = 3.6 * 72 - 34, 46.0
    percent = (bottom - top) / 103
    line = [(x, y) for x, y in corners if y >= top]
    at = {round((x - left) / hour, 2): [] for x, _ in line}
    for x, y in line:
        at[round((x - left) / hour, 2)].append(round((bottom - y) / percent))
    assert {0, 25} <= set(at[1.0])
    assert {25, 100} <= set(at[4.0])
    assert set(at[6.0]) == {100}


def test_the_six_hour_line_stands_at_six_hours():
    chart = served_chart("en", tiny.REFERENCE, 0, 6 * HOUR_MS, 8 * HOUR_MS, np.array([1.0]), np.array([-1]), None)
    svg = as_svg(chart, "t")
    left, right = 44.0, 9.4 * 72 - 14
    assert {round(x) for x, _ in points(svg, LIGHT["vermillion"])} == {round(left + (right - left) * 6 / 8)}
    assert "6 h line, 04:00" in words(svg)


def test_a_place_never_served_on_most_nights_runs_off_the_figure():
    nights = np.array([[2 * HOUR_MS], [-1], [-1], [-1]])
    chart = arrivals_chart("en", tiny.REFERENCE, 0, 6 * HOUR_MS, 8 * HOUR_MS, ["A"], np.array([2 * HOUR_MS]), nights,
                           np.array([0.25]))  # fmt: skip
    svg = as_svg(chart, "t")
    assert "25%" in words(svg)
    right = 9.4 * 72 - 84
    spread = [x for x, _ in points(svg, LIGHT["blue"])]
    assert max(spread) > right


def test_the_map_names_what_fits_shows_scale_north_and_source():
    roads = dataclasses.replace(
        tiny.network([(0, 1, 10), (1, 2, 10)]), attribution="© OpenStreetMap contributors", schematic=True
    )
    marks = [Mark("县库", "depot", 112.0, 35.5), Mark("甲", "served", 112.01, 35.5), Mark("乙", "missed", 112.02, 35.5),
             Mark("丙", "missed", 112.02, 35.5)]  # fmt: skip
    chart = map_chart(
        "zh", roads, simplify(roads, 5.0), drawn_edges(roads), road_group(roads), {"closed": [0]}, [], marks
    )
    written = words(as_svg(chart, "t"))
    assert {"县库", "甲", "乙", "N", "0.5 km"} <= set(written)
    assert written.count("丙") <= 1  # beside the other, or not at all
    assert "示意路网，非测绘数据 · © OpenStreetMap contributors" in written
    assert "中断" in written
    assert "减速" not in written  # the legend holds what occurs


def test_scale_bar_is_as_long_as_it_says():
    # 0.02 degrees of longitude at 35.5 N are 111.195 km × cos 35.5° × 0.02 = 1.8105 km
    roads = tiny.network([(0, 1, 10), (1, 2, 10)])
    marks = [Mark("a", "depot", 112.0, 35.5), Mark("b", "served", 112.02, 35.5)]
    svg = as_svg(
        map_chart("en", roads, simplify(roads, 5.0), drawn_edges(roads), road_group(roads), {}, [], marks), "t"
    )
    road = [x for x, _ in points(svg, LIGHT["road_middle"])]
    bar = [x for x, _ in points(svg, LIGHT["ink"]) if x < 150]
    metres_per_point = 1810.5 / (max(road) - min(road))
    assert (max(bar) - min(bar)) * metres_per_point == pytest.approx(500, rel=0.01)


def test_many_roads_become_a_picture_inside_the_figure(monkeypatch):
    monkeypatch.setattr("dispatch.report.figure_map._RASTER_POINTS", 1)
    roads = tiny.network([(0, 1, 10), (1, 2, 10)])
    chart = map_chart("en", roads, simplify(roads, 5.0), drawn_edges(roads), road_group(roads), {}, [], [])
    svg = as_svg(chart, "t")
    assert "data:image/png;base64," in svg
    assert svg == as_svg(chart, "t")


def test_a_long_list_is_cut_to_the_worst_and_says_so(ran, monkeypatch):
    monkeypatch.setattr(figures, "_ROWS", 2)
    findings = find(ran.scenario, ran.plan, ran.ensemble, "en")
    found = {d.name: d for d in drawings(ran.scenario, ran.plan, findings, plan_phases(ran.plan, ran.scenario), "en")}
    assert "The worst 2 of 3 places" in found["arrivals"].note
    assert "A村" not in words(as_svg(found["arrivals"].chart, "t"))  # never late: the road to it does not flood


@pytest.mark.skipif(fonts.chinese_font() is None, reason="needs a font with Chinese (Debian package fonts-noto-cjk)")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pictures_hold_chinese_without_boxes(tmp_path, recwarn, lang):
    scenario, plan = one_truck()
    written, notes = write_figures(tmp_path / "figures", scenario, plan, None, lang=lang)
    assert notes == []
    assert sorted(path.name for path in written) == sorted(
        [f"{name}.{kind}" for name in ("served", "map", "gantt", "docks", "stock", "steps") for kind in ("svg", "png")]
        + ["figures.pdf"]
    )
    pdf = (tmp_path / "figures" / "figures.pdf").read_bytes()
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") == 6
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in written if path.suffix == ".png")
    assert not [str(w.message) for w in recwarn if "Glyph" in str(w.message)]


def test_without_a_chinese_font_pictures_are_left_out_and_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(fonts, "chinese_font", lambda: None)
    scenario, plan = one_truck()
    written, notes = write_figures(tmp_path, scenario, plan, None, lang="zh")
    assert {path.suffix for path in written} == {".svg"}
    assert notes == [fonts.missing_font("zh")]
    assert sorted(Path(tmp_path).glob("*.png")) == []


def test_equal_figures_give_equal_files(ran, tmp_path):
    findings = find(ran.scenario, ran.plan, ran.ensemble, "en")
    gantt = drawings(ran.scenario, ran.plan, findings, plan_phases(ran.plan, ran.scenario), "en")[3]
    assert gantt.name == "gantt"
    for name in ("one", "two"):
        png, pdf = tmp_path / f"{name}.png", tmp_path / f"{name}.pdf"
        assert as_png_and_pdf({png: gantt.chart}, pdf, "en", gantt.title) == [png, pdf]
    for ending in ("png", "pdf"):
        assert (tmp_path / f"one.{ending}").read_bytes() == (tmp_path / f"two.{ending}").read_bytes()


def test_the_dark_part_of_a_stock_bar_is_the_share_that_is_issued():
    # 150 of 600 quilts: a quarter of the bar; 50 lacking are said, a whole item that lacks nothing is not
    items = [ItemStock("quilt", "", 600, 150, 200, 50), ItemStock("water", "boxes", 10, 10, 10, 0)]
    svg = as_svg(stock_chart("en", items), "t")
    said = words(svg)
    assert "issued 150 · stock 600 · asked for 200" in said
    assert "issued 10 · stock 10 · asked for 10 boxes" in said
    assert [word for word in said if word.startswith("lacks")] == ["lacks 50"]
    bars = re.findall(rf'd="([^"]+)"[^>]*style="fill: {LIGHT["blue"]}', svg)
    wide = [max(x) - min(x) for x in ([float(pair[0]) for pair in re.findall(r"([\d.]+) ([\d.]+)", d)] for d in bars)]
    assert wide[0] == pytest.approx(wide[1] / 4, rel=0.01)


def test_cases_stand_at_their_share_with_the_rule_beside_them():
    cases = pd.DataFrame({"case": ["now", "five more"], "p": [0.25, 0.75], "p_low": [0.2, 0.7], "p_high": [0.3, 0.8]})
    svg = as_svg(cases_chart("en", cases, 0.95), "t")
    assert {"now", "five more", "25%", "75%", "pass 95%"} <= set(words(svg))
    lines = [x for x, _ in points(svg, LIGHT["blue"])]
    low, high = min(lines), max(lines)  # from 20 % to 80 %
    rule = next(x for x, _ in points(svg, LIGHT["vermillion"]))
    assert (rule - low) / (high - low) == pytest.approx((95 - 20) / (80 - 20), rel=0.01)


def test_widths_of_wide_and_narrow_letters():
    assert em_width("沁水", 10) == 20
    assert em_width("abc", 10) == pytest.approx(16.8)


def test_times_before_the_reference_are_drawn_too():
    chart = served_chart("en", tiny.REFERENCE, -30 * MINUTE, 6 * HOUR_MS, 7 * HOUR_MS, np.array([1.0]),
                         np.array([HOUR_MS]), None)  # fmt: skip
    assert "21:30" in words(as_svg(chart, "t"))
