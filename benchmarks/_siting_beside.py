"""Siting beside spopt with CBC and HiGHS, building included, and ours alone on 10,000 villages × 1,000 candidates."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks._siting_peers import SOLVERS, missing, run_spopt
from benchmarks.harness import Options, Row
from models import siting

__all__ = ["beside_spopt", "beside_spopt_cover", "beside_spopt_pairs", "beside_spopt_thousand", "villages"]

Floats = NDArray[np.float64]


def _world(n: int, seed: int) -> tuple[Floats, Floats]:
    """Distances between ``n`` random points on a square of side 100, and their weights."""
    random = np.random.default_rng(seed)
    points = random.random((n, 2)) * 100
    between = points[:, None] - points
    d: Floats = np.asarray(np.round(np.hypot(between[..., 0], between[..., 1]), 3), dtype=np.float64)
    return d, random.integers(1, 500, n).astype(np.float64)


def beside_spopt(options: Options) -> Iterator[Row]:
    """300 × 300, all four models."""
    for model in ("LSCP", "MCLP", "PMedian", "PCenter"):
        yield from _beside(model, 300, 11, 14.0, 15, options.seconds or 40.0)


def beside_spopt_cover(options: Options) -> Iterator[Row]:
    """300 × 300, maximal cover on several networks, radii and numbers of sites."""
    for seed in (11,) if options.quick else (11, 12, 13):
        for radius, p in ((10.0, 15), (10.0, 30), (14.0, 15), (18.0, 10)):
            if (seed, radius) != (11, 14.0):
                yield from _beside("MCLP", 300, seed, radius, p, options.seconds or 40.0)


def beside_spopt_thousand(options: Options) -> Iterator[Row]:
    """1,000 × 1,000, covering models."""
    if not options.quick:
        for model in ("LSCP", "MCLP"):
            yield from _beside(model, 1000, 11, 8.0, 50, options.seconds or 60.0)


def beside_spopt_pairs(options: Options) -> Iterator[Row]:
    """1,000 × 1,000, median and center: spopt builds a million variables first. Only when asked for by name."""
    if not options.quick:
        for model in ("PMedian", "PCenter"):
            yield from _beside(model, 1000, 11, 8.0, 50, options.seconds or 60.0)


def _beside(model: str, n: int, seed: int, radius: float, p: int, limit: float) -> Iterator[Row]:
    """Rows of one model on one network: ours, then spopt with each solver."""
    why = missing()
    if why:
        yield Row("beside spopt", "peer", "", 0.0, peer_name="spopt", note=why)
        return
    d, weight = _world(n, seed)
    calls: dict[str, tuple[Callable[[], Any], Callable[[list[int]], float], dict[str, Any], int]] = {
        "LSCP": (lambda: siting.fewest_sites(d <= radius, seconds=limit),
                 lambda s: float(len(s)) if (d[:, s] <= radius).any(axis=1).all() else np.inf, {"radius": radius}, 1),
        "MCLP": (lambda: siting.max_cover(d <= radius, p, weight, seconds=limit),
                 lambda s: float(weight[(d[:, s] <= radius).any(axis=1)].sum()), {"radius": radius, "p": p}, -1),
        "PMedian": (lambda: siting.p_median(d, p, weight, seconds=limit),
                    lambda s: float(weight @ d[:, s].min(axis=1)), {"p": p}, 1),
        "PCenter": (lambda: siting.p_center(d, p, seconds=limit),
                    lambda s: float(d[:, s].min(axis=1).max()), {"p": p}, 1),
    }  # fmt: skip
    call, value_of, given, sense = calls[model]
    about = ", ".join(([f"p = {p}"] if "p" in given else []) + ([f"radius {radius:g}"] if "radius" in given else []))
    case = f"{model} {n} × {n}, {about}, network {seed}"
    began, worked = time.perf_counter(), time.process_time()
    ours = call()
    seconds, worked = time.perf_counter() - began, time.process_time() - worked
    agrees = bool(np.isclose(value_of(list(ours.sites)), ours.value))
    for solver in SOLVERS:
        peer = run_spopt(model, solver, d, weight, limit, **given)
        theirs = value_of(peer.sites) if peer.sites else float("nan")
        said = f"spopt says {peer.status}; ours {ours.status}" + (f", gap {ours.gap:.2%}" if ours.gap else "")
        if peer.sites and sense * (theirs - ours.value) > 1e-6 * abs(ours.value):
            said += f"; its sites give {theirs:.8g}, ours {ours.value:.8g} (bound {ours.bound:.8g})"
        name, left = f"spopt {solver}", peer.status != "Optimal"
        note = f"spopt stopped at a limit of {limit:.0f} s: the ratio is a lower limit" if left else ""
        yield Row(case, "objective", "", ours.value, theirs, name, agrees=agrees, note=said)
        yield Row(case, "time", "s", seconds, peer.seconds, name, peer.seconds / seconds, note=note)
        if np.isfinite(peer.worked):
            yield Row(
                case, "processor time", "s", worked, peer.worked, name, peer.worked / max(worked, 1e-3), note=note
            )


def villages(options: Options) -> Iterator[Row]:
    """10,000 villages × 1,000 candidates, times up to 6 h, people 50 to 2,000 (all made up)."""
    if options.quick:
        return
    random = np.random.default_rng(3)
    points = random.random((10_000, 2)) * 100
    d = np.hypot(*(points[:, None] - points[random.choice(10_000, 1000, replace=False)]).transpose(2, 0, 1)) * 3.5
    people = random.integers(50, 2000, 10_000).astype(np.float64)
    d[d > 360] = np.inf
    began, worked = time.perf_counter(), time.process_time()
    ours = siting.p_median(d, 30, people, seconds=options.seconds or 80, target_gap=0.005)
    seconds, worked = time.perf_counter() - began, time.process_time() - worked
    again = bool(np.isclose(people @ d[:, ours.sites].min(axis=1), ours.value))
    case = "10,000 × 1,000, p = 30"
    yield Row(case, "objective", "people·min", ours.value, agrees=again,
              note=f"gap to own bound {ours.gap:.2%}; points made up")  # fmt: skip
    yield Row(case, "time", "s", seconds, note=f"{worked:.2f} s of processor time")
