"""What every command promises: --quiet prints errors only, and nothing that is there is written over unasked."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from dispatch.cli.check import check
from dispatch.cli.common import empty_folder, is_quiet, quiet_option, reports_problems, tell
from dispatch.cli.county import county
from dispatch.cli.cover import cover
from dispatch.cli.export import export
from dispatch.cli.hazard import hazard
from dispatch.cli.main import COMMANDS, _dispatch
from dispatch.cli.start import _new_folder
from dispatch.cli.stock import stock
from dispatch.cli.teams import teams
from dispatch.county.problem_text import found
from dispatch.planning.plan_file import write_plan
from dispatch.planning.relief import plan_nearest_first
from dispatch.problems import InputProblems
from tests import qinshui

SCENARIO = "qinshui/flash_flood"


def _all_commands() -> dict[str, click.Command]:
    """Every command by its words."""
    result: dict[str, click.Command] = {}
    context = click.Context(_dispatch)
    for name in COMMANDS:
        command = _dispatch.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            inside = click.Context(command)
            for word in command.list_commands(inside):
                under = command.get_command(inside, word)
                assert under is not None
                result[f"{name} {word}"] = under
        else:
            result[name] = command
    return result


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (teams, ["reach", "qinshui"]),
        (teams, ["standby", "qinshui", "--busy", "0.1"]),
        (stock, ["qinshui", "--date", "2026-05-20"]),
        (cover, ["qinshui", "satellite"]),
        (hazard, [SCENARIO, "--nights", "0"]),
    ],
)
def test_quiet_prints_nothing_but_errors(command: click.Command, words: list[str]) -> None:
    """An answer of no may say so in one line on standard error; the exit code is the same."""
    said = CliRunner().invoke(command, [*words, "--lang", "en"])
    silent = CliRunner().invoke(command, [*words, "--lang", "en", "--quiet"])
    assert said.exit_code == silent.exit_code
    assert said.stdout
    assert silent.stdout == ""
    assert len(silent.stderr.splitlines()) <= (1 if silent.exit_code else 0), silent.stderr


def test_warnings_are_not_errors_and_quiet_does_not_leak_into_the_next_command() -> None:
    @click.command()
    @quiet_option
    def one() -> None:
        tell("said")
        click.echo(str(is_quiet()), err=True)

    assert CliRunner().invoke(one, ["--quiet"]).output == "True\n"
    assert CliRunner().invoke(one, []).output == "said\nFalse\n"


def test_every_command_that_writes_results_can_be_told_to_overwrite_and_else_refuses() -> None:
    """A command with --out either refuses what exists or has --overwrite; nobody has a silent third way."""
    new_files_only = {"plan", "replan", "passage", "county new", "drill log-template"}
    for words, command in _all_commands().items():
        options = {option for one in command.params for option in one.opts}
        if "--out" in options and words not in new_files_only:
            assert "--overwrite" in options, words


def test_every_command_can_be_told_to_be_quiet_but_those_that_only_show() -> None:
    """``list``, ``open``, ``start`` and ``roads show`` have nothing left to do without their lines."""
    loud = {
        words
        for words, command in _all_commands().items()
        if "--quiet" not in {o for p in command.params for o in p.opts}
    }
    assert loud == {"list", "open", "start", "roads show"}


def test_a_plan_of_another_scenario_does_not_flood_the_console(tmp_path: Path) -> None:
    """Thousands of violations: 200, how many more, and where they all are; told to be quiet, no closing line."""
    plan = tmp_path / "plan.json"
    write_plan(plan_nearest_first(qinshui.scenario("flash_flood")), plan)
    done = CliRunner().invoke(check, [str(plan), "qinshui/forest_fire", "--lang", "en", "--quiet"])
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert len(lines) == 201
    assert "--json" in lines[-1]


def test_export_refuses_what_exists_and_names_it(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    write_plan(plan_nearest_first(qinshui.scenario("flash_flood")), plan)
    out = tmp_path / "files"
    (out / "tracks").mkdir(parents=True)
    mine = out / "tracks" / "mine.gpx"
    mine.write_text("mine")
    words = [str(plan), SCENARIO, "--out", str(out), "--lang", "en"]
    refused = CliRunner().invoke(export, [*words, "--kind", "gpx", "--kind", "ics"])
    assert refused.exit_code == 2
    assert str(out / "tracks") in refused.stderr and "--overwrite" in refused.stderr
    assert sorted(path.name for path in out.iterdir()) == ["tracks"]
    assert [path.name for path in (out / "tracks").iterdir()] == ["mine.gpx"]
    other = CliRunner().invoke(export, [*words, "--kind", "ics"])
    assert other.exit_code == 0, "another kind touches nothing that is there"
    again = CliRunner().invoke(export, [*words, "--kind", "gpx", "--overwrite"])
    assert again.exit_code == 0
    assert mine.read_text() == "mine"


def test_teams_do_not_write_over_a_table_that_is_there(tmp_path: Path) -> None:
    kept = tmp_path / "crew_reach.csv"
    kept.write_text("mine")
    words = ["reach", "qinshui", "--out", str(tmp_path), "--lang", "en"]
    assert CliRunner().invoke(teams, words).exit_code == 2
    assert kept.read_text() == "mine"
    assert CliRunner().invoke(teams, [*words, "--overwrite"]).exit_code in (0, 1)
    assert kept.read_text() != "mine"


def test_start_never_writes_into_the_results_of_before(tmp_path: Path) -> None:
    """Whoever double-clicks twice keeps the plan edited in between."""
    wanted = tmp_path / "results" / "flood"
    assert _new_folder(wanted) == wanted
    wanted.mkdir(parents=True)
    assert _new_folder(wanted) == wanted
    (wanted / "plan.xlsx").write_text("edited")
    assert _new_folder(wanted) == tmp_path / "results" / "flood-2"
    (tmp_path / "results" / "flood-2").write_text("a file")
    assert _new_folder(wanted) == tmp_path / "results" / "flood-3"


def test_a_folder_made_for_results_goes_again_where_the_input_is_bad(tmp_path: Path) -> None:
    out = tmp_path / "a" / "b"

    @click.command()
    @reports_problems
    def one() -> None:
        empty_folder(out, "en", overwrite=False)
        raise InputProblems([found("county_no_file", "x.csv")])

    assert CliRunner().invoke(one, []).exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_pack_is_not_written_under_the_ending_of_another_kind_of_file(tmp_path: Path) -> None:
    """A folder called out.docx, or a workbook template where CSV files were asked for, helps nobody."""
    for words in (["convert", "qinshui", str(tmp_path / "out.docx")],
                  ["new", "x", "--form", "csv", "--out", str(tmp_path / "x.xlsx")],
                  ["new", "x", "--form", "xlsx", "--out", str(tmp_path / "x")]):  # fmt: skip
        done = CliRunner().invoke(county, [*words, "--lang", "en"])
        assert done.exit_code == 2, done.output
        assert ".xlsx" in done.stderr
    assert list(tmp_path.iterdir()) == []
