"""Evacuations on real roads, and flows beside published optima.

Lithgow 2013: 10,000 people of 77 zones with people in them leave before a fire of known arrival. Camp Fire 2018: the
households of Paradise leave while reports of fire close one road after the other. The plan is made, checked, and played
on some nights; the clearance curve is the share of all people that is out by each half hour. The check that nobody is
on a road after the fire's arrival is done from the fire's own table (``agrees``). Flows: DIMACS minimum-cost-flow
instances.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks._camp_fire import CAMP_FIRE, camp_fire
from benchmarks._evacuation_cases import LITHGOW, lithgow, warned_at
from benchmarks.harness import Options, Row, main
from dispatch.clock import MINUTE_MS
from dispatch.evacuation.roads import evacuation_travel
from dispatch.planning.check_evacuation import check_evacuation
from dispatch.planning.evacuation import plan_evacuation
from dispatch.planning.plan import Plan
from dispatch.roads.travel import drive
from dispatch.scenario import Scenario
from dispatch.simulation.ensemble import simulate
from dispatch.simulation.evacuation import evacuate
from dispatch.simulation.evacuation_indicators import EvacuationNights, evacuation_nights
from models.evacuation import min_cost_flow

__all__ = ["crosses_fire", "read_dimacs"]


def rows(options: Options) -> Iterator[Row]:
    """Flows first, then the fires."""
    yield from flows(options)
    folder = options.bench.parent / LITHGOW
    if folder.is_dir():
        case = "Lithgow 2013" + (", 2,000 people" if options.quick else "")
        began = time.perf_counter()
        scenario = lithgow(folder, 2_000 if options.quick else 10_000)
        yield Row(case, "reading and assigning", "s", time.perf_counter() - began)
        yield from _fire(case, scenario, (-120, -60, 0, 60), -60, quick=options.quick)
    else:
        yield Row("Lithgow 2013", "plan", "", 0.0, note=f"not run: {folder} is not there")
    folder = options.bench.parent / CAMP_FIRE
    if folder.is_dir():
        case = "Camp Fire 2018" + (", a tenth of the households" if options.quick else "")
        began = time.perf_counter()
        scenario = camp_fire(folder, share=0.1 if options.quick else 1.0, warned_min=_CAMP_ORDER)
        yield Row(case, "reading and assigning", "s", time.perf_counter() - began)
        yield from _fire(case, scenario, (0, 35, 65, 80, 95, 125), _CAMP_ORDER, quick=options.quick)
    else:
        yield Row("Camp Fire 2018", "plan", "", 0.0, note=f"not run: {folder} is not there")


_CAMP_ORDER = 35
"""The order is given at 7:00."""


def read_dimacs(path: Path) -> tuple[np.ndarray, ...]:
    """Arrays tail, head, capacity, cost, supply and lower of a DIMACS minimum-cost-flow file."""
    lines = [line.split() for line in path.read_text().splitlines()]
    n = next(int(word[2]) for word in lines if word[:1] == ["p"])
    supply = np.zeros(n, dtype=np.int64)
    for word in lines:
        if word[:1] == ["n"]:
            supply[int(word[1]) - 1] = int(word[2])
    arcs = np.array([[int(x) for x in word[1:6]] for word in lines if word[:1] == ["a"]], dtype=np.int64)
    return arcs[:, 0] - 1, arcs[:, 1] - 1, arcs[:, 3], arcs[:, 4], supply, arcs[:, 2]


def flows(options: Options) -> Iterator[Row]:
    """DIMACS instances of least-cost flow."""
    folder = options.bench / "assign_mcf"
    if not folder.is_dir():
        yield Row("assign_mcf", "cost", "", 0.0, note=f"not run: {folder} is not there")
        return
    with (folder / "bks.csv").open(encoding="utf-8") as file:
        best = {row["instance"]: float(row["bks"]) for row in csv.DictReader(file)}
    for name, reference in best.items():
        began = time.perf_counter()
        flow = min_cost_flow(*read_dimacs(folder / "instances" / f"{name}.dmx"))
        seconds = time.perf_counter() - began
        yield Row(name, "cost", "", flow.cost, reference=reference, gap=abs(flow.cost - reference) / reference,
                  agrees=flow.feasible, note=f"{seconds:.2f} s, reading included")  # fmt: skip


def crosses_fire(scenario: Scenario, plan: Plan) -> int:
    """Movements that are on an edge at or after the fire's arrival there, recomputed from the fire's table."""
    roads, index = evacuation_travel(scenario), scenario.network.edge_index
    table = scenario.disruption.edges
    first = dict(zip(table["edge"], table["forecast_start_s"] * 1000, strict=True))
    edges_of = dict(zip(plan.paths["path"], plan.paths["edges"], strict=True))
    class_of = dict(zip(plan.paths["path"], plan.paths["vehicle_class"], strict=True))
    bad = 0
    for row in plan.evacuations.to_dict("records"):
        names = edges_of.get(row["path"], ())
        edges = np.array([index[name] for name in names], dtype=np.int64)
        went = drive(roads, class_of[row["path"]], row["place"], row["shelter"], edges, row["depart_ms"])
        bad += any(leave > first.get(name, np.inf) for name, leave in zip(names, went.leave_ms.tolist(), strict=True))
    return bad


def _fire(case: str, scenario: Scenario, orders: tuple[int, ...], told: int, *, quick: bool) -> Iterator[Row]:
    """One fire: plan, check, nights, curve; and who is left if the order comes at other minutes."""
    began = time.perf_counter()
    plan = plan_evacuation(scenario)
    yield Row(case, "planning", "s", time.perf_counter() - began, note=f"{len(plan.evacuations)} movements")
    wrong = check_evacuation(plan, scenario)
    for level in plan.meta["evacuation"]["objective"]:
        value, bound, unit = level["value"], level["bound"], ""
        if level["measure"] == "last_arrival_ms":
            value, bound, unit = value / MINUTE_MS, bound / MINUTE_MS, "min"
        yield Row(case, level["measure"].removesuffix("_ms"), unit, value, agrees=not wrong,
                  note=f"bound {bound:,.1f}, gap {level['gap']:.1%}, {level['status']}")  # fmt: skip
    bad = crosses_fire(scenario, plan)
    yield Row(case, "movements that meet the fire", "", bad, reference=0, agrees=bad == 0)
    began = time.perf_counter()
    nights = 5 if quick else 20
    found = evacuation_nights(simulate(scenario, plan, replications=nights, hooks=(evacuate,)).log)
    assert found is not None
    yield Row(case, "one night", "s", (time.perf_counter() - began) / nights)
    yield from _curve(case, found)
    for minute in orders:
        later = plan if minute == told else plan_evacuation(warned_at(scenario, minute))
        left = later.unserved.groupby("cause")["amount"].sum()
        most = later.meta["evacuation"]["objective"][0]
        yield Row(case, f"left behind, order at {minute:+d} min of ignition", "people", int(left.sum()),
                  note=f"{left.to_dict()}; out {most['value']:,.0f}, at most {most['bound']:,.0f}")  # fmt: skip


def _curve(case: str, found: EvacuationNights) -> Iterator[Row]:
    """Clearance: when half, nine tenths and the last are out, medians of the nights; and how many are not."""
    nights = found.nights
    for name, column in (("half out", "half_out_ms"), ("nine tenths out", "nine_tenths_out_ms"),
                         ("last arrival on the night", "last_arrival_ms")):  # fmt: skip
        done = nights.loc[nights[column] >= 0, column]
        yield Row(case, name, "min", float(done.median()) / MINUTE_MS if len(done) else float("nan"),
                  note=f"median of {len(nights)} nights, {len(done)} of which come to it")  # fmt: skip
    for row in found.curve[found.curve["minute"] % 30 == 0].to_dict("records"):
        yield Row(case, f"out by minute {row['minute']} of the order", "", row["mean_share"],
                  note=f"5 % and 95 % of nights: {row['low_share']:.3f}, {row['high_share']:.3f}")  # fmt: skip
    kept = nights["out"] + nights["left_behind"] + nights["cut_off"] + nights["under_way"] == nights["people"]
    yield Row(case, "left behind or cut off on a night", "people",
              float((nights["left_behind"] + nights["cut_off"]).mean()), agrees=bool(kept.all()))  # fmt: skip


if __name__ == "__main__":
    main(__doc__ or "", rows)
