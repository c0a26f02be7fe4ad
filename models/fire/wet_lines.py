"""Water for hand-built lines: which parts of them have a pump and hose behind them, and how far the water goes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["wet_share"]

Floats = NDArray[np.float64]


def wet_share(need: Floats, away_m: Floats, volume: Floats, reach_m: float) -> Floats:
    """Share of each stretch of line that is built with water.

    Stretches take water in their order, each from the sources within reach, the nearest first (of equal ones the
    first), until it has enough or they are empty.

    A further source, or more water in one, never leaves any stretch with less. Before each stretch every old source
    holds at least what it held without the addition; going through the sources in the stretch's order, what it still
    needs on coming to one is then never more, and so what the source keeps, ``max(held - needed, 0)``, never less.

    Parameters
    ----------
    need : float64 array (n,)
        Water for the whole of each stretch.
    away_m : float64 array (n, sources)
        Length of hose from each source to each stretch.
    volume : float64 array (sources,)
        Water in each source, in the unit of ``need``; ``inf``: a river.
    reach_m : float
        Longest hose.

    Returns
    -------
    float64 array (n,)
        0 to 1.
    """
    left = np.array(volume, dtype=np.float64)
    share = np.zeros(len(need))
    for k, wanted in enumerate(need):
        lacking = float(wanted)
        near = np.flatnonzero(away_m[k] <= reach_m)
        if not len(near) or lacking <= 0:
            continue
        for source in near[np.argsort(away_m[k, near], kind="stable")]:
            given = min(lacking, float(left[source]))
            left[source] -= given
            lacking -= given
            if lacking <= 0:
                break
        share[k] = 1.0 - lacking / wanted
    return share
