"""The steps from detection to the receipt of the order, drawn for one night.

If the scenario says when the hazard is detected, the order is received when the night's steps are done. If it says when
the order is received, the steps are laid out backwards from that moment. Either way the minutes before the order are no
part of the six hours.
"""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.clock import MINUTE_MS
from dispatch.scenario import Scenario
from dispatch.scenario_response import ORDER_STEPS
from dispatch.simulation.draws import Draws

__all__ = ["OrderChain", "figure_ms", "order_chain", "order_late_ms"]


@dataclass(frozen=True)
class OrderChain:
    """When each step is done: ``done_ms`` by step of ``ORDER_STEPS``, the last being the receipt of the order."""

    detected_ms: int
    warned_ms: int
    done_ms: dict[str, int]


def order_late_ms(scenario: Scenario, draws: Draws) -> int:
    """How much later than planned the order is received on a night (0 where its moment is given)."""
    response = scenario.response
    if response.detected_ms is None:
        return 0
    return response.detected_ms + sum(_step_ms(draws, step) for step in ORDER_STEPS) - scenario.order_ms


def order_chain(draws: Draws, order_ms: int) -> OrderChain:
    """Lay the steps out so that the last one ends at ``order_ms``."""
    at = order_ms - sum(_step_ms(draws, step) for step in ORDER_STEPS)
    detected, done = at, {}
    for step in ORDER_STEPS:
        at += _step_ms(draws, step)
        done[step] = at
    return OrderChain(detected, detected + figure_ms(draws, "warning.grade", ""), done)


def _step_ms(draws: Draws, step: str) -> int:
    return figure_ms(draws, f"warning.{step}", "")


def figure_ms(draws: Draws, name: str, entity: str) -> int:
    """A figure given in minutes, as ms."""
    return round(draws.figure(name, entity) * 60) * MINUTE_MS // 60
