"""A coverage in words, as a workbook, a map and a GeoPackage."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from dispatch.county.county import County
from dispatch.documents.messages import text
from dispatch.documents.workbook import Column, Sheet, write_workbook
from dispatch.planning.coverage import Coverage
from dispatch.report.drawing import as_png, as_svg
from dispatch.report.geo_files import write_geopackage
from dispatch.report.layers import Layer
from dispatch.report.siting_figures import Dot, cover_map
from dispatch.report.siting_files import listed
from dispatch.report.stock_files import text_table
from dispatch.roads.network import RoadNetwork

__all__ = ["coverage_lines", "road_lines", "write_coverage", "write_fire_roads"]

_MOST = 60
_ROUND = 1e-6
"""What a bound on a whole number may be off by rounding."""


def coverage_lines(found: Coverage, lang: str) -> list[str]:
    """What is covered, with how many more points, and who stays outside."""
    targets = found.targets
    people = targets["people"].to_numpy(dtype=np.float64)
    now, after = targets["covered_now"].to_numpy(dtype=bool), targets["covered_after"].to_numpy(dtype=bool)
    chosen = found.points[found.points["chosen"].astype(bool)]
    limit = found.limit / 1000 if found.unit == "m" else found.limit
    unit = "km" if found.unit == "m" else text(lang, "coverage_min")
    lines = [text(lang, f"coverage_head_{_family(found.kind)}", kind=text(lang, f"coverage_{found.kind}"),
                  limit=f"{limit:g} {unit}")]  # fmt: skip
    for key, words in found.extra.items():
        said = {name: listed(value, lang) if isinstance(value, str) else value for name, value in words.items()}
        lines.append(text(lang, key, **said))
    if np.isfinite(found.limit):
        lines.append(
            text(
                lang,
                "coverage_share_land" if _family(found.kind) == "camera" else "coverage_share",
                now=int(now.sum()),
                after=int(after.sum()),
                count=len(targets),
                people_now=f"{people[now].sum() / people.sum():.1%}" if people.sum() else "0",
                people_after=f"{people[after].sum() / people.sum():.1%}" if people.sum() else "0",
            )
        )
    lines.append(_proof(found, len(chosen), lang))
    if len(chosen):
        lines.append(text(lang, "coverage_new", names=_names(chosen["name"], lang)))
    village = _family(found.kind) == "people"
    if village:
        before = list(targets.loc[~now, "name"])
        if before:
            lines.append(text(lang, "coverage_outside_now", count=len(before), names=_names(before, lang)))
        if found.outside:
            lines.append(text(lang, "coverage_outside_after", count=len(found.outside),
                              names=_names(found.outside, lang)))  # fmt: skip
        lines.append(text(lang, "coverage_pass" if now.all() else "coverage_fail"))
    return lines


def _proof(found: Coverage, new: int, lang: str) -> str:
    """How many points are added, and how far from the best possible that is proven to be."""
    layout, family = found.layout, _family(found.kind)
    if layout.status not in ("optimal", "feasible"):
        return text(lang, "coverage_no_answer", status=text(lang, f"siting_status_{layout.status}"))
    proven = layout.status == "optimal"
    words: dict[str, object] = {"count": new}
    if family == "people" and not new:
        return text(lang, "coverage_none_people")
    if family == "people":
        standing = round(layout.value) - new
        words["least"] = max(0, math.ceil(layout.bound - _ROUND) - standing)
        proven = proven or words["least"] == new
    elif family == "camera":
        words["more"] = max(0, math.floor(layout.bound + _ROUND) - round(layout.value))
        proven = proven or words["more"] == 0
    else:
        many = max(len(found.targets), 1)
        words |= {"value": f"{layout.value / many:.2f}", "least": f"{layout.bound / many:.2f}"}
    return text(lang, f"coverage_{'best' if proven else 'at_most'}_{family}", **words)


def _family(kind: str) -> str:
    if kind.startswith("camera"):
        return "camera"
    return "cycle" if kind in {"water_point", "helipad"} else "people"


def _names(names: Sequence[str] | pd.Series, lang: str) -> str:
    shown = [str(name) for name in names][:_MOST]
    joined = ("、" if lang == "zh" else ", ").join(shown)
    return joined if len(names) <= _MOST else text(lang, "siting_and_more", shown=joined, more=len(names) - _MOST)


def road_lines(table: pd.DataFrame, lang: str) -> list[str]:
    """Candidate fire roads, best first."""
    if table.empty:
        return [text(lang, "coverage_no_roads")]
    header = [text(lang, f"coverage_col_{name}") for name in table.columns]
    rows = [[row["fire_line"], row["name"], f"{row['length_km']:.2f}", str(row["cells_faster"]),
             f"{row['mean_saved_min']:.2f}", f"{row['cell_minutes']:,.0f}", f"{row['minutes_per_km']:,.1f}"]
            for row in table.to_dict("records")]  # fmt: skip
    return [text(lang, "coverage_roads_head"), *text_table(header, rows)]


def write_coverage(
    kind: str, found: Mapping[str, Coverage], county: County, network: RoadNetwork | None, out: Path, lang: str,
    created: datetime,
) -> list[Path]:  # fmt: skip
    """Write ``coverage_KIND.xlsx``, and per coverage a GeoPackage and (where roads are known) a map."""
    title = text(lang, "coverage_title", county=county.name_zh if lang == "zh" else county.name_en)
    sheets, paths = [], [out / f"coverage_{kind}.xlsx"]
    for name, one in found.items():
        notes = tuple(coverage_lines(one, lang))
        for part in ("targets", "points"):
            table = getattr(one, part).copy()
            for column in ("covered_now", "covered_after", "existing", "chosen"):
                if column in table:
                    table[column] = [text(lang, "common_yes" if flag else "common_no") for flag in table[column]]
            kinds: dict[str, Any] = {"people": "count", "now": "decimal", "after": "decimal", "target": "id"}
            columns = tuple(Column(c, text(lang, f"coverage_col_{c}"), kinds.get(c, "text")) for c in table.columns)
            sheet = f"{name}-{text(lang, f'coverage_sheet_{part}')}"[:31]
            sheets.append(Sheet(sheet, text(lang, f"coverage_{one.kind}"), columns, table,
                                notes if part == "targets" else ()))  # fmt: skip
        paths.append(write_geopackage(_layers(one), out / f"{name}.gpkg", {}))
        if network is not None:
            chart = _chart(one, network, lang)
            svg = out / f"{name}.svg"
            svg.write_text(as_svg(chart, text(lang, f"coverage_{one.kind}")), encoding="utf-8")
            paths.append(svg)
            if as_png(chart, out / f"{name}.png", lang):
                paths.append(out / f"{name}.png")
    write_workbook(paths[0], sheets, title=title, created=created)
    return paths


def _chart(one: Coverage, network: RoadNetwork, lang: str):  # type: ignore[no-untyped-def]
    """Map of the value after; bands fit the unit."""
    looks = [(row, "existing" if row["existing"] else "new") for row in one.points.to_dict("records")
             if row["chosen"] or row["existing"]]  # fmt: skip
    few = len([1 for _, look in looks if look == "new"]) <= 40
    dots = [Dot(look, row["name"].replace("（虚拟）", "") if look == "new" and few else "", row["lon"], row["lat"])
            for row, look in looks]  # fmt: skip
    value = one.targets["after"].to_numpy(dtype=np.float64) / (1000.0 if one.unit == "m" else 1.0)
    if one.unit == "m":
        bands: tuple[float, ...] = (0.5, 1.0, 2.0, 3.0, 5.0)
    elif one.kind.startswith("drone"):
        bands = (30, 60, 90, 120, 240)
    else:
        bands = (5, 10, 15, 30, 60)
    return cover_map(lang, network, one.targets["lon"].to_numpy(), one.targets["lat"].to_numpy(), value, dots, (),
                     bands, "km" if one.unit == "m" else "min",
                     "coverage_map_unseen" if one.kind.startswith("camera") else "siting_map_outside")  # fmt: skip


def _layers(one: Coverage) -> list[Layer]:
    targets, points = one.targets.copy(), one.points.copy()
    for table in (targets, points):
        for column in table.columns:
            if table[column].dtype == bool:
                table[column] = table[column].astype("int32")
    return [
        Layer("places", "Point", shapely.points(targets["lon"], targets["lat"]), targets.drop(columns=["lon", "lat"])),
        Layer("points", "Point", shapely.points(points["lon"], points["lat"]), points.drop(columns=["lon", "lat"])),
    ]


def write_fire_roads(table: pd.DataFrame, path: Path, lang: str, created: datetime) -> Path:
    """The ranking as a workbook."""
    columns = tuple(Column(c, text(lang, f"coverage_col_{c}"), "text" if c in {"fire_line", "name"} else "decimal")
                    for c in table.columns)  # fmt: skip
    title = text(lang, "coverage_fire_road")
    write_workbook(path, [Sheet(text(lang, "coverage_sheet_roads"), title, columns, table)], title=title,
                   created=created)  # fmt: skip
    return path
