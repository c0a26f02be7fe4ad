"""Small evacuations worked out by hand.

A road A–B–S, every stretch 2 km: at 60 km/h two minutes by bus or car, 24 minutes on foot at 5 km/h. Figures do not
vary: told after 10 minutes, ready after 10 more; boarding 5, alighting 5; no margin; nobody has a car or needs help.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dispatch.evacuation.people import groups_of
from dispatch.evacuation.shelters import with_shelters
from dispatch.evacuation_order import EvacuationOrder
from dispatch.hazards.disruption import PLACE_COLUMNS, Disruption
from dispatch.norms.response import Figure, Response, response_figures
from dispatch.scenario import Scenario
from tests import tiny

FIGURES = {
    "notice_residents": 10, "notice_assisted": 10, "notice_visitors": 30, "prepare_residents": 10,
    "prepare_assisted": 20, "prepare_visitors": 5, "assisted_share": 0, "car_share_residents": 0,
    "car_share_assisted": 0, "car_share_visitors": 0, "car_people": 2, "walk_kmh": 5, "walk_assisted_kmh": 2,
    "walk_limit": 3, "walk_assisted_limit": 0.5, "walk_wading": 0.2, "board": 5, "alight": 5, "margin": 0, "slot": 5,
}  # fmt: skip
MIN = 60_000


def response(**own: float | tuple[float, float, float]) -> Response:
    """Figures as above, or as told."""
    figures: dict[str, Figure] = {}
    for name in response_figures("night"):
        section, _, short = name.partition(".")
        if section == "evacuation":
            value = own.get(short, FIGURES[short])
            low, mode, high = value if isinstance(value, tuple) else (value, value, value)
            figures[name] = Figure(float(low), float(mode), float(high))
    return Response(frozenset({"evacuation"}), figures)


def reached(hazard: Disruption, *arrivals: tuple[str, float, float]) -> Disruption:
    """The hazard also reaches these places at these minutes, with this share of their people."""
    rows = [{"place": place, "start_s": minute * 60.0, "end_s": float("inf"), "share": share, "depth_m": float("nan"),
             "cause": "wildfire", "group": ""} for place, minute, share in arrivals]  # fmt: skip
    return replace(hazard, places=tiny.frame(PLACE_COLUMNS, rows))


def world(
    arrivals: Sequence[tuple[str, float, float]] = (("A", 120, 1.0),),
    buses: Sequence[int] = (),
    shelters: Mapping[str, tuple[str, int]] | None = None,
    people: Mapping[str, int] | None = None,
    closures: Sequence[Mapping[str, Any]] = (),
    roads: Any = None,
    nodes: Mapping[str, int] | None = None,
    warned_min: float = 0,
    visitors: Mapping[str, int] | None = None,
    contraflow: bool = False,
    places: str = "AB",
    **figures: float | tuple[float, float, float],
) -> Scenario:
    """Places at nodes 0, 1 …, shelter S (or those told: name → (place, capacity)) and base of the buses at the end."""
    people = people or dict.fromkeys(places, 40)
    shelters = shelters or {"S": ("C", 1000)}
    roads = roads or tiny.network([(0, 1, 2), (1, 2, 2)])
    nodes = nodes or {"A": 0, "B": 1, "C": 2, "S": 2, "D": 2}
    hazard = reached(tiny.disruption(list(closures)), *arrivals)
    tables: dict[str, Any] = {
        "places": [{"place": p, "name": p, "kind": "village", "population": people.get(p, 0)} for p in (*places, "C")],
        "depots": [{"depot": "D", "name": "D", "tier": "county", "docks": 1}],
        "shelters": [{"shelter": s, "name": s, "place": p, "capacity": c} for s, (p, c) in shelters.items()],
        "vehicles": [{"vehicle": f"V{k + 1}", "base": "D", "class": "truck_5t", "payload_kg": 0.0, "volume_m3": 0.0,
                      "seats": seats, "turnout_min": 0.0} for k, seats in enumerate(buses)],
    }  # fmt: skip
    kinds = {**dict.fromkeys((*places, "C"), "place"), **dict.fromkeys(shelters, "shelter"), "D": "depot"}
    sites = {site: (kinds[site], node) for site, node in nodes.items() if site in kinds}
    made = tiny.scenario(roads, sites, [], hazard, tables, response=response(**figures))
    order = EvacuationOrder(round(warned_min * MIN), contraflow)
    groups = groups_of(made.county, hazard, made.response.value("evacuation.assisted_share"), order.warned_ms,
                       visitors or {})  # fmt: skip
    return with_shelters(replace(made, evacuation=replace(order, groups=groups)))
