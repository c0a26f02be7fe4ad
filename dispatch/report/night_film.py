"""A simulated night as a film: the event log read back into phases, for a few nights from good to bad.

The log gives the instant of every departure, arrival, wait and change of way. Between two of them the way is driven
again over that night's roads at that vehicle's speed; where this does not end at the logged instant (a log from
elsewhere), its times are stretched to fit, so that a vehicle is exact at every logged event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dispatch.clock import hours_minutes
from dispatch.documents.messages import text
from dispatch.hazards.disruption import Disruption
from dispatch.planning.plan import Plan
from dispatch.report.closures import closures
from dispatch.report.film import Film, served_at_sites
from dispatch.report.findings import Findings
from dispatch.report.phases import Phase
from dispatch.report.tables import goods_in_words
from dispatch.roads.travel import Travel
from dispatch.scenario import Scenario, travel
from dispatch.simulation.draws import RandomDraws
from models.traversal import NEVER, TimedEdges, traverse_path

if TYPE_CHECKING:
    from dispatch.simulation.ensemble import Ensemble

__all__ = ["chosen_nights", "night_films", "night_phases"]

_KINDS: tuple[tuple[str, float], ...] = (("best", 0.05), ("median", 0.5), ("bad", 0.95), ("worst", 1.0))
_STANDS = {
    "vehicle_ready": "", "arrive_depot": "wait_dock", "dock_wait": "wait_dock", "load_start": "loading",
    "load_end": "papers", "arrive": "wait_site", "unload_start": "unloading", "unload_end": "", "returned": "",
    "stranded": "", "end": "",
}  # fmt: skip
"""What a vehicle does after an event, standing; "" is nothing worth telling."""
_SETS_OUT = ("leave", "depart", "return")
_NO_EDGES: NDArray[np.int64] = np.empty(0, dtype=np.int64)
_ON_THE_WAY = ("closure_met", "turn_round", "reroute", "wait", "rest", "go_on")


def chosen_nights(findings: Findings, kept: Sequence[int]) -> list[tuple[str, int]]:
    """A good, a middling, a bad and the worst night by T_all, among those whose log is kept: (kind, replication)."""
    if findings.nights is None:
        return []
    nights = findings.nights
    which = np.flatnonzero(np.isin(nights.replication, np.asarray(kept)))
    if not len(which):
        return []
    order = which[np.lexsort((nights.replication[which], nights.t_all_ms[which]))]
    chosen: dict[int, str] = {}
    for kind, quantile in _KINDS:
        night = int(nights.replication[order[round(quantile * (len(order) - 1))]])
        chosen.setdefault(night, kind)
    return [(kind, night) for night, kind in chosen.items()]


def night_films(scenario: Scenario, plan: Plan, ensemble: Ensemble, findings: Findings, lang: str) -> list[Film]:
    """Films of the chosen nights; none where no log was kept."""
    log = ensemble.log
    if findings.nights is None or log is None or log.empty:
        return []
    films = []
    for kind, replication in chosen_nights(findings, log["replication"].unique().tolist()):
        rows = log[log["replication"] == replication]
        row = int(np.flatnonzero(findings.nights.replication == replication)[0])
        complete = dict(zip(findings.places["place"], findings.nights.complete_ms[row], strict=True))
        label = text(lang, "report_film_night", night=replication, kind=text(lang, f"report_film_{kind}"),
                     time=hours_minutes(int(findings.nights.t_all_ms[row])))  # fmt: skip
        hazard = realised_disruption(scenario, ensemble, replication)
        closed = closures(scenario.network, hazard, scenario.profiles, forecast=False)
        delivered: dict[tuple[str, str], dict[str, int]] = {}
        for event in rows[rows["event"] == "delivered"].to_dict("records"):
            of = delivered.setdefault((event["trip"], event["to"]), {})
            of[event["item"]] = of.get(event["item"], 0) + int(event["quantity"])
        goods = goods_in_words(scenario, delivered, lang)
        draws = RandomDraws(scenario, ensemble.seed, replication)
        phases = night_phases(scenario, plan, rows.to_dict("records"), travel(scenario, hazard), draws.slowness)
        films.append(Film(f"night {replication}", label, phases, served_at_sites(scenario, complete), closed, goods))
    return films


def night_phases(
    scenario: Scenario,
    plan: Plan,
    events: Sequence[Mapping[str, Any]],
    roads: Travel,
    slowness: Callable[[str], int],
) -> list[Phase]:
    """Phases of every vehicle from one night's events.

    Parameters
    ----------
    scenario : Scenario
    plan : Plan
        For its paths.
    events : sequence of mappings
        Rows of the event log.
    roads : Travel
        The roads as they were that night.
    slowness : callable
        Vehicle → crossing times as permille of the usual.
    """
    vehicles = scenario.county.table("vehicles")
    class_of = dict(zip(vehicles["vehicle"], vehicles["class"], strict=True))
    index = scenario.network.edge_index
    edges_of = {
        path: np.array([index[edge] for edge in edges], dtype=np.int64)
        for path, edges in zip(plan.paths["path"], plan.paths["edges"], strict=True)
    }
    depot_of = dict(zip(plan.trips["trip"], plan.trips["depot"], strict=True))
    by_vehicle: dict[str, list[Mapping[str, Any]]] = {}
    for event in sorted(events, key=lambda e: e["event_id"]):
        if event["actor_kind"] == "vehicle":
            by_vehicle.setdefault(event["actor"], []).append(event)
    phases: list[Phase] = []
    for vehicle, own in sorted(by_vehicle.items()):
        reader = _Reader(scenario, vehicle, roads.timed[class_of[vehicle]], slowness(vehicle), edges_of, depot_of)
        phases += reader.read(own)
    return phases


def _time_ms(event: Mapping[str, Any]) -> int:
    return round(float(event["time_s"]) * 1000)


class _Reader:
    """Reads one vehicle's events."""

    def __init__(
        self,
        scenario: Scenario,
        vehicle: str,
        timed: TimedEdges,
        slowness: int,
        edges_of: Mapping[str, NDArray[np.int64]],
        depot_of: Mapping[str, str],
    ) -> None:
        self.scenario = scenario
        self.vehicle = vehicle
        self.timed = timed
        self.slowness = slowness
        self.edges_of = edges_of
        self.depot_of = depot_of
        self.site = ""
        self.standing: tuple[str, int] | None = None
        self.phases: list[Phase] = []

    def read(self, events: Sequence[Mapping[str, Any]]) -> list[Phase]:
        """All phases, in order."""
        k = 0
        while k < len(events):
            event = events[k]
            name, now = event["event"], _time_ms(event)
            k += 1
            if name in _SETS_OUT:
                self._stop_standing(now, event["trip"])
                end = k
                while end < len(events) and events[end]["event"] in _ON_THE_WAY:
                    end += 1
                self._drive(event, events[k:end], events[end] if end < len(events) else None)
                k = end
            elif name == "vehicle_ready":
                self.site = event["place"]
                self._add("prepare", min(self.scenario.order_ms, now), now, event["trip"])
            elif name == "rest":
                self._stop_standing(now, event["trip"])
                self.standing = ("rest", now)
            elif name in _STANDS:
                self._stop_standing(now, event["trip"])
                self.standing = (_STANDS[name], now)
        return self.phases

    def _stop_standing(self, now: int, trip: str) -> None:
        if self.standing is not None and self.standing[0]:
            self._add(self.standing[0], self.standing[1], now, trip)
        self.standing = None

    def _add(self, activity: str, start_ms: int, end_ms: int, trip: str) -> None:
        if end_ms > start_ms:
            self.phases.append(Phase(self.vehicle, trip, activity, start_ms, end_ms, self.site))

    def _drive(
        self, out: Mapping[str, Any], way_events: Sequence[Mapping[str, Any]], after: Mapping[str, Any] | None
    ) -> None:
        """One drive, from setting out to the event after it."""
        start, to_site, trip = _time_ms(out), out["to"], out["trip"]
        activity = "drive_back" if out["event"] == "return" else (
            "drive_empty" if out["event"] == "leave" and to_site == self.depot_of.get(trip) else "drive_loaded"
        )  # fmt: skip
        arrived = after is not None and after["event"] in {"arrive_depot", "arrive", "returned"}
        end = _time_ms(after) if after is not None else self.scenario.end_ms
        if end <= start:
            self.site = to_site if arrived else self.site
            return
        access = self.scenario.sites["access_ms"]
        ready = start + (int(access[self.site]) if self.site else 0)
        way = _Way(self.timed, self.slowness, ready, self.edges_of.get(out["path_id"], _NO_EDGES))
        index = self.scenario.network.edge_index
        for k, event in enumerate(way_events):
            now = _time_ms(event)
            later = next((_time_ms(e) for e in way_events[k + 1 :] if e["event"] != "turn_round"), end)
            if event["event"] == "reroute":
                way.follow(np.array([index[edge] for edge in event["detail"].split()], dtype=np.int64))
            elif event["event"] == "closure_met":
                drove = later - now if event["detail"] == "on it" else 0
                way.reach(index[event["edge"]], now - drove)
                if drove:
                    way.pause("wait_road", now - drove, later)
            elif event["event"] == "wait":
                way.pause("wait_road", now, later)
            elif event["event"] == "rest":
                way.rest(now, later)
        if arrived:
            way.finish(end - int(access[to_site]))
        edges, enter, leave = way.arrays()
        self.phases.append(Phase(self.vehicle, trip, activity, start, end, self.site, to_site if arrived else "",
                                 out["path_id"], edges, enter, leave, tuple(way.pauses)))  # fmt: skip
        self.site = to_site if arrived else ""


class _Way:
    """The edges driven so far, with their times."""

    def __init__(self, timed: TimedEdges, slowness: int, now_ms: int, edges: NDArray[np.int64]) -> None:
        self.timed = timed
        self.slowness = slowness
        self.now_ms = now_ms
        self.edges = edges
        self.k = 0
        self.driven: list[NDArray[np.int64]] = [_NO_EDGES]
        self.enter: list[NDArray[np.int64]] = [_NO_EDGES]
        self.leave: list[NDArray[np.int64]] = [_NO_EDGES]
        self.pauses: list[tuple[str, int, int]] = []
        self.rests: list[tuple[int, int]] = []

    def follow(self, edges: NDArray[np.int64]) -> None:
        """Take another way from where it stands."""
        self.edges, self.k = edges, 0

    def pause(self, activity: str, start_ms: int, end_ms: int) -> None:
        """Stand at a junction."""
        if end_ms > start_ms:
            self.pauses.append((activity, start_ms, end_ms))
        self.now_ms = end_ms

    def rest(self, start_ms: int, end_ms: int) -> None:
        """A rest at a junction that the log does not name."""
        self.rests.append((start_ms, end_ms))

    def reach(self, edge: int, at_ms: int) -> None:
        """Come to the tail of an edge of the way."""
        found = np.flatnonzero(self.edges[self.k :] == edge)
        self._advance(self.k + int(found[0]) if len(found) else self.k, at_ms)

    def finish(self, at_ms: int) -> None:
        """Come to the end of the way."""
        self._advance(len(self.edges), at_ms)

    def _advance(self, k: int, at_ms: int) -> None:
        """Drive up to edge ``k``, being there at ``at_ms``, with the rests at the junctions nearest in time."""
        for start, end in self.rests:
            edges = self.edges[self.k : k]
            leave = traverse_path(self.timed, edges, self.now_ms, self.slowness)[1]
            self._drive(self.k + int(np.searchsorted(leave, start, side="right")), start)
            self.pauses.append(("rest", start, end))
            self.now_ms = end
        self.rests = []
        self._drive(k, at_ms)

    def _drive(self, k: int, at_ms: int) -> None:
        """Drive up to edge ``k`` without a rest."""
        edges = self.edges[self.k : k]
        enter, leave = traverse_path(self.timed, edges, self.now_ms, self.slowness)
        if len(edges) and leave[-1] != at_ms:
            steps = leave.astype(np.float64) if leave[-1] < NEVER else np.cumsum(np.ones(len(edges))) + self.now_ms
            span = max(steps[-1] - self.now_ms, 1.0)
            leave = self.now_ms + np.rint((steps - self.now_ms) / span * (at_ms - self.now_ms)).astype(np.int64)
            enter = np.concatenate([[self.now_ms], leave[:-1]])
        self.driven.append(edges)
        self.enter.append(enter)
        self.leave.append(leave)
        self.k, self.now_ms = k, at_ms

    def arrays(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Edges driven, and when each was entered and left."""
        return np.concatenate(self.driven), np.concatenate(self.enter), np.concatenate(self.leave)


def realised_disruption(scenario: Scenario, ensemble: Ensemble, replication: int) -> Disruption:
    """How the hazard turned out on a night: drawn again from the run's seed."""
    draws = RandomDraws(scenario, ensemble.seed, replication)
    return scenario.disruption.sample(draws.generator("disruption"))
