"""What no plan of trucks and aircraft together can beat, level by level, where goods may fly.

Every lot has an earliest hand-over at a delivery point: by a truck that stands ready, or by the first aircraft that
could be there with it, whichever is sooner. A place that something flies to is not complete before each of its needs
could be covered at those times; one that nothing flies to, not before trucks alone could have served it
(:mod:`dispatch.planning.earliest`). The earlier of the two holds for every plan. People served in time are no more than
a linear programme gives that shares the lots and what higher tiers may be asked for, nor than the trucks' own bound and
the people of all places that can be completed with the help of the air. Kilometres are those of the places that nothing
can fly to. As everywhere, the roads are as forecast, with what the plan's teams clear.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from dispatch.air.sky import CARGO, Aircraft, Sky
from dispatch.clock import SECOND_MS
from dispatch.planning.bounds import Bounds, with_bounds
from dispatch.planning.earliest import Earliest, least_step_ms, place_bounds
from dispatch.planning.least_km import least_km
from dispatch.planning.measure import Measures
from dispatch.planning.problem import Need, ReliefProblem, read_problem
from dispatch.planning.slices import Slice, cut_lots, shortfall
from dispatch.scenario import Scenario
from models.air.lift import two_way_speed
from models.transport import Arcs, serve_most
from models.traversal import NEVER

__all__ = ["Landings", "joint_objective"]

_HALVINGS, _SLACK = 10, 1e-4


@dataclass(frozen=True, eq=False)
class Landings:
    """When an aircraft could have handed goods over at the earliest, each as if it had nothing else to do."""

    sky: Sky
    depots: Mapping[str, int]

    @cached_property
    def _ready(self) -> list[tuple[Aircraft, dict[str, int]]]:
        """Aircraft that carry goods, and when each could stand at each depot."""
        found = []
        for craft in self.sky.fleet:
            if craft.payload_kg <= 0 or (craft.is_drone and not craft.can & CARGO):
                continue
            windows = self.sky.windows(craft)
            up = min((max(start, craft.ready_ms) for start, end in windows if end > craft.ready_ms), default=NEVER)
            at = {depot: up + _straight_ms(self.sky, craft, craft.base, depot) for depot in self.depots}
            found.append((craft, {depot: ms for depot, ms in at.items() if ms < NEVER}))
        return found

    def done_ms(self, depot: str, site: str, since_ms: int) -> int:
        """Earliest end of handing over goods of a depot that are there at ``since_ms``; ``NEVER`` if it cannot be."""
        best, sky = NEVER, self.sky
        for craft, at in self._ready:
            flight = sky.flight_ms(craft, depot, site) if depot in at else NEVER
            if flight > craft.airborne_ms or sky.payload_at_kg(craft, flight, depot, site) <= 0:
                continue
            off = max(at[depot], self.depots[depot], since_ms) + sky.load_ms(craft)
            best = min(best, off + flight + sky.unload_ms(craft))
        return best if best <= sky.scenario.end_ms else NEVER


def _straight_ms(sky: Sky, craft: Aircraft, a: str, b: str) -> int:
    """Least time between two points, whatever lies between: no climb is counted, and no stop on the way."""
    away = 0.0 if a == b else sky.away_m(a, b)
    if away == 0.0:
        return 0
    speed = two_way_speed(craft.cruise_kmh / 3.6, sky.strongest_ms(craft)) if craft.cruise_kmh > 0 else 0.0
    return math.ceil(away / speed) * SECOND_MS if speed > 0 and math.isfinite(away) else NEVER


@dataclass(frozen=True, eq=False)
class _Ways:
    """Ways of lots to needs: lot, need, earliest hand-over, and whether that is by air."""

    problem: ReliefProblem
    slices: tuple[Slice, ...]
    quotas: Mapping[tuple[int, tuple[str, ...]], int]
    lot: np.ndarray
    need: np.ndarray
    done_ms: np.ndarray
    flown: np.ndarray

    def places(self, part: str) -> dict[str, int]:
        """Earliest completion of a part by place, each as if it were alone; only of places that goods can fly to."""
        made: dict[str, int] = {}
        by_air: set[str] = set()
        size = np.array([piece.quantity for piece in self.slices], dtype=np.int64)
        for n, need in enumerate(self.problem.needs):
            if need.part != part:
                continue
            mine = np.flatnonzero(self.need == n)
            mine = mine[np.argsort(self.done_ms[mine], kind="stable")]
            enough = np.flatnonzero(np.cumsum(size[self.lot[mine]]) >= need.quantity)
            done = int(self.done_ms[mine[enough[0]]]) if len(enough) else NEVER
            made[need.place] = max(made.get(need.place, done), done)
            if self.flown[mine].any():
                by_air.add(need.place)
        return {place: done for place, done in made.items() if place in by_air}

    def last_ms(self, places: list[str], low_ms: int, high_ms: int) -> int:
        """An instant, no sooner than ``low_ms``, by which the lots cannot have completed all of these places yet."""
        gain = dict.fromkeys(places, 1.0)
        if self.most_people(gain, low_ms, nodes=0) >= len(gain) - _SLACK:
            return low_ms
        for _ in range(_HALVINGS):
            middle = (low_ms + high_ms) // 2
            short = self.most_people(gain, middle, nodes=0) < len(gain) - _SLACK
            low_ms, high_ms = (middle, high_ms) if short else (low_ms, middle)
        return low_ms

    def most_people(self, people: Mapping[str, float], due_ms: int, nodes: int = 200) -> float:
        """People of the places whose first batch the lots could complete by an instant, at most."""
        needs = self.problem.needs
        asked = [n for n, need in enumerate(needs) if need.part == "first_batch"]
        row = np.full(len(needs), -1, dtype=np.int64)
        row[asked] = np.arange(len(asked))
        names = list(dict.fromkeys(needs[n].place for n in asked))
        kept = np.flatnonzero((self.done_ms <= due_ms) & (row[self.need] >= 0))
        key = list(self.quotas)
        pairs = zip(self.lot[kept].tolist(), self.need[kept].tolist(), strict=True)
        group = np.array([_group(self.slices[i], needs[n], key) for i, n in pairs], dtype=np.int64)
        service = serve_most(
            np.array([piece.quantity for piece in self.slices], dtype=np.int64),
            np.array([needs[n].quantity for n in asked], dtype=np.int64),
            np.array([names.index(needs[n].place) for n in asked], dtype=np.int64),
            np.array([people.get(place, 0.0) for place in names]),
            Arcs(self.lot[kept], row[self.need[kept]], np.zeros(len(kept)), group,
                 np.array(list(self.quotas.values()), dtype=np.float64)),
            np.empty(0),
            nodes,
        )  # fmt: skip
        return service.bound


def _group(piece: Slice, need: Need, key: list[tuple[int, tuple[str, ...]]]) -> int:
    return key.index((piece.rank, need.items)) if piece.rank else -1


def _ways(problem: ReliefProblem, slices: tuple[Slice, ...], landings: Landings) -> _Ways:
    quotas = shortfall(problem, slices)
    earliest, unload_ms = Earliest(problem), least_step_ms(problem, problem.unloading_ms)
    by_item: dict[str, list[int]] = {}
    for i, piece in enumerate(slices):
        by_item.setdefault(piece.item, []).append(i)
    rows: list[tuple[int, int, int, bool]] = []
    for n, need in enumerate(problem.needs):
        for i in (i for item in need.items for i in by_item.get(item, ())):
            piece = slices[i]
            if piece.rank and (piece.rank, need.items) not in quotas:
                continue
            since = max(piece.first_ms, need.release_ms)
            start = earliest.unload_start_ms(piece.depot, need.site, since)
            road = start + unload_ms if start < min(piece.until_ms, problem.end_ms) else NEVER
            air = landings.done_ms(piece.depot, need.site, since) if piece.rank == 0 else NEVER
            if min(road, air) < NEVER:
                rows.append((i, n, min(road, air), air < NEVER))
    lot, need_of, done, flown = zip(*rows, strict=True) if rows else ((), (), (), ())
    ints = np.int64
    return _Ways(problem, slices, quotas, np.array(lot, ints), np.array(need_of, ints), np.array(done, ints),
                 np.array(flown, bool))  # fmt: skip


def joint_objective(sky: Sky, ground: Scenario, trucks: pd.DataFrame, measures: Measures) -> pd.DataFrame:
    """The objective of a plan of trucks and aircraft, with bounds that hold for both together.

    Parameters
    ----------
    sky : Sky
    ground : Scenario
        The whole scenario over the roads that the trucks have: those that teams clear are open.
    trucks : DataFrame
        Objective of a plan of trucks alone for that scenario, with its bounds.
    measures : Measures
        Of the plan of both.
    """
    problem = read_problem(ground)
    slices = cut_lots(problem)
    own = tuple(float(bound) for bound in trucks["bound"])
    depots = {name: of.open_ms for name, of in problem.depots.items() if of.rank == 0 and of.open_ms < NEVER}
    ways = _ways(problem, slices, Landings(sky, depots))
    if not ways.flown.any():
        return with_bounds(measures, Bounds((own[0], own[1], own[2], own[3], own[4]), frozenset(), {}, {}))
    with_air = {part: ways.places(part) for part in ("first_batch", "rest")}
    first, rest = (_sooner(place_bounds(problem, slices, part), with_air[part]) for part in ("first_batch", "rest"))
    places = measures.places
    asked, later = places[places["first_batch_needed"]], places[places["rest_needed"]]
    reached = asked.loc[asked["reachable"], "place"].tolist()
    people = dict(zip(asked["place"], asked["people"], strict=True))
    timely = {place: count for place, count in people.items() if first.get(place, NEVER) <= ground.due_ms}
    served = min(math.fsum(timely.values()), ways.most_people(people, ground.due_ms))
    if not math.isnan(own[0]):
        by_air = [place for place, ms in with_air["first_batch"].items() if ms <= ground.due_ms]
        served = min(served, own[0] + math.fsum(timely.get(place, 0.0) for place in by_air))
    if all(count == round(count) for count in people.values()):
        served = math.floor(served + 1e-6)
    last_ms = ground.order_ms + int(_since_order(ground, first, reached).max(initial=0.0))
    if reached and last_ms < ground.end_ms:
        last_ms = ways.last_ms(reached, last_ms, ground.end_ms)
    levels = (
        float(served),
        float(last_ms - ground.order_ms),
        float(asked["weight"].to_numpy() @ _since_order(ground, first, asked["place"])),
        float(later["weight"].to_numpy() @ _since_order(ground, rest, later["place"])),
        least_km(problem, [place for place in reached if place not in with_air["first_batch"]]),
    )
    return with_bounds(measures, Bounds(levels, frozenset(), first, rest))


def _sooner(by_road: Mapping[str, int], with_air: Mapping[str, int]) -> dict[str, int]:
    names = dict.fromkeys((*by_road, *with_air))
    return {place: min(by_road.get(place, NEVER), with_air.get(place, NEVER)) for place in names}


def _since_order(scenario: Scenario, times: Mapping[str, int], places: Iterable[str]) -> np.ndarray:
    """Durations from the order; the horizon for what can never be."""
    return np.array([min(times.get(place, NEVER), scenario.end_ms) - scenario.order_ms for place in places], float)
