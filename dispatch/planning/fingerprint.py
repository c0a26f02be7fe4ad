"""A scenario's content as one short word, to tell whether a plan was made for it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
import pandas as pd

from dispatch.scenario import Scenario

__all__ = ["PARTS", "changed_since", "fingerprint", "fingerprint_parts", "made_for", "versions"]

PARTS: tuple[str, ...] = (
    "depots", "stock", "vehicles", "items", "needs", "sites", "hazard", "roads", "times", "evacuation", "tasks",
    "teams", "air", "aircraft",
)  # fmt: skip
"""What a plan depends on; ``times``: clock, deadline, steps, speeds and loading."""

_PACKAGES = ("relief-dispatch", "ortools", "numpy", "scipy", "pandas")


def fingerprint(scenario: Scenario) -> str:
    """First 16 digits of the SHA-256 of everything a plan depends on: tables, roads, hazard, needs, steps, clock."""
    return _whole(_parts(scenario))


def fingerprint_parts(scenario: Scenario) -> dict[str, str]:
    """The same for each part by itself (``PARTS``), eight digits each."""
    return _short(_parts(scenario))


def made_for(scenario: Scenario) -> dict[str, Any]:
    """What a plan's ``meta`` says of the scenario that it is made for."""
    parts = _parts(scenario)
    return {"fingerprint": _whole(parts), "made_for": _short(parts)}


def changed_since(meta: Mapping[str, Any], scenario: Scenario) -> tuple[str, ...] | None:
    """Parts of a scenario that differ from what a plan was made for.

    Parameters
    ----------
    meta : mapping
        Of the plan.
    scenario : Scenario

    Returns
    -------
    tuple of str or None
        Of ``PARTS``, empty if the plan does not say which; None where nothing differs, or the plan does not say what it
        was made for.
    """
    parts = _parts(scenario)
    if meta.get("fingerprint", "") in ("", _whole(parts)):
        return None
    own, made_for = _short(parts), meta.get("made_for")
    if not isinstance(made_for, Mapping):
        return ()
    return tuple(name for name in PARTS if own.get(name) != made_for.get(name))


def _whole(parts: Mapping[str, str]) -> str:
    return hashlib.sha256(repr(sorted(parts.items())).encode()).hexdigest()[:16]


def _short(parts: Mapping[str, str]) -> dict[str, str]:
    return {name: part[:8] for name, part in parts.items()}


def _parts(scenario: Scenario) -> dict[str, str]:
    county, network = scenario.county, scenario.network
    settings = (
        scenario.reference_time.isoformat(), scenario.order_ms, scenario.deadline_ms, scenario.horizon_ms,
        sorted((step, of.mean_ms) for step, of in scenario.steps.items()), sorted(scenario.tier_request_ms.items()),
        scenario.pace_start_ms, scenario.pace_permille, scenario.loading_reference_kg, scenario.loading_reference_m3,
        scenario.loading_floor, scenario.drive_limit_ms, scenario.drive_rest_ms,
        sorted((name, profile.gross_t, profile.wading_m, sorted(profile.speed_kmh.items()))
               for name, profile in scenario.profiles.items()),
    )  # fmt: skip
    content: dict[str, Any] = {
        **{name: county.table(name) for name in ("depots", "stock", "vehicles", "items")},
        "needs": scenario.needs,
        "sites": scenario.sites,
        "hazard": (scenario.disruption.edges, scenario.disruption.groups),
        "roads": (network.graph.first_out, network.graph.head, np.round(network.length_m, 3)),
        "times": settings,
        "evacuation": scenario.evacuation,
        "tasks": scenario.tasks,
        "teams": None if scenario.tasks is None else county.table("teams"),
        "air": scenario.air,
        "aircraft": None if scenario.air is None else (county.table("aircraft"), county.table("drones")),
    }
    return {name: hashlib.sha256(_content(content[name]).encode()).hexdigest() for name in PARTS}


def _content(part: Any) -> str:
    """Everything in an order as words: its fields by name, tables and arrays by what they hold."""
    if is_dataclass(part) and not isinstance(part, type):
        inside = ",".join(f"{field.name}={_content(getattr(part, field.name))}" for field in fields(part))
        return f"{type(part).__name__}({inside})"
    if isinstance(part, pd.DataFrame):
        rows = pd.util.hash_pandas_object(part.reset_index(drop=True), index=False).to_numpy().tobytes()
        return f"[{','.join(part.columns)}]{hashlib.sha256(rows).hexdigest()}"
    if isinstance(part, np.ndarray):
        return f"{part.shape}{hashlib.sha256(np.ascontiguousarray(part).tobytes()).hexdigest()}"
    if isinstance(part, Mapping):
        return f"{{{','.join(sorted(f'{key}:{_content(value)}' for key, value in part.items()))}}}"
    if isinstance(part, frozenset | set):
        return f"{{{','.join(sorted(_content(one) for one in part))}}}"
    if isinstance(part, tuple | list):
        return f"({','.join(_content(one) for one in part)})"
    return repr(part)


def versions() -> dict[str, str]:
    """Versions of what the plan was made with."""
    result: dict[str, str] = {}
    for package in _PACKAGES:
        try:
            result[package] = version(package)
        except PackageNotFoundError:
            result[package] = ""
    return result
