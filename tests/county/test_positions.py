"""Coordinates of a pack come out in WGS 84, and a place outside its county is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import shapely

from dispatch.county.coordinates import wgs84_to_gcj02
from dispatch.county.county import County
from dispatch.county.read import read_county
from dispatch.problems import InputProblems
from tests.county.pack import TOML, good, place_of, problems_of, set_cell, write_csv_pack

Tables = dict[str, list[list[Any]]]


@pytest.fixture
def county(tmp_path: Path) -> County:
    return read_county(write_csv_pack(tmp_path / "good"))[0]


def _gcj(tables: Tables) -> Tables:
    for name in ("places", "depots"):
        header, *rows = tables[name]
        x, y = header.index("lon"), header.index("lat")
        for row in rows:
            if row[x] != "":
                lon, lat = wgs84_to_gcj02(row[x], row[y])
                row[x], row[y] = float(lon[0]), float(lat[0])
    return tables


def test_gcj02_packs_come_out_in_wgs84(tmp_path: Path, county: County) -> None:
    read, warnings = read_county(write_csv_pack(tmp_path / "p", _gcj(good()), TOML + 'coordinates = "gcj02"\n'))
    assert warnings == ()
    for name in ("places", "depots"):
        for axis in ("lon", "lat"):
            moved = (read.table(name)[axis] - county.table(name)[axis]).abs().max()
            assert moved < 1e-9


def test_geometries_and_the_boundary_are_converted_too(tmp_path: Path) -> None:
    """A zone and a boundary drawn on Amap, given in GCJ-02, come out where they are in WGS 84."""
    ring = [(112.3, 35.6), (112.8, 35.6), (112.8, 36.0), (112.3, 35.6)]
    moved = [tuple(float(axis[0]) for axis in wgs84_to_gcj02(*point)) for point in ring]
    wkt = f"POLYGON(({', '.join(f'{x!r} {y!r}' for x, y in moved)}))"
    tables = {"risk_zones": [["risk_zone", "kind", "geometry"], ["Z", "wildfire", wkt]]}
    toml = TOML + f'boundary = "{wkt}"\n[coordinates]\nrisk_zones = "gcj02"\nboundary = "gcj02"\n'
    with pytest.raises(InputProblems) as caught:  # the good pack's places do not all lie in that triangle
        read_county(write_csv_pack(tmp_path / "p", good() | tables, toml))
    assert {p.code for p in caught.value.problems} <= {"county_outside", "county_just_outside"}
    read, _ = read_county(write_csv_pack(tmp_path / "q", good() | tables, toml.replace(f'boundary = "{wkt}"\n', "")))
    shape = shapely.from_wkt(read.table("risk_zones")["geometry"][0])
    assert abs(shapely.get_coordinates(shape) - ring).max() < 1e-9


def test_a_projected_system(tmp_path: Path) -> None:
    """EPSG:4525 is the 3° zone of 111° E with false easting 37,500,000 m; metres become degrees before any check."""
    tables = good()
    tables["shelters"] = [["shelter", "name", "place", "capacity", "lon", "lat"],
                          ["H1", "柿庄小学", "140521106", 300, 37_500_000, 3_951_000]]  # fmt: skip
    toml = TOML + '[coordinates]\nshelters = "EPSG:4525"\n'
    read, _ = read_county(write_csv_pack(tmp_path / "p", tables, toml))
    assert read.table("shelters")["lon"][0] == pytest.approx(111.0, abs=1e-9)
    tables["shelters"][1][4:] = [1e300, 1e300]
    assert [p.code for p in problems_of(write_csv_pack(tmp_path / "q", tables, toml))] == ["county_not_converted"]


def test_one_table_may_be_in_another_system(tmp_path: Path, county: County) -> None:
    tables = _gcj(good())
    tables["places"] = good()["places"]
    toml = TOML + '[coordinates]\ndefault = "wgs84"\ndepots = "gcj02"\n'
    read, _ = read_county(write_csv_pack(tmp_path / "p", tables, toml))
    assert abs(read.table("depots")["lon"][0] - 112.19) < 1e-9
    assert read.table("places")["lon"].tolist() == county.table("places")["lon"].tolist()


RING = "[[112.0, 35.5], [112.7, 35.5], [112.7, 36.0], [112.0, 36.0], [112.0, 35.5]]"
BOUNDARY = f'{{"type": "Polygon", "coordinates": [{RING}]}}'


@pytest.mark.parametrize(
    ("lon", "code", "severity"), [(112.74, "county_just_outside", "warning"), (112.9, "county_outside", "error")]
)
def test_a_village_outside_the_boundary(tmp_path: Path, lon: float, code: str, severity: str) -> None:
    """One degree of longitude is 90 km here: 112.74 is 3.6 km out, 112.9 is 18 km out."""
    folder = write_csv_pack(
        tmp_path / "p", set_cell(good(), "places", 7, "lon", lon), TOML + 'boundary = "b.geojson"\n'
    )
    (folder / "b.geojson").write_text(BOUNDARY)
    if severity == "error":
        found = problems_of(folder)
    else:
        county, warnings = read_county(folder)
        found = list(warnings)
        assert county.boundary_wkt.startswith("POLYGON ((112 35.5")
    assert [(*place_of(p)[:3], p.code, p.severity) for p in found] == [("places.csv", 7, "lon", code, severity)]
    assert dict(found[0].detail)["km"] == {112.74: "3.6", 112.9: "18.0"}[lon]


def test_a_feature_collection_gives_the_county_by_its_code(tmp_path: Path) -> None:
    feature = '{{"type": "Feature", "properties": {{"adcode": {code}}}, "geometry": {shape}}}'
    other = BOUNDARY.replace("112", "110")
    both = ", ".join([feature.format(code=140522, shape=other), feature.format(code=140521, shape=BOUNDARY)])
    folder = write_csv_pack(tmp_path / "p", toml=TOML + 'boundary = "b.geojson"\n')
    (folder / "b.geojson").write_text(f'{{"type": "FeatureCollection", "features": [{both}]}}')
    assert read_county(folder)[0].boundary_wkt.startswith("POLYGON ((112 35.5")


@pytest.mark.parametrize("content", ["{", "[]", '{"type": "Point", "coordinates": [1, 2]}', '{"features": 3}', "null",
                                     '{"type": "Polygon", "coordinates": [[[1, 2]]]}', "[" * 100000])  # fmt: skip
def test_boundaries_that_are_none(tmp_path: Path, content: str) -> None:
    folder = write_csv_pack(tmp_path / "p", toml=TOML + 'boundary = "b.geojson"\n')
    (folder / "b.geojson").write_text(content)
    assert {p.code for p in problems_of(folder)} <= {"county_boundary_json", "county_boundary_shape"}
