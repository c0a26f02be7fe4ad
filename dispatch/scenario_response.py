"""A scenario's order and what a night holds beside loading and driving: the sections of its file that it opens.

Two ways to give the order. ``order_received`` is the moment itself: it is the same on every night, and the steps before
it (detection, report, verification, approval, issue) are laid out backwards from it. ``[warning] detected`` is the
moment at which the hazard is noticed: the plan counts on the order after the steps' planning values, and on each night
the order comes when that night's steps are done. A file gives one of them, not both.
"""

from __future__ import annotations

from datetime import datetime

from dispatch.clock import MINUTE_MS, clock_time
from dispatch.norms.response import SECTIONS, Figure, Response, response_figures
from dispatch.scenario_text import ScenarioText, moment_ms
from dispatch.step_norms import shift_at

__all__ = ["ORDER_STEPS", "response_of"]

ORDER_STEPS: tuple[str, ...] = ("report", "verify", "approve", "issue")
"""From detection to the receipt of the order."""


def response_of(written: ScenarioText, reference: datetime) -> tuple[int, Response]:
    """When the order is received, by plan, and the response beside it; problems go to the scenario's text."""
    value = written.values.get
    detected = (
        moment_ms(written.values["warning.detected"], reference) if "warning.detected" in written.values else None
    )
    received = moment_ms(written.values["order_received"], reference) if "order_received" in written.values else None
    if detected is not None and received is not None:
        written.problem("scenario_two_orders", "warning.detected", value("warning.detected"))
    opened = frozenset(section for section in SECTIONS if value(f"{section}.enabled", False))
    if detected is not None and "warning" not in opened:
        written.problem("scenario_section_closed", "warning.detected", value("warning.detected"), section="warning")
    begin = detected if detected is not None else received
    norms = response_figures(shift_at(clock_time(reference, begin or 0)))
    figures: dict[str, Figure] = {}
    for name, figure in norms.items():
        section = name.split(".")[0]
        own = value(name)
        figures[name] = figure if own is None else Figure(own[0], own[1], own[2], written.path.name)
        if own is not None and section not in opened:
            written.problem("scenario_section_closed", name, own, section=section)
    if "distribution.counted" in written.values and "distribution" not in opened:
        written.problem("scenario_section_closed", "distribution.counted", section="distribution")
    if received is None:
        minutes = sum(figures[f"warning.{step}"].mean for step in ORDER_STEPS)
        received = (detected or 0) + round(minutes * 60) * MINUTE_MS // 60
    kept = {name: figure for name, figure in figures.items() if name.split(".")[0] in opened}
    return received, Response(opened, kept, detected, bool(value("distribution.counted", False)))
