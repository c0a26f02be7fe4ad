"""News as a duty officer writes it: understood or refused, put in force, carried by the plan, and told again later."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pandas as pd
import pytest

from dispatch.planning.check import check
from dispatch.planning.fingerprint import fingerprint
from dispatch.planning.measure import measure
from dispatch.planning.plan import EVACUATION_COLUMNS, Plan
from dispatch.planning.plan_file import read_plan, write_plan
from dispatch.planning.plan_workbook import read_plan_workbook, write_plan_workbook
from dispatch.planning.plan_world import held_before, news_of, plan_world
from dispatch.planning.relief import plan_nearest_first
from dispatch.planning.replan_change import place_changes, trip_changes
from dispatch.planning.replan_told import Remade, new_things, replan_told
from dispatch.planning.told import FORMS, KINDS, Told, told, told_row
from dispatch.planning.wishes import WishError
from dispatch.problems import InputProblems
from dispatch.scenario import Scenario
from models.traversal import NEVER
from tests import tiny
from tests.planning.worlds import MINUTE


def _ring(**other: object) -> Scenario:
    """D 0 – A 1 – B 2 – C 3, 10 km each, and a way round from A to B over node 4, 15 + 15 km."""
    roads = tiny.network([(0, 1, 10), (1, 2, 10), (2, 3, 10), (1, 4, 15), (4, 2, 15)])
    return tiny.one_depot(roads=roads, **other)  # type: ignore[arg-type]


def _told(scenario: Scenario, plan: Plan, now_ms: int, *words: tuple[str, str]) -> Remade:
    made = replan_told(scenario, plan, now_ms, [told(scenario, plan, kind, word) for kind, word in words])
    assert check(made.plan, made.after) == []
    assert made.plan.meta["fingerprint"] == fingerprint(plan_world(made.plan, scenario))
    return made


def _changes(before: Plan, made: Remade) -> dict[str, str]:
    table = trip_changes(before, made.plan)
    return dict(zip(table["trip"], table["change"], strict=True))


def test_a_bridge_that_falls_leads_the_truck_round_and_the_plan_knows_why() -> None:
    """30 km instead of 10: B is 20 minutes later; the plan is true with its news only."""
    scenario = _ring(needs=[tiny.need("NB", "B", "quilt", 100, 100.0)])
    plan = plan_nearest_first(scenario)
    now = int(plan.stops["leave_ms"].iloc[0]) + 5 * MINUTE
    made = _told(scenario, plan, now, ("close", "r12:1-2"))
    assert _changes(plan, made) == {"T01": "rerouted"}
    row = place_changes(measure(plan, made.before), measure(made.plan, made.after)).iloc[0]
    assert row["after_ms"] - row["before_ms"] == 20 * MINUTE
    assert set(made.after.disruption.edges["edge"]) == {"r12:1-2", "r12:2-1"}
    assert set(made.after.disruption.edges["forecast_start_s"]) == {now / 1000}
    assert made.after.statements[-1][1].endswith("to the end")
    assert scenario.disruption.edges.empty


def test_what_is_told_late_counts_from_now() -> None:
    """The truck had passed A–B before anybody said that it was shut: what is driven stays driven."""
    scenario = _ring(needs=[tiny.need("NC", "C", "quilt", 100, 100.0)])
    plan = plan_nearest_first(scenario)
    now = int(plan.stops["leave_ms"].iloc[0]) + 25 * MINUTE
    made = _told(scenario, plan, now, ("close", "r12:1-2=+0:00"))
    assert _changes(plan, made) == {"T01": "as_before"}


def test_a_slow_road_and_one_that_opens_again() -> None:
    """Half the speed on the last 10 km is 10 minutes more; told an hour later that it is free, nothing is slow."""
    scenario = tiny.one_depot(needs=[tiny.need("NB", "B", "quilt", 100, 100.0)])
    plan = plan_nearest_first(scenario)
    leave = int(plan.stops["leave_ms"].iloc[0])
    slow = _told(scenario, plan, leave - 20 * MINUTE, ("slow", "r12:1-2=50%"))
    assert int(slow.plan.stops["arrive_ms"].iloc[0] - plan.stops["arrive_ms"].iloc[0]) == 10 * MINUTE
    free = _told(scenario, slow.plan, leave + 5 * MINUTE, ("open", "r12:1-2"))
    assert int(free.plan.stops["arrive_ms"].iloc[0]) == int(plan.stops["arrive_ms"].iloc[0])
    assert [item.kind for _, _, item in news_of(free.plan)] == ["slow", "open"]


def test_a_chain_of_three_keeps_what_was_lost_and_who_is_out() -> None:
    """V1 is out with 300 quilts: neither it nor they come back when other news is told, and again."""
    scenario = tiny.one_depot(trucks=2)
    plan = plan_nearest_first(scenario)
    (lost,) = set(plan.trips["vehicle"])
    now = int(plan.trips["depart_ms"].iloc[0]) + MINUTE
    one = _told(scenario, plan, now, ("without", lost))
    assert _changes(plan, one)["T01"] == "abandoned"
    assert one.after.county.table("stock")["quantity"].tolist() == [200.0]
    two = _told(scenario, one.plan, now + 10 * MINUTE, ("slow", "r23:2-3=0.5"))
    three = _told(scenario, two.plan, now + 20 * MINUTE, ("open", "r23:2-3"))
    for made in (two, three):
        assert set(made.plan.trips["vehicle"]) == {"V1", "V2"} - {lost}
        assert int(made.plan.loads["quantity"].sum()) == 200
        assert held_before(made.plan, news_of(made.plan), now + 30 * MINUTE) == {lost: NEVER}


def test_a_delay_is_not_counted_twice_when_the_plan_is_made_anew_before_it_is_over() -> None:
    """V1 stands for an hour on the road: it arrives an hour later, and no later still when other news comes."""
    scenario = tiny.one_depot(needs=[tiny.need("NB", "B", "quilt", 100, 100.0)])
    plan = plan_nearest_first(scenario)
    leave = int(plan.stops["leave_ms"].iloc[0])
    now = leave + 5 * MINUTE
    hours, minutes = divmod((now + 60 * MINUTE) // MINUTE, 60)
    one = _told(scenario, plan, now, ("late", f"V1=+{hours}:{minutes:02d}"))
    arrive = int(plan.stops["arrive_ms"].iloc[0])
    assert int(one.plan.stops["arrive_ms"].iloc[0]) == arrive + 60 * MINUTE
    two = _told(scenario, one.plan, now + 30 * MINUTE)
    assert int(two.plan.stops["arrive_ms"].iloc[0]) == arrive + 60 * MINUTE


def test_more_people_ask_for_more_and_fewer_for_less() -> None:
    """A has 50 people and 100 quilts; half the people need half of them; goods on their way are not called back."""
    scenario = tiny.one_depot(needs=[tiny.need("NA", "A", "quilt", 100, 50.0), tiny.need("NB", "B", "quilt", 60, 30.0)])
    plan = plan_nearest_first(scenario)
    fewer = _told(scenario, plan, scenario.order_ms, ("people", "A=25"))
    needs = fewer.after.needs.set_index("need")
    assert needs.at["NA", "quantity"] == 50
    assert needs.at["NB", "quantity"] == 60
    under_way = _told(scenario, plan, int(plan.trips["depart_ms"].iloc[-1]) + MINUTE, ("need", "A=quilt:10"))
    assert under_way.after.needs.set_index("need").at["NA", "quantity"] == 100
    more = _told(scenario, plan, scenario.order_ms, ("need", "A=quilt:130"))
    assert int(more.plan.loads.loc[more.plan.loads["need"] == "NA", "quantity"].sum()) == 130


def test_a_new_vehicle_is_called_up_now_or_ready_when_told() -> None:
    scenario = tiny.one_depot()
    plan = plan_nearest_first(scenario)
    now = scenario.order_ms + 45 * MINUTE
    called = _told(scenario, plan, now, ("vehicle", "truck_5t@D"))
    assert called.after.county.table("vehicles")["turnout_min"].iloc[-1] == 45 + 30  # 30 minutes' call-up
    there = _told(scenario, plan, now, ("vehicle", "truck_5t@D=+1:00"))
    assert there.after.county.table("vehicles")["turnout_min"].iloc[-1] == 60


def test_stock_that_was_miscounted_is_not_sent() -> None:
    """All begun trips are to load is theirs; the depot has 20 more quilts and no other."""
    scenario = tiny.one_depot()
    plan = plan_nearest_first(scenario)
    made = _told(scenario, plan, scenario.order_ms, ("stock", "D=quilt:20"))
    assert int(made.plan.loads["quantity"].sum()) == 20
    assert made.after.county.table("stock")["quantity"].tolist() == [20.0]


def test_trips_keep_their_names_where_nothing_becomes_of_them() -> None:
    """Papers are handed out: no news gives the same trips by the same names."""
    scenario = tiny.one_depot(trucks=2, docks=2)
    plan = plan_nearest_first(scenario)
    made = _told(scenario, plan, scenario.order_ms)
    assert set(_changes(plan, made).values()) == {"as_before"}
    assert "news" in made.plan.meta


def test_a_trip_that_has_not_begun_is_planned_again_and_one_ahead_of_time_is_kept() -> None:
    scenario = tiny.one_depot(trucks=2)
    plan = plan_nearest_first(scenario)
    row = plan.trips.iloc[0]
    late = int(row["load_start_ms"]) + 20 * MINUTE
    waiting = _told(scenario, plan, late, ("not_begun", row["trip"]))
    assert row["trip"] not in waiting.plan.meta["replan"]["kept"]
    assert int(waiting.plan.trips["load_start_ms"].min()) >= late
    early = _told(scenario, plan, scenario.order_ms, ("begun", row["trip"]))
    assert early.plan.meta["replan"]["kept"] == [row["trip"]]


def test_rows_of_a_list_are_taken_once_however_often_it_is_read() -> None:
    scenario = tiny.one_depot(trucks=2)
    plan = plan_nearest_first(scenario)
    listed = [Told("vehicle", "truck_5t", where="D"), Told("vehicle", "truck_5t", where="D")]
    made = replan_told(scenario, plan, scenario.order_ms, [], new_things(plan, listed)).plan
    assert len(plan_world(made, scenario).county.table("vehicles")) == 4
    assert new_things(made, listed) == []
    third = Told("vehicle", "truck_5t", where="D")
    assert new_things(made, [*listed, third]) == [third]


def test_the_world_comes_back_from_every_form_of_a_plan(tmp_path) -> None:
    scenario = tiny.one_depot(trucks=2)
    plan = plan_nearest_first(scenario)
    made = _told(scenario, plan, scenario.order_ms, ("close", "r23:2-3=+3:00-+9:00"), ("need", "A=quilt:90"),
                 ("vehicle", "truck_5t@D"), ("stock", "D=quilt:400"))  # fmt: skip
    for name in ("plan.json", "folder"):
        write_plan(made.plan, tmp_path / name)
        again = read_plan(tmp_path / name)
        assert fingerprint(plan_world(again, scenario)) == made.plan.meta["fingerprint"], name
    rows = [item.row() for _, _, item in news_of(made.plan)]
    assert [told_row(json.loads(json.dumps(row))).row() for row in rows] == rows


@pytest.mark.parametrize(
    "meta",
    [
        {"news": [{"kind": "close"}]}, {"news": [{"told_ms": 0, "kind": "storm", "what": "x"}]}, {"news": 5},
        {"news": [{"told_ms": 0, "kind": "close", "what": "G999"}]}, {"what_if": {"close": ["G999=+0:00-"]}},
        {"news": [{"told_ms": 0, "kind": "open", "what": "r23:2-3", "from_ms": "soon"}]},
        {"world": {"stock": [["D"]]}}, {"world": {"needs": [{"need": "x"}]}},
    ],
)  # fmt: skip
def test_news_that_cannot_be_read_is_an_input_problem(meta: dict[str, object]) -> None:
    scenario = tiny.one_depot()
    plan = plan_nearest_first(scenario)
    with pytest.raises(InputProblems):
        plan_world(replace(plan, meta={**plan.meta, **meta}), scenario)


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("close", "G999"), ("close", "=+1:00"), ("close", ""), ("close", "r12:1-2=+2:00-+1:00"),
        ("close", "r12:1-2=soon"),
        ("slow", "r12:1-2"), ("slow", "r12:1-2=0"), ("slow", "r12:1-2=2"), ("slow", "r12:1-2=x"),
        ("open", "r12:1-2=soon"),
        ("without", "V9"), ("late", "V1"), ("late", "V1=soon"), ("vehicle", "truck_5t"), ("vehicle", "crane@D"),
        ("vehicle", "truck_5t@X"), ("people", "A=many"), ("people", "X=5"), ("people", "A=5@nowhere"),
        ("need", "A=quilt"),
        ("need", "A=boat:5"), ("need", "A=quilt:-5"), ("stock", "A=quilt:5"), ("stock", "D=quilt/L9:5"),
        ("begun", "T99"), ("not_begun", ""),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_refused_in_both_languages(kind: str, word: str) -> None:
    scenario = tiny.one_depot()
    plan = plan_nearest_first(scenario)
    with pytest.raises(WishError) as refused:
        told(scenario, plan, kind, word)
    assert refused.value.said("zh") != refused.value.said("en")


def test_every_kind_says_how_it_is_written_and_nothing_is_told_twice_over() -> None:
    assert tuple(FORMS) == KINDS
    row = Told("close", "G1").row()
    assert row == {"kind": "close", "what": "G1"}
    assert math.isnan(told_row(row).amount)


def test_what_is_over_or_past_is_refused() -> None:
    scenario = tiny.one_depot()
    plan = plan_nearest_first(scenario)
    for word in (("close", "r12:1-2=+0:00-+0:30"), ("late", "V1=+0:30")):
        with pytest.raises(WishError):
            replan_told(scenario, plan, 60 * MINUTE, [told(scenario, plan, *word)])


def test_a_plan_edited_by_hand_may_not_use_what_is_out_or_begin_in_the_past() -> None:
    scenario = tiny.one_depot(trucks=2)
    plan = plan_nearest_first(scenario)
    (used,) = set(plan.trips["vehicle"])
    now = scenario.order_ms + 10 * MINUTE
    made = _told(scenario, plan, now, ("without", "V2" if used == "V1" else "V1"))
    assert made.plan.meta["replan"]["kept"] == []
    swapped = replace(made.plan, trips=made.plan.trips.assign(vehicle="V2" if used == "V1" else "V1"))
    assert "news_vehicle_out" in {violation.code for violation in check(swapped, made.after)}
    meta = {**made.plan.meta, "replan": {**made.plan.meta["replan"], "now_ms": now + 120 * MINUTE}}
    assert "news_in_past" in {violation.code for violation in check(replace(made.plan, meta=meta), made.after)}


def test_ways_of_the_evacuation_stay_under_their_names() -> None:
    """The evacuation goes by a way called P1; no way of a trip planned anew takes that name."""
    scenario = tiny.one_depot(trucks=2)
    plan = plan_nearest_first(scenario)
    row = {name: {"str": "", "int64": 0, "float64": 0.0}[kind] for name, kind in EVACUATION_COLUMNS.items()}
    way = {"path": "P1", "from_site": "C", "to_site": "B", "vehicle_class": "truck_5t", "edges": ("r23:3-2",),
           "length_m": 10_000.0}  # fmt: skip
    own = plan.paths.assign(path="Q" + plan.paths["path"])
    moved = replace(
        plan,
        evacuations=pd.DataFrame([{**row, "path": "P1"}]).astype(EVACUATION_COLUMNS),
        paths=pd.concat([own, pd.DataFrame([way])], ignore_index=True),
        stops=plan.stops.assign(path="Q" + plan.stops["path"]),
    )
    made = replan_told(scenario, moved, scenario.order_ms + 60 * MINUTE, []).plan
    paths = made.paths.set_index("path")
    assert paths.index.is_unique
    assert paths.at["P1", "edges"] == ("r23:3-2",)
    assert set(made.stops["path"]) <= set(paths.index) - {"P1"}


def test_what_a_plan_says_of_itself_may_be_longer_than_a_cell(tmp_path) -> None:
    scenario = tiny.one_depot()
    plan = plan_nearest_first(scenario)
    meta = {**plan.meta, "zz": {"words": " 长=\n" * 20_000, "number": 1.5}}
    plan = replace(plan, meta=meta)
    write_plan_workbook(plan, scenario, tmp_path / "plan.xlsx", "zh")
    assert read_plan_workbook(tmp_path / "plan.xlsx", scenario).plan.meta == meta
    write_plan(plan, tmp_path / "folder")
    assert read_plan(tmp_path / "folder").meta == meta
