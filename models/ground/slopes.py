"""How far a slope slides when the ground shakes: a rigid block on an incline."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["newmark_cm", "slide_share"]

Floats = NDArray[np.float64]


def newmark_cm(pga_g: Floats, critical_g: Floats) -> Floats:
    """Displacement of a sliding block, cm, from peak and critical acceleration.

    Jibson 2007 (Eng. Geol. 91:209, eq. 6): lg D = 0.215 + lg((1 - a)**2.341 a**-1.438), a = critical / peak; 0 where
    the peak does not exceed the critical acceleration.
    """
    pga, critical = np.broadcast_arrays(np.asarray(pga_g, dtype=np.float64), np.asarray(critical_g, dtype=np.float64))
    moves = pga > critical
    ratio = np.where(moves, critical / np.where(moves, pga, 1.0), 0.5)
    displacement: Floats = np.where(moves, 10**0.215 * (1.0 - ratio) ** 2.341 * ratio**-1.438, 0.0)
    return displacement


def slide_share(displacement_cm: Floats) -> Floats:
    """Share of slopes with such a displacement that slid, as mapped after Northridge (Jibson et al. 2000).

    0.335 (1 - exp(-0.048 D**1.565)).
    """
    share: Floats = 0.335 * (1.0 - np.exp(-0.048 * np.asarray(displacement_cm, dtype=np.float64) ** 1.565))
    return share
