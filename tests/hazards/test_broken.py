"""Hazard files and tables that are wrong: each is told by its code, none ends in a traceback."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine, from_origin

from dispatch.hazards.computed import read_computed
from dispatch.hazards.footprints import read_footprints
from dispatch.hazards.terrain import read_terrain
from dispatch.hazards.when import seconds_from
from dispatch.problems import InputProblems
from tests import tiny
from tests.hazards.fires import LAT, LON, REFERENCE

WEATHER = [{"time": "+0:00", "wind_m_s": 3, "wind_from_deg": 270, "temperature_c": 20, "humidity_pct": 40}]
FIRE = {"ignitions": [{"lon": LON, "lat": LAT, "time": "+0:00"}], "weather": WEATHER, "hours": 1, "fuel": "grass",
        "reach_km": 1.0, "cell_m": 100}  # fmt: skip


def codes(tmp_path, **tables) -> list[str]:
    values = {f"hazards.{name}": table for name, table in tables.items()}
    return [one.code for one in read_computed(values, {}, tmp_path / "s.toml", REFERENCE, tiny.one_depot().county)[1]]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"hours": math.inf}, "hazards_fire_positive"),
        ({"hours": math.nan}, "hazards_fire_positive"),
        ({"hours": 1e9}, "hazards_fire_hours"),
        ({"cell_m": 0.01}, "hazards_fire_cells"),
        ({"reach_km": 1e6}, "hazards_fire_cells"),
        ({"seed": -1}, "hazards_fire_number"),
        ({"seed": math.inf}, "hazards_fire_number"),
        ({"seed": 1.5}, "hazards_fire_number"),
        ({"members": 1000}, "hazards_fire_number"),
        ({"members": True}, "hazards_fire_number"),
        ({"moisture_factor": [1, 0.9, 2]}, "hazards_triple"),
        ({"wind_factor": [1, 1, math.inf]}, "hazards_triple"),
        ({"wind_turn_deg": [math.nan]}, "hazards_fire_numbers"),
        ({"moisture_1h_pct": 500}, "hazards_fire_up_to"),
        ({"people_fires": 1e9, "centre": [LON, LAT]}, "hazards_fire_up_to"),
        ({"centre": [LON, 95]}, "hazards_fire_point"),
        ({"weather": [*WEATHER, *WEATHER]}, "hazards_fire_same_time"),
        ({"weather": [{**WEATHER[0], "wind_m_s": math.nan}]}, "hazards_range"),
        ({"crews": [{"line": [[LON, math.nan], [LON, LAT]], "start": 0, "people": 20, "professional": True}]},
         "hazards_fire_line"),
    ],
)  # fmt: skip
def test_a_wrong_key_of_a_fire_is_named(tmp_path, changes, code):
    assert codes(tmp_path, fire={**FIRE, **changes}) == [code]


@pytest.mark.parametrize(("key", "code"), [("breaks", "hazards_fire_breaks"),
                                           ("water_drops", "hazards_fire_water_drops"),
                                           ("terrain", "hazards_raster")])  # fmt: skip
def test_a_file_of_a_fire_that_is_another_kind_of_file(tmp_path, key, code):
    (tmp_path / "text.txt").write_text("hello\n")
    assert codes(tmp_path, fire={**FIRE, key: "text.txt"}) == [code]


def raster(tmp_path, data, **profile) -> str:
    data = np.atleast_3d(np.asarray(data)).transpose(2, 0, 1) if np.ndim(data) == 2 else np.asarray(data)
    made = {"driver": "GTiff", "count": len(data), "height": data.shape[1], "width": data.shape[2], "dtype": "float32",
            "crs": "EPSG:4326", "transform": from_origin(LON - 0.01, LAT + 0.01, 0.001, 0.001), **profile}  # fmt: skip
    with rasterio.open(tmp_path / "r.tif", "w", **made) as file:
        file.write(data.astype(made["dtype"]))
    return "r.tif"


DEEP = np.ones((20, 20))


@pytest.mark.parametrize(
    ("data", "profile", "row", "code"),
    [
        (DEEP, {"crs": "EPSG:32649"}, {}, "hazards_raster_cells"),  # degrees taken for metres
        (DEEP, {"transform": from_origin(5e5, 3.9e6, 30, 30)}, {}, "hazards_not_lonlat"),  # metres for degrees
        (DEEP, {"dtype": "complex64"}, {}, "hazards_raster_real"),
        (DEEP, {"crs": None}, {}, "hazards_raster_no_crs"),
        (DEEP, {"crs": None}, {"crs": "EPSG:999999"}, "hazards_raster"),
        (DEEP * np.inf, {}, {}, "hazards_raster_deep"),
        (DEEP * 9999, {}, {}, "hazards_raster_deep"),  # an unstated mark for missing values
        (np.stack([DEEP, DEEP]), {}, {}, "hazards_raster_bands"),
        (DEEP, {}, {"times": ["+0:00", "+1:00"]}, "hazards_raster_bands"),
        (np.stack([DEEP, DEEP]), {}, {"times": ["+2:00", "+1:00"]}, "hazards_key_times"),
        (np.stack([DEEP, DEEP]), {}, {"quantity": "arrival_s"}, "hazards_raster_one_band"),
        (DEEP, {}, {"hours": 0}, "hazards_key_positive"),
        (DEEP, {}, {"probability": 2}, "hazards_key_share"),
        (DEEP, {}, {"colour": "red"}, "hazards_key_unknown"),
    ],
)
def test_a_raster_that_cannot_be_what_it_says(tmp_path, data, profile, row, code):
    table = [{"file": raster(tmp_path, data, **profile), "quantity": "depth_m", **row}]
    assert codes(tmp_path, rasters=table) == [code]


def test_negative_depths_are_dry_and_said_and_a_turned_grid_is_read(tmp_path):
    mixed = np.where(np.arange(400).reshape(20, 20) < 100, -9999.0, 1.0)
    table = [{"file": raster(tmp_path, mixed), "quantity": "depth_m"}]
    values = {"hazards.rasters": table}
    made, problems = read_computed(values, {}, tmp_path / "s.toml", REFERENCE, tiny.one_depot().county)
    assert [(one.code, one.severity, one.value) for one in problems] == [
        ("hazards_raster_negative", "warning", "-9999")
    ]
    assert "25" in problems[0].expected
    assert len(made.models) == 1
    turned = Affine(0.0007, 0.0007, LON - 0.01, 0.0007, -0.0007, LAT)
    table = [{"file": raster(tmp_path, DEEP, transform=turned), "quantity": "depth_m"}]
    assert codes(tmp_path, rasters=table) == []


def test_a_needed_key_of_a_raster_is_named(tmp_path):
    assert codes(tmp_path, rasters=[{"quantity": "depth_m"}]) == ["hazards_key_needed"]
    assert codes(tmp_path, rasters=["map.tif"]) == ["hazards_key_rasters"]


def test_terrain_that_lies_elsewhere_says_where_it_should(tmp_path):
    path = tmp_path / raster(tmp_path, DEEP)
    with pytest.raises(InputProblems) as caught:
        read_terrain(path, (10.0, 50.0, 10.1, 50.1))
    assert [one.code for one in caught.value.problems] == ["hazards_terrain_outside"]


@pytest.mark.parametrize(
    ("name", "changes", "code"),
    [
        ("flash_flood", {"hours": 1e300}, "hazards_key_up_to"),
        ("flash_flood", {"depth_mm": 1e300}, "hazards_key_up_to"),
        ("waterlogging", {"cell_m": 0.001}, "hazards_water_cells"),
        ("levee_breach", {"cell_m": 0.001}, "hazards_water_cells"),
        ("levee_breach", {"cleared": 1e300}, "hazards_key_time"),
    ],
)
def test_numbers_that_would_fill_the_memory(tmp_path, name, changes, code):
    box = [LON - 0.009, LAT - 0.009, LON + 0.009, LAT + 0.009]
    land = {"curve_number": 80, "depth_mm": 100}
    tables = {"flash_flood": {**land}, "waterlogging": {**land, "box": box},
              "levee_breach": {"at": [LON, LAT], "inflow": [[0, 5], [60, 5]], "reach_km": 0.8}}  # fmt: skip
    table = {"terrain": raster(tmp_path, DEEP), **tables[name], **changes}
    assert codes(tmp_path, **{name: table}) == [code]


def test_a_time_is_within_a_century():
    assert seconds_from(REFERENCE, "2099-12-31T00:00:00+08:00") > 0  # "for good" as some write it
    for far in (1e300, "9000-01-01T00:00:00+08:00"):
        with pytest.raises(ValueError, match="century"):
            seconds_from(REFERENCE, far)


AREA = {"type": "Polygon", "coordinates": [[[112, 35], [112.1, 35], [112.1, 35.1], [112, 35]]]}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "hazards_not_geojson"),
        ('{"type":', "hazards_not_geojson"),
        ("[1, 2]", "hazards_not_features"),
        ('{"type": "FeatureCollection", "features": [null, 3]}', "hazards_not_features"),
        (json.dumps({"type": "FeatureCollection", "crs": "bad", "features": []}), "hazards_no_crs"),
        ('{"type": "FeatureCollection", "features": []}', "hazards_no_footprints"),
    ],
)
def test_a_geojson_that_is_none(tmp_path, text, code):
    path = tmp_path / "f.geojson"
    path.write_text(text, encoding="utf-8")
    assert [one.code for one in read_footprints(path, REFERENCE)[1]] == [code]


@pytest.mark.parametrize(
    ("properties", "geometry", "code"),
    [
        ({"start": "+6:00", "end": "+1:00", "depth_m": 1}, AREA, "hazards_end_before_start"),
        ({"depth_m": -1}, AREA, "hazards_at_least"),
        ({"depth_m": 1, "start": "noon-ish"}, AREA, "hazards_time"),
        ({"depth_m": 1}, None, "hazards_geometry"),
        ({"depth_m": 1}, {"type": "Polygon", "coordinates": [1, 2, 3]}, "hazards_geometry"),
        ({"depth_m": 1}, {"type": "Point", "coordinates": [112, 35]}, "hazards_geometry"),
        ({"depth_m": 1}, {"type": "Point", "coordinates": [5e5, 3.9e6]}, "hazards_not_lonlat"),
        ({"depth_m": math.inf}, AREA, "hazards_value_number"),
        ({}, AREA, "hazards_no_effect"),
    ],
)
def test_a_feature_that_is_wrong(tmp_path, properties, geometry, code):
    path = tmp_path / "f.geojson"
    feature = {"type": "Feature", "properties": properties, "geometry": geometry}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    areas, problems = read_footprints(path, REFERENCE)
    assert areas == []
    assert code in [one.code for one in problems]
