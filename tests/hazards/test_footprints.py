"""Footprints as drawn: what is read, in which formats, and what is wrong with which feature."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.county.coordinates import wgs84_to_gcj02
from dispatch.hazards.footprints import FOOTPRINT_COLUMNS, read_footprints
from dispatch.problems import errors
from tests.hazards.worlds import box, codes, geojson
from tests.tiny import REFERENCE

FULL = {
    "name": "沁河洪水", "start": "+0:30", "end": "2026-07-21T04:00+08:00", "known": 45, "depth_m": "0.8 m",
    "cause": "山洪", "group": "qin", "probability": 0.7, "shift_min": [-30, 0, 60], "duration_factor": "0.8; 1; 1.5",
    "people_share": 0.4, "outage": "停电;network", "bridges": True, "vehicle_classes": "car；bus", "source": "drawn",
}  # fmt: skip


def test_every_property(tmp_path: Path) -> None:
    footprints, problems = read_footprints(geojson(tmp_path / "f.geojson", [(box(112, 113), FULL)]), REFERENCE)
    assert problems == []
    (footprint,) = footprints
    effect = footprint.effect
    assert (effect.start_s, effect.end_s, effect.known_s) == (1800, 6 * 3600, 2700)
    assert effect.depth_m == 0.8
    assert math.isnan(effect.speed_permille)
    assert (effect.cause, effect.group, effect.probability) == ("flash_flood", "qin", 0.7)
    assert (effect.shift_s, effect.duration) == ((-1800, 0, 3600), (0.8, 1, 1.5))
    assert effect.vehicle_classes == ("car", "bus")
    assert (footprint.name, footprint.people_share, footprint.outage) == ("沁河洪水", 0.4, ("power", "network"))
    assert (footprint.bridges, footprint.tunnels) == (True, None)
    assert footprint.polygon.equals(shapely.box(112, 35.49, 113, 35.51))


def test_chinese_properties_mean_the_same(tmp_path: Path) -> None:
    chinese = {column.name: column.zh for column in FOOTPRINT_COLUMNS}
    in_chinese = {chinese[key]: value for key, value in FULL.items()}
    here = read_footprints(geojson(tmp_path / "en.geojson", [(box(112, 113), FULL)]), REFERENCE)[0][0]
    there, problems = read_footprints(geojson(tmp_path / "zh.geojson", [(box(112, 113), in_chinese)]), REFERENCE)
    assert problems == []
    assert (there[0].effect, there[0].outage, there[0].people_share) == (here.effect, here.outage, here.people_share)


def test_what_is_left_out(tmp_path: Path) -> None:
    """Without a start from time zero, without an end for good, known when it begins; water without cause is a flood."""
    path = geojson(
        tmp_path / "f.geojson", [(box(112, 113), {"depth_m": 1}), (box(112, 113), {"closed": "是", "start": 60})]
    )
    (wet, shut), problems = read_footprints(path, REFERENCE)
    assert problems == []
    assert (wet.effect.start_s, wet.effect.end_s, wet.effect.known_s) == (0, math.inf, 0)
    assert (wet.effect.cause, wet.effect.group, wet.name) == ("flood", "", "f.geojson#1")
    assert (shut.effect.cause, shut.effect.speed_permille, shut.effect.known_s) == ("other", 0, 3600)


@pytest.mark.parametrize(
    ("properties", "share"),
    [({"depth_m": 1}, 1.0), ({"closed": True}, 1.0), ({"speed_factor": 0.5}, 0.0), ({"outage": "power"}, 0.0),
     ({"speed_factor": 0.5, "people_share": 0.25}, 0.25), ({"depth_m": 1, "people_share": 0}, 0.0)],
)  # fmt: skip
def test_who_is_affected_unless_told(tmp_path: Path, properties: dict, share: float) -> None:
    """Snow that slows a whole county does not make all its people need relief; water in the village does."""
    (footprint,), _ = read_footprints(geojson(tmp_path / "f.geojson", [(box(112, 113), properties)]), REFERENCE)
    assert footprint.people_share == share


def test_an_uncertain_footprint_is_a_group_of_its_own(tmp_path: Path) -> None:
    path = geojson(tmp_path / "f.geojson", [(box(112, 113), {"closed": 1, "probability": 0.3})])
    assert read_footprints(path, REFERENCE)[0][0].effect.group == "f.geojson#1"


def test_every_fault_is_named_with_its_feature(tmp_path: Path) -> None:
    bad = [
        (box(112, 113), {"depth_m": "deep"}),
        (box(112, 113), {"depth_m": -1}),
        (box(112, 113), {"depth_m": 0}),
        (box(112, 113), {"closed": True, "depth_m": 1}),
        (box(112, 113), {"closed": True, "start": "soon"}),
        (box(112, 113), {"closed": True, "start": "+2:00", "end": "+1:00"}),
        (box(112, 113), {"name": "nothing"}),
        (box(112, 113), {"closed": True, "probability": 1.5}),
        (box(112, 113), {"closed": True, "shift_min": "60; 0; 30"}),
        (box(112, 113), {"closed": True, "duration_factor": [1, 2]}),
        (box(112, 113), {"outage": "gas"}),
        (None, {"closed": True}),
        ({"type": "Point", "coordinates": [112, 35.5]}, {"closed": True}),
        ({"type": "Polygon", "coordinates": "no"}, {"closed": True}),
        (box(11200, 11300), {"closed": True}),
        (box(112, 113), {"speed_factor": 1}),
    ]
    footprints, problems = read_footprints(geojson(tmp_path / "f.geojson", bad), REFERENCE)
    assert footprints == []
    assert codes(problems) == [
        (1, "depth_m", "hazards_value_number"),
        (2, "depth_m", "hazards_at_least"),
        (3, "depth_m", "hazards_no_water"),
        (4, "depth_m", "hazards_one_effect"),
        (5, "start", "hazards_time"),
        (6, "end", "hazards_end_before_start"),
        (7, "", "hazards_no_effect"),
        (8, "probability", "hazards_range"),
        (9, "shift_min", "hazards_triple"),
        (10, "duration_factor", "hazards_triple"),
        (11, "outage", "hazards_medium"),
        (12, "geometry", "hazards_geometry"),
        (13, "geometry", "hazards_geometry"),
        (14, "geometry", "hazards_geometry"),
        (15, "geometry", "hazards_not_lonlat"),
        (16, "speed_factor", "hazards_no_slowdown"),
    ]


def test_a_misspelt_property_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    path = geojson(tmp_path / "f.geojson", [(box(112, 113), {"closed": True, "dept_m": 2, "fid": 7})])
    footprints, problems = read_footprints(path, REFERENCE)
    assert len(footprints) == 1
    assert [(p.severity, p.column, p.code) for p in problems] == [("warning", "dept_m", "hazards_unknown_property")]


def test_a_cause_without_a_rule_is_a_warning(tmp_path: Path) -> None:
    path = geojson(tmp_path / "f.geojson", [(box(112, 113), {"closed": True, "cause": "meteorite"})])
    (footprint,), problems = read_footprints(path, REFERENCE)
    assert footprint.effect.cause == "meteorite"
    assert [(p.severity, p.code) for p in problems] == [("warning", "hazards_unknown_cause")]


def test_a_point_and_a_line_count_with_their_buffer(tmp_path: Path) -> None:
    shapes = [
        {"type": "Point", "coordinates": [112, 35.5]},
        {"type": "LineString", "coordinates": [[112, 35.5], [112.01, 35.5]]},
    ]
    path = geojson(tmp_path / "f.geojson", [(shape, {"closed": True, "buffer_m": 100}) for shape in shapes])
    footprints, problems = read_footprints(path, REFERENCE)
    assert problems == []
    degree_m = math.pi / 180 * 6_371_009
    east_m = degree_m * math.cos(math.radians(35.5))
    areas = [footprint.polygon.area * degree_m * east_m for footprint in footprints]
    disc = math.pi * 100**2
    assert areas == pytest.approx([disc, disc + 0.01 * east_m * 200], rel=0.01)


def test_a_line_that_crosses_itself_is_repaired_and_said(tmp_path: Path) -> None:
    bow = {"type": "Polygon", "coordinates": [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]}
    (footprint,), problems = read_footprints(geojson(tmp_path / "f.geojson", [(bow, {"closed": True})]), REFERENCE)
    assert footprint.polygon.is_valid
    assert footprint.polygon.area == pytest.approx(2)
    assert [(p.severity, p.code) for p in problems] == [("warning", "hazards_repaired")]


@pytest.mark.filterwarnings("ignore:.*(truncated|laundered)")
@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:3857", "EPSG:4547"])
def test_any_coordinate_system_and_format(tmp_path: Path, crs: str) -> None:
    """The same area as GeoPackage and Shapefile (names cut to ten letters) in other systems, some of them projected."""
    import geopandas

    drawn = shapely.box(112.0, 35.4, 112.2, 35.6)
    properties = {
        "name": ["a"],
        "start": ["+1:00"],
        "depth_m": [0.5],
        "people_share": [0.5],
        "vehicle_classes": ["bus"],
    }
    frame = geopandas.GeoDataFrame(properties, geometry=[drawn], crs="EPSG:4326").to_crs(crs)
    for name in ("f.gpkg", "f.shp"):
        frame.to_file(tmp_path / name)
        footprints, problems = read_footprints(tmp_path / name, REFERENCE)
        assert errors(problems) == []
        (footprint,) = footprints
        assert footprint.effect.start_s == 3600
        assert (footprint.effect.depth_m, footprint.people_share) == (0.5, 0.5)
        assert footprint.effect.vehicle_classes == ("bus",)
        assert footprint.polygon.symmetric_difference(drawn).area < 1e-5 * drawn.area + 1e-6


def test_a_shapefile_without_its_coordinate_system(tmp_path: Path) -> None:
    import geopandas

    geopandas.GeoDataFrame({"closed": [1]}, geometry=[shapely.box(112, 35, 113, 36)], crs="EPSG:4326").to_file(
        tmp_path / "f.shp"
    )
    (tmp_path / "f.prj").unlink()
    assert codes(read_footprints(tmp_path / "f.shp", REFERENCE)[1]) == [(None, "crs", "hazards_no_crs")]


def test_a_geojson_may_state_its_coordinate_system(tmp_path: Path) -> None:
    x, y = 12_467_782.97, 4_230_000.0
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}
    path = geojson(tmp_path / "f.geojson", [(box(x, x + 1000, y, y + 1000), {"closed": True})], crs=crs)
    (footprint,), _ = read_footprints(path, REFERENCE)
    assert footprint.polygon.bounds[0] == pytest.approx(112, abs=1e-6)
    crs["properties"]["name"] = "EPSG:1"
    path = geojson(tmp_path / "g.geojson", [(box(x, x + 1, y, y + 1), {"closed": True})] * 3, crs=crs)
    assert codes(read_footprints(path, REFERENCE)[1]) == [(None, "crs", "hazards_no_crs")]  # once, not per feature


def test_a_drawing_on_a_chinese_web_map_is_shifted_back(tmp_path: Path) -> None:
    drawn = shapely.box(112.1, 35.6, 112.2, 35.7)
    moved = shapely.transform(drawn, lambda xy: np.column_stack(wgs84_to_gcj02(xy[:, 0], xy[:, 1])))
    crs = {"type": "name", "properties": {"name": "gcj02"}}
    path = geojson(tmp_path / "f.geojson", [(json.loads(shapely.to_geojson(moved)), {"closed": True})], crs=crs)
    (footprint,), _ = read_footprints(path, REFERENCE)
    assert np.abs(shapely.get_coordinates(footprint.polygon) - shapely.get_coordinates(drawn)).max() < 1e-8


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "hazards_not_geojson"),
        (b"{", "hazards_not_geojson"),
        (b"\xff\xfe", "hazards_not_geojson"),
        (b"[" * 100_000, "hazards_not_geojson"),
        (b'{"type": "FeatureCollection"}', "hazards_not_features"),
        (b'{"type": "FeatureCollection", "features": [1]}', "hazards_not_features"),
        (b"3", "hazards_not_features"),
        (b'{"type": "FeatureCollection", "features": []}', "hazards_no_footprints"),
    ],
)
def test_a_file_that_is_no_geojson(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "f.geojson"
    path.write_bytes(content)
    assert [problem.code for problem in read_footprints(path, REFERENCE)[1]] == [code]


def test_a_file_that_is_not_there_or_no_layer(tmp_path: Path) -> None:
    assert [p.code for p in read_footprints(tmp_path / "no.geojson", REFERENCE)[1]] == ["county_no_file"]
    (tmp_path / "no.gpkg").write_bytes(b"not a layer")
    assert [p.code for p in read_footprints(tmp_path / "no.gpkg", REFERENCE)[1]] == ["hazards_not_a_layer"]


LEAF = st.none() | st.booleans() | st.integers(-3, 400) | st.floats() | st.text(max_size=6)
VALUE = st.recursive(
    LEAF,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
PROPERTY = st.sampled_from([column.name for column in FOOTPRINT_COLUMNS] + [column.zh for column in FOOTPRINT_COLUMNS])
SHAPE = (
    VALUE
    | st.just(box(112, 113))
    | st.builds(
        lambda kind, coordinates: {"type": kind, "coordinates": coordinates},
        st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon", "GeometryCollection"]),
        st.recursive(st.floats(-200, 200), lambda inner: st.lists(inner, max_size=5), max_leaves=20),
    )
)


@given(features=st.lists(st.tuples(SHAPE, VALUE | st.dictionaries(PROPERTY, VALUE, max_size=5)), max_size=4), crs=VALUE)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_no_drawing_makes_a_traceback(tmp_path: Path, features: list, crs: object) -> None:
    """Whatever is in the file, the answer is footprints without errors and problems that say the rest."""
    path = geojson(tmp_path / "f.geojson", features, crs=crs)
    footprints, problems = read_footprints(path, REFERENCE)
    bad = {problem.row for problem in errors(problems)}
    assert not bad & {footprint.row for footprint in footprints}
    for footprint in footprints:
        assert footprint.polygon.is_valid
        assert footprint.polygon.geom_type in {"Polygon", "MultiPolygon"}
        assert footprint.effect.end_s > footprint.effect.start_s
