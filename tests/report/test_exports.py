"""Files for other programs, each read back by a program that is not ours."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import docx
import gpxpy
import icalendar
import pandas as pd
import pyogrio
import pytest
import shapely
import xmlschema

from dispatch.hazards.footprints import read_footprints
from dispatch.planning.plan import EVACUATION_COLUMNS, Plan
from dispatch.report.exports import KINDS, write_exports
from dispatch.report.figures import write_figures
from dispatch.report.findings import find
from dispatch.report.leader_page import write_leader_page
from dispatch.scenario import Scenario
from tests import tiny
from tests.report.conftest import flooded
from tests.report.worlds import MINUTE, one_truck

SCHEMA = Path(__file__).with_name("cap.xsd")


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    scenario, plan = flooded()
    out = tmp_path_factory.mktemp("exports")
    write_exports(out, scenario, plan, None, lang="zh")
    return out


def test_the_geopackage_holds_every_layer_with_a_style(exported: Path) -> None:
    """GDAL reads the layers; QGIS finds a default style for each in ``layer_styles``."""
    layers = {name for name, kind in pyogrio.list_layers(exported / "layers.gpkg") if kind is not None}
    assert layers == {"roads", "closures", "routes", "depots", "places"}
    with sqlite3.connect(exported / "layers.gpkg") as base:
        styles = dict(base.execute("SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault"))
    assert set(styles) == layers
    for style in styles.values():
        assert ET.fromstring(style).find(".//symbols/symbol/layer") is not None
    closures = pyogrio.read_dataframe(exported / "layers.gpkg", layer="closures")
    shown = {category.get("value") for category in ET.fromstring(styles["closures"]).iter("category")}
    assert set(closures["state"]) <= shown


def test_routes_run_from_depot_to_place(exported: Path) -> None:
    """Legs of 10 km each, at the plan's hours (order at 0, loaded and gone at minute 48)."""
    routes = pyogrio.read_dataframe(exported / "layers.gpkg", layer="routes").sort_values("stop")
    assert routes["length_km"].tolist() == [10.0, 10.0, 10.0]
    places = pyogrio.read_dataframe(exported / "layers.gpkg", layer="places").set_index("place")
    for line, place in zip(routes.geometry, "ABC", strict=True):
        end = shapely.Point(line.coords[-1])
        assert end.distance(places.at[place, "geometry"]) < 1e-3
    leave, arrive = (pd.to_datetime(routes[name]) for name in ("leave", "arrive"))
    assert ((arrive - leave).dt.total_seconds() == 600).all()


def test_geojson_says_what_the_geopackage_says(exported: Path) -> None:
    for name in ("roads", "closures", "routes", "depots", "places"):
        features = json.loads((exported / "geojson" / f"{name}.geojson").read_text(encoding="utf-8"))["features"]
        table = pyogrio.read_dataframe(exported / "layers.gpkg", layer=name)
        assert len(features) == len(table)
        for feature, shape in zip(features, table.geometry, strict=True):
            assert shapely.geometry.shape(feature["geometry"]).equals_exact(shape, 1e-6)
    assert json.loads((exported / "geojson" / "shelters.geojson").read_text(encoding="utf-8"))["features"] == []


def test_a_track_keeps_the_planned_times(exported: Path) -> None:
    """Depart at minute 48, A 58, leave 64, B 74, leave 80, C 90, home at 126."""
    scenario, _ = flooded()
    with (exported / "tracks" / "V1.gpx").open(encoding="utf-8") as file:
        track = gpxpy.parse(file)
    ends = [(t.segments[0].points[0].time, t.segments[0].points[-1].time) for t in track.tracks]
    minutes = [
        tuple(round((moment - scenario.reference_time).total_seconds() / 60) for moment in pair) for pair in ends
    ]
    assert minutes == [(48, 58), (64, 74), (80, 90), (96, 126)]
    for one in track.tracks:
        times = [point.time for point in one.segments[0].points]
        assert times == sorted(times)
    sites = scenario.sites
    for drive, (start, end) in zip(track.tracks, ("DA", "AB", "BC", "CD"), strict=True):
        points = drive.segments[0].points
        for point, site in ((points[0], start), (points[-1], end)):
            assert (point.longitude, point.latitude) == pytest.approx(
                (sites.at[site, "lon"], sites.at[site, "lat"]), abs=1e-4
            )


def test_the_calendar_tells_when_to_be_where(exported: Path) -> None:
    scenario, _ = flooded()
    calendar = icalendar.Calendar.from_ical((exported / "calendars" / "V1.ics").read_bytes())
    events = list(calendar.walk("VEVENT"))
    minutes = [round((event.start - scenario.reference_time).total_seconds() / 60) for event in events]
    assert minutes == [30, 58, 74, 90]  # loading, then three unloadings
    assert len({str(event["uid"]) for event in events}) == 4


def test_alerts_keep_to_the_standard_and_are_exercises(exported: Path) -> None:
    schema = xmlschema.XMLSchema(SCHEMA)
    alerts = sorted((exported / "alerts").glob("*.xml"))
    assert alerts
    for alert in alerts:
        schema.validate(str(alert))
        assert ET.parse(alert).getroot().findtext("{*}status") == "Exercise"


def test_an_alert_that_we_wrote_closes_the_same_road_when_read(exported: Path) -> None:
    """Out and in again: area, hours and closure are those of the scenario; both languages make one footprint."""
    scenario, _ = flooded()
    (alert,) = (exported / "alerts").glob("road-*.xml")
    footprints, problems = read_footprints(alert, scenario.reference_time)
    assert not [problem for problem in problems if problem.severity == "error"]
    assert [(f.effect.start_s, f.effect.end_s, f.effect.speed_permille) for f in footprints] == [
        (200 * 60.0, 320 * 60.0, 0.0)
    ]
    middle = tiny.one_depot().network
    k = middle.edge_index["r12:1-2"]
    lo, hi = middle.shape_first[k], middle.shape_first[k + 1]
    road = shapely.LineString(list(zip(middle.shape_lon[lo:hi], middle.shape_lat[lo:hi], strict=True)))
    assert footprints[0].polygon.covers(road)


def _evacuating() -> tuple[Scenario, Plan]:
    scenario, plan = one_truck()
    move = {"move": "E1", "place": "A", "group": "residents", "people": 80, "mode": "walk", "vehicle": "",
            "sequence": 0, "start_site": "", "start_ms": 0, "pickup_path": "", "notice_ms": 5 * MINUTE,
            "board_ms": 20 * MINUTE, "depart_ms": 20 * MINUTE, "shelter": "B", "path": "", "arrive_ms": 40 * MINUTE,
            "done_ms": 40 * MINUTE, "hazard_ms": 60 * MINUTE}  # fmt: skip
    return scenario, replace(plan, evacuations=tiny.frame(EVACUATION_COLUMNS, [move]))


def test_an_evacuated_place_has_an_alert_until_the_hazard_comes(tmp_path: Path) -> None:
    scenario, plan = _evacuating()
    write_exports(tmp_path, scenario, plan, None, lang="en", kinds=("cap",), status="Actual")
    alert = tmp_path / "alerts" / "evacuate-A.xml"
    xmlschema.XMLSchema(SCHEMA).validate(str(alert))
    root = ET.parse(alert).getroot()
    assert root.findtext("{*}status") == "Actual"
    assert [info.findtext("{*}responseType") for info in root.findall("{*}info")] == ["Evacuate", "Evacuate"]
    (footprint,), _ = read_footprints(alert, scenario.reference_time)
    assert (footprint.effect.start_s, footprint.effect.end_s, footprint.people_share) == (300.0, 3600.0, 1.0)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_leaders_page_gives_the_answer(lang: str, tmp_path: Path) -> None:
    scenario, plan = one_truck()
    write_exports(tmp_path, scenario, plan, None, lang=lang, kinds=("summary",), mark="内部资料")
    document = docx.Document(str(tmp_path / "summary.docx"))
    words = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "内部资料" in words
    assert "1:36" in words  # the last place's first batch is unloaded at minute 96
    figures = [cell.text for cell in document.tables[-1].rows[1].cells]
    assert figures[1:] == ["3 / 3", "300 / 300", "1:04", "1:36"]


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_leaders_page_is_one_page(lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With six missed places and a seventh that is only counted the map gives way (LibreOffice reads it)."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("needs LibreOffice")
    scenario, plan = one_truck(deadline_ms=60 * MINUTE)
    scenario = replace(scenario, statements=(("灾情为虚构。" * 15, "The disaster is fictional. " * 9),))
    findings = find(scenario, plan, None, lang)
    findings = replace(findings, places=pd.concat([findings.places] * 3, ignore_index=True))
    assert len(findings.missed) > 6
    write_figures(tmp_path, scenario, plan, None, lang=lang)
    page = write_leader_page(
        scenario, findings, tmp_path / "summary.docx", lang, map_picture=tmp_path / "map.png", mark="内部资料"
    )
    subprocess.run(
        [office, f"-env:UserInstallation={(tmp_path / 'office').as_uri()}", "--headless", "--convert-to", "pdf",
         "--outdir", str(tmp_path), str(page)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    printed = (tmp_path / "summary.pdf").read_bytes()
    assert len(re.findall(rb"/Type ?/Page\b(?!s)", printed)) == 1
    assert b"/Subtype/Image" in printed.replace(b" ", b"")


def test_equal_plans_give_equal_bytes(tmp_path: Path) -> None:
    scenario, plan = one_truck()
    for part in "ab":
        (tmp_path / part).mkdir()
        write_exports(
            tmp_path / part, scenario, plan, None, lang="zh", kinds=tuple(k for k in KINDS if k != "geopackage")
        )
    files = [sorted(path.relative_to(tmp_path / part) for path in (tmp_path / part).rglob("*.*")) for part in "ab"]
    assert files[0] == files[1]
    assert all((tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes() for name in files[0])
