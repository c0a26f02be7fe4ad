"""Every published case that this library is checked against, with our number beside it; made for the page of that name.

``python -m benchmarks.validation --json docs/validation.json`` writes the rows that ``docs/validation_tables.py`` puts
into the documentation. A case is named ``topic: case``; ``agrees`` says whether ours is within the distance in
``note``. Only what ends by itself is here: what needs a time limit stands in the benchmarks of its own subject.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from benchmarks import evacuation, siting
from benchmarks._routing_check import arrivals, broken, driven
from benchmarks._routing_files import euclidean, known_values, read_vrp
from benchmarks._validation_lines import lines, statistics
from benchmarks._validation_nature import beside, fire, ground, water
from benchmarks.harness import Options, Row, main
from models.graph import build_graph
from models.paths import customise, matrix, one_to_all, prepare
from models.routing import routing_instance, solve

__all__ = ["TOPICS", "rows"]

CCVRP_ITERATIONS = 1_500_000
CVRP_ITERATIONS = {"X-n110-k13": 300_000, "X-n157-k13": 300_000}


def rows(options: Options) -> Iterator[Row]:
    """Every topic; with ``--quick`` only what takes a few seconds."""
    for topic, made in TOPICS.items():
        if options.quick and topic in {"lines", "routing"}:
            continue
        for row in made(options):
            yield replace(row, case=f"{topic}: {row.case}")


def _roads(options: Options) -> Iterator[Row]:
    """Auckland: distances from four nodes to all others, and between published pairs."""
    folder = options.bench / "path_roads"
    nodes = np.loadtxt(folder / "instances/auckland.nodes.csv", delimiter=",", skiprows=1, usecols=0, dtype=np.int64)
    arcs = np.loadtxt(folder / "instances/auckland.arcs.csv", delimiter=",", skiprows=1, dtype=np.int64)
    pairs = np.loadtxt(folder / "instances/auckland.od.csv", delimiter=",", skiprows=1, dtype=np.int64)
    order = np.argsort(nodes)

    def at(names: NDArray[np.int64]) -> NDArray[np.int64]:
        return order[np.searchsorted(nodes, names, sorter=order)]

    graph, kept = build_graph(len(nodes), at(arcs[:, 0]), at(arcs[:, 1]))
    hierarchy = prepare(graph)
    metric = customise(hierarchy, arcs[kept, 2].astype(np.float64))
    with (folder / "bks.csv").open(encoding="utf-8") as file:
        known = [row for row in csv.DictReader(file) if row["instance"] == "auckland"]
    names = {"ecce": "longest distance", "numb": "nodes reached", "sum ": "sum of distances"}
    for row in known:
        source = int(row["params"].split("=")[1])
        found = one_to_all(hierarchy, metric, at(np.array([source])))[0]
        reached = found[np.isfinite(found)]
        which = row["objective"].split(": ")[1][:4]
        ours = {"ecce": reached.max(), "numb": float(len(reached)), "sum ": reached.sum()}[which]
        unit = "" if which == "numb" else "ms"
        yield beside(f"Auckland, node {source}", names[which], unit, ours, float(row["bks"]), 0.0)
    ours = sum(
        float(matrix(hierarchy, metric, at(one[:1]), at(one[1:2]))[0, 0] == one[2]) for one in pairs
    )  # fmt: skip
    yield beside("Auckland", "pairs with the published distance", "", ours, float(len(pairs)), 0.0)


def _flows(options: Options) -> Iterator[Row]:
    for row in evacuation.flows(options):
        yield beside(f"GRIDGEN {row.case}", "least cost", "", row.ours, float(row.reference or 0.0), 0.0)


def _siting(options: Options) -> Iterator[Row]:
    """The families that are solved to a proof."""
    names = {"p-median": "p-median", "p-center": "p-center", "fewest": "fewest sites", "cheapest": "cheapest cover",
             "CFLP": "capacitated plants", "UFLP": "plants without capacities", "LSCP": "fewest sites",
             "MCLP": "people covered"}  # fmt: skip
    small = replace(options, quick=True)
    for family, given in (
        (siting.spopt_sample, options), (siting.medians, options), (siting.centers, options), (siting.covers, small),
        (siting.plants, small), (siting.single_source, small),
    ):  # fmt: skip
        for row in family(given):
            word = next((word for word in row.case.split() if word in names), "")
            if row.measure == "objective" and row.note.startswith("optimal") and row.reference is not None:
                case = row.case.replace(word, "").replace("  ", " ").strip()
                # the published costs of plants are rounded to the third decimal
                within = 1e-8 if word in {"CFLP", "UFLP"} else 1e-12
                yield beside(case, names[word] if word else "single-source plants", "", row.ours, row.reference, within)


def _routing(options: Options) -> Iterator[Row]:
    """Sum of arrivals and distance after so many iterations (not so many seconds), tours recomputed by plain loops."""
    folder = options.bench / "routing_ccvrp"
    for known in known_values(folder):
        given = read_vrp(folder / "instances" / f"{known.instance}.vrp")
        distance, fleet = euclidean(given.place), int(known.params["K"])
        given = replace(given, service=np.zeros(len(distance)))
        found = solve(
            routing_instance(distance, given.demand, given.capacity, vehicles=fleet, by_arrival=True),
            iterations=CCVRP_ITERATIONS, seed=1,
        )  # fmt: skip
        tours = [[trip.tolist() for trip in tour] for tour in found.tours]
        if broken(given, distance, fleet, tours):
            raise ValueError(known.instance)
        case = f"{known.instance}, K = {fleet}"
        yield beside(case, "sum of arrival times", "", arrivals(distance, tours), known.value, 0.006)
    folder = options.bench / "routing_cvrp_x"
    for known in known_values(folder):
        if known.instance in CVRP_ITERATIONS:
            given = read_vrp(folder / "instances" / f"{known.instance}.vrp")
            distance = np.floor(euclidean(given.place) + 0.5)
            found = solve(routing_instance(distance, given.demand, given.capacity, vehicles=40),
                          iterations=CVRP_ITERATIONS[known.instance], seed=1)  # fmt: skip
            tours = [[trip.tolist() for trip in tour] for tour in found.tours]
            yield beside(known.instance, "distance", "", driven(distance, tours), known.value, 0.01)


TOPICS: dict[str, Callable[[Options], Iterator[Row]]] = {
    "roads": _roads,
    "flows": _flows,
    "routing": _routing,
    "siting": _siting,
    "lines": lines,
    "statistics": statistics,
    "fire": fire,
    "water": water,
    "ground": ground,
}
"""Topic → its rows, in the order of the page."""


if __name__ == "__main__":
    main("Validation", rows)
