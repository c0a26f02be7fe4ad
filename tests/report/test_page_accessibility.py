"""The page to those who see little, use the keyboard or look for a moment only: axe-core, and the first look."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dispatch.report.evidence import Evidence
from dispatch.report.page import write_report
from dispatch.studies.verdict import Verdict
from tests.report.chromium import Page, chromium
from tests.report.conftest import COMMAND, VERSIONS
from tests.report.test_evidence import RANGES, cases, missed  # noqa: F401 - a fixture

_PLACE = Path(tempfile.gettempdir()) / "relief-dispatch-axe"
_AXE = Path(os.environ.get("AXE_CORE", _PLACE / "node_modules/axe-core/axe.min.js"))
_SERIOUS = "['serious', 'critical'].includes(one.impact)"


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with chromium() as page:
        yield page


@pytest.fixture(scope="module")
def full_pages(ran, missed, tmp_path_factory):  # noqa: F811 - the fixture
    """Pages with everything: one that serves all, with ranges and a comparison, and one that misses places."""
    verdict = Verdict("too_few_nights", 0.5, 0.3, 0.7, 12, 0.95, 1000, surely=False)
    scenario, plan, findings, evidence = missed
    pages = {}
    for lang in ("zh", "en"):
        out, other = tmp_path_factory.mktemp(lang), tmp_path_factory.mktemp(lang)
        pages[lang] = [
            write_report(out, ran.scenario, ran.plan, ran.ensemble, lang=lang, command=COMMAND, versions=VERSIONS,
                         evidence=Evidence(ranges=RANGES, verdict=verdict, comparison=cases()), mark="内部资料"),
            write_report(other, scenario, plan, None, lang=lang, command=COMMAND, versions=VERSIONS,
                         findings=findings if lang == "en" else None, evidence=evidence),
        ]  # fmt: skip
    return pages


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_no_serious_fault(browser, full_pages, lang, scheme):
    if not _AXE.is_file():
        pytest.skip(f"needs axe-core (npm install --prefix {_PLACE} axe-core)")
    browser.size(1280, 900)
    browser.prefer(scheme)
    for path in full_pages[lang]:
        browser.open(path)
        browser.run("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
        browser.run("reportPage.choose({ kind: 'site', index: 1 })")
        browser.run(_AXE.read_text(encoding="utf-8") + "; 1")
        found = browser.run(
            "axe.run(document, { resultTypes: ['violations'] }).then((result) =>"
            f" result.violations.filter((one) => {_SERIOUS}).map((one) => one.id + ': ' +"
            " one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160) + ' ' + node.failureSummary).join(' | ')))"
        )
        assert found == []


@pytest.mark.parametrize(("width", "height", "phone"), [(1280, 720, False), (390, 844, True)])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_answer_is_seen_without_scrolling(browser, full_pages, lang, width, height, phone):
    browser.size(width, height, phone=phone, ratio=2 if phone else 1)
    browser.prefer("light")
    browser.open(full_pages[lang][0])
    for what in ("#the-number", ".hero .label", ".hero .interval", ".hero .sentence", ".notice"):
        low, high, wide = browser.run(
            f"(() => {{ const b = document.querySelector('{what}').getBoundingClientRect();"
            " return [b.top, b.bottom, b.right]; })()"
        )
        assert low >= 0, what
        assert high <= height, what
        assert wide <= width, what
    assert browser.run("parseFloat(getComputedStyle(document.getElementById('the-number')).fontSize)") >= 48
