"""The linear relaxation of a set cover in HiGHS, rows put on top and taken off again, and what its prices prove.

The solver's word is not taken: a bound is recomputed from its prices by weak duality, and holds for whatever prices.
"""

from __future__ import annotations

import time as clock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.relief_exact.solver import highs
from models.siting.c_output import c_output_dropped

__all__ = ["CoverRelaxation", "odd_rows"]

Floats = NDArray[np.float64]
_DEVEX, _STEEPEST = 1, -1
"""How HiGHS chooses the row that leaves: exact weights are dear to begin with and pay in long runs."""


class CoverRelaxation:
    r"""``min Σ f y`` with ``A y ≥ r``, ``0 ≤ y ≤ 1``.

    Parameters
    ----------
    rows : SciPy CSR array, shape (n, m)
        Nowhere negative.
    right : float64 array, shape (n,)
    cost : float64 array, shape (m,)
    """

    def __init__(self, rows: Any, right: Floats, cost: Floats) -> None:
        bindings = highs()
        self.cost = cost
        self._blocks, self._rights, self._sizes = [rows.tocsr()], [right], [rows.shape[0]]
        self._joined: tuple[Any, Floats] | None = None
        self._closed = np.zeros(rows.shape[1], np.bool_)
        columns, model = rows.tocsc(), bindings.HighsLp()
        n, m = rows.shape
        model.num_col_, model.num_row_ = m, n
        model.col_cost_, model.col_lower_, model.col_upper_ = cost, np.zeros(m), np.ones(m)
        model.row_lower_, model.row_upper_ = right, np.full(n, np.inf)
        model.a_matrix_.format_ = bindings.MatrixFormat.kColwise
        model.a_matrix_.start_ = columns.indptr.astype(np.int32)
        model.a_matrix_.index_ = columns.indices.astype(np.int32)
        model.a_matrix_.value_ = columns.data.astype(np.float64)
        self._kinds, self._solver = bindings.HighsModelStatus, bindings._Highs()
        self._solver.setOptionValue("output_flag", False)
        self._solver.setOptionValue("threads", 1)
        self._solver.setOptionValue("presolve", "off")
        self._solver.passModel(model)

    @property
    def height(self) -> int:
        """Number of rows."""
        return sum(self._sizes)

    def close(self, closed: NDArray[np.bool_]) -> None:
        """Hold these columns at nought and no others."""
        changed = np.flatnonzero(closed != self._closed).astype(np.int32)
        if len(changed):
            self._solver.changeColsBounds(len(changed), changed, np.zeros(len(changed)), 1.0 - closed[changed])
            self._closed = closed.copy()

    def add(self, rows: Any, right: Floats) -> None:
        """Put rows on top."""
        k = rows.shape[0]
        self._solver.addRows(k, right, np.full(k, np.inf), rows.nnz, rows.indptr[:-1].astype(np.int32),
                             rows.indices.astype(np.int32), rows.data.astype(np.float64))  # fmt: skip
        self._blocks.append(rows)
        self._rights.append(right)
        self._sizes.append(k)
        self._joined = None

    def cut_down(self, height: int) -> None:
        """Take away the rows above ``height``, which must be a height at which rows were added."""
        top = self.height
        if top > height:
            self._solver.deleteRows(top - height, np.arange(height, top, dtype=np.int32))
            while self.height > height:
                self._sizes.pop()
                self._blocks.pop()
                self._rights.pop()
            self._joined = None

    def lighten(self, prices: Floats, first: int) -> None:
        """Take away the rows from ``first`` on that have no price; what is left becomes one block."""
        rows, right = self.table()
        useful = (np.arange(len(right)) < first) | (prices > 1e-9)
        idle = np.flatnonzero(~useful).astype(np.int32)
        if len(idle):
            self._solver.deleteRows(len(idle), idle)
        where = np.flatnonzero(useful)
        self._blocks, self._rights, self._sizes = [rows[where]], [right[where]], [len(where)]
        self._joined = None

    def table(self) -> tuple[Any, Floats]:
        """All rows and right sides."""
        from scipy.sparse import vstack

        if self._joined is None:
            self._joined = vstack(self._blocks).tocsr(), np.concatenate(self._rights)
            self._turned = self._joined[0].T.tocsr()
        return self._joined

    def solve(self, deadline: float) -> tuple[Floats, Floats] | None:
        """Point and prices; None if the time was over."""
        left = max(deadline - clock.monotonic(), 0.01)
        self._solver.setOptionValue("time_limit", float(self._solver.getRunTime() + left))
        self._run(2**31 - 1, _STEEPEST)
        if self._solver.getModelStatus() != self._kinds.kOptimal:
            return None
        answer = self._solver.getSolution()
        return np.clip(np.array(answer.col_value), 0.0, 1.0), np.maximum(np.array(answer.row_dual), 0.0)

    def proven(self, prices: Floats) -> tuple[float, Floats]:
        r"""Bound of all covers without the closed columns, from any prices ``u ≥ 0``, and the reduced costs ``v``.

        .. math:: \sum_i r_i u_i + \sum_j \min(0, v_j), \quad v_j = f_j - \sum_i a_{ij} u_i
        """
        _, right = self.table()
        reduced: Floats = self.cost - self._turned @ prices
        return float(right @ prices + np.minimum(reduced[~self._closed], 0.0).sum()), reduced

    def basis(self) -> Any:
        """Where the solver stands."""
        return self._solver.getBasis()

    def stand(self, basis: Any) -> None:
        """Go on from a basis of a problem of this height."""
        self._solver.setBasis(basis)

    def tried(self, closed: NDArray[np.bool_], some: NDArray[np.int64], steps: int, basis: Any) -> tuple[float, float]:
        """What the bound becomes, by ``steps`` of the solver, without some columns, and with one of them at least."""
        values, before = [], self.height
        self.close(closed | _marked(some, len(closed)))
        self._run(steps, _DEVEX)
        values.append(self._value())
        self.close(closed)
        self.stand(basis)
        self._solver.addRow(1.0, np.inf, len(some), some.astype(np.int32), np.ones(len(some)))
        self._run(steps, _DEVEX)
        values.append(self._value())
        self._solver.deleteRows(1, np.array([before], dtype=np.int32))
        self.stand(basis)
        return values[0], values[1]

    def _run(self, steps: int, weights: int) -> None:
        self._solver.setOptionValue("simplex_iteration_limit", steps)
        self._solver.setOptionValue("simplex_dual_edge_weight_strategy", weights)
        with c_output_dropped():
            self._solver.run()

    def _value(self) -> float:
        if self._solver.getModelStatus() == self._kinds.kInfeasible:
            return float(np.inf)
        return float(self._solver.getInfo().objective_function_value)


def odd_rows(table: Any, sets: list[tuple[int, ...]]) -> tuple[Any, Floats]:
    r"""Halves of the rows of each odd set ``R``, rounded up: ``Σ ⌈c_j / 2⌉ y_j ≥ (|R| + 1) / 2``.

    ``c_j`` rows of ``R`` contain column ``j``; ``table`` is a CSR array of noughts and ones.
    """
    from scipy.sparse import csr_array

    sizes = np.array([len(one) for one in sets])
    member = np.concatenate([np.array(one) for one in sets])
    start = np.concatenate([[0], np.cumsum(sizes)])
    rows = (csr_array((np.ones(len(member)), member, start), shape=(len(sets), table.shape[0])) @ table).tocsr()
    rows.data = np.ceil(rows.data / 2.0)
    return rows, (sizes + 1) / 2.0


def _marked(some: NDArray[np.int64], m: int) -> NDArray[np.bool_]:
    marks = np.zeros(m, np.bool_)
    marks[some] = True
    return marks
