"""One HiGHS for the programmes of this folder, beside whatever other copy of it a process has loaded.

SciPy's own copy is linked into it. The one of ``highspy`` and the one of OR-Tools are shared libraries of one name: of
different versions, whichever is loaded second fails, so ``highspy`` is only asked where SciPy keeps its copy elsewhere.
"""

from __future__ import annotations

from typing import Any

__all__ = ["highs"]


def highs() -> Any:
    """Return the module of bindings: its ``_Highs`` is the solver."""
    try:
        from scipy.optimize._highspy import _core as bindings
    except ImportError:
        import highspy._core as bindings
    return bindings
