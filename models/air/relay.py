r"""Which relay drone stands where, so that the most people have their voice back, the sooner the better.

.. math::
    \max \sum_p w_p y_p \quad\text{then}\quad \min \sum_p w_p a_p,
    \qquad y_p \le \sum_{d,s: c_{sp}=1} x_{ds}, \quad \sum_s x_{ds} \le 1

with :math:`x_{ds} = 1` if drone d stands at s, :math:`c_{sp} = 1` if station s covers place p, and :math:`a_p` the
earliest arrival among the drones that cover p (maximal covering, Church and ReVelle 1974, with unlike servers).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["RelayChoice", "choose_relays"]


@dataclass(frozen=True)
class RelayChoice:
    """Station of each drone (-1: it stays), weight covered, its bound, and whether the choice is proven best."""

    station: tuple[int, ...]
    covered: float
    bound: float
    optimal: bool


def choose_relays(
    arrive_s: NDArray[np.int64], covers: NDArray[np.bool_], weight: NDArray[np.int64], work: float = 10.0
) -> RelayChoice:
    """Choose stations.

    Parameters
    ----------
    arrive_s : int64 array (drones, stations)
        When a drone would be on station, s; negative: it cannot.
    covers : bool array (stations, places)
    weight : int64 array (places,)
    work : float
        Deterministic time of each of the two searches.
    """
    drones, stations = arrive_s.shape
    able = arrive_s >= 0
    if not able.any() or not covers.any():
        return RelayChoice((-1,) * drones, 0.0, 0.0, optimal=True)
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    x = {(d, s): model.new_bool_var("") for d in range(drones) for s in range(stations) if able[d, s]}
    late = int(arrive_s.max()) + 1
    took, covered, since = [], [], []
    for d in range(drones):
        model.add_at_most_one(x[d, s] for s in range(stations) if able[d, s])
    for p, w in enumerate(weight.tolist()):
        options = [(d, s) for d, s in x if covers[s, p]]
        by = {pair: model.new_bool_var("") for pair in options}
        y = model.new_bool_var("")
        model.add(sum(by.values()) == y)
        for pair, chosen in by.items():
            model.add_implication(chosen, x[pair])
        covered.append(w * y)
        since.append(w * (sum(int(arrive_s[pair]) * chosen for pair, chosen in by.items()) + late * (1 - y)))
        took.append(y)
    most, bound, proven = _solve(model, sum(covered), work, x, maximize=True)
    if most is None:
        return RelayChoice((-1,) * drones, 0.0, float(weight.sum()), optimal=False)
    model.add(sum(covered) >= round(most[0]))
    idle = sum(x.values())
    soonest, _, proven_too = _solve(model, sum(since) * (drones + 1) + idle, work, x, maximize=False)
    chosen = most[1] if soonest is None else soonest[1]
    station = tuple(next((s for s in range(stations) if chosen.get((d, s))), -1) for d in range(drones))
    return RelayChoice(station, float(most[0]), float(bound), optimal=proven and proven_too)


def _solve(
    model: Any, objective: Any, work: float, x: dict[tuple[int, int], Any], *, maximize: bool
) -> tuple[tuple[float, dict[tuple[int, int], bool]] | None, float, bool]:
    """Value with choice (None without a solution), bound, and whether proven."""
    from ortools.sat.python import cp_model

    (model.maximize if maximize else model.minimize)(objective)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 8
    solver.parameters.interleave_search = True
    solver.parameters.max_deterministic_time = work
    solver.parameters.random_seed = 1
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None, solver.best_objective_bound, False
    chosen = {pair: solver.boolean_value(variable) for pair, variable in x.items()}
    return (solver.objective_value, chosen), solver.best_objective_bound, status == cp_model.OPTIMAL
