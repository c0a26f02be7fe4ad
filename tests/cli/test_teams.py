"""``dispatch teams`` as its user runs it: on the bundled county, with files read back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from dispatch.cli.teams import teams
from dispatch.scenario_file import find_scenario, load_scenario

TASKS = """task,name,kind,place,lon,lat,person_h,least,latest,after,lives,priority,patients,source
K1,沿河搜救,search_rescue,140521102,,,60,20,+12:00,,40,5,2,synthetic
K2,沁河侦察,reconnaissance,,112.20,35.70,6,2,+6:00,,0,3,,synthetic
K3,安置点发放,handout,140521102,,,20,4,+24:00,K1,0,1,,synthetic
K4,没有人会,medical,140521102,,,9000,4,+5:00,,1,1,,synthetic
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    """The bundled flood with a table of tasks."""
    folder = shutil.copytree(find_scenario("flash_flood").parent, tmp_path / "qinshui",
                             ignore=shutil.ignore_patterns("*.tif", "authoring"))  # fmt: skip
    (folder / "tasks.csv").write_text(TASKS, encoding="utf-8")
    text = (folder / "flash_flood.toml").read_text(encoding="utf-8")
    path = folder / "teams.toml"
    path.write_text(text.replace("[demand]", '[tasks]\ntable = "tasks.csv"\ncommanders = 2\n\n[demand]', 1),
                    encoding="utf-8")  # fmt: skip
    return path


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(teams, [*words, "--lang", "en"])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_tasks_planned_and_played(scenario: Path, tmp_path: Path) -> None:
    """Three of four tasks done, the fourth listed with its cause; workbook and nights written; mutual aid weighed."""
    out = tmp_path / "out"
    code, said = run(str(scenario), "--out", str(out), "--nights", "5", "--work", "3", "--no-joint")
    assert code == 0, said
    assert "4 tasks: 3 done" in said
    assert "cannot be done in time" in said
    nights = pd.read_csv(out / "task_nights.csv")
    assert sorted(set(nights["task"])) == ["K1", "K2", "K3"]
    book = pd.read_excel(out / "teams.xlsx", sheet_name=None)
    assert len(book) == 2
    assert (out / "plan.json").exists()


def test_a_scenario_without_tasks_is_refused(tmp_path: Path) -> None:
    code, said = run("flash_flood", "--out", str(tmp_path / "none"))
    assert code == 2
    assert "no tasks" in said


def test_faults_of_the_task_table_come_together(scenario: Path) -> None:
    """A circle, a latest before the earliest, nowhere: all named at once."""
    from dispatch.problems import InputProblems

    table = TASKS.replace("+6:00,,0,3", "-1:00,,0,3").replace("+12:00,,40", "+12:00,K3,40")
    (scenario.parent / "tasks.csv").write_text(table, encoding="utf-8")
    with pytest.raises(InputProblems) as found:
        load_scenario(scenario)
    codes = {problem.code for problem in found.value.problems}
    assert {"scenario_task", "scenario_task_circle"} <= codes


def test_reach_attack_standby(tmp_path: Path) -> None:
    """Lines for every township and the county; tables written."""
    code, said = run("reach", "qinshui", "--out", str(tmp_path))
    assert code in (0, 1)
    assert "km² of forest" in said
    assert len(pd.read_csv(tmp_path / "crew_reach.csv")) == said.count("km² of forest")
    code, said = run("standby", "qinshui", "--away", "T-02")
    assert code == 0
    assert "after moving up" in said
    code, _ = run("standby", "qinshui", "--away", "nobody")
    assert code == 2
    code, said = run("attack", "fire_model", "--ignitions", "5", "--crew", "140521201", "--wind", "4",
                     "--out", str(tmp_path))  # fmt: skip
    assert code == 0
    assert "further crew of 30 at" in said
    assert len(pd.read_csv(tmp_path / "ignitions_now.csv")) == 5 * (said.count("below 1 ha") - 1)
    code, _ = run("attack", "flash_flood")
    assert code == 2
