"""A road as people name it: by number, name, OSM way or edge id, and which part of it.

``G342`` is the whole road, ``G342@Duanshi`` the piece of it nearest to a place, ``G342@Duanshi..Zhengzhuang`` the part
between two; ``@112.18,35.69`` the road nearest to a point. A name that several roads bear far from each other (a High
Street in every village) means none of them until a place tells which.
"""

from __future__ import annotations

import difflib
import math
import re
import unicodedata

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from dispatch.county.names import place_label
from dispatch.documents.messages import text
from dispatch.hazards.closed_roads import ClosedRoad
from dispatch.hazards.effect import Effect
from dispatch.hazards.lines import edge_lines
from dispatch.hazards.match import match_edges
from dispatch.planning.wishes import WishError
from dispatch.roads.measure import great_circle_m
from dispatch.roads.network import RoadNetwork
from dispatch.scenario import Scenario

__all__ = ["road_edges"]

_APART_M = 2_000.0
"""Pieces of one name further apart than this are different roads."""
_BREAK = re.compile(r"[;,/、；，]")
_SHOWN = 4


def road_edges(scenario: Scenario, word: str) -> tuple[str, ...]:
    """Edges of a road, both directions.

    Parameters
    ----------
    scenario : Scenario
    word : str
        ``ROAD``, ``ROAD@PLACE``, ``ROAD@PLACE..PLACE`` or ``@LON,LAT``.

    Raises
    ------
    WishError
        If there is no such road or place, or a name means several roads.
    """
    road, at, where = word.partition("@")
    road, where = road.strip(), where.strip()
    network = scenario.network
    if not road and not where:
        raise WishError("plan_wish_road", road=word, near="–")
    kind, edges = _named(network, road) if road else ("", np.arange(network.graph.m, dtype=np.int64))
    if at:
        edges = _at(scenario, kind, road, where, edges)
    elif kind == "road":
        _one_road(scenario, road, edges)
    back = network.twin[edges]
    both = np.union1d(edges, back[back >= 0]) if kind in ("edge", "") or at else edges
    return tuple(str(edge) for edge in network.edge_id[both])


def _named(network: RoadNetwork, road: str) -> tuple[str, NDArray[np.int64]]:
    """How a word names a road (``ref``, ``way``, ``edge``, ``road``), and its edges."""
    position = network.edge_index.get(road)
    if position is not None:
        return "edge", np.array([position], dtype=np.int64)
    plain = _plain(road)
    for kind, column in (("ref", network.ref), ("way", network.ways), ("road", network.name)):
        if kind == "way":
            way = int(road) if road.isdecimal() else None
            hit = [way in ways for ways in column]
        else:
            bears = {cell: bool(cell) and plain in map(_plain, _BREAK.split(cell)) for cell in set(column)}
            hit = [bears[cell] for cell in column]
        if any(hit):
            return kind, np.flatnonzero(hit).astype(np.int64)
    raise WishError("plan_wish_road", road=road, near=", ".join(_alike(network, plain)) or "–")


def _alike(network: RoadNetwork, plain: str) -> list[str]:
    """Roads of the network whose number or name is like a word."""
    known = {_plain(word): word for cell in {*network.ref, *network.name} if cell for word in _BREAK.split(cell)}
    return [known[word] for word in difflib.get_close_matches(plain, known, n=_SHOWN, cutoff=0.5)]


def _plain(word: str) -> str:
    """As compared: compatibility forms folded, no case, no blanks, no hyphens."""
    return re.sub(r"[\s\-‐–_.·]+", "", unicodedata.normalize("NFKC", word)).casefold()


def _at(scenario: Scenario, kind: str, road: str, where: str, edges: NDArray[np.int64]) -> NDArray[np.int64]:
    """The part of a road near a place, or between two."""
    network = scenario.network
    start, between, end = (part.strip() for part in where.partition(".."))
    if not start or (between and not end):
        raise WishError("plan_wish_form", word=f"{road}@{where}", form="ROAD@PLACE, ROAD@PLACE..PLACE, @LON,LAT")
    name = str(network.ref[edges[0]] if kind == "ref" else network.name[edges[0]])
    row = ClosedRoad(
        f"{road}@{where}", Effect(0.0, math.inf, 0.0),
        ref=(_own(name, road),) if kind == "ref" else (),
        road=(_own(name, road),) if kind == "road" else (),
        way=(int(road),) if kind == "way" else (),
        edge=(road,) if kind == "edge" else (),
        near="" if between else start, start=start if between else "", end=end,
        file=f"{road}@{where}",
    )  # fmt: skip
    (found,), problems = match_edges(network, scenario.county, edge_lines(network), [row])
    if problems:
        problem = problems[0]
        reasons = {f"reason_{lang}": text(lang, problem.code, **dict(problem.detail)) for lang in ("zh", "en")}
        raise WishError("plan_wish_where", word=f"{road}@{where}", value=problem.value, **reasons)
    return found


def _own(cell: str, word: str) -> str:
    """The one of a cell's words that is meant, as the map writes it."""
    return next((part for part in _BREAK.split(cell) if _plain(part) == _plain(word)), word)


def _one_road(scenario: Scenario, road: str, edges: NDArray[np.int64]) -> None:
    """Refuse a name that several roads bear."""
    network = scenario.network
    nodes, ends = np.unique(np.concatenate([network.graph.tail[edges], network.graph.head[edges]]), return_inverse=True)
    tails, heads = np.split(ends, 2)
    links = csr_array((np.ones(len(edges)), (tails, heads)), shape=(len(nodes), len(nodes)))
    count, piece = connected_components(links, directed=False)
    if count == 1:
        return
    lon, lat = network.node_lon[nodes], network.node_lat[nodes]
    near = np.zeros((count, count), dtype=bool)
    for k in range(count):
        mine = np.flatnonzero(piece == k)
        step = max(1, len(mine) // 50)
        for i in mine[::step]:
            away = great_circle_m(lon, lat, np.full(len(lon), lon[i]), np.full(len(lat), lat[i]))
            near[k, piece[away <= _APART_M]] = True
    roads, group = connected_components(csr_array(near), directed=False)
    if roads == 1:
        return
    places = scenario.county.table("places")
    places = places[places["lon"].notna() & places["lat"].notna()].reset_index(drop=True)
    names: dict[str, list[str]] = {"zh": [], "en": []}
    for k in range(min(roads, _SHOWN)):
        i = int(np.flatnonzero(group[piece] == k)[0])
        if len(places):
            away = great_circle_m(places["lon"].to_numpy(np.float64), places["lat"].to_numpy(np.float64),
                                  np.array(lon[i]), np.array(lat[i]))  # fmt: skip
            place = str(places["place"].iloc[int(np.argmin(away))])
            for lang, words in names.items():
                words.append(f"{road}@{place_label(scenario.county, place, lang)}")
        else:
            for words in names.values():
                words.append(f"{road}@{lon[i]:.4f},{lat[i]:.4f}")
    raise WishError("plan_wish_which_road", road=road, count=roads, names_zh="、".join(names["zh"]),
                    names_en=", ".join(names["en"]))  # fmt: skip
