"""The review after a drill, on a drill of three actions whose points are worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from dispatch.drill.log_form import write_log_form
from dispatch.drill.model import Action, Drill, Inject, Objective, PointsRule, Role, Standard, Words
from dispatch.drill.review import early_rows, percentile, review
from dispatch.drill.review_log import clock_of, read_real_log
from dispatch.drill.review_report import improvements, past_reviews, save_review
from dispatch.problems import InputProblems

W = Words("词", "word")
RULE = PointsRule(0.5, 60.0, "test")


def _inject(number: int, key: str, minute: int, after: tuple[str, ...] = ()) -> Inject:
    return Inject(number, key, "t", "contextual", minute * 60_000, "control", "hq", "telephone",
                  Words("【演练】来电", "[EXERCISE] call"), "hq", "o1", "command", W, W, after=after)  # fmt: skip


def _action(name: str, inject: str, minute: int, limit_min: float, full: float, event: str, **more: str) -> Action:
    quantiles = tuple(limit_min * 60 * k / 20 for k in range(21))
    standard = Standard(limit_min * 30, limit_min * 30, limit_min * 54, limit_min * 60, "simulated", quantiles, 100)
    words = Words(f"动作{name}", f"do {name}")
    return Action(name, inject, minute * 60_000, words, "hq", more.pop("objective", "o1"), "command", "judge", W, event,
                  standard, full, **more)  # fmt: skip


@pytest.fixture
def drill() -> Drill:
    """Order at 0; A1 approve within 10 min (40 points); A2 load at D within 40 min (40); A3 deliver at A (20).

    Exercise time runs twice as fast as scenario time.
    """
    injects = (_inject(1, "order", 0), _inject(2, "load", 10, ("order",)), _inject(3, "road", 60, ("load",)))
    actions = (
        _action("A1", "order", 10, 10, 40.0, "order_approved"),
        _action("A2", "load", 50, 40, 40.0, "load_end", actor="V1", milestone="trip T1 loaded"),
        _action("A3", "road", 120, 60, 20.0, "delivered", place="A", objective="o2"),
    )
    roles = (
        Role("hq", Words("指挥长", "commander"), Words("县应急局", "bureau"), "player", "d", W, W),
        Role("judge", Words("评估员", "evaluator"), W, "evaluator", "d", W, W),
        Role("control", Words("导调", "control"), W, "controller", "d", W, W),
    )
    objectives = (
        Objective("o1", Words("指挥", "command"), W, 80.0, "judge"),
        Objective("o2", Words("物资", "supplies"), W, 20.0, "judge"),
    )
    return Drill(
        "tiny", Words("小演练", "tiny drill"), "county", "tabletop", "normal", "flash_flood", "C",
        Words("某县", "county"), Words("某县", "county"), "tiny", "", 1, 0, 10, 0.5, "2026-07-20T00:00:00+08:00",
        0, 7_200_000, 2.0, False, False,
        injects, actions, objectives, roles, (), (), RULE, (Words("虚构", "fictional"),),
    )  # fmt: skip


def _csv(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(["clock,action,event,role,actor,place,milestone", *rows]) + "\n", encoding="utf-8")
    return path


def test_points_follow_the_rule(drill: Drill, tmp_path: Path) -> None:
    """Start 09:00, twice as fast.

    A1 at 09:05 is minute 10: full 40. A2 at 09:35 is minute 70, 60 min after its inject at 10: 20 min over 40, grace
    20 min: 0 points. A3 at 10:00 is minute 120, 60 min after: full 20.
    """
    log = read_real_log(
        _csv(tmp_path / "log.csv", "9:05,A1,,,,,", "09：35,,load_end,,V1,,", "上午10点,,delivered,,,A,"),
        drill, start=datetime(2026, 11, 3, 9, 0),
    )  # fmt: skip
    found = review(drill, log)
    assert found.actions["points"].tolist() == pytest.approx([40.0, 0.0, 20.0])
    assert found.actions["verdict"].tolist() == ["in_time", "late", "in_time"]
    assert found.score == pytest.approx(60.0)
    assert found.objectives.set_index("objective")["points"].to_dict() == pytest.approx({"o1": 40.0, "o2": 20.0})


def test_a_late_order_loses_exactly_what_the_rule_says(drill: Drill, tmp_path: Path) -> None:
    """A1 at minute 12.5 of 10: 2.5 min late, grace max(5, 1) min: half of 40 points."""
    log = read_real_log(
        _csv(tmp_path / "log.csv", "9:06:15,A1,,,,,", "9:25,A2,,,,,", "10:00,A3,,,,,"),
        drill,
        start=datetime(2026, 1, 1, 9),
    )
    assert review(drill, log).score == pytest.approx(80.0)


def test_the_drill_played_to_its_standard_scores_100(drill: Drill, tmp_path: Path) -> None:
    """A simulated log in scenario seconds: every action at its median."""
    rows = pd.DataFrame({
        "replication": 0, "event_id": [0, 1, 2], "time_s": [300.0, 1800.0, 5400.0],
        "event": ["order_approved", "load_end", "delivered"], "actor": ["county", "V1", "V1"],
        "role": ["director", "", ""],
        "place": ["", "D", "A"], "milestone": ["", "trip T1 loaded", ""],
    })  # fmt: skip
    rows.to_parquet(tmp_path / "log.parquet")
    found = review(drill, read_real_log(tmp_path / "log.parquet", drill))
    assert found.score == pytest.approx(100.0)
    assert found.actions["percentile"].tolist() == pytest.approx([0.5, 0.5, 0.5])


def test_what_was_not_done_is_named_with_owner_and_date(drill: Drill, tmp_path: Path) -> None:
    log = read_real_log(_csv(tmp_path / "log.csv", "9:05,A1,,,,,"), drill, start=datetime(2026, 11, 3, 9))
    found = review(drill, log)
    todo = improvements(found, date(2026, 11, 3), "zh")
    assert [(row["action"], row["owner"], row["due"]) for row in todo] == [
        ("A2", "县应急局 · 指挥长", "2026-12-03"), ("A3", "县应急局 · 指挥长", "2026-12-03")]  # fmt: skip
    assert found.chain == ("A1", "A2", "A3") or found.chain[-1] in {"A2", "A3"}


def test_an_action_before_its_inject_or_by_another_does_not_count(drill: Drill, tmp_path: Path) -> None:
    """Loading at minute 8, before the inject at 10, and a delivery at another place."""
    log = read_real_log(
        _csv(tmp_path / "log.csv", "9:04,,load_end,,V1,,", "9:50,,delivered,,,B,".replace(",B,", ",C,")),
        drill, frozenset({"C"}), datetime(2026, 11, 3, 9),
    )  # fmt: skip
    assert review(drill, log).actions["verdict"].tolist() == ["missed", "missed", "missed"]


def test_the_critical_chain_follows_what_was_waited_for(drill: Drill, tmp_path: Path) -> None:
    log = read_real_log(
        _csv(tmp_path / "log.csv", "9:05,A1,,,,,", "9:25,A2,,,,,", "10:00,A3,,,,,"),
        drill,
        start=datetime(2026, 11, 3, 9),
    )
    assert review(drill, log).chain == ("A1", "A2", "A3")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("9:05", (9, 5)), ("09：05", (9, 5)), ("上午9时5分", (9, 5)), ("下午3点半", (15, 30)), ("晚上9点", (21, 0)),
     ("凌晨12:10", (0, 10)), ("9:05 PM", (21, 5)), ("2026-11-03 21:05", (21, 5)), (time(9, 5), (9, 5)),
     (datetime(2026, 11, 3, 9, 5), (9, 5)), ("中午12时", (12, 0)), ("中午11点50分", (11, 50))],
)  # fmt: skip
def test_clock_times_in_every_usual_form(cell: object, expected: tuple[int, int]) -> None:
    near = datetime(2026, 11, 3, *expected)
    assert clock_of(cell, near) == near


def test_every_bad_cell_is_reported_at_once(drill: Drill, tmp_path: Path) -> None:
    path = _csv(tmp_path / "log.csv", "9:05,A9,,,,,", "soon,A1,,,,,", "9:10,,flying,nobody,V9,,")
    with pytest.raises(InputProblems) as raised:
        read_real_log(path, drill)
    found = {(problem.row, problem.column, problem.value) for problem in raised.value.problems}
    assert next(problem for problem in raised.value.problems if problem.value == "A9").expected.endswith("A1, A2, A3 …")
    assert found == {
        (2, "action", "A9"),
        (3, "clock", "soon"),
        (4, "event", "flying"),
        (4, "role", "nobody"),
        (4, "actor", "V9"),
    }


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("6点05分", (4, 6, 5)), ("6:5", (4, 6, 5)), ("06：05", (4, 6, 5)), ("0605", (4, 6, 5)), ("次日2:10", (4, 2, 10)),
     ("第二天 6点半", (4, 6, 30)), ("25:10", (4, 1, 10)), ("2:10 (+1)", (4, 2, 10)), ("晚上12点", (4, 0, 0)),
     ("夜里2点", (4, 2, 0)), ("晚9点", (3, 21, 0)), ("9:05pm", (3, 21, 5)), ("19:30", (3, 19, 30)),
     (21 / 24, (3, 21, 0)),
     ("0.90277777", (3, 21, 40)), (timedelta(hours=26), (4, 2, 0)), (datetime(1900, 1, 1, 1, 10), (4, 1, 10)),
     (46330 + 1 / 24, (4, 1, 0)), ("11月4日 晚上9点", (4, 21, 0)), ("2026-11-03T21:05:10", (3, 21, 5))],
)  # fmt: skip
def test_clock_times_of_a_night_that_begins_at_eight(cell: object, expected: tuple[int, int, int]) -> None:
    """Play begins at 20:00 on 3 November; a time in the morning is of the next day."""
    day, hour, minute = expected
    found = clock_of(cell, datetime(2026, 11, 3, 20, 0))
    assert found.replace(second=0) == datetime(2026, 11, day, hour, minute)


@pytest.mark.parametrize("cell", ["9.05", "soon", "6", "24:70", 30, 905.0, True, "31月4日 9:00", ""])
def test_what_is_no_clock_time_or_could_be_two_is_refused(cell: object) -> None:
    with pytest.raises(ValueError):
        clock_of(cell, datetime(2026, 11, 3, 20, 0))


def test_the_specimen_scores_100_and_a_late_action_loses_by_the_rule(drill: Drill, tmp_path: Path) -> None:
    """Filled in by the program at the medians; then the order 12.5 min late by the clock is 25 of the scenario.

    A1 then took 5 + 25 = 30 of 10 minutes: beyond the grace of 5, so all its 40 points are lost and no others.
    """
    path = write_log_form(drill, tmp_path / "log.xlsx", "en", played=True)
    log = read_real_log(path, drill)
    assert log.start == drill.clock(0).replace(tzinfo=None)
    assert not log.warnings
    assert review(drill, log).score == pytest.approx(100.0)
    book = openpyxl.load_workbook(path)
    cell = next(row for row in book.worksheets[0].iter_rows() if any(c.value == "A1" for c in row))[2]
    cell.value = datetime.fromisoformat(cell.value) + timedelta(minutes=12, seconds=30)
    book.save(path)
    found = review(drill, read_real_log(path, drill))
    assert found.actions["points"].tolist() == pytest.approx([0.0, 40.0, 20.0])


def test_a_simulated_log_is_not_blamed_for_what_only_people_decide(drill: Drill, tmp_path: Path) -> None:
    """A3 becomes a decision: not rated by a simulated night's log, and 40 of the other 80 points are 50 of 100."""
    decided = replace(drill.actions[2], event="action_done", place="")
    drill = replace(drill, actions=(*drill.actions[:2], decided), replication=7)
    rows = pd.DataFrame({
        "replication": [0, 0, 7, 7], "event_id": [0, 1, 0, 1], "time_s": [300.0, 1800.0, 300.0, 9000.0],
        "event": ["order_approved", "load_end"] * 2, "actor": ["county", "V1"] * 2,
        "milestone": ["", "trip T1 loaded"] * 2,
    })  # fmt: skip
    rows.to_csv(tmp_path / "log.csv", index=False)
    rows.to_excel(tmp_path / "log.xlsx", index=False)
    for name in ("log.csv", "log.xlsx"):
        log = read_real_log(tmp_path / name, drill)
        assert [problem.code for problem in log.warnings] == ["review_night"]
        found = review(drill, log)
        assert found.actions["verdict"].tolist() == ["in_time", "late", "not_rated"]
        assert found.score == pytest.approx(50.0)
        assert found.objectives["full"].tolist() == [80.0, 0.0]
        assert not any(row["action"] == "A3" for row in improvements(found, date(2026, 1, 1), "en"))


def test_start_is_read_from_its_row_and_its_absence_is_said(drill: Drill, tmp_path: Path) -> None:
    """The same times with START at 09:00, with --start, and with neither."""
    rows = ("clock,inject,action", "2026-11-03 9:00,START,", "9:05,,A1")
    path = tmp_path / "log.csv"
    path.write_text("\n".join(rows), encoding="gb18030")
    log = read_real_log(path, drill)
    assert (log.start, log.rows["time_ms"].tolist()) == (datetime(2026, 11, 3, 9), [600_000])
    assert not log.warnings
    path.write_text("\n".join((rows[0], rows[2])), encoding="utf-8")
    assert read_real_log(path, drill, start=datetime(2026, 11, 3, 9)).rows["time_ms"].tolist() == [600_000]
    assert [problem.code for problem in read_real_log(path, drill).warnings] == ["review_no_start"]


def test_a_row_before_its_inject_is_said(drill: Drill, tmp_path: Path) -> None:
    log = read_real_log(_csv(tmp_path / "log.csv", "9:04,A2,,,,,"), drill, start=datetime(2026, 11, 3, 9))
    assert [(p.row, p.value, p.code) for p in early_rows(drill, log, "log.csv")] == [(2, "A2", "review_early")]


def test_the_template_filled_in_by_excel_is_read_back(drill: Drill, tmp_path: Path) -> None:
    """Times typed as Excel times into the template's own rows."""
    path = write_log_form(drill, tmp_path / "log.xlsx", "zh")
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    header = next(row for row in sheet.iter_rows() if any(cell.value == "动作编号" for cell in row))
    at = {cell.value: cell.column for cell in header}
    for row in range(header[0].row + 1, sheet.max_row + 1):
        name = sheet.cell(row, at["动作编号"]).value
        if name in {"A1", "A2", "A3"}:
            sheet.cell(row, at["时刻"]).value = {"A1": time(9, 5), "A2": time(9, 25), "A3": time(10, 0)}[name]
    book.save(path)
    log = read_real_log(path, drill, start=datetime(2026, 11, 3, 9))
    assert review(drill, log).score == pytest.approx(100.0)


def test_percentile_is_linear_between_quantiles() -> None:
    standard = Standard(0, 50, 90, 90, "simulated", tuple(5.0 * k for k in range(21)), 20)
    assert [percentile(standard, s) for s in (0.0, 12.5, 50.0, 200.0)] == pytest.approx([0.0, 0.125, 0.5, 1.0])
    assert math.isnan(percentile(replace(standard, quantiles_s=()), 5.0))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_papers_agree_and_years_stand_side_by_side(drill: Drill, lang: str, tmp_path: Path) -> None:
    """Word and Excel re-read with other programs hold the score; last year's review gives a column of its own."""
    import docx

    for year, minute in ((2025, 6), (2026, 5)):
        log = read_real_log(
            _csv(tmp_path / "log.csv", f"9:0{minute}:00,A1,,,,,", "9:25,A2,,,,,", "10:00,A3,,,,,"), drill,
            start=datetime(year, 11, 3, 9),
        )  # fmt: skip
        found = review(drill, log)
        out = tmp_path / str(year)
        out.mkdir()
        past = past_reviews([tmp_path / "2025"]) if year == 2026 else None
        save_review(found, out, lang, held=date(year, 11, 3), past=past)
    twice = past_reviews([tmp_path / "2025", tmp_path / "2025", tmp_path / "2026"])
    assert list(dict.fromkeys(twice["held"])) == ["2025-11-03", "2025-11-03 (2)", "2026-11-03"]
    document = docx.Document(str(tmp_path / "2026" / "review.docx"))
    assert any("100.0" in paragraph.text for paragraph in document.paragraphs)
    cells = [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]
    assert any("2025-11-03" in row for row in cells)
    whole = next(row for row in cells if row[0] in {"总分", "whole"})
    assert whole[1:] == ["84%", "100%"]  # 2 minutes late of a grace of 5: 40 × 0.6 + 60 = 84
    book = openpyxl.load_workbook(tmp_path / "2026" / "review.xlsx")
    values = [cell.value for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert 100.0 in values or 100 in values
