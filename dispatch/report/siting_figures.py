"""Figures of the siting report: the curve of further points, the bars of people reached, and the map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.documents.messages import text
from dispatch.report.drawing import HALO, WIDTH_IN, Chart, em_width, new_figure
from dispatch.report.figure_map import scale_and_north
from dispatch.report.palette import colour
from dispatch.report.shapes import ROAD_GROUPS, drawn_edges, road_group, simplify
from dispatch.roads.network import RoadNetwork

__all__ = ["BANDS", "Dot", "cover_map", "curve_chart", "reach_chart"]

BANDS = (15, 30, 60, 120, 360)
"""Upper ends of the classes of minutes on the map."""
_BAND_COLOURS = ("green", "sky", "yellow", "orange", "vermillion", "ink")
_VARIANT_COLOURS = {"now": "grey", "proposed": "orange", "optimal": "blue"}
_TOLERANCE_M = 30.0
_WIDTH_PT = {"minor": 0.35, "middle": 0.8, "major": 1.5}


@dataclass(frozen=True)
class Dot:
    """A point of the map; ``look`` is ``existing``, ``proposed``, ``new`` or ``candidate``; name "": none."""

    look: str
    name: str
    lon: float
    lat: float


def curve_chart(lang: str, curve: pd.DataFrame, objective: str) -> Chart:
    """People covered (or minutes) for every number of points, proven value and bound."""

    def draw() -> Any:
        figure = new_figure(3.4)
        axes = figure.add_axes((0.09, 0.16, 0.82, 0.72))
        solved = curve[curve["status"].isin(["optimal", "feasible"])]
        points = solved["points"].to_numpy()
        if objective == "cover":
            height, label = solved["share"].to_numpy() * 100, text(lang, "siting_axis_share")
        elif objective == "median":
            height, label = solved["mean_min"].to_numpy(), text(lang, "siting_axis_mean")
        else:
            height, label = solved["worst_min"].to_numpy(), text(lang, "siting_axis_worst")
        axes.plot(points, height, color=colour("blue"), marker="o", markersize=4.5, drawstyle="default")
        axes.set_xlabel(text(lang, "siting_axis_points"))
        axes.set_ylabel(label, color=colour("blue"))
        if len(points):
            axes.set_xticks(points if len(points) <= 20 else points[:: -(-len(points) // 15)])
        if objective == "cover":
            other = axes.twinx()
            other.plot(points, solved["mean_min"], color=colour("orange"), linestyle="--", marker="s", markersize=3.5)
            other.set_ylabel(text(lang, "siting_axis_mean"), color=colour("orange"))
            other.spines["top"].set_visible(False)
            other.grid(visible=False)
        return figure

    return draw


def reach_chart(lang: str, variants: Sequence[tuple[str, dict[int, float], float]]) -> Chart:
    """Share of people within each time, one bar per layout."""

    def draw() -> Any:
        figure = new_figure(2.9)
        axes = figure.add_axes((0.09, 0.13, 0.88, 0.74))
        limits = list(variants[0][1])
        width = 0.8 / len(variants)
        for k, (key, within, total) in enumerate(variants):
            at = np.arange(len(limits)) + (k - (len(variants) - 1) / 2) * width
            share = [100 * within[limit] / total if total else 0.0 for limit in limits]
            axes.bar(at, share, width * 0.92, color=colour(_VARIANT_COLOURS[key]), label=text(lang, f"siting_{key}"),
                     hatch="///" if key == "proposed" else "", edgecolor=colour("surface"))  # fmt: skip
            for x, value in zip(at, share, strict=True):
                axes.annotate(f"{value:.1f}", (x, value), xytext=(0, 2), textcoords="offset points", ha="center",
                              fontsize=7.5)  # fmt: skip
        axes.set_xticks(range(len(limits)), [text(lang, "siting_minutes", minutes=limit) for limit in limits])
        axes.set_ylabel(text(lang, "siting_axis_share"))
        axes.set_ylim(0, 112)
        axes.grid(visible=False, axis="x")
        axes.legend(ncols=len(variants), loc="upper left", bbox_to_anchor=(0, 1.16))
        return figure

    return draw


def cover_map(
    lang: str,
    network: RoadNetwork,
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    minutes: NDArray[np.float64],
    dots: Sequence[Dot],
    statements: Sequence[str] = (),
    bands: Sequence[float] = BANDS,
    unit: str = "min",
    outside: str = "siting_map_outside",
) -> Chart:
    """Places coloured by minutes, points over them, roads below; NaN minutes are crosses, named by ``outside``."""

    def draw() -> Any:
        from matplotlib.collections import LineCollection

        every_lon = np.concatenate([lon, [dot.lon for dot in dots]])
        every_lat = np.concatenate([lat, [dot.lat for dot in dots]])
        margin = max(0.03 * max(np.ptp(every_lon), np.ptp(every_lat)), 0.004)
        box = (every_lon.min() - margin, every_lat.min() - margin, every_lon.max() + margin, every_lat.max() + margin)
        shrink = float(np.cos(np.radians((box[1] + box[3]) / 2)))
        width_pt = WIDTH_IN * 72 - 4
        height_pt = float(np.clip(width_pt * (box[3] - box[1]) / ((box[2] - box[0]) * shrink), 250, 720))
        legend_pt = 40.0
        whole = height_pt + legend_pt + 16
        figure = new_figure(whole / 72)
        axes = figure.add_axes((2 / (WIDTH_IN * 72), 14 / whole, width_pt / (WIDTH_IN * 72), height_pt / whole))
        half = (height_pt / width_pt) * (box[2] - box[0]) * shrink
        if half > box[3] - box[1]:
            middle = (box[1] + box[3]) / 2
            box = (box[0], middle - half / 2, box[2], middle + half / 2)
        else:
            wide, middle = (box[3] - box[1]) * width_pt / height_pt / shrink, (box[0] + box[2]) / 2
            box = (middle - wide / 2, box[1], middle + wide / 2, box[3])
        axes.set_xlim(box[0], box[2])
        axes.set_ylim(box[1], box[3])
        axes.set_aspect(1 / shrink)
        axes.grid(visible=False)
        axes.set_xticks([])
        axes.set_yticks([])
        for spine in axes.spines.values():
            spine.set_visible(True)
        lines, group, streets = simplify(network, _TOLERANCE_M), road_group(network), drawn_edges(network)
        raster = len(streets) > 5000
        for name in reversed(ROAD_GROUPS):
            shapes = [np.column_stack(lines.line(int(e))) for e in streets[group[streets] == name]]
            axes.add_collection(LineCollection(shapes, colors=colour(f"road_{name}"), linewidths=_WIDTH_PT[name],
                                               zorder=1, rasterized=raster), autolim=False)  # fmt: skip
        handles = _places(axes, lang, lon, lat, minutes, bands, unit, outside)
        handles += _points(axes, lang, dots)
        _names(axes, dots, box, width_pt, height_pt)
        scale_and_north(axes, box, shrink, width_pt, height_pt)
        figure.legend(handles=handles, ncols=6, loc="upper left", bbox_to_anchor=(0.0, 1.0), fontsize=8,
                      columnspacing=1.0, handletextpad=0.3)  # fmt: skip
        words = [*statements, network.attribution, text(lang, "report_schematic") if network.schematic else ""]
        figure.text(2 / (WIDTH_IN * 72), 3 / whole, " · ".join(word for word in words if word), fontsize=7.5,
                    color=colour("muted"))  # fmt: skip
        return figure

    return draw


def _places(
    axes: Any, lang: str, lon: Any, lat: Any, minutes: Any, bands: Sequence[float], unit: str, outside: str
) -> list[Any]:
    """Discs by class of minutes; the classes that occur, for the legend."""
    handles = []
    low = 0.0
    for k, high in enumerate([*bands, np.inf]):
        mine = (minutes > low) & (minutes <= high) if k else (minutes <= high)
        if mine.any():
            word = (text(lang, f"siting_band_{unit}", low=f"{low:g}", high=f"{high:g}") if np.isfinite(high)
                    else text(lang, f"siting_band_over_{unit}", low=f"{low:g}"))  # fmt: skip
            look = {"color": colour(_BAND_COLOURS[min(k, len(_BAND_COLOURS) - 1)]), "markeredgecolor": colour("ink")}
            handles += axes.plot(lon[mine], lat[mine], linestyle="none", marker="o", markersize=4.6, zorder=4,
                                 markeredgewidth=0.4, label=word, **look)  # fmt: skip
        low = high
    mine = np.isnan(minutes)
    if mine.any():
        handles += axes.plot(lon[mine], lat[mine], linestyle="none", marker="X", markersize=7, zorder=5,
                             color=colour("vermillion"), markeredgecolor=colour("surface"), markeredgewidth=0.5,
                             label=text(lang, outside))  # fmt: skip
    return handles


def _points(axes: Any, lang: str, dots: Sequence[Dot]) -> list[Any]:
    looks = {
        "candidate": {"marker": "^", "markersize": 4.5, "color": colour("surface"), "markeredgecolor": colour("muted")},
        "existing": {"marker": "s", "markersize": 7, "color": colour("blue"), "markeredgecolor": colour("surface")},
        "proposed": {"marker": "D", "markersize": 6.5, "color": colour("orange"), "markeredgecolor": colour("ink")},
        "new": {"marker": "*", "markersize": 13, "color": colour("purple"), "markeredgecolor": colour("ink")},
    }
    handles = []
    for kind, look in looks.items():
        mine = [(dot.lon, dot.lat) for dot in dots if dot.look == kind]
        if mine:
            lon, lat = zip(*mine, strict=True)
            handles += axes.plot(lon, lat, linestyle="none", zorder=7, markeredgewidth=0.8,
                                 label=text(lang, f"siting_map_{kind}"), **look)  # fmt: skip
    return handles


def _names(axes: Any, dots: Sequence[Dot], box: tuple[float, ...], width_pt: float, height_pt: float) -> None:
    """Names of new points, and of others where there is room."""
    size = 7.5
    taken = [(0.0, 0.0, 110.0, 30.0), (width_pt - 34, height_pt - 46, width_pt, height_pt)]
    order = {"new": 0, "proposed": 1, "existing": 2, "candidate": 3}
    for dot in sorted((dot for dot in dots if dot.name), key=lambda dot: order[dot.look]):
        x = (dot.lon - box[0]) / (box[2] - box[0]) * width_pt
        y = (dot.lat - box[1]) / (box[3] - box[1]) * height_pt
        width = em_width(dot.name, size)
        for dx, dy in ((7.0, -size / 2), (-7.0 - width, -size / 2), (-width / 2, 7.0), (-width / 2, -7.0 - size)):
            spot = (x + dx, y + dy, x + dx + width, y + dy + size)
            inside = spot[0] >= 0 and spot[2] <= width_pt and spot[1] >= 0 and spot[3] <= height_pt
            if not inside or any(
                spot[0] < b[2] and b[0] < spot[2] and spot[1] < b[3] and b[1] < spot[3] for b in taken
            ):
                continue
            taken.append(spot)
            axes.annotate(dot.name, (dot.lon, dot.lat), xytext=(dx, dy + 1), textcoords="offset points", ha="left",
                          va="baseline", fontsize=size, zorder=8, gid=HALO)  # fmt: skip
            break
