"""Teams beside published values: whole assignments, prize-collecting tours, the hypercube, containment, schedules.

Peer in the same run: the call-out as a duty desk makes it by hand (the soonest able teams to the most pressing task).
Seconds are per instance; for schedules they are the solver's deterministic work.
"""

from __future__ import annotations

import csv
import json
import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks._team_cases import greedy_call_out, random_tasks, recomputed
from benchmarks.harness import Options, Row, main
from models.assignment.prize import collect_prizes, tours_prize
from models.assignment.schedule import schedule_teams
from models.assignment.standby import hypercube, hypercube_approximation, server_correction
from models.assignment.whole import assign_whole, assignment_cost
from models.fire.attack import attack

_QUICK_GAP = ("cattrysse1994_gap1-0", "cattrysse1994_gap12-1", "chu1997_a05100", "chu1997_d05100")
_QUICK_TOPTW = ("C101", "R101", "RC105")


def rows(options: Options) -> Iterator[Row]:
    """Every comparison."""
    yield from _whole(options)
    yield from _prizes(options)
    yield from _hypercube(options)
    yield from _containment()
    yield from _schedules(options)


def _table(folder: Path) -> list[dict[str, str]]:
    with (folder / "bks.csv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def _whole(options: Options) -> Iterator[Row]:
    """Generalised assignment."""
    folder = options.bench / "assign_gap"
    if not folder.exists():
        yield Row("assign_gap", "cost", "", 0.0, note=f"not run: {folder} is absent")
        return
    seconds = options.seconds or (5.0 if options.quick else 20.0)
    gaps = []
    for known in _table(folder):
        name = known["instance"]
        if options.quick and name not in _QUICK_GAP:
            continue
        numbers = np.array((folder / "instances" / f"{name}.txt").read_text(encoding="utf-8").split(), dtype=np.int64)
        m, n = numbers[:2]
        cost = numbers[2 : 2 + m * n].reshape(m, n).astype(np.float64)
        load, capacity = numbers[2 + m * n : 2 + 2 * m * n].reshape(m, n), numbers[2 + 2 * m * n :]
        sign = -1.0 if "maximise" in known["objective"] else 1.0
        began = time.perf_counter()
        found = assign_whole(sign * cost, load, capacity, seconds=seconds)
        took = time.perf_counter() - began
        value, best = sign * found.value, float(known["bks"])
        gap = sign * (value - best) / best
        gaps.append(gap)
        agrees = assignment_cost(sign * cost, load, capacity, found.agent) == found.value
        yield Row(name, "value" if sign < 0 else "cost", "", value, reference=best, gap=gap, agrees=agrees,
                  note=f"{found.status}, bound {sign * found.bound:g}, {took:.1f} s, {m} agents, {n} jobs")  # fmt: skip
    yield Row("assign_gap", "mean gap", "", float(np.mean(gaps)), note=f"worst {max(gaps):.2%}, {len(gaps)} rows")


def _prizes(options: Options) -> Iterator[Row]:
    """Team orienteering with time windows."""
    folder = options.bench / "routing_toptw"
    if not folder.exists():
        yield Row("routing_toptw", "prize", "", 0.0, note=f"not run: {folder} is absent")
        return
    seconds = options.seconds or (1.0 if options.quick else 5.0)
    gaps = []
    for known in _table(folder):
        name = known["instance"]
        if options.quick and name not in _QUICK_TOPTW:
            continue
        lines = [
            line.split() for line in (folder / "instances" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
        ]
        table = np.array([line for line in lines if len(line) >= 7 and line[0].isdigit()], dtype=np.float64)
        apart = table[:, None, 1:3] - table[None, :, 1:3]
        ways = np.floor(np.hypot(apart[..., 0], apart[..., 1]) * 10) / 10
        data = (ways, np.r_[0.0, table[1:, 3]], table[:, 4], table[:, 5], table[:, 6])
        vehicles = int(known["params"].split("=")[1])
        found = collect_prizes(*data, vehicles, seconds=seconds)
        best = float(known["bks"])
        gaps.append((best - found.prize) / best)
        yield Row(f"{name} m={vehicles}", "prize", "", found.prize, reference=best, gap=gaps[-1],
                  agrees=tours_prize(*data, found.tours) == found.prize,
                  note=f"{seconds:g} s; {known['optimal']}")  # fmt: skip
    yield Row("routing_toptw", "mean gap", "", float(np.mean(gaps)), note=(
        f"worst {max(gaps):.2%}; {sum(gap < 0 for gap in gaps)} of {len(gaps)} rows better than the value given, "
        f"{sum(gap == 0 for gap in gaps)} equal"
    ))  # fmt: skip


def _hypercube(options: Options) -> Iterator[Row]:
    """Larson and Odoni's three servers."""
    folder = options.bench / "sim_hypercube"
    if not folder.exists():
        yield Row("sim_hypercube", "workload", "", 0.0, note=f"not run: {folder} is absent")
        return
    groups = json.loads((folder / "instances" / "larson_odoni_3server.json").read_text(encoding="utf-8"))["groups"]
    rate = np.array([group["rate"] for group in groups])
    preference = np.array([group["preference"] for group in groups]) - 1
    exact = hypercube(rate, preference)
    rough = hypercube_approximation(rate, preference, iterations=3)
    own = sum(exact.share[preference[g, 0], g] for g in range(len(rate)))
    values = {
        **{f"exact hypercube workload rho_{k + 1}": exact.workload[k] for k in range(3)},
        **{f"Larson approximation workload rho_{k + 1} (after 3 iterations)": rough[k] for k in range(3)},
        **{f"correction factor Q(3,0.5,{j})": server_correction(3, 0.5, j) for j in range(3)},
        "probability all busy (P'_Q)": exact.all_busy,
        "fraction of responses that are inter-response-area": 1 - own,
    }
    for known in _table(folder):
        value = values.get(known["objective"])
        if value is None:
            continue
        best, tolerance = float(known["bks"]), float(known["params"].split("=")[1])
        yield Row("larson_odoni_3server", known["objective"], "", float(value), reference=best,
                  gap=abs(float(value) - best) / best, agrees=abs(float(value) - best) <= tolerance,
                  note=f"printed to {tolerance:g}")  # fmt: skip


def _containment() -> Iterator[Row]:
    """A circle enclosed: the logarithmic spiral in closed form."""
    for ros, line, start in ((1.0, 10.0, 30.0), (2.0, 30.0, 12.0), (0.5, 1.5, 60.0)):
        factor = math.sqrt((line / 2) ** 2 - ros**2) / ros
        closed = start * math.exp(math.pi / factor)
        found, _ = attack(np.array([ros]), np.zeros(1), np.array([[start]]), np.array([[line]]), 1e6)
        gap = abs(float(found[0]) - closed) / closed
        yield Row(f"circle {ros:g} m/min, line {line:g} m/min", "contained after", "min", float(found[0]),
                  reference=closed, gap=gap, agrees=gap < 1e-4, note="closed form of the spiral")  # fmt: skip


def _schedules(options: Options) -> Iterator[Row]:
    """Random counties: lives served by CP-SAT and by hand."""
    sizes = ((6, 8), (12, 15)) if options.quick else ((6, 8), (12, 15), (22, 25))
    for teams, tasks in sizes:
        for seed in range(2 if options.quick else 3):
            problem = random_tasks(teams, tasks, seed)
            began = time.perf_counter()
            found = schedule_teams(problem, work=options.seconds or (5.0 if options.quick else 20.0))
            took = time.perf_counter() - began
            by_hand = greedy_call_out(problem)
            level = found.levels[0]
            yield Row(
                f"{teams} teams, {tasks} tasks, seed {seed}", "lives served", "people", level.value, float(by_hand),
                "greedy call-out", level.value / by_hand if by_hand else None, level.bound, level.gap,
                recomputed(problem, found) == level.value,
                f"{'/'.join(one.status for one in found.levels)}; {took:.1f} s wall",
            )  # fmt: skip


if __name__ == "__main__":
    main("Teams", rows)
