"""Nights per second of the response simulation, and SimPy events per second beside bare SimPy.

Rows: the embedded county's flash flood (a fixed plan) and a county made from OpenStreetMap (Andorra, a flood across the
main valley), on one and on two processes; the floor of 1,000 nights of the flash flood in 20 s on two; re-planning
nights on one process. The peer is SimPy by itself: as many processes and timeouts as a night has, and nothing else, so
that the ratio says what the roads, the stock and the log cost. Indicators are part of every night.
"""

# ruff: noqa: E402 (numerical libraries read the number of threads when they are loaded)

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import simpy

from benchmarks.harness import Options, Row, main
from dispatch import load_scenario, plan_relief, write_county
from dispatch.planning.plan import Plan
from dispatch.roads.settlements import county_from_osm
from dispatch.scenario import Scenario
from dispatch.simulation.ensemble import simulate
from dispatch.simulation.night import drawn_night
from dispatch.simulation.policy import Policy
from dispatch.simulation.response import play
from dispatch.simulation.stage import prepare

FLOOR_NIGHTS, FLOOR_S = 1000, 20.0
REPLANNING_FLOOR = 2.0
_BOX = (1.48, 42.44, 1.53, 42.52)
"""Flood in Andorra: west, south, east, north."""


def rows(options: Options) -> Iterator[Row]:
    """Every world; fewer nights with ``--quick``."""
    nights = 100 if options.quick else 300
    flood = load_scenario("qinshui/flash_flood")
    plan = plan_relief(flood, seconds=3)
    yield from _speeds("Qinshui flash flood", flood, plan, nights)
    if not options.quick:
        seconds = _seconds(flood, plan, FLOOR_NIGHTS, 2)
        yield Row("Qinshui flash flood", f"{FLOOR_NIGHTS:,} nights, 2 processes", "s", seconds, reference=FLOOR_S,
                  ratio=FLOOR_S / seconds, note="reference: the floor")  # fmt: skip
    yield _bare("Qinshui flash flood", flood, plan)
    yield from _replanning(flood, plan, 4 if options.quick else 20)
    osm = options.bench.parent / "data" / "roads_andorra" / "andorra-20250118.osm.pbf"
    if not osm.exists():
        yield Row("Andorra", "nights", "1/s", 0.0, note=f"not run: no {osm.name}")
        return
    with tempfile.TemporaryDirectory() as folder:
        andorra = _andorra(osm, Path(folder))
        yield from _speeds("Andorra", andorra, plan_relief(andorra, seconds=3), nights // 3)


def _speeds(case: str, scenario: Scenario, plan: Plan, nights: int) -> Iterator[Row]:
    """Nights per second on one process and on two, without starting them and making the stage ready."""
    simulate(scenario, plan, replications=10)  # compiled and cached
    size = f"{len(plan.trips)} trips, {scenario.needs['place'].nunique()} places, {scenario.network.graph.n:,} nodes"
    cpu = time.process_time()
    one = nights / _seconds(scenario, plan, nights, 1)
    cpu = nights / (time.process_time() - cpu)
    yield Row(case, "nights, 1 process", "1/s", one, note=f"{size}; {cpu:.1f} per CPU second")
    two = nights / _seconds(scenario, plan, nights, 2)
    yield Row(case, "nights, 2 processes", "1/s", two, note=f"{two / one:.2f} × one; with the start of the processes")


def _seconds(scenario: Scenario, plan: Plan, nights: int, workers: int) -> float:
    started = time.perf_counter()
    played = simulate(scenario, plan, replications=nights, workers=workers, keep_log=0)
    seconds = time.perf_counter() - started
    assert played.replications == nights
    return seconds


class _Counting(simpy.Environment):  # type: ignore[misc]
    """Counts the events that it processes."""

    steps = 0

    def step(self) -> None:
        self.steps += 1
        super().step()


def _bare(case: str, scenario: Scenario, plan: Plan) -> Row:
    """Events per second of a night's processes, and of as many bare timeouts in as many processes."""
    stage = prepare(scenario, plan)
    own = simpy.Environment
    simpy.Environment = _Counting
    counted: list[Any] = []
    try:
        original = _Counting.__init__

        def remember(self: Any, *args: Any, **words: Any) -> None:
            original(self, *args, **words)
            counted.append(self)

        _Counting.__init__ = remember  # type: ignore[method-assign]
        play(drawn_night(stage, 1, 0))
    finally:
        simpy.Environment = own
    steps = sum(env.steps for env in counted)
    processes = len(stage.vehicles)
    nights = 30
    started = time.process_time()
    for replication in range(nights):
        play(drawn_night(stage, 1, replication))
    ours = nights * steps / (time.process_time() - started)
    started = time.process_time()
    for _ in range(nights):
        env = simpy.Environment()
        for number in range(processes):
            env.process(_idle(env, number + 1, steps // processes))
        env.run()
    bare = nights * steps / (time.process_time() - started)
    return Row(case, "SimPy events", "1/s", ours, bare, "SimPy alone", ours / bare,
               note=f"{steps:,} events a night in {processes} vehicles; without indicators")  # fmt: skip


def _idle(env: Any, delay: int, times: int) -> Iterator[Any]:
    for _ in range(times):
        yield env.timeout(delay)


def _replanning(scenario: Scenario, plan: Plan, nights: int) -> Iterator[Row]:
    """Nights with headquarters that plan anew."""
    for name in ("periodic", "event"):
        policy = Policy(name)
        simulate(scenario, plan, replications=1, policy=policy)
        started = time.process_time()
        simulate(scenario, plan, replications=nights, policy=policy, keep_log=0)
        rate = nights / (time.process_time() - started)
        yield Row("Qinshui flash flood", f"re-planning nights ({name}), 1 process", "1/CPU s", rate,
                  reference=REPLANNING_FLOOR, ratio=rate / REPLANNING_FLOOR, note="reference: the floor")  # fmt: skip


def _andorra(osm: Path, folder: Path) -> Scenario:
    """A county of Andorra's settlements with declared depots, and water across the main valley for three hours."""
    county, _ = county_from_osm(
        osm, code="000000", name_zh="Andorra", name_en="Andorra", zone="Europe/Andorra", declare_depots=True
    )
    write_county(county, folder / "pack", lang="en")
    west, south, east, north = _BOX
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    water = {
        "type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"cause": "flash_flood", "start": "+0:00", "end": "+3:00", "depth_m": 0.4, "people_share": 0.2},
    }  # fmt: skip
    (folder / "flood.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [water]}))
    preset = county.table("first_batch")["preset"].iloc[0]
    (folder / "flood.toml").write_text(f"""
name = "Andorra"
county = "pack"
roads = {json.dumps(str(osm))}
reference_time = "2026-07-20T09:00:00"
order_received = "+0:30"
seed = 7
demand.rule = {{ share_relocated = 0.5, share_sheltered = 0.4 }}
hazards.footprints = ["flood.geojson"]
first_batch.preset = "{preset}"
""")
    return load_scenario(folder / "flood.toml")


if __name__ == "__main__":
    main("simulation", rows)
