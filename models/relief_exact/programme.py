"""Trips of the programme: which there are, what they are made of, and which could make it better."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.relief_exact.cuts import broken_triples
from models.relief_exact.early_rows import EarlyRow, broken_covers, broken_moments
from models.relief_exact.trip_columns import Branch, TripColumns, as_columns
from models.relief_exact.trip_prices import cheapest
from models.relief_exact.trip_rows import TripRows

__all__ = ["Programme"]

_THREADS, _MANY = 2, 1000
"""Searches at the same time where there are more orders of stops than so many; the answer does not depend on it."""


_TINY = 1e-9


class Programme(TripRows):
    """The programme with the trips so far (of :class:`models.relief_exact.trip_rows.TripRows`)."""

    def add(self, columns: TripColumns) -> None:
        """Add trips."""
        of, b = self.of, self.blocks
        rows, values = [], []
        unload = self.unloading()
        for c in range(len(columns)):
            j, s = int(columns.sequence[c]), int(columns.start[c])
            d, k = int(of.depot[j]), int(of.vehicle_type[j])
            row, value = [], []
            at = s * self.block_ms + float(columns.load_ms[c]) + self.instance.convoy_ms
            handing = 0.0
            for i in range(int(of.stops[j])):
                n = int(of.task[j, i])
                part = bool(int(columns.part[c]) >> i & 1)
                handing += unload[1 if part else 0][n]
                cost = float(self.per_ms[n]) * (at + float(of.drive_ms[j, i]) + handing)
                turn = float(self.per_ms[n]) * self.apart_ms
                final, early = bool(int(columns.final[c]) >> i & 1), bool(int(columns.early[c]) >> i & 1)
                if not part or final:
                    row += [n, self._time + n]
                    value += [1.0, -cost]
                if part and not final and not early:
                    row.append(self._further + n)
                    value.append(1.0)
                if final or early:
                    row.append(self._early + n)
                    value.append(1.0 if early else -1.0)
                if not part or final or early:
                    row.append(self._time + self.p + n)
                    value.append(-cost if not part else -0.5 * cost if final else -0.5 * (cost + turn))
                for need, f in zip(self.needs[n].tolist(), columns.share[c, i].tolist(), strict=True):
                    if need >= 0 and f > _TINY:
                        row += [self._share + need, self._by_need + need]
                        value += [f, -f * (cost + (turn if part and not final else 0.0))]
                        if self.instance.supply is not None:
                            row.append(self._agg + d * len(self.weight) + need)
                            value.append(f)
                if part:
                    row.append(self._part + d * self.p + n)
                    value.append(1.0)
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
            mask = int(columns.major[c])
            major = [self._major + m for m in range(self.p * self.measured) if mask >> m & 1]
            row += major
            value += [1.0] * len(major)
            for i, triple in self._triples():
                if sum(mask >> n & 1 for n in triple) >= 2:
                    row.append(i)
                    value.append(1.0)
            rows.append(row)
            values.append(value)
        ends = self._ends(columns)
        for i, rule in self._early_rows():
            weight = self._weight(rule, columns, ends)
            for c in np.flatnonzero(weight).tolist():
                rows[c].append(i)
                values[c].append(float(weight[c]))
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
        whole = np.where(branch.whole, 0.0, np.inf)
        n = len(self.weight)
        agg = np.zeros((d, n)) if self.instance.supply is None else price[self._agg : self._stock].reshape(d, n)
        by_need = dual[self._by_need : self._time] * self.per_ms[self.task_of]
        by_last, by_stop = dual[self._time : self._further].reshape(2, p) * self.per_ms
        part = np.where(branch.most > 0, -dual[self._part : self._dock].reshape(d, p), np.inf)
        further = np.where(branch.only_two, np.inf, -np.maximum(0.0, dual[self._further : self._part]))
        visit, before = np.maximum(0.0, dual[: self._share]).reshape(2, p)
        handed = np.maximum(0.0, dual[self._share : self._by_need])
        return (
            by_need, by_stop, by_last, visit, before, handed, agg, whole,
            np.concatenate([np.zeros((d, 1)), np.cumsum(dock, axis=1)], axis=1),
            np.ascontiguousarray(price[self._node : self._fleet].reshape(k, self.stands, b)), self.instance.stand,
            *self._triple_prices(price), part, further,
            branch.since_ms, branch.until_ms, self.late_ms,
            price[self._major : self._agg], self.measured, *self._early_prices(price),
            self.round_ms, self.together_ms, self.excess_ms, self.apart_ms, self._priced(price),
        )  # fmt: skip

    def _args(self, dual: NDArray[np.float64], branch: Branch) -> Any:
        of, i = self.of, self.instance
        last = np.where(self._allowed(branch), self.last, -1)
        return (
            (of.vehicle_type, of.depot, of.stops, of.task, of.drive_ms), (self.needs, self.weight), self.first, last,
            of.last_ms,
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
        by = np.where(part & ~final, np.minimum(branch.until_ms[safe] + self.late_ms, self.until_ms)
                      - self.apart_ms, branch.until_ms[safe])  # fmt: skip
        barred |= (done > by) | ((~part | final) & (done + self.block_ms <= branch.since_ms[safe]))
        barred |= part & ~final & ~early & branch.only_two[safe]
        ok = ~(barred & real).any(axis=1) & self._allowed(branch)[j]
        most = np.where(ok, inf, 0.0)
        columns_at = (self._before + np.arange(len(columns))).astype(np.int32)
        self.solver.changeColsBounds(len(columns_at), columns_at, np.zeros(len(columns_at)), most)

    def _stops_of(self, bits: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Bits of stops as a mask: (c, stops)."""
        return np.asarray((bits[:, None] >> np.arange(self.of.task.shape[1])) & 1 > 0)

    def _triples(self) -> list[tuple[int, tuple[int, int, int]]]:
        """Rows of three needs, and these."""
        return [(len(self.upper) + i, cut) for i, cut in enumerate(self.cuts) if not isinstance(cut, EarlyRow)]

    def _early_rows(self) -> list[tuple[int, EarlyRow]]:
        """Rows on when tasks are complete."""
        return [(len(self.upper) + i, cut) for i, cut in enumerate(self.cuts) if isinstance(cut, EarlyRow)]

    def _triple_prices(self, price: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Needs of each row of three as bits, and its price."""
        rows = [(sum(1 << n for n in triple), price[i]) for i, triple in self._triples()]
        return np.array([bits for bits, _ in rows], dtype=np.int64), np.array([cost for _, cost in rows])

    def _priced(self, price: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether being a major one costs a trip anything, by itself or with others: (m,)."""
        result = price[self._major : self._agg] > 0
        for i, triple in self._triples():
            if price[i] > 0:
                result[list(triple)] = True
        return np.asarray(result)

    def _early_prices(self, price: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What completing a task in a block costs, (p, blocks), and what handing over a need is worth, (n, blocks)."""
        blocks = np.arange(int(self.until_ms // self.block_ms) + 3)
        charge, worth = np.zeros((self.p, len(blocks))), np.zeros((len(self.weight), len(blocks)))
        for i, early in self._early_rows():
            if price[i] > 0:
                charge += price[i] * early.task[:, None] * (blocks < early.task_by[:, None])
                worth += price[i] * early.need[:, None] * (blocks < early.need_by[:, None])
        return charge, worth

    def _ends(self, columns: TripColumns) -> tuple[NDArray[Any], ...]:
        """Task of each stop (-1: none), whether it completes it, block of its end, and latest one: (c, stops) each."""
        task = self.of.task[columns.sequence]
        part, final = self._stops_of(columns.part), self._stops_of(columns.final)
        done = self.done_ms(columns)
        safe = np.maximum(task, 0)
        late = self.round_ms + np.cumsum(self.together_ms + 1.0 + np.where(part, self.excess_ms[safe], 0.0), axis=1)
        block, late = done // self.block_ms, (done + late) // self.block_ms
        return task, (task >= 0) & (~part | final), block.astype(np.int64), late.astype(np.int64)

    def _weight(self, early: EarlyRow, columns: TripColumns, ends: tuple[NDArray[Any], ...]) -> NDArray[np.float64]:
        """Weight of each trip in a row: (c,)."""
        task, complete, block, late = ends
        safe = np.maximum(task, 0)
        weight = np.where(complete & (late < early.task_by[safe]), early.task[safe], 0.0).sum(axis=1)
        if early.need.any():
            need = self.needs[safe]
            given = early.need[need] * (block[:, :, None] < early.need_by[need])
            real = (task >= 0)[:, :, None] & (need >= 0)
            weight -= np.where(real, given * columns.share, 0.0).sum(axis=(1, 2))
        return np.asarray(weight)

    def done_ms(self, columns: TripColumns | None = None) -> NDArray[np.float64]:
        """End of each stop of each trip: (c, stops)."""
        of, columns = self.of, self.columns if columns is None else columns
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
        pieces: int = 0,
        known: bool = False,
    ) -> tuple[NDArray[np.float64], TripColumns]:
        """Of each order of stops, the cheapest trips below a reduced cost; the costs, and the trips.

        One of each of so many stretches of starts; of none, only one of the start that promises most. Without
        ``split`` only tasks done whole; with ``known`` only orders of the trips at hand.
        """
        order, goods, first, last, *args, parts = self._args(dual, branch)
        on = np.unique(self.columns.sequence) if known else np.arange(len(self.of))
        on = on[last[on] >= first[on]]

        def search(which: NDArray[np.int64]) -> Any:
            some = tuple(part[which] for part in order)
            rows, shares = cheapest(some, goods, first[which], last[which], args[0][which], *args[1:],
                                    parts and split, most, pieces)  # fmt: skip
            rows[:, 1] = which[rows[:, 1].astype(np.int64)]
            return rows, shares

        some_of = [on[i::_THREADS] for i in range(_THREADS)] if len(on) > _MANY else [on]
        with ThreadPoolExecutor(len(some_of)) as pool:
            results = list(pool.map(search, some_of))
        rows, shares = (np.concatenate(part) for part in zip(*results, strict=True))
        return rows[:, 0], as_columns(rows, shares)

    def cut(self, most: int, least: float = 0.02, moments: bool = False) -> int:
        """Add rows that the values at hand break by more than ``least``, most broken first; how many.

        So many of three needs at most, and as many on when tasks are complete: those of scarce stock, and with
        ``moments`` those of what has been handed over by then.
        """
        if not self.measured:
            return 0
        use = self.use()
        on = np.flatnonzero(use > 1e-6)
        cover = self.majors()
        known = set(self.cuts)
        found = sorted(broken_triples(cover[on], use[on], least, self.measured).tolist(), reverse=True)
        new = [triple for row in found if (triple := (int(row[1]), int(row[2]), int(row[3]))) not in known][:most]
        ends = self._ends(self.columns)
        early = self._broken_early(on, use[on], [part[on] for part in ends], least, moments)[:most]
        for triple in new:
            self._cut(triple, (cover[:, triple].sum(axis=1) >= 2).astype(float), 1.0)
        for row in early:
            self._cut(row, self._weight(row, self.columns, ends), row.most)
        return len(new) + len(early)

    def _cut(self, cut: tuple[int, int, int] | EarlyRow, weight: NDArray[np.float64], most: float) -> None:
        at = np.flatnonzero(weight).astype(np.int32)
        self.solver.addRow(-self._bindings.kHighsInf, most, len(at), self._before + at, weight[at])
        self.cuts.append(cut)

    def _broken_early(
        self, on: NDArray[np.int64], use: NDArray[np.float64], ends: list[NDArray[Any]], least: float, moments: bool
    ) -> list[EarlyRow]:
        """Rows on when tasks are complete that trips in use break, most broken first."""
        task, complete, block, late = ends
        values: list[NDArray[np.float64]] = []
        for of in self.scarce:
            by = np.zeros(self.p, dtype=np.int64)
            by[of.tasks] = of.by
            which = complete & (late < by[np.maximum(task, 0)])
            in_time = np.bincount(task[which], np.broadcast_to(use[:, None], task.shape)[which], self.p)
            values.append(in_time[of.tasks].astype(np.float64))
        n = len(self.weight)
        found = broken_covers(self.scarce, values, self.p, n, least)
        if moments:
            share = self.columns.share[on]
            found += broken_moments(task, self.needs, use, complete, share, block, late, self.p, n, least)
        return [row for _, row in sorted(found, key=lambda of: -of[0])]

    def majors(self) -> NDArray[np.bool_]:
        """Measured needs of which each trip hands over more than half: (c, m)."""
        return np.asarray((self.columns.major[:, None] >> np.arange(self.p * self.measured)) & 1 > 0)

    def peek(self, branch: Branch, steps: int) -> float:
        """Value of a branch with the trips at hand, after so many steps of the simplex method at most."""
        self.keep(branch)
        self.solver.setOptionValue("simplex_iteration_limit", steps)
        self.solver.run()
        self.solver.setOptionValue("simplex_iteration_limit", self._bindings.kHighsIInf)
        return float(self.solver.getInfo().objective_function_value)
