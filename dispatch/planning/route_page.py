"""Route sheet: for every trip the roads in the order in which they are driven, with kilometres and times."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from dispatch.planning.plan_pages import Page, page
from dispatch.planning.plan_view import PlanView
from dispatch.roads.network import ROAD_CLASSES
from dispatch.roads.travel import NEVER, Drive, drive

__all__ = ["route_page"]


def route_page(view: PlanView) -> Page:
    """Roads of every leg, consecutive edges of one road put together.

    Times are those of the roads as the planner knew them; they are blank where a way is broken or closed.
    """
    columns = (
        "vehicle", "plate", "trip", "leg", "from_name", "to_name", "part_no", "road", "class_name", "km", "enter_clock",
        "leave_clock", "minutes",
    )  # fmt: skip
    rows: list[dict[str, Any]] = []
    for trip, leg, path_id, leave_ms, driven_ms in _legs(view):
        path = view.paths.get((path_id,))
        if path is None or not path["edges"]:
            continue
        head = {
            "vehicle": trip["vehicle"], "plate": view.plate(trip["vehicle"]), "trip": trip["trip"], "leg": leg,
            "from_name": view.site(path["from_site"]), "to_name": view.site(path["to_site"]),
        }  # fmt: skip
        rows += [{**head, "part_no": i, **part} for i, part in enumerate(_parts(view, path, leave_ms, driven_ms), 1)]
    return page("routes", columns, rows, ("trip", "leg", "part_no"))


def _legs(view: PlanView) -> Iterator[tuple[dict[str, Any], int, str, int, int]]:
    """(trip, leg 0 … n, path, departure, driving since the last rest) in the order in which a vehicle drives them."""
    rest = view.scenario.drive_rest_ms
    stops: dict[str, list[dict[str, Any]]] = {}
    for stop in sorted(view.plan.stops.to_dict("records"), key=lambda s: s["stop"]):
        stops.setdefault(stop["trip"], []).append(stop)
    driven: dict[str, int] = {}
    parked: dict[str, int] = {}
    for trip in sorted(view.plan.trips.to_dict("records"), key=lambda t: (t["vehicle"], t["sequence"], t["trip"])):
        vehicle = trip["vehicle"]
        legs = [(trip["to_depot_path"], trip["start_ms"], trip["at_depot_ms"])]
        legs += [(stop["path"], stop["leave_ms"], stop["arrive_ms"]) for stop in stops.get(trip["trip"], [])]
        if trip["return_path"]:
            end = stops[trip["trip"]][-1]["unload_end_ms"] if trip["trip"] in stops else trip["depart_ms"]
            legs.append((trip["return_path"], end, trip["return_ms"]))
        for leg, (path_id, leave_ms, arrive_ms) in enumerate(legs):
            if leave_ms - parked.get(vehicle, leave_ms - rest) >= rest:
                driven[vehicle] = 0
            yield trip, leg, path_id, leave_ms, driven.get(vehicle, 0)
            path = view.paths.get((path_id,))
            if path is not None and (way := _drive(view, path, leave_ms, driven.get(vehicle, 0))) is not None:
                driven[vehicle] = way.driven_ms
            if path is not None and path["edges"]:
                parked[vehicle] = arrive_ms


def _edges(view: PlanView, path: dict[str, Any]) -> np.ndarray | None:
    """Positions of a path's edges in the network; None if one is not there."""
    index = view.scenario.network.edge_index
    if any(edge not in index for edge in path["edges"]):
        return None
    return np.array([index[edge] for edge in path["edges"]], dtype=np.int64)


def _drive(view: PlanView, path: dict[str, Any], leave_ms: int, driven_ms: int) -> Drive | None:
    """Times along a path; None where it cannot be driven as it stands."""
    edges = _edges(view, path)
    roads, origin, end = view.roads, path["from_site"], path["to_site"]
    if edges is None or origin not in roads.index or end not in roads.index or path["vehicle_class"] not in roads.timed:
        return None
    if not -NEVER < leave_ms < NEVER:
        return None
    try:
        way = drive(roads, path["vehicle_class"], origin, end, edges, leave_ms, driven_ms)
    except ValueError:  # the way is broken, as the checker will say
        return None
    return way if way.arrive_ms < NEVER else None


def _parts(view: PlanView, path: dict[str, Any], leave_ms: int, driven_ms: int) -> Iterator[dict[str, Any]]:
    """Runs of edges of one road."""
    edges = _edges(view, path)
    if edges is None:
        yield {"road": view.say("plan_route_unknown"), "km": path["length_m"] / 1000}
        return
    network = view.scenario.network
    way = _drive(view, path, leave_ms, driven_ms)
    names = [_road(view, int(edge)) for edge in edges]
    start = 0
    for k in range(1, len(names) + 1):
        if k < len(names) and names[k] == names[start]:
            continue
        road, class_name = names[start]
        part: dict[str, Any] = {
            "road": road,
            "class_name": class_name,
            "km": float(network.length_m[edges[start:k]].sum()) / 1000,
        }
        if way is not None:
            enter, leave = int(way.enter_ms[start]), int(way.leave_ms[k - 1])
            part |= {
                "enter_clock": view.clock(enter),
                "leave_clock": view.clock(leave),
                "minutes": (leave - enter) / 60_000,
            }
        yield part
        start = k


def _road(view: PlanView, edge: int) -> tuple[str, str]:
    """Number and name of a road, and its class in words."""
    network = view.scenario.network
    label = " ".join(part for part in (str(network.ref[edge]), str(network.name[edge])) if part)
    class_name = view.word("plan_road", ROAD_CLASSES[network.road_class[edge]])
    return label or view.say("plan_route_unnamed"), class_name
