"""Emergency relief dispatch: plan, check, simulate and report whether the first batch is there in time.

The verbs of the library can be imported from here: ``load_scenario``, ``plan_whole``, ``plan_relief`` (trucks
alone), ``check``, ``simulate``, ``parts_of``, ``write_report``, ``save_results``, ``read_county``, ``write_county``,
``read_network``. Each loads its libraries when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dispatch.county.read import read_county
    from dispatch.county.write import write_county
    from dispatch.planning.check import check
    from dispatch.planning.relief import plan_relief
    from dispatch.planning.whole import plan_whole
    from dispatch.report.page import write_report
    from dispatch.results import save_results
    from dispatch.roads.read import read_network
    from dispatch.scenario_file import load_scenario
    from dispatch.simulation.ensemble import simulate
    from dispatch.simulation.parts import parts_of

__version__ = "0.1.0"
__all__ = [
    "check",
    "load_scenario",
    "parts_of",
    "plan_relief",
    "plan_whole",
    "read_county",
    "read_network",
    "save_results",
    "simulate",
    "write_county",
    "write_report",
]

_HOME = {
    "check": "dispatch.planning.check",
    "load_scenario": "dispatch.scenario_file",
    "parts_of": "dispatch.simulation.parts",
    "plan_relief": "dispatch.planning.relief",
    "plan_whole": "dispatch.planning.whole",
    "read_county": "dispatch.county.read",
    "read_network": "dispatch.roads.read",
    "save_results": "dispatch.results",
    "simulate": "dispatch.simulation.ensemble",
    "write_county": "dispatch.county.write",
    "write_report": "dispatch.report.page",
}


def __getattr__(name: str) -> Any:
    """Import a verb when it is asked for."""
    if name not in _HOME:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_HOME[name]), name)
