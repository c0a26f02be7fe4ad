"""The linear relaxation of maximal cover in HiGHS, with cuts and changing bounds, and the bound that its prices prove.

The solver's word is not taken: a bound is recomputed from its prices by weak duality, and holds for whatever prices.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.relief_exact.solver import highs
from models.siting.c_output import c_output_dropped
from models.siting.cover_parity import halves

__all__ = ["CoverProgramme", "fix_by_price"]

Floats = NDArray[np.float64]


class CoverProgramme:
    r"""``max Σ w z`` with ``z ≤ A y``, ``Σ y = p``, ``0 ≤ y, z ≤ 1`` and cuts on some of the sites (the core).

    Parameters
    ----------
    share : SciPy CSR array, shape (n, m)
        Who is covered from where: 1 = is, and outside the core any share of the client's weight.
    weight : float64 array, shape (n,)
    p : int
    core : int64 array
        Sites that the programme has.
    interior : bool
        Solve by interior points without a basis: for large programmes solved few times.
    """

    def __init__(self, share: Any, weight: Floats, p: int, core: NDArray[np.int64], *, interior: bool = False) -> None:
        from scipy.sparse import csr_array, eye_array, hstack, vstack

        self.share, self.weight, self.p, self.core = share.tocsr(), weight, p, core
        self.inside = self.share[:, core].tocsr()
        self._flat = self.share.T.tocsr()
        self.n, self.m = self.share.shape
        self._cores, self._place = len(core), np.full(self.m, -1)
        self._place[core] = np.arange(len(core))
        self.sets: list[tuple[int, ...]] = []
        self._rhs: list[float] = []
        self._cut_site: list[tuple[NDArray[np.int64], Floats]] = []
        self._cuts: tuple[Any, Any] | None = None
        bindings = highs()
        self._bindings = bindings
        rows = vstack([hstack([-self.inside, eye_array(self.n)]),
                       csr_array(np.append(np.ones(self._cores), np.zeros(self.n))[None])]).tocsc()  # fmt: skip
        model = bindings.HighsLp()
        model.num_col_, model.num_row_ = self._cores + self.n, self.n + 1
        model.col_cost_ = np.append(np.zeros(self._cores), -weight)
        model.col_lower_, model.col_upper_ = np.zeros(self._cores + self.n), np.ones(self._cores + self.n)
        model.row_lower_, model.row_upper_ = np.append(np.full(self.n, -np.inf), p), np.append(np.zeros(self.n), p)
        model.a_matrix_.format_ = bindings.MatrixFormat.kColwise
        model.a_matrix_.start_ = rows.indptr.astype(np.int32)
        model.a_matrix_.index_ = rows.indices.astype(np.int32)
        model.a_matrix_.value_ = rows.data.astype(np.float64)
        self._solver = bindings._Highs()
        self._solver.setOptionValue("output_flag", False)
        self._solver.setOptionValue("threads", 1)
        if interior:
            self._solver.setOptionValue("solver", "ipm")
            self._solver.setOptionValue("run_crossover", "off")
            self._solver.setOptionValue("ipm_optimality_tolerance", 1e-5)
        self._solver.passModel(model)
        self._low, self._high = np.zeros(self._cores), np.ones(self._cores)

    def fix(self, fixed: NDArray[np.int64]) -> None:
        """Hold sites of the core: ``fixed``, shape (m,), is 1 = open, -1 = closed, 0 = free."""
        low = (fixed[self.core] == 1).astype(np.float64)
        high = (fixed[self.core] >= 0).astype(np.float64)
        changed = np.flatnonzero((low != self._low) | (high != self._high)).astype(np.int32)
        if len(changed):
            self._solver.changeColsBounds(len(changed), changed, low[changed], high[changed])
            self._low, self._high = low, high

    def solve(self, seconds: float) -> tuple[Floats, Floats, Floats, Floats] | None:
        """Sites ``y`` (of all m), clients ``z``, prices of the clients and of the cuts; None if the time was over."""
        self._solver.setOptionValue("time_limit", float(self._solver.getRunTime() + max(seconds, 0.01)))
        with c_output_dropped():
            self._solver.run()
        status, kinds = self._solver.getModelStatus(), self._bindings.HighsModelStatus
        if status not in (kinds.kOptimal, kinds.kUnknown):
            return None
        answer = self._solver.getSolution()
        x, dual = np.array(answer.col_value), -np.array(answer.row_dual)
        if len(x) != self._cores + self.n or len(dual) < self.n + 1:
            return None
        y = np.zeros(self.m)
        y[self.core] = np.clip(x[: self._cores], 0.0, 1.0)
        return y, np.clip(x[self._cores :], 0.0, 1.0), np.maximum(dual[: self.n], 0), np.maximum(dual[self.n + 1 :], 0)

    def cut(self, sets: list[tuple[int, ...]]) -> None:
        """Add the cuts of these odd sets of clients."""
        start, index, entry = [0], [], []
        for members in sets:
            which = list(members)
            some = self.share[which]
            columns = np.unique(some.indices)
            worth = halves(some[:, columns].toarray().astype(np.float64))
            self._cut_site.append((columns, worth))
            self._rhs.append(float(len(which) // 2))
            used = self._place[columns] >= 0
            index += [self._place[columns[used]], self._cores + np.array(which)]
            entry += [-worth[used], np.ones(len(which))]
            start.append(start[-1] + int(used.sum()) + len(which))
        self.sets += sets
        self._cuts = None
        if sets:
            k = len(sets)
            self._solver.addRows(k, np.full(k, -np.inf), np.array(self._rhs[-k:]), start[-1],
                                 np.array(start[:-1], dtype=np.int32), np.concatenate(index).astype(np.int32),
                                 np.concatenate(entry))  # fmt: skip

    def proven(self, u: Floats, cuts: Floats, fixed: NDArray[np.int64]) -> tuple[float, Floats, float, float]:
        r"""Bound of all layouts with ``fixed`` sites, from any prices ``u, λ ≥ 0``.

        .. math::
            \sum_i \Big(w_i - u_i - \sum_{c \ni i} \lambda_c\Big)^+ + \sum_c \lambda_c r_c
            + \max_y \sum_j v_j y_j, \quad v_j = \sum_i a_{ij} u_i + \sum_c \lambda_c h_{cj}

        Returns the bound, ``v``, the least price among those chosen and the greatest among the others (free ones).
        """
        v = self._flat @ u
        rest = self.weight - u
        bound = 0.0
        if len(self.sets):
            sites, members = self._cut_tables()
            v = v + sites @ cuts
            rest = rest - members @ cuts
            bound = float(np.dot(self._rhs, cuts))
        bound += float(np.maximum(rest, 0.0).sum() + v[fixed == 1].sum())
        wanted = self.p - int((fixed == 1).sum())
        free = np.sort(v[fixed == 0])[::-1]
        if wanted > len(free) or wanted < 0:
            return -np.inf, v, np.inf, -np.inf
        least = float(free[wanted - 1]) if wanted else np.inf
        most = float(free[wanted]) if wanted < len(free) else -np.inf
        return bound + float(free[:wanted].sum()), v, least, most

    def _cut_tables(self) -> tuple[Any, Any]:
        """Coefficients of the sites, shape (m, cuts), and clients in the cuts, shape (n, cuts)."""
        from scipy.sparse import csr_array

        if self._cuts is None:
            number = np.repeat(np.arange(len(self.sets)), [len(one) for one in self.sets])
            member = np.concatenate([np.array(one) for one in self.sets])
            inside = csr_array((np.ones(len(member)), (member, number)), shape=(self.n, len(self.sets)))
            columns = np.concatenate([at for at, _ in self._cut_site])
            cut = np.repeat(np.arange(len(self.sets)), [len(at) for at, _ in self._cut_site])
            worth = np.concatenate([each for _, each in self._cut_site])
            self._cuts = (csr_array((worth, (columns, cut)), shape=(self.m, len(self.sets))), inside)
        return self._cuts


def fix_by_price(fixed: NDArray[np.int64], v: Floats, bound: float, least: float, most: float, enough: float) -> None:
    """Mark in ``fixed`` what a layout above ``enough`` must have or cannot have, from what ``proven`` returns."""
    free = fixed == 0
    fixed[free & (v < least) & (bound - least + v <= enough)] = -1
    fixed[free & (v > most) & (bound - v + most <= enough)] = 1
