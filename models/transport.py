"""Who supplies whom: least-cost allocation of finite supplies, with shared resources that get dearer as they fill.

Transportation problem (Hitchcock 1941) with unmet demand at a penalty, limits on groups of arcs, and resources whose
use is charged by successive slots (a piecewise-linear convex cost); and the choice of customers to serve in full.
Solved with HiGHS through SciPy; flows are whole numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["Allocation", "Arcs", "Service", "allocate", "serve_most"]

_TINY = 1e-6
_NODES = 200
"""Branch-and-bound nodes allowed: a limit on work, not on the clock."""


@dataclass(frozen=True, eq=False)
class Arcs:
    """Possible flows, and what they share.

    Attributes
    ----------
    source, sink : int64 arrays, shape (a,)
    cost : float64 array, shape (a,)
        Per unit.
    group : int64 array, shape (a,)
        Group whose limit the arc counts against; -1 = none.
    limit : float64 array, shape (g,)
    resource : int64 array, shape (a, k)
        Up to ``k`` resources the arc uses; -1 = none.
    use : float64 array, shape (a, k)
        How much of each, per unit.
    """

    source: NDArray[np.int64]
    sink: NDArray[np.int64]
    cost: NDArray[np.float64]
    group: NDArray[np.int64] | None = None
    limit: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    resource: NDArray[np.int64] | None = None
    use: NDArray[np.float64] | None = None


@dataclass(frozen=True, eq=False)
class Allocation:
    """Whole-number flows on the arcs, unmet demand by sink, and the lower bound that the relaxation gives."""

    flow: NDArray[np.int64]
    unmet: NDArray[np.int64]
    cost: float
    bound: float


@dataclass(frozen=True, eq=False)
class Service:
    """Customers served in full, the gain, and a proven upper bound on any gain."""

    served: NDArray[np.bool_]
    gain: float
    bound: float


def allocate(
    supply: NDArray[np.int64],
    demand: NDArray[np.int64],
    penalty: NDArray[np.float64],
    arcs: Arcs,
    slot_width: NDArray[np.float64] | None = None,
    slot_price: NDArray[np.float64] | None = None,
) -> Allocation:
    r"""Allocate supplies to demands at least cost.

    .. math::
        \min \sum_a c_a x_a + \sum_n p_n u_n + \sum_{r,k} q_{rk} z_{rk}
        \quad \text{s.t.} \quad
        \sum_{a \in \delta^+(i)} x_a \le s_i, \quad
        \sum_{a \in \delta^-(n)} x_a + u_n = d_n, \quad
        \sum_{a \in g} x_a \le l_g, \quad
        \sum_{a \in r} w_a x_a \le \sum_k z_{rk}, \quad
        0 \le z_{rk} \le b_{rk}, \quad x, u \in \mathbb{Z}_{\ge 0}

    The linear relaxation is solved first; what its fractions leave over is a small integer programme.

    Parameters
    ----------
    supply : int64 array, shape (k,)
    demand : int64 array, shape (n,)
    penalty : float64 array, shape (n,)
        Cost of a unit of unmet demand; higher than any way of meeting it, or it is cheaper not to.
    arcs : Arcs
    slot_width, slot_price : float64 arrays, shape (r, s), optional
        Slots of each resource: how much each holds and its price per unit of resource, prices not falling along a row.

    Returns
    -------
    Allocation

    Raises
    ------
    ValueError
        If the arrays do not fit each other.
    """
    _validate(supply, demand, arcs)
    width = np.empty((0, 0)) if slot_width is None else np.asarray(slot_width, dtype=np.float64)
    price = np.empty((0, 0)) if slot_price is None else np.asarray(slot_price, dtype=np.float64)
    if width.shape != price.shape or (price.size and (np.diff(price, axis=1) < -_TINY).any()):
        msg = "slots need a width and a price each, with prices that do not fall"
        raise ValueError(msg)
    a, n = len(arcs.source), len(demand)
    if a == 0 or not demand.any():
        cost = float(penalty @ demand) if n else 0.0
        return Allocation(np.zeros(a, np.int64), demand.astype(np.int64), cost, cost)
    relaxed, bound = _solve(supply, demand, penalty, arcs, width, price, whole=False)
    flow = np.floor(relaxed + _TINY).astype(np.int64)
    left_supply = supply - np.bincount(arcs.source, flow, len(supply)).astype(np.int64)
    left_demand = demand - np.bincount(arcs.sink, flow, n).astype(np.int64)
    if left_demand.any() and (relaxed - flow > _TINY).any():
        rest_arcs = arcs
        rest_width = width
        if arcs.group is not None:
            used = np.bincount(arcs.group[arcs.group >= 0], flow[arcs.group >= 0], len(arcs.limit))
            rest_arcs = Arcs(arcs.source, arcs.sink, arcs.cost, arcs.group, arcs.limit - used, arcs.resource, arcs.use)
        if width.size:
            rest_width = _remaining(width, _used(arcs, flow, len(width)))
        more, _ = _solve(left_supply, left_demand, penalty, rest_arcs, rest_width, price, whole=True)
        flow = flow + np.floor(more + 0.5).astype(np.int64)
    unmet = demand - np.bincount(arcs.sink, flow, n).astype(np.int64)
    cost = float(arcs.cost @ flow + penalty @ unmet)
    if width.size:
        taken = width - _remaining(width, _used(arcs, flow, len(width)))
        cost += float((taken * price).sum())
    return Allocation(flow, unmet, cost, bound)


def serve_most(
    supply: NDArray[np.int64],
    demand: NDArray[np.int64],
    customer: NDArray[np.int64],
    gain: NDArray[np.float64],
    arcs: Arcs,
    capacity: NDArray[np.float64],
    nodes: int = _NODES,
    seconds: float = math.inf,
) -> Service:
    r"""Choose customers to serve in full, :math:`\max \sum_p g_p y_p`.

    Every demand of customer ``p`` is met in full if :math:`y_p = 1`; supplies, limits of groups and capacities of
    resources hold. Flows may be fractions here: the bound is valid for whole numbers too.

    Parameters
    ----------
    supply : int64 array, shape (k,)
    demand : int64 array, shape (n,)
    customer : int64 array, shape (n,)
        Customer of each demand.
    gain : float64 array, shape (p,)
        Positive.
    arcs : Arcs
        ``cost`` is not used.
    capacity : float64 array, shape (r,)
        Of each resource.
    nodes : int
        Branch-and-bound nodes allowed; 0 = the linear relaxation only, whose bound is valid and which serves nobody.
    seconds : float
        Wall time allowed; the bound stays valid, if weaker, when it is cut.

    Returns
    -------
    Service
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array, csr_array, hstack, vstack

    _validate(supply, demand, arcs)
    a, n, p = len(arcs.source), len(demand), len(gain)
    if p == 0:
        return Service(np.empty(0, bool), 0.0, 0.0)
    columns = np.arange(a)
    ones = np.ones(a)
    rows = [coo_array((ones, (arcs.source, columns)), shape=(len(supply), a))]
    upper = [supply.astype(np.float64)]
    if arcs.group is not None and len(arcs.limit):
        rows.append(_rows(arcs.group[:, None], ones[:, None], len(arcs.limit)))
        upper.append(arcs.limit)
    if arcs.resource is not None and arcs.use is not None and len(capacity):
        rows.append(_rows(arcs.resource, arcs.use, len(capacity)))
        upper.append(capacity)
    shared = vstack(rows)
    shared = hstack([shared, csr_array((shared.shape[0], p))])
    into = coo_array((ones, (arcs.sink, columns)), shape=(n, a))
    served = coo_array((-demand.astype(np.float64), (np.arange(n), customer)), shape=(n, p))
    balance = hstack([into, served])
    found = milp(
        np.concatenate([np.zeros(a), -gain]),
        integrality=np.concatenate([np.zeros(a), np.full(p, int(nodes > 0))]),
        bounds=Bounds(np.zeros(a + p), np.concatenate([np.full(a, np.inf), np.ones(p)])),
        constraints=[
            LinearConstraint(shared.tocsr(), -np.inf, np.concatenate(upper)),
            LinearConstraint(balance.tocsr(), 0.0, 0.0),
        ],
        options={**({"node_limit": nodes, "mip_rel_gap": 1e-4} if nodes else {}),
                 **({"time_limit": max(seconds, 1e-3)} if seconds < math.inf else {})},
    )  # fmt: skip
    proven = found.mip_dual_bound if nodes else (found.fun if found.status == 0 else None)
    bound = float(gain.sum())
    if proven is not None and np.isfinite(proven):
        bound = min(bound, -float(proven))
    chosen = np.zeros(p, bool) if found.x is None or not nodes else found.x[a:] > 0.5
    return Service(chosen, float(gain[chosen].sum()), max(bound, float(gain[chosen].sum())))


def _validate(supply: NDArray[np.int64], demand: NDArray[np.int64], arcs: Arcs) -> None:
    if len(arcs.source) != len(arcs.sink) or len(arcs.source) != len(arcs.cost):
        msg = "arcs need a source, a sink and a cost each"
        raise ValueError(msg)
    if len(arcs.source) and (arcs.source.max() >= len(supply) or arcs.sink.max() >= len(demand)):
        msg = "an arc names a source or sink that does not exist"
        raise ValueError(msg)


def _rows(index: NDArray[np.int64], values: NDArray[np.float64], n: int):  # type: ignore[no-untyped-def]
    """Sparse matrix with ``values`` of each arc in the rows its indices name; -1 = in none."""
    from scipy.sparse import coo_array

    arc, slot = np.nonzero(index >= 0)
    return coo_array((values[arc, slot], (index[arc, slot], arc)), shape=(n, len(index)))


def _used(arcs: Arcs, flow: NDArray[np.int64], n: int) -> NDArray[np.float64]:
    """Use of each resource."""
    if arcs.resource is None or arcs.use is None:
        return np.zeros(n)
    kept = arcs.resource >= 0
    return np.bincount(arcs.resource[kept], (arcs.use * flow[:, None])[kept], n).astype(np.float64)


def _remaining(width: NDArray[np.float64], used: NDArray[np.float64]) -> NDArray[np.float64]:
    """What is left of each slot after ``used`` is taken from the cheapest slots on."""
    before = np.cumsum(width, axis=1) - width
    return width - np.clip(used[:, None] - before, 0.0, width)


def _solve(
    supply: NDArray[np.int64],
    demand: NDArray[np.int64],
    penalty: NDArray[np.float64],
    arcs: Arcs,
    width: NDArray[np.float64],
    price: NDArray[np.float64],
    *,
    whole: bool,
) -> tuple[NDArray[np.float64], float]:
    """Flows of the programme of :func:`allocate` and its bound; flows are whole numbers if ``whole``."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array, csr_array, hstack, vstack

    open_arc = np.flatnonzero((supply[arcs.source] > 0) & (demand[arcs.sink] > 0))
    a, n, z = len(open_arc), len(demand), width.size
    flow = np.zeros(len(arcs.source))
    if a == 0:
        return flow, float(penalty @ demand)
    source, sink = arcs.source[open_arc], arcs.sink[open_arc]
    columns = np.arange(a)
    blocks = [coo_array((np.ones(a), (source, columns)), shape=(len(supply), a))]
    upper = [supply.astype(np.float64)]
    if arcs.group is not None and len(arcs.limit):
        blocks.append(_rows(arcs.group[open_arc, None], np.ones((a, 1)), len(arcs.limit)))
        upper.append(arcs.limit)
    above = sum(block.shape[0] for block in blocks)
    if z and arcs.resource is not None and arcs.use is not None:
        blocks.append(_rows(arcs.resource[open_arc], arcs.use[open_arc], len(width)))
        upper.append(np.zeros(len(width)))
    shared = vstack(blocks)
    slots = coo_array(
        (-np.ones(z), (above + np.repeat(np.arange(len(width)), width.shape[1] if z else 0), np.arange(z))),
        shape=(shared.shape[0], z),
    )
    into = coo_array((np.ones(a), (sink, columns)), shape=(n, a))
    unmet = coo_array((np.ones(n), (np.arange(n), np.arange(n))), shape=(n, n))
    most = np.minimum(supply[source], demand[sink]).astype(np.float64)
    found = milp(
        np.concatenate([arcs.cost[open_arc], penalty, price.ravel()]),
        integrality=np.concatenate([np.full(a + n, int(whole)), np.zeros(z)]),
        bounds=Bounds(0.0, np.concatenate([most, demand.astype(np.float64), width.ravel()])),
        constraints=[
            LinearConstraint(hstack([shared, csr_array((shared.shape[0], n)), slots]).tocsr(), -np.inf,
                             np.concatenate(upper)),
            LinearConstraint(hstack([into, unmet, csr_array((n, z))]).tocsr(), demand, demand),
        ],
        options={"node_limit": _NODES, "mip_rel_gap": 1e-6} if whole else {},
    )  # fmt: skip
    if found.x is None:
        return flow, -np.inf
    flow[open_arc] = found.x[:a]
    return flow, float(found.fun if not whole else found.mip_dual_bound)
