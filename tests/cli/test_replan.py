"""``dispatch replan``: a night's news from the console to a plan that every other command takes, and again."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from dispatch.cli.check import check
from dispatch.cli.explain import explain
from dispatch.cli.plan import plan
from dispatch.cli.replan import replan
from dispatch.cli.run import simulate
from dispatch.planning.check import check as violations
from dispatch.planning.plan import Plan
from dispatch.planning.plan_file import read_plan, write_plan
from dispatch.planning.plan_world import plan_world
from dispatch.planning.relief import plan_nearest_first
from tests import qinshui

SCENARIO = "qinshui/flash_flood"
HOUR_MS = 3_600_000
CLOSED = "G342@端氏镇"


@cache
def _by_hand() -> Plan:
    return plan_nearest_first(qinshui.scenario("flash_flood"))


def _run(folder: Path, *words: str, plan_file: str = "before.json", lang: str = "en") -> Result:
    if not (folder / "before.json").exists():
        write_plan(_by_hand(), folder / "before.json")
    return CliRunner().invoke(replan, [str(folder / plan_file), SCENARIO, "--lang", lang, *words])


def test_a_closure_told_at_half_past_two_and_what_every_command_says_of_the_new_plan(tmp_path: Path) -> None:
    """It passes the checker in its own world only; check, simulate and explain find that world in the plan."""
    out = tmp_path / "after.xlsx"
    done = _run(tmp_path, "--now", "+4:30", "--close", CLOSED, "--out", str(out), "--changes", str(tmp_path / "c.xlsx"))
    assert done.exit_code == 0, done.output
    assert "closed from 07-21 02:30 to the end" in done.stdout
    assert "led another way" in done.stdout
    assert "Planned in" in done.stdout
    checked = CliRunner().invoke(check, [str(out), SCENARIO, "--lang", "en"])
    assert checked.exit_code == 0, checked.output
    assert "closed from 07-21 02:30" in checked.stderr
    words = [str(out), SCENARIO, "--out", str(tmp_path / "nights"), "--nights", "2", "--range-nights", "0"]
    assert CliRunner().invoke(simulate, words).exit_code == 0
    why = CliRunner().invoke(explain, [str(out), SCENARIO, "--place", "端氏镇", "--lang", "en"])
    assert why.exit_code == 0, why.output
    book = load_workbook(tmp_path / "c.xlsx", read_only=True)
    assert book.sheetnames == ["News", "Trips", "Places"]
    news = "\n".join(str(cell) for row in book["News"].iter_rows(values_only=True) for cell in row)
    assert "closed from 07-21 02:30" in news
    trips = [row[2] for row in book["Trips"].iter_rows(values_only=True)]
    assert trips.count("led another way") == int(done.stdout.split(" led another way")[0].split()[-1])


def test_a_chain_of_three_and_a_page_of_what_changes(tmp_path: Path) -> None:
    """A road shut, then a vehicle out, then the road free: each plan holds in its own world; what began stays."""
    scenario = qinshui.scenario("flash_flood")
    chain = [("+3:50", ["--close", CLOSED]), ("+4:10", ["--without", "V-004"]), ("04:30", ["--open-road", CLOSED])]
    file = "before.json"
    for number, (now, words) in enumerate(chain):
        out = f"plan{number}.json"
        done = _run(tmp_path, "--now", now, *words, "--out", str(tmp_path / out), "--changes",
                    str(tmp_path / f"c{number}.html"), plan_file=file, lang="zh")  # fmt: skip
        assert done.exit_code == 0, done.output
        before, made = read_plan(tmp_path / file), read_plan(tmp_path / out)
        assert violations(made, plan_world(made, scenario)) == []
        now_ms = made.meta["replan"]["now_ms"]
        begun = before.trips[before.trips["load_start_ms"] <= now_ms]
        gone = set(made.meta["replan"]["abandoned"])
        assert set(begun["trip"]) - gone <= set(made.trips["trip"])
        new = made.trips[~made.trips["trip"].isin(made.meta["replan"]["kept"])]
        assert (new["load_start_ms"] >= now_ms).all()
        file = out
    assert len(json.loads((tmp_path / file).read_text(encoding="utf-8"))["meta"]["news"]) == 3
    page = (tmp_path / "c2.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>") and "http" not in page and CLOSED in page


def test_a_list_of_news_is_read_and_its_rows_are_not_taken_twice(tmp_path: Path) -> None:
    listed = tmp_path / "news.csv"
    rows = [
        "值班记录,,,,",
        "事项,对象,数量,开始,结束",
        f"中断,{CLOSED},,,",
        "降速,S331,50%,+5:00,+7:00",
        "延误,V-010,,,04:00",
    ]
    listed.write_text("\n".join(rows), encoding="utf-8")
    first = _run(tmp_path, "--now", "+4:30", "--news", str(listed), "--out", str(tmp_path / "one.json"))
    assert first.exit_code == 0, first.output
    listed.write_text("\n".join([*rows, "人数,武安村,300,,"]), encoding="utf-8")
    again = _run(tmp_path, "--now", "+4:40", "--news", str(listed), "--out", str(tmp_path / "two.json"),
                 plan_file="one.json")  # fmt: skip
    assert again.exit_code == 0, again.output
    assert "rows known already and not taken again: 3" in again.stdout
    news = read_plan(tmp_path / "two.json").meta["news"]
    assert [row["kind"] for row in news] == ["close", "slow", "late", "people"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--now", "soon"], "'soon' is no time"),
        (["--now", "+1:00"], "must lie between 07-21 00:30"),
        (["--now", "+4:30", "--close", "G343", "--without", "V-999"], "G343: no road"),
        (["--now", "+4:30", "--close", "G343", "--without", "V-999"], "no vehicle V-999"),
        (["--now", "+4:30", "--people", "武安村=lots"], "wanted PLACE=PEOPLE"),
        (["--now", "+4:30", "--late", "V-010=+4:00"], "must be after now"),
        (["--now", "+4:30", "--news", "{folder}/none.csv"], "none.csv"),
        (["--now", "+4:30", "--news", "{folder}/bad.csv"], "bad.csv:3"),
    ],
)
def test_what_cannot_be_meant_is_said_once_and_nothing_is_written(tmp_path: Path, words: list[str], says: str) -> None:
    (tmp_path / "bad.csv").write_text("kind,what\nclose,G342\nstorm,G342\n", encoding="utf-8")
    there = {"bad.csv", "before.json"}
    done = _run(tmp_path, *(word.format(folder=tmp_path) for word in words), "--out", str(tmp_path / "after.json"))
    assert done.exit_code == 2, done.output
    assert says in done.stderr
    assert "Traceback" not in done.output
    assert {path.name for path in tmp_path.iterdir()} == there


def test_nothing_is_written_over_and_a_plan_that_is_not_true_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "after.json"
    out.write_text("mine")
    assert _run(tmp_path, "--now", "+4:30", "--out", str(out)).exit_code == 2
    assert out.read_text() == "mine"
    raw = json.loads((tmp_path / "before.json").read_text(encoding="utf-8"))
    raw["stops"][0]["arrive_ms"] -= HOUR_MS
    (tmp_path / "wrong.json").write_text(json.dumps(raw), encoding="utf-8")
    done = _run(tmp_path, "--now", "+4:30", "--out", str(tmp_path / "x.json"), plan_file="wrong.json")
    assert done.exit_code == 1
    assert not (tmp_path / "x.json").exists()


def test_a_what_if_plan_is_checked_in_its_own_world_and_a_remade_one_is_not_committed(tmp_path: Path) -> None:
    """``dispatch plan --open-road``: the plan holds with that road only, and the checker knows it from the plan."""
    what_if = tmp_path / "w.json"
    free = ["--open-road", "20000122:10001983-10001984=+2:30"]  # the only way to Hengtou
    made = CliRunner().invoke(plan, [SCENARIO, *free, "--out", str(what_if), "--seconds", "0.1"])
    assert made.exit_code == 0, made.output
    read = read_plan(what_if)
    scenario = qinshui.scenario("flash_flood")
    assert violations(read, scenario) != []
    checked = CliRunner().invoke(check, [str(what_if), SCENARIO, "--lang", "en"])
    assert checked.exit_code == 0, checked.output
    assert "What if: --open" in checked.stderr
    anew = _run(tmp_path, "--now", "+4:30", "--without", "V-004", "--out", str(tmp_path / "a.json"), plan_file="w.json")
    assert anew.exit_code == 0, anew.output
    words = [SCENARIO, "--committed", str(tmp_path / "a.json"), "--out", str(tmp_path / "b.json"), "--lang", "en"]
    refused = CliRunner().invoke(plan, words)
    assert refused.exit_code == 2
    assert "dispatch replan" in refused.stderr
