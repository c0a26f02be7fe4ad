"""The compiled step of ``shallow_water``: fluxes through faces, the time step, the update, what enters and leaves.

Residuals of depth and momentum are added up face by face, row by row; only the span of each row that holds water (and
the cells it may enter) is looked at.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["advance"]

G = 9.81
DRY_M = 1e-8
"""Below this depth water does not move."""
MOST_PER_STEP_M = 0.25
"""No source adds more than this to a cell in one step."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@njit(cache=True, inline="always")
def _add(total: Floats, amount: float) -> None:
    """Neumaier's compensated sum: total[0] + total[1]."""
    s = total[0] + amount
    if abs(total[0]) >= abs(amount):
        total[1] += (total[0] - s) + amount
    else:
        total[1] += (amount - s) + total[0]
    total[0] = s


@njit(cache=True)
def _at(time_s: float, times_s: Floats, values: Floats) -> float:
    """Linear between the given times, zero outside them."""
    last = len(times_s) - 1
    if last < 0 or time_s < times_s[0] or time_s > times_s[last]:
        return 0.0
    k = np.searchsorted(times_s, time_s, side="right") - 1
    if k >= last:
        return float(values[last])
    share = (time_s - times_s[k]) / (times_s[k + 1] - times_s[k])
    return float(values[k] + share * (values[k + 1] - values[k]))


@njit(cache=True, inline="always", error_model="numpy")
def _face(h1, u1, c1, z1, h2, u2, c2, z2):  # type: ignore[no-untyped-def]  # numba infers
    """HLL flux through a face after hydrostatic reconstruction.

    Returns depth flux, momentum flux as the lower-index cell and as the higher-index cell feels it (less the
    hydrostatic pressure of its reconstructed depth), and the fastest wave.
    """
    z = max(z1, z2)
    a = max(h1 + (z1 - z), 0.0)
    b = max(h2 + (z2 - z), 0.0)
    if a <= DRY_M and b <= DRY_M:
        return 0.0, 0.0, 0.0, 0.0
    slow = min(u1 - c1, u2 - c2)
    fast = max(u1 + c1, u2 + c2)
    if b <= 0.0:
        slow = u1 - c1
        fast = u1 + 2.0 * c1
    elif a <= 0.0:
        slow = u2 - 2.0 * c2
        fast = u2 + c2
    p = a * u1
    q = b * u2
    pressure = 0.5 * G * (a - b) * (a + b)
    if slow >= 0.0:
        mass = p
        lower = p * u1
    elif fast <= 0.0:
        mass = q
        lower = q * u2 - pressure
    else:
        scale = slow / (fast - slow)
        mass = p + scale * (fast * (b - a) - (q - p))
        lower = p * u1 + scale * (fast * (q - p) - (q * u2 - p * u1 - pressure))
    upper = lower + pressure
    # weight of water on the step that the reconstruction leaves out; none where the surface is level or the upper
    # side dry
    step = z1 - z2
    if step > 0.0:
        fall = min(h1 + z1 - (h2 + z2), h1)
        if fall > 0.0:
            pull = G * fall * (step - 0.5 * min(step, h1))
            share = h1 / (h1 + h2)
            lower -= pull * share
            upper += pull * (1.0 - share)
    elif step < 0.0:
        fall = min(h2 + z2 - (h1 + z1), h2)
        if fall > 0.0:
            pull = G * fall * (-step - 0.5 * min(-step, h2))
            share = h1 / (h1 + h2)
            lower += pull * share
            upper -= pull * (1.0 - share)
    return mass, lower, upper, max(fast, -slow)


@njit(cache=True, error_model="numpy")
def _fluxes(z, h, u, v, c, dh, dp, dq, lo, hi, dx, dy, edges, out):  # type: ignore[no-untyped-def]
    """Add every face's flux to the residuals; return the fastest waves in both directions."""
    rows, columns = h.shape
    ax = 0.0
    ay = 0.0
    for i in range(rows):
        first, last = lo[i], hi[i]
        # faces between columns
        for j in range(first, last):
            if h[i, j] <= 0.0 and h[i, j + 1] <= 0.0:
                continue
            mass, lower, upper, wave = _face(
                h[i, j], u[i, j], c[i, j], z[i, j], h[i, j + 1], u[i, j + 1], c[i, j + 1], z[i, j + 1]
            )
            ax = max(ax, wave)
            along = mass * (v[i, j] if mass > 0.0 else v[i, j + 1]) / dx
            mass /= dx
            dh[i, j] -= mass
            dh[i, j + 1] += mass
            dp[i, j] -= lower / dx
            dp[i, j + 1] += upper / dx
            dq[i, j] -= along
            dq[i, j + 1] += along
        # faces between this row and the next (south)
        if i + 1 < rows:
            first, last = min(lo[i], lo[i + 1]), max(hi[i], hi[i + 1])
            for j in range(first, last + 1):
                if h[i, j] <= 0.0 and h[i + 1, j] <= 0.0:
                    continue
                mass, lower, upper, wave = _face(
                    h[i, j], v[i, j], c[i, j], z[i, j], h[i + 1, j], v[i + 1, j], c[i + 1, j], z[i + 1, j]
                )
                ay = max(ay, wave)
                along = mass * (u[i, j] if mass > 0.0 else u[i + 1, j]) / dy
                mass /= dy
                dh[i, j] -= mass
                dh[i + 1, j] += mass
                dq[i, j] -= lower / dy
                dq[i + 1, j] += upper / dy
                dp[i, j] -= along
                dp[i + 1, j] += along
    # the border: 0 west, 1 east, 2 north, 3 south; out gathers depth times cells leaving per second
    for i in range(rows):
        ax = max(ax, _border(h, u, v, c, dh, dp, dq, i, 0, -1.0, dx, edges[0], out))
        ax = max(ax, _border(h, u, v, c, dh, dp, dq, i, columns - 1, 1.0, dx, edges[1], out))
    for j in range(columns):
        ay = max(ay, _border(h, v, u, c, dh, dq, dp, 0, j, -1.0, dy, edges[2], out))
        ay = max(ay, _border(h, v, u, c, dh, dq, dp, rows - 1, j, 1.0, dy, edges[3], out))
    return ax, ay


@njit(cache=True, inline="always", error_model="numpy")
def _border(h, u, v, c, dh, dp, dq, i, j, side, size, is_open, out):  # type: ignore[no-untyped-def]
    """A wall mirrors the water; an open border lets it go on as it is, but never in."""
    if h[i, j] <= DRY_M:
        return 0.0
    speed = side * u[i, j]
    if is_open and speed > 0.0:
        mass = h[i, j] * speed / size
        dh[i, j] -= mass
        dp[i, j] -= mass * u[i, j]
        dq[i, j] -= mass * v[i, j]
        out[0] += mass
        return speed + c[i, j]
    push = h[i, j] * (speed * speed + (abs(speed) + c[i, j]) * speed) / size
    dp[i, j] -= side * push
    return 0.0


@njit(cache=True, error_model="numpy")
def _update(  # type: ignore[no-untyped-def]
    h, p, q, u, v, c, dh, dp, dq, friction, lo, hi, dt, time, peak, arrival_s, arrival_m
):
    """New depths, momenta (friction semi-implicit) and velocities; residuals back to zero; count of wet cells."""
    rows = h.shape[0]
    wet = 0
    for i in range(rows):
        for j in range(lo[i], hi[i] + 1):
            depth = h[i, j] + dt * dh[i, j]
            if depth <= DRY_M:
                h[i, j] = max(depth, 0.0)
                p[i, j] = 0.0
                q[i, j] = 0.0
                u[i, j] = 0.0
                v[i, j] = 0.0
                c[i, j] = 0.0
            else:
                wet += 1
                east = p[i, j] + dt * dp[i, j]
                south = q[i, j] + dt * dq[i, j]
                inverse = 1.0 / depth
                drag = friction[i, j]
                if drag > 0.0:
                    moving = math.sqrt(east * east + south * south)
                    damp = 1.0 / (1.0 + dt * drag * moving * inverse * inverse / np.cbrt(depth))
                    east *= damp
                    south *= damp
                h[i, j] = depth
                p[i, j] = east
                q[i, j] = south
                u[i, j] = east * inverse
                v[i, j] = south * inverse
                c[i, j] = math.sqrt(G * depth)
                if depth > peak[i, j]:
                    peak[i, j] = depth
                if depth >= arrival_m and arrival_s[i, j] > time:
                    arrival_s[i, j] = time
            dh[i, j] = 0.0
            dp[i, j] = 0.0
            dq[i, j] = 0.0
    return wet


@njit(cache=True)
def _spans(h, lo, hi):  # type: ignore[no-untyped-def]
    """Span of each row that holds water or is next to some."""
    rows, columns = h.shape
    first = np.full(rows, columns, np.int64)
    last = np.full(rows, -1, np.int64)
    for i in range(rows):
        j = lo[i]
        while j <= hi[i] and h[i, j] <= 0.0:
            j += 1
        if j <= hi[i]:
            first[i] = j
            j = hi[i]
            while h[i, j] <= 0.0:
                j -= 1
            last[i] = j
    for i in range(rows):
        a, b = first[i], last[i]
        if i > 0:
            a, b = min(a, first[i - 1]), max(b, last[i - 1])
        if i + 1 < rows:
            a, b = min(a, first[i + 1]), max(b, last[i + 1])
        lo[i] = max(min(a, first[i] - 1), 0)
        hi[i] = min(max(b, last[i] + 1), columns - 1)


@njit(cache=True)
def advance(  # type: ignore[no-untyped-def]
    z, friction, dx, dy, h, p, q, edges, cfl, longest_s, start_s, record_s, watch, watched,
    source_cell, source_s, source_m3_s, rain_s, rain_m_s, rain_share, peak, arrival_s, arrival_m, rained, let_in, left,
):  # fmt: skip
    """March to the last record time, in place; return steps, wet cell-steps, smallest time step and lowest depth."""
    rows, columns = h.shape
    u, v, c = np.zeros_like(h), np.zeros_like(h), np.zeros_like(h)
    dh, dp, dq = np.zeros_like(h), np.zeros_like(h), np.zeros_like(h)
    lo, hi = np.zeros(rows, np.int64), np.full(rows, columns - 1, np.int64)
    _update(h, p, q, u, v, c, dh, dp, dq, friction, lo, hi, 0.0, start_s, peak, arrival_s, arrival_m)
    raining = len(rain_s) > 0
    share = 0.0
    for i in range(rows):
        for j in range(columns):
            share += rain_share[i, j]
    out = np.zeros(1)
    cell_m2 = dx * dy
    time = start_s
    record = 0
    steps, wet_steps, smallest = 0, 0, np.inf
    while record < len(record_s):
        if not raining:
            for k in range(len(source_cell)):
                i, j = source_cell[k] // columns, source_cell[k] % columns
                lo[i], hi[i] = min(lo[i], j), max(hi[i], j)
            _spans_with(h, lo, hi, source_cell)
        out[0] = 0.0
        ax, ay = _fluxes(z, h, u, v, c, dh, dp, dq, lo, hi, dx, dy, edges, out)
        waves = ax / dx + ay / dy
        dt = longest_s if waves <= cfl / longest_s else cfl / waves
        rate = 0.0
        for k in range(len(source_cell)):
            rate = max(rate, _at(time + 0.5 * dt, source_s, source_m3_s[k]))
        if rate * dt > MOST_PER_STEP_M * cell_m2:
            dt = MOST_PER_STEP_M * cell_m2 / rate
        at_record = time + dt >= record_s[record]
        if at_record:
            dt = record_s[record] - time
        middle = time + 0.5 * dt
        if dt > 0.0:
            for k in range(len(source_cell)):
                amount = _at(middle, source_s, source_m3_s[k])
                dh[source_cell[k] // columns, source_cell[k] % columns] += amount / cell_m2
                _add(let_in, amount * dt)
            if raining:
                rain = _at(middle, rain_s, rain_m_s)
                if rain > 0.0:
                    for i in range(rows):
                        for j in range(columns):
                            dh[i, j] += rain * rain_share[i, j]
                    _add(rained, rain * share * cell_m2 * dt)
            _add(left, out[0] * cell_m2 * dt)
            steps += 1
            smallest = min(smallest, dt)
        time = record_s[record] if at_record else time + dt
        wet = _update(h, p, q, u, v, c, dh, dp, dq, friction, lo, hi, dt, time, peak, arrival_s, arrival_m)
        if dt > 0.0:
            wet_steps += wet
        if at_record:
            for k in range(len(watch)):
                watched[record, k] = h[watch[k] // columns, watch[k] % columns]
            record += 1
    return steps, wet_steps, smallest


@njit(cache=True)
def _spans_with(h, lo, hi, source_cell):  # type: ignore[no-untyped-def]
    """Spans that hold water or a source."""
    columns = h.shape[1]
    _spans(h, lo, hi)
    for k in range(len(source_cell)):
        i, j = source_cell[k] // columns, source_cell[k] % columns
        lo[i], hi[i] = min(lo[i], j), max(hi[i], j)
