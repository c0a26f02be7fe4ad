"""Independent check of tours: plain loops over the instance, nothing of the search."""

from __future__ import annotations

from models.routing import RoutingInstance, RoutingSolution


def recomputed(instance: RoutingInstance, solution: RoutingSolution) -> float:
    """Worth of the tours; asserts that they are feasible and serve everybody who is not absent exactly once."""
    seen = sorted(int(c) for tour in solution.tours for trip in tour for c in trip)
    assert sorted([*seen, *solution.absent.tolist()]) == list(range(1, len(instance.demand)))
    assert len(solution.tours) <= instance.vehicles
    total = 0.0
    for tour in solution.tours:
        assert instance.reload or len(tour) == 1
        clock = float(instance.ready[0])
        for trip in tour:
            customers = [int(c) for c in trip]
            assert sum(instance.demand[c] for c in customers) <= instance.capacity + 1e-9
            clock = max(clock, *(instance.release[c] for c in customers))
            at = 0
            for c in customers:
                clock += instance.time[at, c]
                assert clock <= instance.due[c] + 1e-6
                clock = max(clock, instance.ready[c])
                total += instance.weight[c] * clock if instance.by_arrival else instance.cost[at, c]
                clock += instance.service[c]
                at = c
            clock += instance.time[at, 0]
            assert clock <= instance.due[0] + 1e-6
            total += 0.0 if instance.by_arrival else instance.cost[at, 0]
    return total
