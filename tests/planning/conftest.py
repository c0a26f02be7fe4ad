"""Fixtures of the tests of plans."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatch.planning.plan_workbook import write_plan_workbook
from tests import tiny
from tests.planning.plans import by_hand


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Workbook of the plan made by hand, in Chinese."""
    path = tmp_path / "plan.xlsx"
    write_plan_workbook(by_hand(), tiny.one_depot(), path, "zh")
    return path
