"""One small world, played on a few nights and written as a page in both languages, for all tests of the report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from dispatch.planning.plan import Plan
from dispatch.report.page import write_report
from dispatch.scenario import Scenario
from dispatch.simulation.ensemble import Ensemble, simulate
from tests import tiny
from tests.report.worlds import MINUTE, one_truck

VERSIONS = {"relief-dispatch": "9.9.9", "numpy": "1.2.3"}
COMMAND = "dispatch run tiny.toml --out <here> --nights 12"


@dataclass(frozen=True, eq=False)
class Ran:
    """A run: what went in and the pages that came out, by language."""

    scenario: Scenario
    plan: Plan
    ensemble: Ensemble
    pages: dict[str, Path]


def flooded() -> tuple[Scenario, Plan]:
    """The road between A and B may close, both ways, some time from minute 50 on, for about two hours.

    The forecast expects it at minute 200, after the plan's truck has come back.
    """
    closures = [
        tiny.closure(edge, 200 * 60, 320 * 60, group="river", known_s=3600.0) for edge in ("r12:1-2", "r12:2-1")
    ]
    river = {"group": "river", "probability": 0.6, "shift_low_s": -150 * 60.0, "shift_mode_s": -130 * 60.0,
             "shift_high_s": -100 * 60.0, "duration_low": 0.5, "duration_mode": 1.0, "duration_high": 2.5}  # fmt: skip
    return one_truck(
        hazard=tiny.disruption(closures, [river]),
        deadline_ms=150 * MINUTE,
        statements=(("虚拟的库存。", "Synthetic stock."),),
        title_zh="夜间山洪",
        title_en="A flood by night",
        seed=5,
    )


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The small world's run."""
    scenario, plan = flooded()
    ensemble = simulate(scenario, plan, replications=12)
    pages = {}
    for lang in ("zh", "en"):
        out = tmp_path_factory.mktemp(lang)
        pages[lang] = write_report(out, scenario, plan, ensemble, lang=lang, command=COMMAND, versions=VERSIONS)
    return Ran(scenario, plan, ensemble, pages)
