"""One HiGHS for the programmes of this folder, beside whatever other copy of it a process has loaded.

SciPy's own copy is linked into it. The one of ``highspy`` and the one of OR-Tools are shared libraries of one name: of
different versions, whichever is loaded second fails, so ``highspy`` is only asked where SciPy keeps its copy elsewhere.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["highs", "solved"]


def highs() -> Any:
    """Return the module of bindings: its ``_Highs`` is the solver."""
    try:
        from scipy.optimize._highspy import _core as bindings
    except ImportError:
        import highspy._core as bindings
    return bindings


def solved(solver: Any, seconds: float) -> tuple[float, NDArray[np.float64]] | None:
    """Run a linear programme: value and row duals; None if the solver does not finish in time."""
    solver.setOptionValue("time_limit", float(solver.getRunTime() + max(seconds, 0.05)))
    solver.run()
    if solver.getModelStatus() != highs().HighsModelStatus.kOptimal:
        return None
    return float(solver.getInfo().objective_function_value), np.array(solver.getSolution().row_dual)
