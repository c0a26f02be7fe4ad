"""A scenario's content as one short word, to tell whether a plan was made for it."""

from __future__ import annotations

import hashlib
from importlib.metadata import PackageNotFoundError, version

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
    return digest.hexdigest()[:16]


def versions() -> dict[str, str]:
    """Versions of what the plan was made with."""
    result: dict[str, str] = {}
    for package in _PACKAGES:
        try:
            result[package] = version(package)
        except PackageNotFoundError:
            result[package] = ""
    return result
