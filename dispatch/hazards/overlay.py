"""Given hazards laid over the roads and places of a county: which edges, whose people, which areas, from when to when.

An area concerns an edge if more of its line lies inside than a touching end. Water over any part of an edge counts for
all of it; a slowdown counts for the part inside. Bridges and tunnels are spared by the rules of the norm table
``exposure`` (by cause), unless the footprint itself says. People are counted where they live: at villages, and at
townships that have none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.county.county import County
from dispatch.county.problem_text import found
from dispatch.hazards.closed_roads import ClosedRoad
from dispatch.hazards.disruption import (
    AREA_COLUMNS,
    CHANCE_COLUMNS,
    EDGE_COLUMNS,
    GROUP_COLUMNS,
    PLACE_COLUMNS,
    Disruption,
)
from dispatch.hazards.effect import Effect
from dispatch.hazards.footprints import Footprint
from dispatch.hazards.lines import EdgeLines, edge_lines
from dispatch.hazards.match import match_edges
from dispatch.hazards.outcomes import foreseen
from dispatch.norms import read_norm
from dispatch.problems import Problem
from dispatch.roads.network import RoadNetwork

__all__ = ["disrupt"]

TOUCH_M = 1.0
"""An edge of which no more than this (or half of it, if it is shorter than twice this) lies inside only touches."""


def disrupt(
    network: RoadNetwork, county: County, footprints: Sequence[Footprint], closed: Sequence[ClosedRoad]
) -> tuple[Disruption, list[Problem]]:
    """Lay footprints and closed roads over a network and its places.

    Parameters
    ----------
    network : RoadNetwork
        Edges that attached places have split are split in the answer too.
    county : County
    footprints, closed : sequences of Footprint and ClosedRoad

    Returns
    -------
    disruption : Disruption
        Forecast and realised times are equal; rows in the order of the input, then of the edges. A place may have
        several rows (one per footprint): the largest share counts, they do not add up.
    problems : list of Problem
        Closed roads that match nothing and groups that contradict themselves are errors; footprints that meet
        neither road nor place, and places without a position, are warnings.
    """
    problems: list[Problem] = []
    lines = edge_lines(network)
    inside = _inside(lines, footprints)
    place, lon, lat = _leaf_places(county, bool(footprints), problems)
    reached = _places_inside(lines, footprints, lon, lat)
    edge_tables, place_tables, area_tables = [], [], []
    exposure = {row["cause"]: row for row in read_norm("exposure")}
    for k, footprint in enumerate(footprints):
        edges, share = inside[k]
        people = place[reached[k]]
        if not len(edges) and not len(people):
            where = (footprint.file, footprint.row, "geometry", footprint.name)
            problems.append(found("hazards_touches_nothing", *where, "warning"))
        edge_tables.append(_flooded(network, footprint, edges, share, exposure))
        if footprint.people_share > 0:
            place_tables.append(_place_rows(footprint, people))
        area_tables += [_area_rows(footprint.effect, people, medium) for medium in footprint.outage]
    matched, unmatched = match_edges(network, county, lines, closed)
    problems += unmatched
    for row, edges in zip(closed, matched, strict=True):
        depth, permille = (np.full(len(edges), value) for value in (row.effect.depth_m, row.effect.speed_permille))
        edge_tables.append(_edge_rows(network, row.effect, edges, depth, permille))
    groups = _groups([*footprints, *closed], problems)
    return (
        Disruption(
            foreseen(_stack(edge_tables, EDGE_COLUMNS), groups),
            _stack(place_tables, PLACE_COLUMNS),
            _stack(area_tables, AREA_COLUMNS),
            groups,
        ),
        problems,
    )


def _inside(lines: EdgeLines, footprints: Sequence[Footprint]) -> list[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Edges (ascending) that each footprint concerns, and the share of their length inside."""
    import shapely

    area = lines.to_metres(np.array([footprint.polygon for footprint in footprints], dtype=object))
    which, street = lines.tree.query(area, predicate="intersects")
    shapely.prepare(area)
    within = shapely.covers(area[which], lines.line[street])
    length = lines.length_m[street]
    share = np.where(within, 1.0, 0.0)
    part = np.flatnonzero(~within & (length > 0))
    cut = shapely.length(shapely.intersection(lines.line[street[part]], area[which[part]]))
    share[part] = np.where(cut > np.minimum(TOUCH_M, length[part] / 2), cut / length[part], 0.0)
    concerned = share > 0
    which, street, share = which[concerned], street[concerned], share[concerned]
    by_footprint = []
    for k in range(len(footprints)):
        of = which == k
        on_street = np.zeros(len(lines.line))
        on_street[street[of]] = share[of]
        edges = np.flatnonzero(on_street[lines.street] > 0)
        by_footprint.append((edges, on_street[lines.street[edges]]))
    return by_footprint


def _leaf_places(
    county: County, wanted: bool, problems: list[Problem]
) -> tuple[NDArray[np.object_], NDArray[np.float64], NDArray[np.float64]]:
    """Ids and positions of the places in which people are counted: those that are no other place's parent."""
    places = county.table("places")
    leaf = places[(places["kind"] != "county") & ~places["place"].isin(set(places["parent"]))]
    has_position = leaf["lon"].notna() & leaf["lat"].notna()
    missing = int((~has_position).sum())
    if missing and wanted:
        where = ("places", None, "lon", leaf.loc[~has_position, "name"].iloc[0])
        problems.append(found("hazards_places_without_position", *where, "warning", count=missing))
    leaf = leaf[has_position]
    return (
        leaf["place"].to_numpy(dtype=object),
        leaf["lon"].to_numpy(dtype=np.float64),
        leaf["lat"].to_numpy(dtype=np.float64),
    )


def _places_inside(
    lines: EdgeLines, footprints: Sequence[Footprint], lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> list[NDArray[np.int64]]:
    """Positions of the places inside each footprint, its border included."""
    import shapely

    tree = shapely.STRtree(lines.to_metres(shapely.points(lon, lat)) if len(lon) else [])
    area = lines.to_metres(np.array([footprint.polygon for footprint in footprints], dtype=object))
    which, point = tree.query(area, predicate="intersects")
    return [np.sort(point[which == k]) for k in range(len(footprints))]


def _flooded(
    network: RoadNetwork,
    footprint: Footprint,
    edges: NDArray[np.int64],
    share: NDArray[np.float64],
    exposure: dict[str, dict[str, Any]],
) -> pd.DataFrame:
    """Rows of the edges inside a footprint, bridges and tunnels by rule."""
    effect = footprint.effect
    if math.isnan(effect.depth_m) and math.isnan(effect.speed_permille):
        return _edge_rows(network, effect, edges[:0], share[:0], share[:0])
    rule = exposure.get(effect.cause, exposure["other"])
    depth = np.full(len(edges), effect.depth_m)
    bridge, tunnel = network.bridge[edges], network.tunnel[edges]
    spared = tunnel & _spared(footprint.tunnels, rule["tunnels"])
    if footprint.bridges is None and rule["bridges"] == "by_depth":
        depth[bridge] -= rule["deck_m"]
        spared |= bridge & ~(depth > 0)
    else:
        spared |= bridge & _spared(footprint.bridges, rule["bridges"])
    permille = np.full(len(edges), effect.speed_permille)
    if effect.speed_permille > 0:
        # the part inside at the factor, the rest at full speed: times add up
        permille = np.floor(1000 / ((1 - share) + share * 1000 / effect.speed_permille) + 0.5)
    kept = ~spared & ~(permille >= 1000)
    return _edge_rows(network, effect, edges[kept], depth[kept], permille[kept])


def _spared(told: bool | None, rule: str) -> bool:
    """Whether a structure does not feel the hazard: as told, else by the rule."""
    return rule == "spared" if told is None else not told


def _edge_rows(
    network: RoadNetwork,
    effect: Effect,
    edges: NDArray[np.int64],
    depth_m: NDArray[np.float64],
    permille: NDArray[np.float64],
) -> pd.DataFrame:
    """Rows of ``Disruption.edges``, one per edge and vehicle class concerned."""
    names = network.edge_id[edges]
    rows = [
        {
            "edge": names,
            "vehicle_class": vehicle_class,
            "forecast_start_s": effect.start_s,
            "forecast_end_s": effect.end_s,
            "start_s": effect.start_s,
            "end_s": effect.end_s,
            "depth_m": depth_m,
            "speed_permille": permille,
            "known_s": effect.known_s,
            "cause": effect.cause,
            "group": effect.group,
        }
        for vehicle_class in effect.vehicle_classes or ("",)
    ]
    return pd.concat([pd.DataFrame(row, index=range(len(names))) for row in rows], ignore_index=True)


def _place_rows(footprint: Footprint, places: NDArray[np.object_]) -> pd.DataFrame:
    effect = footprint.effect
    return pd.DataFrame(
        {"place": places, "start_s": effect.start_s, "end_s": effect.end_s, "share": footprint.people_share,
         "depth_m": effect.depth_m, "cause": effect.cause, "group": effect.group},
        index=range(len(places)),
    )  # fmt: skip


def _area_rows(effect: Effect, places: NDArray[np.object_], medium: str) -> pd.DataFrame:
    return pd.DataFrame(
        {"place": places, "medium": medium, "start_s": effect.start_s, "end_s": effect.end_s, "cause": effect.cause,
         "group": effect.group},
        index=range(len(places)),
    )  # fmt: skip


def _stack(tables: list[pd.DataFrame], columns: dict[str, str]) -> pd.DataFrame:
    """One table in a contract's columns and dtypes."""
    filled = [table for table in tables if len(table)]
    if not filled:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
    return pd.concat(filled, ignore_index=True)[list(columns)].astype(columns)


def _groups(hazards: Sequence[Footprint | ClosedRoad], problems: list[Problem]) -> pd.DataFrame:
    """One row per group, in the order of first mention; what no row says is certain and on time."""
    given: dict[str, dict[str, tuple[Any, ...]]] = {}
    for hazard in hazards:
        effect = hazard.effect
        if not effect.group:
            continue
        known = given.setdefault(effect.group, {})
        said: dict[str, tuple[Any, ...]] = {"shift_min": effect.shift_s, "duration_factor": effect.duration}
        if effect.alternative:
            said["alternative"] = (effect.alternative,)
        if not math.isnan(effect.probability):
            said["probability"] = (effect.probability,)
        for column, value in said.items():
            if value and known.setdefault(column, value) != value:
                shown, other = ("; ".join(map(_shown, one)) for one in (value, known[column]))
                where = (hazard.file, hazard.row, column, shown)
                problems.append(found("hazards_group_conflict", *where, group=effect.group, other=other))
    rows = []
    for group, said in given.items():
        (probability,) = said.get("probability", (1.0,))
        shift = said.get("shift_min", (0.0, 0.0, 0.0))
        duration = said.get("duration_factor", (1.0, 1.0, 1.0))
        rows.append((group, probability, *shift, *duration, *said.get("alternative", ("",)), "", 0.0))
    columns = {**GROUP_COLUMNS, **CHANCE_COLUMNS}
    table = pd.DataFrame(rows, columns=list(columns)).astype(columns)
    return table if (table["alternative"] != "").any() else table[list(GROUP_COLUMNS)]


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)
