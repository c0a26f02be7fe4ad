"""click's own words in Chinese: the catalogue is current, every word is one of click's, and it is spoken."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from dispatch.documents.click_words import CATALOGUE, compiled, words


def test_catalogue_is_that_of_the_messages() -> None:
    assert CATALOGUE.read_bytes() == compiled(words()), "run python -m dispatch.documents.click_words"


def test_every_word_is_one_of_clicks() -> None:
    """A word that click no longer uses would silently stay English."""
    source = "".join(path.read_text(encoding="utf-8") for path in Path(click.__file__).parent.glob("*.py"))
    literal = [text.replace("\n", "\\n").replace("\t", "\\t") for text in words()]
    assert [text for text in literal if f'"{text}"' not in source] == []


@pytest.mark.parametrize(("lang", "word"), [("zh", "没有选项 '--nothing'"), ("en", "No such option '--nothing'")])
def test_a_wrong_option_is_named_in_the_language_asked_for(lang: str, word: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dispatch", "list", "--lang", lang, "--nothing"],
        capture_output=True, encoding="utf-8", env={**os.environ, "PYTHONUTF8": "1"}, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert word in done.stderr


@pytest.mark.parametrize(
    ("lang", "shown"), [("zh", ("整数", "数", "文字", "必填")), ("en", ("INTEGER", "FLOAT", "TEXT", "required"))]
)
def test_kinds_of_values_are_named_in_the_language_asked_for(lang: str, shown: tuple[str, ...]) -> None:
    """A Chinese help once said INTEGER RANGE and [required]."""
    done = subprocess.run(
        [sys.executable, "-m", "dispatch", "plan", "--help", "--lang", lang],
        capture_output=True, encoding="utf-8", env={**os.environ, "PYTHONUTF8": "1"}, check=True,
    )  # fmt: skip
    more = subprocess.run(
        [sys.executable, "-m", "dispatch", "run", "--help", "--lang", lang],
        capture_output=True, encoding="utf-8", env={**os.environ, "PYTHONUTF8": "1"}, check=True,
    )  # fmt: skip
    assert [word for word in shown if word not in done.stdout + more.stdout] == []
    if lang == "zh":
        assert not any(word in done.stdout + more.stdout for word in ("INTEGER", "FLOAT", "TEXT", "[required]"))
