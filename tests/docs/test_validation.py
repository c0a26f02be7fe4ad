"""The validation page: its numbers are those of the library, and every test and page that it names exists."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from benchmarks.harness import Options
from benchmarks.validation import TOPICS
from tests.shared import shared_path

ROOT = Path(__file__).resolve().parents[2]
QUICK = ("roads", "flows", "statistics", "fire", "water", "ground")


@pytest.fixture(scope="module")
def tables() -> ModuleType:
    made = importlib.util.spec_from_file_location("validation_tables", ROOT / "docs" / "validation_tables.py")
    assert made is not None and made.loader is not None
    module = importlib.util.module_from_spec(made)
    made.loader.exec_module(module)
    return module


def recorded() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((ROOT / "docs" / "validation.json").read_text(encoding="utf-8"))
    return rows


def page(lang: str) -> str:
    return (ROOT / "docs" / lang / "validation.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_tables_are_those_of_the_numbers(tables: ModuleType, lang: str) -> None:
    """Else: ``python docs/validation_tables.py`` (a number quoted from a benchmark page has changed, or the rows)."""
    assert tables.filled(page(lang), lang) == page(lang)
    overview = (ROOT / "docs" / lang / "benchmarks.md").read_text(encoding="utf-8")
    assert tables.filled_rivals(overview, lang) == overview


@pytest.mark.parametrize("topic", QUICK)
def test_numbers_are_what_the_library_gives_today(topic: str) -> None:
    """Else: ``python -m benchmarks.validation --json docs/validation.json``, and look at what has changed."""
    options = Options(quick=True, bench=shared_path("bench"), seconds=None)
    of_topic = {(row["case"], row["measure"]): row for row in recorded() if row["case"].startswith(f"{topic}: ")}
    found = {(f"{topic}: {row.case}", row.measure): row for row in TOPICS[topic](options)}
    assert found.keys() == of_topic.keys()
    for key, row in found.items():
        assert row.ours == pytest.approx(of_topic[key]["ours"], rel=1e-5, abs=1e-9), key
        assert row.reference == of_topic[key]["reference"]


def test_every_topic_is_there_and_every_computed_value_is_near_enough(tables: ModuleType) -> None:
    assert {row["case"].partition(": ")[0] for row in recorded()} == set(TOPICS)
    named = [topic["name"] for topic in tables.CASES["topic"]]
    assert named == [*TOPICS, "coordinates"]
    assert [row for row in recorded() if not row["agrees"]] == []


def test_every_measure_has_a_name_in_chinese(tables: ModuleType) -> None:
    measures = {row["measure"] for row in recorded()}
    measures |= {row["measure"] for topic in tables.CASES["topic"] for row in topic.get("row", [])}
    assert measures == set(tables.CASES["measures"])


def test_what_shows_a_case_exists_and_holds_tests() -> None:
    """In both languages the same files are named."""
    named = [set(re.findall(r"`((?:tests|docs|benchmarks)/[\w/.]+)`", page(lang))) for lang in ("zh", "en")]
    assert named[0] == named[1]
    for file in named[0]:
        words = (ROOT / file).read_text(encoding="utf-8")
        assert not file.startswith("tests/") or "\ndef test_" in words, file
