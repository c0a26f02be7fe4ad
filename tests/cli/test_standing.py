"""``dispatch plan --committed``: trips stand as they are, what has not begun is planned anew, nonsense is refused."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dispatch.cli.plan import plan as command
from dispatch.planning.check import check
from dispatch.planning.plan import Plan
from dispatch.planning.plan_file import read_plan, write_plan
from dispatch.planning.relief import plan_nearest_first
from tests import qinshui

SCENARIO = "qinshui/flash_flood"
HOUR_MS = 3_600_000


@cache
def _by_hand() -> Plan:
    return plan_nearest_first(qinshui.scenario("flash_flood"))


def _planned(folder: Path, *words: str) -> Result:
    """The command upon the plan nearest first, with little work."""
    if not (folder / "before.json").exists():
        write_plan(_by_hand(), folder / "before.json")
    out = ["--out", str(folder / "after.json"), "--seconds", "0.1", "--lang", "en"]
    return CliRunner().invoke(command, [SCENARIO, *out, *words])


def _times(plan: Plan) -> dict[str, list[int]]:
    columns = ["load_start_ms", "load_end_ms", "depart_ms"]
    return dict(zip(plan.trips["trip"], plan.trips[columns].to_numpy().tolist(), strict=True))


def test_what_has_begun_stands_and_nothing_else_starts_before(tmp_path: Path) -> None:
    """A quarter of an hour after the order some vehicles are loading or on the road, others are not."""
    now_ms = round(3.75 * HOUR_MS)
    result = _planned(tmp_path, "--committed", str(tmp_path / "before.json"), "--committed-until", "+3:45")
    assert result.exit_code == 0, result.output
    after = read_plan(tmp_path / "after.json")
    assert check(after, qinshui.scenario("flash_flood")) == []
    before, now = _times(_by_hand()), _times(after)
    stand = set(before) & set(now)
    began = {trip for trip, (load_start_ms, *_) in before.items() if load_start_ms <= now_ms}
    assert began <= stand < set(before)
    assert all(before[trip] == now[trip] for trip in stand)
    new = after.trips[~after.trips["trip"].isin(stand)]
    assert len(new)
    assert int(new["load_start_ms"].min()) >= now_ms
    assert f"Trips that stand: {len(stand)}; planned on top of them: {len(new)}" in result.output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--committed-until", "+4:30"], "needs --committed"),
        (["--committed", "{plan}", "--fair", "--without", "V-001"], "beside --committed: --fair, --without"),
        (["--committed", "{plan}", "--committed-until", "soon"], "'soon' is no time"),
        (["--committed", "{plan}", "--committed-until", "-9:00"], "none has begun by then"),
        (["--committed", "{plan}x"], "no such file"),
    ],
)
def test_what_cannot_be_meant_is_said_and_nothing_is_written(tmp_path: Path, words: list[str], says: str) -> None:
    result = _planned(tmp_path, *(word.format(plan=tmp_path / "before.json") for word in words))
    assert result.exit_code == 2
    assert says in result.output
    assert not (tmp_path / "after.json").exists()


def test_trips_that_could_not_be_driven_are_refused_with_the_reason(tmp_path: Path) -> None:
    """A way of a committed trip is shut from the order on: it cannot be driven as written."""
    first = _by_hand().stops.sort_values("arrive_ms").iloc[0]
    edges = dict(zip(_by_hand().paths["path"], _by_hand().paths["edges"], strict=True))
    write_plan(_by_hand(), tmp_path / "before.json")
    shut = ["--close", f"{edges[first['path']][0]}=+0:00-"]
    result = _planned(tmp_path, "--committed", str(tmp_path / "before.json"), *shut)
    assert result.exit_code == 2
    assert "cannot stand as they are" in result.output
    assert str(first["trip"]) in result.output or "constraints broken" in result.output
    assert not (tmp_path / "after.json").exists()
