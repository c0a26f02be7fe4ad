"""Stock that becomes available bit by bit: when so much can be taken without starving what is reserved for later.

Lots of one item in one depot count together. A reservation is a quantity at a time; ``slack`` of a reservation is what
is still free when it is taken.
"""

from __future__ import annotations

import numba as nb

from models.traversal import NEVER

__all__ = ["earliest_ms", "reserve", "with_reservations"]


@nb.njit(cache=True)
def _units(first, ms, unit, r, time_ms):  # type: ignore[no-untyped-def]
    """Units of stock ``r`` released by a time, rounded down to whole entries of its table."""
    begin, high = first[r], first[r + 1]
    low = begin
    while low < high:
        middle = (low + high) // 2
        if ms[middle] <= time_ms:
            low = middle + 1
        else:
            high = middle
    return (low - begin) * unit[r]


@nb.njit(cache=True)
def earliest_ms(first, ms, unit, count, total, book, r, quantity, from_ms):  # type: ignore[no-untyped-def]
    """Earliest time from ``from_ms`` on at which so many units can be taken; ``NEVER`` if there are too few.

    Later reservations that leave less than ``quantity`` free must be waited for: behind the last of them it is the
    time at which all that is reserved until then, and ``quantity`` on top, is released.
    """
    taken = total[r]
    k = count[r]
    while k > 0 and book[r, k - 1, 0] > from_ms and book[r, k - 1, 2] >= quantity:
        k -= 1
        taken -= book[r, k, 1]
    at = first[r] + (taken + quantity - 1) // unit[r]
    if at >= first[r + 1]:
        return NEVER
    return max(from_ms, ms[at])


@nb.njit(cache=True)
def reserve(first, ms, unit, count, total, book, r, quantity, time_ms):  # type: ignore[no-untyped-def]
    """Reserve units at a time; ``book``: (time, quantity, slack) of each reservation by row."""
    k = count[r]
    taken = total[r]
    while k > 0 and book[r, k - 1, 0] > time_ms:
        book[r, k, 0] = book[r, k - 1, 0]
        book[r, k, 1] = book[r, k - 1, 1]
        book[r, k, 2] = book[r, k - 1, 2] - quantity
        k -= 1
        taken -= book[r, k, 1]
    book[r, k, 0] = time_ms
    book[r, k, 1] = quantity
    book[r, k, 2] = _units(first, ms, unit, r, time_ms) - taken - quantity
    count[r] += 1
    total[r] += quantity


@nb.njit(cache=True)
def with_reservations(first, ms, unit, count, total, book, known):  # type: ignore[no-untyped-def]
    """Begin anew with the reservations (row, time, quantity) that are ``known``."""
    count[:] = 0
    total[:] = 0
    for k in range(len(known)):
        reserve(first, ms, unit, count, total, book, known[k, 0], known[k, 2], known[k, 1])
