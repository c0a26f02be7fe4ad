"""Figures with time along the bottom: need served, vehicles, arrivals by place, and where the six hours went."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.clock import HOUR_MS, clock_time
from dispatch.documents.messages import text
from dispatch.report.drawing import WIDTH_IN, Chart, em_width, new_figure
from dispatch.report.palette import HATCH, colour
from dispatch.report.phases import ACTIVITIES, Phase, pieces

__all__ = ["arrivals_chart", "gantt_chart", "served_chart", "share_served", "steps_chart"]

_ROW_IN = 0.21
_POINTS = 72.0


def share_served(
    times_ms: NDArray[np.int64], people: NDArray[np.float64], at_ms: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Share of people whose first batch is complete at each instant.

    Parameters
    ----------
    times_ms : int64 array (..., p)
        When each place has its first batch, by night or by plan; a negative time is never.
    people : float64 array (p,)
    at_ms : int64 array (k,)

    Returns
    -------
    float64 array (..., k)
    """
    total = people.sum()
    if total <= 0:
        return np.zeros((*times_ms.shape[:-1], len(at_ms)))
    served = (times_ms[..., :, None] >= 0) & (times_ms[..., :, None] <= at_ms)
    return np.asarray((served * people[:, None]).sum(axis=-2) / total)


def _hours(axes: Any, lang: str, reference: datetime, order_ms: int, end_ms: int, due_ms: int) -> None:
    """Hours since the order below, clock times above, and the six-hour line."""
    last = (end_ms - order_ms) / HOUR_MS
    step = next(s for s in (1, 2, 3, 6, 12, 24, 48, 1 << 30) if last / s <= 12)
    ticks = np.arange(0, last + 1e-9, step)
    axes.set_xlim(0, last)
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xlabel(text(lang, "report_figure_hours"))
    axes.grid(visible=False, axis="y")
    due = (due_ms - order_ms) / HOUR_MS
    axes.axvline(due, color=colour("deadline"), linewidth=1.6, dashes=(5, 3), zorder=5)
    transform = axes.get_xaxis_transform()
    for tick in ticks:
        if abs(tick - due) > 0.35 * step:
            label = f"{clock_time(reference, order_ms + round(tick * HOUR_MS)):%H:%M}"
            axes.annotate(label, (tick, 1), xycoords=transform, xytext=(0, 3), textcoords="offset points",
                          ha="center", color=colour("muted"), fontsize=8)  # fmt: skip
    axes.annotate(text(lang, "report_figure_line", hours=f"{due:g}", time=f"{clock_time(reference, due_ms):%H:%M}"),
                  (due, 1), xycoords=transform, xytext=(0, 3), textcoords="offset points", ha="center",
                  color=colour("alarm"), fontsize=8.5, fontweight="bold")  # fmt: skip


def _axes(figure: Any, left_pt: float, right_pt: float, top_pt: float, bottom_pt: float) -> Any:
    """Axes inside margins given in points."""
    width, height = figure.get_size_inches() * _POINTS
    return figure.add_axes((left_pt / width, bottom_pt / height, 1 - (left_pt + right_pt) / width,
                            1 - (top_pt + bottom_pt) / height))  # fmt: skip


def _legend(axes: Any, marks: Sequence[Any], words: Sequence[str], offset_pt: float) -> None:
    """Legend in rows above the axes; columns as wide as the longest word, since fonts here are not the reader's."""
    width_pt = axes.get_position().width * axes.figure.get_size_inches()[0] * _POINTS
    column_pt = max(em_width(word) for word in words) + 44
    columns = max(1, min(len(words), int(width_pt // column_pt)))
    height_pt = axes.get_position().height * axes.figure.get_size_inches()[1] * _POINTS
    rows = -(-len(words) // columns)
    for k, (mark, word) in enumerate(zip(marks, words, strict=True)):
        row, column = divmod(k, columns)
        x = column * column_pt / width_pt
        y = 1 + (offset_pt + (rows - 1 - row) * 13) / height_pt
        mark(x, y, 20 / width_pt, 7 / height_pt)
        axes.annotate(word, (x, y), xycoords="axes fraction", xytext=(25, 0), textcoords="offset points", va="baseline")


def _legend_height(words: Sequence[str], width_pt: float) -> float:
    """Points that :func:`_legend` needs."""
    column_pt = max(em_width(word) for word in words) + 44
    columns = max(1, min(len(words), int(width_pt // column_pt)))
    return 13.0 * -(-len(words) // columns)


def _patch(axes: Any, **style: Any) -> Callable[[float, float, float, float], None]:
    """Legend mark: a box."""
    from matplotlib.patches import Rectangle

    def mark(x: float, y: float, width: float, height: float) -> None:
        axes.add_patch(Rectangle((x, y), width, height, transform=axes.transAxes, clip_on=False, **style))

    return mark


def _line(axes: Any, **style: Any) -> Callable[[float, float, float, float], None]:
    """Legend mark: a line."""
    from matplotlib.lines import Line2D

    def mark(x: float, y: float, width: float, height: float) -> None:
        axes.add_line(Line2D([x, x + width], [y + height / 2] * 2, transform=axes.transAxes, clip_on=False, **style))

    return mark


def served_chart(
    lang: str,
    reference: datetime,
    order_ms: int,
    due_ms: int,
    end_ms: int,
    people: NDArray[np.float64],
    plan_ms: NDArray[np.int64],
    nights_ms: NDArray[np.int64] | None,
    need: tuple[NDArray[np.int64], NDArray[np.float64]] | None = None,
) -> Chart:
    """Share of people with a complete first batch by the hour: plan, mean of the nights, and the band p5–p95.

    Beside it, where known, the share of the need that has arrived: what is partly there counts in part.

    Parameters
    ----------
    people : float64 array (p,)
    plan_ms : int64 array (p,)
        First batch by plan; negative is never.
    nights_ms : int64 array (n, p) or None
        The same by simulated night.
    need : (int64 array (g,), float64 array (g,)), optional
        Times since the order and the mean share of first-batch need delivered on the nights.
    """

    def draw() -> Any:
        figure = new_figure(3.6)
        axes = _axes(figure, 44, 14, 46, 34)
        at_ms = np.unique(np.concatenate([np.linspace(order_ms, end_ms, 241).astype(np.int64),
                                          plan_ms[(plan_ms >= order_ms) & (plan_ms <= end_ms)]]))  # fmt: skip
        hours = (at_ms - order_ms) / HOUR_MS
        marks, words = [], []
        if nights_ms is not None and len(nights_ms):
            shares = share_served(nights_ms, people, at_ms) * 100
            low, high = np.quantile(shares, [0.05, 0.95], axis=0)
            axes.fill_between(hours, low, high, step="post", color=colour("nights"), alpha=0.22, linewidth=0)
            axes.step(hours, shares.mean(axis=0), where="post", color=colour("nights"))
            marks += [_line(axes, color=colour("nights")), _patch(axes, color=colour("nights"), alpha=0.22)]
            words += [text(lang, "report_figure_mean", nights=len(nights_ms)), text(lang, "report_figure_band")]
        if need is not None:
            axes.plot(need[0] / HOUR_MS, need[1] * 100, color=colour("served"), linewidth=1.4, dashes=(1, 1.2))
            marks.append(_line(axes, color=colour("served"), linewidth=1.4, dashes=(1, 1.2)))
            words.append(text(lang, "report_figure_need"))
        axes.step(hours, share_served(plan_ms, people, at_ms) * 100, where="post", color=colour("plan"),
                  linewidth=1.6, dashes=(4, 1.5))  # fmt: skip
        marks.insert(0, _line(axes, color=colour("plan"), linewidth=1.6, dashes=(4, 1.5)))
        words.insert(0, text(lang, "report_figure_plan"))
        _hours(axes, lang, reference, order_ms, end_ms, due_ms)
        axes.grid(visible=True, axis="y")
        axes.set_ylim(0, 103)
        axes.set_yticks(range(0, 101, 20), [f"{share}%" for share in range(0, 101, 20)])
        _legend(axes, marks, words, 24)
        return figure

    return draw


def gantt_chart(
    lang: str,
    reference: datetime,
    order_ms: int,
    due_ms: int,
    end_ms: int,
    phases: Sequence[Phase],
    vehicle_names: Mapping[str, str],
) -> Chart:
    """What each vehicle does, one row per vehicle, in the order of setting out."""

    def draw() -> Any:
        first = pd.DataFrame([(p.vehicle, p.end_ms if p.activity == "prepare" else p.start_ms) for p in phases],
                             columns=["vehicle", "start"])  # fmt: skip
        rows = (
            first.groupby("vehicle")["start"].min().reset_index().sort_values(["start", "vehicle"])["vehicle"].tolist()
        )
        used = [a for a in ACTIVITIES if any(piece[0] == a for phase in phases for piece in pieces(phase))]
        words = [text(lang, f"report_activity_{activity}") for activity in used] or [""]
        left = max([em_width(vehicle_names[v]) for v in rows], default=20) + 12
        top = 30 + _legend_height(words, WIDTH_IN * _POINTS - left - 14)
        height = (top + 34) / _POINTS + _ROW_IN * max(len(rows), 1)
        figure = new_figure(height)
        axes = _axes(figure, left, 14, top, 34)
        for activity in used:
            bars: dict[int, list[tuple[float, float]]] = {}
            for phase in phases:
                for name, start, stop in pieces(phase):
                    if name == activity:
                        bars.setdefault(rows.index(phase.vehicle), []).append(
                            ((start - order_ms) / HOUR_MS, (stop - start) / HOUR_MS)
                        )
            for row, spans in bars.items():
                axes.broken_barh(spans, (row - 0.36, 0.72), **_bar(activity))
        _hours(axes, lang, reference, order_ms, end_ms, due_ms)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_yticks(range(len(rows)), [vehicle_names[v] for v in rows])
        axes.tick_params(axis="y", length=0)
        if used:
            _legend(axes, [_patch(axes, **_bar(activity)) for activity in used], words, 22)
        return figure

    return draw


def _bar(activity: str) -> dict[str, Any]:
    """Colour and hatch of an activity."""
    return {"facecolor": colour(activity), "hatch": HATCH.get(activity), "edgecolor": colour("ink"), "linewidth": 0.3}


def arrivals_chart(
    lang: str,
    reference: datetime,
    order_ms: int,
    due_ms: int,
    end_ms: int,
    names: Sequence[str],
    plan_ms: NDArray[np.int64],
    nights_ms: NDArray[np.int64],
    on_time: NDArray[np.float64],
) -> Chart:
    """When each place has its first batch over the nights: p5–p95, the middle half, the median, and the plan.

    Places in the order given. Nights without a first batch count as later than the end; their share is written.

    Parameters
    ----------
    names : sequence of str (p,)
    plan_ms : int64 array (p,)
    nights_ms : int64 array (n, p)
    on_time : float64 array (p,)
        Share of nights within the deadline.
    """

    def draw() -> Any:
        left = max([em_width(name) for name in names], default=20) + 12
        words = [text(lang, f"report_figure_{key}") for key in ("range", "half", "median", "planned")]
        top = 30 + _legend_height(words, WIDTH_IN * _POINTS - left - 84)
        figure = new_figure((top + 34) / _POINTS + _ROW_IN * max(len(names), 1))
        axes = _axes(figure, left, 84, top, 34)
        late = np.where(nights_ms < 0, np.iinfo(np.int64).max // 4, nights_ms)
        shown = np.quantile(late, [0.05, 0.25, 0.5, 0.75, 0.95], axis=0, method="inverted_cdf") if len(late) else None
        for row in range(len(names)):
            if shown is not None:
                spread = np.minimum((shown[:, row] - order_ms) / HOUR_MS, (end_ms - order_ms) / HOUR_MS * 1.02)
                axes.hlines(row, spread[0], spread[4], color=colour("nights"), linewidth=1.4)
                axes.hlines(row, spread[1], spread[3], color=colour("nights"), linewidth=6)
                axes.plot(spread[2], row, "o", color=colour("surface"), markersize=4.5,
                          markeredgecolor=colour("ink"), markeredgewidth=1.2)  # fmt: skip
            if plan_ms[row] >= 0:
                at = (plan_ms[row] - order_ms) / HOUR_MS
                axes.plot([at, at], [row - 0.36, row + 0.36], color=colour("ink"), linewidth=1.6)
            axes.annotate(f"{on_time[row] * 100:.0f}%", (1, row), xycoords=axes.get_yaxis_transform(), va="center",
                          xytext=(64, 0), textcoords="offset points", ha="right",
                          color=colour("ink" if on_time[row] >= 0.5 else "alarm"))  # fmt: skip
        _hours(axes, lang, reference, order_ms, end_ms, due_ms)
        axes.annotate(text(lang, "report_figure_on_time"), (1, 1), xycoords="axes fraction", xytext=(80, 3),
                      textcoords="offset points", ha="right", color=colour("muted"), fontsize=8)  # fmt: skip
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_yticks(range(len(names)), list(names))
        axes.tick_params(axis="y", length=0)
        marks = [_line(axes, color=colour("nights"), linewidth=1.4), _line(axes, color=colour("nights"), linewidth=6),
                 _line(axes, color=colour("surface"), marker="o", markevery=[0], markersize=4.5, linewidth=0,
                       markeredgecolor=colour("ink"), markeredgewidth=1.2),
                 _line(axes, color=colour("ink"), marker="|", markevery=[0], markersize=8, linewidth=0,
                       markeredgewidth=1.6)]  # fmt: skip
        _legend(axes, marks, words, 22)
        return figure

    return draw


def steps_chart(
    lang: str,
    reference: datetime,
    order_ms: int,
    due_ms: int,
    end_ms: int,
    names: Sequence[str],
    spent: pd.DataFrame,
) -> Chart:
    """Where the time of each place's first batch went, from the order to the last unloading, as stacked bars.

    Parameters
    ----------
    names : sequence of str (p,)
    spent : DataFrame (p rows)
        A column per step in the order in which they follow, ms; the row's sum is the time since the order.
    """

    def draw() -> Any:
        left = max([em_width(name) for name in names], default=20) + 12
        used = [step for step in spent.columns if spent[step].sum() > 0]
        words = [text(lang, f"report_activity_{step}") for step in used] or [""]
        top = 30 + _legend_height(words, WIDTH_IN * _POINTS - left - 84)
        figure = new_figure((top + 34) / _POINTS + _ROW_IN * max(len(names), 1))
        axes = _axes(figure, left, 84, top, 34)
        begin = np.zeros(len(names))
        for step in used:
            hours = spent[step].to_numpy(dtype=np.float64) / HOUR_MS
            axes.barh(np.arange(len(names)), hours, left=begin, height=0.72, **_bar(step))
            begin += hours
        _hours(axes, lang, reference, order_ms, end_ms, due_ms)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_yticks(range(len(names)), list(names))
        axes.tick_params(axis="y", length=0)
        if used:
            _legend(axes, [_patch(axes, **_bar(step)) for step in used], words, 22)
        return figure

    return draw
