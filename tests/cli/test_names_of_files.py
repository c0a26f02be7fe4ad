"""Names of files and folders as a newcomer types them."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from dispatch.cli.common import lang_option, reports_problems
from dispatch.cli.county import county
from dispatch.cli.passage import _place_line
from dispatch.cli.plan import list_scenarios, plan
from dispatch.documents.messages import text
from dispatch.scenario_file import bundled_scenarios


@pytest.mark.parametrize("name", ["mycounty", "mycounty.xlsx"])
def test_a_new_workbook_has_one_ending(name, tmp_path, monkeypatch):
    """The tutorial types the ending; the county is not called so."""
    monkeypatch.chdir(tmp_path)
    said = CliRunner().invoke(county, ["new", name, "--lang", "en"])
    assert said.exit_code == 0, said.output
    assert {path.name for path in tmp_path.iterdir()} == {"mycounty.xlsx", "mycounty.contacts.xlsx"}


def test_a_name_with_a_space_is_quoted_and_contacts_are_not_overwritten(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = CliRunner().invoke(county, ["new", "新 县", "--lang", "zh"])
    assert 'validate "新 县.xlsx"' in made.output
    (tmp_path / "新 县.xlsx").unlink()
    again = CliRunner().invoke(county, ["new", "新 县", "--lang", "zh"])
    assert again.exit_code == 2
    assert "contacts.xlsx" in again.output
    assert not (tmp_path / "新 县.xlsx").exists()


def test_a_plan_goes_into_a_new_folder_and_a_bad_name_is_refused_before_the_work(tmp_path, monkeypatch):
    """Planning takes a minute; it must not be lost for a folder that is missing or an ending that is wrong."""

    def untouched(*_: object, **__: object) -> None:
        raise AssertionError("the scenario was read before the name of the result was looked at")

    monkeypatch.setattr("dispatch.scenario_file.load_scenario", untouched)
    said = CliRunner().invoke(plan, ["x", "--out", str(tmp_path / "a.docx"), "--lang", "zh"])
    assert (said.exit_code, "扩展名" in said.output) == (2, True)
    (tmp_path / "file").write_text("")
    said = CliRunner().invoke(plan, ["x", "--out", str(tmp_path / "file" / "p.json"), "--lang", "zh"])
    assert said.exit_code == 2
    assert text("zh", "common_system_enotdir") in said.output or text("zh", "common_system_eexist") in said.output
    new = tmp_path / "new" / "deep" / "p.json"
    said = CliRunner().invoke(plan, ["x", "--out", str(new)])
    assert isinstance(said.exception, AssertionError)
    assert new.parent.is_dir()


def test_a_file_that_cannot_be_written_is_said_and_no_traceback(tmp_path):
    @click.command()
    @lang_option
    @reports_problems
    def writes(lang: str) -> None:
        (tmp_path / "no" / "file").write_text(lang)

    said = CliRunner().invoke(writes, ["--lang", "zh"])
    assert said.exit_code == 2
    assert text("zh", "common_system_enoent") in said.output
    assert "file" in said.output


def test_names_of_the_listed_scenarios_stand_apart_from_their_titles():
    """The longest name once ran into its title."""
    lines = CliRunner().invoke(list_scenarios, ["--lang", "zh"]).output.splitlines()
    assert len(lines) == len(bundled_scenarios())
    assert all(name in bundled_scenarios() for name in (line.split()[0] for line in lines))


@pytest.mark.parametrize("wrapped", [False, True])
def test_control_c_is_an_interruption_wherever_it_falls(wrapped):
    """Inside a compiled function the interpreter wraps it into a SystemError."""

    @click.command()
    @lang_option
    @reports_problems
    def works(lang: str) -> None:
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as pressed:
            if wrapped:
                raise SystemError("returned a result with an exception set") from pressed
            raise

    said = CliRunner().invoke(works, ["--lang", "zh"])
    assert (said.exit_code, said.output.strip()) == (130, text("zh", "cli_interrupted"))


def test_minutes_saved_are_those_between_the_two_times_shown():
    """2:16 → 2:09 once saved 8 minutes (7.6 rounded), and a later arrival "saved -5"."""
    assert "2:16 → 2:09" in _place_line("A", 8_130_000, 7_710_000, "en")
    assert _place_line("A", 8_130_000, 7_710_000, "en").endswith("7 min saved")
    assert "5 min later" in _place_line("A", 14_700_000, 15_000_000, "en")
    assert "-" not in _place_line("A", 14_700_000, 15_000_000, "zh")
    assert _place_line("A", -1, 60_000, "zh") == text("zh", "passage_place_new", place="A", fast="0:01")
