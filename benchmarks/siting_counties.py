"""Layouts on whole counties: Qinshui (J22's ten points and the curve), Andorra and Lithgow on real roads, Jinzhong.

Jinzhong's 2,201 villages are real, their positions are not: drawn at random inside the real county boundaries, with
times of straight line × 1.4 at 35 km/h and people drawn from 50 to 2,000.
"""

from __future__ import annotations

import csv
import gzip
import json
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from benchmarks.harness import Options, Row, main
from dispatch.county.county import County
from dispatch.county.read import read_county
from dispatch.county.schema import SCHEMA
from dispatch.county.typed import empty_table
from dispatch.planning.siting import Wish, gain_curve
from dispatch.planning.siting_compare import compare_layouts
from dispatch.planning.siting_ground import CANDIDATE_COLUMNS, Ground, candidate_points, lay_ground
from dispatch.roads.measure import great_circle_m
from dispatch.roads.network import RoadNetwork
from dispatch.roads.profile_norms import read_profiles
from dispatch.roads.read import read_network
from dispatch.roads.settlements import county_from_osm
from models.siting import Layout, cover_curve, p_center, p_median

ROOT = Path(__file__).resolve().parents[1]
VEHICLE = "light_truck"


def rows(options: Options) -> Iterator[Row]:
    """All counties; Qinshui alone where the shared data are absent."""
    yield from _qinshui()
    data = options.bench.parent / "data"
    if (data / "roads_andorra").is_dir():
        yield from _andorra(data / "roads_andorra" / "andorra-20250118.osm.pbf")
    if (data / "evac_lithgow").is_dir() and not options.quick:
        yield from _lithgow(data / "evac_lithgow")
    if (data / "shanxi").is_dir():
        yield from _jinzhong(data / "shanxi", quick=options.quick)


def _ground(county: County, network: RoadNetwork, points: pd.DataFrame, clients: pd.DataFrame | None = None) -> Ground:
    return lay_ground(county, network, read_profiles()[VEHICLE], points, limit_m=2000, walk_kmh=3, clients=clients)


def _compared(case: str, base: Ground, points: int, within: float, note: str = "") -> Iterator[Row]:
    for objective in ("cover", "median", "center"):
        for robust in ("none", "bridges") if objective == "cover" else ("none",):
            began = time.perf_counter()
            found = compare_layouts(base, Wish(points, within, objective=objective), robust=robust)
            seconds = time.perf_counter() - began
            measured, layout = found.variants[-1].measures, found.variants[-1].layout
            if layout is None:
                continue
            value, unit, again = {
                "cover": (
                    layout.value,
                    "people",
                    measured.people_always if robust == "bridges" and found.cuts else measured.people_covered,
                ),
                "median": (layout.value / 60_000, "person-min", measured.mean_min * measured.people),
                "center": (layout.value / 60_000, "min", measured.worst_min),
            }[objective]
            name = f"{case}: {objective}{', any bridge lost' if robust == 'bridges' else ''}, p = {points}"
            yield Row(
                name,
                "objective",
                unit,
                value,
                gap=layout.gap,
                agrees=bool(np.isclose(value, again, rtol=1e-6)),
                note=f"{layout.status}; {len(base.clients)} × {len(base.candidates)}, {within:g} min {note}",
            )
            yield Row(name, "time", "s", seconds, note=f"with curve 0…{points} and all measures")


def _qinshui() -> Iterator[Row]:
    pack = ROOT / "scenarios" / "qinshui"
    county, network = read_county(pack)[0], read_network(pack / "roads.osm")
    base = _ground(county, network, candidate_points(county, villages=True))
    yield from _compared("Qinshui", base, 10, 15, "(roads schematic, positions synthetic)")
    began = time.perf_counter()
    curve = gain_curve(base, Wish(30, 15), 30)
    seconds = time.perf_counter() - began
    proven = all(layout.status == "optimal" for _, layout in curve)
    covered = [layout.value for _, layout in curve]
    yield Row(
        "Qinshui: curve p = 0…30",
        "time",
        "s",
        seconds,
        agrees=covered == sorted(covered) and proven,
        note="every point proven by itself; people: " + " ".join(f"{value:.0f}" for value in covered),
    )


def _andorra(file: Path) -> Iterator[Row]:
    county, _ = county_from_osm(file, code="AD", name_zh="安道尔", name_en="Andorra", zone="Europe/Andorra",
                                declare_depots=True)  # fmt: skip
    base = _ground(county, read_network(file), candidate_points(county, villages=True))
    yield from _compared("Andorra", base, 5, 15, "(roads of 2025, OpenStreetMap)")


def _lithgow(folder: Path) -> Iterator[Row]:
    network = read_network(folder / "lithgow_surrounds_network_epsg7855.xml.gz", crs="EPSG:7855")
    zones = json.loads(gzip.decompress((folder / "lithgow_surrounds_zones_epsg4326.geojson.gz").read_bytes()))
    shapes = np.array([shapely.geometry.shape(one["geometry"]) for one in zones["features"]])
    inside = shapely.point_on_surface(shapes)
    people = _people(folder / "lithgow_surrounds_population_epsg7855.xml.gz", shapes)
    names = [f"zone {k + 1}" for k in range(len(shapes))]
    clients = pd.DataFrame({"place": names, "name": names, "township": "", "people": people,
                            "lon": shapely.get_x(inside), "lat": shapely.get_y(inside)})  # fmt: skip
    points = clients.assign(candidate=names, cost=0.0, existing=False, forbidden=False)[list(CANDIDATE_COLUMNS)]
    county = County("AU", "利斯戈", "Lithgow", "Australia/Sydney", {name: empty_table(name) for name in SCHEMA})
    base = _ground(county, network, points, clients)
    yield from _compared("Lithgow", base, 5, 30, "(82 zones, 10,000 synthetic persons, no depots, no bridge tagged)")


def _people(file: Path, shapes: np.ndarray) -> np.ndarray:
    """Persons whose first activity lies in each zone."""
    import pyproj

    turn = pyproj.Transformer.from_crs("EPSG:7855", "EPSG:4326", always_xy=True)
    found = []
    with gzip.open(file) as stream:
        fresh = False
        for event, node in ET.iterparse(stream, events=("start", "end")):
            if event == "start" and node.tag == "person":
                fresh = True
            elif event == "start" and node.tag in {"activity", "act"} and fresh and "x" in node.attrib:
                found.append((float(node.attrib["x"]), float(node.attrib["y"])))
                fresh = False
            elif event == "end" and node.tag == "person":
                node.clear()
    x, y = np.array(found).T
    lon, lat = turn.transform(x, y)
    which = shapely.STRtree(shapes).query(shapely.points(lon, lat), predicate="within")[1]
    return np.bincount(which, minlength=len(shapes)).astype(np.float64)


def _jinzhong(folder: Path, *, quick: bool) -> Iterator[Row]:
    boundaries = json.loads((folder / "county_boundaries.geojson").read_text(encoding="utf-8"))["features"]
    with (folder / "villages.csv").open(encoding="utf-8", newline="") as file:
        villages = [row for row in csv.DictReader(file) if row["county_code"].startswith("1407")]
    random = np.random.default_rng(1407)
    point, owner = np.zeros((len(villages), 2)), np.array([row["county_code"] for row in villages])
    for code in dict.fromkeys(owner.tolist()):
        shape = shapely.union_all(
            [
                shapely.geometry.shape(one["geometry"])
                for one in boundaries
                if code in {str(value) for value in one["properties"].values()}
                or f"156{code}" in {str(value) for value in one["properties"].values()}
            ]
        )
        mine = np.flatnonzero(owner == code)
        point[mine] = _inside(shape, len(mine), random)
    people = random.integers(50, 2000, len(villages)).astype(np.float64)
    towns = [row["township_code"] for row in villages]
    seats = np.array([towns.index(town) for town in dict.fromkeys(towns)])
    straight = great_circle_m(point[:, 0][:, None], point[:, 1][:, None], point[seats, 0][None], point[seats, 1][None])
    minutes = straight * 1.4 / 35_000 * 60
    case = f"Jinzhong {len(villages)} × {len(seats)}"
    note = "positions, people and times synthetic"
    tasks: dict[str, Callable[[], Layout]] = {
        "median, p = 11": lambda: p_median(minutes, 11, people, seconds=120),
        "median, p = 30": lambda: p_median(minutes, 30, people, seconds=120),
        "center, p = 11": lambda: p_center(minutes, 11, seconds=120),
    }
    for name, solve in tasks.items():
        began = time.perf_counter()
        layout = solve()
        seconds = time.perf_counter() - began
        near = minutes[:, layout.sites].min(axis=1)
        again = float(people @ near) if "median" in name else float(near.max())
        yield Row(
            f"{case}: {name}",
            "objective",
            "people·min" if "median" in name else "min",
            layout.value,
            gap=layout.gap,
            agrees=bool(np.isclose(again, layout.value)),
            note=f"{layout.status}; {note}",
        )
        yield Row(f"{case}: {name}", "time", "s", seconds)
    most = 10 if quick else 30
    began = time.perf_counter()
    curve = cover_curve(minutes <= 30, range(1, most + 1), people, seconds=60)
    seconds = time.perf_counter() - began
    worst = max(layout.gap for layout in curve)
    yield Row(
        f"{case}: cover curve p = 1…{most}, 30 min",
        "time",
        "s",
        seconds,
        gap=worst,
        agrees=bool(np.isclose(people[(minutes[:, curve[9].sites] <= 30).any(axis=1)].sum(), curve[9].value)),
        note=f"{sum(layout.status == 'optimal' for layout in curve)} of {most} proven; largest gap given; {note}",
    )


def _inside(shape: Any, count: int, random: np.random.Generator) -> np.ndarray:
    west, south, east, north = shape.bounds
    kept = np.empty((0, 2))
    while len(kept) < count:
        drawn = np.column_stack([random.uniform(west, east, 4 * count), random.uniform(south, north, 4 * count)])
        kept = np.concatenate([kept, drawn[shapely.contains_xy(shape, drawn[:, 0], drawn[:, 1])]])
    return kept[:count]


if __name__ == "__main__":
    main("siting on whole counties", rows)
