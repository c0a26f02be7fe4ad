"""Overpass answers: the same network as the same roads in OSM XML, in each form the server writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dispatch.problems import InputProblems
from dispatch.roads.osm import OSM_ATTRIBUTION
from dispatch.roads.read import read_network
from tests.roads.osm_text import assert_same, grid, osm, write

NODES = grid(n1=(0, 0), n2=(1, 0), n3=(2, 0), n4=(1, 1))
WAYS = [(10, [1, 2], {"highway": "primary"}), (11, [2, 3], {"highway": "primary", "bridge": "yes"}),
        (12, [2, 4], {"highway": "track", "oneway": "-1"}), (13, [1, 4], {"highway": "footway"})]  # fmt: skip
TURN = ("no_left_turn", 10, 2, 11)


def answer(*, geometry: bool = False, remark: str = "") -> dict[str, Any]:
    nodes = [{"type": "node", "id": i, "lon": lon, "lat": lat, **({"tags": {"ford": "yes"}} if i == 3 else {})}
             for i, (lon, lat) in NODES.items()]  # fmt: skip
    ways = [
        {"type": "way", "id": i, "nodes": refs, "tags": tags,
         **({"geometry": [{"lon": NODES[ref][0], "lat": NODES[ref][1]} for ref in refs]} if geometry else {})}
        for i, refs, tags in WAYS
    ]  # fmt: skip
    kind, start, via, end = TURN
    members = [{"type": "way", "role": "from", "ref": start}, {"type": "node", "role": "via", "ref": via},
               {"type": "way", "role": "to", "ref": end}]  # fmt: skip
    relation = {"type": "relation", "id": 1, "members": members, "tags": {"type": "restriction", "restriction": kind}}
    elements = [*ways, relation, *(nodes if not geometry else nodes[2:3])]  # "out; >; out skel": nodes last
    return {"version": 0.6, "osm3s": {}, "elements": elements, **({"remark": remark} if remark else {})}


@pytest.mark.parametrize("geometry", [False, True])
def test_same_as_xml(tmp_path: Path, geometry: bool) -> None:
    """With nodes apart, or with ``out geom``, where the ways bring their positions."""
    expected = read_network(
        write(tmp_path, osm(NODES, WAYS, [TURN], node_tags={3: {"ford": "yes"}}), "roads"), cache=False
    )
    path = write(tmp_path, json.dumps(answer(geometry=geometry)), "roads")
    network = read_network(path, cache=False)
    assert_same(network, expected)
    assert network.attribution == OSM_ATTRIBUTION
    assert len(network.banned_turns) == 1


BROKEN: dict[str, str] = {
    "cut": json.dumps(answer())[:300],
    "remark": json.dumps(answer(remark="runtime error: Query timed out in query at line 1 after 180 seconds.")),
    "no elements": json.dumps({"osm3s": {}}),
    "no roads": json.dumps({"elements": []}),
    "odd": json.dumps({"elements": [1, 2, 3]}),
    "words": json.dumps({"elements": [{"type": "way", "id": "x", "nodes": ["a"], "tags": {"highway": "track"}}]}),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_answers_are_reported(tmp_path: Path, name: str) -> None:
    """Above all a query that timed out: its answer is valid JSON with a part of the roads."""
    with pytest.raises(InputProblems) as found:
        read_network(write(tmp_path, BROKEN[name], "roads.json"), cache=False)
    assert found.value.problems[0].file == "roads.json"
