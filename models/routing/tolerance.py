"""What a step of ruin and recreate may leave undone or overload: rules that all searches over tours share."""

from __future__ import annotations

import numba as nb

__all__ = ["REVIEW", "absent_less_often", "reviewed_toll"]

REVIEW = 100
"""Steps after which the toll on overloading is reviewed."""

_WITHIN = (0.05, 0.2)
"""Shares of steps without overloading, below and above which the toll goes up and down."""


@nb.njit(cache=True)
def absent_less_often(missed, was, before, absent, left):  # type: ignore[no-untyped-def]
    """Whether the customers absent now were so less often than those before; those absent now are counted.

    ``missed``: how often each customer was absent so far; ``was[:before]`` and ``absent[:left]`` are the customers.
    """
    eased = 0
    for k in range(before):
        eased += missed[was[k]]
    for k in range(left):
        eased -= missed[absent[k]]
    for k in range(left):
        missed[absent[k]] += 1
    return eased > 0


@nb.njit(cache=True)
def reviewed_toll(toll, within, first, widest):  # type: ignore[no-untyped-def]
    """The toll after :data:`REVIEW` steps, ``within`` of them without overloading.

    It stays within ``widest`` times its ``first`` value, up and down.
    """
    toll *= 1.05 if within < _WITHIN[0] * REVIEW else (0.95 if within > _WITHIN[1] * REVIEW else 1.0)
    return min(max(toll, first / widest), first * widest)
