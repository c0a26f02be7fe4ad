r"""The programme over trips that visit no task twice, with exact durations, on a grid of starts.

.. math::
    \min \sum_j c_j x_j
    \quad \text{s.t.} \quad
    & \sum_j (\text{whole} + \tfrac12 \text{part})_{pj}\, x_j \ge 1, \quad
      \sum_j f_{pj} x_j \ge 1 && \text{stops and shares} \\
    & \sum_{j: s_j \le b < s_j + \lfloor \ell_j \rfloor} x_j \le n_d && \text{docks in block } b \\
    & w_{klb} + \sum_{j: s_j = b} x_j \le w_{kl,b-1} + \sum_{j: e_j = b} x_j + \sum_g y_{glb}
      && \text{vehicles that stand at } l \\
    & \text{whole}_{dn} \le g_{dn}, \quad \sum_{j \in d} f_{pj} x_j \le \sum_a \gamma_a g_a
      && \text{stock, by a transport problem in } g \\
    & \sum_j \lfloor \tfrac12 \textstyle\sum_{p \in C} \text{whole}_{pj} \rfloor x_j \le 1 && \text{three tasks } C

Starts and ends are rounded down to the grid, lengths of loading too: of two loadings at one dock the later begins no
sooner than the earlier ends, which then holds for the rounded ones, so that every plan is a point of it. What is in
part costs its share of the time; a task in part has two stops at least. The last rows are cuts (subset rows, Jepsen,
Petersen, Spoorendonk, Pisinger 2008).
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.relief_exact.instance import TripInstance
from models.relief_exact.sequences import Sequences
from models.relief_exact.solver import highs, solved
from models.relief_exact.trip_columns import (
    Branch,
    TripColumns,
    alike,
    all_kinds,
    as_columns,
    broken_triples,
    no_columns,
    supplied,
)
from models.relief_exact.trip_prices import cheapest
from models.traversal import NEVER

__all__ = ["Programme"]

_THREADS, _MANY = 2, 1000
"""Searches at the same time where there are more orders of stops than so many; the answer does not depend on it."""

_SLACK = 50.0
"""Cost of a task left undone, beyond twice that of all tasks done last."""


class Programme:
    """Rows, and the trips so far.

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
        self.columns = no_columns(sequences.task.shape[1])
        self.root = Branch(
            np.ones((d, p), dtype=np.bool_) if instance.supply is None else all_kinds(instance),
            np.full(p, split), np.ones((p, p), dtype=np.bool_), np.full(p, -np.inf), np.full(p, np.inf),
        )  # fmt: skip
        self.cuts: list[tuple[int, int, int]] = []
        self._groups = alike(instance)
        supply = instance.supply
        self._pairs = supplied(instance)
        sizes = [p, p, d * b, k * self.stands * b, len(self._groups)]
        upper = [np.full(2 * p, np.inf), np.repeat(instance.docks.astype(float), b), np.zeros(sizes[3]),
                 np.array([float(count) for *_, count in self._groups])]  # fmt: skip
        lower = [np.ones(2 * p), np.full(sum(sizes[2:]), -np.inf)]
        if supply is not None:
            rest = [np.zeros(len(self._pairs)), np.zeros(d * p), supply.available, supply.asked, supply.limit]
            sizes += [len(part) for part in rest]
            upper += rest
            lower += [np.full(sum(map(len, rest[:3])), -np.inf), supply.asked, np.full(len(supply.limit), -np.inf)]
        at = np.concatenate([[0], np.cumsum(sizes)]).astype(int).tolist()
        self._share, self._dock, self._node, self._fleet, self._low = at[1:6]
        self._agg, self._stock, self._need, self._group = at[6:10] if supply is not None else (at[5],) * 4
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
        """What is left undone (dear), flows of stock, vehicles that come and that wait."""
        rows: list[Any] = [[n, self._share + n] for n in range(self.p)]
        values: list[Any] = [[1.0, 1.0]] * self.p
        undone = _SLACK + 2 * float(self.per_ms.sum()) * self.until_ms
        costs = [undone] * self.p
        supply, b = self.instance.supply, self.blocks
        if supply is not None:
            number = {(depot, need): i for i, (depot, need, _) in enumerate(self._pairs)}
            for a in range(len(supply.depot)):
                d, n = int(supply.depot[a]), int(supply.need[a])
                rows.append([self._low + number[d, n], self._agg + d * self.p + int(supply.task[a]),
                             self._stock + int(supply.stock[a]), self._need + n])  # fmt: skip
                values.append([-1.0 / supply.asked[n], -float(supply.credit[a]), 1.0, 1.0])
                if supply.group[a] >= 0:
                    rows[-1].append(self._group + int(supply.group[a]))
                    values[-1].append(1.0)
                costs.append(0.0)
            rows += [[self._need + n] for n in range(len(supply.asked))]
            values += [[1.0]] * len(supply.asked)
            costs += (undone / supply.asked).tolist()
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

    def _add(self, costs: Any, rows: list[Any], values: list[Any]) -> None:
        if not rows:
            return
        sizes = np.array([len(row) for row in rows])
        first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        count = len(rows)
        self.solver.addCols(count, np.asarray(costs, float), np.zeros(count),
                            np.full(count, self._bindings.kHighsInf), int(sizes.sum()), first.astype(np.int32),
                            np.concatenate(rows).astype(np.int32), np.concatenate(values).astype(float))  # fmt: skip

    def add(self, columns: TripColumns) -> None:
        """Add trips."""
        of, b = self.of, self.blocks
        low: dict[tuple[int, int], list[int]] = {}
        for i, (depot, _, task) in enumerate(self._pairs):
            low.setdefault((depot, task), []).append(self._low + i)
        rows, values, costs = [], [], []
        unload = self.unloading()
        for c in range(len(columns)):
            j, s = int(columns.sequence[c]), int(columns.start[c])
            d, k = int(of.depot[j]), int(of.vehicle_type[j])
            row, value = [], []
            mask, at, cost = 0, float(columns.load_ms[c]) + self.instance.convoy_ms, 0.0
            handing = 0.0
            for i in range(int(of.stops[j])):
                n, f = int(of.task[j, i]), float(columns.share[c, i])
                part = bool(int(columns.part[c]) >> i & 1)
                handing += unload[1 if part else 0][n]
                cost += f * self.per_ms[n] * (s * self.block_ms + at + of.drive_ms[j, i] + handing)
                row.append(n)
                value.append(0.5 if part else 1.0)
                if f > 0:
                    row.append(self._share + n)
                    value.append(f)
                    if self.instance.supply is not None:
                        row.append(self._agg + d * self.p + n)
                        value.append(f)
                if not part:
                    mask |= 1 << n
                    of_whole = low.get((d, n), [])
                    row += of_whole
                    value += [1.0] * len(of_whole)
            loading = range(s, min(s + int(columns.load_ms[c] // self.block_ms), b))
            row += [self._dock + d * b + t for t in loading]
            value += [1.0] * len(loading)
            row.append(self._node + (k * self.stands + int(self.instance.stand[d])) * b + s)
            value.append(1.0)
            end = int(columns.end[c])
            if end >= 0:
                back = self.instance.back_ms[k, of.task[j, of.stops[j] - 1], end]
                block = int((s * self.block_ms + columns.last_ms[c] + back) // self.block_ms)
                row.append(self._node + (k * self.stands + end) * b + block)
                value.append(-1.0)
            for i, triple in enumerate(self.cuts):
                if sum(mask >> n & 1 for n in triple) >= 2:
                    row.append(len(self.upper) + i)
                    value.append(1.0)
            rows.append(row)
            values.append(value)
            costs.append(cost)
        self._add(costs, rows, values)
        old = self.columns
        self.columns = TripColumns(*(np.concatenate([getattr(old, name), getattr(columns, name)])
                                     for name in TripColumns.__dataclass_fields__))  # fmt: skip

    def unloading(self) -> NDArray[np.float64]:
        """Least time of handing over all of a task, and a part: (2, p), ms."""
        of = self.instance
        whole = np.floor(of.unloading_ms * np.maximum(of.floor, of.size))
        return np.stack([whole, np.full(self.p, np.floor(of.unloading_ms * of.floor))])

    def solve(self, seconds: float) -> tuple[float, NDArray[np.float64]] | None:
        """Value and row duals; None if the solver does not finish in time."""
        return solved(self.solver, seconds)

    def use(self) -> NDArray[np.float64]:
        """How often each trip is made."""
        return np.array(self.solver.getSolution().col_value)[self._before : self._before + len(self.columns)]

    def flows(self) -> NDArray[np.float64]:
        """Units of stock on each way."""
        count = 0 if self.instance.supply is None else len(self.instance.supply.depot)
        return np.array(self.solver.getSolution().col_value)[self.p : self.p + count]

    def worth(self, dual: NDArray[np.float64]) -> float:
        """What right-hand sides are worth."""
        rows, cuts = dual[: len(self.upper)], dual[len(self.upper) :]
        sides = np.where(rows > 0, self.lower, self.upper)
        return float(rows @ np.where(np.isfinite(sides), sides, 0.0) + np.minimum(cuts, 0.0).sum())

    def _money(self, dual: NDArray[np.float64], branch: Branch) -> Any:
        """Duals as prices by kind."""
        d, k, b, p = len(self.instance.docks), len(self.instance.capacity), self.blocks, self.p
        price = np.maximum(0.0, -dual)
        dock = price[self._dock : self._node].reshape(d, b)
        low = np.zeros((d, p))
        agg = np.zeros((d, p))
        if self.instance.supply is not None:
            for i, (depot, _, task) in enumerate(self._pairs):
                low[depot, task] += price[self._low + i]
            agg = price[self._agg : self._agg + d * p].reshape(d, p)
        low[~branch.whole] = np.inf
        pairs = np.array([sum(1 << n for n in triple) for triple in self.cuts], dtype=np.int64)
        return (
            self.per_ms, np.maximum(0.0, dual[:p]), np.maximum(0.0, dual[self._share : self._share + p]), agg, low,
            np.concatenate([np.zeros((d, 1)), np.cumsum(dock, axis=1)], axis=1),
            np.ascontiguousarray(price[self._node : self._fleet].reshape(k, self.stands, b)), self.instance.stand,
            pairs, price[len(self.upper) :], branch.part, branch.since_ms, branch.until_ms,
        )  # fmt: skip

    def _args(self, dual: NDArray[np.float64], branch: Branch) -> Any:
        of, i = self.of, self.instance
        last = np.where(self._allowed(branch), self.last, -1)
        return (
            (of.vehicle_type, of.depot, of.stops, of.task, of.drive_ms), self.first, last, of.last_ms,
            (i.size, self.edges, float(i.loading_ms), float(i.unloading_ms), float(i.convoy_ms),
             float(self.block_ms), float(self.until_ms)),
            self._money(dual, branch), i.back_ms.astype(np.float64), i.capacity, self.split,
        )  # fmt: skip

    def _allowed(self, branch: Branch) -> NDArray[np.bool_]:
        """Orders of stops that a branch has."""
        task = self.of.task
        one, next_ = np.maximum(task[:, :-1], 0), np.maximum(task[:, 1:], 0)
        barred = ~branch.follow[one, next_] & ~branch.part[one] & ~branch.part[next_] & (task[:, 1:] >= 0)
        return np.asarray(~barred.any(axis=1))

    def keep(self, branch: Branch) -> None:
        """Bar the trips at hand that a branch has not."""
        of, columns = self.of, self.columns
        if not len(columns):
            return
        j = columns.sequence
        task = of.task[j]
        real = task >= 0
        safe = np.maximum(task, 0)
        part = (columns.part[:, None] >> np.arange(task.shape[1])) & 1 > 0
        done = self.done_ms()
        barred = np.where(part, ~branch.part[safe], ~branch.whole[of.depot[j][:, None], safe])
        barred |= (done > branch.until_ms[safe]) | (~part & (done + self.block_ms <= branch.since_ms[safe]))
        ok = ~(barred & real).any(axis=1) & self._allowed(branch)[j]
        inf = self._bindings.kHighsInf
        upper = np.where(ok, inf, 0.0)
        which = (self._before + np.arange(len(columns))).astype(np.int32)
        self.solver.changeColsBounds(len(which), which, np.zeros(len(which)), upper)

    def done_ms(self) -> NDArray[np.float64]:
        """End of each stop of each trip: (c, stops)."""
        of, columns = self.of, self.columns
        task = of.task[columns.sequence]
        safe = np.maximum(task, 0)
        part = (columns.part[:, None] >> np.arange(task.shape[1])) & 1 > 0
        unload = self.unloading()
        handing = np.cumsum(np.where(task >= 0, np.where(part, unload[1][safe], unload[0][safe]), 0.0), axis=1)
        begin = columns.start * self.block_ms + columns.load_ms + self.instance.convoy_ms
        return np.asarray(begin[:, None] + of.drive_ms[columns.sequence] + handing)

    def price(
        self, dual: NDArray[np.float64], most: float, branch: Branch, split: bool = True, thorough: bool = True
    ) -> tuple[NDArray[np.float64], TripColumns]:
        """Of each order of stops, the cheapest trip below a reduced cost; the costs, and the trips.

        Without ``split`` only tasks done whole, unless ``thorough`` only the start that promises most for each order.
        """
        order, first, last, *args, parts = self._args(dual, branch)
        on = np.flatnonzero(last >= first)

        def search(which: NDArray[np.int64]) -> Any:
            some = tuple(part[which] for part in order)
            rows, shares = cheapest(some, first[which], last[which], args[0][which], *args[1:], parts and split, most,
                                    thorough)  # fmt: skip
            rows[:, 1] = which[rows[:, 1].astype(np.int64)]
            return rows, shares

        pieces = [on[i::_THREADS] for i in range(_THREADS)] if len(on) > _MANY else [on]
        with ThreadPoolExecutor(len(pieces)) as pool:
            results = list(pool.map(search, pieces))
        rows, shares = (np.concatenate(part) for part in zip(*results, strict=True))
        return rows[:, 0], as_columns(rows, shares)

    def cut(self, most: int, least: float = 0.02) -> int:
        """Add rows of three tasks that the values at hand break, most broken first; how many."""
        use = self.use()
        on = np.flatnonzero(use > 1e-6)
        cover = np.zeros((len(on), self.p))
        masks = self._wholes()
        for i, c in enumerate(on.tolist()):
            cover[i] = [masks[c] >> n & 1 for n in range(self.p)]
        known = set(self.cuts)
        found = sorted(broken_triples(cover, use[on], least).tolist(), reverse=True)
        new = [triple for row in found if (triple := (int(row[1]), int(row[2]), int(row[3]))) not in known][:most]
        for triple in new:
            bits = sum(1 << n for n in triple)
            at = np.array([c for c, mask in enumerate(masks) if (mask & bits).bit_count() >= 2], dtype=np.int32)
            self.solver.addRow(-self._bindings.kHighsInf, 1.0, len(at), self._before + at, np.ones(len(at)))
            self.cuts.append(triple)
        return len(new)

    def _wholes(self) -> list[int]:
        """Bits of the tasks that each trip does whole."""
        of, result = self.of, []
        for j, part in zip(self.columns.sequence.tolist(), self.columns.part.tolist(), strict=True):
            tasks = of.task[j, : of.stops[j]].tolist()
            result.append(sum(1 << n for i, n in enumerate(tasks) if not part >> i & 1))
        return result
