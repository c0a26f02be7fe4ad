"""A siting comparison as files: workbook, GeoPackage, figures, and the numbers for machines."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from dispatch.documents.messages import text
from dispatch.documents.workbook import Column, Sheet, write_workbook
from dispatch.planning.siting_compare import Comparison
from dispatch.planning.siting_measure import MINUTES
from dispatch.report.drawing import Chart, as_png, as_svg
from dispatch.report.geo_files import write_geopackage
from dispatch.report.layers import Layer
from dispatch.report.siting_figures import Dot, cover_map, curve_chart, reach_chart

__all__ = ["charts", "comparison_rows", "gap_text", "write_siting_files"]


def comparison_rows(found: Comparison, lang: str) -> tuple[tuple[str, ...], list[list[str]]]:
    """Header and rows of the side-by-side table, as a person reads it."""
    say = _say(lang)
    measured = [one.measures for one in found.variants]
    header = (say("siting_row_measure"), *(say(f"siting_{one.key}") for one in found.variants))

    def line(key: str, values: list[str], **words: object) -> list[str]:
        return [say(key, **words), *values]

    def heads(value: float, total: float) -> str:
        return f"{value:,.0f} ({value / total:.1%})" if total else "0"

    rows = [
        line("siting_row_points", [f"{len(m.sites)}" for m in measured]),
        *(line("siting_row_within", [heads(m.people_within[limit], m.people) for m in measured], minutes=limit)
          for limit in MINUTES if limit != found.wish.within_min),
    ]  # fmt: skip
    rows.insert(1, line("siting_row_asked", [heads(m.people_covered, m.people) for m in measured],
                        minutes=f"{found.wish.within_min:g}"))  # fmt: skip
    rows += [
        line("siting_row_worst", [f"{m.worst_min:.1f} ({m.worst_place})" for m in measured]),
        line("siting_row_mean", [f"{m.mean_min:.2f}" for m in measured]),
        line("siting_row_townships", [f"{m.townships_with_point} / {m.townships}" for m in measured]),
        line("siting_row_unreached", [f"{len(m.not_reached)}" for m in measured]),
        line("siting_row_cost", [f"{m.cost / 10_000:,.1f}" for m in measured]),
    ]
    if found.cuts:
        rows += [
            line("siting_row_always", [heads(m.people_always, m.people) for m in measured]),
            line("siting_row_bridges", [f"{int((m.bridges['places_cut_off'] > 0).sum())}" for m in measured]),
            line("siting_row_cut_off", [f"{m.share_cut_off_somewhere:.1%}" for m in measured]),
        ]
    return header, rows


def gap_text(found: Comparison, lang: str) -> str:
    """Value, bound, gap and status of the optimal layout in one line."""
    layout = found.variants[-1].layout
    if layout is None or not len(layout.sites):
        return text(lang, "siting_no_layout")
    unit = {"cover": 1.0, "median": 60_000.0 * max(float(found.ground.people.sum()), 1.0), "center": 60_000.0}
    per = unit[found.wish.objective]
    digits = 0 if found.wish.objective == "cover" else 2
    return text(lang, "siting_proof", objective=text(lang, f"siting_objective_{found.wish.objective}_{found.robust}"),
                value=f"{layout.value / per:,.{digits}f}", bound=f"{layout.bound / per:,.{digits}f}",
                gap=f"{layout.gap:.2%}",
                status=text(lang, f"siting_status_{layout.status}"))  # fmt: skip


def charts(found: Comparison, lang: str) -> dict[str, Chart]:
    """Figures by name: ``curve``, ``reach`` and one map per layout."""
    ground = found.ground
    made: dict[str, Chart] = {
        "curve": curve_chart(lang, found.curve, found.wish.objective),
        "reach": reach_chart(lang, [(v.key, v.measures.people_within, v.measures.people) for v in found.variants]),
    }
    statements: list[str] = []
    if synthetic(ground.candidates, ground):
        statements.append(text(lang, "siting_synthetic_short"))
    for variant in found.variants:
        made[f"map_{variant.key}"] = cover_map(
            lang, ground.network, ground.clients["lon"].to_numpy(), ground.clients["lat"].to_numpy(),
            variant.measures.places["minutes"].to_numpy(), _dots(found, variant.key), statements,
        )  # fmt: skip
    return made


def listed(names: str, lang: str) -> str:
    """Names that a table joins by 、 as a reader of the language has them."""
    return names if lang == "zh" else names.replace("、", ", ")


def synthetic(points: pd.DataFrame, ground: Any) -> bool:
    """Whether any depot, candidate or place of the pack says that it is synthetic."""
    tables = [ground.county.table(name) for name in ("places", "depots", "candidates")]
    return any(table["source"].str.contains("synthetic").any() for table in tables if len(table)) or bool(
        points["name"].str.contains("虚拟").any()
    )


def _dots(found: Comparison, key: str) -> list[Dot]:
    variant = found.variant(key)
    assert variant is not None
    opened = set(variant.measures.sites.tolist())
    dots = []
    for j, row in enumerate(found.ground.candidates.to_dict("records")):
        if row["existing"] and j in opened:
            look = "existing"
        elif j in opened:
            look = "proposed" if key == "proposed" else "new"
        elif key == "now" and not row["existing"] and len(found.ground.candidates) <= 80:
            look = "candidate"
        else:
            continue
        name = str(row["name"]).replace("（虚拟）", "").replace("储备点候选点", "")
        name = name.removesuffix(" " + text("en", "report_kind_candidate_depot"))
        dots.append(Dot(look, name if look in {"new", "proposed"} else "", row["lon"], row["lat"]))
    return dots


def write_siting_files(found: Comparison, out: Path, lang: str, created: datetime, title: str) -> list[Path]:
    """Write ``layout.xlsx``, ``layout.gpkg``, ``layout.json`` and the figures as SVG and PNG."""
    paths = [out / "layout.xlsx", out / "layout.gpkg", out / "layout.json"]
    write_workbook(paths[0], _sheets(found, lang, title), title=title, created=created)
    write_geopackage(_layers(found, lang), paths[1], {"places": tuple(text(lang, f"siting_verdict_{k}") for k in
                                                                     ("covered", "beyond", "unreached"))})  # fmt: skip
    paths[2].write_text(json.dumps(_numbers(found), ensure_ascii=False, indent=1, allow_nan=False) + "\n",
                        encoding="utf-8")  # fmt: skip
    for name, chart in charts(found, lang).items():
        svg = out / f"{name}.svg"
        svg.write_text(as_svg(chart, text(lang, f"siting_figure_{name}")), encoding="utf-8")
        paths.append(svg)
        if as_png(chart, out / f"{name}.png", lang):
            paths.append(out / f"{name}.png")
    return paths


def _sheets(found: Comparison, lang: str, title: str) -> list[Sheet]:
    say = _say(lang)
    header, rows = comparison_rows(found, lang)
    columns = tuple(Column(f"c{k}", word) for k, word in enumerate(header))
    side = pd.DataFrame([dict(zip([c.name for c in columns], row, strict=True)) for row in rows])
    sheets = [Sheet(say("siting_sheet_compare"), title, columns, side, (gap_text(found, lang),))]
    curve = found.curve.copy()
    curve["status"] = [say(f"siting_status_{one}") for one in curve["status"]]
    curve["added"] = [listed(names, lang) for names in curve["added"]]
    kinds: dict[str, Any] = {"points": "exact", "open": "exact", "people_covered": "count", "share": "share",
                             "gain": "count", "mean_min": "decimal", "mean_gain_min": "decimal", "worst_min": "decimal",
                             "cost": "count", "value": "decimal", "bound": "decimal", "gap": "share"}  # fmt: skip
    sheets.append(Sheet(say("siting_sheet_curve"), say("siting_sheet_curve"), _columns(lang, curve, kinds), curve,
                        (say("siting_curve_note"),)))  # fmt: skip
    for variant in found.variants:
        opened = found.ground.candidates.iloc[variant.measures.sites][
            ["candidate", "name", "place", "lon", "lat", "cost", "existing"]
        ].copy()
        opened["existing"] = [say("common_yes" if flag else "common_no") for flag in opened["existing"]]
        word = say(f"siting_{variant.key}")
        sheets.append(
            Sheet(
                f"{word}-{say('siting_sheet_points')}",
                f"{word}：{say('siting_sheet_points')}",
                _columns(lang, opened, {"cost": "count", "candidate": "id", "place": "id"}),
                opened,
            )
        )
        places = variant.measures.places.copy()
        places["covered"] = [say("common_yes" if flag else "common_no") for flag in places["covered"]]
        sheets.append(Sheet(f"{word}-{say('siting_sheet_places')}", f"{word}：{say('siting_sheet_places')}",
                            _columns(lang, places, {"people": "count", "minutes": "decimal", "place": "id",
                                                    "township": "id"}), places))  # fmt: skip
        towns = variant.measures.by_township.copy()
        towns["has_point"] = [say("common_yes" if flag else "common_no") for flag in towns["has_point"]]
        sheets.append(Sheet(f"{word}-{say('siting_sheet_townships')}", f"{word}：{say('siting_sheet_townships')}",
                            _columns(lang, towns, {"people": "count", "people_within": "count", "share_within": "share",
                                                   "worst_min": "decimal", "township": "id"}), towns))  # fmt: skip
        if found.cuts:
            bridges = variant.measures.bridges.copy()
            bridges["names"] = [listed(names, lang) for names in bridges["names"]]
            sheets.append(Sheet(f"{word}-{say('siting_sheet_bridges')}", f"{word}：{say('siting_sheet_bridges')}",
                                _columns(lang, bridges, {"people_cut_off": "count", "people_late": "count",
                                                         "longest_min": "decimal"}), bridges))  # fmt: skip
    return sheets


def _columns(lang: str, table: pd.DataFrame, kinds: dict[str, Any]) -> tuple[Column, ...]:
    return tuple(Column(name, text(lang, f"siting_col_{name}"), kinds.get(name, "text")) for name in table.columns)


def _layers(found: Comparison, lang: str) -> list[Layer]:
    ground = found.ground
    optimal = found.variants[-1].measures.places
    places = pd.DataFrame({
        "place": optimal["place"], "name": optimal["name"], "people": optimal["people"],
        **{f"minutes_{one.key}": one.measures.places["minutes"] for one in found.variants},
        "from_point": optimal["from_point"],
        "verdict": [text(lang, "siting_verdict_covered") if minutes <= found.wish.within_min
                    else text(lang, "siting_verdict_unreached" if math.isnan(minutes) else "siting_verdict_beyond")
                    for minutes in optimal["minutes"]],
    })  # fmt: skip
    points = ground.candidates[["candidate", "name", "cost", "existing", "forbidden"]].copy()
    for column in ("existing", "forbidden"):
        points[column] = points[column].astype("int32")
    for one in found.variants:
        points[f"open_{one.key}"] = np.isin(np.arange(len(points)), one.measures.sites).astype("int32")
    layers = [
        Layer("places", "Point", shapely.points(ground.clients["lon"], ground.clients["lat"]), places),
        Layer("points", "Point", shapely.points(ground.candidates["lon"], ground.candidates["lat"]), points),
    ]
    bridges = found.variants[0].measures.bridges
    if len(bridges):
        layers.append(Layer("bridges", "Point", shapely.points(bridges["lon"].astype(float),
                                                              bridges["lat"].astype(float)),
                            bridges.drop(columns=["lon", "lat"])))  # fmt: skip
    return layers


def _numbers(found: Comparison) -> dict[str, Any]:
    """Everything that a program may want, without rounding."""

    def value(number: float) -> float | None:
        return float(number) if math.isfinite(number) else None

    variants = {}
    for one in found.variants:
        m = one.measures
        variants[one.key] = {
            "points": [str(found.ground.candidates["candidate"].iloc[int(j)]) for j in m.sites],
            "people_within": {str(limit): m.people_within[limit] for limit in MINUTES},
            "people_covered": m.people_covered, "worst_place": m.worst_place, "worst_min": value(m.worst_min),
            "mean_min": value(m.mean_min), "not_reached": list(m.not_reached), "cost": m.cost,
            "townships_with_point": m.townships_with_point, "townships": m.townships,
            "people_always": value(m.people_always), "share_cut_off_somewhere": value(m.share_cut_off_somewhere),
        }  # fmt: skip
        if one.layout is not None:
            variants[one.key] |= {"value": value(one.layout.value), "bound": value(one.layout.bound),
                                  "gap": value(one.layout.gap), "status": one.layout.status}  # fmt: skip
    return {
        "objective": found.wish.objective, "within_min": found.wish.within_min, "points": found.wish.points,
        "existing": found.wish.existing, "robust": found.robust, "vehicle_class": found.ground.vehicle_class,
        "people": float(found.ground.people.sum()), "places": len(found.ground.clients), "variants": variants,
        "curve": [{key: value(cell) if isinstance(cell, float) else cell for key, cell in row.items()}
                  for row in found.curve.to_dict("records")],
        "no_candidate_within": [str(found.ground.clients["name"].iloc[int(i)]) for i in found.fewest.unreached],
        "no_road_from_any_candidate": list(found.never), "fewest_points_for_all": value(found.fewest.value),
    }  # fmt: skip


def _say(lang: str):  # type: ignore[no-untyped-def]
    def say(key: str, **values: object) -> str:
        return text(lang, key, **values)

    return say


def sequence_text(names: Sequence[str], lang: str, most: int = 40) -> str:
    """Names in a row, cut with a word on how many more."""
    shown = ("、" if lang == "zh" else ", ").join(names[:most])
    return shown if len(names) <= most else text(lang, "siting_and_more", shown=shown, more=len(names) - most)
