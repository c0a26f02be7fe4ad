"""Mixed-integer programmes as sparse arrays, solved with HiGHS; the solver's answer is returned, never its word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.relief_exact.solver import highs
from models.siting.c_output import c_output_dropped

__all__ = ["Found", "Programme", "minimise"]


@dataclass(frozen=True, eq=False)
class Programme:
    """``min cᵀx`` with ``row_lower ≤ A x ≤ row_upper``, ``lower ≤ x ≤ upper``, some ``x`` whole.

    Attributes
    ----------
    cost : float64 array, shape (k,)
    rows : SciPy sparse array, shape (r, k)
    row_lower, row_upper : float64 arrays, shape (r,)
    lower, upper : float64 arrays, shape (k,)
    whole : bool array, shape (k,)
    """

    cost: NDArray[np.float64]
    rows: Any
    row_lower: NDArray[np.float64]
    row_upper: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    whole: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Found:
    """Answer of the solver.

    Attributes
    ----------
    x : float64 array or None
        None if no point was found.
    value, bound : float
        ``bound`` ≤ every feasible value.
    infeasible : bool
        Proven to have no solution.
    dual : float64 array or None
        Of the rows, for a linear programme.
    """

    x: NDArray[np.float64] | None
    value: float
    bound: float
    infeasible: bool
    dual: NDArray[np.float64] | None


def minimise(
    programme: Programme,
    seconds: float = np.inf,
    start: ArrayLike | None = None,
    cutoff: float = np.inf,
    gap: float = 1e-9,
    threads: int = 1,
) -> Found:
    """Solve with HiGHS.

    Parameters
    ----------
    programme : Programme
    seconds : float
    start : float array, shape (k,), optional
        A feasible point.
    cutoff : float
        Only solutions below this value are looked for.
    gap : float
        Relative gap at which to stop.
    threads : int
    """
    highspy = highs()
    model = highspy.HighsLp()
    columns = programme.rows.tocsc()
    model.num_col_, model.num_row_ = columns.shape[1], columns.shape[0]
    model.col_cost_ = programme.cost
    model.col_lower_, model.col_upper_ = programme.lower, programme.upper
    model.row_lower_, model.row_upper_ = programme.row_lower, programme.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = columns.indptr.astype(np.int32)
    model.a_matrix_.index_ = columns.indices.astype(np.int32)
    model.a_matrix_.value_ = columns.data.astype(np.float64)
    mixed = bool(programme.whole.any())
    if mixed:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        model.integrality_ = [kinds[int(flag)] for flag in programme.whole]
    solver = highspy._Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", threads)
    solver.setOptionValue("mip_rel_gap", gap)
    solver.setOptionValue("mip_abs_gap", 1e-9)
    if np.isfinite(seconds):
        solver.setOptionValue("time_limit", float(max(seconds, 0.01)))
    if np.isfinite(cutoff):
        solver.setOptionValue("objective_bound", float(cutoff))
    solver.passModel(model)
    if start is not None and mixed:
        point = highspy.HighsSolution()
        point.col_value = np.asarray(start, dtype=np.float64).tolist()
        solver.setSolution(point)
    with c_output_dropped():
        solver.run()
    status = solver.getModelStatus()
    answer = solver.getInfo()
    infeasible = status == highspy.HighsModelStatus.kInfeasible
    feasible = answer.primal_solution_status == highspy.kSolutionStatusFeasible
    x = np.array(solver.getSolution().col_value) if feasible else None
    value = float(answer.objective_function_value) if feasible else np.inf
    dual = None
    if mixed:
        bound = float(answer.mip_dual_bound)
    else:
        done = status == highspy.HighsModelStatus.kOptimal
        bound = value if done else -np.inf
        dual = np.array(solver.getSolution().row_dual) if done else None
    return Found(x, value, bound, infeasible, dual)
