r"""The programme over trips that visit no task twice, with exact durations, on a grid of starts.

.. math::
    \min \sum_p C_p
    \quad \text{s.t.} \quad
    & C_p \ge c_p \sum_j f_{nj} t_{pj}\, x_j \;(n \in N_p), \quad
      C_p \ge c_p \sum_j (\text{whole} + \text{last})_{pj}\, t_{pj}\, x_j, \quad
      C_p \ge c_p \sum_j (\text{whole} + \tfrac12 \text{last} + \tfrac12 \text{before})_{pj}\, t_{pj}\, x_j \\
    & \sum_j (\text{whole} + \text{last})_{pj}\, x_j \ge 1, \quad
      \sum_j (\text{before} - \text{last})_{pj}\, x_j \ge 0, \quad
      \sum_j f_{nj} x_j \ge 1 && \text{stops, and shares of needs} \\
    & \sum_{j: s_j \le b < s_j + \lfloor \ell_j \rfloor} x_j \le n_d && \text{docks in block } b \\
    & w_{klb} + \sum_{j: s_j = b} x_j \le w_{kl,b-1} + \sum_{j: e_j = b} x_j + \sum_g y_{glb}
      && \text{vehicles that stand at } l \\
    & \sum_{j \in d} f_{nj} x_j \le g_{dn} && \text{stock, by a transport problem in } g \\
    & \sum_j \text{major}_{nj}\, x_j \le 1, \quad
      \sum_j \lfloor \tfrac12 \textstyle\sum_{n \in C} \text{major}_{nj} \rfloor x_j \le 1
      && \text{three needs } C

Starts and ends are rounded down to the grid, lengths of loading too: of two loadings at one dock the later begins no
sooner than the earlier ends, which then holds for the rounded ones, so that every plan is a point of it. Of the stops
of a task in parts one is the last, one is named that comes before it, and there may be more; the task is done no
sooner than the last, the mean of the two, and the mean of all by their shares of each need. Major is a trip for a need
of which it hands over more than half. The last rows are some of those of :mod:`models.relief_exact.cuts`; others are
those of :mod:`models.relief_exact.early_rows`. Where one vehicle unloads at a time, a stop that comes before the last
counts as later by the least time of an unloading.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.relief_exact.early_rows import EarlyRow, scarce_stock
from models.relief_exact.instance import TripInstance
from models.relief_exact.pricing import NO_WAY
from models.relief_exact.sequences import Sequences
from models.relief_exact.solver import highs, solved
from models.relief_exact.trip_columns import alike, all_plans, needs, no_columns
from models.traversal import NEVER

__all__ = ["MANY_ORDERS", "TripRows"]

_FEASIBLE = 50.0
"""Cost of a task left undone, to begin with."""

MANY_ORDERS = 5000
"""Orders of stops above which only the first bound is sought, in a simpler way: with fewer, more rows pay."""

_MOST_BITS = 62
"""Needs that are measured (whether a trip hands over more than half of them), none to two of each task."""


class TripRows:
    """Rows of the programme, and all of its columns but the trips.

    Parameters
    ----------
    instance : TripInstance
        With docks, vehicles and stock.
    sequences : Sequences
    per_ms : float64 array (p,)
        Cost of a task per ms until it is done.
    until_ms : float
        End of everything.
    block_ms : int
        The grid.
    split : bool
        Whether tasks may be done in parts.
    stretch : float
        Width of the stretches of loads beyond the floor.
    """

    def __init__(self, instance: TripInstance, sequences: Sequences, per_ms: NDArray[np.float64], until_ms: float,
                 block_ms: int, split: bool, stretch: float = 0.05) -> None:  # fmt: skip
        self.instance, self.of, self.per_ms, self.until_ms = instance, sequences, per_ms, until_ms
        self.block_ms, self.split = block_ms, split
        d, k, p = len(instance.docks), len(instance.capacity), len(instance.size)
        self.p = p
        self.first = (instance.start_ms[sequences.vehicle_type, sequences.depot] // block_ms).astype(np.int64)
        self.last = np.floor((until_ms - sequences.last_ms) / block_ms).astype(np.int64)
        self.blocks = b = max(1, int(self.last.max(initial=0)) + 1)
        self.stands = instance.at_ms.shape[1]
        self.edges = np.append(np.arange(instance.floor, max(instance.capacity.max(), instance.floor), stretch),
                               instance.capacity.max())  # fmt: skip
        self.apart = len(sequences) <= MANY_ORDERS
        self.apart_ms = float(instance.apart_ms) if self.apart else 0.0
        self.needs, self.weight = needs(instance, self.apart)
        self.measured = min(_MOST_BITS // p, 2, self.needs.shape[1]) if self.apart else 0
        self.root = all_plans(instance, split)
        self.task_of = np.zeros(len(self.weight), dtype=np.int64)
        self.task_of[self.needs[self.needs >= 0]] = np.nonzero(self.needs >= 0)[0]
        self.columns = no_columns(sequences.task.shape[1], self.needs.shape[1])
        self.cuts: list[tuple[int, int, int] | EarlyRow] = []
        self.scarce = scarce_stock(instance, until_ms, block_ms) if self.apart else []
        self._groups = alike(instance)
        supply = instance.supply
        self.together_ms, self.excess_ms = self._parts_ms()
        self.round_ms = block_ms + stretch * instance.loading_ms + 2.0
        self.late_ms = self._late_ms()
        n = len(self.weight)
        sizes = [p, p, n, n, 2 * p, p, d * p, d * b, k * self.stands * b, len(self._groups), p * self.measured]
        upper = [np.full(sum(sizes[:7]), np.inf), np.repeat(instance.docks.astype(float), b), np.zeros(sizes[8]),
                 np.array([float(count) for *_, count in self._groups]), np.ones(p * self.measured)]  # fmt: skip
        lower = [np.ones(p), np.zeros(p), np.ones(n), np.zeros(sum(sizes[3:7])), np.full(sum(sizes[7:]), -np.inf)]
        if supply is not None:
            rest = [np.zeros(d * n), supply.available, supply.asked, supply.limit]
            sizes += [len(part) for part in rest]
            upper += rest
            lower += [np.full(sum(map(len, rest[:2])), -np.inf), supply.asked, np.full(len(supply.limit), -np.inf)]
        at = np.concatenate([[0], np.cumsum(sizes)]).astype(int).tolist()
        self._early, self._share, self._by_need, self._time, self._further, self._part, self._dock = at[1:8]
        self._node, self._fleet, self._major, self._agg = at[8:12]
        self._stock, self._need, self._group = at[12:15] if supply is not None else (at[11],) * 3
        self.upper, self.lower = np.concatenate(upper), np.concatenate(lower)
        self._bindings = highs()
        self.solver = self._bindings._Highs()
        for option, value in (("output_flag", False), ("threads", 1)):
            self.solver.setOptionValue(option, value)
        inf, none = self._bindings.kHighsInf, np.zeros(len(self.upper), dtype=np.int32)
        self.solver.addRows(len(self.upper), np.where(np.isfinite(self.lower), self.lower, -inf),
                            np.where(np.isfinite(self.upper), self.upper, inf), 0, none, np.empty(0, np.int32),
                            np.empty(0))  # fmt: skip
        self._fixed()

    def _parts_ms(self) -> tuple[float, NDArray[np.float64]]:
        """What unloading may take longer than it is counted: tasks together; and each in part, (p,)."""
        of, unloading = self.instance, float(self.instance.unloading_ms)
        between = of.leg_ms[:, len(of.docks) :]
        together = unloading * of.floor if ((between < 0) & (between > NO_WAY)).any() else 0.0
        return together, unloading * np.maximum(0.0, of.size - of.floor)

    def _late_ms(self) -> float:
        """What the end of a stop may be rounded down by: start, load, and unloading of what is in part or together."""
        stop = self.together_ms + float(self.excess_ms.max()) + 1.0
        return self.round_ms + int(self.of.stops.max()) * stop

    def most_trips(self) -> float:
        """Trips that all vehicles can make at most."""
        of, i = self.of, self.instance
        on = self.last >= self.first
        result = 0.0
        for k, at_ms, count in self._groups:
            mine = on & (of.vehicle_type == k)
            if mine.any():
                once = float(of.last_ms[mine].min())
                again = max(1.0, once + float(i.back_ms[k].min()))
                room = self.until_ms + self.block_ms - min(at_ms) - once
                result += count * (1 + math.floor(room / again)) if room >= 0 else 0.0
        return result

    def _fixed(self) -> None:
        """What is left undone, flows of stock, costs of tasks, vehicles that come and that wait."""
        mine = [[need for need in of.tolist() if need >= 0] for of in self.needs]
        rows: list[Any] = [[n, *(self._share + need for need in mine[n])] for n in range(self.p)]
        values: list[Any] = [[1.0] * len(row) for row in rows]
        costs = [0.0] * self.p
        self._left = [(n, n, 1.0) for n in range(self.p)]
        supply, b = self.instance.supply, self.blocks
        if supply is not None:
            for a in range(len(supply.depot)):
                d, n = int(supply.depot[a]), int(supply.need[a])
                of, part = (n, 1 / supply.asked[n]) if self.apart else (int(supply.task[a]), float(supply.credit[a]))
                rows.append([self._agg + d * len(self.weight) + of, self._stock + int(supply.stock[a]), self._need + n])
                values.append([-float(part), 1.0, 1.0])
                if supply.group[a] >= 0:
                    rows[-1].append(self._group + int(supply.group[a]))
                    values[-1].append(1.0)
                costs.append(0.0)
            of_need = {int(n): int(task) for n, task in zip(supply.need, supply.task, strict=True)}
            self._left += [(len(rows) + n, of_need[n], 1.0 / supply.asked[n]) for n in range(len(supply.asked))]
            rows += [[self._need + n] for n in range(len(supply.asked))]
            values += [[1.0]] * len(supply.asked)
            costs += [0.0] * len(supply.asked)
        rows += [[*(self._by_need + need for need in mine[n]), self._time + n, self._time + self.p + n]
                 for n in range(self.p)]  # fmt: skip
        values += [[1.0] * len(row) for row in rows[-self.p :]]
        costs += [1.0] * self.p
        self._left += [(len(rows) + i, i % self.p, 1.0) for i in range(self._dock - self._further)]
        rows += [[row] for row in range(self._further, self._dock)]
        values += [[1.0]] * (self._dock - self._further)
        costs += [0.0] * (self._dock - self._further)
        for g, (k, at_ms, _) in enumerate(self._groups):
            for stand, time_ms in enumerate(at_ms):
                block = max(0, time_ms) // self.block_ms
                if time_ms < NEVER and block < b:
                    rows.append([self._node + (k * self.stands + stand) * b + block, self._fleet + g])
                    values.append([-1.0, 1.0])
                    costs.append(0.0)
        for place in range(len(self.instance.capacity) * self.stands):
            node = self._node + place * b
            rows += [[node + t, node + t + 1] for t in range(b - 1)]
            values += [[1.0, -1.0]] * (b - 1)
            costs += [0.0] * (b - 1)
        self._add(costs, rows, values)
        self._before = self.solver.getNumCol()
        self.undone(np.full(self.p, _FEASIBLE))

    def undone(self, cost: NDArray[np.float64]) -> None:
        """Set what tasks left undone cost, (p,): with any cost, bounds hold for plans by which all is done."""
        column, task, each = (np.array(of) for of in zip(*self._left, strict=True))
        self.solver.changeColsCost(len(column), column.astype(np.int32), cost[task] * each)

    def _add(self, costs: Any, rows: list[Any], values: list[Any]) -> None:
        if not rows:
            return
        sizes = np.array([len(row) for row in rows])
        first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        count = len(rows)
        self.solver.addCols(count, np.asarray(costs, float), np.zeros(count),
                            np.full(count, self._bindings.kHighsInf), int(sizes.sum()), first.astype(np.int32),
                            np.concatenate(rows).astype(np.int32), np.concatenate(values).astype(float))  # fmt: skip

    def solve(self, seconds: float) -> tuple[float, NDArray[np.float64]] | None:
        """Value and row duals; None if the solver does not finish in time."""
        result = solved(self.solver, seconds)
        if result is None:
            return None
        value, dual = result
        at = np.concatenate([np.where(self.needs >= 0, self._by_need + self.needs, -1).T,
                             self._time + np.arange(2 * self.p).reshape(2, self.p)])  # fmt: skip
        prices = np.where(at >= 0, np.maximum(0.0, dual[at]), 0.0)
        prices /= np.maximum(1.0, prices.sum(axis=0))
        dual[at[at >= 0]] = prices[at >= 0]
        return value, dual

    def worth(self, dual: NDArray[np.float64]) -> float:
        """What right-hand sides are worth."""
        rows, cuts = dual[: len(self.upper)], np.minimum(dual[len(self.upper) :], 0.0)
        most = np.array([cut.most if isinstance(cut, EarlyRow) else 1.0 for cut in self.cuts])
        sides = np.where(rows > 0, self.lower, self.upper)
        return float(rows @ np.where(np.isfinite(sides), sides, 0.0) + cuts @ most)
