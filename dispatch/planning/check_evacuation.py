"""Is the evacuation true? Every rule of the table ``evacuations``, from it and the scenario alone.

Nothing of the planner is used: ways are driven again over the forecast roads, cars counted slot by slot, shelters and
seats filled up anew, and the figures of ``meta["evacuation"]`` recomputed.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dispatch.clock import MINUTE_MS
from dispatch.evacuation.people import notice_ms, ready_ms
from dispatch.evacuation.roads import CAR, bus_rows, evacuation_travel, slot_capacity, walk_class
from dispatch.evacuation.ways_out import bus_free_ms, safe_shelters
from dispatch.planning.plan import EVACUATION_COLUMNS, Plan
from dispatch.planning.violation import Violation
from dispatch.roads.travel import Travel, drive, forbidden_turn
from dispatch.scenario import Scenario
from models.traversal import NEVER

__all__ = ["check_evacuation"]

Row = dict[str, Any]


def check_evacuation(plan: Plan, scenario: Scenario) -> list[Violation]:
    """Find what breaks a rule of evacuation.

    Rules: rows name what exists; no more people move than there are, and everybody moves or is listed with a cause;
    nobody leaves before being told and ready, or after the hazard's arrival; shelters are safe and not overfull; ways
    lead from place to shelter, are open all along, on foot not too long; a bus is called, stands where its last trip
    left it, is not a truck elsewhere, carries no more than its seats and takes its time for boarding; roads take no
    more cars in a slot than their lanes do; the objective says what the moves say.

    Parameters
    ----------
    plan : Plan
    scenario : Scenario

    Returns
    -------
    list of Violation
        Empty where the scenario has no evacuation and the plan none.
    """
    order = scenario.evacuation
    if order is None:
        return [Violation("evacuation_none", value=len(plan.evacuations))] if len(plan.evacuations) else []
    unserved = plan.unserved[plan.unserved["kind"] == "evacuation"]
    if plan.evacuations.empty and unserved.empty and "evacuation" not in plan.meta:
        return []
    missing = [name for name in EVACUATION_COLUMNS if name not in plan.evacuations.columns]
    if missing:
        return [Violation("table_columns", what=f"evacuations.{missing[0]}", value="–", limit="–")]
    rows: list[Row] = plan.evacuations.to_dict("records")
    checker = _Checker(plan, scenario)
    whole = [row for row in rows if not checker.unknown(row)]
    return [
        *checker.found,
        *checker.people(whole, unserved.to_dict("records")),
        *(wrong for row in whole for wrong in checker.times(row)),
        *checker.shelters(whole),
        *checker.own_ways(whole),
        *checker.buses(whole),
        *checker.objective(whole),
    ]


class _Checker:
    """The scenario's facts, looked up once."""

    def __init__(self, plan: Plan, scenario: Scenario) -> None:
        assert scenario.evacuation is not None
        self.plan, self.scenario, self.order = plan, scenario, scenario.evacuation
        self.roads: Travel = evacuation_travel(scenario)
        self.groups = {(row.place, row.group): row for row in self.order.groups.itertuples(index=False)}
        self.room = dict(zip(safe_shelters(scenario)["shelter"], safe_shelters(scenario)["capacity"], strict=True))
        self.all_shelters = set(scenario.county.table("shelters")["shelter"])
        self.fleet = {str(row["vehicle"]): row for row in bus_rows(scenario)}
        self.paths: dict[str, Row] = {row["path"]: row for row in plan.paths.to_dict("records")}
        self.found: list[Violation] = []

    def unknown(self, row: Row) -> bool:
        """Note what a row names that does not exist; True if it cannot be looked at further."""
        where = {"place": row["place"], "what": row["move"]}
        wrong = []
        if (row["place"], row["group"]) not in self.groups:
            wrong.append(Violation("evacuation_group", **where, value=row["group"]))
        if row["shelter"] not in self.all_shelters or row["shelter"] not in self.roads.index:
            wrong.append(Violation("evacuation_shelter", **where, value=row["shelter"]))
        if row["place"] not in self.roads.index:
            wrong.append(Violation("unknown_site", **where, value=row["place"]))
        if row["mode"] not in ("walk", "car", "bus"):
            wrong.append(Violation("evacuation_mode", **where, value=row["mode"]))
        if row["mode"] == "bus" and row["vehicle"] not in self.fleet:
            wrong.append(Violation("evacuation_vehicle", **where, vehicle=row["vehicle"], value=row["vehicle"]))
        if row["people"] <= 0:
            wrong.append(Violation("evacuation_nobody", **where, value=row["people"]))
        wrong += [Violation("unknown_path", **where, path=row[name], value=row[name])
                  for name in ("path", "pickup_path") if row[name] and row[name] not in self.paths]  # fmt: skip
        self.found += wrong
        return bool(wrong)

    def people(self, rows: list[Row], unserved: list[Row]) -> Iterator[Violation]:
        """Everybody moves once or is listed."""
        moved: Counter[tuple[str, str]] = Counter()
        for row in rows:
            moved[row["place"], row["group"]] += row["people"]
        left: Counter[tuple[str, str]] = Counter()
        for row in unserved:
            left[row["subject"], row["group"]] += row["amount"]
        for (place, group), of in self.groups.items():
            there = int(of.people)
            if moved[place, group] > there:
                yield Violation("evacuation_too_many", place=place, what=group, value=moved[place, group], limit=there)
            elif moved[place, group] + left[place, group] != there:
                yield Violation("evacuation_forgotten", place=place, what=group,
                                value=moved[place, group] + left[place, group], limit=there)  # fmt: skip

    def times(self, row: Row) -> Iterator[Violation]:
        """Told, ready, boarded, left before the hazard, arrived."""
        of = self.groups[row["place"], row["group"]]
        where = {"place": row["place"], "what": row["move"], "unit": "time"}
        response, told = self.scenario.response, int(of.told_ms)
        hazard = -1 if of.hazard_ms >= NEVER else int(of.hazard_ms)
        if row["hazard_ms"] != hazard:
            yield Violation("evacuation_hazard", **where, value=row["hazard_ms"], limit=hazard)
        if row["notice_ms"] != notice_ms(response, row["group"], told):
            limit = notice_ms(response, row["group"], told)
            yield Violation("evacuation_notice", **where, value=row["notice_ms"], limit=limit)
        ready = ready_ms(response, row["group"], told)
        if row["board_ms"] < ready:
            yield Violation("evacuation_not_ready", **where, value=row["board_ms"], limit=ready)
        boarding = round(response.value("evacuation.board") * MINUTE_MS) if row["mode"] == "bus" else 0
        if row["depart_ms"] < row["board_ms"] + boarding:
            yield Violation("evacuation_boarding", **where, value=row["depart_ms"], limit=row["board_ms"] + boarding)
        if of.hazard_ms < NEVER and row["depart_ms"] > of.hazard_ms:
            yield Violation("evacuation_after_hazard", **where, value=row["depart_ms"], limit=int(of.hazard_ms))
        alighting = round(response.value("evacuation.alight") * MINUTE_MS) if row["mode"] == "bus" else 0
        if row["done_ms"] != row["arrive_ms"] + alighting:
            yield Violation("evacuation_alighting", **where, value=row["done_ms"], limit=row["arrive_ms"] + alighting)

    def shelters(self, rows: list[Row]) -> Iterator[Violation]:
        """Safe, and not overfull."""
        taken: Counter[str] = Counter()
        for row in rows:
            taken[row["shelter"]] += row["people"]
        for shelter, people in taken.items():
            if shelter not in self.room:
                yield Violation("evacuation_unsafe_shelter", place=shelter, value=shelter)
            elif people > self.room[shelter]:
                yield Violation("evacuation_shelter_full", place=shelter, value=people, limit=int(self.room[shelter]))

    def own_ways(self, rows: list[Row]) -> Iterator[Violation]:
        """Drive ways on foot and by car again; count cars by road and slot."""
        response, network = self.scenario.response, self.scenario.network
        capacity, slot = slot_capacity(network, response, contraflow=self.order.contraflow)
        cars: Counter[tuple[int, int]] = Counter()
        for row in rows:
            if row["mode"] == "bus":
                continue
            used_as = CAR if row["mode"] == "car" else walk_class(row["group"])
            way = _Way(row, used_as, row["place"], row["shelter"], row["path"], row["depart_ms"], row["arrive_ms"])
            driven = yield from self._driven(way, 0)
            if driven is None:
                continue
            edges, times = driven
            if row["mode"] == "walk":
                yield from self._walk(row, used_as, edges)
                continue
            count = math.ceil(row["people"] / response.value("evacuation.car_people"))
            for edge, entered in zip(edges.tolist(), times.enter_ms.tolist(), strict=True):
                cars[edge, entered // slot] += count
        for (edge, _), count in cars.items():
            if count > capacity[edge]:
                yield Violation("evacuation_road_full", what=str(network.edge_id[edge]), value=count,
                                limit=int(capacity[edge]))  # fmt: skip

    def _walk(self, row: Row, used_as: str, edges: NDArray[np.int64]) -> Iterator[Violation]:
        scenario = self.scenario
        ends = [] if row["place"] == row["shelter"] else [row["place"], row["shelter"]]
        length = float(scenario.network.length_m[edges].sum()) + float(scenario.sites.loc[ends, "access_m"].sum())
        limit = 1000 * scenario.response.value(f"evacuation.{used_as}_limit")
        if length > limit + 0.5:
            yield Violation(
                "evacuation_too_far", place=row["place"], what=row["move"], value=round(length), limit=limit
            )

    def _driven(self, way: _Way, driven_ms: int) -> Any:
        """Drive a way again (a generator of violations that returns edges and times, None if it is no way)."""
        where = {"place": way.row["place"], "what": way.row["move"], "path": way.path}
        edges = np.empty(0, dtype=np.int64)
        if way.path:
            path = self.paths[way.path]
            stated = (path["from_site"], path["to_site"], path["vehicle_class"])
            if stated != (way.origin, way.to, way.used_as):
                yield Violation("path_of_other", **where, value=" ".join(stated),
                                limit=f"{way.origin} {way.to} {way.used_as}")  # fmt: skip
                return None
            index = self.scenario.network.edge_index
            if any(edge not in index for edge in path["edges"]):
                yield Violation("unknown_edge", **where, value=str(path["edges"]))
                return None
            edges = np.array([index[edge] for edge in path["edges"]], dtype=np.int64)
        elif way.origin != way.to:
            yield Violation("path_missing", **where, value=way.to, limit=way.origin)
            return None
        turn = forbidden_turn(self.scenario.network, edges)
        if turn is not None:
            yield Violation("turn_forbidden", **where, value=turn[0], limit=turn[1])
        try:
            driven = drive(self.roads, way.used_as, way.origin, way.to, edges, way.depart_ms, driven_ms)
        except ValueError:
            yield Violation("path_broken", **where, value=way.to, limit=way.origin)
            return None
        if driven.arrive_ms >= NEVER or (way.arrive_ms is not None and driven.arrive_ms != way.arrive_ms):
            closed = way.arrive_ms is None or driven.arrive_ms > way.arrive_ms
            limit = math.nan if driven.arrive_ms >= NEVER else driven.arrive_ms
            yield Violation("evacuation_road_closed" if closed else "arrival_wrong", **where,
                            value=math.nan if way.arrive_ms is None else way.arrive_ms,
                            limit=limit, unit="time")  # fmt: skip
        return None if driven.arrive_ms >= NEVER else (edges, driven)

    def buses(self, rows: list[Row]) -> Iterator[Violation]:
        """Each bus through its trips."""
        trips: dict[str, dict[int, list[Row]]] = defaultdict(lambda: defaultdict(list))
        for row in rows:
            if row["mode"] == "bus":
                trips[row["vehicle"]][row["sequence"]].append(row)
        busy = set(self.plan.trips["vehicle"])
        for vehicle, numbered in trips.items():
            if vehicle in busy:
                yield Violation("evacuation_two_places", vehicle=vehicle, value=vehicle)
            if sorted(numbered) != list(range(1, len(numbered) + 1)):
                yield Violation("evacuation_sequence", vehicle=vehicle, value=", ".join(map(str, sorted(numbered))))
            yield from self._bus(vehicle, [numbered[k] for k in sorted(numbered)])

    def _bus(self, vehicle: str, trips: list[list[Row]]) -> Iterator[Violation]:
        fleet = self.fleet[vehicle]
        free = bus_free_ms(self.scenario, fleet, self.order.warned_ms)
        site, stood, driven_ms = str(fleet["base"]), free, 0
        used_as, rest_ms = str(fleet["class"]), self.scenario.drive_rest_ms
        same = ("place", "start_site", "start_ms", "pickup_path", "board_ms", "depart_ms", "shelter", "path",
                "arrive_ms", "done_ms")  # fmt: skip
        for trip in trips:
            row = trip[0]
            where = {"vehicle": vehicle, "place": row["place"], "what": row["move"]}
            if any(other[name] != row[name] for other in trip for name in same):
                yield Violation("evacuation_trip_differs", **where, value=row["move"])
            people = sum(other["people"] for other in trip)
            if people > float(fleet["seats"]):  # type: ignore[arg-type]
                yield Violation("evacuation_seats", **where, value=people, limit=float(fleet["seats"]))  # type: ignore[arg-type]
            if row["start_site"] != site:
                yield Violation("wrong_start", **where, value=row["start_site"], limit=site)
            if row["start_ms"] < free:
                yield Violation("evacuation_bus_busy", **where, value=row["start_ms"], limit=free, unit="time")
            begun = 0 if row["start_ms"] - stood >= rest_ms else driven_ms
            if row["start_site"] not in self.roads.index:
                yield Violation("unknown_site", **where, value=row["start_site"])
                return
            way = _Way(row, used_as, row["start_site"], row["place"], row["pickup_path"], row["start_ms"])
            fetched = yield from self._driven(way, begun)
            there = row["board_ms"] if fetched is None else fetched[1].arrive_ms
            driven_ms = 0 if fetched is None else fetched[1].driven_ms
            if row["board_ms"] < there:
                yield Violation("evacuation_bus_late", **where, value=row["board_ms"], limit=there, unit="time")
            begun = 0 if row["depart_ms"] - there >= rest_ms else driven_ms
            out = _Way(row, used_as, row["place"], row["shelter"], row["path"], row["depart_ms"], row["arrive_ms"])
            taken = yield from self._driven(out, begun)
            site, stood, free = row["shelter"], row["arrive_ms"], row["done_ms"]
            driven_ms = 0 if taken is None else taken[1].driven_ms

    def objective(self, rows: list[Row]) -> Iterator[Violation]:
        """Levels recomputed; no bound is beaten."""
        told = {key: int(of.told_ms) for key, of in self.groups.items()}
        last = max((row["arrive_ms"] for row in rows), default=self.order.warned_ms) - self.order.warned_ms
        total = sum(row["people"] * (row["arrive_ms"] - told[row["place"], row["group"]]) for row in rows)
        values = {
            "people_out_in_time": sum(row["people"] for row in rows),
            "last_arrival_ms": last,
            "person_minutes": total // MINUTE_MS,
        }
        stated = {row["measure"]: row for row in self.plan.meta.get("evacuation", {}).get("objective", ())}
        for measure, value in values.items():
            row = stated.get(measure)
            if row is None or float(row["value"]) != float(value):
                said = math.nan if row is None else float(row["value"])
                yield Violation("evacuation_objective", what=measure, value=said, limit=float(value))
            elif (row["bound"] < value) if row["sense"] == "max" else (row["bound"] > value):
                yield Violation("evacuation_bound", what=measure, value=float(value), limit=float(row["bound"]))


@dataclass(frozen=True)
class _Way:
    """A stated way; ``arrive_ms`` is None where the plan does not state it."""

    row: Row
    used_as: str
    origin: str
    to: str
    path: str
    depart_ms: int
    arrive_ms: int | None = None
