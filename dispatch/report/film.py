"""What the page's clock plays: roads, sites, vehicles, and one film for the plan and for each chosen night, as JSON.

Times are integer ms from the reference instant; lines are encoded polylines (``shapes``). A film holds each vehicle's
phases, the hour at which each site has its first batch, and the closures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dispatch.report.closures import STATES, Closure, road_name
from dispatch.report.phases import ACTIVITIES, Phase
from dispatch.report.shapes import ROAD_GROUPS, Lines, drawn_edges, encode, road_group, simplify
from dispatch.scenario import Scenario

__all__ = ["DRAWING_TOLERANCE_M", "Film", "films_json", "served_at_sites"]

_BEFORE_MS = 1_800_000  # how long before the order the clock begins, at most
DRAWING_TOLERANCE_M = 4.0
"""How far a drawn road may lie from the surveyed one: less than its own width at every zoom of the page."""


@dataclass(frozen=True, eq=False)
class Film:
    """One course of events.

    Attributes
    ----------
    name, label : str
    phases : sequence of Phase
    served_ms : mapping of site to int
        When the first batch of every need handed over there is complete; absent if never.
    closures : sequence of Closure
    goods : mapping of (trip, site) to str
        What is unloaded, in words.
    """

    name: str
    label: str
    phases: Sequence[Phase]
    served_ms: Mapping[str, int]
    closures: Sequence[Closure]
    goods: Mapping[tuple[str, str], str]


def served_at_sites(scenario: Scenario, complete_ms: Mapping[str, int]) -> dict[str, int]:
    """When each delivery point is done: when the last of its places has its first batch.

    Parameters
    ----------
    complete_ms : mapping of place to int
        ms from the reference instant; negative or absent is never, and such a point is left out.
    """
    needs = scenario.needs[(scenario.needs["part"] == "first_batch") & (scenario.needs["quantity"] > 0)]
    done: dict[str, int] = {}
    never: set[str] = set()
    for site, place in zip(needs["site"], needs["place"], strict=True):
        time_ms = int(complete_ms.get(place, -1))
        if time_ms < 0:
            never.add(site)
        done[site] = max(done.get(site, time_ms), time_ms)
    return {site: time_ms for site, time_ms in done.items() if site not in never and site in scenario.sites.index}


def films_json(scenario: Scenario, films: Sequence[Film], sites: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Everything the page's script draws, except words.

    Parameters
    ----------
    scenario : Scenario
    films : sequence of Film
    sites : sequence of mappings
        The sites to draw, each with at least id, lon and lat; sites the films name must be among them.

    Returns
    -------
    dict
        JSON values only.
    """
    lines = simplify(scenario.network, DRAWING_TOLERANCE_M)
    group = road_group(scenario.network)
    drawn = drawn_edges(scenario.network)
    site_index = {site["id"]: k for k, site in enumerate(sites)}
    streets = sorted({closure.street for film in films for closure in film.closures})
    paths = _Paths(scenario, lines)
    vehicles = sorted({phase.vehicle for film in films for phase in film.phases})
    played = [_film_json(film, vehicles, site_index, {s: k for k, s in enumerate(streets)}, paths) for film in films]
    return {
        "activities": list(ACTIVITIES),
        "states": list(STATES),
        "order_ms": scenario.order_ms,
        "due_ms": scenario.due_ms,
        "start_ms": max(min(0, scenario.order_ms), scenario.order_ms - _BEFORE_MS),
        "end_ms": min(_last_ms(scenario, films), scenario.end_ms),
        "reference": scenario.reference_time.replace(tzinfo=None).isoformat(timespec="seconds"),
        "roads": {name: encode(lines.take(drawn[group[drawn] == name])) for name in ROAD_GROUPS},
        "streets": encode(lines.take(np.array(streets, dtype=np.int64))),
        "street_names": [road_name(scenario.network, street) for street in streets],
        "paths": encode(paths.lines()),
        "sites": [dict(site) for site in sites],
        "vehicles": vehicles,
        "films": played,
    }


def _last_ms(scenario: Scenario, films: Iterable[Film]) -> int:
    """End of the clock: a quarter of an hour after the last thing happens, not before the six-hour line."""
    ends = [phase.end_ms for film in films for phase in film.phases]
    served = [time for film in films for time in film.served_ms.values()]
    return max([scenario.due_ms, *ends, *served]) + 15 * 60_000


def _film_json(
    film: Film,
    vehicles: Sequence[str],
    site_index: Mapping[str, int],
    street_index: Mapping[int, int],
    paths: _Paths,
) -> dict[str, Any]:
    """One film with positions in place of ids."""
    rows: dict[str, list[list[Any]]] = {vehicle: [] for vehicle in vehicles}
    for phase in film.phases:
        for row in _phase_rows(phase, site_index, paths, film.goods):
            rows[phase.vehicle].append(row)
    return {
        "name": film.name,
        "label": film.label,
        "phases": [rows[vehicle] for vehicle in vehicles],
        "served": [[site_index[site], int(time)] for site, time in sorted(film.served_ms.items())],
        "closures": [
            [street_index[c.street], _clipped(c.start_ms), _clipped(c.end_ms), STATES.index(c.state), c.cause]
            for c in film.closures
        ],
    }


def _clipped(time_ms: int) -> int | None:
    """Time as JSON holds it; None for never and for always."""
    return int(time_ms) if abs(time_ms) < 1 << 52 else None


def _phase_rows(
    phase: Phase, site_index: Mapping[str, int], paths: _Paths, goods: Mapping[tuple[str, str], str]
) -> list[list[Any]]:
    """[activity, start, end, site, to site, path, vertex steps, time steps, goods] of one phase."""
    site = site_index[phase.site] if phase.site else -1
    to_site = site_index[phase.to_site] if phase.to_site else -1
    activity = ACTIVITIES.index(phase.activity)
    row: list[Any] = [activity, int(phase.start_ms), int(phase.end_ms), site, to_site]
    if not phase.moves:
        words = goods.get((phase.trip, phase.site), "") if phase.activity == "unloading" else ""
        return [[*row, -1, *([[], [], words] if words else [])]]
    number, first_vertex = paths.add(phase)
    vertices, times = _keyframes(phase, first_vertex)
    return [[*row, number, np.diff(vertices, prepend=0).tolist(), np.diff(times, prepend=phase.start_ms).tolist()]]


def _keyframes(phase: Phase, first_vertex: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Vertices of the path's line and the instants at which the vehicle is there, both non-decreasing.

    ``first_vertex[k]`` is the tail of edge k (and the head of edge k - 1); a site that it leaves is vertex 0, one that
    it comes to is the vertex after the last junction.
    """
    vertices, times = [0], [phase.start_ms]
    for k in range(len(phase.edges)):
        if first_vertex[k] > vertices[-1] or phase.enter_ms[k] > times[-1]:
            vertices.append(int(first_vertex[k]))
            times.append(int(phase.enter_ms[k]))
        vertices.append(int(first_vertex[k + 1]))
        times.append(int(phase.leave_ms[k]))
    vertices.append(int(first_vertex[-1]) + (1 if phase.to_site else 0))
    times.append(int(phase.end_ms))
    return np.array(vertices), np.array(times)


class _Paths:
    """Lines of the ways driven, each once: site, junction to junction, site."""

    def __init__(self, scenario: Scenario, edges: Lines) -> None:
        self.scenario = scenario
        self.edges = edges
        self.known: dict[tuple[str, str, tuple[int, ...]], tuple[int, np.ndarray]] = {}
        self.parts: list[np.ndarray] = []

    def add(self, phase: Phase) -> tuple[int, np.ndarray]:
        """Number of the phase's line, and the vertices at which its edges meet."""
        key = (phase.site, phase.to_site, tuple(int(edge) for edge in phase.edges))
        if key not in self.known:
            self.known[key] = (len(self.parts), self._draw(*key))
        return self.known[key]

    def _draw(self, site: str, to_site: str, edges: tuple[int, ...]) -> np.ndarray:
        points = [self._site(site)] if site else []
        count = len(points)
        meet: list[int] = [count]
        for k, edge in enumerate(edges):
            line = np.column_stack(self.edges.line(edge))[1 if k else 0 :]
            points.append(line)
            count += len(line)
            meet.append(count - 1)
        if to_site:
            points.append(self._site(to_site))
        self.parts.append(np.concatenate(points))
        return np.array(meet if edges else [0], dtype=np.int64)

    def _site(self, site: str) -> np.ndarray:
        return np.array([[self.scenario.sites.at[site, "lon"], self.scenario.sites.at[site, "lat"]]])

    def lines(self) -> Lines:
        """All lines, in the order of their numbers."""
        if not self.parts:
            return Lines(np.zeros(1, dtype=np.int64), np.empty(0), np.empty(0))
        points = np.round(np.concatenate(self.parts), 5)
        first = np.concatenate([[0], np.cumsum([len(part) for part in self.parts])]).astype(np.int64)
        return Lines(first, points[:, 0], points[:, 1])
