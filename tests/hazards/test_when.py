"""Times of a hazard as people write them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from dispatch.hazards.when import seconds_from
from tests.tiny import REFERENCE  # 20 July 2026, 22:00 in Shanghai


@pytest.mark.parametrize(
    ("written", "minutes"),
    [
        (90, 90),
        (-30.5, -30.5),
        ("90", 90),
        ("+2:30", 150),
        ("-0:45", -45),
        ("+100:00", 6000),
        ("2026-07-20T22:30:00+08:00", 30),
        ("2026-07-20T14:30Z", 30),
        ("2026-07-21 00:10", 130),  # no zone: the reference's
        ("7月21日 4时10分", 370),
        ("7-21 04:10", 370),
        ("22:30", 30),
        ("01:15", 195),  # of the two nights the nearer one
        ("21:00", -60),
        (datetime(2026, 7, 20, 23, 0), 60),
        (datetime(2026, 7, 20, 23, 0, tzinfo=ZoneInfo("UTC")), 540),
    ],
)
def test_times(written: object, minutes: float) -> None:
    assert seconds_from(REFERENCE, written) == minutes * 60


@pytest.mark.parametrize(
    "written", ["", "x", "+2", "-30", "+2:75", "25:10", "2026-13-01T00:00", True, None, [1], float("nan")]
)
def test_what_is_no_time_is_refused(written: object) -> None:
    """A signed number without minutes could mean hours or minutes; nothing is guessed."""
    with pytest.raises(ValueError):
        seconds_from(REFERENCE, written)
