"""Orders for the consignments of one part of the plan: by hand rules, and improved.

Nobody's rule is trusted: what is kept is the best by the exact timetable, so that the answer is never worse than
nearest first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dispatch.planning.array_search import ArraySearch, array_search
from dispatch.planning.greedy import nearest_first
from dispatch.planning.improve import Effort, anneal_orders, polish
from dispatch.planning.problem import Consignment, ReliefProblem, TripOrder
from dispatch.planning.score import Scorer
from dispatch.planning.timetable import Timetable, decode
from models.traversal import NEVER

__all__ = ["search_orders"]

_MANY = 250
"""Consignments above which changes timed exactly take too long to be worth while."""

_ANNEALING_SHARE = 0.85
_POLISHING_SHARE = 0.1


def search_orders(
    scorer: Scorer,
    consignments: list[Consignment],
    after: Timetable,
    effort: Effort,
    seed: int,
    target: tuple[float, ...],
    search: ArraySearch | None = None,
) -> list[TripOrder]:
    """Best of several ways to assign consignments, improved.

    Parameters
    ----------
    scorer : Scorer
    consignments : list of Consignment
    after : Timetable
        What is booked already and stays.
    effort : Effort
        Notes an overrun if the clock cuts the work short.
    seed : int
    target : tuple of float
        Bounds on the first levels of the objective; the search stops when they are reached.
    search : ArraySearch, optional
        Of these consignments, where it is made already.
    """
    problem = scorer.problem

    def worth(orders: list[TripOrder]) -> tuple[float, ...]:
        return scorer.score(decode(problem, orders, after))

    best = nearest_first(problem, consignments, after)
    if effort.left() <= 0 or not consignments or not problem.vehicles:
        return best
    search = search or array_search(scorer, consignments, after, effort.stopper())
    if search is None:
        return best
    best = min(best, _by_rule(search, problem), key=worth)
    goal = _as_score(scorer, target)
    annealing = replace(effort, seconds=_ANNEALING_SHARE * effort.seconds)
    best = anneal_orders(scorer, consignments, best, after, annealing, seed, goal, search)
    polishing = replace(effort, seconds=_POLISHING_SHARE * effort.seconds)
    if len(consignments) <= _MANY:
        best = polish(scorer, best, after, polishing, seed, goal)
    effort.overrun |= annealing.overrun or polishing.overrun
    return best


def _by_rule(search: ArraySearch, problem: ReliefProblem) -> list[TripOrder]:
    """Best of several orders of priority, by the timetable over arrays."""
    rules = (_people_per_load(problem), _heaviest, _farthest(problem))
    return min((search.first(rule, fill) for rule in rules for fill in (True, False)), key=search.levels)


def _as_score(scorer: Scorer, levels: tuple[float, ...]) -> tuple[float, ...]:
    """First levels of a bound as a score (people not served instead of served)."""
    if not levels:
        return ()
    crowd = sum(people for people, first in zip(scorer.people, scorer.first_batch, strict=True) if first)
    return (max(0.0, crowd - levels[0]), *levels[1:])


def _people_per_load(problem: ReliefProblem) -> Callable[[Consignment], tuple[float, str]]:
    """Most people for the least dock time first."""

    def key(consignment: Consignment) -> tuple[float, str]:
        goods = consignment.goods
        people = sum(
            problem.needs[need].weight / problem.needs[need].quantity * quantity for need, _, quantity in goods.loads
        )
        return (-people / max(problem.loading_time_ms(goods.weight_kg, goods.volume_m3), 1), goods.site)

    return key


def _heaviest(consignment: Consignment) -> tuple[float, str]:
    """Largest first."""
    return (-consignment.goods.weight_kg, consignment.site)


def _farthest(problem: ReliefProblem) -> Callable[[Consignment], tuple[float, str]]:
    """Longest drive first."""

    def key(consignment: Consignment) -> tuple[float, str]:
        drive = min(
            (problem.legs.least(of, consignment.depot, consignment.site) for of in problem.classes), default=NEVER
        )
        return (-float(drive), consignment.site)

    return key
