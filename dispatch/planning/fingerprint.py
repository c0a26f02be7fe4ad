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

__all__ = ["fingerprint", "versions"]

_PACKAGES = ("relief-dispatch", "ortools", "numpy", "scipy", "pandas")


def fingerprint(scenario: Scenario) -> str:
    """First 16 digits of the SHA-256 of everything a plan depends on: tables, roads, hazard, needs, steps, clock."""
    digest = hashlib.sha256()
    tables = [
        *(scenario.county.table(name) for name in ("depots", "stock", "vehicles", "items")),
        scenario.needs, scenario.sites,
        scenario.disruption.edges, scenario.disruption.groups,
    ]  # fmt: skip
    for table in tables:
        digest.update(pd.util.hash_pandas_object(table.reset_index(drop=True), index=False).to_numpy().tobytes())
    network = scenario.network
    for array in (network.graph.first_out, network.graph.head, np.round(network.length_m, 3)):
        digest.update(np.ascontiguousarray(array).tobytes())
    settings = (
        scenario.reference_time.isoformat(), scenario.order_ms, scenario.deadline_ms, scenario.horizon_ms,
        sorted((step, of.mean_ms) for step, of in scenario.steps.items()), sorted(scenario.tier_request_ms.items()),
        scenario.pace_start_ms, scenario.pace_permille, scenario.loading_reference_kg, scenario.loading_reference_m3,
        scenario.loading_floor, scenario.drive_limit_ms, scenario.drive_rest_ms,
        sorted((name, profile.gross_t, profile.wading_m, sorted(profile.speed_kmh.items()))
               for name, profile in scenario.profiles.items()),
    )  # fmt: skip
    digest.update(repr(settings).encode())
    for part in (scenario.tasks, scenario.evacuation, scenario.air):
        if part is not None:
            digest.update(_content(part).encode())
    if scenario.tasks is not None:
        digest.update(_content(scenario.county.table("teams")).encode())
    if scenario.air is not None:
        for name in ("aircraft", "drones"):
            digest.update(_content(scenario.county.table(name)).encode())
    return digest.hexdigest()[:16]


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
