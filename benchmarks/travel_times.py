"""Travel times beside SciPy, igraph, pandana, networkx and two bindings of RoutingKit, on real road networks.

Rows: preparing a network, taking in a 1 % closure, 50 × 2,000 and 500 × 500 matrices, 200 closure scenarios ×
(10 × 2,000), one source to all nodes, and single ways by the hour beside our own plain search; one thread (CPU seconds)
and two (wall seconds). SciPy's Dijkstra is the independent recomputation. Slow peers are timed on a part of the sources
or scenarios and the time is scaled up (said in the note). Peers that are not installed are named and left out.
pyroutingkit, routingkit_cch and SciPy are permissively licensed (extra ``bench``); igraph (GPL-2) and pandana (AGPL-3)
are not: put them into an environment of their own, e.g. ``PYTHONPATH=. peers/bin/python -m benchmarks.travel_times``.
"""

# ruff: noqa: E402 (numerical libraries read the number of threads when they are loaded)

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from benchmarks._path_peers import PEERS, Peer
from benchmarks._road_graphs import GRAPHS, RoadGraph, read_graph
from benchmarks._ways_by_hour import ways_by_hour
from benchmarks.harness import Options, Row, main
from models.paths import Hierarchy, Metric, customise, matrix, one_to_all, prepare, scenario_matrices

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Result = TypeVar("Result")

SCENARIOS = 200
LARGE = 100_000
CLOSED_SHARE = 0.01


@dataclass(frozen=True, eq=False)
class _Question:
    """What every library is asked on one graph."""

    road: RoadGraph
    weight: Floats
    wide: tuple[Ints, Ints]
    square: tuple[Ints, Ints]
    few: tuple[Ints, Ints]
    closures: list[Ints]


@dataclass(frozen=True, eq=False)
class _Answers:
    """Ours, with the seconds it took (CPU of one thread; ``two_…``: wall, two threads)."""

    hierarchy: Hierarchy
    metric: Metric
    prepare_s: float
    close_s: float
    wide_s: float
    square_s: float
    scenarios_s: float
    two_square_s: float
    two_scenarios_s: float
    all_s: float
    wide: Floats
    square: Floats
    scenarios: Floats


def rows(options: Options) -> Iterator[Row]:
    """Every comparison on every graph; two small graphs with ``--quick``."""
    material = options.bench.parent / "data"
    peers = []
    for peer in PEERS:
        missing = peer.missing()
        if missing:
            yield Row("all", "peer", "", 0.0, peer_name=peer.name, note=missing)
        else:
            peers.append(peer)
    started = time.perf_counter()
    _compile()
    yield Row("all", "first call (compiled or read from the cache)", "s", time.perf_counter() - started)
    for name in list(GRAPHS)[: 2 if options.quick else None]:
        try:
            road = read_graph(name, material)
        except FileNotFoundError as error:
            yield Row(name, "graph", "", 0.0, note=f"not run: {error}")
            continue
        for peer in peers:
            if road.graph.n > peer.largest:
                why = f"{peer.name} left out above {peer.largest:,} nodes: it would take many minutes"
                yield Row(name, "peer", "", 0.0, peer_name=peer.name, note=why)
        yield from _on(road, [peer for peer in peers if road.graph.n <= peer.largest])


def _on(road: RoadGraph, peers: list[Peer]) -> Iterator[Row]:
    question = _ask(road)
    ours = _answer(question)
    size = f"{road.graph.n:,} nodes, {road.graph.m:,} edges. {road.note}".strip()
    first = Row(road.name, "memory: hierarchy", "MB", _megabytes(ours.hierarchy), note=size)
    yield first
    yield replace(first, measure="memory: one set of weights", ours=_megabytes(ours.metric), note="")
    arcs = len(ours.hierarchy.up_head)
    yield replace(first, measure="memory: a block of scenarios at once", ours=arcs * 256 / 1e6, note="per thread")
    yield from ways_by_hour(road, ours.hierarchy)
    found = [row for peer in peers for row in _beside(peer, question, ours)]
    best: dict[str, float] = {}
    for row in found:
        if row.peer is not None:
            best[row.measure] = min(best.get(row.measure, np.inf), row.peer)
    for row in sorted(
        found, key=lambda row: (list(best).index(row.measure) if row.measure in best else 99, row.peer or 0)
    ):
        fastest = row.peer is not None and row.peer == best[row.measure]
        note = "; ".join(part for part in ("fastest peer" if fastest else "", row.note) if part)
        yield replace(row, ratio=None if row.peer is None else row.peer / row.ours, note=note)


def _ask(road: RoadGraph) -> _Question:
    random = np.random.default_rng(7)

    def draw(count: int) -> Ints:
        return random.choice(road.graph.n, count, replace=False)

    closed = int(road.graph.m * CLOSED_SHARE)
    return _Question(
        road,
        road.weight_ms.astype(np.float64),
        (draw(50), draw(2000)),
        (draw(500), draw(500)),
        (draw(10), draw(2000)),
        [random.choice(road.graph.m, closed, replace=False) for _ in range(SCENARIOS)],
    )


def _answer(question: _Question) -> _Answers:
    graph, weight = question.road.graph, question.weight
    prepare_s, hierarchy = _timed(lambda: prepare(graph), 3)
    closed = _with_closed(weight, question.closures[0])
    close_s, _ = _timed(lambda: customise(hierarchy, closed), 5)
    metric = customise(hierarchy, weight)
    changes = [(edges, np.full(len(edges), np.inf)) for edges in question.closures]
    wide_s, wide = _timed(lambda: matrix(hierarchy, metric, *question.wide), 5)
    square_s, square = _timed(lambda: matrix(hierarchy, metric, *question.square), 5)
    scenarios_s, scenarios = _timed(lambda: scenario_matrices(hierarchy, weight, changes, *question.few), 2)
    two_square_s, _ = _timed(lambda: matrix(hierarchy, metric, *question.square, threads=2), 5, time.perf_counter)
    two_scenarios_s, _ = _timed(
        lambda: scenario_matrices(hierarchy, weight, changes, *question.few, threads=2), 2, time.perf_counter
    )
    all_s, _ = _timed(lambda: one_to_all(hierarchy, metric, question.few[0]), 3)
    return _Answers(hierarchy, metric, prepare_s, close_s, wide_s, square_s, scenarios_s, two_square_s,
                    two_scenarios_s, all_s, wide, square, scenarios)  # fmt: skip


def _beside(peer: Peer, question: _Question, ours: _Answers) -> Iterator[Row]:
    """Rows of one peer; its times are of a share of the work, scaled."""
    road, weight = question.road, question.weight
    row = Row(road.name, "", "CPU s", 0.0, peer_name=peer.name)
    prepare_s, kept = _timed(lambda: peer.prepare(road), 1)
    weigh_s, answering = _timed(lambda: peer.weigh(kept, road, weight), 1 if peer.largest < np.inf else 3)
    if peer.has_hierarchy:
        whole = prepare_s if peer.close is not None else prepare_s + weigh_s
        yield replace(row, measure="prepare", ours=ours.prepare_s, peer=whole)
    closed = _with_closed(weight, question.closures[0])
    close_s, _ = _timed(lambda: peer.weigh(kept, road, closed), 2)
    note = ""
    share = peer.share if road.graph.n < LARGE else peer.share / 10
    if peer.close is not None:
        partly = peer.weigh(kept, road, weight)
        part_s, _ = _timed(lambda: peer.close(partly, question.closures[0]), 1)  # type: ignore[misc]
        close_s, note = min((close_s, ""), (part_s, "partial update"))
    if peer.takes_weights:
        yield replace(row, measure="close 1 %", ours=ours.close_s, peer=close_s, note=note)
    for measure, ends, seconds, answer in (
        ("50 × 2,000", question.wide, ours.wide_s, ours.wide),
        ("500 × 500", question.square, ours.square_s, ours.square),
    ):
        part = _part(len(ends[0]), share if peer.share < 1 else 1.0)
        peer_s, found = _timed(lambda: peer.matrix(answering, ends[0][:part], ends[1]), 3 if peer.share == 1 else 1)  # noqa: B023
        yield replace(row, measure=measure, ours=seconds, peer=peer_s * len(ends[0]) / part,
                      agrees=bool(np.array_equal(found, answer[:part])),
                      note=_note(part, len(ends[0]), "sources", found, answer))  # fmt: skip
    part = _part(SCENARIOS, share / 2 if peer.share < 1 else 0.25)
    peer_s, tables = _timed(lambda: [_scenario(peer, kept, question, s) for s in range(part)], 1)
    yield replace(row, measure="200 closures × (10 × 2,000)", ours=ours.scenarios_s, peer=peer_s * SCENARIOS / part,
                  agrees=bool(np.array_equal(np.array(tables), ours.scenarios[:part])),
                  note=_note(part, SCENARIOS, "scenarios", np.array(tables), ours.scenarios))  # fmt: skip
    if peer.name == "scipy":
        everyone = np.arange(road.graph.n)
        peer_s, found = _timed(lambda: peer.matrix(answering, question.few[0][:3], everyone), 1)
        yield replace(row, measure="10 × all nodes", ours=ours.all_s, peer=peer_s * 10 / 3,
                      agrees=bool(np.array_equal(found, one_to_all(ours.hierarchy, ours.metric, question.few[0][:3]))),
                      note="timed on 3 of 10 sources")  # fmt: skip
    if peer.close is not None:
        yield from _two_threads(peer, kept, question, ours, row)


def _two_threads(peer: Peer, kept: Any, question: _Question, ours: _Answers, row: Row) -> Iterator[Row]:
    """Halves of the sources, then of the scenarios, in two threads."""
    sources, targets = question.square
    metrics = [peer.weigh(kept, question.road, question.weight) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        pairs = list(zip(metrics, np.array_split(sources, 2), strict=True))
        seconds, _ = _timed(
            lambda: list(pool.map(lambda pair: peer.matrix(pair[0], pair[1], targets), pairs)), 3, time.perf_counter
        )
        yield replace(row, measure="500 × 500, two threads", unit="s", ours=ours.two_square_s, peer=seconds)
        part = SCENARIOS // 4
        seconds, _ = _timed(
            lambda: list(pool.map(lambda s: _scenario(peer, kept, question, s), range(part))), 1, time.perf_counter
        )
        yield replace(row, measure="200 closures × (10 × 2,000), two threads", unit="s", ours=ours.two_scenarios_s,
                      peer=seconds * SCENARIOS / part, note=f"timed on {part} of {SCENARIOS} scenarios")  # fmt: skip


def _scenario(peer: Peer, kept: Any, question: _Question, scenario: int) -> Floats:
    weight = _with_closed(question.weight, question.closures[scenario])
    return peer.matrix(peer.weigh(kept, question.road, weight), *question.few)


def _note(part: int, whole: int, what: str, found: Floats, answer: Floats) -> str:
    mine = answer[: len(found)]
    wrong = 1 - float(np.mean(found == mine))
    reached = np.isfinite(found) & np.isfinite(mine)
    off = float(np.max(np.abs(found[reached] - mine[reached]) / np.maximum(mine[reached], 1.0), initial=0.0))
    lost = int(np.sum(np.isfinite(found) != np.isfinite(mine)))
    return "; ".join(
        text for text in (
            f"timed on {part} of {whole} {what}" if part < whole else "",
            f"differs in {wrong:.1%} of the pairs, by {off:.2g} at most; reach differs in {lost}" if wrong > 0 else "",
        ) if text
    )  # fmt: skip


def _part(count: int, share: float) -> int:
    return max(2, round(count * share)) if share < 1 else count


def _with_closed(weight: Floats, edges: Ints) -> Floats:
    closed = weight.copy()
    closed[edges] = np.inf
    return closed


def _megabytes(holder: Hierarchy | Metric) -> float:
    values = (getattr(holder, field.name) for field in fields(holder))
    return float(sum(value.nbytes for value in values if isinstance(value, np.ndarray))) / 1e6


def _compile() -> None:
    """Call everything once on a small graph."""
    from models.graph import build_graph

    graph, _ = build_graph(40, np.arange(39), np.arange(1, 40))
    hierarchy, ends = prepare(graph), np.arange(20)
    for weight in (np.ones(39), np.full(39, 0.5)):  # whole numbers in 32 bits, others in 64
        metric = customise(hierarchy, weight)
        matrix(hierarchy, metric, ends, ends)
        one_to_all(hierarchy, metric, ends)
        one_to_all(hierarchy, metric, ends[:1])
        scenario_matrices(hierarchy, weight, [(ends[:1], np.array([np.inf]))], ends, ends)


def _timed(
    call: Callable[[], Result], times: int, clock: Callable[[], float] = time.process_time
) -> tuple[float, Result]:
    """Shortest of several runs, and the last result."""
    shortest = float("inf")
    for _ in range(times):
        start = clock()
        result = call()
        shortest = min(shortest, clock() - start)
    return shortest, result


if __name__ == "__main__":
    main("travel times", rows)
