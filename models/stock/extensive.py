"""The two-stage stock problem as one programme: for numbers of nights that fit into memory, far faster than cuts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.siting.highs import Programme, minimise
from models.siting.layout import relative_gap, status_of
from models.stock.preposition import Preposition, Stocking, evaluate

__all__ = ["preposition_at_once"]


def preposition_at_once(problem: Preposition, seconds: float = 120.0, gap: float = 1e-6) -> Stocking:
    r"""Minimise opening, purchase and expected recourse cost: :func:`models.stock.preposition` without decomposition.

    Columns: :math:`y_{jl}`, :math:`r_{jk}`, and for every scenario and wanted amount :math:`d^s_{ik} > 0` the carriage
    :math:`x^s_{jik}` from each depot that can serve it, and the shortage :math:`w^s_{ik}`. The value is recomputed
    from the stock with :func:`models.stock.evaluate`.
    """
    from scipy.sparse import coo_array

    m, sizes = problem.opening.shape
    items, chance = len(problem.volume), problem.probability
    offered = np.isfinite(problem.opening)
    opening = np.where(offered, problem.opening, 0.0)
    base = m * sizes + m * items
    stock_column = m * sizes + np.arange(m * items).reshape(m, items)
    s, i, k = np.nonzero(problem.demand > 0)  # one wanted amount each
    wanted = len(s)
    gain = problem.carriage[s, :, i] - problem.holding[k][:, None]
    w, j = np.nonzero(gain < problem.shortage[k][:, None])
    x = base + np.arange(len(w))
    short = base + len(w) + np.arange(wanted)
    width = base + len(w) + wanted
    used = np.unique((s[w] * items + k[w]) * m + j)
    supply = np.searchsorted(used, (s[w] * items + k[w]) * m + j)
    us, uk, uj = used // (items * m), used // m % items, used % m
    ones = np.ones
    row = [np.repeat(np.arange(m), sizes), np.repeat(np.arange(m), items), m + np.repeat(np.arange(m), sizes),
           np.full(m * (sizes + items), 2 * m)]  # fmt: skip
    column = [np.arange(m * sizes), stock_column.ravel(), np.arange(m * sizes), np.arange(base)]
    entry = [-np.tile(problem.space, m), np.tile(problem.volume, m), ones(m * sizes),
             np.concatenate([opening.ravel(), np.tile(problem.purchase, m)])]  # fmt: skip
    first = 2 * m + 1
    row += [first + w, first + np.arange(wanted), first + wanted + supply, first + wanted + np.arange(len(used))]
    column += [x, short, x, stock_column[uj, uk]]
    entry += [ones(len(w)), ones(wanted), ones(len(w)), -problem.surviving[us, uj, uk]]
    rows = coo_array((np.concatenate(entry), (np.concatenate(row), np.concatenate(column))),
                     shape=(first + wanted + len(used), width))  # fmt: skip
    need = problem.demand[s, i, k]
    left_over = np.einsum("s,sjk->jk", chance, problem.surviving) * problem.holding
    cost = np.concatenate([
        opening.ravel(), (problem.purchase + left_over).ravel(), chance[s[w]] * gain[w, j],
        chance[s] * problem.shortage[k],
    ])  # fmt: skip
    found = minimise(
        Programme(
            cost,
            rows,
            np.concatenate([np.full(first, -np.inf), need, np.full(len(used), -np.inf)]),
            np.concatenate([np.zeros(m), ones(m), [problem.budget], need, np.zeros(len(used))]),
            np.zeros(width),
            np.concatenate([offered.ravel().astype(np.float64), np.full(width - m * sizes, np.inf)]),
            np.concatenate(
                [np.full(m * sizes, bool((opening > 0).any() or sizes > 1)), np.zeros(width - m * sizes, bool)]
            ),
        ),
        seconds,
        gap=gap / 10,
    )
    nothing = np.zeros((m, items))
    y = np.zeros((m, sizes)) if found.x is None else np.round(found.x[: m * sizes].reshape(m, sizes))
    stock: NDArray[np.float64] = (
        nothing if found.x is None else np.maximum(found.x[m * sizes : base].reshape(m, items), 0)
    )
    recourse = evaluate(problem, stock)
    value = float((opening * y).sum() + (stock @ problem.purchase).sum() + chance @ recourse)
    bound = min(found.bound, value)
    close = value - bound <= 10 * gap * max(abs(value), 1e-9)
    status = "optimal" if found.x is not None and close else status_of(value, bound)
    size = np.where(y.any(axis=1), y.argmax(axis=1), -1)
    return Stocking(value, bound, relative_gap(value, bound), status, size, stock, recourse)
