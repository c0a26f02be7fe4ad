"""``export``, ``map``, ``open``, ``start`` and ``bundle`` as their users call them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from dispatch.cli.bundle import write_starters
from dispatch.cli.county_map import county_map
from dispatch.cli.export import export, open_page
from dispatch.cli.filled import LIST
from dispatch.cli.start import start
from dispatch.planning.plan_file import write_plan
from dispatch.planning.relief import plan_nearest_first
from tests import qinshui

SCENARIO = "qinshui/flash_flood"


@pytest.fixture(scope="module")
def plan_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plan") / "plan.json"
    write_plan(plan_nearest_first(qinshui.scenario("flash_flood")), path)
    return path


def test_export_writes_only_the_kinds_asked_for(plan_file: Path, tmp_path: Path) -> None:
    words = [str(plan_file), SCENARIO, "--out", str(tmp_path), "--kind", "gpx", "--kind", "cap", "--lang", "en"]
    done = CliRunner().invoke(export, words)
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in tmp_path.iterdir()) == [LIST, "alerts", "tracks"]
    used = qinshui.scenario("flash_flood").county.table("vehicles")["vehicle"]
    assert {path.stem for path in (tmp_path / "tracks").iterdir()} <= set(used)


def test_map_refuses_to_overwrite_and_to_draw_a_plan_without_its_scenario(plan_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "map.html"
    pack = str(qinshui.PACK)
    assert CliRunner().invoke(county_map, [pack, "--out", str(out), "--plan", str(plan_file)]).exit_code == 2
    assert not out.exists()
    assert CliRunner().invoke(county_map, [SCENARIO, "--out", str(out), "--plan", str(plan_file)]).exit_code == 0
    before = out.read_bytes()
    assert CliRunner().invoke(county_map, [pack, "--out", str(out)]).exit_code == 2
    assert out.read_bytes() == before


def test_open_names_the_page_that_is_not_there(tmp_path: Path) -> None:
    done = CliRunner().invoke(open_page, [str(tmp_path), "--lang", "en"])
    assert done.exit_code == 2
    assert "report.html" in done.output


def test_start_lists_own_workbooks_before_the_bundled_scenarios(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answering the number of a file that is no scenario ends with the usual report and exit code 2, no traceback."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "县.xlsx").write_bytes(b"not a workbook")
    done = CliRunner().invoke(start, ["--no-browser", "--lang", "en"], input="1\n")
    lines = [line.split() for line in done.output.splitlines()]
    assert lines[0] == ["1", "县.xlsx"]
    assert any(line[-1:] == ["qinshui/flash_flood"] for line in lines)
    assert done.exit_code == 2
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("platform", "names"), [("windows", {"install.bat", "start.bat"}), ("linux-arm", {"install.sh", "start.sh"})]
)
def test_a_bundle_has_an_installer_and_a_starter_that_use_no_network(
    platform: str, names: set[str], tmp_path: Path
) -> None:
    written = {path.name: path for path in write_starters(tmp_path, platform, "3.12")}
    assert names < set(written)
    installer = next(path for name, path in written.items() if name.startswith("install")).read_text(encoding="utf-8")
    assert "--no-index" in installer
    assert "(3, 12)" in installer
    guide = written["使用说明-README.txt"].read_text(encoding="utf-8-sig")
    assert "3.12" in guide


def test_the_shell_scripts_are_valid(tmp_path: Path) -> None:
    for path in write_starters(tmp_path, "linux", "3.11"):
        if path.suffix == ".sh":
            assert subprocess.run(["sh", "-n", str(path)], check=False).returncode == 0
