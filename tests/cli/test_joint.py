"""One file, everything in it: the forest fire with trucks, crews, evacuation and aircraft; the flood with teams."""

from __future__ import annotations

from dataclasses import replace

import pytest
from click.testing import CliRunner

from dispatch.cli.plan import plan as plan_command
from dispatch.planning.check import check
from dispatch.planning.fingerprint import fingerprint
from dispatch.planning.plan import Plan
from dispatch.planning.plan_file import read_plan
from dispatch.report.tables_other import deployments_shown, unserved_shown
from dispatch.scenario import Scenario
from dispatch.scenario_file import load_scenario
from dispatch.simulation.ensemble import simulate
from dispatch.simulation.parts import parts_of


@pytest.fixture(scope="module")
def joint(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scenario, Plan]:
    """The fire with everything, and its plan with little work, as ``dispatch plan`` writes it."""
    file = tmp_path_factory.mktemp("joint") / "plan.json"
    words = ["forest_fire_air", "--out", str(file), "--seconds", "1", "--lang", "zh"]
    done = CliRunner().invoke(plan_command, words)
    assert done.exit_code in (0, 1), done.output
    return load_scenario("qinshui/forest_fire_air"), read_plan(file)


@pytest.mark.slow
def test_one_plan_holds_trucks_teams_people_and_flights_and_passes_the_checker(joint: tuple[Scenario, Plan]) -> None:
    scenario, plan = joint
    assert check(plan, scenario) == []
    for table in (plan.trips, plan.deployments, plan.sorties, plan.evacuations):
        assert len(table) > 0
    assert {"bucket", "medical", "reconnaissance"} <= set(plan.sorties["purpose"])
    # the fire is at 后马元村 before any crew can hold a line there
    assert plan.unserved.loc[plan.unserved["kind"] == "task", "subject"].tolist() == ["TW-03"]
    # goods go to the shelters that the plan sends people to
    assert set(plan.stops["site"]) & set(plan.evacuations["shelter"])


@pytest.mark.slow
def test_one_simulation_plays_all_of_it(joint: tuple[Scenario, Plan]) -> None:
    scenario, plan = joint
    played = simulate(scenario, plan, replications=2, hooks=parts_of(scenario))
    assert {"unload_end", "task_done", "aircraft_landed", "evacuees_arrived", "edge_closed"} <= set(played.log["event"])


def test_a_plan_of_another_task_list_is_known_by_its_fingerprint() -> None:
    """Another deadline of one task, none at all, another team: each is another scenario; the same file is not."""
    scenario = load_scenario("qinshui/flash_flood_teams")
    own = fingerprint(scenario)
    assert own == fingerprint(load_scenario("qinshui/flash_flood_teams"))
    assert scenario.tasks is not None
    tasks = scenario.tasks.tasks
    later = replace(scenario.tasks, tasks=tasks.assign(due_ms=tasks["due_ms"] + (tasks["task"] == "TF-01")))
    fewer = replace(scenario.tasks, commanders=scenario.tasks.commanders + 1)
    found = {own, *(fingerprint(replace(scenario, tasks=other)) for other in (later, fewer, None))}
    assert len(found) == 4


@pytest.mark.slow
def test_tables_name_tasks_and_not_their_ids(joint: tuple[Scenario, Plan]) -> None:
    scenario, plan = joint
    assert "土沃村南侧隔离带" in set(deployments_shown(scenario, plan, "zh")["task"])
    assert "fire line TW-01" in set(deployments_shown(scenario, plan, "en")["task"])
    assert "后马元村护村隔离带" in set(unserved_shown(scenario, plan, "zh")["subject"])
