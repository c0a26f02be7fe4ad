"""A county pack from OSM tags: real extracts counted again, and small maps whose every row is worked out by hand."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import pytest

from dispatch.county.county import County
from dispatch.county.names import find_place
from dispatch.county.read import read_county
from dispatch.county.write import write_county
from dispatch.problems import InputProblems, Problem
from dispatch.roads.osm_places import parse_population
from dispatch.roads.settlements import county_from_osm
from tests.shared import shared_path

ANDORRA = "data/roads_andorra/andorra-20250118.osm.pbf"
LIECHTENSTEIN = "data/roads_liechtenstein/liechtenstein-20210504.osm.pbf"


def _county(path: Path, name: str = "", *, declare: bool = False) -> tuple[County, list[Problem]]:
    return county_from_osm(path, code="990000", name_zh=name, name_en=name, zone="UTC", declare_depots=declare)


def _settled(county: County) -> dict[str, int]:
    """Settlements by kind of place (a town's own people, a village unit of the same object, not counted again)."""
    notes = county.table("places")["note"]
    return dict(Counter(note.removeprefix("place=") for note in notes if note.startswith("place=")))


def _sites(county: County) -> dict[str, int]:
    return dict(Counter(county.table("facilities")["kind"]))


def test_andorra_has_what_its_description_counts() -> None:
    """Counts of the description of the test material; nodes, ways and multipolygons all count as one object each."""
    county, _ = _county(shared_path(ANDORRA))
    assert _settled(county) == {"town": 8, "village": 34, "hamlet": 29}
    assert _sites(county) == {
        "fire_station": 4,
        "hospital": 10,
        "school": 26,
        "police": 8,
        "government": 8,
        "helipad": 4,
    }


def test_liechtenstein_has_what_its_description_counts() -> None:
    county, _ = _county(shared_path(LIECHTENSTEIN))
    settled, sites = _settled(county), _sites(county)
    assert (settled["town"], settled["village"]) == (4, 21)
    assert (sites["fire_station"], sites["school"]) == (7, 22)


def test_a_county_named_like_an_area_ends_at_its_border() -> None:
    """The eighth police post of the Andorran extract is the Spanish customs house across the border."""
    county, problems = _county(shared_path(ANDORRA), "Andorra")
    assert _settled(county) == {"town": 8, "village": 34, "hamlet": 29}
    assert _sites(county)["police"] == 7
    assert county.boundary_wkt.startswith("POLYGON")
    assert "settlements_no_border" not in {problem.code for problem in problems}
    whole, problems = _county(shared_path(ANDORRA), "安泽县")
    assert whole.boundary_wkt == ""
    assert problems[0].code == "settlements_no_border"


def test_villages_of_andorra_stand_under_the_town_of_their_parish() -> None:
    """Pas de la Casa and Grau Roig lie in the parish of Encamp, though the town of Canillo is nearer to them."""
    places = _county(shared_path(ANDORRA))[0].table("places").set_index("place")
    villages = places[places["kind"] == "village"]
    parent = dict(zip(villages["name"], villages["parent"].map(places["name"]), strict=True))
    assert {parent[name] for name in ("Pas de la Casa", "Grau Roig", "les Bons", "Vila")} == {"Encamp"}
    assert {parent[name] for name in ("Soldeu", "el Tarter", "Meritxell", "Prats")} == {"Canillo"}
    assert {parent[name] for name in ("Arinsal", "Pal", "Sispony")} == {"La Massana"}


@pytest.mark.parametrize("path", [ANDORRA, LIECHTENSTEIN])
def test_a_declared_pack_passes_validation_without_a_warning_and_without_loss(path: str, tmp_path: Path) -> None:
    name = "Andorra" if path == ANDORRA else "Liechtenstein"
    county, _ = _county(shared_path(path), name, declare=True)
    write_county(county, tmp_path / "pack", lang="zh")
    again, problems = read_county(tmp_path / "pack")
    assert problems == ()
    for table in county.tables:
        assert county.table(table).equals(again.table(table)), table
    assert again.sources == county.sources


def test_what_is_declared_says_so() -> None:
    county, _ = _county(shared_path(ANDORRA), "Andorra", declare=True)
    depots, stock, vehicles = (county.table(name) for name in ("depots", "stock", "vehicles"))
    assert Counter(depots["tier"]) == {"county": 1, "township": 7}
    assert depots["synthetic"].all()
    assert vehicles["synthetic"].all()
    for table in (depots, stock, vehicles):
        assert table["source"].str.startswith("synthetic, declared by rule").all()
    assert any("synthetic" in source for source in county.sources)
    # the county depot: 5 % of the people, at most 5,000; per person 1 quilt, ¼ case of water, ⅕ tent for a third
    people = min(math.ceil(0.05 * county.table("places").set_index("kind").at["county", "population"]), 5000)
    held = stock[stock["depot"] == depots.loc[depots["tier"] == "county", "depot"].iloc[0]].set_index("item")[
        "quantity"
    ]
    assert held["quilt"] == people
    assert held["water"] == math.ceil(people * 0.25)
    assert held["tent"] == held["tent_padded"] == math.ceil(people * 0.2 * 0.3333)


def test_without_declaring_the_user_fills_depots_stock_and_vehicles() -> None:
    county, _ = _county(shared_path(ANDORRA), "Andorra")
    assert all(county.table(name).empty for name in ("depots", "stock", "vehicles", "demand"))
    assert not county.table("items").empty
    assert set(county.table("first_batch")["preset"]) == {"summer", "winter"}


# --- maps drawn by hand ---

HEAD = '<?xml version="1.0"?><osm version="0.6" generator="{generator}">'


def _map(tmp_path: Path, body: str, generator: str = "hand") -> Path:
    path = tmp_path / "map.osm"
    path.write_text(HEAD.format(generator=generator) + body + "</osm>", encoding="utf-8")
    return path


def _node(i: int, lon: float, lat: float, **tags: str) -> str:
    listed = "".join(f'<tag k="{key.replace("__", ":")}" v="{value}"/>' for key, value in tags.items())
    return f'<node id="{i}" lon="{lon}" lat="{lat}" version="1">{listed}</node>'


def _way(i: int, nodes: list[int], **tags: str) -> str:
    listed = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
    members = "".join(f'<nd ref="{node}"/>' for node in nodes)
    return f'<way id="{i}" version="1">{members}{listed}</way>'


def _relation(i: int, ways: list[int], **tags: str) -> str:
    listed = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
    members = "".join(f'<member type="way" ref="{way}" role="outer"/>' for way in ways)
    return f'<relation id="{i}" version="1">{members}{listed}</relation>'


CORNERS = "".join(_node(100 + k, lon, lat) for k, (lon, lat) in enumerate(
    [(112.0, 35.0), (112.1, 35.0), (112.1, 35.1), (112.0, 35.1), (112.2, 35.0), (112.2, 35.1)]))  # fmt: skip
"""Corners of two squares side by side: 100–101–102–103 in the west, 101–104–105–102 in the east."""


def test_people_names_and_parents(tmp_path: Path) -> None:
    """The village nearer to the eastern town lies in the western township's area, so it belongs to the western town."""
    body = (
        CORNERS
        + _node(1, 112.02, 35.05, place="town", name="西镇", population="3 000", alt_name="老镇;旧镇", name__en="West")
        + _node(2, 112.11, 35.05, place="town", name="东镇")
        + _node(3, 112.09, 35.05, place="village", name="界村", population="about 40")
        + _node(4, 112.15, 35.05, place="hamlet")
        + _node(5, 112.5, 35.05, place="village", name="远村", population="120")
        + _node(6, 112.05, 35.05, place="locality", name="荒地")
        + _way(11, [101, 102])
        + _way(12, [102, 103, 100, 101])
        + _relation(21, [11, 12], type="boundary", boundary="administrative", admin_level="8", name="西镇")
    )
    county, problems = _county(_map(tmp_path, body))
    places = county.table("places").set_index("place")
    assert dict(places["kind"]) == {
        "990000": "county", "n1": "township", "n2": "township", "n1-seat": "village", "n2-seat": "village",
        "n3": "village", "n4": "village", "n5": "village"}  # fmt: skip
    assert places["parent"].to_dict() == {"990000": "", "n1": "990000", "n2": "990000", "n1-seat": "n1",
                                          "n2-seat": "n2", "n3": "n1", "n4": "n2", "n5": "n2"}  # fmt: skip
    # tagged; by rule (town 10,000, village 500, hamlet 60); townships and county are sums
    assert places["population"].to_dict() == {"990000": 13680, "n1": 3500, "n2": 10180, "n1-seat": 3000,
                                              "n2-seat": 10000, "n3": 500, "n4": 60, "n5": 120}  # fmt: skip
    assert places.at["n1-seat", "source"] == "OpenStreetMap node 1; population as tagged"
    assert "rule by place kind" in places.at["n3", "source"]
    assert (places.at["n1", "aliases"], places.at["n1", "name_en"]) == ("老镇;旧镇", "West")
    assert places.at["n4", "name"] == "小村 n4"
    assert (places.at["n1-seat", "name"], places.at["n1-seat", "name_en"]) == ("西镇镇区", "West, town")
    assert find_place(county, "西镇") == ["n1"]  # the town's name alone means the township
    assert [(p.code, p.value) for p in problems] == [
        ("settlements_no_border", ""), ("settlements_by_rule", "3"), ("settlements_nameless", "n4")]  # fmt: skip


def test_sites_as_nodes_ways_and_relations(tmp_path: Path) -> None:
    """A square's position is its centre; a multipolygon is one site; a site belongs to the nearest settlement."""
    body = (
        CORNERS
        + _node(1, 112.05, 35.05, place="town", name="西镇")
        + _node(2, 112.19, 35.05, place="village", name="东村")
        + _node(3, 112.051, 35.05, amenity="fire_station", name="消防站")
        + _way(11, [100, 101, 102, 103, 100], amenity="school")
        + _way(12, [101, 104, 105, 102], name="borders of a hospital's area")
        + _way(13, [102, 101])
        + _way(14, [100, 101, 104], aeroway="helipad", name="坪")
        + _relation(21, [12, 13], type="multipolygon", amenity="hospital", name="医院")
        + _node(4, 112.2, 35.1, amenity="cafe")
    )
    county, _ = _county(_map(tmp_path, body))
    sites = county.table("facilities").set_index("facility")
    assert dict(sites["kind"]) == {"fire_station-n3": "fire_station", "school-w11": "school",
                                   "helipad-w14": "helipad", "hospital-r21": "hospital"}  # fmt: skip
    assert sites.loc["school-w11", ["lon", "lat"]].tolist() == pytest.approx([112.05, 35.05])
    assert sites.loc["hospital-r21", ["lon", "lat"]].tolist() == pytest.approx([112.15, 35.05])
    assert sites.loc["helipad-w14", ["lon", "lat"]].tolist() == pytest.approx([112.1, 35.0])  # mean of an open line
    assert sites["place"].to_dict() == {"fire_station-n3": "n1-seat", "school-w11": "n1-seat", "helipad-w14": "n1-seat",
                                        "hospital-r21": "n2"}  # fmt: skip
    assert sites.at["school-w11", "name"] == "学校（西镇）"


def test_a_county_without_a_town(tmp_path: Path) -> None:
    body = _node(1, 112, 35, place="village", name="甲") + _node(2, 112.1, 35, place="hamlet", name="乙")
    county, problems = _county(_map(tmp_path, body), declare=True)
    places = county.table("places")
    assert set(places["parent"]) == {"", "990000"}
    assert "settlements_no_town" in {problem.code for problem in problems}
    depots = county.table("depots")
    assert depots[["place", "tier"]].to_numpy().tolist() == [["n1", "county"]]


def test_what_lies_outside_the_named_area_is_left_out(tmp_path: Path) -> None:
    body = (
        CORNERS
        + _node(1, 112.05, 35.05, place="town", name="里镇")
        + _node(2, 112.15, 35.05, place="town", name="外镇")
        + _node(3, 112.15, 35.06, amenity="police", name="外所")
        + _way(11, [100, 101, 102, 103, 100], boundary="administrative", admin_level="6", name="某县")
    )
    county, _ = _county(_map(tmp_path, body), "某县")
    assert county.table("places")["name"].tolist() == ["某县", "里镇", "里镇镇区"]
    assert county.table("facilities").empty
    assert county.table("places").loc[0, ["lon", "lat"]].tolist() == pytest.approx([112.05, 35.05])


def test_an_object_whose_nodes_are_cut_off_is_named(tmp_path: Path) -> None:
    body = _node(1, 112, 35, place="town", name="镇") + _way(11, [7, 8], amenity="school", name="校")
    county, problems = _county(_map(tmp_path, body))
    assert county.table("facilities").empty
    assert ("settlements_unplaced", "w11") in {(problem.code, problem.value) for problem in problems}


def test_a_schematic_map_is_not_attributed_to_the_survey(tmp_path: Path) -> None:
    county, _ = _county(_map(tmp_path, _node(1, 112, 35, place="town", name="镇"), "schematic by hand"))
    assert "schematic" in county.sources[0]
    assert "OpenStreetMap contributors" not in county.sources[0]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "settlements_no_file"),
        (b"", "roads_osm_damaged"),
        (b"no map", "roads_osm_damaged"),
        (HEAD.encode() + b"<node", "roads_osm_damaged"),
        (HEAD.encode() + b"</osm>", "settlements_none"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, content: bytes | None, code: str) -> None:
    path = tmp_path / "map.osm"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputProblems) as raised:
        _county(path)
    assert [problem.code for problem in raised.value.problems] == [code]


@pytest.mark.parametrize(
    ("text", "people"),
    [("3000", 3000), ("3 000", 3000), ("12,345", 12345), ("1.234.567", 1234567), ("~500", 500), ("", math.nan),
     ("some", math.nan), ("1-2", math.nan), ("12.5", math.nan)],
)  # fmt: skip
def test_population_tags(text: str, people: float) -> None:
    assert parse_population(text) == pytest.approx(people, nan_ok=True)
