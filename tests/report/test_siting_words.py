"""What the siting report claims of the curve, its lists and its sources; what the stock study says of one scenario."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from dispatch.county.english import side_of
from dispatch.documents.messages import text
from dispatch.report.names import unit_word
from dispatch.report.siting_files import listed
from dispatch.report.siting_report import _sources, advice


def _study(covered: list[float], people: list[float], unreached: list[int]) -> SimpleNamespace:
    """A comparison whose curve covers so many people with 0, 1, 2 … points more; none is cut off, none is bare."""
    curve = pd.DataFrame({
        "points": range(len(covered)), "people_covered": covered, "status": "optimal",
        "gain": [np.nan, *np.diff(covered)],
    })  # fmt: skip
    measures = SimpleNamespace(people=sum(people), townships_with_point=1, townships=1, bridges=())
    return SimpleNamespace(
        variants=(SimpleNamespace(measures=measures),), curve=curve, cuts=(), wish=SimpleNamespace(within_min=20.0),
        fewest=SimpleNamespace(unreached=np.array(unreached, dtype=int)),
        ground=SimpleNamespace(people=np.array(people), county=SimpleNamespace(sources=("甲 | A", "roads of 2023")),
                               network=SimpleNamespace(source="", attribution="示意 | schematic")),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("covered", "unreached", "key", "points"),
    [
        ([50, 60, 90, 90], [2], "siting_advice_stop", 2),
        ([50, 60, 90], [2], "siting_advice_stop", 2),
        ([50, 60, 60], [2], "siting_advice_pause", 1),
        ([50, 60, 70], [2], "siting_advice_go_on", 2),
        ([50, 60, 90], [], "siting_advice_go_on", 2),
        ([50, 50], [2], "siting_advice_none", 0),
    ],
)
def test_cover_is_said_to_end_only_where_all_that_can_be_reached_is_covered(covered, unreached, key, points) -> None:
    """100 people, 10 of them out of every candidate's reach: 90 is all there is; where a curve ends proves nothing."""
    found = _study([float(c) for c in covered], [50.0, 40.0, 10.0], unreached)
    said = text("en", key, points=points, people=f"{max(covered):,.0f}", most=len(covered) - 1, minutes="20")
    assert advice(found, "en")[0] == said


def test_sources_and_lists_are_in_the_readers_language() -> None:
    found = _study([1.0], [1.0], [])
    assert _sources(found, "zh") == ("甲", "roads of 2023", "示意")
    assert _sources(found, "en") == ("A", "roads of 2023", "schematic")
    assert side_of("a|b", "en") == "a|b", "a bar within a word is no border"
    assert (listed("甲、乙", "zh"), listed("A、B", "en")) == ("甲、乙", "A, B")


def test_units_of_a_ledger_in_english() -> None:
    """Measure words vanish; 箱 is a box; what nobody knows stays."""
    assert [unit_word(unit, "en") for unit in ("床", "顶", "箱", "托", "")] == ["", "", "boxes", "托", ""]
    assert unit_word("床", "zh") == "床"
