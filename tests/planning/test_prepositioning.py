"""Pre-positioning on a road that the hazard cuts on some nights: the move that hand reckoning asks for."""

from __future__ import annotations

import pytest

from dispatch.hazards.disruption import AREA_COLUMNS, GROUP_COLUMNS, PLACE_COLUMNS, Disruption
from dispatch.planning.prepositioning import preposition
from dispatch.scenario import Scenario
from tests import tiny
from tests.planning.team_worlds import team


def scenario(probability: float = 0.8) -> Scenario:
    """A team at D; from hour 2 on the flood is at C, and on most nights the road between A and B is cut with it.

    By road from D the team is at C 100 minutes after the flood or never; from B, beyond the cut, it is there in time.
    """
    edges = [tiny.closure(edge, 7200, 86400, group="cut") for edge in ("r12:1-2", "r12:2-1")]
    place = {"place": "C", "start_s": 7200.0, "end_s": 86400.0, "share": 0.5, "depth_m": 1.0, "cause": "flood",
             "group": ""}  # fmt: skip
    group = {"group": "cut", "probability": probability, "shift_low_s": 0.0, "shift_mode_s": 0.0, "shift_high_s": 0.0,
             "duration_low": 1.0, "duration_mode": 1.0, "duration_high": 1.0}  # fmt: skip
    from tests.tiny import frame

    hazard = Disruption(tiny.disruption(edges).edges, frame(PLACE_COLUMNS, [place]), frame(AREA_COLUMNS, ()),
                        frame(GROUP_COLUMNS, [group]))  # fmt: skip
    places = [{"place": p, "name": f"{p}村", "kind": "township" if p == "B" else "village", "population": 100}
              for p in "ABC"]  # fmt: skip
    return tiny.one_depot(hazard=hazard, trucks=0, tables={
        "places": places, "teams": [team("T", "D", strength=30, turnout_min=30)],
    })  # fmt: skip


def test_the_team_goes_beyond_the_cut() -> None:
    """At home it helps nobody in 90 minutes when the road is cut; at B always: 50 people less the cost of a move."""
    found = preposition(scenario(), nights=12, held_out=20, seconds=10)
    assert found.moves.to_dict("records") == [
        {"unit": "T", "kind": "team", "name": "T队", "from_site": "D", "to_site": "B"}
    ]
    assert found.placed.status == "optimal"
    assert found.worth.placed == pytest.approx(50 - 1)
    assert found.worth.home < found.worth.placed <= found.worth.perfect
    assert found.low > 0
    assert (found.held_out["placed"] == 50).all()


def test_nobody_moves_without_leave() -> None:
    """No moves allowed: home it is, and the gain is nothing."""
    found = preposition(scenario(), nights=6, held_out=6, most_moves=0, seconds=10)
    assert found.moves.empty
    assert found.gain == 0
    assert found.worth.placed == pytest.approx(found.worth.home)


def test_same_seed_same_choice() -> None:
    first, second = (preposition(scenario(), nights=6, held_out=6, seed=4, seconds=10) for _ in range(2))
    assert first.moves.equals(second.moves)
    assert first.held_out.equals(second.held_out)


def test_nobody_is_hit() -> None:
    """A hazard that reaches no place: nothing to prepare for."""
    with pytest.raises(ValueError, match="reaches no place"):
        preposition(tiny.one_depot(tables={"teams": [team("T", "D")]}), nights=3, held_out=3)
