"""Headquarters plan anew on a night, at intervals or on news: a commander decides, and vehicles have new orders.

What has begun is kept; headquarters plan the rest on what they know, not on what is true. Commanders are few: news that
comes while all are deciding waits, and one decision answers all the news there is by its end.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np

from dispatch.clock import MINUTE_MS, SECOND_MS
from dispatch.hazards.disruption import Disruption
from dispatch.norms.response import response_figures
from dispatch.planning.air_ground import ground_scenario
from dispatch.planning.news import News
from dispatch.planning.plan import Plan
from dispatch.planning.supply import read_vehicles
from dispatch.simulation.asking import ask_tiers
from dispatch.simulation.line import Line
from dispatch.simulation.order_chain import figure_ms
from dispatch.simulation.playbook import later_playbook
from dispatch.simulation.roles import commanders_of
from dispatch.simulation.run import Run
from dispatch.simulation.stage import dock_bookings, unload_bookings
from dispatch.simulation.store import planned_issues
from dispatch.simulation.vehicle import vehicle_process
from models.traversal import NEVER

__all__ = ["command"]

_RANKS = 1_000_000
"""Ranks of the k-th new plan begin at k times this, so that they differ from those of the plans before."""


def command(run: Run, order: int) -> None:
    """Start headquarters' re-planning if the policy asks for it."""
    if not run.stage.policy.replans:
        return
    from dispatch.planning.replan import basis_of

    memory = run.stage.memory
    if "basis" not in memory:
        memory["basis"] = basis_of(ground_scenario(run.stage.scenario, run.stage.plan))
    line = Line(run.env, commanders_of(run.stage.scenario) if "news" in run.stage.scenario.response else 1)
    headquarters = _Headquarters(run, line, order)
    if run.stage.policy.name == "periodic":
        run.env.process(headquarters.at_intervals())
    else:
        run.env.process(headquarters.on_news())
        run.env.process(headquarters.forecasts_that_turn_out_wrong())


class _Headquarters:
    """The plan in force, and who decides on a new one."""

    def __init__(self, run: Run, commanders: Line, order: int) -> None:
        self.run, self.commanders, self.order = run, commanders, order
        self.plan: Plan = run.stage.plan
        self.decisions = self.count = 0
        self._told: set[str] = set()
        self._roads: tuple[bytes, Disruption] | None = None

    def at_intervals(self) -> Generator[Any, Any, None]:
        run = self.run
        step = self._interval_ms()
        yield run.env.timeout(run.night.order_ms - run.env.now)
        seen = 0
        while run.env.now + step < run.night.last_ms:
            yield run.env.timeout(step)
            if run.busy() and (run.unbegun() or len(run.news) > seen):
                cause = run.news[-1] if len(run.news) > seen else self.order
                seen = len(run.news)
                commander, _ = yield self.commanders.request(0)
                yield from self._decide(commander, cause)

    def on_news(self) -> Generator[Any, Any, None]:
        run = self.run
        seen = lost = 0
        yield run.env.timeout(max(run.night.order_ms - run.env.now, 0))
        while True:
            if len(run.news) == seen:
                told = run.env.event()
                run.listeners.append(told)
                yield told
            commander, _ = yield self.commanders.request(0)
            seen = len(run.news)
            cause = run.news[-1]
            out = sum(vehicle.lost for vehicle in run.vehicles)
            out += len(run.given_up) + len(run.loaded)
            if run.busy() and (run.unbegun() or out > lost):
                lost = out
                run.env.process(self._decide(commander, cause))
            else:
                self.commanders.release(commander)

    def forecasts_that_turn_out_wrong(self) -> Generator[Any, Any, None]:
        """What becomes known at its own hour, without a driver's report, is news too."""
        run, rows = self.run, self.run.stage.rows
        wrong = np.unique(rows.known_ms[run.night.differs])
        for at in wrong.tolist():
            if run.night.order_ms < at < run.night.last_ms:
                yield run.env.timeout(at - run.env.now)
                run.learn(run.recorder.record(run.env.now, "news_received", "county", "headquarters", -1,
                                              medium="forecast", role=run.stage.roles.get("news", "")))  # fmt: skip

    def _interval_ms(self) -> int:
        """Interval of periodic re-planning: the scenario's, or the norm's where it does not open ``news``."""
        if "news" in self.run.stage.scenario.response:
            return figure_ms(self.run.night.draws, "news.every", "")
        return round(response_figures("night")["news.every"].mean * MINUTE_MS)

    def _decide(self, commander: int, cause: int) -> Generator[Any, Any, None]:
        """A commander, who is free until then, decides: the plan is made with what is known when he is done."""
        run, env = self.run, self.run.env
        self.decisions += 1
        if "news" in run.stage.scenario.response:
            begun = run.recorder.record(env.now, "decision_starts", f"commander {commander}", "commander", cause,
                                        role=run.stage.roles.get("orders", ""))  # fmt: skip
            yield env.timeout(figure_ms(run.night.draws, "news.decide", str(self.decisions)))
        else:
            begun = cause
        self.count += 1
        self._plan_anew()
        given = run.recorder.record(
            env.now, "orders_given", f"commander {commander}", "commander", begun, quantity=float(self.count),
            role=run.stage.roles.get("orders", ""), milestone=f"orders {self.count}",
        )  # fmt: skip
        ask_tiers(run, given)
        self.commanders.release(commander)
        run.ordered()

    def _plan_anew(self) -> None:
        from dispatch.planning.replan import BY_HAND, IN_ENSEMBLE, replan

        run, stage = self.run, self.run.stage
        work = BY_HAND if stage.policy.name == "nearest_first" else IN_ENSEMBLE
        held = {vehicle.vehicle: NEVER if vehicle.lost else run.env.now + vehicle.delay_ms
                for vehicle in run.vehicles if vehicle.lost or vehicle.delay_ms > 0}  # fmt: skip
        called = {vehicle.vehicle for vehicle in run.vehicles}
        held |= {name: run.env.now + ms for name, ms in self._mobilising_ms().items() if name not in called}
        news = News(
            roads=self._believed(),
            held=held,
            begun=frozenset(run.begun - run.given_up),
            stock=run.store.failed_by(int(run.env.now)),
            loaded=self._loaded(),
        )
        basis: Any = stage.memory["basis"]
        ground = basis.problem.scenario  # what flies is not sent by road too
        self.plan = replan(ground, self.plan, int(run.env.now), news, work=work, basis=basis)
        begun, first = frozenset(run.begun), self.count * _RANKS
        vehicles = later_playbook(stage.scenario, self.plan, begun, first, stage.called_vehicles)
        run.take_orders(vehicles, planned_issues(vehicles), dock_bookings(vehicles), unload_bookings(vehicles))
        there = {vehicle.vehicle for vehicle in run.vehicles}
        for vehicle in vehicles:
            if vehicle.vehicle not in there:
                made = run.add_vehicle(vehicle.vehicle, vehicle.vehicle_class, vehicle.base)
                run.env.process(vehicle_process(run, made, vehicle.base, self.order))

    def _loaded(self) -> dict[str, tuple[tuple[int, str, str, str, int], ...]]:
        """What trips of the plan in force took otherwise than planned, once each: the next plan has it."""
        there = set(self.plan.trips["trip"]) - self._told
        fresh = {trip: taken for trip, taken in self.run.loaded.items() if trip in there}
        self._told |= set(fresh)
        return fresh

    def _mobilising_ms(self) -> dict[str, int]:
        """How long each vehicle takes, by plan, from its call until it may set out."""
        memory, scenario = self.run.stage.memory, self.run.stage.scenario
        if "mobilising" not in memory:
            memory["mobilising"] = {
                name: vehicle.ready_ms - scenario.order_ms for name, vehicle in read_vehicles(scenario).items()
            }
        found: dict[str, int] = memory["mobilising"]  # type: ignore[assignment]
        return found

    def _believed(self) -> Disruption:
        """The hazard as headquarters know it, in forecast and realised times; the same object while nothing changes."""
        run, night = self.run, self.run.night
        known = night.known(run.env.now)
        key = known.tobytes() + night.end_ms.tobytes()
        if self._roads is not None and self._roads[0] == key:
            return self._roads[1]
        hazard = run.stage.scenario.disruption
        if not known.any():
            believed = hazard
        else:
            table = hazard.edges
            start = np.where(known, night.start_ms / SECOND_MS, table["forecast_start_s"].to_numpy())
            ends = np.where(night.expected_end_ms >= NEVER, np.inf, night.expected_end_ms / SECOND_MS)
            end = np.where(known, ends, table["forecast_end_s"].to_numpy())
            table = table.assign(forecast_start_s=start, forecast_end_s=end, start_s=start, end_s=end)
            kept = (~known | night.happens) & (end > start)
            believed = Disruption(table[kept].reset_index(drop=True), hazard.places, hazard.areas, hazard.groups)
        self._roads = (key, believed)
        return believed
