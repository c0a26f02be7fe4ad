r"""The linear programme over trips, made trip by trip in HiGHS.

.. math::
    \min \sum_j c_j x_j + \sum_p h_p u_p
    \quad \text{s.t.} \quad
    & \sum_j f_{pj} x_j + u_p \ge 1 \\
    & \sum_j \min(\ell_j, (\tau - s_j)^+) x_j \le n_d (\tau - r_d)^+ && \text{work of a depot's docks by } \tau \\
    & \sum_{j: b \in [s_j, s_j + \lfloor\ell_j\rfloor)} x_j \le n_d(b) && \text{docks in block } b \\
    & w_{klb} + \sum_{j: s_j = b} x_j \le w_{kl,b-1} + \sum_{j: e_j = b} x_j + \sum_g y_{glb}, \quad
      \sum_l y_{gl} \le v_g && \text{vehicles that stand at } l \\
    & \sum_{j \in d} f_{pj} x_j \le \sum_a \gamma_a g_a && \text{stock, by a transport problem in } g

with, for trip ``j``, parts ``f`` of tasks, start ``s``, length of loading ``ℓ``, and ``e`` when its vehicle stands at a
depot again; vehicles ``y`` that come from their bases, and ``w`` that wait. Where driving times do not depend on the
hour, a trip that starts between two grid points is a mean of two trips that start at them, for which all rows hold;
else its docks are those of a start one block later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.relief_exact.instance import TripInstance
from models.relief_exact.solver import highs, solved
from models.relief_exact.trip_columns import alike

__all__ = ["Master", "Prices", "Trip"]


@dataclass(frozen=True, eq=False)
class Trip:
    """A trip on the grid.

    ``stops``: (task, part of it, slot in which it is done, slot that it counts as); ``end_stand``, ``end_block``: where
    and when its vehicle stands again (-1: it makes no other trip);
    ``load_ms``, ``dock_ms``: least duration of loading and least dock time.
    """

    vehicle_type: int
    depot: int
    start_block: int
    load_ms: float
    dock_ms: float
    end_stand: int
    end_block: int
    stops: tuple[tuple[int, float, int, int], ...]

    @property
    def last_slot(self) -> int:
        """Slot of the last stop."""
        return self.stops[-1][2]


class Master:
    """Rows of the programme and the trips so far; ``row_dual`` by kind after :meth:`solve`."""

    def __init__(self, instance: TripInstance, last_slot: int, late_cost: NDArray[np.float64], between: bool) -> None:
        self.instance = instance
        self.blocks = last_slot // instance.block + 1
        self._late = late_cost
        self._shift = 0 if between else 1
        p, d, k, b = len(instance.size), len(instance.docks), len(instance.capacity), self.blocks
        self._cover = 0
        self._work = self._cover + p
        self._dock = self._work + d * b
        self._node = self._dock + d * b
        self._groups = alike(instance)
        self._fleet = self._node + k * instance.at_ms.shape[1] * b
        self._share = self._fleet + len(self._groups)
        self._bindings = highs()
        self.solver = self._bindings._Highs()
        self.solver.setOptionValue("output_flag", False)
        self.solver.setOptionValue("threads", 1)
        supply = instance.supply
        nodes = np.zeros(self._fleet - self._node)
        counts = np.array([float(count) for *_, count in self._groups])
        upper = [self._work_limits(), self._dock_limits(), nodes, counts]
        if supply is not None:
            upper += [np.zeros(d * p), supply.available, supply.asked, supply.limit]
        self.upper = np.concatenate([np.full(p, np.inf), *(u.ravel() for u in upper)])
        self.lower = np.concatenate([np.ones(p), np.full(len(self.upper) - p, -np.inf)])
        self._add_rows()
        rows, values, first, costs = self._fixed_columns()
        self._add(costs, first, rows, values)
        self._add_vehicles()

    def _work_limits(self) -> NDArray[np.float64]:
        """Dock time (in blocks) of each depot up to the end of each block."""
        of = self.instance
        begin = of.start_ms.min(axis=0)
        ends = (np.arange(self.blocks) + 1.0) * of.block_ms
        room: NDArray[np.float64] = np.maximum(0.0, ends - begin[:, None].astype(float)) / of.block_ms
        return np.asarray(room * of.docks[:, None])

    def _dock_limits(self) -> NDArray[np.float64]:
        work = self._work_limits()
        return np.diff(work, axis=1, prepend=0.0)

    def _add_rows(self) -> None:
        inf = self._bindings.kHighsInf
        lower = np.where(np.isfinite(self.lower), self.lower, -inf)
        upper = np.where(np.isfinite(self.upper), self.upper, inf)
        none = np.zeros(len(lower), dtype=np.int32)
        self.solver.addRows(len(lower), lower, upper, 0, none, np.empty(0, np.int32), np.empty(0))

    def _fixed_columns(self) -> Any:
        """What is late, and the flows of stock."""
        p = len(self.instance.size)
        rows, values, first = [np.arange(p)], [np.ones(p)], [np.arange(p)]
        costs = [self._late]
        supply = self.instance.supply
        if supply is not None:
            stock = self._share + len(self.instance.docks) * p
            need = stock + len(supply.available)
            group = need + len(supply.asked)
            at = p
            for a in range(len(supply.depot)):
                of = [
                    self._share + supply.depot[a] * p + supply.task[a],
                    stock + supply.stock[a],
                    need + supply.need[a],
                ]
                by = [-supply.credit[a], 1.0, 1.0]
                if supply.group[a] >= 0:
                    of.append(group + supply.group[a])
                    by.append(1.0)
                rows.append(np.array(of))
                values.append(np.array(by))
                first.append(np.array([at]))
                costs.append(np.zeros(1))
                at += len(of)
        return np.concatenate(rows), np.concatenate(values), np.concatenate(first), np.concatenate(costs)

    def _add_vehicles(self) -> None:
        """Vehicles that come to where they stand (in two blocks, where starts are means of two), and wait there."""
        b, stands = self.blocks, self.instance.at_ms.shape[1]
        rows: list[NDArray[np.int64]] = []
        values: list[NDArray[np.float64]] = []
        for g, (k, at_ms, _) in enumerate(self._groups):
            for stand, time_ms in enumerate(at_ms):
                block, past = divmod(max(0, time_ms), self.instance.block_ms)
                if block >= b:
                    continue
                node = self._node + (k * stands + stand) * b + block
                part = past / self.instance.block_ms if self._shift == 0 else 0.0
                last = block + 1 == b
                rows.append(np.array([node, self._fleet + g] if last else [node, node + 1, self._fleet + g]))
                values.append(np.array([part - 1.0, 1.0] if last else [part - 1.0, -part, 1.0]))
        for place in range(len(self.instance.capacity) * stands):
            nodes = self._node + place * b + np.arange(b - 1)
            rows += [np.array([node, node + 1]) for node in nodes.tolist()]
            values += [np.array([1.0, -1.0])] * (b - 1)
        first = np.concatenate([[0], np.cumsum([len(row) for row in rows])[:-1]]) if rows else np.empty(0)
        if rows:
            self._add(np.zeros(len(rows)), first, np.concatenate(rows), np.concatenate(values))

    def _add(self, costs: Any, first: Any, rows: Any, values: Any) -> None:
        count = len(costs)
        self.solver.addCols(
            count, np.asarray(costs, float), np.zeros(count), np.full(count, self._bindings.kHighsInf), len(rows),
            np.asarray(first, np.int32), np.asarray(rows, np.int32), np.asarray(values, float),
        )  # fmt: skip

    def work_of(self, dock_ms: float) -> NDArray[np.float64]:
        """Dock time (blocks) up to the end of each block of a loading that starts in each block: (start, block)."""
        length = dock_ms / self.instance.block_ms
        starts = np.arange(self.blocks)[:, None] + self._shift
        return np.clip(np.arange(self.blocks)[None, :] + 1.0 - starts, 0.0, length)

    def add(self, trips: list[Trip], time_cost: NDArray[np.float64]) -> None:
        """Add trips; a part of a task done in slot ``t`` costs ``time_cost * t``."""
        b, p = self.blocks, len(self.instance.size)
        rows: list[Any] = []
        values: list[Any] = []
        first, costs, at = [], [], 0
        for trip in trips:
            of, by = [], []
            for task in {stop[0] for stop in trip.stops}:
                part = sum(stop[1] for stop in trip.stops if stop[0] == task)
                of.append(np.array([self._cover + task]))
                by.append(np.array([part]))
                if self.instance.supply is not None:
                    of.append(np.array([self._share + trip.depot * p + task]))
                    by.append(np.array([part]))
            s = trip.start_block
            length = trip.load_ms / self.instance.block_ms
            used = np.clip(np.arange(s, b) + 1.0 - s - self._shift, 0.0, trip.dock_ms / self.instance.block_ms)
            of.append(self._work + trip.depot * b + np.arange(s, b))
            by.append(used)
            of.append(self._dock + trip.depot * b + np.arange(s + self._shift, min(b, s + int(length + 1e-9))))
            by.append(np.ones(len(of[-1])))
            home = self._node + trip.vehicle_type * self.instance.at_ms.shape[1] * b
            start, end = self.instance.stand[trip.depot] * b + s, trip.end_stand * b + trip.end_block
            if trip.end_stand < 0 or trip.end_block >= b:
                of.append(np.array([home + start]))
                by.append(np.ones(1))
            elif start != end:
                of.append(np.array([home + start, home + end]))
                by.append(np.array([1.0, -1.0]))
            rows += of
            values += by
            first.append(at)
            at += sum(len(x) for x in of)
            costs.append(sum(f * time_cost[n] * t for n, f, _, t in trip.stops))
        if trips:
            self._add(np.array(costs), np.array(first), np.concatenate(rows), np.concatenate(values))

    def solve(self, seconds: float) -> tuple[float, NDArray[np.float64]] | None:
        """Value and row duals; None if the solver does not finish in time."""
        return solved(self.solver, seconds)

    def solve_whole(self, trips: int, seconds: float) -> NDArray[np.float64] | None:
        """Best point found at which each of the last ``trips`` columns is whole and nothing is late in part."""
        columns = self.solver.getNumCol()
        tasks = np.arange(len(self.instance.size))
        whole = np.concatenate([tasks, np.arange(columns - trips, columns)]).astype(np.int32)
        kinds = [self._bindings.HighsVarType.kInteger] * len(whole)
        for column, kind in zip(whole.tolist(), kinds, strict=True):
            self.solver.changeColIntegrality(column, kind)
        self.solver.setOptionValue("time_limit", float(self.solver.getRunTime() + max(seconds, 0.05)))
        self.solver.setOptionValue("mip_rel_gap", 1e-3)
        self.solver.run()
        info = self.solver.getInfo()
        if info.primal_solution_status != int(self._bindings.SolutionStatus.kSolutionStatusFeasible):
            return None
        return np.array(self.solver.getSolution().col_value)

    def worth(self, dual: NDArray[np.float64]) -> float:
        """What the right-hand sides are worth under duals that are feasible for the columns."""
        p = len(self.instance.size)
        return float(dual[:p].sum() + dual[p:] @ self.upper[p:])

    def prices(self, dual: NDArray[np.float64]) -> Prices:
        """Duals by kind, as prices (≥ 0)."""
        p, d, k, b = len(self.instance.size), len(self.instance.docks), len(self.instance.capacity), self.blocks
        shares = (
            np.maximum(0.0, -dual[self._share : self._share + d * p]).reshape(d, p)
            if self.instance.supply is not None
            else np.zeros((d, p))
        )
        return Prices(
            np.maximum(0.0, dual[:p]),
            np.maximum(0.0, -dual[self._work : self._dock]).reshape(d, b),
            np.maximum(0.0, -dual[self._dock : self._node]).reshape(d, b),
            np.maximum(0.0, -dual[self._node : self._fleet]).reshape(k, -1, b),
            shares,
            self._shift,
        )


@dataclass(frozen=True, eq=False)
class Prices:
    """Of tasks (p,), dock work and docks (d, b), vehicles by where they stand (k, l, b), shares from depots (d, p)."""

    task: NDArray[np.float64]
    work: NDArray[np.float64]
    dock: NDArray[np.float64]
    vehicle: NDArray[np.float64]
    share: NDArray[np.float64]
    shift: int

    def load_cost(
        self, master: Master, depot: int, load_ms: NDArray[np.float64], dock_ms: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Price of loading by start and units: (blocks, units + 1)."""
        blocks = master.blocks
        result = np.empty((blocks, len(load_ms)))
        below = np.concatenate([[0.0], np.cumsum(self.dock[depot])])
        starts = np.minimum(np.arange(blocks) + self.shift, blocks)
        for q, length in enumerate(load_ms):
            if q and length == load_ms[q - 1] and dock_ms[q] == dock_ms[q - 1]:
                result[:, q] = result[:, q - 1]
                continue
            ends = np.minimum(np.arange(blocks) + int(length / master.instance.block_ms + 1e-9), blocks)
            work = master.work_of(dock_ms[q]) @ self.work[depot]
            result[:, q] = work + below[np.maximum(starts, ends)] - below[starts]
        return result

    def end_cost(self, instance: TripInstance, vehicle_type: int, last_slot: int) -> NDArray[np.float64]:
        """Worth of a vehicle that is done with a task in a slot, wherever it goes: (p, slots + 1), not positive."""
        price = self.vehicle[vehicle_type]
        slots = np.arange(last_slot + 1) * float(instance.step_ms)
        blocks = ((slots[None, None] + instance.back_ms[vehicle_type][..., None]) / instance.block_ms).astype(np.int64)
        known = np.concatenate([price, np.zeros((len(price), 1))], axis=1)
        blocks = np.minimum(blocks, price.shape[1])
        return -np.asarray(known[np.arange(len(price))[None, :, None], blocks].max(axis=1))

    def end(self, instance: TripInstance, vehicle_type: int, task: int, slot: int) -> tuple[int, int]:
        """Where and when a vehicle stands that is done with a task; (-1, -1) if it is worth nothing anywhere."""
        price = self.vehicle[vehicle_type]
        back_ms = instance.back_ms[vehicle_type, task]
        blocks = ((slot * instance.step_ms + back_ms) / instance.block_ms).astype(np.int64)
        worth = [price[at, b] if b < price.shape[1] else 0.0 for at, b in enumerate(blocks.tolist())]
        best = int(np.argmax(worth))
        if worth[best] > 0:
            return best, int(blocks[best])
        best = int(np.argmin(blocks))
        return (best, int(blocks[best])) if blocks[best] < price.shape[1] else (-1, -1)
