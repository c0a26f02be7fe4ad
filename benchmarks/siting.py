"""Siting beside published optima (OR-Library, Holmberg, AILS-MCLP, SIPLIB) and beside spopt with CBC and HiGHS.

Every value is recomputed from the chosen sites alone (``agrees``). Seconds are wall seconds with one solver thread,
building included, on whatever the machine was doing. ``--quick`` takes the small instances only; ``--page FILE`` writes
the page of results besides. All of it takes about an hour on two free cores, two at the most: every solve and every run
of the peer has a limit, and the peer is ended at twice its own.
"""

# ruff: noqa: B023, E501 (the functions are called before the loop goes on; one call a line)

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import _siting_instances as instances
from benchmarks._siting_page import write_page
from benchmarks._siting_peers import SOLVERS, missing, run_spopt
from benchmarks.harness import Options, Row, main
from models import siting

Floats = NDArray[np.float64]


def rows(options: Options, kept: list[tuple[str, list[Row]]] | None = None) -> Iterator[Row]:
    """Every family in turn; ``kept`` is filled with the name of each family and its rows."""
    random = np.random.default_rng(0)
    siting.max_cover(random.random((80, 80)) < 0.06, 8, random.integers(1, 99, 80))  # compile or read the cache
    siting.p_center(random.random((40, 40)), 4)
    siting.p_median(random.random((40, 40)), 4)
    for family in (spopt_sample, medians, centers, covers, plants, single_source, _capacitated_medians, _servers,
                   _largest_cover, _beside_spopt, _large):  # fmt: skip
        mine: list[Row] = []
        if kept is not None:
            kept.append((family.__name__, mine))
        try:
            for row in family(options):
                mine.append(row)
                yield row
        except FileNotFoundError as error:
            yield Row(family.__name__.strip("_"), "instances", "", 0.0, note=f"not run: {error}")


def _solved(
    case: str, reference: float, call: Callable[[], Any], again: Callable[[Any], float], note: str = ""
) -> Iterator[Row]:
    """Rows of value and time of one instance."""
    began = time.perf_counter()
    layout = call()
    seconds = time.perf_counter() - began
    layout = getattr(layout, "layout", layout)
    agrees = bool(np.isclose(again(layout), layout.value, rtol=1e-9, atol=1e-6))
    gap = abs(layout.value - reference) / max(abs(reference), 1e-12)
    text = "; ".join(
        part for part in (layout.status, f"gap to own bound {layout.gap:.2%}" if layout.gap else "", note) if part
    )
    yield Row(case, "objective", "", layout.value, reference=reference, gap=gap, agrees=agrees, note=text)
    yield Row(case, "time", "s", seconds)


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
        for line in _solved(f"{row.instance} p-median", row.value, lambda: siting.p_median(d, p, seconds=options.seconds or 120),
                            lambda x: d[:, x.sites].min(axis=1).sum()):  # fmt: skip
            whole += line.ours if line.measure == "time" else 0.0
            yield line
    yield Row("pmed p-median", "time of the whole set", "s", whole)


def centers(options: Options) -> Iterator[Row]:
    """OR-Library pmed, p-center."""
    for row in _rows_of(options, "siting_pmedian", "p-center", 6):
        d, p = instances.read_pmed(_file(options, "siting_pmedian", row.instance))
        yield from _solved(f"{row.instance} p-center", row.value, lambda: siting.p_center(d, p, seconds=options.seconds or 120),
                           lambda x: d[:, x.sites].min(axis=1).max())  # fmt: skip


def covers(options: Options) -> Iterator[Row]:
    """Weighted and unicost set cover."""
    for row in _rows_of(options, "siting_setcover", "", 8):
        cover, cost = instances.read_cover(_file(options, "siting_setcover", row.instance))
        one = row.objective.startswith("unicost")
        if one and row.optimal != "yes" and options.quick:
            continue
        price = np.ones(len(cost)) if one else cost
        seconds = options.seconds or (120 if row.optimal == "yes" else 20)
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
        among, seconds = siting.choice(len(opening), cost=opening), options.seconds or 120
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
            cost, demand, room, siting.choice(len(room), cost=opening), single_source=True, seconds=options.seconds or 120),
            lambda x: _assigned(cost, demand, room, opening, x))  # fmt: skip


def _capacitated_medians(options: Options) -> Iterator[Row]:
    for row in _rows_of(options, "siting_cpmp", "", 3):
        cost, demand, p, capacity = instances.read_cpmp(_file(options, "siting_cpmp", row.instance))
        room = np.full(len(demand), capacity)
        yield from _solved(row.instance, row.value, lambda: siting.capacitated_location(
            cost, demand, room, single_source=True, count=(p, p), seconds=options.seconds or 120),
            lambda x: _assigned(cost, demand, room, np.zeros(len(room)), x))  # fmt: skip


def _servers(options: Options) -> Iterator[Row]:
    for row in _rows_of(options, "siting_sslp", "", 1):
        given = instances.read_sslp(_file(options, "siting_sslp", row.instance, "json"))
        m = given["servers"]
        arrays = [np.array(given[key], dtype=np.float64) for key in ("fixed_cost", "revenue", "demand", "probability")]
        yield from _solved(row.instance, row.value, lambda: siting.server_location(
            arrays[0], np.full(m, given["capacity"]), arrays[1], arrays[2], np.array(given["client_present"], bool), arrays[3],
            given["overflow_penalty"], options.seconds or 120), lambda x: x.value)  # fmt: skip


def _largest_cover(options: Options) -> Iterator[Row]:
    for row in _rows_of(options, "siting_mclp", "", 1):
        cover, weight = instances.read_mclp(_file(options, "siting_mclp", row.instance), row.params["radius_m"])
        p = int(row.params["p"])
        yield from _solved(f"{row.instance} MCLP p={p}", row.value, lambda: siting.max_cover(cover, p, weight, seconds=options.seconds or 50),
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


def _beside_spopt(options: Options) -> Iterator[Row]:
    why = missing()
    if why:
        yield Row("beside spopt", "peer", "", 0.0, peer_name="spopt", note=why)
        return
    random = np.random.default_rng(11)
    for n, limit in ((300, 60.0),) if options.quick else ((300, 150.0), (1000, 240.0)):
        points = random.random((n, 2)) * 100
        between = points[:, None] - points
        d: Floats = np.asarray(np.round(np.hypot(between[..., 0], between[..., 1]), 3), dtype=np.float64)
        weight = random.integers(1, 500, n).astype(np.float64)
        p, radius = n // 20, 14.0 if n == 300 else 8.0
        cases: list[tuple[str, Callable[[], Any], Callable[[list[int]], float], dict[str, Any], int]] = [
            ("LSCP", lambda: siting.fewest_sites(d <= radius), lambda s: float(len(s)) if (d[:, s] <= radius).any(axis=1).all() else np.inf, {"radius": radius}, 1),
            ("MCLP", lambda: siting.max_cover(d <= radius, p, weight), lambda s: weight[(d[:, s] <= radius).any(axis=1)].sum(), {"radius": radius, "p": p}, -1),
            ("PMedian", lambda: siting.p_median(d, p, weight), lambda s: float(weight @ d[:, s].min(axis=1)), {"p": p}, 1),
            ("PCenter", lambda: siting.p_center(d, p), lambda s: float(d[:, s].min(axis=1).max()), {"p": p}, 1),
        ]  # fmt: skip
        # with a million pairs spopt's median and center take minutes to build and gigabytes to hold
        for model, call, value_of, given, sense in cases if n <= 300 else cases[:2]:
            began = time.perf_counter()
            ours = call()
            seconds = time.perf_counter() - began
            agrees = bool(np.isclose(value_of(list(ours.sites)), ours.value))
            for solver in SOLVERS:
                peer_s, _, status, sites = run_spopt(model, solver, d, weight, limit, **given)
                theirs = value_of(sites) if sites else float("nan")
                worse = bool(sites) and sense * (theirs - ours.value) > 1e-6 * abs(ours.value)
                said = f"spopt says {status}; ours {ours.status}"
                if worse:
                    said += f"; its sites give {theirs:.8g}, ours {ours.value:.8g} (bound {ours.bound:.8g})"
                name = f"spopt {solver}"
                yield Row(f"{model} {n} × {n}", "objective", "", ours.value, theirs, name, agrees=agrees, note=said)
                finished = status == "Optimal"
                yield Row(f"{model} {n} × {n}", "time", "s", seconds, peer_s, name, peer_s / seconds,
                          note="" if finished else f"peer did not finish in {limit:.0f} s: the ratio is a lower limit")  # fmt: skip


def _large(options: Options) -> Iterator[Row]:
    """10,000 villages × 1,000 candidates, times up to 6 h, people 50 to 2,000 (all made up)."""
    if options.quick:
        return
    random = np.random.default_rng(3)
    villages = random.random((10_000, 2)) * 100
    d = np.hypot(*(villages[:, None] - villages[random.choice(10_000, 1000, replace=False)]).transpose(2, 0, 1)) * 3.5
    people = random.integers(50, 2000, 10_000).astype(np.float64)
    d[d > 360] = np.inf
    began = time.perf_counter()
    ours = siting.p_median(d, 30, people, seconds=80, target_gap=0.005)
    seconds = time.perf_counter() - began
    again = bool(np.isclose(people @ d[:, ours.sites].min(axis=1), ours.value))
    yield Row(
        "10,000 × 1,000, p = 30",
        "objective",
        "people·min",
        ours.value,
        agrees=again,
        note=f"gap to own bound {ours.gap:.2%}; points made up",
    )
    yield Row("10,000 × 1,000, p = 30", "time", "s", seconds)


def _main() -> None:
    """The common form of benchmarks, with a page of results besides."""
    page: Path | None = None
    if "--page" in sys.argv:
        at = sys.argv.index("--page")
        if at + 1 == len(sys.argv):
            sys.exit("--page FILE")
        page = Path(sys.argv[at + 1])
        del sys.argv[at : at + 2]
    began, load, kept = datetime.now(UTC), os.getloadavg()[0], []  # type: ignore[var-annotated]
    main("siting", lambda options: rows(options, kept))
    if page is not None:
        write_page(page, kept, began, load)


if __name__ == "__main__":
    _main()
