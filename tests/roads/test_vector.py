"""Road layers: the same roads as in OSM, whatever the format, the coordinate system and the names of the columns."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, MultiLineString, Point

from dispatch.problems import InputProblems
from dispatch.roads.measure import great_circle_m
from dispatch.roads.network import ROAD_CLASSES, SURFACES
from dispatch.roads.osm import OSM_ATTRIBUTION
from dispatch.roads.read import read_network
from tests.roads.osm_text import assert_sound, by_id, distances, grid
from tests.shared import shared_path

NODES = grid(n1=(0, 0), n2=(1, 0), n3=(2, 0), n4=(2, 1), n5=(3, 1), n6=(2, 2))


def line(*refs: int) -> LineString:
    return LineString([NODES[ref] for ref in refs])


def layer(**columns: list[Any]) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(columns, geometry="geometry", crs="EPSG:4326")


CHINESE = layer(
    技术等级=["二级", "四级", "等外"],
    路线编号=["S331", "X668", ""],
    道路名称=["沁河大道", "", "机耕道"],
    单行=["否", "是", "双向"],
    桥梁=["否", "是", "0"],
    路面类型=["沥青", "水泥", "砂石"],
    限速=["60", "", "20"],
    geometry=[line(1, 2, 3), line(3, 4), line(4, 5)],
)


@pytest.mark.parametrize(
    ("suffix", "crs"),
    [
        *((suffix, crs) for suffix in (".gpkg", ".shp") for crs in (4326, 4490, 4549, 4527, 32649)),
        (".geojson", 4326),  # WGS 84 by its standard
    ],
)
def test_chinese_layers_in_any_system_and_format(tmp_path: Path, suffix: str, crs: int) -> None:
    """CGCS2000 in degrees, in a 3° zone without and with zone number, and UTM: the same network to a centimetre."""
    path = tmp_path / f"roads{suffix}"
    CHINESE.to_crs(crs).to_file(path, encoding="GB18030" if suffix == ".shp" else "UTF-8")  # names of 10 bytes at most
    network = read_network(path, cache=False)
    assert sorted(network.edge_id) == ["1:1-3", "1:3-1", "2:3-4", "3:4-5", "3:5-4"]
    np.testing.assert_allclose(network.node_lon, [NODES[i][0] for i in (1, 3, 4, 5)], atol=1e-7)
    np.testing.assert_allclose(network.node_lat, [NODES[i][1] for i in (1, 3, 4, 5)], atol=1e-7)
    e, bridge, track = (network.edge_index[edge] for edge in ("1:1-3", "2:3-4", "3:4-5"))
    assert [ROAD_CLASSES[network.road_class[k]] for k in (e, bridge, track)] == ["primary", "tertiary", "unclassified"]
    assert [SURFACES[network.surface[k]] for k in (e, bridge, track)] == ["paved", "paved", "gravel"]
    assert (network.ref[e], network.name[e], network.max_speed_kmh[e]) == ("S331", "沁河大道", 60.0)
    assert network.bridge.tolist() == [edge == "2:3-4" for edge in network.edge_id]
    assert network.attribution == ""
    if crs == 4326:
        assert_sound(network)


def test_zipped_shapefile_in_gbk(tmp_path: Path) -> None:
    """As county bureaus send it: GB18030 texts, no .cpg, in one zip. It need not be said, but may be."""
    path = tmp_path / "roads.shp"
    CHINESE.to_file(path, encoding="GB18030")
    path.with_suffix(".cpg").unlink()
    with zipfile.ZipFile(tmp_path / "roads.zip", "w") as archive:
        for part in sorted(tmp_path.glob("roads.*")):
            if part.suffix != ".zip":
                archive.write(part, part.name)
    for columns in (None, {"encoding": "GB18030"}):
        network = read_network(tmp_path / "roads.zip", cache=False, columns=columns)
        assert "沁河大道" in set(network.name)


def test_own_column_map_from_toml(tmp_path: Path) -> None:
    """Codes of a bureau's own, explained by the map; the map may also ignore a column."""
    roads = layer(DLDJ=[11, 12, 99], FX=["顺", "逆", "双"], maxspeed=["1", "1", "1"],
                  geometry=[line(1, 2), line(2, 3), line(3, 4)])  # fmt: skip
    roads.to_file(tmp_path / "roads.gpkg")
    (tmp_path / "map.toml").write_text(
        'attribution = "沁水县交通运输局"\n[columns]\nclass = "DLDJ"\noneway = "FX"\nmaxspeed = []\n'
        '[class]\n11 = "trunk"\n12 = "primary"\n99 = ""\n'
        '[oneway]\n"顺" = "forward"\n"逆" = "backward"\n"双" = "both"\n',
        encoding="utf-8",
    )
    network = read_network(tmp_path / "roads.gpkg", cache=False, columns=tmp_path / "map.toml")
    assert sorted(network.edge_id) == ["1:1-2", "2:3-2"]
    assert np.isnan(network.max_speed_kmh).all()
    assert network.attribution == "沁水县交通运输局"


def test_geofabrik_layer(tmp_path: Path) -> None:
    """F is along the drawing and T against it; 0 is no speed limit; footways are no roads; it is OpenStreetMap's."""
    roads = layer(osm_id=["501", "502", "503", "504"], fclass=["primary", "residential", "track_grade4", "footway"],
                  oneway=["F", "T", "B", "B"], maxspeed=[60, 0, 0, 0], bridge=["F", "T", "F", "F"],
                  tunnel=["F", "F", "T", "F"], geometry=[line(1, 2), line(2, 3), line(3, 4), line(4, 5)])  # fmt: skip
    roads.to_file(tmp_path / "gis_osm_roads_free_1.shp")
    network = read_network(tmp_path / "gis_osm_roads_free_1.shp", cache=False)
    assert sorted(network.edge_id) == ["501:1-2", "502:3-2", "503:3-4", "503:4-3"]
    assert by_id(network, "max_speed_kmh")["501:1-2"] == 60.0
    assert np.isnan(by_id(network, "max_speed_kmh")["502:3-2"])  # type: ignore[call-overload]
    assert by_id(network, "bridge") == {"501:1-2": False, "502:3-2": True, "503:3-4": False, "503:4-3": False}
    assert by_id(network, "tunnel")["503:3-4"]
    assert network.attribution == OSM_ATTRIBUTION


def metres(lon: float, lat: float, east_m: float, north_m: float) -> tuple[float, float]:
    return lon + east_m / 90_300, lat + north_m / 111_195


def test_ends_are_snapped_within_the_tolerance(tmp_path: Path) -> None:
    """0.6 m short of an end, of a vertex, and of the middle of a line: joined at 1 m, apart at 0.3 m."""
    x, y = NODES[2]
    short_of_end = LineString([metres(*NODES[3], 0, 0.6), NODES[4]])
    short_of_vertex = LineString([metres(x, y, 0, -0.6), metres(x, y, 0, -80)])
    short_of_middle = LineString([metres(x, y, 45, 0.6), metres(x, y, 45, 80)])
    roads = layer(highway=["primary"] * 4, geometry=[line(1, 2, 3), short_of_end, short_of_vertex, short_of_middle])
    roads.to_file(tmp_path / "roads.gpkg")
    joined = read_network(tmp_path / "roads.gpkg", cache=False)
    assert joined.graph.n == 6  # 1, 2, the middle, and three far ends; node 3 with the end near it is a mere bend
    _ends_meet(joined, 1)
    apart = read_network(tmp_path / "roads.gpkg", cache=False, columns={"snap_m": 0.3})
    _ends_meet(apart, 4)
    np.testing.assert_allclose(joined.length_m.sum(), apart.length_m.sum(), atol=5)


def _ends_meet(network: Any, pieces: int) -> None:
    from dispatch.roads.components import component_sizes

    assert_sound(network)
    assert len(component_sizes(network, "weak")) == pieces


def test_crossing_lines_do_not_meet(tmp_path: Path) -> None:
    """A flyover has no ramp where lines merely cross; an end under a bridge does not climb onto it."""
    over = LineString([metres(*NODES[2], 45, -50), metres(*NODES[2], 45, 50)])
    under = LineString([metres(*NODES[2], 20, 0.3), metres(*NODES[2], 20, 60)])
    roads = layer(highway=["primary"] * 3, bridge=["yes", "no", "no"], geometry=[line(1, 2, 3), over, under])
    roads.to_file(tmp_path / "roads.gpkg")
    _ends_meet(read_network(tmp_path / "roads.gpkg", cache=False), 3)


def test_roads_that_share_a_vertex_meet(tmp_path: Path) -> None:
    """OSM exports are not cut at junctions: two lines through the same vertex are a crossroads."""
    roads = layer(highway=["primary"] * 2, geometry=[line(1, 2, 3), line(6, 4, 2)])
    roads.to_file(tmp_path / "roads.gpkg")
    network = read_network(tmp_path / "roads.gpkg", cache=False)
    assert sorted(np.bincount(network.graph.tail).tolist()) == [1, 1, 1, 3]


def test_multilines_and_empty_rows(tmp_path: Path) -> None:
    """Parts of one row are roads of one id; a row without geometry is passed over."""
    roads = layer(highway=["primary", "primary"], geometry=[MultiLineString([line(1, 2), line(4, 5)]), None])
    roads.to_file(tmp_path / "roads.gpkg")
    network = read_network(tmp_path / "roads.gpkg", cache=False)
    assert set(network.way.tolist()) == {1}
    assert network.graph.m == 4


def test_quelimane_lengths(tmp_path: Path) -> None:
    """A peer's edge table with its own nodes and lengths: all 1,263 published routes are shortest paths in it."""
    folder = shared_path("data/access_quelimane_ra2ce")
    columns = {"from": "u", "to": "v", "length": "length", "class": "highway", "oneway": [], "id": []}
    network = read_network(folder / "OD_accessibility_analysis_results_edges.gpkg", cache=False, columns=columns)
    assert network.graph.n == 2_957
    assert (network.length_m == np.round(network.length_m)).all()  # whole metres stay whole metres
    routes = pd.read_csv(folder / "OD_accessibility_analysis_optimal_routes_without_hazard.csv")
    start = np.searchsorted(network.node_id, routes["o_node"].astype("int64"))
    end = np.searchsorted(network.node_id, routes["d_node"].astype("int64"))
    sources, row = np.unique(end, return_inverse=True)
    graph = network.graph
    found = distances(graph.n, graph.head, graph.tail, network.length_m, sources)[row, start]
    assert len(routes) == 1_263
    assert (found == routes["lengthNorm"]).all()


def _reported(path: Path, **options: Any) -> list[Any]:
    with pytest.raises(InputProblems) as found:
        read_network(path, cache=False, **options)
    return list(found.value.problems)


def test_unknown_words_are_all_reported_once(tmp_path: Path) -> None:
    """Each with the row of its first appearance; nothing is guessed."""
    roads = layer(道路等级=["一级", "神级", "神级", "超级"], oneway=["是", "是", "也许", "否"],
                  geometry=[line(1, 2), line(2, 3), line(3, 4), line(4, 5)])  # fmt: skip
    roads.to_file(tmp_path / "roads.gpkg")
    found = {(p.row, p.column, p.value) for p in _reported(tmp_path / "roads.gpkg")}
    assert found == {(2, "道路等级", "神级"), (4, "道路等级", "超级"), (3, "oneway", "也许")}


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_what_a_layer_must_have(tmp_path: Path) -> None:
    plain = layer(kind=["primary"], geometry=[line(1, 2)])
    plain.to_file(tmp_path / "a.gpkg")
    (missing,) = _reported(tmp_path / "a.gpkg")
    assert missing.code == "roads_layer_column"
    assert "kind" in missing.expected  # the columns there are, to choose from
    assert read_network(tmp_path / "a.gpkg", cache=False, columns={"class": "kind"}).graph.m == 2
    (named,) = _reported(tmp_path / "a.gpkg", columns={"class": "kind", "name": "label"})
    assert (named.column, named.value) == ("name", "label")
    plain.set_crs(None, allow_override=True).to_file(tmp_path / "b.shp")
    (nowhere,) = _reported(tmp_path / "b.shp", columns={"class": "kind"})
    assert nowhere.code == "roads_crs_missing"
    assert read_network(tmp_path / "b.shp", cache=False, columns={"class": "kind"}, crs="EPSG:4490").graph.m == 2
    (twice,) = _reported(tmp_path / "a.gpkg", columns={"class": "kind"}, crs="EPSG:4490")
    assert twice.code == "roads_crs_not_used"


def test_layers_that_are_no_roads(tmp_path: Path) -> None:
    layer(highway=["primary"], geometry=[Point(112, 35)]).to_file(tmp_path / "points.gpkg")
    assert _reported(tmp_path / "points.gpkg")[0].code == "roads_layer_choice"
    layer(highway=["footway"], geometry=[line(1, 2)]).to_file(tmp_path / "paths.gpkg")
    assert _reported(tmp_path / "paths.gpkg")[0].code == "roads_layer_empty"
    damaged = {
        "a.gpkg": b"SQLite format 3\x00 cut",
        "b.zip": b"PK\x03\x04 cut",
        "c.geojson": b'{"type": "Fea',
        "d.shp": b"\x00\x00\x27\x0a cut",
        "e.json": b'{"type": "FeatureCollection", "features": []}',
    }
    for name, content in damaged.items():
        (tmp_path / name).write_bytes(content)
        assert _reported(tmp_path / name)[0].file == name


def test_several_layers_need_a_choice(tmp_path: Path) -> None:
    path = tmp_path / "county.gpkg"
    layer(highway=["primary"], geometry=[line(1, 2)]).to_file(path, layer="公路")
    layer(highway=["primary"], geometry=[line(3, 4)]).to_file(path, layer="规划公路")
    assert "规划公路" in _reported(path)[0].value
    assert read_network(path, cache=False, columns={"layer": "公路"}).graph.m == 2


def test_a_wrong_column_map_is_reported_whole(tmp_path: Path) -> None:
    layer(highway=["primary"], geometry=[line(1, 2)]).to_file(tmp_path / "roads.gpkg")
    wrong = {"columns": {"klass": "highway"}, "class": {"x": "highroad"}, "snap_m": -1, "colour": "red", "oneway": "F"}
    assert len(_reported(tmp_path / "roads.gpkg", columns=wrong)) == 5
    (tmp_path / "map.toml").write_text("[columns\n")
    assert _reported(tmp_path / "roads.gpkg", columns=tmp_path / "map.toml")[0].file == "map.toml"


def test_geojson_of_mixed_features_reports_the_points(tmp_path: Path) -> None:
    road, spot = line(1, 2), Point(NODES[3])
    features = [
        {"type": "Feature", "properties": {"highway": "primary"}, "geometry": shape.__geo_interface__}
        for shape in (road, spot)
    ]
    path = tmp_path / "roads.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (problem,) = _reported(path)
    assert (problem.row, problem.code) == (2, "roads_layer_line")


def test_stated_length_is_kept_to_the_bit(tmp_path: Path) -> None:
    """A bureau's measured length wins over the drawing, also where a junction cuts the road: the parts add up to it."""
    roads = layer(highway=["primary", "primary"], laenge=[1234.567, 88.0], geometry=[line(1, 2, 3), line(2, 6)])
    roads.to_file(tmp_path / "roads.gpkg")
    network = read_network(tmp_path / "roads.gpkg", cache=False, columns={"length": "laenge"})
    parts = [float(m) for edge, m in by_id(network, "length_m").items() if edge in {"1:1-2", "1:2-3"}]  # type: ignore[arg-type]
    assert sum(parts) == 1234.567
    drawn = great_circle_m(*(np.array(v) for v in (*NODES[1], *NODES[2])))  # type: ignore[arg-type]
    whole = great_circle_m(*(np.array(v) for v in (*NODES[1], *NODES[3])))  # type: ignore[arg-type]
    assert parts[0] / 1234.567 == pytest.approx(float(drawn / whole), rel=1e-6)


def test_lengths_that_are_none(tmp_path: Path) -> None:
    """Reported by row; an empty one is measured along the drawing."""
    roads = layer(highway=["primary"] * 3, laenge=["100", "lang", ""], geometry=[line(1, 2), line(2, 3), line(3, 4)])
    roads.to_file(tmp_path / "roads.gpkg")
    (problem,) = _reported(tmp_path / "roads.gpkg", columns={"length": "laenge"})
    assert (problem.row, problem.column, problem.value) == (2, "laenge", "lang")
