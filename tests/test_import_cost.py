"""``import dispatch`` and ``dispatch --help`` load no solver, plotting or OSM library."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "geopandas", "highspy", "matplotlib", "networkx", "numba", "ortools", "osmium", "osmnx", "pandas", "pyarrow",
    "pyogrio", "pyproj", "scipy", "shapely", "simpy", "xlsxwriter", "openpyxl",
}  # fmt: skip


HELP = """
import sys
from contextlib import suppress
sys.argv = ["dispatch", "--help"]
from dispatch.cli import main
with suppress(SystemExit):
    main()
"""


@pytest.mark.parametrize("code", ["import dispatch", HELP], ids=["import", "help"])
def test_nothing_heavy_is_loaded(code):
    listed = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint('LOADED', *sorted(sys.modules))"],
        capture_output=True, text=True, check=True, encoding="utf-8",
    ).stdout  # fmt: skip
    loaded = {name.split(".")[0] for name in listed.rsplit("LOADED", 1)[1].split()}
    assert "dispatch" in loaded
    assert not loaded & HEAVY
