"""Rows that plans keep and fractions of trips break.

Of three needs, one trip at most hands over more than half of two or all (subset rows; Jepsen, Petersen, Spoorendonk,
Pisinger 2008).
"""

from __future__ import annotations

import numba as nb
import numpy as np

__all__ = ["broken_triples"]


@nb.njit(cache=True, nogil=True)
def broken_triples(cover, use, least, measured):  # type: ignore[no-untyped-def]
    """Three needs of three tasks, and how much their row is broken; so many are measured of a task."""
    n = cover.shape[1]
    rows = []
    for a in range(n):
        for b in range((a // measured + 1) * measured, n):
            for c in range((b // measured + 1) * measured, n):
                total = 0.0
                for i in range(len(use)):
                    if int(cover[i, a]) + int(cover[i, b]) + int(cover[i, c]) >= 2:
                        total += use[i]
                if total > 1 + least:
                    rows.append((total - 1, float(a), float(b), float(c)))
    result = np.empty((len(rows), 4))
    for i in range(len(rows)):
        result[i, 0], result[i, 1], result[i, 2], result[i, 3] = rows[i]
    return result
