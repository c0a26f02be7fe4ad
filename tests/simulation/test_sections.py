"""Sections of the response in a scenario file: what opens them, what they say of the order, what is refused."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from dispatch.norms import read_norm
from dispatch.norms.response import SECTIONS, response_figures
from dispatch.scenario_response import response_of
from dispatch.scenario_text import KEYS, read_scenario_text
from dispatch.simulation.roles import roles_of
from tests import tiny

MINUTE = 60_000
REFERENCE = datetime(2026, 7, 20, 22, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
HEAD = 'name = "x"\ncounty = "."\nroads = "r"\nreference_time = "2026-07-20T22:00:00+08:00"\n'


def read(tmp_path, text):
    path = tmp_path / "s.toml"
    path.write_text(HEAD + text, encoding="utf-8")
    written = read_scenario_text(path)
    return written, *(response_of(written, REFERENCE) if not written.problems else (None, None))


def codes(written):
    return [(problem.code, problem.column) for problem in written.problems]


def test_nothing_is_open_unless_the_file_says_so(tmp_path):
    written, order, response = read(tmp_path, 'order_received = "+1:00"\n')
    assert (order, response.opened, dict(response.figures), codes(written)) == (60 * MINUTE, frozenset(), {}, [])


def test_an_order_from_detection_comes_after_the_planning_values(tmp_path):
    # by night 10/20/60, 5/15/35, 7/18/40, 3/7/15: means 30, 55/3, 65/3, 25/3; 78⅓ minutes
    written, order, response = read(tmp_path, '[warning]\nenabled = true\ndetected = "+0:10"\n')
    assert codes(written) == []
    assert order == pytest.approx((10 + 30 + 145 / 3) * MINUTE, abs=1000)
    assert response.detected_ms == 10 * MINUTE


def test_one_number_or_three_replace_a_figure(tmp_path):
    text = 'order_received = "+1:00"\n[clearing]\nenabled = true\nslide = [60, 90, 180]\npeople = 5\n'
    written, _, response = read(tmp_path, text)
    slide, people = response.figures["clearing.slide"], response.figures["clearing.people"]
    assert (slide.low, slide.mode, slide.high, slide.source) == (60, 90, 180, "s.toml")
    assert (people.low, people.mode, people.high) == (5, 5, 5)
    assert response.opened == {"clearing"}
    assert not written.problems


@pytest.mark.parametrize(
    ("text", "code", "key"),
    [
        ('order_received = "+1:00"\n[warning]\nenabled = true\ndetected = "+0:10"\n', "scenario_two_orders",
         "warning.detected"),
        ('[warning]\ndetected = "+0:10"\n', "scenario_section_closed", "warning.detected"),
        ('order_received = "+1:00"\n[news]\nmobile = 2\n', "scenario_section_closed", "news.mobile"),
        ('order_received = "+1:00"\n[news]\nenabled = true\nmobile = [3, 2, 1]\n', "scenario_figure", "news.mobile"),
        ('order_received = "+1:00"\n[distribution]\ncounted = true\n', "scenario_section_closed",
         "distribution.counted"),
        ("", "scenario_missing_key", "order_received"),
    ],
)  # fmt: skip
def test_what_would_do_nothing_or_contradicts_is_refused(tmp_path, text, code, key):
    written, *_ = read(tmp_path, text)
    assert (code, key) in codes(written)


def test_every_figure_is_a_key_with_a_source():
    for shift in ("duty", "night"):
        assert {name.split(".")[0] for name in response_figures(shift)} == set(SECTIONS)
        assert set(response_figures(shift)) <= set(KEYS)
    assert all(row["source"] and row["confidence"] for row in read_norm("response"))
    assert response_figures("duty")["warning.target"].mean == 5  # the neighbouring city's rule


def test_roles_follow_from_their_duties():
    roads = tiny.network([(0, 1, 1)])
    tables = {
        "headquarters": [{"headquarters": "H1", "name": "防汛", "hazard": "flash_flood"},
                         {"headquarters": "H2", "name": "森防", "hazard": "wildfire"}],
        "roles": [{"role": "R2", "name": "甲", "headquarters": "H2", "duties": "签发命令"},
                  {"role": "R1", "name": "甲", "headquarters": "H1", "duties": "统一指挥;签发命令"},
                  {"role": "RT", "name": "值班", "duties": "叫应村级责任人"}],
    }  # fmt: skip
    scenario = tiny.scenario(roads, {"D": ("depot", 0)}, [], tables=tables, hazard=None)
    from dataclasses import replace

    found = roles_of(replace(scenario, hazard="flash_flood"))
    assert (found["approve"], found["orders"], found["callout"]) == ("R1", "R1", "RT")
    assert "verify" not in found
