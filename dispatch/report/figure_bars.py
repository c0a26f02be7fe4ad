"""Figures without a clock: stock by item, and the cases of a comparison with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dispatch.documents.messages import text
from dispatch.report.drawing import WIDTH_IN, Chart, em_width, new_figure
from dispatch.report.palette import colour

__all__ = ["ItemStock", "cases_chart", "stock_chart"]

_ROW_IN = 0.24
_POINTS = 72.0
_MARGIN_PT = 34.0


@dataclass(frozen=True)
class ItemStock:
    """One item: what is in stock, what the plan issues, what was asked for and is not met; units in words."""

    name: str
    unit: str
    stock: float
    issued: float
    needed: float
    unmet: float


def _axes(figure: Any, left_pt: float, right_pt: float, top_pt: float) -> Any:
    width, height = figure.get_size_inches() * _POINTS
    return figure.add_axes((left_pt / width, _MARGIN_PT / height, 1 - (left_pt + right_pt) / width,
                            1 - (top_pt + _MARGIN_PT) / height))  # fmt: skip


def _percent(axes: Any, most: float = 100.0) -> None:
    """A percent scale from 0."""
    axes.set_xlim(0, most)
    axes.set_xticks(range(0, 101, 20), [f"{k}%" for k in range(0, 101, 20)])
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)


def stock_chart(lang: str, items: Sequence[ItemStock]) -> Chart:
    """Share of each item's stock that the plan issues; beside it the numbers, and what is still missing."""

    def draw() -> Any:
        left = max((em_width(item.name) for item in items), default=20) + 12
        said = [
            text(lang, "report_figure_stock_row", issued=f"{item.issued:,.0f}", stock=f"{item.stock:,.0f}",
                 unit=item.unit, needed=f"{item.needed:,.0f}").strip()
            for item in items
        ]  # fmt: skip
        short = [
            text(lang, "report_figure_stock_short", unmet=f"{item.unmet:,.0f}") if item.unmet > 0 else ""
            for item in items
        ]
        right = max((em_width(a + b) for a, b in zip(said, short, strict=True)), default=40) + 26
        figure = new_figure((26 + _MARGIN_PT) / _POINTS + _ROW_IN * max(len(items), 1))
        axes = _axes(figure, left, right, 26)
        for row, item in enumerate(items):
            issued = 100 * item.issued / item.stock if item.stock > 0 else 0.0
            axes.barh(row, 100, height=0.66, facecolor=colour("faint"), edgecolor=colour("muted"), linewidth=0.4)
            axes.barh(row, min(issued, 100.0), height=0.66, facecolor=colour("blue"), edgecolor=colour("ink"),
                      linewidth=0.3)  # fmt: skip
            axes.annotate(said[row], (1, row), xycoords=axes.get_yaxis_transform(), va="center", xytext=(8, 0),
                          textcoords="offset points", fontsize=8)  # fmt: skip
            if short[row]:
                axes.annotate(short[row], (1, row), xycoords=axes.get_yaxis_transform(), va="center",
                              xytext=(right - 4, 0), textcoords="offset points", ha="right", fontsize=8,
                              color=colour("alarm"), fontweight="bold")  # fmt: skip
        _percent(axes)
        axes.set_xlabel(text(lang, "report_figure_stock_axis"))
        axes.set_ylim(len(items) - 0.5, -0.5)
        axes.set_yticks(range(len(items)), [item.name for item in items])
        return figure

    return draw


def cases_chart(lang: str, cases: pd.DataFrame, needed: float) -> Chart:
    """P in time of each case with its interval, against the share that the rule asks for.

    Parameters
    ----------
    cases : DataFrame
        ``studies.compare.CASE_COLUMNS``.
    needed : float
        Share of nights for a pass.
    """

    def draw() -> Any:
        names = cases["case"].tolist()
        left = min(max((em_width(name) for name in names), default=20) + 12, 0.5 * WIDTH_IN * _POINTS)
        figure = new_figure((26 + _MARGIN_PT) / _POINTS + _ROW_IN * 1.2 * max(len(names), 1))
        axes = _axes(figure, left, 50, 26)
        for row, case in enumerate(cases.to_dict("records")):
            axes.hlines(row, 100 * case["p_low"], 100 * case["p_high"], color=colour("nights"), linewidth=5)
            axes.plot(100 * case["p"], row, "o", color=colour("surface"), markersize=5,
                      markeredgecolor=colour("ink"), markeredgewidth=1.2)  # fmt: skip
            axes.annotate(f"{100 * case['p']:.0f}%", (1, row), xycoords=axes.get_yaxis_transform(), va="center",
                          xytext=(44, 0), textcoords="offset points", ha="right")  # fmt: skip
        axes.axvline(100 * needed, color=colour("deadline"), linewidth=1.6, dashes=(5, 3), zorder=1)
        axes.annotate(text(lang, "report_figure_rule", share=f"{100 * needed:.0f}%"), (100 * needed, 1),
                      xycoords=axes.get_xaxis_transform(), xytext=(0, 3), textcoords="offset points", ha="right",
                      color=colour("alarm"), fontsize=8.5, fontweight="bold")  # fmt: skip
        _percent(axes, 101.0)
        axes.set_xlabel(text(lang, "report_figure_p"))
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_yticks(range(len(names)), names)
        return figure

    return draw
