"""The printed map: roads, closures, depots, places and the plan's ways; scale, north, and whose roads they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dispatch.documents.messages import text
from dispatch.report.closures import STATES
from dispatch.report.drawing import HALO, WIDTH_IN, Chart, em_width, new_figure
from dispatch.report.palette import colour
from dispatch.report.shapes import ROAD_GROUPS, Lines
from dispatch.roads.network import RoadNetwork

__all__ = ["Mark", "map_chart", "scale_and_north"]

_METRES_PER_DEGREE = 111_195.0  # mean Earth radius 6371.0088 km × π / 180
_RASTER_POINTS = 20_000  # more road points than this are drawn as an image inside the figure
_WIDTH_PT = {"minor": 0.45, "middle": 0.9, "major": 1.7}
_CLOSED = {"closed": (3.2, "solid"), "partial": (2.6, (0, (4, 1.5))), "slowed": (2.4, (0, (1, 1.5)))}
_LEGEND_ROW_PT = 14.0
_SCALES_KM = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200)


@dataclass(frozen=True)
class Mark:
    """A point to draw: ``kind`` is ``depot``, ``served``, ``late`` or ``missed``."""

    name: str
    kind: str
    lon: float
    lat: float


def map_chart(
    lang: str,
    network: RoadNetwork,
    edges: Lines,
    drawn: NDArray[np.int64],
    group: NDArray[np.object_],
    closed: Mapping[str, Sequence[int]],
    driven: Sequence[int],
    marks: Sequence[Mark],
) -> Chart:
    """Map of the area of the marks and ways.

    Parameters
    ----------
    edges : Lines
        Geometry of every edge, simplified.
    drawn : int64 array
        Edges to draw.
    group : object array (m,)
        Name in ``ROAD_GROUPS`` of every edge.
    closed : mapping of state to edges
        Streets closed or slowed at some time before the deadline.
    driven : sequence of int
        Streets driven loaded.
    marks : sequence of Mark
    """

    def draw() -> Any:
        ways = [np.column_stack(edges.line(street)) for street in driven]
        box = _box(network, ways, marks)
        shrink = float(np.cos(np.radians((box[1] + box[3]) / 2)))
        width_pt = WIDTH_IN * 72 - 4
        height_pt = float(np.clip(width_pt * (box[3] - box[1]) / ((box[2] - box[0]) * shrink), 230, 760))
        placed = _rows(lang, _entries(closed, marks, driven), width_pt)
        legend_pt = 20.0 + _LEGEND_ROW_PT * max((row for row, *_ in placed), default=0)
        figure = new_figure((height_pt + legend_pt + 16) / 72)
        whole = height_pt + legend_pt + 16
        axes = figure.add_axes((2 / (WIDTH_IN * 72), 14 / whole, width_pt / (WIDTH_IN * 72), height_pt / whole))
        box = _fill(box, shrink, width_pt / height_pt)
        axes.set_xlim(box[0], box[2])
        axes.set_ylim(box[1], box[3])
        axes.set_aspect(1 / shrink)
        axes.grid(visible=False)
        axes.set_xticks([])
        axes.set_yticks([])
        for spine in axes.spines.values():
            spine.set_visible(True)
        inside = _inside(edges, drawn, box)
        raster = int(np.diff(edges.first)[inside].sum()) > _RASTER_POINTS
        for name in reversed(ROAD_GROUPS):
            _stroke(axes, [np.column_stack(edges.line(e)) for e in inside[group[inside] == name]], zorder=1,
                    color=colour(f"road_{name}"), linewidth=_WIDTH_PT[name], rasterized=raster)  # fmt: skip
        _stroke(axes, ways, color=colour("route"), linewidth=2.2, alpha=0.65, zorder=2)
        for state in reversed(STATES):
            width, dash = _CLOSED[state]
            shapes = [np.column_stack(edges.line(e)) for e in closed.get(state, ())]
            _stroke(axes, shapes, color=colour(state), linewidth=width, linestyle=dash, zorder=3)
        _marks(axes, marks)
        _names(axes, marks, box, width_pt, height_pt)
        scale_and_north(axes, box, shrink, width_pt, height_pt)
        _key(axes, lang, placed, width_pt, height_pt)
        _credit(figure, lang, network, whole)
        return figure

    return draw


def _box(network: RoadNetwork, ways: Sequence[NDArray[np.float64]], marks: Sequence[Mark]) -> tuple[float, ...]:
    """West, south, east, north of what matters, with a margin; of all roads where nothing is marked."""
    points = [np.array([(mark.lon, mark.lat) for mark in marks]).reshape(-1, 2), *ways]
    joined = np.concatenate(points)
    if not len(joined):
        joined = np.column_stack([network.node_lon, network.node_lat])
    west, south = joined.min(axis=0)
    east, north = joined.max(axis=0)
    margin = max(0.07 * max(east - west, north - south), 0.005)
    return float(west - margin), float(south - margin), float(east + margin), float(north + margin)


def _fill(box: tuple[float, ...], shrink: float, ratio: float) -> tuple[float, ...]:
    """The box widened to the frame's proportions, so that the map fills it."""
    west, south, east, north = box
    width, height = (east - west) * shrink, north - south
    more_width, more_height = max(0.0, height * ratio - width) / shrink / 2, max(0.0, width / ratio - height) / 2
    return west - more_width, south - more_height, east + more_width, north + more_height


def _inside(edges: Lines, drawn: NDArray[np.int64], box: tuple[float, ...]) -> NDArray[np.int64]:
    """Edges to draw whose own box meets the map's."""
    if not len(drawn):
        return drawn
    first = edges.first[:-1]
    west, east = np.minimum.reduceat(edges.lon, first)[drawn], np.maximum.reduceat(edges.lon, first)[drawn]
    south, north = np.minimum.reduceat(edges.lat, first)[drawn], np.maximum.reduceat(edges.lat, first)[drawn]
    return drawn[(east >= box[0]) & (west <= box[2]) & (north >= box[1]) & (south <= box[3])]


def _stroke(axes: Any, shapes: Sequence[NDArray[np.float64]], **style: Any) -> None:
    """Many lines as one path, without asking the axes to look at every point."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    shapes = [shape for shape in shapes if len(shape) > 1]
    if not shapes:
        return
    codes = np.full(sum(len(shape) for shape in shapes), Path.LINETO, dtype=np.uint8)
    codes[np.concatenate([[0], np.cumsum([len(shape) for shape in shapes])[:-1]])] = Path.MOVETO
    path = Path(np.concatenate(shapes), codes)
    patch = PathPatch(path, fill=False, capstyle="round", joinstyle="round", transform=axes.transData, **style)
    axes.add_artist(patch)
    patch.set_clip_path(axes.patch)


def _looks() -> dict[str, dict[str, Any]]:
    """Depots as squares; places as discs when served, as rings when late, as crosses when missed."""
    edge = {"markeredgecolor": colour("surface"), "markeredgewidth": 0.8}
    late = {"markeredgecolor": colour("late"), "markeredgewidth": 2.2}
    return {
        "depot": {"marker": "s", "markersize": 7, "color": colour("depot"), **edge},
        "served": {"marker": "o", "markersize": 6.5, "color": colour("served"), **edge},
        "late": {"marker": "o", "markersize": 7, "color": colour("surface"), **late},
        "missed": {"marker": "X", "markersize": 9, "color": colour("late"), **edge},
    }


def _marks(axes: Any, marks: Sequence[Mark]) -> None:
    """Depots and places."""
    for kind, look in _looks().items():
        points = [(mark.lon, mark.lat) for mark in marks if mark.kind == kind]
        if points:
            lon, lat = zip(*points, strict=True)
            axes.plot(lon, lat, linestyle="none", zorder=6, **look)


def _names(axes: Any, marks: Sequence[Mark], box: tuple[float, ...], width_pt: float, height_pt: float) -> None:
    """Names beside their marks where they do not lie over another name or mark; what does not fit stays unnamed."""
    size = 8.0
    at = [((m.lon - box[0]) / (box[2] - box[0]) * width_pt, (m.lat - box[1]) / (box[3] - box[1]) * height_pt)
          for m in marks]  # fmt: skip
    taken = [(x - 4.0, y - 4.0, x + 4.0, y + 4.0) for x, y in at]
    taken += [(0.0, 0.0, 110.0, 30.0), (width_pt - 34, height_pt - 46, width_pt, height_pt)]
    order = sorted(range(len(marks)), key=lambda k: ("depot", "missed", "late", "served").index(marks[k].kind))
    for k in order:
        x, y = at[k]
        width = em_width(marks[k].name, size)
        spots = (("left", 6.0, -size / 2), ("right", -6.0 - width, -size / 2),
                 ("center", -width / 2, 5.5), ("center", -width / 2, -5.5 - size))  # fmt: skip
        for align, dx, dy in spots:
            spot = (x + dx, y + dy, x + dx + width, y + dy + size)
            if spot[0] < 0 or spot[2] > width_pt or spot[1] < 0 or spot[3] > height_pt:
                continue
            if any(spot[0] < b[2] and b[0] < spot[2] and spot[1] < b[3] and b[1] < spot[3] for b in taken):
                continue
            taken.append(spot)
            anchor = {"left": dx, "right": -6.0, "center": 0.0}[align]
            axes.annotate(marks[k].name, (marks[k].lon, marks[k].lat), xytext=(anchor, dy + 1), zorder=8,
                          textcoords="offset points", ha=align, va="baseline", fontsize=size, gid=HALO)  # fmt: skip
            break


def scale_and_north(axes: Any, box: tuple[float, ...], shrink: float, width_pt: float, height_pt: float) -> None:
    """A bar of a round length at the lower left, an arrow to the north at the upper right."""
    km_per_pt = (box[2] - box[0]) * shrink * _METRES_PER_DEGREE / 1000 / width_pt
    km = max((length for length in _SCALES_KM if length / km_per_pt <= 130), default=_SCALES_KM[0])
    x, y = 12 / width_pt, 12 / height_pt
    length = km / km_per_pt / width_pt
    axes.plot([x, x, x + length, x + length], [y + 5 / height_pt, y, y, y + 5 / height_pt], color=colour("ink"),
              linewidth=1.4, transform=axes.transAxes, zorder=9)  # fmt: skip
    axes.annotate(f"{km:g} km", (x + length / 2, y), xycoords="axes fraction", xytext=(0, 4), ha="center",
                  textcoords="offset points", fontsize=8, zorder=9)  # fmt: skip
    top, middle = 1 - 10 / height_pt, 1 - 18 / width_pt
    axes.annotate("", (middle, top), (middle, top - 22 / height_pt), xycoords="axes fraction", zorder=9,
                  arrowprops={"arrowstyle": "-|>", "color": colour("ink"), "linewidth": 1.4})  # fmt: skip
    axes.annotate("N", (middle, top - 24 / height_pt), xycoords="axes fraction", ha="center", va="top", fontsize=9,
                  fontweight="bold", zorder=9)  # fmt: skip


def _entries(
    closed: Mapping[str, Sequence[int]], marks: Sequence[Mark], driven: Sequence[int]
) -> list[tuple[str, dict[str, Any]]]:
    """What occurs on the map: key in the catalogue and look."""
    kinds = {mark.kind for mark in marks}
    entries = [
        (f"report_mark_{kind}", {**look, "linestyle": "none"}) for kind, look in _looks().items() if kind in kinds
    ]
    if driven:
        entries.append(
            ("report_mark_way", {"color": colour("route"), "linewidth": 2.2, "linestyle": "-", "alpha": 0.65})
        )
    for state in STATES:
        if closed.get(state):
            width, dash = _CLOSED[state]
            look = {"color": colour(state), "linewidth": width, "linestyle": dash}
            entries.append((f"report_state_{state}", look))
    return entries


def _key(
    axes: Any, lang: str, placed: Sequence[tuple[int, float, str, Any]], width_pt: float, height_pt: float
) -> None:
    """Legend above the map."""
    from matplotlib.lines import Line2D

    for row, column_pt, key, look in placed:
        y = 1 + (9 + _LEGEND_ROW_PT * row) / height_pt
        at = (column_pt + 8,) if look["linestyle"] == "none" else (column_pt, column_pt + 16)
        ends = [x / width_pt for x in at]
        axes.add_line(Line2D(ends, [y] * len(ends), transform=axes.transAxes, clip_on=False, **look))
        axes.annotate(text(lang, key), ((column_pt + 21) / width_pt, y), xycoords="axes fraction",
                      va="center_baseline", xytext=(0, 0), textcoords="offset points")  # fmt: skip


def _rows(lang: str, entries: Sequence[tuple[str, Any]], width_pt: float) -> list[tuple[int, float, str, Any]]:
    """Legend entries with their row (0 is the lowest) and where they begin, points."""
    placed: list[tuple[int, float, str, Any]] = []
    row, x = 0, 2.0
    for key, look in entries:
        wide = em_width(text(lang, key)) + 36
        if x + wide > width_pt and x > 2.0:
            row, x = row + 1, 2.0
        placed.append((row, x, key, look))
        x += wide
    return [(row - of, x, key, look) for of, x, key, look in placed]


def _credit(figure: Any, lang: str, network: RoadNetwork, height_pt: float) -> None:
    """Whose roads these are, and that they are schematic where they are."""
    words = [network.attribution] if network.attribution else []
    if network.schematic:
        words.insert(0, text(lang, "report_schematic"))
    figure.text(2 / (WIDTH_IN * 72), 3 / height_pt, " · ".join(words), fontsize=7.5, color=colour("muted"))
