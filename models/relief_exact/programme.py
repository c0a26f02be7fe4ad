"""Trips of the programme: which there are, what they are made of, and which could make it better."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.relief_exact.trip_columns import (
    Branch,
    TripColumns,
    as_columns,
    broken_triples,
)
from models.relief_exact.trip_prices import cheapest
from models.relief_exact.trip_rows import TripRows

__all__ = ["Programme"]

_THREADS, _MANY = 2, 1000
"""Searches at the same time where there are more orders of stops than so many; the answer does not depend on it."""


class Programme(TripRows):
    """The programme with the trips so far (of :class:`models.relief_exact.trip_rows.TripRows`)."""

    def add(self, columns: TripColumns) -> None:
        """Add trips."""
        of, b = self.of, self.blocks
        low: dict[tuple[int, int], list[int]] = {}
        for i, (depot, _, task) in enumerate(self._pairs):
            low.setdefault((depot, task), []).append(i)
        rows, values = [], []
        unload = self.unloading()
        for c in range(len(columns)):
            j, s = int(columns.sequence[c]), int(columns.start[c])
            d, k = int(of.depot[j]), int(of.vehicle_type[j])
            row, value = [], []
            mask, at = 0, s * self.block_ms + float(columns.load_ms[c]) + self.instance.convoy_ms
            handing = 0.0
            for i in range(int(of.stops[j])):
                n, f = int(of.task[j, i]), float(columns.share[c, i])
                part = bool(int(columns.part[c]) >> i & 1)
                handing += unload[1 if part else 0][n]
                cost = float(self.per_ms[n]) * (at + float(of.drive_ms[j, i]) + handing)
                final, early = bool(int(columns.final[c]) >> i & 1), bool(int(columns.early[c]) >> i & 1)
                if not part or final:
                    row += [n, self._time + self.p + n]
                    value += [1.0, -cost]
                if part and not final and not early:
                    row.append(self._further + n)
                    value.append(1.0)
                if final or early:
                    row.append(self._early + n)
                    value.append(1.0 if early else -1.0)
                if not part or final or early:
                    row.append(self._time + 2 * self.p + n)
                    value.append(-0.5 * cost if part else -cost)
                if f > 0:
                    row += [self._share + n, self._time + n]
                    value += [f, -f * cost]
                    if self.instance.supply is not None:
                        row.append(self._agg + d * self.p + n)
                        value.append(f)
                needs = low.get((d, n), [])
                row += [self._sent + i for i in needs]
                value += [-1.0] * len(needs)
                if part:
                    row.append(self._part + d * self.p + n)
                    value.append(1.0)
                else:
                    mask |= 1 << n
                    row += [self._low + i for i in needs]
                    value += [1.0] * len(needs)
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
        self._add(np.zeros(len(rows)), rows, values)
        old = self.columns
        self.columns = TripColumns(*(np.concatenate([getattr(old, name), getattr(columns, name)])
                                     for name in TripColumns.__dataclass_fields__))  # fmt: skip

    def forget(self, most: int) -> None:
        """Drop trips out of use, those of the highest reduced costs first, where there are more than ``most``."""
        count = len(self.columns)
        if count <= most:
            return
        cost = np.array(self.solver.getSolution().col_dual)[self._before : self._before + count]
        cost[self.use() > 0] = -np.inf
        kept = np.zeros(count, dtype=np.bool_)
        kept[np.argsort(cost, kind="stable")[: most // 2]] = True
        gone = (self._before + np.flatnonzero(~kept)).astype(np.int32)
        self.solver.deleteCols(len(gone), gone)
        self.columns = self.columns.chosen(kept)

    def unloading(self) -> NDArray[np.float64]:
        """Least time of handing over all of a task, and a part: (2, p), ms."""
        of = self.instance
        whole = np.floor(of.unloading_ms * np.maximum(of.floor, of.size))
        return np.stack([whole, np.full(self.p, np.floor(of.unloading_ms * of.floor))])

    def use(self) -> NDArray[np.float64]:
        """How often each trip is made."""
        return np.array(self.solver.getSolution().col_value)[self._before : self._before + len(self.columns)]

    def flows(self) -> NDArray[np.float64]:
        """Units of stock on each way."""
        count = 0 if self.instance.supply is None else len(self.instance.supply.depot)
        return np.array(self.solver.getSolution().col_value)[self.p : self.p + count]

    def _money(self, dual: NDArray[np.float64], branch: Branch) -> Any:
        """Duals as prices by kind."""
        d, k, b, p = len(self.instance.docks), len(self.instance.capacity), self.blocks, self.p
        price = np.maximum(0.0, -dual)
        dock = price[self._dock : self._node].reshape(d, b)
        low, sent = np.zeros((k, d, p)), np.zeros((d, p))
        agg = np.zeros((d, p))
        if self.instance.supply is not None:
            for i, (depot, _, task) in enumerate(self._pairs):
                sent[depot, task] += price[self._sent + i]
                low[:, depot, task] += price[self._low + i] - price[self._sent + i]
            agg = price[self._agg : self._agg + d * p].reshape(d, p)
        low[~branch.whole] = np.inf
        pairs = np.array([sum(1 << n for n in triple) for triple in self.cuts], dtype=np.int64)
        by_share, by_last, by_stop = dual[self._time : self._further].reshape(3, p) * self.per_ms
        part = np.where(branch.most > 0, -dual[self._part : self._dock].reshape(d, p) - sent, np.inf)
        further = np.where(branch.only_two, np.inf, -np.maximum(0.0, dual[self._further : self._part]))
        visit, handed, before = np.maximum(0.0, dual[: self._time]).reshape(3, p)
        return (
            by_share, by_stop, by_last, visit, before, handed, agg, low,
            np.concatenate([np.zeros((d, 1)), np.cumsum(dock, axis=1)], axis=1),
            np.ascontiguousarray(price[self._node : self._fleet].reshape(k, self.stands, b)), self.instance.stand,
            pairs, price[len(self.upper) :], part, further, branch.since_ms, branch.until_ms, self.late_ms,
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
        task, outside = self.of.task, self.p
        rows = np.arange(len(task))
        ok = branch.follow[outside, task[:, 0]] & branch.follow[task[rows, self.of.stops - 1], outside]
        one, next_ = np.maximum(task[:, :-1], 0), np.maximum(task[:, 1:], 0)
        return np.asarray(ok & (branch.follow[one, next_] | (task[:, 1:] < 0)).all(axis=1))

    def keep(self, branch: Branch) -> None:
        """Bar the trips at hand that a branch has not."""
        which = np.arange(self._further, self._dock)
        self.lower[which] = np.append(branch.further, branch.least)
        self.upper[which] = np.append(np.full(self.p, np.inf), branch.most)
        inf = self._bindings.kHighsInf
        for row in which.tolist():
            upper = float(self.upper[row])
            self.solver.changeRowBounds(row, float(self.lower[row]), upper if math.isfinite(upper) else inf)
        of, columns = self.of, self.columns
        if not len(columns):
            return
        j = columns.sequence
        task = of.task[j]
        real = task >= 0
        safe = np.maximum(task, 0)
        depot, kind = of.depot[j][:, None], of.vehicle_type[j][:, None]
        part, final, early = (self._stops_of(bits) for bits in (columns.part, columns.final, columns.early))
        done = self.done_ms()
        barred = np.where(part, branch.most[depot, safe] < 1, ~branch.whole[kind, depot, safe])
        by = branch.until_ms[safe] + np.where(part & ~final, self.late_ms, 0.0)
        barred |= (done > by) | ((~part | final) & (done + self.block_ms <= branch.since_ms[safe]))
        barred |= part & ~final & ~early & branch.only_two[safe]
        ok = ~(barred & real).any(axis=1) & self._allowed(branch)[j]
        most = np.where(ok, inf, 0.0)
        columns_at = (self._before + np.arange(len(columns))).astype(np.int32)
        self.solver.changeColsBounds(len(columns_at), columns_at, np.zeros(len(columns_at)), most)

    def _stops_of(self, bits: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Bits of stops as a mask: (c, stops)."""
        return np.asarray((bits[:, None] >> np.arange(self.of.task.shape[1])) & 1 > 0)

    def done_ms(self) -> NDArray[np.float64]:
        """End of each stop of each trip: (c, stops)."""
        of, columns = self.of, self.columns
        task = of.task[columns.sequence]
        safe = np.maximum(task, 0)
        part = self._stops_of(columns.part)
        unload = self.unloading()
        handing = np.cumsum(np.where(task >= 0, np.where(part, unload[1][safe], unload[0][safe]), 0.0), axis=1)
        begin = columns.start * self.block_ms + columns.load_ms + self.instance.convoy_ms
        return np.asarray(begin[:, None] + of.drive_ms[columns.sequence] + handing)

    def price(
        self,
        dual: NDArray[np.float64],
        most: float,
        branch: Branch,
        split: bool = True,
        thorough: bool = True,
        known: bool = False,
    ) -> tuple[NDArray[np.float64], TripColumns]:
        """Of each order of stops, the cheapest trip below a reduced cost; the costs, and the trips.

        Without ``split`` only tasks done whole, unless ``thorough`` only the start that promises most for each order;
        with ``known`` only orders of the trips at hand.
        """
        order, first, last, *args, parts = self._args(dual, branch)
        on = np.unique(self.columns.sequence) if known else np.arange(len(self.of))
        on = on[last[on] >= first[on]]

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
