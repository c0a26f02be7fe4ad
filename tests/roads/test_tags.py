"""What OSM tags mean, value by value; expected values are those of the OSM wiki's pages on each key."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.roads.network import ROAD_CLASSES, SURFACES
from dispatch.roads.tags import parse_length_m, parse_speed_kmh, parse_weight_t, road_tags, surface_of


@pytest.mark.parametrize(
    ("value", "kmh"),
    [
        ("50", 50.0),
        ("40 mph", 64.37376),
        ("40mph", 64.37376),
        ("30 km/h", 30.0),
        ("50;30", 30.0),  # the lower limit is the safe one
        ("5.5", 5.5),
        ("none", math.nan),
        ("signals", math.nan),
        ("RO:urban", math.nan),
        ("0", math.nan),
        ("", math.nan),
    ],
)
def test_speed(value: str, kmh: float) -> None:
    assert parse_speed_kmh(value) == pytest.approx(kmh, nan_ok=True)


@pytest.mark.parametrize(
    ("value", "tonnes"),
    [
        ("5.5", 5.5),
        ("5.5 t", 5.5),
        ("5,5t", 5.5),
        ("7500 kg", 7.5),
        ("16000 lbs", 7.25747792),
        ("10 st", 9.0718474),
        ("15吨", 15.0),
        ("20;12", 12.0),
        ("none", math.nan),
        ("unsigned", math.nan),
    ],
)
def test_weight(value: str, tonnes: float) -> None:
    assert parse_weight_t(value) == pytest.approx(tonnes, nan_ok=True)


@pytest.mark.parametrize(
    ("value", "metres"),
    [
        ("3.5", 3.5),
        ("3.5 m", 3.5),
        ("3'6\"", 1.0668),
        ("11'", 3.3528),
        ("12 ft 6 in", 3.81),
        ("350 cm", 3.5),
        ("4米", 4.0),
        ("default", math.nan),
        ("below_default", math.nan),
    ],
)
def test_length(value: str, metres: float) -> None:
    assert parse_length_m(value) == pytest.approx(metres, nan_ok=True)


@given(st.text(max_size=12))
def test_any_text_is_a_positive_number_or_none(value: str) -> None:
    """Mappers write anything; nothing may stop the reading or give a negative limit."""
    for parse in (parse_speed_kmh, parse_weight_t, parse_length_m):
        number = parse(value)
        assert math.isnan(number) or number >= 0


@pytest.mark.parametrize(
    ("tags", "direction"),
    [
        ({}, 0),
        ({"oneway": "yes"}, 1),
        ({"oneway": "true"}, 1),
        ({"oneway": "1"}, 1),
        ({"oneway": "-1"}, -1),
        ({"oneway": "reverse"}, -1),
        ({"oneway": "no"}, 0),
        ({"oneway": "alternating"}, 0),
        ({"junction": "roundabout"}, 1),
        ({"junction": "circular"}, 1),
        ({"junction": "roundabout", "oneway": "no"}, 0),
        ({"junction": "roundabout", "oneway": "-1"}, -1),
        ({"highway": "motorway"}, 1),
        ({"highway": "motorway_link"}, 0),
        ({"oneway:motor_vehicle": "yes"}, 1),
        ({"oneway": "no", "oneway:motor_vehicle": "yes"}, 1),
        ({"oneway": "-1", "oneway:motor_vehicle": "yes"}, -1),
        ({"oneway": "yes", "oneway:conditional": "no @ (22:00-06:00)"}, 1),
    ],
)
def test_direction(tags: dict[str, str], direction: int) -> None:
    road = road_tags({"highway": "residential", **tags})
    assert road is not None
    assert road.direction == direction


@pytest.mark.parametrize(
    ("tags", "barred"),
    [
        ({}, False),
        ({"access": "no"}, True),
        ({"access": "private"}, False),  # a permit: an emergency order is one
        ({"access": "destination"}, False),
        ({"access": "forestry"}, False),
        ({"motor_vehicle": "agricultural"}, False),
        ({"motor_vehicle": "no"}, True),
        ({"motorcar": "no"}, True),
        ({"vehicle": "no"}, True),
        ({"access": "no", "motor_vehicle": "yes"}, False),  # the more telling key wins
        ({"access": "yes", "motor_vehicle": "no"}, True),
        ({"motor_vehicle": "no", "hgv": "destination"}, False),
        ({"access": "no", "bus": "yes"}, False),  # what carries a bus carries a lorry
        ({"access": "no", "emergency": "yes"}, False),
        ({"access:conditional": "no @ (Nov-Apr)"}, False),  # hours and seasons are not read
        ({"bicycle": "no", "foot": "no"}, False),
    ],
)
def test_access(tags: dict[str, str], barred: bool) -> None:
    road = road_tags({"highway": "track", **tags})
    assert road is not None
    assert road.barred is barred


@pytest.mark.parametrize(
    ("tags", "bridge", "tunnel", "ford"),
    [
        ({"bridge": "yes"}, True, False, False),
        ({"bridge": "viaduct"}, True, False, False),
        ({"bridge": "no"}, False, False, False),
        ({"bridge": "low_water_crossing"}, True, False, True),  # 漫水桥: a flood covers it
        ({"tunnel": "yes"}, False, True, False),
        ({"tunnel": "building_passage"}, False, False, False),
        ({"tunnel": "avalanche_protector"}, False, False, False),
        ({"ford": "yes"}, False, False, True),
        ({"ford": "stream"}, False, False, True),
        ({"ford": "no"}, False, False, False),
    ],
)
def test_structures(tags: dict[str, str], bridge: bool, tunnel: bool, ford: bool) -> None:
    road = road_tags({"highway": "tertiary", **tags})
    assert road is not None
    assert (road.bridge, road.tunnel, road.ford) == (bridge, tunnel, ford)


def test_limits_and_names() -> None:
    road = road_tags({"highway": "primary", "maxweight": "30", "maxweightrating": "20 t", "maxheight": "4.5",
                      "maxheight:physical": "4.2", "maxwidth": "3", "maxspeed": "60", "maxspeed:backward": "40",
                      "lanes": "2", "name": "沁河大道", "ref": "S331"})  # fmt: skip
    assert road is not None
    assert ROAD_CLASSES[road.road_class] == "primary"
    assert (road.max_weight_t, road.max_height_m, road.max_width_m, road.lanes) == (20.0, 4.2, 3.0, 2.0)
    assert (road.speed_forward_kmh, road.speed_backward_kmh) == (60.0, 40.0)
    assert (road.name, road.ref) == ("沁河大道", "S331")


def test_no_lorries_is_a_weight_limit() -> None:
    """``hgv=no`` bars vehicles above 3.5 t, not all of them; a lower sign stays."""
    for tags, limit in (({"hgv": "no"}, 3.5), ({"hgv": "no", "maxweight": "2.5"}, 2.5), ({"hgv": "yes"}, math.nan)):
        road = road_tags({"highway": "residential", **tags})
        assert road is not None
        assert not road.barred
        assert road.max_weight_t == pytest.approx(limit, nan_ok=True)


@pytest.mark.parametrize(
    ("surface", "tracktype", "group"),
    [
        ("asphalt", "", "paved"),
        ("concrete:plates", "", "paved"),
        ("compacted", "", "gravel"),
        ("fine_gravel", "", "gravel"),
        ("dirt", "grade1", "unpaved"),  # the surface says more than the grade
        ("asphalt;gravel", "", "gravel"),
        ("", "grade1", "paved"),
        ("", "grade2", "gravel"),
        ("", "grade4", "unpaved"),
        ("yes", "", "unknown"),
        ("", "", "unknown"),
    ],
)
def test_surface(surface: str, tracktype: str, group: str) -> None:
    assert SURFACES[surface_of(surface, tracktype)] == group


@pytest.mark.parametrize(
    ("tags", "name"),
    [
        ({"highway": "footway"}, None),
        ({"highway": "construction"}, None),
        ({"highway": "pedestrian", "motor_vehicle": "yes"}, None),
        ({"route": "ferry"}, None),  # ferries carry vehicles only if tagged so
        ({"route": "ferry", "foot": "yes"}, None),
        ({"route": "ferry", "motor_vehicle": "yes"}, "ferry"),
        ({"route": "bus", "highway": "primary"}, "primary"),
        ({"waterway": "river"}, None),
        ({"highway": "ferry"}, None),
    ],
)
def test_which_ways_are_roads(tags: dict[str, str], name: str | None) -> None:
    road = road_tags(tags)
    assert (None if road is None else ROAD_CLASSES[road.road_class]) == name
