"""Responses for tests: sections opened with figures that do not vary."""

from __future__ import annotations

from dataclasses import replace

from dispatch.norms.response import Figure, Response, response_figures
from dispatch.scenario import Scenario
from tests.simulation.nights import certain


def sure(scenario: Scenario, *sections: str, detected_min: float | None = None, counted: bool = False,
         **own: float | tuple[float, float, float]) -> Scenario:  # fmt: skip
    """The same scenario with these sections open; figures are the norm's modes, or ``section_figure=value``."""
    figures = {}
    for name, figure in response_figures("night").items():
        section, _, short = name.partition(".")
        if section not in sections:
            continue
        value = own.pop(f"{section}_{short}", figure.mode)
        low, mode, high = value if isinstance(value, tuple) else (value, value, value)
        figures[name] = Figure(low, mode, high)
    assert not own, own
    detected = None if detected_min is None else round(detected_min * 60_000)
    return replace(certain(scenario), response=Response(frozenset(sections), figures, detected, counted))
