"""Where water runs over a grid of ground: the shallow water equations in two dimensions, with dry land.

Finite volumes: HLL fluxes (Harten, Lax and van Leer 1983) with the wave speeds of a dry bed where there is one (Toro
2001), hydrostatic reconstruction (Audusse et al. 2004, SIAM J. Sci. Comput. 25:2050-2065), so that a lake stays at
rest over any bed and no depth falls below zero, Manning friction semi-implicitly, explicit steps with
dt · (a_x / dx + a_y / dy) = ``cfl`` at most one half (a quarter per direction), the bound under which depths stay
positive. First order: no slope limiters. A cell is wet, and counted as a wet cell-step, if it holds more than 1e-8 m
after the step.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["Budget", "Flow", "Ground", "Rain", "Source", "flow"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LARGEST_CFL = 0.5


@dataclass(frozen=True, eq=False)
class Ground:
    """What the water runs over.

    Attributes
    ----------
    bed_m : float64 array (rows, columns)
        Rows from north to south, columns from west to east.
    dx_m, dy_m : float
        Width and height of a cell.
    manning : float64 array (rows, columns)
        Roughness, s m^(-1/3); 0 = none.
    is_open : tuple of four bools
        Whether water may leave over the border in the west, east, north and south; otherwise a wall stands there.
    """

    bed_m: Floats
    dx_m: float
    dy_m: float
    manning: Floats
    is_open: tuple[bool, bool, bool, bool] = (False, False, False, False)

    def __post_init__(self) -> None:
        if self.bed_m.ndim != 2 or self.manning.shape != self.bed_m.shape:
            msg = "bed and roughness must be grids of one shape"
            raise ValueError(msg)
        if not (np.isfinite(self.bed_m).all() and (self.manning >= 0).all() and self.dx_m > 0 and self.dy_m > 0):
            msg = "a bed without height, a negative roughness, or cells without size"
            raise ValueError(msg)


@dataclass(frozen=True, eq=False)
class Source:
    """Water let in: at each time (ascending, s), m³/s into each cell (cells, times); linear between, none outside."""

    cell: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    time_s: Floats = field(default_factory=lambda: np.empty(0))
    inflow_m3_s: Floats = field(default_factory=lambda: np.empty((0, 0)))


@dataclass(frozen=True, eq=False)
class Rain:
    """Rain at each time (ascending, s), m/s; ``share`` (rows, columns) of it runs off; linear between, none outside."""

    time_s: Floats
    rate_m_s: Floats
    share: Floats


@dataclass(frozen=True)
class Budget:
    """Water volumes, m³: at first, rained, let in, left over the border, in the end."""

    first: float
    rained: float
    let_in: float
    left: float
    last: float

    @property
    def error(self) -> float:
        """What cannot be accounted for, as a share of all the water there ever was."""
        gained = self.first + self.rained + self.let_in
        return (self.last + self.left - gained) / gained if gained > 0 else self.last + self.left


@dataclass(frozen=True, eq=False)
class Flow:
    """What happened.

    Attributes
    ----------
    depth_m, east_m2_s, south_m2_s : float64 arrays (rows, columns)
        Depth and unit discharges at the end.
    peak_m : float64 array (rows, columns)
        Greatest depth at any step.
    arrival_s : float64 array (rows, columns)
        When the depth first reached ``arrival_m``; ``inf`` = never.
    record_s : float64 array (t,)
    watched_m : float64 array (t, cells)
        Depths of the watched cells at the record times.
    budget : Budget
    steps, wet_cell_steps : int
    smallest_step_s : float
    """

    depth_m: Floats
    east_m2_s: Floats
    south_m2_s: Floats
    peak_m: Floats
    arrival_s: Floats
    record_s: Floats
    watched_m: Floats
    budget: Budget
    steps: int
    wet_cell_steps: int
    smallest_step_s: float


def flow(
    ground: Ground,
    record_s: Floats,
    *,
    depth_m: Floats | None = None,
    discharge_m2_s: tuple[Floats, Floats] | None = None,
    source: Source | None = None,
    rain: Rain | None = None,
    watch: Ints | None = None,
    start_s: float = 0.0,
    cfl: float = LARGEST_CFL,
    longest_step_s: float = 10.0,
    arrival_m: float = 0.05,
) -> Flow:
    """Let water run until the last record time.

    Parameters
    ----------
    ground : Ground
    record_s : float64 array (t,)
        Times to stop at, ascending, not before ``start_s``.
    depth_m : float64 array (rows, columns), optional
        Water there at first; none without it.
    discharge_m2_s : two float64 arrays (rows, columns), optional
        Depth times velocity to the east and to the south at first; still without it.
    source : Source, optional
    rain : Rain, optional
    watch : int64 array, optional
        Cells (numbered row by row) whose depths are wanted at the record times.
    start_s : float
    cfl : float
        dt · (a_x / dx + a_y / dy); above 0 and at most one half.
    longest_step_s : float
    arrival_m : float
        Depth that counts as arrived.

    Raises
    ------
    ValueError
        If arrays do not fit each other, times fall, depths are negative or ``cfl`` is out of range.
    """
    from models.water._step import G, advance

    shape = ground.bed_m.shape
    if not 0 < cfl <= LARGEST_CFL:
        msg = f"cfl must be above 0 and at most {LARGEST_CFL}"
        raise ValueError(msg)
    record = np.array(record_s, dtype=np.float64)
    if not len(record) or record[0] < start_s or (np.diff(record) < 0).any():
        msg = "record times must not fall, nor lie before the start"
        raise ValueError(msg)
    h = np.zeros(shape) if depth_m is None else np.array(depth_m, dtype=np.float64)
    moving = (np.zeros(shape), np.zeros(shape)) if discharge_m2_s is None else discharge_m2_s
    p, q = (np.array(one, dtype=np.float64) for one in moving)
    let_in = Source() if source is None else source
    falling = Rain(np.empty(0), np.empty(0), np.zeros(shape)) if rain is None else rain
    if not h.shape == p.shape == q.shape == falling.share.shape == shape or not (h >= 0).all():
        msg = "depths, discharges and rain must have the shape of the bed, and no depth be negative"
        raise ValueError(msg)
    if len(let_in.cell) and let_in.inflow_m3_s.shape != (len(let_in.cell), len(let_in.time_s)):
        msg = "a source needs one inflow per cell and time"
        raise ValueError(msg)
    seen = np.empty(0, dtype=np.int64) if watch is None else np.asarray(watch, dtype=np.int64)
    peak, arrival = np.zeros(shape), np.full(shape, np.inf)
    watched = np.zeros((len(record), len(seen)))
    cell_m2 = ground.dx_m * ground.dy_m
    first = _volume(h, cell_m2)
    rained, entered, left = np.zeros(2), np.zeros(2), np.zeros(2)
    # heights from the lowest point: water surfaces then round as finely as they can
    bed = np.ascontiguousarray(ground.bed_m - ground.bed_m.min(), dtype=np.float64)
    steps, wet, smallest = advance(
        bed, np.ascontiguousarray(G * ground.manning**2), ground.dx_m, ground.dy_m, h, p, q,
        np.array(ground.is_open, dtype=np.bool_), cfl, longest_step_s, start_s, record, seen, watched,
        np.asarray(let_in.cell, dtype=np.int64), np.asarray(let_in.time_s, dtype=np.float64),
        np.ascontiguousarray(let_in.inflow_m3_s, dtype=np.float64), np.asarray(falling.time_s, dtype=np.float64),
        np.asarray(falling.rate_m_s, dtype=np.float64), np.ascontiguousarray(falling.share, dtype=np.float64),
        peak, arrival, arrival_m, rained, entered, left,
    )  # fmt: skip
    budget = Budget(first, float(rained.sum()), float(entered.sum()), float(left.sum()), _volume(h, cell_m2))
    return Flow(h, p, q, peak, arrival, record, watched, budget, int(steps), int(wet), float(smallest))


def _volume(depth_m: Floats, cell_m2: float) -> float:
    """Water on the grid, m³, added up without loss."""
    import math

    return math.fsum(depth_m.ravel().tolist()) * cell_m2
