"""Reservations of lots over time: what is still to be had, when, and from which lot first.

Stock that is all there when its depot opens and does not expire within the horizon only needs counting; lots of other
stock are chosen at once, in order of issue, and never starve a reservation made before.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Mapping

from dispatch.planning.supply import Lot
from models.traversal import NEVER

__all__ = ["StockBook"]


class StockBook:
    """Lots by (depot, item) with the reservations made so far; a reservation is never moved."""

    def __init__(self, lots: Mapping[tuple[str, str], tuple[Lot, ...]], counted: Iterable[tuple[str, str]]) -> None:
        self._lots = lots
        self._counted = frozenset(counted)
        self._left = {key: sum(lot.quantity for lot in of) for key, of in lots.items()}
        self._taken: dict[tuple[str, str], list[list[tuple[int, int]]]] = {}

    def copy(self) -> StockBook:
        """Return an independent copy."""
        other = StockBook.__new__(StockBook)
        other._lots = self._lots
        other._counted = self._counted
        other._left = dict(self._left)
        other._taken = {key: [list(taken) for taken in lists] for key, lists in self._taken.items()}
        return other

    def is_counted(self, depot: str, item: str) -> bool:
        """Whether lots of this stock only need counting."""
        return (depot, item) in self._counted

    def left(self, depot: str, item: str) -> int:
        """Units not reserved, whenever they are released."""
        return self._left.get((depot, item), 0)

    def reserved(self, depot: str, item: str) -> list[tuple[int, int]]:
        """Reservations (time, quantity) of stock that does not only need counting, of all its lots."""
        return [taken for lot in self._taken.get((depot, item), ()) for taken in lot]

    def ready_ms(self, depot: str, item: str, quantity: int, from_ms: int) -> int:
        """Earliest time from ``from_ms`` on at which ``quantity`` units can be taken; ``NEVER`` if there are fewer."""
        key = (depot, item)
        if self._left.get(key, 0) < quantity:
            return NEVER
        if key in self._counted or self._slack_of_all(key, from_ms) >= quantity:
            return from_ms
        latest = from_ms
        lists = self._taken.get(key)
        for k, lot in enumerate(self._lots[key]):
            latest = max(latest, lot.released_ms(lot.quantity), *(time for time, _ in (lists[k] if lists else [])))
        low = from_ms
        while latest - low > 1:
            middle = (low + latest) // 2
            if self._slack_of_all(key, middle) >= quantity:
                latest = middle
            else:
                low = middle
        return latest

    def _slack_of_all(self, key: tuple[str, str], at_ms: int) -> int:
        return sum(self._slack(key, k, at_ms) for k in range(len(self._lots[key])))

    def _slack(self, key: tuple[str, str], k: int, at_ms: int) -> int:
        """Units of the ``k``-th lot that may be taken at ``at_ms`` without starving a reservation."""
        lot = self._lots[key][k]
        lists = self._taken.get(key)
        taken = lists[k] if lists else []
        before = sum(quantity for time, quantity in taken if time <= at_ms)
        slack = lot.available(at_ms) - before
        for time, quantity in taken:
            if time > at_ms:
                before += quantity
                slack = min(slack, lot.available(time) - before)
        return max(0, slack)

    def choose(
        self, depot: str, loads: Iterable[tuple[str, int, int]], at_ms: int
    ) -> tuple[list[tuple[tuple[str, int], ...]], list[int]]:
        """Choose lots for loads taken together at ``at_ms``, without reserving.

        Parameters
        ----------
        depot : str
        loads : iterable of (item, quantity, time unloaded)
        at_ms : int

        Returns
        -------
        lots : list of tuple of (lot, quantity)
            For each load, in order of issue, only lots still valid when it is unloaded.
        missing : list of int
            Units of each load for which there is no lot.
        """
        used: dict[tuple[str, int], int] = {}
        chosen: list[tuple[tuple[str, int], ...]] = []
        missing: list[int] = []
        for item, quantity, unloaded_ms in loads:
            parts: list[tuple[str, int]] = []
            for k, lot in enumerate(self._lots.get((depot, item), ())):
                if quantity == 0:
                    break
                if unloaded_ms >= lot.until_ms:
                    continue
                take = min(quantity, self._slack((depot, item), k, at_ms) - used.get((item, k), 0))
                if take > 0:
                    parts.append((lot.lot, take))
                    used[item, k] = used.get((item, k), 0) + take
                    quantity -= take
            chosen.append(tuple(parts))
            missing.append(quantity)
        return chosen, missing

    def reserve(self, depot: str, item: str, lot: str, quantity: int, at_ms: int) -> None:
        """Reserve units of a lot at ``at_ms``."""
        key = (depot, item)
        lots = self._lots[key]
        lists = self._taken.setdefault(key, [[] for _ in lots])
        self._left[key] -= quantity
        for k, candidate in enumerate(lots):
            if candidate.lot == lot:
                insort(lists[k], (at_ms, quantity))

    def count(self, depot: str, item: str, quantity: int) -> None:
        """Reserve units of stock that only needs counting."""
        self._left[depot, item] -= quantity
