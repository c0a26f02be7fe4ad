"""A plan made anew in the middle of the night: what has begun is kept, the rest answers to what is known now.

Begun trips are followed over the roads as known (:mod:`dispatch.planning.committed`) and booked; the trips that have
not begun are timed again on top of them; what they cannot bring any more, and what is needed anew, is assigned to free
stock and sent by the vehicle that completes it first; trips that are late are dispatched anew, and small changes, as
many as the work allows, improve what is left.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from dispatch.planning.allocation import allot
from dispatch.planning.basis import BY_HAND, IN_ENSEMBLE, INTERACTIVE, Basis, Work, basis_like, basis_of
from dispatch.planning.bounds import Bounds, with_bounds
from dispatch.planning.committed import PlanRows, begun_trips, plan_rows
from dispatch.planning.consignments import pack
from dispatch.planning.earliest import place_bounds
from dispatch.planning.fingerprint import fingerprint, versions
from dispatch.planning.greedy import best_vehicle_first, nearest_first
from dispatch.planning.improve import Effort, anneal_orders, polish
from dispatch.planning.least_km import least_km
from dispatch.planning.measure import measure
from dispatch.planning.news import News, as_loaded, known_scenario
from dispatch.planning.plan import Plan, empty_plan
from dispatch.planning.problem import Consignment, Need, ReliefProblem, TripOrder, lots_of, read_problem
from dispatch.planning.replan_tables import joined_plan, last_number
from dispatch.planning.score import Scorer, make_scorer
from dispatch.planning.slices import Slice, cut_lots, shortfall
from dispatch.planning.standing import Standing, free_slices, stand, take_from, with_needs
from dispatch.planning.timetable import Timetable, decode
from dispatch.planning.unmet import unmet_table
from dispatch.scenario import Scenario

__all__ = ["BY_HAND", "INTERACTIVE", "IN_ENSEMBLE", "Basis", "Work", "basis_like", "basis_of", "on_top_of", "replan"]


_NEAR = 2
"""Depots of a need at which one looks whether its road has opened early."""

_POLISHING = 0.1
"""Share of the work, where trips are committed, for changes that are timed exactly."""

_LONG_S, _NEVER_OUT, _AFTERWARDS_S = 1.0, 1e15, 0.05
"""Work of a search from which on it is a long one; a clock that never runs out; work of the exact changes after it."""

_FEW = 60
"""Consignments up to which all of them are dispatched anew where something is late or left."""


def replan(
    scenario: Scenario,
    plan: Plan,
    now_ms: int,
    news: News,
    *,
    work: Work = INTERACTIVE,
    basis: Basis | None = None,
    seed: int | None = None,
    urgent: frozenset[str] = frozenset(),
) -> Plan:
    """Plan anew at ``now_ms``: keep what has begun, plan the rest with what is known.

    A trip has begun if its loading has started or its vehicle is driving, or if it was kept before (or as
    ``news.begun`` says). Begun trips keep their ids; all others are replaced by trips with ids that did not occur
    before. Nothing new starts before ``now_ms``. Ways of begun trips that the news blocks or delays are led on from the
    next junction; what cannot reach its stop goes to another place that needs the same and can be reached, else it is
    lost (``lost``).

    Parameters
    ----------
    scenario : Scenario
        For which ``plan`` was made.
    plan : Plan
        The plan in force, itself re-made or not.
    now_ms : int
        From the reference instant.
    news : News
    work : Work
        ``INTERACTIVE`` (under 2 s for a county), ``IN_ENSEMBLE`` (some ten ms; give it a ``basis``), or ``BY_HAND``.
    basis : Basis, optional
        From :func:`basis_of` of the same scenario.
    seed : int, optional
        Of the improvement; the scenario's by default.
    urgent : frozenset of place ids
        Places that come before all others, however few their people.

    Returns
    -------
    Plan
        The whole plan, past and future. ``meta["replan"]``: ``now_ms``; ``kept``, ``changed`` and ``abandoned``
        trips; ``lost``: (depot, item, lot, quantity) loaded and not to be handed over; ``brought``: units by need that
        begun trips were to bring; ``stuck``: until when vehicles stand whose begun trips could not go on. It passes
        ``check`` against ``known_scenario(scenario, news, it)``.
    """
    seed = scenario.seed if seed is None else seed
    basis = basis_of(scenario) if basis is None else basis
    in_force, plan = plan, as_loaded(plan, news)
    rows = plan_rows(plan, basis.problem)
    begun = begun_trips(rows, now_ms, news)
    brought = _brought(rows, begun) if news.needs is not None else {}
    known, problem = _problem(scenario, basis, news, plan, begun, brought)
    state = stand(problem, rows, begun, now_ms, news)
    places = basis.places
    if news.needs is not None or work.diagnosed:
        places = measure(empty_plan(), known, problem.legs.roads).places
    again = _Again(state, rows, frozenset(begun), basis, places, work, seed, urgent, int(now_ms), in_force)
    found = again.run()
    made = joined_plan(state, plan, found.timetable)
    again_of = {
        "now_ms": int(now_ms), "kept": [c.row["trip"] for c in state.kept], "changed": state.changed,
        "abandoned": state.abandoned, "lost": [list(of) for of in state.lost],
        "last": max(last_number(plan), last_number(made)), "brought": brought,
        "stuck": dict(sorted(state.stuck.items())),
    }  # fmt: skip
    made = replace(made, meta={**plan.meta, "planner": "replan", "seed": seed, "replan": again_of})
    return _diagnosed(state, made, known_scenario(scenario, news, made), found) if work.diagnosed else made


def on_top_of(
    scenario: Scenario, plan: Plan, seconds: float, seed: int | None = None, now_ms: int | None = None
) -> Plan:
    """Plan what a plan leaves open, all of its trips as they are; ``seconds`` sets the work of the search.

    Nothing else starts before ``now_ms``; by default the order's time.
    """
    work = Work(_POLISHING * seconds, (1 - _POLISHING) * seconds, diagnosed=True)
    news = News(begun=frozenset(plan.trips["trip"]))
    made = replan(scenario, plan, scenario.order_ms if now_ms is None else now_ms, news, work=work, seed=seed)
    return replace(made, meta={**made.meta, "planner": "relief", "seconds": seconds})


def _brought(rows: PlanRows, begun: tuple[str, ...]) -> dict[str, int]:
    result: dict[str, int] = {}
    for trip in begun:
        for load in rows.loads.get(trip, ()):
            result[load["need"]] = result.get(load["need"], 0) + int(load["quantity"])
    return result


def _problem(
    scenario: Scenario, basis: Basis, news: News, plan: Plan, begun: tuple[str, ...], brought: Mapping[str, int]
) -> tuple[Scenario, ReliefProblem]:
    """The whole problem, past included, as known now."""
    so_far = replace(plan, meta={"replan": {"kept": list(begun), "brought": dict(brought)}})
    known = known_scenario(scenario, news, so_far)
    legs = basis.legs(known.disruption)
    if news.needs is not None:
        return known, read_problem(known, legs)
    lots = lots_of(known) if news.stock else basis.problem.lots
    problem = replace(basis.problem, scenario=known, legs=legs, lots=lots)
    for name in ("classes", "weightless") if news.stock else ("classes", "weightless", "counted"):
        if name in basis.problem.__dict__:
            problem.__dict__[name] = basis.problem.__dict__[name]
    return known, problem


@dataclass(eq=False)
class _Again:
    """Planning what has not begun."""

    state: Standing
    rows: PlanRows
    begun: frozenset[str]
    basis: Basis
    places: pd.DataFrame
    work: Work
    seed: int
    urgent: frozenset[str]
    now_ms: int
    in_force: Plan

    def run(self) -> _Outcome:
        """Timetable with begun and new trips, and what is not supplied."""
        problem, after = self.state.problem, self.state.timetable
        if self.work.by_hand:
            return self._filled(after, ([], {}))
        orders = self._not_begun()
        found = self._filled(decode(problem, orders, after).timetable, self._carried(orders, after))
        scorer = self._scorer(found)
        best = scorer.score(decode(problem, found.orders, after))
        goods = [c for order in found.orders for c in order.consignments]
        if (best[0] > 0 or best[4] > 0) and 0 < len(goods) <= _FEW:
            rules = (_most_people(problem), self._urgent_first, lambda c: (c.goods.release_ms, c.site))
            for key in rules[: self.work.rules]:
                anew = best_vehicle_first(problem, goods, after, key, fill=True)
                score = scorer.score(decode(problem, anew, after))
                if score < best:
                    best, found.orders = score, anew
        found.orders = polish(scorer, found.orders, after, Effort(self.work.polish_s, math.inf), self.seed, ())
        if self.work.anneal_s:
            # a short search is not worth driving times for every departure: with a clock, even one that never runs
            # out, they are looked at for fewer
            clock = _NEVER_OUT if self.work.anneal_s < _LONG_S else math.inf
            found.orders = anneal_orders(scorer, [c for o in found.orders for c in o.consignments], found.orders, after,
                                         Effort(self.work.anneal_s, clock), self.seed, ())  # fmt: skip
            again = Effort(min(self.work.polish_s, _AFTERWARDS_S), math.inf)
            found.orders = polish(scorer, found.orders, after, again, self.seed, ())
        found.timetable = decode(problem, found.orders, after).timetable
        return found

    @cached_property
    def _missing(self) -> dict[int, int]:
        """Units by position of the need that the plan in force does not bring."""
        number = {need.need: n for n, need in enumerate(self.state.whole.needs)}
        result = {n: need.quantity for n, need in enumerate(self.state.whole.needs)}
        loads = self.in_force.loads
        for need, quantity in zip(loads["need"].tolist(), loads["quantity"].tolist(), strict=True):
            if need in number:
                result[number[need]] -= int(quantity)
        return result

    @cached_property
    def slices(self) -> tuple[Slice, ...]:
        """Stock that begun trips leave."""
        return free_slices(self.state.problem, self.state.taken)

    def _not_begun(self) -> list[TripOrder]:
        """Trips of the plan that have not begun, without what is no longer needed, by vehicles that there still are."""
        problem = self.state.problem
        number = {need.need: n for n, need in enumerate(problem.needs)}
        left = dict(self.state.remaining)
        orders = []
        for trip, row in sorted(self.rows.trips.items(), key=lambda pair: (pair[1]["load_start_ms"], pair[0])):
            vehicle, depot = row["vehicle"], row["depot"]
            if trip in self.begun or vehicle not in problem.vehicles or vehicle in self.state.out:
                continue
            by_stop: dict[tuple[int, str], dict[tuple[int, str], int]] = {}
            for load in self.rows.loads.get(trip, ()):
                n = number.get(load["need"], -1)
                part = min(left[n], int(load["quantity"])) if n >= 0 else 0
                if part and load["item"] in problem.needs[n].items:
                    left[n] -= part
                    of = by_stop.setdefault((int(load["stop"]), problem.needs[n].site), {})
                    of[n, load["item"]] = of.get((n, load["item"]), 0) + part
            if by_stop:
                goods = [
                    Consignment(depot, problem.stop(site, tuple((n, item, q) for (n, item), q in of.items())))
                    for (_, site), of in sorted(by_stop.items())
                ]
                orders.append(TripOrder(vehicle, depot, tuple(goods)))
        return orders

    def _carried(self, orders: list[TripOrder], after: Timetable) -> tuple[list[TripOrder], dict[tuple[str, str], int]]:
        """Orders cut down to what can be carried out, and the stock that they take by (depot, item)."""
        problem = self.state.problem
        kept: list[TripOrder] = []
        taken: dict[tuple[str, str], int] = {}
        for trip in decode(problem, orders, after).timetable.trips[len(after.trips) :]:
            kept.append(
                TripOrder(trip.vehicle, trip.depot, tuple(Consignment(trip.depot, s.goods) for s in trip.stops))
            )
            for stop in trip.stops:
                for item, quantity in stop.goods.items:
                    taken[trip.depot, item] = taken.get((trip.depot, item), 0) + quantity
        return kept, taken

    def _filled(self, timetable: Timetable, carried: tuple[list[TripOrder], dict[tuple[str, str], int]]) -> _Outcome:
        """Send what the kept trips do not bring."""
        problem = self.state.problem
        orders, taken = carried
        open_for = dict(self.state.remaining)
        for order in orders:
            for consignment in order.consignments:
                for need, _, quantity in consignment.goods.loads:
                    open_for[need] -= quantity
        unsupplied: dict[int, int] = {}
        too_big: dict[int, int] = {}
        slices = take_from(self.slices, taken)
        there = {piece.item for piece in slices}
        tried = {n for n, quantity in open_for.items() if quantity and not there.isdisjoint(problem.needs[n].items)}
        if not self.work.tries_again and all(quantity <= self._missing.get(n, 0) for n, quantity in open_for.items()):
            tried = {n for n in tried if self._sooner(problem.needs[n], slices)}
        for n, quantity in open_for.items():
            if quantity and n not in tried:
                unsupplied[n], open_for[n] = quantity, 0
        if any(open_for.values()):
            needs = tuple(
                replace(need, quantity=open_for[n], part=need.part if open_for[n] else "done")
                for n, need in enumerate(problem.needs)
            )
            wanted = with_needs(problem, needs)
            promising = self._promising(wanted, slices)
            quotas = self._quotas(orders, slices)
            for part in ("first_batch", "rest"):
                allotment = allot(wanted, slices, quotas, part, promising)
                consignments, excluded = pack(wanted, allotment.assigned)
                unsupplied.update(allotment.unmet)
                for need, _, quantity in excluded:
                    too_big[need] = too_big.get(need, 0) + quantity
                if self.work.by_hand:
                    sent = nearest_first(problem, consignments, timetable, passable=True)
                else:
                    sent = best_vehicle_first(problem, consignments, timetable, _most_people(problem), fill=True)
                timetable = decode(problem, sent, timetable).timetable
                orders = [*orders, *sent]
                slices, quotas = allotment.left, allotment.quotas
        return _Outcome(timetable, orders, slices, unsupplied, too_big)

    def _sooner(self, need: Need, slices: tuple[Slice, ...]) -> bool:
        """Whether a truck that leaves a near depot now with goods for a need arrives sooner than planned.

        So it is where a road opens early: what was left out because of it is worth another try.
        """
        legs, planned = self.state.problem.legs, self.basis.problem.legs
        if legs is planned:
            return False
        depots = {piece.depot for piece in slices if piece.item in need.items}
        for vehicle_class in self.state.problem.classes:
            near = sorted(depots, key=lambda depot: (legs.least(vehicle_class, depot, need.site), depot))
            for depot in near[:_NEAR]:
                leg = (vehicle_class, depot, need.site, self.now_ms)
                if legs.arrive(*leg) < planned.arrive(*leg):
                    return True
        return False

    def _promising(self, wanted: ReliefProblem, slices: tuple[Slice, ...]) -> Collection[str]:
        """Places whose goods come first where there are too few: those that can be in time."""
        if not self.work.diagnosed:
            return self.basis.promising
        due = place_bounds(wanted, slices, "first_batch")
        return [place for place, time in due.items() if time <= wanted.scenario.due_ms]

    def _quotas(self, orders: list[TripOrder], slices: tuple[Slice, ...]) -> dict[tuple[int, tuple[str, ...]], int]:
        """What higher tiers may still be asked for: the shortfall of the whole problem without what they send."""
        if not any(piece.rank for piece in slices):
            return {}
        whole = self.state.whole
        quotas = shortfall(whole, cut_lots(whole)) if self.work.diagnosed else dict(self.basis.quotas)
        sent = [(t.depot, s.goods.loads) for t in self.state.timetable.trips for s in t.stops]
        sent += [(order.depot, c.goods.loads) for order in orders for c in order.consignments]
        for depot, loads in sent:
            for need, _, quantity in loads:
                key = (whole.depots[depot].rank, whole.needs[need].items)
                if key in quotas:
                    quotas[key] = max(0, quotas[key] - quantity)
        return quotas

    def _urgent_first(self, consignment: Consignment) -> tuple[bool, float, str]:
        tasks = self.state.problem.tasks
        late = not any(tasks[task][0] in self.urgent for task in consignment.goods.tasks)
        return (late, *_most_people(self.state.problem)(consignment))

    def _scorer(self, found: _Outcome) -> Scorer:
        scorer = make_scorer(self.state.problem, self.places, [*found.unsupplied, *found.too_big])
        if not self.urgent:
            return scorer
        crowd = 1.0 + sum(scorer.people)
        first = [place in self.urgent for place, _ in self.state.problem.tasks]
        return replace(scorer, people=tuple(crowd if up else p for p, up in zip(scorer.people, first, strict=True)))


@dataclass(eq=False)
class _Outcome:
    """What planning came to."""

    timetable: Timetable
    orders: list[TripOrder]
    left: tuple[Slice, ...]
    unsupplied: dict[int, int]
    too_big: dict[int, int]


def _most_people(problem: ReliefProblem) -> Callable[[Consignment], tuple[float, str]]:
    """Most people for the least dock time first."""

    def key(consignment: Consignment) -> tuple[float, str]:
        goods = consignment.goods
        people = sum(problem.needs[n].weight / max(problem.needs[n].quantity, 1) * q for n, _, q in goods.loads)
        return (-people / max(problem.loading_time_ms(goods.weight_kg, goods.volume_m3), 1), goods.site)

    return key


def _diagnosed(state: Standing, made: Plan, known: Scenario, found: _Outcome) -> Plan:
    """The plan with its levels and the reasons for what is unmet."""
    whole = state.whole
    slices = cut_lots(whole)
    first, rest = place_bounds(whole, slices, "first_batch"), place_bounds(whole, slices, "rest")
    of = measure(made, known, whole.legs.roads)
    reached = of.places.loc[of.places["first_batch_needed"] & of.places["reachable"], "place"].tolist()
    # what has begun may be anywhere: of the levels only the roads that must be driven in any case are bounded
    bounds = Bounds((math.nan,) * 4 + (least_km(whole, reached),), frozenset(), first, rest)
    begun = [
        TripOrder(t.vehicle, t.depot, tuple(Consignment(t.depot, stop.goods) for stop in t.stops))
        for t in state.timetable.trips
    ]
    unmet = unmet_table(whole, slices, found.left, bounds, [*begun, *found.orders], found.timetable, found.unsupplied,
                        found.too_big)  # fmt: skip
    objective = with_bounds(of, bounds)
    meta = {**made.meta, "fingerprint": fingerprint(known), "versions": versions()}
    return replace(made, unmet=unmet, objective=objective, meta=meta)
