"""Published siting instances: OR-Library, Holmberg, SIPLIB, AILS-MCLP, spopt's sample network; one function a family.

Each instance has a limit of its own, so that a family has one too; values are recomputed from the chosen sites alone.
"""

# ruff: noqa: B023, E501 (the functions are called before the loop goes on; one call a line)

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import _siting_instances as instances
from benchmarks.harness import Options, Row
from models import siting

__all__ = [
    "capacitated_medians", "centers", "covers", "largest_cover", "medians", "plants", "servers", "single_source",
    "spopt_sample",
]  # fmt: skip

Floats = NDArray[np.float64]


def _solved(
    case: str, reference: float, call: Callable[[], Any], again: Callable[[Any], float], note: str = ""
) -> Iterator[Row]:
    """Rows of value and time of one instance."""
    began, worked = time.perf_counter(), time.process_time()
    layout = call()
    seconds, worked = time.perf_counter() - began, time.process_time() - worked
    layout = getattr(layout, "layout", layout)
    agrees = bool(np.isclose(again(layout), layout.value, rtol=1e-9, atol=1e-6))
    gap = abs(layout.value - reference) / max(abs(reference), 1e-12)
    text = "; ".join(
        part for part in (layout.status, f"gap to own bound {layout.gap:.2%}" if layout.gap else "", note) if part
    )
    yield Row(case, "objective", "", layout.value, reference=reference, gap=gap, agrees=agrees, note=text)
    yield Row(case, "time", "s", seconds, note=f"{worked:.2f} s of processor time")


def _rows_of(options: Options, family: str, word: str, quick: int) -> list[instances.BestKnown]:
    chosen = [row for row in instances.best_known(options.bench, family) if word in row.objective]
    return chosen[:quick] if options.quick else chosen


def _file(options: Options, family: str, name: str, end: str = "txt") -> Any:
    return options.bench / family / "instances" / f"{name}.{end}"


def medians(options: Options) -> Iterator[Row]:
    """OR-Library pmed, p-median; the whole set's time last."""
    whole = 0.0
    for row in _rows_of(options, "siting_pmedian", "p-median", 8):
        d, p = instances.read_pmed(_file(options, "siting_pmedian", row.instance))
        for line in _solved(f"{row.instance} p-median", row.value, lambda: siting.p_median(d, p, seconds=options.seconds or 60),
                            lambda x: d[:, x.sites].min(axis=1).sum()):  # fmt: skip
            whole += line.ours if line.measure == "time" else 0.0
            yield line
    yield Row("pmed p-median", "time of the whole set", "s", whole)


def centers(options: Options) -> Iterator[Row]:
    """OR-Library pmed, p-center."""
    for row in _rows_of(options, "siting_pmedian", "p-center", 6):
        d, p = instances.read_pmed(_file(options, "siting_pmedian", row.instance))
        yield from _solved(f"{row.instance} p-center", row.value, lambda: siting.p_center(d, p, seconds=options.seconds or 30),
                           lambda x: d[:, x.sites].min(axis=1).max())  # fmt: skip


def covers(options: Options) -> Iterator[Row]:
    """Weighted and unicost set cover."""
    for row in _rows_of(options, "siting_setcover", "", 8):
        cover, cost = instances.read_cover(_file(options, "siting_setcover", row.instance))
        one = row.objective.startswith("unicost")
        if one and row.optimal != "yes" and options.quick:
            continue
        price = np.ones(len(cost)) if one else cost
        seconds = options.seconds or (45 if row.optimal == "yes" else 20)
        yield from _solved(
            f"{row.instance} {'fewest' if one else 'cheapest'}", row.value,
            lambda: siting.cheapest_cover(cover, 1, siting.choice(len(price), cost=price), seconds=seconds),
            lambda x: price[x.sites].sum() if cover[:, x.sites].sum(axis=1).min() >= 1 else np.nan,
            "" if row.optimal == "yes" else "reference not proven optimal",
        )  # fmt: skip


def plants(options: Options) -> Iterator[Row]:
    """Plants with and without capacities (cap41 … capa)."""
    for row in _rows_of(options, "siting_cflp", "", 8):
        cost, demand, room, opening = instances.read_cap(
            _file(options, "siting_cflp", row.instance), row.params.get("Q")
        )
        among, seconds = siting.choice(len(opening), cost=opening), options.seconds or 45
        if row.objective.startswith("UFLP"):
            yield from _solved(f"{row.instance} UFLP", row.value, lambda: siting.uncapacitated_location(cost, None, among, seconds=seconds),
                               lambda x: cost[:, x.sites].min(axis=1).sum() + opening[x.sites].sum())  # fmt: skip
        else:
            name = f"{row.instance} CFLP" + (f" Q={row.params['Q']:.0f}" if "Q" in row.params else "")
            yield from _solved(name, row.value, lambda: siting.capacitated_location(cost, demand, room, among, single_source=False, seconds=seconds),
                               lambda x: _transported(cost, demand, room, x.sites) + opening[x.sites].sum())  # fmt: skip


def _transported(cost: Floats, demand: Floats, room: Floats, sites: NDArray[np.int64]) -> float:
    """Least cost of serving everybody from these sites, by SciPy."""
    from scipy.optimize import linprog
    from scipy.sparse import eye_array, kron

    n, p = len(demand), len(sites)
    found = linprog(cost[:, sites].ravel(), kron(demand[None], eye_array(p)), room[sites], kron(eye_array(n), np.ones((1, p))),
                    np.ones(n), bounds=(0, 1))  # fmt: skip
    return float(found.fun) if found.status == 0 else float("nan")


def _assigned(cost: Floats, demand: Floats, room: Floats, opening: Floats, layout: Any) -> float:
    where = layout.assignment
    full = (np.bincount(where, demand, len(room)) <= room + 1e-6).all() and np.isin(where, layout.sites).all()
    return float(cost[np.arange(len(where)), where].sum() + opening[layout.sites].sum()) if full else float("nan")


def single_source(options: Options) -> Iterator[Row]:
    """Holmberg's instances."""
    for row in _rows_of(options, "siting_sscflp", "", 6):
        cost, demand, room, opening = instances.read_holmberg(_file(options, "siting_sscflp", row.instance))
        yield from _solved(row.instance, row.value, lambda: siting.capacitated_location(
            cost, demand, room, siting.choice(len(room), cost=opening), single_source=True, seconds=options.seconds or 60),
            lambda x: _assigned(cost, demand, room, opening, x))  # fmt: skip


def capacitated_medians(options: Options) -> Iterator[Row]:
    """Capacitated medians (pmedcap)."""
    for row in _rows_of(options, "siting_cpmp", "", 3):
        cost, demand, p, capacity = instances.read_cpmp(_file(options, "siting_cpmp", row.instance))
        room = np.full(len(demand), capacity)
        yield from _solved(row.instance, row.value, lambda: siting.capacitated_location(
            cost, demand, room, single_source=True, count=(p, p), seconds=options.seconds or 60),
            lambda x: _assigned(cost, demand, room, np.zeros(len(room)), x))  # fmt: skip


def servers(options: Options) -> Iterator[Row]:
    """SSLP."""
    for row in _rows_of(options, "siting_sslp", "", 1):
        given = instances.read_sslp(_file(options, "siting_sslp", row.instance, "json"))
        m = given["servers"]
        arrays = [np.array(given[key], dtype=np.float64) for key in ("fixed_cost", "revenue", "demand", "probability")]
        yield from _solved(row.instance, row.value, lambda: siting.server_location(
            arrays[0], np.full(m, given["capacity"]), arrays[1], arrays[2], np.array(given["client_present"], bool), arrays[3],
            given["overflow_penalty"], options.seconds or 60), lambda x: x.value)  # fmt: skip


def largest_cover(options: Options) -> Iterator[Row]:
    """Maximal cover on census blocks."""
    for row in _rows_of(options, "siting_mclp", "", 1):
        cover, weight = instances.read_mclp(_file(options, "siting_mclp", row.instance), row.params["radius_m"])
        p = int(row.params["p"])
        yield from _solved(f"{row.instance} MCLP p={p}", row.value, lambda: siting.max_cover(cover, p, weight, seconds=options.seconds or 56),
                           lambda x: weight[cover[:, x.sites].sum(axis=1) > 0].sum())  # fmt: skip


def spopt_sample(options: Options) -> Iterator[Row]:
    """The sample network of spopt (San Francisco)."""
    d, weight = instances.read_spopt(options.bench / "siting_spopt" / "instances")
    for row in instances.best_known(options.bench, "siting_spopt"):
        if row.objective.startswith("LSCP"):
            yield from _solved("SF LSCP", row.value, lambda: siting.fewest_sites(d <= 5000), lambda x: len(x.sites))
        elif row.objective.startswith("MCLP covered"):
            yield from _solved("SF MCLP p=4", row.value, lambda: siting.max_cover(d <= 5000, 4, weight),
                               lambda x: weight[(d[:, x.sites] <= 5000).any(axis=1)].sum())  # fmt: skip
        elif row.objective == "p-median weighted distance":
            yield from _solved("SF p-median p=4", row.value, lambda: siting.p_median(d, 4, weight),
                               lambda x: weight @ d[:, x.sites].min(axis=1))  # fmt: skip
