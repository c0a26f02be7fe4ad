"""The stock of all depots on one night, by lot: set aside, issued, handed back; and proof that nothing is lost.

Physical stock is there; agreed stock is there from its lead time on, at its rate, if the supplier keeps its word. What
the plan gives to an earlier truck is kept for it until that truck's planned hour. If a lot falls short, other physical
stock of the same item that the plan does not need takes its place, what expires first going first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Mapping
from dataclasses import dataclass

from dispatch.planning.supply import Lot
from dispatch.simulation.draws import Draws
from dispatch.simulation.playbook import PlannedVehicle
from models.traversal import NEVER

__all__ = ["Cargo", "ConservationError", "LotKey", "PlannedIssue", "Store", "planned_issues"]

LotKey = tuple[str, str, str]
"""Depot, item, lot."""


def _take(free: list[tuple[int, int]], kept: int, quantity: int) -> tuple[int, list[tuple[int, int]]]:
    """Take units out of the sequence in which a lot comes in, leaving the first ``kept`` free ones to others.

    ``free`` are intervals (after, up to) of unit numbers; returns the last unit taken and what is free then.
    """
    skip = min(kept, sum(end - start for start, end in free) - quantity)
    left: list[tuple[int, int]] = []
    last = 0
    for start, end in free:
        passed = min(skip, end - start)
        skip -= passed
        taken = min(quantity, end - start - passed) if skip == 0 else 0
        quantity -= taken
        if taken:
            last = start + passed + taken
        left += [part for part in ((start, start + passed), (start + passed + taken, end)) if part[0] < part[1]]
    return last, left


class ConservationError(Exception):
    """Units of a lot appeared or vanished: the simulation is wrong, not the plan."""


@dataclass(frozen=True)
class Cargo:
    """Units of one lot on a vehicle: for which need of which place, and to be handed over at which stop."""

    stop: int
    need: str
    place: str
    depot: str
    item: str
    lot: str
    quantity: int
    unit_kg: float
    unit_m3: float


@dataclass(frozen=True)
class PlannedIssue:
    """What the plan takes from a lot for one trip."""

    rank: int
    load_start_ms: int
    quantity: int


def planned_issues(vehicles: tuple[PlannedVehicle, ...]) -> dict[LotKey, tuple[PlannedIssue, ...]]:
    """Issues that a plan foresees, by lot."""
    found: defaultdict[LotKey, list[PlannedIssue]] = defaultdict(list)
    for vehicle in vehicles:
        for trip in vehicle.trips:
            total: defaultdict[LotKey, int] = defaultdict(int)
            for stop in trip.stops:
                for load in stop.loads:
                    total[trip.depot, load.item, load.lot] += load.quantity
            for key, quantity in total.items():
                found[key].append(PlannedIssue(trip.rank, trip.load_start_ms, quantity))
    return {key: tuple(issues) for key, issues in found.items()}


class Store:
    """Lots with what happened to them so far. Units move only through its methods."""

    def __init__(
        self,
        lots: Mapping[tuple[str, str], tuple[Lot, ...]],
        issues: Mapping[LotKey, tuple[PlannedIssue, ...]],
        draws: Draws,
        reliability: Mapping[LotKey, float],
    ) -> None:
        self._lots = {(lot.depot, lot.item, lot.lot): lot for group in lots.values() for lot in group}
        self._order = lots
        self._open = {key: {issue.rank: issue for issue in of} for key, of in issues.items()}
        self._set_aside: defaultdict[LotKey, int] = defaultdict(int)
        self._issued: defaultdict[LotKey, int] = defaultdict(int)
        self._returned: defaultdict[LotKey, int] = defaultdict(int)
        self._delivered: defaultdict[LotKey, int] = defaultdict(int)
        self._coming: dict[LotKey, list[tuple[int, int]]] = {}
        self.failed = frozenset(key for key, kept in reliability.items() if not draws.kept("/".join(key), kept))
        """Agreed lots that do not come tonight."""

    def lot(self, key: LotKey) -> Lot | None:
        """A lot, None if there is no (valid) one of that name."""
        return self._lots.get(key)

    def set_aside(self, key: LotKey, rank: int, quantity: int, now_ms: int) -> tuple[int, int]:
        """Set units aside for a truck.

        Returns
        -------
        quantity : int
            How many there are for it, at most as many as asked for.
        ready_ms : int
            When they are all there; where the supplier fails, when that is known.
        """
        lot = self._lots.get(key)
        mine = self._open.get(key, {}).pop(rank, None)
        if lot is None:
            return 0, now_ms
        if key in self.failed:
            return 0, max(now_ms, lot.start_ms)
        kept = sum(
            issue.quantity
            for issue in self._open.get(key, {}).values()
            if mine is not None and issue.rank < mine.rank and issue.load_start_ms > now_ms
        )
        granted = min(quantity, lot.quantity - self._set_aside[key])
        self._set_aside[key] += granted
        if granted == 0 or lot.start_ms <= -NEVER:
            return granted, now_ms
        if key not in self._coming:
            self._coming[key] = [(0, lot.quantity)]
        last, self._coming[key] = _take(self._coming[key], kept, granted)
        return granted, max(now_ms, lot.released_ms(last))

    def substitute(self, key: LotKey, quantity: int, now_ms: int) -> list[tuple[LotKey, int]]:
        """Set aside other physical stock of the item that the plan does not need; as much as there is."""
        found: list[tuple[LotKey, int]] = []
        for lot in self._order.get(key[:2], ()):
            other = (lot.depot, lot.item, lot.lot)
            if other == key or lot.mode != "physical" or lot.until_ms <= now_ms or quantity == 0:
                continue
            wanted = sum(issue.quantity for issue in self._open.get(other, {}).values())
            take = min(quantity, lot.quantity - self._set_aside[other] - wanted)
            if take > 0:
                self._set_aside[other] += take
                quantity -= take
                found.append((other, take))
        return found

    def rebook(self, issues: Mapping[LotKey, tuple[PlannedIssue, ...]], kept: Container[int]) -> None:
        """What a new plan takes replaces what the old one was to take, but for the trips ``kept`` (ranks)."""
        for of in self._open.values():
            for rank in [rank for rank in of if rank not in kept]:
                del of[rank]
        for key, fresh in issues.items():
            self._open.setdefault(key, {}).update({issue.rank: issue for issue in fresh})

    def failed_by(self, now_ms: int) -> dict[LotKey, int]:
        """Agreed lots of which it is known at ``now_ms`` that they do not come, with what is left of them: nothing."""
        return {key: 0 for key in self.failed if key in self._lots and self._lots[key].start_ms <= now_ms}

    def forget(self, rank: int) -> None:
        """A trip will not load: what the plan kept for it is free."""
        for issues in self._open.values():
            issues.pop(rank, None)

    def issue(self, cargo: Cargo) -> None:
        """Move units that were set aside onto a vehicle."""
        key = (cargo.depot, cargo.item, cargo.lot)
        self._issued[key] += cargo.quantity
        if self._issued[key] > self._set_aside[key]:
            msg = f"{cargo.quantity} units of {key} leave the store, but they were not set aside"
            raise ConservationError(msg)
        self._balance(key)

    def hand_back(self, cargo: Cargo) -> None:
        """Take units back from a vehicle; they are not issued again on the same night."""
        key = (cargo.depot, cargo.item, cargo.lot)
        self._returned[key] += cargo.quantity
        self._balance(key)

    def deliver(self, cargo: Cargo) -> None:
        """Units are handed over and signed for."""
        key = (cargo.depot, cargo.item, cargo.lot)
        self._delivered[key] += cargo.quantity
        self._balance(key)

    def _balance(self, key: LotKey) -> None:
        """After every movement: no more left the store than was in it, and no more arrived than left."""
        lot = self._lots.get(key)
        issued, arrived = self._issued[key], self._delivered[key] + self._returned[key]
        if not 0 <= arrived <= issued <= (lot.quantity if lot else 0):
            msg = f"lot {key}: {lot.quantity if lot else 0} in stock, {issued} issued, {arrived} arrived"
            raise ConservationError(msg)

    def check(self, aboard: list[Cargo]) -> None:
        """Prove that every unit of every lot is in store, on a vehicle or delivered.

        Raises
        ------
        ConservationError
            If not.
        """
        carried: defaultdict[LotKey, int] = defaultdict(int)
        for cargo in aboard:
            carried[cargo.depot, cargo.item, cargo.lot] += cargo.quantity
        for key in {*self._lots, *self._issued, *carried}:
            lot = self._lots.get(key)
            out = carried[key] + self._delivered[key] + self._returned[key]
            if out != self._issued[key] or self._issued[key] > (lot.quantity if lot else 0):
                msg = (
                    f"lot {key}: {lot.quantity if lot else 0} in stock, {self._issued[key]} issued, but "
                    f"{carried[key]} on vehicles, {self._delivered[key]} delivered, {self._returned[key]} handed back"
                )
                raise ConservationError(msg)
