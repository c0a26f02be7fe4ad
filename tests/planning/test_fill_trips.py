"""Trips typed by hand: the way and the times filled in are those of the planner, and what cannot go is said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dispatch.planning.check import check
from dispatch.planning.fill_trips import fill_trips, open_trips
from dispatch.planning.plan import STOP_COLUMNS, TRIP_COLUMNS, Plan
from dispatch.planning.plan_file import read_plan, write_plan
from dispatch.planning.plan_rows import OPEN
from dispatch.planning.plan_workbook import read_plan_workbook
from dispatch.planning.relief import plan_relief
from dispatch.planning.restate import restate
from dispatch.planning.violation import violation_text
from dispatch.problems import InputProblems
from dispatch.scenario import Scenario
from tests import tiny
from tests.planning.plans import MINUTE, by_hand
from tests.planning.workbooks import edit, find, sheet_title
from tests.planning.worlds import bit_of_everything, random_world


def _added(plan: Plan, trip: dict[str, Any], stops: list[dict[str, Any]], loads: list[dict[str, Any]]) -> Plan:
    """The plan with a trip of which only these cells are filled."""
    blank = {"int64": OPEN, "str": ""}

    def row(columns: dict[str, str], cells: dict[str, Any]) -> pd.DataFrame:
        return pd.DataFrame([{name: cells.get(name, blank[kind]) for name, kind in columns.items()}])

    return replace(
        plan,
        trips=pd.concat([plan.trips, row(TRIP_COLUMNS, trip)], ignore_index=True),
        stops=pd.concat([plan.stops, *(row(STOP_COLUMNS, stop) for stop in stops)], ignore_index=True),
        loads=pd.concat([plan.loads, pd.DataFrame(loads)], ignore_index=True),
    )


def _to(place: str, vehicle: str = "V1", **stated: Any) -> Plan:
    """The plan made by hand with a second trip T2 of 100 quilts."""
    load = {"trip": "T2", "stop": 1, "need": f"N{place}", "item": "quilt", "lot": "L1", "quantity": 100}
    trip = {"trip": "T2", "vehicle": vehicle, "depot": "D", **stated}
    return _added(by_hand(), trip, [{"trip": "T2", "stop": 1, "site": place}], [load])


def _row(plan: Plan, trip: str = "T2") -> dict[str, Any]:
    return plan.trips[plan.trips["trip"] == trip].to_dict("records")[0]


def _stop(plan: Plan, trip: str = "T2") -> dict[str, Any]:
    return plan.stops[plan.stops["trip"] == trip].to_dict("records")[0]


def test_a_second_trip_is_timed_as_worked_out_by_hand() -> None:
    """V1 is back at D at 100 min: 8 to load, 10 convoy, 30 km = 30 min, 6 to unload."""
    scenario = tiny.one_depot()
    made = fill_trips(_to("C"), scenario)
    assert (made.trips, made.impossible) == (("T2",), [])
    trip, stop = _row(made.plan), _stop(made.plan)
    assert (trip["sequence"], trip["dock"], trip["start_site"], trip["return_ms"]) == (2, 1, "D", -1)
    times = ("start_ms", "at_depot_ms", "load_start_ms", "load_end_ms", "depart_ms")
    assert [trip[name] / MINUTE for name in times] == [100, 100, 100, 108, 118]
    assert [stop[name] / MINUTE for name in STOP_COLUMNS if name.endswith("_ms")] == [118, 148, 148, 154]
    way = made.plan.paths[made.plan.paths["path"] == stop["path"]].to_dict("records")[0]
    assert (way["from_site"], way["to_site"], way["length_m"]) == ("D", "C", 30_000)
    assert way["edges"] == ("r01:0-1", "r12:1-2", "r23:2-3")
    assert check(restate(made.plan, scenario), scenario) == []


def test_a_second_truck_waits_for_the_dock_and_for_the_unloading_place() -> None:
    """V2 loads when V1 is done at 38 min, is at B at 76, where V1 unloads until 80."""
    made = fill_trips(_to("B", "V2"), tiny.one_depot(trucks=2))
    trip, stop = _row(made.plan), _stop(made.plan)
    assert [trip["load_start_ms"] / MINUTE, trip["depart_ms"] / MINUTE] == [38, 56]
    assert [stop["arrive_ms"] / MINUTE, stop["unload_start_ms"] / MINUTE, stop["unload_end_ms"] / MINUTE] == [
        76,
        80,
        86,
    ]
    two_docks = fill_trips(_to("B", "V2"), tiny.one_depot(trucks=2, docks=2))
    assert (_row(two_docks.plan)["dock"], _row(two_docks.plan)["load_start_ms"]) == (2, 30 * MINUTE)


def test_stated_times_are_kept_as_the_earliest_wanted() -> None:
    """Whoever writes 发车 at minute 130 and leaves the rest empty gets 130, not 118."""
    made = fill_trips(_to("C", depart_ms=130 * MINUTE), tiny.one_depot())
    assert (_row(made.plan)["depart_ms"], _stop(made.plan)["arrive_ms"]) == (130 * MINUTE, 160 * MINUTE)
    too_early = fill_trips(_to("C", depart_ms=50 * MINUTE, sequence=2), tiny.one_depot())
    assert _row(too_early.plan)["depart_ms"] == 118 * MINUTE


def test_a_closed_road_is_waited_for_or_said_to_be_closed() -> None:
    """B–C closed to minute 200: the truck waits before it. Closed for good: both ends and the hour are named."""
    closed = tiny.disruption([tiny.closure("r23:2-3", 100 * 60, 200 * 60)])
    waited = fill_trips(_to("C"), tiny.one_depot(closed))
    assert _stop(waited.plan)["arrive_ms"] == 210 * MINUTE
    for_good = tiny.one_depot(tiny.disruption([tiny.closure("r23:2-3", 100 * 60, float("inf"))]))
    made = fill_trips(_to("C"), for_good)
    assert made.trips == ()
    (said,) = made.impossible
    assert (said.code, said.trip, said.place, said.what, said.value) == ("no_way", "T2", "C", "D", 118 * MINUTE)
    assert "县库" in violation_text(said, for_good, "zh")
    assert "C村" in violation_text(said, for_good, "zh")
    assert made.plan.trips["trip"].tolist() == ["T1"]


def test_what_a_trip_must_name_is_asked_for() -> None:
    for plan, code in (
        (_to("C", "V9"), "unknown_vehicle"),
        (replace(by_hand(), trips=_to("C").trips), "trip_without_stop"),
        (_to("C", trip="T1"), "duplicate_id"),
        (_to("C", depart_ms=10**15), "impossible_time"),
    ):
        assert code in {violation.code for violation in fill_trips(plan, tiny.one_depot()).impossible}


def test_a_cleared_way_and_a_swapped_vehicle_are_worked_out_anew() -> None:
    """V2 stands in for V1: start and ways of T1 emptied; it makes the same journey."""
    plan = by_hand()
    trips = plan.trips.assign(vehicle="V2", start_site="", start_ms=OPEN)
    made = fill_trips(replace(plan, trips=trips, stops=plan.stops.assign(path="")), tiny.one_depot(trucks=2))
    assert made.trips == ("T1",)
    assert made.plan.stops.drop(columns="path").equals(plan.stops.drop(columns="path"))
    scenario = tiny.one_depot(trucks=2)
    assert check(restate(made.plan, scenario), scenario) == []


def _bare(plan: Plan, trip: str) -> Plan:
    """The plan with everything of a trip emptied that need not be stated."""
    trips, stops = plan.trips.copy(), plan.stops.copy()
    of = trips["trip"] == trip
    for name in ("start_ms", "at_depot_ms", "load_start_ms", "load_end_ms", "depart_ms", "dock"):
        trips.loc[of, name] = OPEN
    trips.loc[of, ["start_site", "to_depot_path"]] = ""
    of = stops["trip"] == trip
    for name in ("leave_ms", "arrive_ms", "unload_start_ms", "unload_end_ms"):
        stops.loc[of, name] = OPEN
    stops.loc[of, "path"] = ""
    return replace(plan, trips=trips, stops=stops)


def _last_trips(plan: Plan) -> list[str]:
    return plan.trips.sort_values("sequence").groupby("vehicle")["trip"].last().tolist()


def _as_good(plan: Plan, scenario: Scenario, trip: str) -> None:
    """A vehicle's last trip, emptied, comes back valid and no later than the planner had it."""
    made = fill_trips(_bare(plan, trip), scenario)
    assert made.trips == (trip,)
    assert check(restate(made.plan, scenario), scenario) == []
    before, after = (of.stops.set_index(["trip", "stop"])["unload_end_ms"] for of in (plan, made.plan))
    assert (after <= before).all()


def test_the_planners_trips_come_back_when_emptied() -> None:
    """Two tiers, agreed stock, substitutes, a closure, several stops."""
    scenario = bit_of_everything()
    plan = plan_relief(scenario, seconds=0.5)
    for trip in _last_trips(plan):
        _as_good(plan, scenario, trip)


@pytest.mark.parametrize("seed", [3, 17, 41, 90])
def test_in_random_worlds_an_emptied_trip_comes_back_valid(seed: int) -> None:
    """41: of agreed stock released by the hour, which later trips take too."""
    scenario = random_world(seed)
    plan = plan_relief(scenario, seconds=0.05)
    for trip in _last_trips(plan)[:2]:
        _as_good(plan, scenario, trip)


def _type_a_trip(workbook: Any) -> None:
    """As in Excel: one new row in each sheet, only the cells that a person knows."""
    workbook[sheet_title("trips")].append(["T2", "V1", None, "D"])
    workbook[sheet_title("stops")].append(["T2", 1, "C"])
    workbook[sheet_title("loads")].append(["T2", 1, "NC", "quilt", "L1", "100床"])


def test_a_trip_typed_into_the_workbook(book: Path) -> None:
    """Read to be filled in; read as it is, each row says which cells are empty and who fills them."""
    with pytest.raises(InputProblems) as found:
        edit(book, _type_a_trip)
    assert [(p.file, p.code) for p in found.value.problems] == [
        ("plan.xlsx!车次", "plan_expect_filled"), ("plan.xlsx!停靠", "plan_expect_filled")
    ]  # fmt: skip
    assert "--rewrite" in found.value.problems[0].expected
    read = read_plan_workbook(book, tiny.one_depot(), to_fill=True)
    assert open_trips(read.plan) == ("T2",)
    assert read.disagreements == []
    made = fill_trips(read.plan, tiny.one_depot())
    assert check(restate(made.plan, tiny.one_depot()), tiny.one_depot()) == []


def _lines(folder: Path, table: str) -> list[list[str]]:
    return [line.split(",") for line in (folder / f"{table}.csv").read_text(encoding="utf-8-sig").splitlines()]


def test_a_trip_typed_into_csv_files(tmp_path: Path) -> None:
    """As in the workbook: only what a person knows; the rest empty, with or without the commas of the empty cells."""
    folder = tmp_path / "plan"
    write_plan(by_hand(), folder)
    for table, cells in (("trips", {"trip": "T2", "vehicle": "V1", "depot": "D"}),
                         ("stops", {"trip": "T2", "stop": "1", "site": "C"}),
                         ("loads", {"trip": "T2", "stop": "1", "need": "NC", "item": "quilt", "lot": "L1",
                                    "quantity": "100"})):  # fmt: skip
        header = _lines(folder, table)[0]
        with (folder / f"{table}.csv").open("a", encoding="utf-8") as file:
            file.write(",".join(cells.get(name, "") for name in header).rstrip(",") + "\r\n")
    with pytest.raises(InputProblems) as found:
        read_plan(folder)
    assert [(p.file, p.row, p.code) for p in found.value.problems] == [
        ("trips.csv", 3, "plan_expect_filled"), ("stops.csv", 4, "plan_expect_filled")
    ]  # fmt: skip
    read = read_plan(folder, to_fill=True)
    assert open_trips(read) == ("T2",)
    made, typed = (fill_trips(plan, tiny.one_depot()).plan for plan in (read, _to("C", return_ms=-1)))
    assert made.trips.equals(typed.trips) and made.stops.equals(typed.stops)


def test_a_csv_cell_that_cannot_be_open_is_still_asked_for(tmp_path: Path) -> None:
    """Nobody but the planner knows at which stop, and how much."""
    folder = tmp_path / "plan"
    write_plan(by_hand(), folder)
    header, first, *_ = _lines(folder, "loads")
    first[header.index("quantity")] = ""
    (folder / "loads.csv").write_text("\n".join([",".join(header), ",".join(first)]), encoding="utf-8")
    with pytest.raises(InputProblems) as found:
        read_plan(folder, to_fill=True)
    assert [(p.file, p.column) for p in found.value.problems] == [("loads.csv", "quantity")]


def test_a_clock_that_cannot_be_read_is_not_filled_over(book: Path) -> None:
    """天黑前 in the clock's cell is a wish that no program may overlook."""

    def change(workbook: Any) -> None:
        find(workbook[sheet_title("trips")], "depart_ms", "T1").value = None
        find(workbook[sheet_title("trips")], "depart_clock", "T1").value = "天黑前"

    with pytest.raises(InputProblems) as found:
        edit(book, change)
    (problem,) = found.value.problems
    assert problem.column == "发车毫秒"
