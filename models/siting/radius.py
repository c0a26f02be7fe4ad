"""What is left of an uncapacitated location problem as a mixed-integer programme in radii, solved with HiGHS.

Formulation of Cornuéjols, Nemhauser and Wolsey (1980) with the sparse rows of Elloumi (2010, J. Comb. Optim. 19:69-83).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.siting.highs import Programme, minimise

if TYPE_CHECKING:
    from models.siting.uncapacitated import Task

__all__ = ["radius_rows", "solve_radius"]


def solve_radius(
    task: Task,
    opened: NDArray[np.bool_] | None,
    seconds: float,
    gap: float,
    budget: tuple[NDArray[np.float64], float] | None = None,
) -> tuple[NDArray[np.bool_] | None, float]:
    r"""Open sites and bound of the programme in radii.

    .. math::
        \min \sum_j f_j y_j + \sum_i \Big( D_{i1} + \sum_k (D_{i,k+1} - D_{ik}) z_{ik} \Big), \quad
        z_{ik} + \sum_{j: c_{ij} = D_{ik}} y_j \ge z_{i,k-1}, \quad z_{i0} = 1, \quad
        lo \le \sum_j y_j \le hi, \quad y \in \{0, 1\}, \; z \ge 0

    where :math:`D_{i1} < D_{i2} < \dots` are the different costs of client ``i`` and the last its penalty.
    ``budget`` adds :math:`\sum_j b_j y_j \le B`.
    """
    from scipy.sparse import coo_array

    m = task.links.m
    row, column, entry, level_cost, constant, right = radius_rows(task)
    rows, levels = len(right), len(level_cost)
    row = np.concatenate([row, np.full(m, rows)])
    column = np.concatenate([column, np.arange(m)])
    entry = np.concatenate([entry, np.ones(m)])
    low, high = np.concatenate([right, [task.lo]]), np.concatenate([np.full(rows, np.inf), [task.hi]])
    if budget is not None:
        row = np.concatenate([row, np.full(m, rows + 1)])
        column, entry = np.concatenate([column, np.arange(m)]), np.concatenate([entry, budget[0]])
        low, high = np.append(low, -np.inf), np.append(high, budget[1])
    programme = Programme(
        np.concatenate([task.opening, level_cost]),
        coo_array((entry, (row, column)), shape=(len(low), m + levels)),
        low.astype(np.float64),
        high.astype(np.float64),
        np.concatenate([(task.fixed == 1).astype(np.float64), np.zeros(levels)]),
        np.concatenate([(task.fixed >= 0).astype(np.float64), np.ones(levels)]),
        np.concatenate([np.ones(m, bool), np.zeros(levels, bool)]),
    )
    begin = None
    if opened is not None:
        begin = np.concatenate([opened.astype(np.float64), _levels_of(task, opened)])
    found = minimise(programme, seconds, begin, gap=gap)
    if found.x is None:
        return None, np.inf if found.infeasible else found.bound + constant
    return found.x[:m] > 0.5, found.bound + constant


def radius_rows(task: Task):  # type: ignore[no-untyped-def]
    """Rows of the formulation: row, column, entry, cost of the levels, constant, right side.

    Columns ``0 … m−1`` are the sites, the rest the levels ``z``.
    """
    links = task.links
    n = links.n
    client = np.repeat(np.arange(n), np.diff(links.start))
    first = np.ones(len(client), bool)
    first[1:] = (client[1:] != client[:-1]) | (links.cost[1:] != links.cost[:-1])
    level = np.cumsum(first) - 1
    holder, distance = client[first], links.cost[first]
    count = len(holder)
    following = np.empty(count)
    last = np.ones(count, bool)
    if count:
        last[:-1] = holder[1:] != holder[:-1]
        following[:-1] = distance[1:]
        following[last] = task.penalty[holder[last]]
    begins = np.ones(count, bool)
    begins[1:] = holder[1:] != holder[:-1]
    constant = float(distance[begins].sum())
    alone = np.ones(n, bool)
    alone[holder] = False
    constant += float(task.penalty[alone].sum())
    inner = np.flatnonzero(~begins)
    row = np.concatenate([level, np.arange(count), inner])
    column = np.concatenate([links.site, links.m + np.arange(count), links.m + inner - 1])
    entry = np.concatenate([np.ones(len(level)), np.ones(count), -np.ones(len(inner))])
    return row, column, entry, following - distance, constant, begins.astype(np.float64)


def _levels_of(task: Task, opened: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The ``z`` of a set of open sites: 1 while nothing up to that cost is open."""
    links = task.links
    client = np.repeat(np.arange(links.n), np.diff(links.start))
    first = np.ones(len(client), bool)
    first[1:] = (client[1:] != client[:-1]) | (links.cost[1:] != links.cost[:-1])
    near = np.full(links.n, np.inf)
    use = opened[links.site]
    np.minimum.at(near, client[use], links.cost[use])
    return (links.cost[first] < near[client[first]]).astype(np.float64)
