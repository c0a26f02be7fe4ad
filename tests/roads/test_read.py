"""Which reader a file gets, and the cache: same network from disk, rebuilt whenever it could be wrong."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.documents.messages import LANGUAGES, text
from dispatch.problems import InputProblems
from dispatch.roads import network_cache
from dispatch.roads.network_cache import cache_folder
from dispatch.roads.read import kind_of, read_network
from tests.roads.osm_text import assert_same, grid, osm, write
from tests.shared import shared_path

NODES = grid(n1=(0, 0), n2=(1, 0), n3=(2, 0))
TEXT = osm(NODES, [(10, [1, 2], {"highway": "primary", "name": "沁河大道"}), (11, [2, 3], {"highway": "track"})],
           [("no_right_turn", 10, 2, 11)])  # fmt: skip


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    monkeypatch.setenv("RELIEF_DISPATCH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.npz"))


def test_the_second_reading_comes_from_disk(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal to the bit; and no reader runs."""
    path = write(tmp_path, TEXT)
    first = read_network(path)
    assert len(_entries(folder)) == 1
    monkeypatch.setattr("dispatch.roads.read._read", lambda *_: pytest.fail("read again"))
    assert_same(read_network(path), first)


def test_a_real_network_from_disk_is_the_same(folder: Path) -> None:
    path = shared_path("data/roads_andorra/andorra-20130528.osm.pbf")
    first = read_network(path)
    assert_same(read_network(path), first)
    assert_same(read_network(path, cache=False), first)
    assert len(_entries(folder)) == 1


def test_content_decides_not_the_name(tmp_path: Path, folder: Path) -> None:
    """A copy under another name hits the cache but says its own name; a changed file is read anew."""
    path = write(tmp_path, TEXT)
    read_network(path)
    copy = Path(shutil.copy(path, tmp_path / "copy.osm"))
    assert read_network(copy).source == "copy.osm"
    assert len(_entries(folder)) == 1
    write(tmp_path, TEXT.replace("primary", "secondary"))
    assert read_network(path).road_class.tolist() != read_network(copy).road_class.tolist()
    assert len(_entries(folder)) == 2


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "words", "foreign"])
def test_a_corrupt_entry_is_rebuilt_silently(tmp_path: Path, folder: Path, damage: str) -> None:
    path = write(tmp_path, TEXT)
    first = read_network(path)
    (entry,) = _entries(folder)
    content = entry.read_bytes()
    middle = len(content) // 2
    entry.write_bytes({
        "empty": b"",
        "cut": content[:-50],
        "flipped": content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :],
        "words": b"this is not a cache entry",
        "foreign": _foreign(),
    }[damage])  # fmt: skip
    assert_same(read_network(path), first)
    assert entry.read_bytes() == content or damage == "flipped"
    assert_same(read_network(path), first)


def _foreign() -> bytes:
    """Another library's file in the same format."""
    import io

    import numpy as np

    stream = io.BytesIO()
    np.savez(stream, weights=np.arange(3))
    return stream.getvalue()


def test_a_new_reader_version_reads_anew(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, TEXT)
    read_network(path)
    monkeypatch.setattr(network_cache, "READER_VERSION", network_cache.READER_VERSION + 1)
    read_network(path)
    assert len(_entries(folder)) == 2


def test_options_of_reading_are_part_of_the_key(tmp_path: Path, folder: Path) -> None:
    """The same layer under another column map is another network; the key does not depend on the process."""
    import geopandas
    from shapely import LineString

    path = tmp_path / "roads.gpkg"
    shapes = [LineString([NODES[1], NODES[2]])]
    geopandas.GeoDataFrame({"a": ["primary"], "b": ["track"]}, geometry=shapes, crs=4326).to_file(path)
    one, other = read_network(path, columns={"class": "a"}), read_network(path, columns={"class": "b"})
    assert one.road_class.tolist() != other.road_class.tolist()
    script = f"from dispatch.roads.read import read_network; read_network({str(path)!r}, columns={{'class': 'a'}})"
    for seed in ("1", "2"):
        environment = {"RELIEF_DISPATCH_CACHE": str(folder), "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", script], check=True, env=environment)
    assert len(_entries(folder)) == 2


def test_a_cache_that_cannot_be_written_does_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the folder should be")
    monkeypatch.setenv("RELIEF_DISPATCH_CACHE", str(blocked))
    assert read_network(write(tmp_path, TEXT)).graph.m == 4


def test_where_the_cache_lies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("RELIEF_DISPATCH_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    assert cache_folder() == tmp_path / "relief-dispatch"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "Local"))
    assert cache_folder() == tmp_path / "Local" / "relief-dispatch" / "Cache"


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a", b'<?xml version="1.0"?>\n<!-- export --><osm version="0.6">', "osm"),
        ("a.xml", b"\xef\xbb\xbf<osm/>", "osm"),
        ("a.pbf", b"anything", "osm"),
        ("a.bin", b"\x00\x00\x00\x0d\n\tOSMHeader", "osm"),
        ("a.xml", b'<?xml version="1.0"?><!DOCTYPE network SYSTEM "x.dtd"><network name="x">', "matsim"),
        ("a.graphml", b"<?xml version='1.0'?><graphml xmlns='x'>", "graphml"),
        ("a.json", b' {"version": 0.6, "generator": "Overpass API", "elements": [', "overpass"),
        ("a.json", b'{"type": "FeatureCollection", "elements": 3, "features": [', "layer"),
        ("a.geojson", b'{ "features": [], "type" : "FeatureCollection" }', "layer"),
        ("a.gpkg", b"SQLite format 3\x00", "layer"),
    ],
)
def test_kinds(tmp_path: Path, name: str, content: bytes, kind: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert kind_of(tmp_path / name) == kind


@pytest.mark.parametrize(("name", "content"), [("a.txt", b"roads"), ("a.xlsx", b"PK\x03\x04"), ("a.osm", b"  \n ")])
def test_no_known_kind(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputProblems):
        read_network(tmp_path / name)
    for missing in (tmp_path, tmp_path / "nothing.osm"):
        with pytest.raises(InputProblems):
            read_network(missing)


def test_options_that_would_do_nothing_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, TEXT)
    for options in ({"crs": "EPSG:4490"}, {"columns": {"class": "highway"}}):
        with pytest.raises(InputProblems):
            read_network(path, **options)  # type: ignore[arg-type]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([".osm", ".osm.pbf", ".osm.gz", ".json", ".geojson", ".graphml", ".xml", ".xml.gz", ".gpkg", ""]),
    st.one_of(
        st.binary(max_size=200),
        st.integers(0, len(TEXT)).map(lambda n: TEXT[:n].encode()),
        st.tuples(st.integers(0, len(TEXT)), st.text(max_size=4)).map(
            lambda edit: (TEXT[: edit[0]] + edit[1] + TEXT[edit[0] + len(edit[1]) :]).encode("utf-8", "surrogatepass")),
    ),
)  # fmt: skip
def test_whatever_the_file_holds_there_is_a_network_or_a_report(tmp_path: Path, suffix: str, content: bytes) -> None:
    """Random bytes, cut files and files with a few letters changed: never a traceback."""
    path = tmp_path / f"fuzz{suffix}"
    path.write_bytes(content)
    try:
        network = read_network(path, cache=False)
    except InputProblems as found:
        for problem in found.problems:
            assert problem.file == path.name
            assert {problem.expected} == {text("en", problem.code, **dict(problem.detail))}
            assert all(text(lang, problem.code, **dict(problem.detail)) for lang in LANGUAGES)
    else:
        assert network.graph.m > 0


def test_reading_loads_no_plotting_or_osmnx() -> None:
    """pyosmium alone reads a PBF; OSMnx takes seconds to load."""
    path = shared_path("data/roads_andorra/andorra-20130528.osm.pbf")
    heavy = "{'osmnx', 'geopandas', 'matplotlib', 'networkx', 'ortools', 'pyogrio'}"
    script = (f"import sys; from dispatch.roads.read import read_network; read_network({str(path)!r}, cache=False); "
              f"assert not {heavy} & set(sys.modules), sorted({heavy} & set(sys.modules))")  # fmt: skip
    subprocess.run([sys.executable, "-c", script], check=True)


def test_every_message_is_in_the_catalogue() -> None:
    """Keys as the code writes them; those built from a word are named here."""
    folder = Path(network_cache.__file__).parent
    keys = {key for file in folder.glob("*.py") for key in re.findall(r'"(roads_[a-z_]+)"', file.read_text())}
    keys |= {f"roads_columns_{word}" for word in ("class", "oneway", "surface")}
    keys = {key for key in keys if not key.startswith("roads_known_")}
    assert len(keys) > 30
    for key in keys:
        for lang in LANGUAGES:
            assert text(lang, key, **dict.fromkeys(("there",), "…"))
