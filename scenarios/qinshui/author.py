"""Make the synthetic county of Qinshui again: ``python -m scenarios.qinshui.author [FOLDER]``.

What is fact stands, with its source in every row, in ``authoring/facts``; the drawing in ``authoring/lines.toml``; the
rest is made here, from fixed seeds, to the same bytes every time. Nothing outside this folder is read.
"""

from __future__ import annotations

import sys
from pathlib import Path

from scenarios.qinshui.authoring.boundary import boundary_wkt
from scenarios.qinshui.authoring.command import headquarters, roles
from scenarios.qinshui.authoring.dangers import dams, hazard_points, risk_zones
from scenarios.qinshui.authoring.depots import depots, stock, suppliers
from scenarios.qinshui.authoring.facilities import facilities
from scenarios.qinshui.authoring.fire import fire_files
from scenarios.qinshui.authoring.flood import flood_files
from scenarios.qinshui.authoring.forces import aircraft, drones, teams, vehicles
from scenarios.qinshui.authoring.goods import first_batch, items
from scenarios.qinshui.authoring.layers import candidates, communications, fire_lines
from scenarios.qinshui.authoring.osm_xml import osm_xml
from scenarios.qinshui.authoring.places import places
from scenarios.qinshui.authoring.shelters import shelters
from scenarios.qinshui.authoring.sketch import Sketch, sketch
from scenarios.qinshui.authoring.tables import Rows, table_text
from scenarios.qinshui.authoring.tasks import task_files
from scenarios.qinshui.authoring.water import water_files

__all__ = ["files", "tables", "write"]

_HEAD = Path(__file__).parent / "authoring" / "county_head.toml"
_OUTLINE = '# Outline simplified by hand to about a kilometre: approximate, for checks only.\nboundary = "{}"\n'


def tables(county: Sketch) -> dict[str, Rows]:
    """Every table of the pack by its name in the schema."""
    return {
        "places": places(county), "depots": depots(county), "items": items(), "stock": stock(), "vehicles": vehicles(),
        "first_batch": first_batch(), "teams": teams(), "shelters": shelters(county), "facilities": facilities(county),
        "fire_lines": fire_lines(), "hazard_points": hazard_points(county), "risk_zones": risk_zones(county),
        "dams": dams(county), "communications": communications(county), "suppliers": suppliers(county),
        "aircraft": aircraft(), "drones": drones(), "candidates": candidates(county), "headquarters": headquarters(),
        "roles": roles(),
    }  # fmt: skip


def files() -> dict[str, str]:
    """Text of every generated file by name."""
    county = sketch()
    made = {"county.toml": _HEAD.read_text(encoding="utf-8") + _OUTLINE.format(boundary_wkt())}
    made |= {f"{name}.csv": table_text(name, rows) for name, rows in tables(county).items()}
    made["roads.osm"] = osm_xml(county.network)
    return made | flood_files(county) | fire_files(county) | task_files(county) | water_files()


def write(folder: Path) -> None:
    """Write every generated file into a folder."""
    for name, text in files().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
