"""What a hazard does, as it is printed, as JSON, and as tables and a GeoPackage."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from dispatch.county.county import County
from dispatch.county.names import place_label
from dispatch.documents.messages import text
from dispatch.hazards.fire_nights import FireNights
from dispatch.hazards.summary import HazardSummary
from dispatch.report.geo_files import write_geopackage
from dispatch.report.layers import Layer, edge_lines
from dispatch.report.stock_files import text_table
from dispatch.roads.network import RoadNetwork

__all__ = ["hazard_json", "hazard_lines", "write_burn_probability", "write_hazard"]

_MOST = 12
"""Rows of a table that is printed; the files have all."""
_TABLES = ("hours", "streets", "places", "streams", "silent", "outages", "ploughed", "nights", "chances", "reach",
           "breaks", "water")  # fmt: skip


def hazard_lines(found: HazardSummary, county: County, reference: datetime, vehicle: str, lang: str) -> list[str]:
    """Tables as they are printed: clock times, the first rows of long ones, places by their labels."""

    def label(row: Mapping[Hashable, Any]) -> str:
        return place_label(county, str(row["place"]), lang)

    lines = [text(lang, "hazard_foreseen" if found.foreseen else "hazard_unforeseen", vehicle=vehicle)]
    clock = _Clock(reference, lang)
    lines += _hour_lines(found, clock, lang)
    lines += _night_lines(found, clock, lang)
    chances = [[row["name"] or row["ref"] or row["edge"], _class(row["road_class"], lang), f"{row['km']:.1f}",
                f"{row['chance']:.0%}", clock(row["first_s"]), f"{row['closed_h']:.1f}"]
               for row in found.chances.to_dict("records")]  # fmt: skip
    lines += _part("chances", ("street", "class", "km", "chance", "usually_from", "mean_closed_h"), chances, lang)
    reach = [[label(row), _count(row["people"]), f"{row['chance']:.0%}", clock(row["arrival_s"])]
             for row in found.reach.to_dict("records")]  # fmt: skip
    lines += _part("reach", ("place", "people", "chance", "usually_from"), reach, lang)
    streets = [[row["name"] or row["ref"] or row["edge"], _class(row["road_class"], lang), f"{row['km']:.1f}",
                clock(row["closed_s"]), clock(row["open_s"]), f"{row['closed_h']:.1f}", _metres(row["deepest_m"])]
               for row in found.streets.to_dict("records")]  # fmt: skip
    lines += _part("streets", ("street", "class", "km", "shut", "open", "closed_h", "depth"), streets, lang)
    places = [[label(row), clock(row["arrival_s"]), _metres(row["peak_m"]), _minutes(row["lead_s"]),
               _count(row["people"]), "" if row["roads_stopped"] < 0 else str(int(row["roads_stopped"]))]
              for row in found.places.to_dict("records")]  # fmt: skip
    lines += _part("places", ("place", "arrival", "depth", "lead", "people", "roads"), places, lang)
    if len(found.places):
        lines.append(text(lang, "hazard_people", places=len(found.places),
                          people=_count(float(found.places["people"].sum()))))  # fmt: skip
    streams = [[f"{row['lon']:.3f}, {row['lat']:.3f}", f"{row['area_km2']:.1f}", f"{row['peak_m3_s']:,.0f}",
                _metres(row["peak_stage_m"]), clock(row["arrival_s"]), _minutes(row["lead_s"])]
               for row in found.streams.to_dict("records")]  # fmt: skip
    lines += _part("streams", ("at", "area", "flow", "stage", "arrival", "lead"), streams, lang)
    ploughed = [[str(row["order"]), row["name"] or row["ref"] or row["edge"], f"{row['lying_cm']:.0f}",
                 clock(row["done_s"]), str(int(row["team"]) + 1)]
                for row in found.ploughed.to_dict("records")]  # fmt: skip
    lines += _part("ploughed", ("order", "street", "lying", "done", "team"), ploughed, lang)
    strips = [[row["name"], text(lang, "common_yes" if row["planned"] else "common_no"), f"{row['width_m']:g}",
               f"{row['breach']:.0%}", f"{row['without_ha']:,.0f}", f"{row['with_ha']:,.0f}", f"{row['saved_ha']:,.0f}"]
              for row in found.breaks.to_dict("records")]  # fmt: skip
    lines += _part("breaks", ("strip", "planned", "width", "breach", "without", "with", "saved"), strips, lang)
    water = [[clock(row["time_s"]), f"{row['litres']:,}", f"{row['without_ha']:,.0f}", f"{row['with_ha']:,.0f}",
              f"{row['without_ha'] - row['with_ha']:,.0f}"] for row in found.water.to_dict("records")]  # fmt: skip
    lines += _part("water", ("by", "litres", "without", "with", "saved"), water, lang, most=30)
    cuts = [[label(row), text(lang, f"hazard_medium_{row['medium']}"), clock(row["start_s"]), clock(row["end_s"])]
            for row in found.outages.to_dict("records")]  # fmt: skip
    lines += _part("outages", ("place", "medium", "from", "to"), cuts, lang)
    mute = found.silent[found.silent["fallback"] == ""]
    silent = [[label(row), clock(row["from_s"]), clock(row["to_s"])] for row in mute.to_dict("records")]
    return lines + _part("silent", ("place", "from", "to"), silent, lang)


def hazard_json(found: HazardSummary, vehicle_class: str) -> dict[str, Any]:
    """All tables as lists of objects; what is not a finite number is null."""
    tables = {name: [{key: _plain(value) for key, value in row.items()}
                     for row in getattr(found, name).to_dict("records")] for name in _TABLES}  # fmt: skip
    return {"foreseen": found.foreseen, "vehicle_class": vehicle_class, **tables}


def write_hazard(found: HazardSummary, network: RoadNetwork, out: Path) -> list[Path]:
    """Write every table as CSV (UTF-8 with a mark for spreadsheets) and ``hazard.gpkg`` with what has a place."""
    paths = []
    for name in _TABLES:
        path = out / f"hazard_{name}.csv"
        getattr(found, name).replace(math.inf, math.nan).to_csv(path, index=False, encoding="utf-8-sig")
        paths.append(path)
    edges = np.array([network.edge_index[edge] for edge in found.streets["edge"]], dtype=np.int64)
    layers = [Layer("closures", "LineString", edge_lines(network, edges) if len(edges) else np.empty(0, dtype=object),
                    found.streets.replace(math.inf, math.nan))]  # fmt: skip
    streams = found.streams
    layers.append(Layer("streams", "Point", np.asarray(shapely.points(
        streams["lon"].to_numpy(dtype=np.float64), streams["lat"].to_numpy(dtype=np.float64))),
        streams.drop(columns=["lon", "lat"])))  # fmt: skip
    return [*paths, write_geopackage(layers, out / "hazard.gpkg", {})]


def write_burn_probability(fires: FireNights, out: Path) -> Path:
    """Write ``hazard_burnt.tif``: share of a scenario's fires that burn each cell (GeoTIFF, WGS 84; NaN: none)."""
    import rasterio
    from rasterio.transform import from_origin

    share = fires.burn_probability.astype(np.float32)
    grid, path = fires.grid, out / "hazard_burnt.tif"
    across, down = (grid.cell_m / metres for metres in grid.metres)
    rows, columns = grid.shape
    with rasterio.open(path, "w", driver="GTiff", width=columns, height=rows, count=1, dtype="float32",
                       crs="EPSG:4326", transform=from_origin(grid.west, grid.north, across, down), nodata=np.nan,
                       compress="deflate") as raster:  # fmt: skip
        raster.write(np.where(share > 0, share, np.nan).astype(np.float32), 1)
        raster.set_band_description(1, "burn_probability")
    return path


class _Clock:
    """Clock times of seconds from the reference instant; the day where it is another."""

    def __init__(self, reference: datetime, lang: str) -> None:
        self.reference, self.lang = reference, lang

    def __call__(self, seconds: float) -> str:
        if not math.isfinite(seconds):
            return text(self.lang, "hazard_no_end")
        # to the full minute, an arrival never later than it is
        at = self.reference + timedelta(seconds=60 * math.floor(seconds / 60))
        days = (at.date() - self.reference.date()).days
        return f"{at:%H:%M}" + (f" {days:+d}d" if days else "")


def _hour_lines(found: HazardSummary, clock: _Clock, lang: str) -> list[str]:
    """Hours in which anything changes: all classes together, and each that is shut."""
    hours, rows = found.hours, list[list[str]]()
    before: list[str] | None = None
    last = math.floor(found.until_s / 3600)
    for hour in range(int(hours["hour"].min()), last + 1) if len(hours) else ():
        of = hours[hours["hour"] == hour]
        shut = of[of["closed"] > 0]
        classes = ("、" if lang == "zh" else ", ").join(
            f"{_class(row['road_class'], lang)} {row['closed']}" for row in shut.to_dict("records")
        )
        row = [str(int(of["closed"].sum())), f"{of['closed_km'].sum():.1f}", str(int(of["slowed"].sum())),
               f"{of['slowed_km'].sum():.1f}", classes]  # fmt: skip
        if row != before:
            rows.append([clock(3600.0 * hour), *row])
        before = row
    return _part("hours", ("from", "closed", "closed_km", "slowed", "slowed_km", "by_class"), rows, lang, most=30)


def _night_lines(found: HazardSummary, clock: _Clock, lang: str) -> list[str]:
    """Hours at which the average or the ninth of ten nights changes."""
    rows: list[list[str]] = []
    before: list[str] | None = None
    for row in found.nights.to_dict("records"):
        shown = [f"{row['mean']:.1f}", f"{row['high']:.0f}"]
        if shown != before:
            rows.append([clock(3600.0 * row["hour"]), *shown])
        before = shown
    return _part("nights", ("from", "mean", "high"), rows, lang, most=30)


def _part(name: str, columns: tuple[str, ...], rows: list[list[str]], lang: str, most: int = _MOST) -> list[str]:
    """Heading and table, or that there is nothing."""
    if not rows:
        return []
    header = [text(lang, f"hazard_col_{column}") for column in columns]
    lines = ["", text(lang, f"hazard_head_{name}", count=len(rows)), *text_table(header, rows[:most])]
    return lines if len(rows) <= most else [*lines, text(lang, "hazard_more", count=len(rows) - most)]


def _class(road_class: str, lang: str) -> str:
    return text(lang, f"plan_road_{road_class}")


def _metres(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.1f}"


def _minutes(seconds: float) -> str:
    return "" if not math.isfinite(seconds) else f"{math.floor(seconds / 60):d}"


def _count(value: float) -> str:
    return "" if math.isnan(value) else f"{value:,.0f}"


def _plain(value: Any) -> Any:
    """A value that JSON has."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value
