"""Downloading, against a server of the test's own that answers like Nominatim and Overpass; and without internet."""

from __future__ import annotations

import json
import threading
import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from dispatch.problems import InputProblems
from dispatch.roads.download import download_roads
from dispatch.roads.osm import OSM_ATTRIBUTION
from dispatch.roads.read import read_network
from tests.roads.osm_text import assert_same, grid
from tests.roads.test_overpass import answer

BOX = (111.9, 35.6, 112.1, 35.8)
_PLACE = [{"place_id": 1, "osm_type": "relation", "osm_id": 1, "lat": "35.7", "lon": "112.0", "class": "boundary",
           "type": "administrative", "importance": 0.5, "name": "沁水县", "display_name": "沁水县, 山西省",
           "addresstype": "county", "place_rank": 12, "boundingbox": ["35.6", "35.8", "111.9", "112.1"],
           "geojson": {"type": "Polygon", "coordinates": [[[111.9, 35.6], [112.1, 35.6], [112.1, 35.8], [111.9, 35.8],
                                                           [111.9, 35.6]]]}}]  # fmt: skip


class Server:
    """What it answers next, and the queries it got."""

    def __init__(self) -> None:
        self.status, self.body, self.place = 200, json.dumps(answer()), json.dumps(_PLACE)
        self.queries: list[str] = []


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    import osmnx

    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def _send(self, status: int, body: str) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def do_POST(self) -> None:
            form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            state.queries.append(form["data"][0])
            self._send(state.status, state.body)

        def do_GET(self) -> None:
            state.queries.append(urllib.parse.unquote_plus(self.path))
            self._send(200, state.place)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{listener.server_port}"
    monkeypatch.setattr(osmnx.settings, "overpass_url", address)
    monkeypatch.setattr(osmnx.settings, "nominatim_url", address)
    monkeypatch.setenv("RELIEF_DISPATCH_CACHE", str(tmp_path / "cache"))
    yield state
    listener.shutdown()
    listener.server_close()


def test_a_box_becomes_a_file_that_reads(server: Server, tmp_path: Path) -> None:
    """As XML and as JSON the same network, with its restriction, ford and directions; it is OpenStreetMap's."""
    out = download_roads(tmp_path / "roads.osm", bbox=BOX)
    network = read_network(out, cache=False)
    assert network.attribution == OSM_ATTRIBUTION
    assert not network.schematic
    assert len(network.banned_turns) == 1
    assert network.ford.any()
    other = read_network(download_roads(tmp_path / "roads.json", bbox=BOX), cache=False)
    (tmp_path / "roads").write_bytes(out.read_bytes())
    (tmp_path / "again").mkdir()
    named = tmp_path / "again" / "roads.json"
    named.write_bytes(out.read_bytes())
    assert_same(read_network(named, cache=False), other)
    assert "(35.600000,111.900000,35.800000,112.100000)" in server.queries[0]  # Overpass wants south first
    assert "restriction" in server.queries[0]


def test_the_answer_is_kept(server: Server, tmp_path: Path) -> None:
    """The same question is asked once, unless a fresh answer is wanted."""
    download_roads(tmp_path / "a.osm", bbox=BOX)
    download_roads(tmp_path / "b.osm", bbox=BOX)
    assert len(server.queries) == 1
    assert (tmp_path / "a.osm").read_bytes() == (tmp_path / "b.osm").read_bytes()
    download_roads(tmp_path / "b.osm", bbox=BOX, fresh=True)
    assert len(server.queries) == 2


def test_a_place_by_name(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its bounding box is asked for; nothing is left in the working folder."""
    monkeypatch.chdir(tmp_path)
    download_roads(tmp_path / "roads.osm", place="沁水县, 山西")
    assert "沁水县" in server.queries[0]
    assert "(35.600000,111.900000,35.800000,112.100000)" in server.queries[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "roads.osm"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"status": 500, "body": "out of order"}, "roads_download_server"),
        ({"body": "<html>busy</html>"}, "roads_download_server"),
        ({"body": "[1, 2]"}, "roads_download_server"),
        ({"body": json.dumps(answer(remark="runtime error: out of memory"))}, "roads_overpass_remark"),
        ({"body": json.dumps({"elements": []})}, "roads_osm_no_road"),
        ({"place": "[]"}, "roads_download_place"),
    ],
)
def test_servers_fail_in_many_ways(server: Server, tmp_path: Path, change: dict[str, Any], code: str) -> None:
    """Each is reported, and no file is left that could pass for roads."""
    for name, value in change.items():
        setattr(server, name, value)
    wanted: dict[str, Any] = {"place": "沁水县"} if "place" in change else {"bbox": BOX}
    with pytest.raises(InputProblems) as found:
        download_roads(tmp_path / "roads.osm", **wanted)
    assert found.value.problems[0].code == code
    assert not list(tmp_path.glob("roads*"))


def test_without_internet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A port where nobody listens: the report says what to do instead."""
    import osmnx

    monkeypatch.setenv("RELIEF_DISPATCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(osmnx.settings, "overpass_url", "http://127.0.0.1:9")
    monkeypatch.setattr(osmnx.settings, "nominatim_url", "http://127.0.0.1:9")
    for wanted in ({"bbox": BOX}, {"place": "沁水县"}):
        with pytest.raises(InputProblems) as found:
            download_roads(tmp_path / "roads.osm", **wanted)  # type: ignore[arg-type]
        (problem,) = found.value.problems
        assert problem.code == "roads_download_offline"
        assert ".osm.pbf" in problem.expected


def test_what_cannot_be_asked(tmp_path: Path) -> None:
    for box in ((112.1, 35.6, 111.9, 35.8), (111.9, 35.8, 112.1, 35.6), (111.9, 35.6, 112.1, 95.0)):
        with pytest.raises(InputProblems):
            download_roads(tmp_path / "roads.osm", bbox=box)
    with pytest.raises(InputProblems):
        download_roads(tmp_path / "roads.shp", bbox=BOX)
    with pytest.raises(ValueError, match="either"):
        download_roads(tmp_path / "roads.osm")
    assert grid(n1=(0, 0))[1] == (112.0, 35.7)  # the roads of the server's answer lie in the box asked for
