"""The plan: who carries what, from where, when; in tables that survive a spreadsheet.

All times are integer ms from the scenario's reference instant. ``trips``, ``stops`` and ``loads`` are the plan; every
other figure is computed from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

__all__ = [
    "DEPLOYMENT_COLUMNS",
    "EVACUATION_COLUMNS",
    "LOAD_COLUMNS",
    "OBJECTIVE_COLUMNS",
    "PATH_COLUMNS",
    "SORTIE_COLUMNS",
    "STOP_COLUMNS",
    "TRIP_COLUMNS",
    "UNMET_COLUMNS",
    "UNSERVED_COLUMNS",
    "Plan",
    "empty_plan",
    "empty_plan_table",
]

TRIP_COLUMNS: dict[str, str] = {
    "trip": "str",
    "vehicle": "str",
    "sequence": "int64",
    "depot": "str",
    "dock": "int64",
    "start_site": "str",
    "start_ms": "int64",
    "to_depot_path": "str",
    "at_depot_ms": "int64",
    "load_start_ms": "int64",
    "load_end_ms": "int64",
    "depart_ms": "int64",
    "return_site": "str",
    "return_path": "str",
    "return_ms": "int64",
}
"""One row per trip. ``sequence``: 1, 2 … within the vehicle; ``start_site``: where the vehicle stands (its base, or the
last stop of its previous trip); ``start_ms``: when it sets out empty; ``dock``: 1 … docks of the depot; ``depart_ms``:
loaded and papers done; ``return_site`` "" and ``return_ms`` -1 if it stays at its last stop (no return needed)."""

STOP_COLUMNS: dict[str, str] = {
    "trip": "str",
    "stop": "int64",
    "site": "str",
    "path": "str",
    "leave_ms": "int64",
    "arrive_ms": "int64",
    "unload_start_ms": "int64",
    "unload_end_ms": "int64",
}
"""One row per stop, 1, 2 … within the trip. ``path`` leads there from the depot or the stop before, set out at
``leave_ms`` (later than the end of unloading before it if the driver rests); ``arrive_ms`` includes the site's access
stretch and rests on the way."""

LOAD_COLUMNS: dict[str, str] = {
    "trip": "str",
    "stop": "int64",
    "need": "str",
    "item": "str",
    "lot": "str",
    "quantity": "int64",
}
"""What is taken from the trip's depot (item and lot) and handed over at the stop for which need."""

PATH_COLUMNS: dict[str, str] = {
    "path": "str",
    "from_site": "str",
    "to_site": "str",
    "vehicle_class": "str",
    "edges": "object",
    "length_m": "float64",
}
"""Ways through the network: ``edges`` is a tuple of edge ids in driving order; when each is entered follows from the
departure and the rule of ``models.traversal``."""

UNMET_COLUMNS: dict[str, str] = {
    "need": "str",
    "place": "str",
    "site": "str",
    "part": "str",
    "item": "str",
    "quantity": "int64",
    "cause": "str",
    "detail": "str",
}
"""What the plan does not deliver at all or delivers too late; ``cause``: ``road``, ``stock``,
``vehicle``, ``dock``, ``time`` or ``late``; ``detail``: the place's or depot's name and figures, for a reader."""

OBJECTIVE_COLUMNS: dict[str, str] = {
    "level": "int64",
    "measure": "str",
    "sense": "str",
    "value": "float64",
    "bound": "float64",
    "gap": "float64",
    "status": "str",
}
"""Levels of the lexicographic objective: 1 ``people_served_by_deadline`` (max), 2 ``t_all_ms`` (min), 3
``weighted_first_batch_ms`` (min), 4 ``weighted_rest_ms`` (min), 5 ``vehicle_km`` (min). ``status``: ``optimal``,
``feasible``, ``infeasible`` or ``time_limit``; a bound that is not known is NaN."""

EVACUATION_COLUMNS: dict[str, str] = {
    "move": "str",
    "place": "str",
    "group": "str",
    "people": "int64",
    "mode": "str",
    "vehicle": "str",
    "sequence": "int64",
    "start_site": "str",
    "start_ms": "int64",
    "pickup_path": "str",
    "notice_ms": "int64",
    "board_ms": "int64",
    "depart_ms": "int64",
    "shelter": "str",
    "path": "str",
    "arrive_ms": "int64",
    "done_ms": "int64",
    "hazard_ms": "int64",
}
"""One row per movement of people out of a place. ``group``: ``residents``, ``assisted`` or ``visitors``; ``mode``:
``walk``, ``car`` or ``bus``; ``vehicle`` and ``sequence`` (1, 2 … within it) of a bus, "" and 0 otherwise, which sets
out from ``start_site`` at ``start_ms`` along ``pickup_path``; ``notice_ms``: when the people are told; ``board_ms``:
boarding begins; ``arrive_ms``: at the shelter; ``done_ms``: got off; ``hazard_ms``: when the hazard reaches the place,
-1 if it does not."""

DEPLOYMENT_COLUMNS: dict[str, str] = {
    "deployment": "str",
    "team": "str",
    "sequence": "int64",
    "task": "str",
    "skill": "str",
    "strength": "int64",
    "start_site": "str",
    "leave_ms": "int64",
    "path": "str",
    "road_end_ms": "int64",
    "begin_ms": "int64",
    "end_ms": "int64",
}
"""One row per team and task. ``sequence``: 1, 2 … within the team; ``strength``: people put to the task; ``leave_ms``:
sets out from ``start_site``; ``road_end_ms``: where the road ends, from there on foot; work from ``begin_ms`` to
``end_ms``."""

SORTIE_COLUMNS: dict[str, str] = {
    "sortie": "str",
    "aircraft": "str",
    "sequence": "int64",
    "leg": "int64",
    "purpose": "str",
    "from_site": "str",
    "to_site": "str",
    "takeoff_ms": "int64",
    "arrive_ms": "int64",
    "done_ms": "int64",
    "need": "str",
    "item": "str",
    "lot": "str",
    "quantity": "int64",
    "people": "int64",
}
"""One row per leg of a sortie and thing aboard. ``aircraft``: an aircraft or a drone; ``sequence``: 1, 2 … within it;
``purpose``: ``supply``, ``medical``, ``bucket``, ``reconnaissance``, ``relay``, ``position``; ``done_ms``: dropped,
unloaded, filled or on station; ``need``, ``item``, ``lot``, ``quantity``: goods handed over at the leg's end, from
the stock of the depot at ``from_site`` ("" and 0 for none; litres for ``bucket``); ``people``: lifted on that leg."""

UNSERVED_COLUMNS: dict[str, str] = {
    "kind": "str",
    "subject": "str",
    "group": "str",
    "amount": "int64",
    "cause": "str",
    "detail": "str",
}
"""What else cannot be done. ``kind``: ``evacuation`` (``subject`` a place, ``amount`` people), ``task`` (a task, the
person-minutes it lacks) or ``sortie`` (a request of the air, its quantity); ``cause`` one word, ``detail`` for a
reader."""


def empty_plan_table(columns: dict[str, str]) -> pd.DataFrame:
    """Return an empty plan table with these columns and dtypes."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})


@dataclass(frozen=True, eq=False)
class Plan:
    """A dispatch plan as tables (columns at the module's constants).

    ``meta`` holds the scenario's name and content hash, planner, seed and versions, all JSON values.
    """

    trips: pd.DataFrame
    stops: pd.DataFrame
    loads: pd.DataFrame
    paths: pd.DataFrame
    unmet: pd.DataFrame = field(default_factory=lambda: empty_plan_table(UNMET_COLUMNS))
    objective: pd.DataFrame = field(default_factory=lambda: empty_plan_table(OBJECTIVE_COLUMNS))
    meta: Mapping[str, Any] = field(default_factory=dict)
    evacuations: pd.DataFrame = field(default_factory=lambda: empty_plan_table(EVACUATION_COLUMNS))
    deployments: pd.DataFrame = field(default_factory=lambda: empty_plan_table(DEPLOYMENT_COLUMNS))
    sorties: pd.DataFrame = field(default_factory=lambda: empty_plan_table(SORTIE_COLUMNS))
    unserved: pd.DataFrame = field(default_factory=lambda: empty_plan_table(UNSERVED_COLUMNS))


def empty_plan() -> Plan:
    """Return a plan in which nothing is sent."""
    return Plan(*(empty_plan_table(columns) for columns in (TRIP_COLUMNS, STOP_COLUMNS, LOAD_COLUMNS, PATH_COLUMNS)))
