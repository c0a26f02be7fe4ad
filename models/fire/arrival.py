"""When fire arrives in each cell: minimum travel time over elliptical fronts, with weather that changes by the hour.

Fire runs from its origin along straight lines at the rates of an ellipse with the origin in the rear focus (Richards
1990; Finney 2002, Can. J. For. Res. 32:1420): the time of a displacement d is a·|d| - b·d. Arrival times are searched
by label setting (Dijkstra) over stencils that fit each cell's ellipse, from single cells along traced lines and from
pairs of neighbours between which the front is interpolated (fast marching; Mirebeau 2014). Updates never fall below
the times they come from, so the answer is the least fixed point of a monotone operator: closing cells, earlier
or more, never makes any arrival earlier.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.fire._march import march
from models.fire.behaviour import Behaviour
from models.fire.stencils import rays, stencil_class, stencils

__all__ = ["NEVER_S", "FirePace", "arrival_times", "pace"]

NEVER_S = np.inf
"""Arrival where fire does not come."""


@dataclass(frozen=True, eq=False)
class FirePace:
    """Time that the front needs, by period and cell: ``a·|d| - east·dx - north·dy`` seconds for d metres.

    Attributes
    ----------
    start_s : float64 array (p,)
        Beginning of each period, ascending; the first holds before, the last holds for good.
    a, east, north : float32 arrays (p, rows, columns)
        Seconds per metre; ``a`` = 0 where nothing burns. Rows run from north to south.
    stencil : int16 array (p, rows, columns)
        Class of the ellipse.
    cell_m : float
    """

    start_s: NDArray[np.float64]
    a: NDArray[np.float32]
    east: NDArray[np.float32]
    north: NDArray[np.float32]
    stencil: NDArray[np.int16]
    cell_m: float


def pace(
    behaviours: list[Behaviour], slope: NDArray[np.float64], start_s: NDArray[np.float64], shape: tuple[int, int],
    cell_m: float,
) -> FirePace:  # fmt: skip
    """Paces of the front from the behaviour in each period.

    Parameters
    ----------
    behaviours : list of Behaviour
        One per period, cells in rows from north to south.
    slope : float64 array (n,)
        Rise over run; the rate along the slope becomes one on the map by the cosine of the slope.
    start_s : float64 array (p,)
    shape : (rows, columns)
    cell_m : float
        Cells are square.
    """
    p, n = len(behaviours), len(slope)
    a, east, north = (np.zeros((p, n), dtype=np.float32) for _ in range(3))
    stencil = np.zeros((p, n), dtype=np.int16)
    level = 1.0 / np.sqrt(1.0 + slope * slope)
    for k, fire in enumerate(behaviours):
        burning = fire.ros_m_min > 0
        rate = np.where(burning, fire.ros_m_min * level / 60.0, 1.0)
        slow = np.where(burning, 1.0 / (rate * (1.0 - fire.eccentricity)), 0.0)
        bearing = np.radians(fire.heading_deg)
        e_east, e_north = fire.eccentricity * np.sin(bearing), fire.eccentricity * np.cos(bearing)
        a[k], east[k], north[k] = slow, slow * e_east, slow * e_north
        stencil[k] = stencil_class(e_east, e_north)
    full = (p, *shape)
    return FirePace(
        np.asarray(start_s, dtype=np.float64), a.reshape(full), east.reshape(full), north.reshape(full),
        stencil.reshape(full), cell_m,
    )  # fmt: skip


def arrival_times(
    front: FirePace,
    known_s: NDArray[np.float64],
    origins: NDArray[np.int64],
    closed_s: NDArray[np.float64],
    opens_s: NDArray[np.float64],
    until_s: float,
) -> NDArray[np.float64]:
    """Arrival time of the fire in every cell.

    Parameters
    ----------
    front : FirePace
    known_s : float64 array (rows, columns)
        Times that are given: of ignitions, or of what has burnt already; ``inf`` elsewhere.
    origins : int64 array (k, 2)
        Row and column of the ignitions: straight lines from them are followed for some cells, because a front is
        most curved there. Each must have a known time.
    closed_s, opens_s : float64 arrays (rows, columns)
        Cells that cannot be entered or crossed in [closed_s, opens_s): a line finished, a break that holds
        (``-inf`` to ``inf``), a cell wetted until it has dried. A front waits before them. ``closed_s`` = ``inf``:
        never closed.
    until_s : float
        Nothing later is computed.

    Returns
    -------
    float64 array (rows, columns)
        Seconds; ``inf`` where fire does not come by ``until_s``.

    Raises
    ------
    ValueError
        If shapes differ.
    """
    shape = front.a.shape[1:]
    for name, array in (("known_s", known_s), ("closed_s", closed_s), ("opens_s", opens_s)):
        if array.shape != shape:
            msg = f"{name} {array.shape} must have the grid's shape {shape}"
            raise ValueError(msg)
    table = stencils()
    lines, near = table.lines, rays()
    member = _members(front.stencil, table.member)
    arrival: NDArray[np.float64] = march(
        front.start_s, front.a, front.east, front.north, front.cell_m,
        np.ascontiguousarray(known_s, dtype=np.float64), np.ascontiguousarray(closed_s, dtype=np.float64),
        np.ascontiguousarray(opens_s, dtype=np.float64),
        float(until_s), np.asarray(origins, dtype=np.int64).reshape(-1, 2), member,
        (lines.step, lines.length, lines.first, lines.passed, lines.share, lines.corner_first, lines.corner),
        (near.step, near.length, near.first, near.passed, near.share, near.corner_first, near.corner),
    )  # fmt: skip
    return arrival


def _members(stencil: NDArray[np.int16], member: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Directions of each cell's stencil as bits of two words; those of all periods, so that it does not change."""
    bits = 1 << np.arange(64, dtype=np.uint64)
    padded = np.zeros((len(member), 128), dtype=np.uint64)
    padded[:, : member.shape[1]] = member
    words = np.stack([(padded[:, :64] * bits).sum(axis=1), (padded[:, 64:] * bits).sum(axis=1)], axis=1)
    joined: NDArray[np.uint64] = np.bitwise_or.reduce(words[stencil], axis=0)
    return joined
