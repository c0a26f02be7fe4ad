"""The embedded county's drill, and the commands."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from dispatch.cli.drill import drill as group
from dispatch.drill.composition import composition
from dispatch.drill.drill_file import read_drill
from dispatch.drill.faults import drill_faults
from dispatch.drill.make import DrillWish, make_drill
from dispatch.drill.source import OPENED, load_drill_scenario, scenario_of
from dispatch.planning.relief import plan_relief
from dispatch.problems import InputProblems
from dispatch.simulation.ensemble import simulate
from tests import qinshui
from tests.drill import worlds


def run(*words):
    return CliRunner().invoke(group, [*map(str, words), "--lang", "en"])


@pytest.fixture(scope="module")
def county_world():
    world = load_drill_scenario("qinshui/flash_flood")
    plan = plan_relief(world, seconds=0.5)
    return world, plan, simulate(world, plan, replications=12)


@pytest.mark.slow
def test_county_drill_is_of_many_departments_industries_and_team_types(county_world):
    drill = make_drill(*county_world, DrillWish(percentile=0.75, three_cuts=True))
    assert drill_faults(drill) == []
    found = composition(drill)
    assert found.met
    assert len(found.departments) >= 3
    assert len(found.industries) >= 2
    assert len(found.team_types) >= 3
    assert {"cut_off", "silent", "closure", "demand"} <= {inject.template for inject in drill.injects}
    middle = make_drill(*county_world, DrillWish(percentile=0.5, three_cuts=True))
    # a call that nobody answers is a matter of the night
    assert "escalated" in {inject.template for inject in (*drill.injects, *middle.injects)}


@pytest.mark.slow
def test_bad_night_is_worse_than_a_good_one(county_world):
    """People served in time on the night followed at the 95th percentile are fewer than at the 5th."""
    nights = county_world[2].nights.set_index("replication")["people_share_in_time"]
    good, bad = (make_drill(*county_world, DrillWish(percentile=p)).replication for p in (0.05, 0.95))
    assert nights[bad] < nights[good]


def test_tiny_county_is_told_that_it_has_too_few():
    found = composition(worlds.drill(DrillWish()))
    assert found.team_types == ("fire_brigade", "professional", "social")
    assert found.met  # posts of the norm stand in for roles that the county does not list
    from dataclasses import replace

    drill = worlds.drill(DrillWish())
    alone = replace(drill, resources=tuple(r for r in drill.resources if r.team_type != "social"))
    assert not composition(alone).met


def test_a_drill_opens_the_parts_of_a_night_that_it_tells_of():
    world = load_drill_scenario("qinshui/flash_flood")
    assert set(OPENED) <= world.response.opened
    assert not qinshui.scenario("flash_flood").response.opened  # as written, none is


def test_a_pack_with_several_scenarios_is_not_guessed_at():
    with pytest.raises(InputProblems) as raised:
        scenario_of(str(qinshui.PACK))
    assert "flash_flood.toml" in raised.value.problems[0].expected
    assert scenario_of("qinshui/flash_flood") == qinshui.PACK / "flash_flood.toml"


def test_help_lists_making_and_reviewing():
    words = CliRunner().invoke(group, ["--help"]).output
    assert all(name in words for name in ("make", "batch", "review", "log-template"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("make", "qinshui/flash_flood", "--out", "x", "--kind", "functional"), "--focus"),
        (("make", "qinshui/flash_flood", "--out", "x", "--focus", "supplies"), "--focus"),
        (("make", "qinshui/flash_flood", "--out", "x", "--hazard", "meteor"), "mine_accident"),
        (("make", "qinshui/flash_flood", "--out", "x", "--kind", "functional", "--focus", "joy"), "evacuation"),
        (("batch", "qinshui/flash_flood", "--out", "x", "--hazard", "meteor"), "mine_accident"),
        (("batch", "no/such", "--out", "x"), "no/such"),
    ],
)
def test_what_cannot_be_is_said_before_any_work(words, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run(*words)
    assert done.exit_code == 2
    assert said in done.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_batch_for_one_village(tmp_path):
    out = tmp_path / "packs"
    done = run("batch", "qinshui/flash_flood", "--out", out, "--place", "端氏村", "--nights", "6", "--seconds", "0.2")
    assert done.exit_code == 0, done.output
    (path,) = out.rglob("drill.json")
    made = read_drill(path)
    assert (made.level, made.nights) == ("village", 6)
    assert any(action.standard.source == "simulated" for action in made.actions)  # the county's own nights


@pytest.mark.slow
def test_make_writes_both_languages(tmp_path):
    out = tmp_path / "drill"
    done = run("make", "qinshui/flash_flood", "--out", out, "--nights", "6", "--seconds", "0.2", "--both")
    assert done.exit_code == 0, done.output
    one, two = (json.loads((out / lang / "drill.json").read_text(encoding="utf-8")) for lang in ("zh", "en"))
    assert one == two
    assert len(list((out / "zh").glob("*.docx"))) == len(list((out / "en").glob("*.docx"))) == 9
