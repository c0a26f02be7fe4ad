"""What is certain at an instant of the night: begun trips followed and booked, what is still needed, what is free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from dispatch.planning.committed import Committed, PlanRows, follow
from dispatch.planning.news import News
from dispatch.planning.problem import Need, ReliefProblem
from dispatch.planning.slices import Slice, cut_lots
from dispatch.planning.spare import hand_over_spare
from dispatch.planning.timetable import Timetable
from models.traversal import NEVER

__all__ = ["Standing", "free_slices", "stand", "take_from", "with_needs"]


@dataclass(eq=False)
class Standing:
    """What is certain.

    Attributes
    ----------
    whole : ReliefProblem
        The whole night, past included, as known now.
    problem : ReliefProblem
        What is left of it: needs (same positions) without what begun trips bring; one of which nothing is left has
        the part ``done``.
    timetable : Timetable
        Begun trips booked; no vehicle sets out before now.
    kept : list of Committed
    remaining : dict of position of the need to units
    taken : dict of (depot, item, lot) to units
        Loaded or to be loaded by begun trips.
    changed, abandoned : list of trip ids
    out : set of vehicles that do not move again
    stuck : dict of vehicle to int
        Until when one stands because a begun trip could not go on; ``NEVER`` if it is cut off with goods aboard.
    lost : list of (depot, item, lot, units)
    """

    whole: ReliefProblem
    problem: ReliefProblem
    timetable: Timetable
    kept: list[Committed] = field(default_factory=list)
    remaining: dict[int, int] = field(default_factory=dict)
    taken: dict[tuple[str, str, str], int] = field(default_factory=dict)
    out: set[str] = field(default_factory=set)
    stuck: dict[str, int] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    abandoned: list[str] = field(default_factory=list)
    lost: list[tuple[str, str, str, int]] = field(default_factory=list)

    def book(self, trip: Committed) -> None:
        """Book a begun trip."""
        self.timetable.book(trip.timed(self.whole.counted))
        self.kept.append(trip)
        for loads in trip.lots:
            for need, item, lot, quantity in loads:
                self._take(trip.row["depot"], item, lot, quantity)
                self.remaining[need] = max(0, self.remaining[need] - quantity)

    def lose(self, depot: str, loads: list[tuple[str, str, int]]) -> None:
        """Note goods (item, lot, units) that were loaded and nobody gets."""
        for item, lot, quantity in loads:
            self._take(depot, item, lot, quantity)
            self.lost.append((depot, item, lot, quantity))
            book = self.timetable.stock
            if book.is_counted(depot, item):
                book.count(depot, item, quantity)
            else:
                book.reserve(depot, item, lot, quantity, self.whole.scenario.order_ms)

    def _take(self, depot: str, item: str, lot: str, quantity: int) -> None:
        key = (depot, item, lot)
        self.taken[key] = self.taken.get(key, 0) + quantity


def _promise(promised: dict[int, int], trip: Committed, sign: int) -> None:
    """Count what a begun trip, not booked yet, is to bring itself, by position of the need."""
    for loads in trip.lots:
        for need, _, _, quantity in loads:
            promised[need] = promised.get(need, 0) + sign * quantity


def stand(problem: ReliefProblem, rows: PlanRows, begun: tuple[str, ...], now_ms: int, news: News) -> Standing:
    """Follow and book begun trips: first those that go on as planned, then the others by their departure.

    A vehicle that was on its way to a depot that it cannot reach turns round and is back as late after ``now_ms`` as
    it set out before; one that is cut off with goods aboard is out.
    """
    state = Standing(problem, problem, Timetable(problem))
    state.remaining = {n: need.quantity for n, need in enumerate(problem.needs)}
    before = rows.trips
    ends = {trip: [int(stop["unload_end_ms"]) for stop in rows.stops.get(trip, ())] for trip in begun}
    number = {need.need: n for n, need in enumerate(problem.needs)}
    since: dict[str, tuple[int, int]] = {}
    late: list[tuple[str, str, int, int, Committed]] = []
    promised: dict[int, int] = {}
    for trip in sorted(begun, key=lambda trip: (before[trip]["depart_ms"], trip)):
        vehicle = str(before[trip]["vehicle"])
        driven, parked = since.get(vehicle, (0, -NEVER))
        held = news.held.get(vehicle, -NEVER)
        followed = follow(problem, state.timetable, rows, trip, now_ms, held, driven, parked, number)
        since[vehicle] = followed.parked
        as_planned = [stop["unload_end_ms"] for stop in followed.stops] == ends[trip]
        if as_planned and not (followed.spare or followed.expired):
            state.book(followed)
        else:
            late.append((trip, vehicle, driven, parked, followed))
            _promise(promised, followed, 1)
    stuck = state.stuck
    for trip, vehicle, driven, parked, first in late:
        held = news.held.get(vehicle, -NEVER)
        followed = follow(problem, state.timetable, rows, trip, now_ms, held, driven, parked, number)
        if followed.spare and held < NEVER:
            open_for = {n: max(0, units - promised.get(n, 0)) for n, units in state.remaining.items()}
            hand_over_spare(problem, state.timetable, followed, rows.class_of[vehicle], open_for)
        if followed.stops and not followed.abandoned:
            aboard = (*followed.spare, *followed.expired)
            state.lose(followed.row["depot"], [(item, lot, units) for _, item, lot, units in aboard])
            state.book(followed)
            _promise(promised, first, -1)
            state.changed.append(trip)
            if followed.spare and followed.here is not None and len(followed.here.edges):
                stuck[vehicle] = NEVER
            continue
        _promise(promised, first, -1)
        state.abandoned.append(trip)
        if int(before[trip]["load_start_ms"]) <= now_ms:
            state.lose(followed.row["depot"], followed.taken)
            stuck[vehicle] = NEVER
        else:
            stuck[vehicle] = 2 * now_ms - int(before[trip]["start_ms"])
    until = {
        vehicle: max(now_ms, news.held.get(vehicle, -NEVER), stuck.get(vehicle, -NEVER)) for vehicle in problem.vehicles
    }
    for vehicle, time in until.items():
        state.timetable.hold(vehicle, min(time, problem.end_ms + 1))
        if time > problem.end_ms:
            state.out.add(vehicle)
    needs = tuple(
        replace(need, quantity=state.remaining[n], part=need.part if state.remaining[n] else "done")
        for n, need in enumerate(problem.needs)
    )
    state.problem = with_needs(problem, needs)
    state.timetable.problem = state.problem
    return state


def with_needs(problem: ReliefProblem, needs: tuple[Need, ...]) -> ReliefProblem:
    """The same problem with other quantities or parts of its needs; what does not depend on them is not lost."""
    other = replace(problem, needs=needs)
    for name in ("counted", "weightless", "classes", "vehicle_at"):
        if name in problem.__dict__:
            other.__dict__[name] = problem.__dict__[name]
    return other


def free_slices(problem: ReliefProblem, taken: Mapping[tuple[str, str, str], int]) -> tuple[Slice, ...]:
    """Slices of all lots without what is taken, what is there first taken first."""
    result: list[Slice] = []
    for key, lots in problem.lots.items():
        for lot in lots:
            pieces = cut_lots(replace(problem, lots={key: (lot,)}))
            result.extend(take_from(pieces, {key: taken.get((*key, lot.lot), 0)}))
    return tuple(result)


def take_from(slices: tuple[Slice, ...], taken: Mapping[tuple[str, str], int]) -> tuple[Slice, ...]:
    """Slices without so many units by (depot, item), the first taken first; empty ones are left out."""
    left = dict(taken)
    result: list[Slice] = []
    for piece in slices:
        part = min(piece.quantity, left.get((piece.depot, piece.item), 0))
        if part:
            left[piece.depot, piece.item] -= part
        if piece.quantity > part:
            result.append(replace(piece, quantity=piece.quantity - part))
    return tuple(result)
