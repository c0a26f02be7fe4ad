"""What a coverage says of its proof: in points, villages and minutes, never in values of a model."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dispatch.planning.coverage import POINT_COLUMNS, TARGET_COLUMNS, Coverage
from dispatch.report.coverage_files import coverage_lines
from models.siting import Layout


def _coverage(kind: str, value: float, bound: float, status: str, new: int = 2) -> Coverage:
    """Four targets, one existing point and as many new ones as said."""
    targets = pd.DataFrame(
        [(f"t{k}", f"村{k}", "镇", 10.0, 112.0, 35.0, 5.0, 4.0, k < 2, True) for k in range(4)], columns=TARGET_COLUMNS
    )
    points = pd.DataFrame(
        [(f"p{k}", f"点{k}", 112.0, 35.0, k == 0, 1 <= k <= new) for k in range(4)], columns=POINT_COLUMNS
    )
    layout = Layout(value, bound, abs(value - bound) / value, status, np.array([0, 1, 2]), np.zeros(4, np.int64),
                    np.zeros(0, np.int64))  # fmt: skip
    limit = np.inf if kind in ("water_point", "helipad") else 15.0
    return Coverage(kind, limit, "min", targets, points, layout)


@pytest.mark.parametrize(
    ("kind", "value", "bound", "status", "wanted"),
    [
        ("shelter", 3, 3.0, "optimal", "2 new points cover every village that any point can reach; fewer are proven"),
        ("shelter", 3, 1.4, "feasible", "at least 1 are proven to be needed"),  # 1.4 rounds up to 2, one of them stands
        ("shelter", 3, 2.2, "feasible", "fewer are proven not to do"),  # a bound of 2.2 points is one of 3
        ("camera_3", 3, 3.9, "feasible", "no other choice of as many is proven to see more"),
        ("camera_3", 3, 4.0, "feasible", "at most 1 cells or points more"),
        ("water_point", 40.0, 30.0, "feasible", "mean cycle 10.00 min; proven to be no shorter than 7.50 min"),
        ("water_point", 40.0, 40.0, "optimal", "mean cycle 10.00 min; no other choice"),
        ("shelter", 3, 1.0, "infeasible", "no answer: infeasible"),
    ],
)
def test_proof_in_plain_words(kind: str, value: float, bound: float, status: str, wanted: str) -> None:
    lines = coverage_lines(_coverage(kind, value, bound, status), "en")
    assert any(wanted in line for line in lines), lines
    chinese = "\n".join(coverage_lines(_coverage(kind, value, bound, status), "zh"))
    assert not any(word in chinese for word in ("模型值", "界 ", "间隙"))
    assert status == "infeasible" or "已证明" in chinese


def test_villages_are_counted_as_villages_and_nothing_new_is_said_so() -> None:
    lines = coverage_lines(_coverage("shelter", 1, 1.0, "optimal", new=0), "zh")
    assert any("2/4 个村" in line for line in lines)
    assert any("不必新增" in line for line in lines)
