"""A waiting line before a number of equal servers: the docks of a depot, the unloading place of a village.

Without bookings it is first come, first served, and who comes in the same millisecond goes in the order of ``rank``.
With bookings (a plan gives each truck a server and an hour) the line goes in the plan's order, and a server that is
booked is kept free for the truck it is booked for until that truck's hour has come; nobody waits for a truck that is
late. A truck may take it before that if it will be done by then, or if its own hour has come.

The line is a heap of its own: SimPy's ``PriorityResource`` sorts its whole queue at every request.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Any

__all__ = ["Booking", "Line"]

_LAST_OF_INSTANT = 2
"""Scheduling priority after SimPy's URGENT (0) and NORMAL (1): every arrival of the instant is in line by then."""


@dataclass(frozen=True, order=True)
class Booking:
    """Server ``server`` (1 …) is planned for the one with this ``rank`` from ``start_ms`` on."""

    start_ms: int
    rank: int
    server: int


class Line:
    """Servers 1 … ``servers`` and the line before them, in one SimPy environment.

    A process waits with ``server, cause = yield line.request(rank, length_ms)``: the number of the server it got, and
    what its predecessor passed to :meth:`release` (-1 if it did not wait for one).

    Parameters
    ----------
    env : simpy.Environment
    servers : int
    bookings : iterable of Booking
        Ranks in the order of ``start_ms``. Who comes without one, besides, counts as one whose hour has come.
    """

    def __init__(self, env: Any, servers: int, bookings: Iterable[Booking] = ()) -> None:
        self._env = env
        self._free = list(range(1, servers + 1))
        heapify(self._free)
        self._booked = {booking.rank: booking for booking in bookings}
        self._pending = dict(self._booked)
        self._waiting: list[tuple[Any, int, int, int, Any]] = []
        self._count = 0
        self._released = -1
        self._asked: set[int] = set()

    @property
    def busy(self) -> bool:
        """Whether no server is free, or others are in line."""
        return not self._free or len(self._waiting) > 0

    def request(self, rank: int, length_ms: int = 0, prefers: Callable[[int], float] | None = None) -> Any:
        """Join the line; the event succeeds when a server is assigned.

        ``length_ms``: how long it will be kept. ``prefers``: of the free servers the one for which this is least (the
        nearest), where nothing is booked; else the one with the lowest number.
        """
        event = self._env.event()
        self._count += 1
        first = 0 if self._booked else self._env.now
        heappush(self._waiting, (first, rank, self._count, length_ms, (self._env.now, event, prefers)))
        self._serve_at(self._env.now)
        return event

    def release(self, server: int, cause: int = -1) -> None:
        """Give a server back; ``cause`` is handed to the next in line."""
        heappush(self._free, server)
        self._released = cause
        self._serve_at(self._env.now)

    def cancel(self, rank: int) -> None:
        """Drop the booking of one who will not come."""
        if self._pending.pop(rank, None) is not None:
            self._serve_at(self._env.now)

    def rebook(self, bookings: Iterable[Booking], kept: Container[int]) -> None:
        """Replace the bookings of all but those ``kept`` (ranks): a new plan is in force."""
        for rank in [rank for rank in self._booked if rank not in kept]:
            del self._booked[rank]
            self._pending.pop(rank, None)
        fresh = {booking.rank: booking for booking in bookings}
        self._booked.update(fresh)
        self._pending.update(fresh)
        self._serve_at(self._env.now)

    def _serve_at(self, time_ms: int) -> None:
        if not self._free or not self._waiting or time_ms in self._asked:
            return
        self._asked.add(time_ms)
        instant_over = self._env.event()
        instant_over.callbacks.append(self._serve)
        instant_over._ok = True
        instant_over._value = time_ms
        self._env.schedule(instant_over, priority=_LAST_OF_INSTANT, delay=time_ms - self._env.now)

    def _serve(self, instant: Any) -> None:
        self._asked.discard(instant._value)
        if not self._pending:
            while self._free and self._waiting:
                entry = heappop(self._waiting)
                prefers = entry[-1][-1]
                self._assign(
                    entry, self._free[0] if prefers is None else min(self._free, key=lambda s: (prefers(s), s))
                )
            return
        for entry in sorted(self._waiting):
            server = self._server_for(entry) if self._free else None
            if server is not None:
                self._waiting.remove(entry)
                self._assign(entry, server)
        heapify(self._waiting)
        if self._free and self._waiting:
            hours = [b.start_ms for b in self._pending.values() if b.start_ms > self._env.now]
            if hours:
                self._serve_at(min(hours))

    def _assign(self, entry: tuple[Any, int, int, int, Any], server: int) -> None:
        _, rank, _, _, (since, event, _) = entry
        self._free.remove(server)
        heapify(self._free)
        self._pending.pop(rank, None)
        event.succeed((server, self._released if self._env.now > since else -1))

    def _server_for(self, entry: tuple[Any, int, int, int, Any]) -> int | None:
        """A free server that this one may take now: its own if possible, else the first."""
        _, rank, _, length_ms, _ = entry
        own = self._booked.get(rank, Booking(self._env.now, rank, 0))
        for server in sorted(self._free, key=lambda s: (s != own.server, s)):
            if own.start_ms <= self._env.now or self._gap(server, rank, length_ms):
                return server
        return None

    def _gap(self, server: int, rank: int, length_ms: int) -> bool:
        """Whether a server is not booked for anybody else whose hour is to come before this one would be done."""
        now = self._env.now
        done = now + length_ms
        for booking in self._pending.values():  # a plain loop: asked thousands of times a night
            if booking.server == server and now < booking.start_ms < done and booking.rank != rank:
                return False
        return True
