"""The evacuation on one night: told, ready, boarded, departed, arrived, or not.

Households are no processes: a movement of the plan is, and its times follow from the night's figures. People are told
and ready sooner or later than planned, roads close sooner or later; whoever is still at a place when the hazard comes
is left behind, whoever finds every way closed is cut off. Without randomness this is the plan's own timetable.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dispatch.clock import MINUTE_MS
from dispatch.evacuation.people import ready_ms
from dispatch.evacuation.roads import CAR, bus_rows, walk_class
from dispatch.evacuation.ways_out import on_minute
from dispatch.simulation.evacuation_roads import Journey, TonightsRoads, journey, tonights_roads
from dispatch.simulation.mobilisation import CalledVehicle
from dispatch.simulation.mobilisation import ready_ms as vehicle_ready_ms
from dispatch.simulation.run import Run
from models.traversal import FULL, NEVER

__all__ = ["evacuate"]

Row = dict[str, Any]
Edges = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _Cast:
    """The plan's moves made ready for any number of nights."""

    own: tuple[Row, ...]
    trips: Mapping[str, tuple[tuple[Row, ...], ...]]
    edges: Mapping[str, Edges]
    unserved: tuple[Row, ...]
    groups: Mapping[tuple[str, str], Any]
    fleet: Mapping[str, Row]
    room: Mapping[str, int]


def evacuate(run: Run, order: int) -> None:  # noqa: ARG001 - a hook of the simulation; people leave by another order
    """Hook: write the evacuation of this night down."""
    scenario = run.stage.scenario
    if scenario.evacuation is None or "evacuation" not in scenario.response:
        return
    _Evening(run, _cast(run), tonights_roads(run)).play()


def _cast(run: Run) -> _Cast:
    stage = run.stage
    if "evacuation" in stage.memory:
        return stage.memory["evacuation"]  # type: ignore[return-value]
    plan, scenario = stage.plan, stage.scenario
    assert scenario.evacuation is not None
    rows: list[Row] = plan.evacuations.to_dict("records")
    trips: dict[str, dict[int, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row["mode"] == "bus":
            trips[row["vehicle"]][row["sequence"]].append(row)
    index = scenario.network.edge_index
    used = {*plan.evacuations["path"], *plan.evacuations["pickup_path"]}
    edges = {
        path: np.array([index[edge] for edge in of], dtype=np.int64)
        for path, of in zip(plan.paths["path"], plan.paths["edges"], strict=True)
        if path in used
    }
    edges[""] = np.empty(0, dtype=np.int64)
    unserved = plan.unserved[plan.unserved["kind"] == "evacuation"]
    shelters = scenario.county.table("shelters")
    stage.memory["evacuation"] = made = _Cast(
        own=tuple(row for row in rows if row["mode"] != "bus"),
        trips={v: tuple(tuple(of[k]) for k in sorted(of)) for v, of in trips.items()},
        edges=edges,
        unserved=tuple(unserved.to_dict("records")),
        groups={(row.place, row.group): row for row in scenario.evacuation.groups.itertuples(index=False)},
        fleet={str(row["vehicle"]): row for row in bus_rows(scenario)},
        room={str(s): int(c) for s, c in zip(shelters["shelter"], shelters["capacity"], strict=True)},
    )
    return made


class _Evening:
    """One night's evacuation."""

    def __init__(self, run: Run, cast: _Cast, tonight: TonightsRoads) -> None:
        self.run, self.cast, self.tonight = run, cast, tonight
        self.record = run.recorder.record
        self.draws, self.response = run.night.draws, run.stage.scenario.response
        self.last_ms = run.night.last_ms
        self.told: dict[tuple[str, str], tuple[int, int]] = {}
        self.room = dict(cast.room)
        for row in (*cast.own, *(row for trips in cast.trips.values() for trip in trips for row in trip)):
            self.room[row["shelter"]] -= row["people"]

    def play(self) -> None:
        """Order, notices, moves by own means, buses, and those the plan could not move."""
        evacuation = self.run.stage.scenario.evacuation
        assert evacuation is not None
        for trigger in evacuation.triggers:
            if trigger.fires_ms is not None:
                self.record(trigger.fires_ms, "rule_acted", "county", "headquarters", place=trigger.place,
                            quantity=float(trigger.people), detail=f"{trigger.action} {trigger.name}")  # fmt: skip
        ordered = self.record(evacuation.warned_ms, "evacuation_ordered", "county", "headquarters",
                              milestone="evacuation ordered")  # fmt: skip
        for key, group in self.cast.groups.items():
            delay = self.draws.figure(f"evacuation.notice_{key[1]}", f"{key[0]} {key[1]}")
            at = int(group.told_ms) + round(delay * MINUTE_MS)
            event = self.record(at, "evacuees_told", key[0], "place", ordered if at >= evacuation.warned_ms else -1,
                                place=key[0], quantity=float(group.people), detail=key[1],
                                milestone=f"{key[0]} {key[1]} told")  # fmt: skip
            self.told[key] = (at, event)
        for row in self.cast.own:
            self._own(row)
        for vehicle, trips in self.cast.trips.items():
            self._bus(vehicle, trips)
        for row in self.cast.unserved:
            key = (row["subject"], row["group"])
            self._behind(row["subject"], row["group"], int(row["amount"]), self.told[key][1], row["cause"])

    def _ready(self, row: Row) -> int:
        """When the people of a move are ready tonight."""
        prepare = self.draws.figure(f"evacuation.prepare_{row['group']}", row["move"])
        return self.told[row["place"], row["group"]][0] + round(prepare * MINUTE_MS)

    def _own(self, row: Row) -> None:
        """On foot or by own car: as much after being ready as planned."""
        planned = ready_ms(self.response, row["group"], int(self.cast.groups[row["place"], row["group"]].told_ms))
        depart = self._ready(row) + row["depart_ms"] - planned
        cause = self.told[row["place"], row["group"]][1]
        if depart >= self._hazard(row["place"]):
            self._behind(row["place"], row["group"], row["people"], cause, "hazard")
            return
        if row["mode"] == "car":
            used_as, slowness = CAR, self.draws.slowness(row["move"])
        else:
            used_as = walk_class(row["group"])
            figure = f"evacuation.{used_as}_kmh"
            slowness = round(FULL * self.response.value(figure) / self.draws.figure(figure, row["move"]))
        left = self._event(depart, "evacuees_left", row, cause)
        went = journey(self.tonight, used_as, row["place"], self._choices(row), self.cast.edges[row["path"]], depart, 0,
                       slowness)  # fmt: skip
        self._arrive([row], went, left, depart)

    def _bus(self, vehicle: str, trips: tuple[tuple[Row, ...], ...]) -> None:
        """One bus through its trips; a trip that cannot be made leaves its people behind."""
        of, evacuation = self.cast.fleet[vehicle], self.run.stage.scenario.evacuation
        assert evacuation is not None
        called = CalledVehicle(vehicle, of["class"], of["base"], evacuation.warned_ms, float(of["turnout_min"]),
                               of["mode"] != "own")  # fmt: skip
        free, site, driven, stood = vehicle_ready_ms(called, self.draws), str(of["base"]), 0, -NEVER
        slowness, rest_ms = self.draws.slowness(vehicle), self.run.stage.scenario.drive_rest_ms
        last, lost = -1, False
        for trip in trips:
            row, name = trip[0], f"{vehicle} {trip[0]['sequence']}"
            if lost:
                self._left(trip, "vehicle")
                continue
            edges = self.cast.edges[row["pickup_path"]] if site == row["start_site"] else None
            begun = 0 if free - stood >= rest_ms else driven
            fetch = self._fetch(of["class"], site, row["place"], edges, free, begun, slowness)
            sets_out = self.record(free, "evacuation_bus_leaves", vehicle, "vehicle", last, place=site, trip=name,
                                   origin=site, destination=row["place"], detail=row["move"])  # fmt: skip
            if fetch.arrive_ms >= NEVER:
                self._left(trip, "road")
                lost = len(fetch.edges) > 0
                continue
            ready = max(row["board_ms"], *(self._ready(one) for one in trip))  # people were told when the bus comes
            boarding = round(self.draws.figure("evacuation.board", name) * MINUTE_MS)
            depart = on_minute(max(fetch.arrive_ms, ready) + boarding)
            if depart >= self._hazard(row["place"]):
                self._left(trip, "hazard")
                site, free, stood, driven = row["place"], max(fetch.arrive_ms, free), fetch.arrive_ms, fetch.driven_ms
                lost = fetch.arrive_ms >= self._hazard(row["place"])
                continue
            begun = 0 if depart - fetch.arrive_ms >= rest_ms else fetch.driven_ms
            aboard = [self._event(depart - boarding, "evacuees_board", one,
                                  max(sets_out, self.told[one["place"], one["group"]][1]), vehicle, name)
                      for one in trip]  # fmt: skip
            left = [self._event(depart, "evacuees_left", one, event, vehicle, name)
                    for one, event in zip(trip, aboard, strict=True)]  # fmt: skip
            went = journey(self.tonight, of["class"], row["place"], self._choices(row, sum(o["people"] for o in trip)),
                           self.cast.edges[row["path"]], depart, begun, slowness)  # fmt: skip
            alighting = round(self.draws.figure("evacuation.alight", name) * MINUTE_MS)
            last = self._arrive(list(trip), went, left[-1], depart, vehicle, name)
            lost = went.arrive_ms >= NEVER
            site, stood, driven = went.shelter or site, went.arrive_ms, went.driven_ms
            free = went.arrive_ms + alighting

    def _fetch(
        self, used_as: str, site: str, place: str, edges: Edges | None, free: int, driven: int, slowness: int
    ) -> Journey:
        """The empty way: as planned if the bus stands where planned, else the quickest."""
        if edges is None:
            from dispatch.roads.travel import way

            found = way(self.tonight.roads, used_as, site, place, free)
            if found is None:
                nothing = np.empty(0, dtype=np.int64)
                return Journey(NEVER, "", nothing, nothing)
            edges = found.astype(np.int64)
        return journey(self.tonight, used_as, site, (place,), edges, free, driven, slowness)

    def _choices(self, row: Row, people: int | None = None) -> tuple[str, ...]:
        """The planned shelter, then all others with room left tonight."""
        wanted = row["people"] if people is None else people
        others = (s for s in self.tonight.shelters if s != row["shelter"] and self.room[s] >= wanted)
        return (row["shelter"], *others)

    def _arrive(
        self, rows: list[Row], went: Journey, cause: int, depart: int, vehicle: str = "", trip: str = ""
    ) -> int:
        """Write down how a journey ends."""
        people = sum(row["people"] for row in rows)
        if went.met_ms >= 0:
            name = self.run.edge_name(went.met)
            if went.shelter != rows[0]["shelter"] or went.arrive_ms >= NEVER:
                self.room[rows[0]["shelter"]] += people
                if went.shelter:
                    self.room[went.shelter] -= people
            if went.arrive_ms < NEVER and went.met_ms <= self.last_ms:
                cause = self.record(went.met_ms, "evacuees_rerouted", vehicle or rows[0]["place"],
                                    "vehicle" if vehicle else "place", cause, place=rows[0]["place"], edge=name,
                                    quantity=float(people), trip=trip, destination=went.shelter)  # fmt: skip
        event = cause
        stuck_ms = min(max(went.met_ms, depart), self.last_ms)
        for row in rows:
            if went.arrive_ms >= NEVER:
                event = self._event(stuck_ms, "evacuees_cut_off", row, cause, vehicle, trip)
            elif went.arrive_ms > self.last_ms:
                event = self._event(self.last_ms, "evacuees_under_way", row, cause, vehicle, trip)
            else:
                event = self._event(went.arrive_ms, "evacuees_arrived", row, cause, vehicle, trip, went.shelter)
        return event

    def _left(self, trip: tuple[Row, ...], why: str) -> None:
        for row in trip:
            cause = self.told[row["place"], row["group"]][1]
            self._behind(row["place"], row["group"], row["people"], cause, why)

    def _behind(self, place: str, group: str, people: int, cause: int, why: str) -> None:
        """People are still there when the hazard comes, or at the end."""
        at = min(max(self._hazard(place), self.told[place, group][0]), max(self.last_ms, self.told[place, group][0]))
        self.record(at, "evacuees_left_behind", place, "place", cause, place=place, quantity=float(people),
                    detail=f"{group} {why}")  # fmt: skip

    def _hazard(self, place: str) -> int:
        return self.tonight.arrival_ms.get(place, NEVER)

    def _event(
        self, at: int, event: str, row: Row, cause: int, vehicle: str = "", trip: str = "", shelter: str = ""
    ) -> int:
        return self.record(
            at, event, vehicle or row["place"], "vehicle" if vehicle else "place", cause, place=row["place"],
            quantity=float(row["people"]), detail=row["group"], trip=trip, path=row["path"], origin=row["place"],
            destination=shelter or row["shelter"], unit=row["mode"], milestone=f"{row['move']} {event}",
        )  # fmt: skip
