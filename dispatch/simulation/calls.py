"""Calls answered by the nearest free crew: a log of calls replayed through the waiting line of the response.

A crew is sent when the call has been taken; where none is free, calls wait, the urgent first come first served. A crew
is free again where it finished (at the scene, or at the hospital after handing over), and drives home: until it is back
it is sent from where it finished, afterwards from home.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.simulation.line import Line

__all__ = ["ANSWER_COLUMNS", "Call", "replay_calls"]

ANSWER_COLUMNS: dict[str, str] = {
    "call": "int64",
    "crew": "int64",
    "sent_ms": "int64",
    "arrived_ms": "int64",
    "free_ms": "int64",
    "from_point": "int64",
}
"""One row per call, in the order of the calls: when and from which point a crew was sent, when it arrived, when it was
free again."""


@dataclass(frozen=True)
class Call:
    """One call.

    ``taken_ms`` is when a crew can be sent; ``point`` where it is; ``urgent`` chooses the travel times; ``to_point``:
    where the crew goes on to after the scene, -1 for nowhere.
    """

    time_ms: int
    taken_ms: int
    point: int
    urgent: bool
    scene_ms: int
    to_point: int
    handover_ms: int


def replay_calls(
    calls: Sequence[Call],
    homes: Sequence[int],
    urgent_ms: NDArray[np.int64],
    usual_ms: NDArray[np.int64],
) -> pd.DataFrame:
    """Replay calls.

    Parameters
    ----------
    calls : sequence of Call
        In the order of time.
    homes : sequence of int
        Point at which each crew is stationed.
    urgent_ms, usual_ms : int64 arrays (points, points)
        Travel times to a scene of an urgent call, and of everything else.

    Returns
    -------
    DataFrame
        ``ANSWER_COLUMNS``.
    """
    import simpy

    env = simpy.Environment()
    line = Line(env, len(homes))
    left_from = list(homes)
    home_at_ms = [0] * len(homes)
    answers = np.zeros((len(calls), len(ANSWER_COLUMNS)), dtype=np.int64)

    def where(crew: int) -> int:
        return homes[crew - 1] if env.now >= home_at_ms[crew - 1] else left_from[crew - 1]

    def away(call: Call) -> Callable[[int], float]:
        times = urgent_ms if call.urgent else usual_ms
        return lambda crew: float(times[where(crew), call.point])

    def answer(number: int, call: Call) -> Generator[Any, Any, None]:
        yield env.timeout(call.taken_ms)
        crew, _ = yield line.request(number, prefers=away(call))
        start, sent = where(crew), env.now
        yield env.timeout(int((urgent_ms if call.urgent else usual_ms)[start, call.point]))
        arrived, last = env.now, call.point
        yield env.timeout(call.scene_ms)
        if call.to_point >= 0:
            last = call.to_point
            yield env.timeout(int(usual_ms[call.point, last]) + call.handover_ms)
        answers[number] = (number, crew, sent, arrived, env.now, start)
        left_from[crew - 1] = last
        home_at_ms[crew - 1] = env.now + int(usual_ms[last, homes[crew - 1]])
        line.release(crew)

    for number, call in enumerate(calls):
        env.process(answer(number, call))
    env.run()
    return pd.DataFrame({name: answers[:, k] for k, name in enumerate(ANSWER_COLUMNS)})
