"""Flow of least cost through a network: whole units from where they are to where there is room.

Solved with OR-Tools' cost-scaling push-relabel (Goldberg & Tarjan 1990), whose answer is whole by construction. Lower
bounds are moved into the supplies (Ahuja, Magnanti & Orlin 1993, section 2.4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Flow", "min_cost_flow"]


@dataclass(frozen=True, eq=False)
class Flow:
    """A flow.

    Attributes
    ----------
    amount : int64 array, shape (m,)
        Units on each arc.
    cost : int
        Least total cost; 0 where there is no flow.
    feasible : bool
        Whether all supply can reach all demand.
    """

    amount: NDArray[np.int64]
    cost: int
    feasible: bool


def min_cost_flow(
    tail: ArrayLike,
    head: ArrayLike,
    capacity: ArrayLike,
    cost: ArrayLike,
    supply: ArrayLike,
    lower: ArrayLike | None = None,
) -> Flow:
    """Send every unit of supply to a demand at the least total cost.

    Parameters
    ----------
    tail, head : integer arrays, shape (m,)
        End nodes of each arc, in ``0 … n - 1``; parallel arcs are kept apart.
    capacity, cost : integer arrays, shape (m,)
        Most units on an arc, and the cost of each (also negative).
    supply : integer array, shape (n,)
        Units at each node, negative where they are wanted; must add up to 0.
    lower : integer array, shape (m,), optional
        Fewest units on an arc; default 0.

    Raises
    ------
    ValueError
        If the supplies do not add up to 0, or an arc's lower bound exceeds its capacity.
    """
    from ortools.graph.python import min_cost_flow as solver

    t, h, most, price, at = (np.asarray(a, dtype=np.int64) for a in (tail, head, capacity, cost, supply))
    least = np.zeros(len(t), dtype=np.int64) if lower is None else np.asarray(lower, dtype=np.int64)
    if int(at.sum()) != 0:
        msg = f"supplies add up to {int(at.sum())}, not to 0"
        raise ValueError(msg)
    if (least > most).any():
        msg = "an arc's lower bound exceeds its capacity"
        raise ValueError(msg)
    left = at.copy()
    np.subtract.at(left, t, least)
    np.add.at(left, h, least)
    network = solver.SimpleMinCostFlow()
    arcs = network.add_arcs_with_capacity_and_unit_cost(t, h, most - least, price)
    network.set_nodes_supplies(np.arange(len(left)), left)
    status = network.solve()
    if status == network.INFEASIBLE:
        return Flow(np.zeros(len(t), dtype=np.int64), 0, feasible=False)
    if status != network.OPTIMAL:
        msg = f"the flow cannot be solved: status {status}"
        raise ValueError(msg)
    amount = np.asarray(network.flows(arcs), dtype=np.int64) + least
    return Flow(amount, int((amount * price).sum()), feasible=True)
