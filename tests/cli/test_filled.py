"""A folder filled again: what an earlier run left and the new one does not have goes, and nothing else."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from dispatch.cli.common import (
    empty_folder,
    lang_option,
    overwrite_option,
    quiet_option,
    reports_problems,
    stop,
    tell_written,
)
from dispatch.cli.export import export
from dispatch.cli.filled import LIST
from dispatch.planning.plan_file import write_plan
from dispatch.planning.relief import plan_nearest_first
from tests import qinshui


@click.command("fill")
@click.argument("names", nargs=-1)
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--task", default="")
@click.option("--renew", multiple=True)
@click.option("--fails", is_flag=True)
@overwrite_option
@lang_option
@quiet_option
@reports_problems
def _fill(
    names: tuple[str, ...], out: Path, task: str, renew: tuple[str, ...], fails: bool, overwrite: bool, lang: str
) -> None:
    """Write a file for each name."""
    empty_folder(out, lang, overwrite=overwrite, task=task, renewed=renew)
    if fails:
        stop("no")
    for name in names:
        (out / name).parent.mkdir(exist_ok=True)
        (out / name).write_text(name)
    tell_written(lang, *dict.fromkeys(out / Path(name).parts[0] for name in names))


def _run(out: Path, *words: str) -> Result:
    done = CliRunner().invoke(_fill, [*words, "--out", str(out), "--overwrite", "--lang", "en"])
    assert done.exit_code in (0, 2), done.output
    return done


def _files(out: Path) -> set[str]:
    return {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()} - {LIST}


def test_tracks_of_trips_that_are_no_more_go_and_what_others_put_there_stays(tmp_path: Path) -> None:
    """A planner who hands out the folder hands out this plan's route sheets only."""
    _run(tmp_path, "tracks/a.gpx", "tracks/b.gpx", "old/x", "page.html")
    (tmp_path / "tracks" / "mine.gpx").write_text("mine")
    (tmp_path / "notes.docx").write_text("mine")
    said = _run(tmp_path, "tracks/b.gpx", "page.html")
    assert _files(tmp_path) == {"tracks/b.gpx", "tracks/mine.gpx", "page.html", "notes.docx"}
    assert not (tmp_path / "old").exists()
    assert "2 removed" in said.stdout and "tracks/a.gpx" in said.stdout


def test_a_stale_file_that_somebody_changed_is_kept_and_named(tmp_path: Path) -> None:
    _run(tmp_path, "tracks/a.gpx", "tracks/b.gpx")
    (tmp_path / "tracks" / "a.gpx").write_text("with a note of mine")
    said = _run(tmp_path, "tracks/b.gpx")
    assert (tmp_path / "tracks" / "a.gpx").read_text() == "with a note of mine"
    assert "tracks/a.gpx" in said.stderr
    assert "tracks/a.gpx" in _run(tmp_path, "tracks/b.gpx").stderr, "said until somebody clears it away"


def test_another_task_takes_only_the_folders_it_renews(tmp_path: Path) -> None:
    """Drones and shelters share a folder; tracks belong to whatever plan wrote them last."""
    _run(tmp_path, "tracks/a.gpx", "drone.xlsx", "--task", "one")
    _run(tmp_path, "shelter.xlsx", "--task", "two")
    assert _files(tmp_path) == {"tracks/a.gpx", "drone.xlsx", "shelter.xlsx"}
    _run(tmp_path, "tracks/b.gpx", "--task", "two", "--renew", "tracks")
    assert _files(tmp_path) == {"tracks/b.gpx", "drone.xlsx"}


def test_a_command_that_fails_before_it_writes_removes_nothing(tmp_path: Path) -> None:
    _run(tmp_path, "a.csv")
    assert _run(tmp_path, "b.csv", "--fails").exit_code == 2
    assert _files(tmp_path) == {"a.csv"}


@pytest.mark.parametrize("name", ["../outside.txt", "/etc/hostname", "link/outside.txt", ""])
def test_a_list_that_names_files_elsewhere_is_not_believed(tmp_path: Path, name: str) -> None:
    """A folder may come from anybody; its list must not reach out of it."""
    out = tmp_path / "out"
    _run(out, "a.csv")
    outside = tmp_path / "outside.txt"
    outside.write_text("a.csv")
    (out / "link").symlink_to(tmp_path)
    listed = json.loads((out / LIST).read_text())
    listed["files"][name] = listed["files"]["a.csv"]
    (out / LIST).write_text(json.dumps(listed))
    _run(out, "b.csv")
    assert outside.exists() and not (out / "a.csv").exists()


@pytest.mark.parametrize(
    "content", [b"", b"[1]", b"\xff", b'{"format": "relief-dispatch files", "files": {"a.csv": 3}}']
)
def test_a_list_that_cannot_be_read_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / LIST).write_bytes(content)
    (tmp_path / "a.csv").write_text("mine")
    _run(tmp_path, "b.csv")
    assert _files(tmp_path) == {"a.csv", "b.csv"}


def test_equal_runs_leave_equal_lists(tmp_path: Path) -> None:
    _run(tmp_path / "one", "a.csv", "tracks/b.gpx")
    _run(tmp_path / "two", "tracks/b.gpx", "a.csv")
    assert (tmp_path / "one" / LIST).read_bytes() == (tmp_path / "two" / LIST).read_bytes()


def test_an_export_takes_away_the_track_of_a_run_that_sent_one_more_vehicle(tmp_path: Path) -> None:
    plan = plan_nearest_first(qinshui.scenario("flash_flood"))
    write_plan(plan, tmp_path / "plan.json")
    out = tmp_path / "out"
    (out / "tracks").mkdir(parents=True)
    listed = {}
    for name in ("tracks/GONE.gpx", "plan.xlsx"):
        (out / name).write_text("of the run")
        listed[name] = {"sha256": hashlib.sha256(b"of the run").hexdigest(), "by": "run"}
    (out / LIST).write_text(json.dumps({"format": "relief-dispatch files", "files": listed}))
    words = [str(tmp_path / "plan.json"), "qinshui/flash_flood", "--out", str(out), "--kind", "gpx", "--overwrite"]
    done = CliRunner().invoke(export, words)
    assert done.exit_code == 0, done.output
    assert {path.stem for path in (out / "tracks").iterdir()} == set(plan.trips["vehicle"])
    assert (out / "plan.xlsx").is_file()
