"""What the roads do not bring in time and aircraft might: goods of the first batch, from which depot, in which loads.

Aircraft take physical stock of the county's own depots (nothing is asked of a higher tier for them) that the trucks
leave, or would bring too late. A place is served by air whole: all that its first batch lacks at the deadline, in loads
of the size of one type of aircraft; which type is the schedule's choice.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dispatch.air.sky import CARGO, Aircraft, Sky
from dispatch.clock import MINUTE_MS
from dispatch.planning.plan import Plan
from dispatch.planning.supply import Depot, Lot, read_depots, read_lots
from dispatch.scenario import Scenario
from models.traversal import NEVER

__all__ = ["Carry", "Load", "carries", "lacking"]


@dataclass(frozen=True)
class Load:
    """Goods of one flight from a depot to a delivery point: (need, item, lot, quantity); ``from_ms``: not before."""

    depot: str
    site: str
    goods: tuple[tuple[str, str, str, int], ...]
    kg: float
    m3: float
    from_ms: int


@dataclass(frozen=True)
class Carry:
    """All that a place lacks, in loads of several sizes."""

    place: str
    people: int
    ways: tuple[tuple[Load, ...], ...]


def lacking(plan: Plan, scenario: Scenario) -> dict[str, int]:
    """First-batch quantities that are not handed over by the deadline, by need; only by trips, whatever flies."""
    ends = {(trip, stop): end for trip, stop, end in
            zip(plan.stops["trip"], plan.stops["stop"], plan.stops["unload_end_ms"], strict=True)}  # fmt: skip
    came: defaultdict[str, int] = defaultdict(int)
    for row in plan.loads.itertuples(index=False):
        if ends[row.trip, row.stop] <= scenario.due_ms:
            came[row.need] += int(row.quantity)
    needs = scenario.needs[(scenario.needs["part"] == "first_batch") & (scenario.needs["quantity"] > 0)]
    return {row.need: int(row.quantity) - came[row.need] for row in needs.itertuples(index=False)
            if came[row.need] < row.quantity}  # fmt: skip


def carries(sky: Sky, plan: Plan) -> tuple[list[Carry], dict[str, str]]:
    """Places that aircraft may serve, and why others cannot be: place → cause.

    Stock is given to the places with the most people first, each from the nearest open depot, first expired first.
    """
    scenario = sky.scenario
    short = lacking(plan, scenario)
    able = [craft for craft in sky.fleet if craft.payload_kg > 0 and (not craft.is_drone or craft.can & CARGO)]
    by_place: defaultdict[str, list[tuple[str, str, list[str], int, int]]] = defaultdict(list)
    people: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for row in scenario.needs.itertuples(index=False):
        if row.need in short:
            items = list(dict.fromkeys([row.item, *(s.strip() for s in row.substitutes.split(";") if s.strip())]))
            by_place[row.place].append((row.need, row.site, items, short[row.need], int(row.release_ms)))
            people[row.place][row.report] = float(row.people)
    left = _left(scenario, plan, set(short))
    depots = {name: of for name, of in read_depots(scenario).items() if of.rank == 0 and of.open_ms < NEVER}
    found: list[Carry] = []
    why: dict[str, str] = {}
    for place in sorted(by_place, key=lambda p: (-sum(people[p].values()), p)):
        if not able:
            why[place] = "aircraft"
            continue
        chosen = _stock(sky, by_place[place], depots, left)
        if chosen is None:
            why[place] = "stock"
            continue
        ways = _ways(sky, able, chosen, depots)
        if not ways:
            why[place] = "payload"
            continue
        for depot, _, goods, _ in chosen:
            for _, item, lot, quantity in goods:
                left[depot, item][lot][1] -= quantity
        found.append(Carry(place, round(sum(people[place].values())), ways))
    return found, why


_Chosen = list[tuple[str, str, list[tuple[str, str, str, int]], int]]
_Left = dict[tuple[str, str], dict[str, list]]  # type: ignore[type-arg]


def _left(scenario: Scenario, plan: Plan, short: set[str]) -> _Left:
    """Physical lots by (depot, item): lot → [lot, units left when trucks have theirs, but for what comes too late]."""
    ends = dict(zip(zip(plan.stops["trip"], plan.stops["stop"], strict=True), plan.stops["unload_end_ms"], strict=True))
    depot = dict(zip(plan.trips["trip"], plan.trips["depot"], strict=True))
    taken: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for row in plan.loads.itertuples(index=False):
        if row.need not in short or ends[row.trip, row.stop] <= scenario.due_ms:
            taken[depot[row.trip], row.item, row.lot] += int(row.quantity)
    return {
        key: {lot.lot: [lot, lot.quantity - taken[(*key, lot.lot)]] for lot in lots if lot.start_ms <= -NEVER}
        for key, lots in read_lots(scenario).items()
    }


def _stock(
    sky: Sky, needs: Iterable[tuple[str, str, list[str], int, int]], depots: Mapping[str, Depot], left: _Left
) -> _Chosen | None:
    """(depot, site, goods, not before) of all that is lacking; None if some of it is nowhere to be had.

    From as few depots as can be, one after another: the one that covers most needs, of these the nearest.
    """
    open_needs = {need: (site, items, quantity, release) for need, site, items, quantity, release in needs}
    chosen: dict[tuple[str, str], tuple[list[tuple[str, str, str, int]], int]] = {}
    unused = sorted(depots)
    while open_needs and unused:
        offers = {depot: _offer(sky, depot, open_needs, left) for depot in unused}
        worth = {depot: _worth(sky, depot, offers[depot], open_needs) for depot in unused}
        best = min(unused, key=worth.__getitem__)
        if not offers[best]:
            return None
        unused.remove(best)
        for need, item, lot, quantity in offers[best]:
            site, items, asked, release = open_needs[need]
            goods, since = chosen.setdefault((best, site), ([], 0))
            goods.append((need, item, lot, quantity))
            chosen[best, site] = (goods, max(since, release, depots[best].open_ms))
            open_needs[need] = (site, items, asked - quantity, release)
        open_needs = {need: of for need, of in open_needs.items() if of[2] > 0}
    return None if open_needs else [(d, site, goods, since) for (d, site), (goods, since) in chosen.items()]


def _worth(
    sky: Sky, depot: str, offer: list[tuple[str, str, str, int]], needs: Mapping[str, tuple[str, list[str], int, int]]
) -> tuple[int, int, float, str]:
    """Smaller is better: whole needs covered, units, distance."""
    given: defaultdict[str, int] = defaultdict(int)
    for need, _, _, quantity in offer:
        given[need] += quantity
    whole = sum(quantity == needs[need][2] for need, quantity in given.items())
    away = min((sky.away_m(depot, needs[need][0]) for need in given), default=math.inf)
    return (-whole, -sum(given.values()) if whole == 0 else 0, away, depot)


def _offer(
    sky: Sky, depot: str, needs: Mapping[str, tuple[str, list[str], int, int]], left: _Left
) -> list[tuple[str, str, str, int]]:
    """What a depot can give: (need, item, lot, quantity), in the order in which lots are issued."""
    spent: defaultdict[tuple[str, str], int] = defaultdict(int)
    goods = []
    for need, (site, items, quantity, _) in needs.items():
        if not math.isfinite(sky.away_m(depot, site)):
            continue
        for item in items:
            for name, (lot, units) in left.get((depot, item), {}).items():
                take = min(quantity, units - spent[item, name])
                if take > 0 and _keeps(lot, sky):
                    goods.append((need, item, name, take))
                    spent[item, name] += take
                    quantity -= take
    return goods


def _keeps(lot: Lot, sky: Sky) -> bool:
    return lot.until_ms > sky.scenario.end_ms


def _ways(sky: Sky, able: list[Aircraft], chosen: _Chosen, depots: Mapping[str, Depot]) -> tuple[tuple[Load, ...], ...]:
    """Loads as large as each type of aircraft takes; ways with too many loads left out."""
    items = sky.scenario.county.table("items")
    unit = {item: (float(kg), float(m3)) for item, kg, m3 in
            zip(items["item"], items["weight_kg"], items["volume_m3"], strict=True)}  # fmt: skip
    fuel_ms = round(sky.rules["sortie"] * MINUTE_MS)
    ways: list[tuple[Load, ...]] = []
    for craft in sorted(able, key=lambda craft: -craft.payload_kg):
        made: list[Load] | None = []
        for depot, site, goods, since in chosen:
            room_kg = sky.payload_at_kg(craft, fuel_ms, depot, site) * sky.rules["share_of_load"]
            packed = _packed(depot, site, goods, max(since, depots[depot].open_ms), unit, room_kg, craft.cargo_m3)
            if made is None or packed is None or len(made) + len(packed) > sky.rules["most_loads"]:
                made = None
                break
            made += packed
        if made and all(len(made) != len(way) for way in ways):
            ways.append(tuple(made))
    return tuple(ways)


def _packed(
    depot: str, site: str, goods: list[tuple[str, str, str, int]], since: int, unit: Mapping[str, tuple[float, float]],
    room_kg: float, room_m3: float,
) -> list[Load] | None:  # fmt: skip
    """Goods cut into loads in their order, each filled up; None if one unit is too big."""
    loads: list[Load] = []
    aboard: list[tuple[str, str, str, int]] = []
    kg, m3 = 0.0, 0.0
    for need, item, lot, quantity in goods:
        rest = quantity
        while rest > 0:
            each_kg, each_m3 = unit[item]
            fits = min(rest, _units(room_kg - kg, each_kg), _units(room_m3 - m3, each_m3))
            if fits == 0 and not aboard:
                return None
            if fits > 0:
                aboard.append((need, item, lot, fits))
                kg, m3, rest = kg + fits * each_kg, m3 + fits * each_m3, rest - fits
            if rest > 0:
                loads.append(Load(depot, site, tuple(aboard), kg, m3, since))
                aboard, kg, m3 = [], 0.0, 0.0
    if aboard:
        loads.append(Load(depot, site, tuple(aboard), kg, m3, since))
    return loads


def _units(room: float, each: float) -> int:
    return 10**9 if each <= 0 else max(0, math.floor(room / each + 1e-9))
