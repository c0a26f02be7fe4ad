"""What the documentation tells a reader to type works, and both languages tell the same."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(path.name for path in (ROOT / "docs" / "en").glob("*.md"))
_BLOCK = re.compile(r"^```(console|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(lang: str, page: str) -> list[tuple[str, str]]:
    """(kind, content) of the blocks that are to be run."""
    return _BLOCK.findall((ROOT / "docs" / lang / page).read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES)
def test_both_languages_show_the_same_commands(page: str) -> None:
    english, chinese = (
        [(kind, re.sub(r"--lang \w+", "", words)) for kind, words in blocks(lang, page)] for lang in ("en", "zh")
    )
    assert english == chinese


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if blocks("en", page)])
def test_commands_of_a_page_run_in_order(page: str, tmp_path: Path) -> None:
    """Each page's blocks run one after the other in one folder that has the bundled scenarios beside it."""
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT)}
    for kind, content in blocks("en", page):
        commands = [[sys.executable, "-c", content]]
        if kind == "console":
            lines = [line[2:] for line in content.splitlines() if line.startswith("$ ")]
            assert all(line.startswith("dispatch ") for line in lines)
            commands = [[sys.executable, "-m", *shlex.split(line)] for line in lines]
        for command in commands:
            done = subprocess.run(
                command, cwd=tmp_path, env=surroundings, capture_output=True, text=True, timeout=600, check=False
            )
            fine = (0, 1) if {"--check", "cover"} & set(command) else (0,)  # an answer of no is an answer
            assert done.returncode in fine, (command, done.stdout[-2000:], done.stderr[-2000:])
