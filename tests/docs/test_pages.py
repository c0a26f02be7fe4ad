"""The generated reference pages hold everything they are made from; every key has a meaning in both languages."""

from __future__ import annotations

import importlib
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from dispatch.cli.main import COMMANDS
from dispatch.county.schema import SCHEMA
from dispatch.documents.messages import has
from dispatch.norms import read_norm
from dispatch.planning.plan_rows import PLAN_TABLES
from dispatch.scenario_text import KEYS
from dispatch.simulation.log import EVENTS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def hooks() -> ModuleType:
    made = importlib.util.spec_from_file_location("docs_hooks", ROOT / "docs" / "hooks.py")
    assert made is not None and made.loader is not None
    module = importlib.util.module_from_spec(made)
    made.loader.exec_module(module)
    return module


def test_every_scenario_key_has_a_meaning_or_a_source() -> None:
    """A figure of a section is explained by its row in the norms; every other key by a message."""
    figures = {f"{row['section']}.{row['figure']}" for row in read_norm("response")}
    unexplained = [
        key
        for key in KEYS
        if key not in figures
        and not has(f"scenario_key_{key.replace('.', '_')}")
        and not (key.endswith(".enabled") and has(f"scenario_section_{key.split('.')[0]}"))
    ]
    assert unexplained == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_reference_pages_are_complete(hooks: ModuleType, lang: str) -> None:
    county = hooks.county_page(lang)
    assert all(f"`{column.name}`" in county for table in SCHEMA.values() for column in table.columns)
    scenario = hooks.scenario_page(lang)
    assert all(f"`{key}`" in scenario for key in KEYS)
    plan = hooks.plan_page(lang)
    assert all(f"`{column}`" in plan for columns in PLAN_TABLES.values() for column in columns)
    log = hooks.log_page(lang)
    assert all(f"`{event}`" in log and zh in log for event, (zh, _) in EVENTS.items())


def test_the_page_of_commands_holds_every_command_with_its_options(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    pages = {lang: importlib.import_module("commands").commands_page(lang) for lang in ("zh", "en")}
    heads = {lang: re.findall(r"^## `dispatch ([^`]+)`", page, re.MULTILINE) for lang, page in pages.items()}
    assert heads["zh"] == heads["en"]
    assert set(COMMANDS) == {head.split()[0] for head in heads["zh"]}
    options = {lang: re.findall(r"--[a-z][a-z-]+", page) for lang, page in pages.items()}
    assert set(options["zh"]) == set(options["en"])
    assert "示例" in pages["zh"] and "示例" not in pages["en"]


def test_every_page_is_in_the_navigation_in_both_languages() -> None:
    listed = set(re.findall(r"(?:zh|en)/[\w/-]+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8")))
    for lang in ("zh", "en"):
        own = {f"{lang}/{path.name}" for path in (ROOT / "docs" / lang).glob("*.md")}
        assert own == {page for page in listed if page.startswith(f"{lang}/") and "/reference/" not in page}


def test_links_and_pictures_of_the_pages_exist() -> None:
    """Relative links lead to pages that are written or generated; pictures to those that ``pictures.py`` draws."""
    generated = {
        f"{lang}/reference/{name}.md"
        for lang in ("zh", "en")
        for name in ("commands", "county", "scenario", "plan", "log", "norms")
    }
    drawn = {
        f"{name}_{lang}"
        for name in ("page", "county", "served", "map", "gantt", "arrivals", "steps")
        for lang in ("zh", "en")
    }
    for path in (ROOT / "docs").rglob("*.md"):
        for target in re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8")):
            if target.startswith(("http", "mailto")):
                continue
            leads = (path.parent / target).resolve().relative_to(ROOT / "docs").as_posix()
            known = leads in generated or (ROOT / "docs" / leads).exists()
            assert known or (leads.startswith("pictures/") and Path(leads).stem in drawn), f"{path.name}: {target}"
