"""Every distribution that the nights draw from, with its source: one table and one workbook."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd

from dispatch.clock import HOUR_MS
from dispatch.documents.messages import Lang, has, text
from dispatch.scenario import Scenario

__all__ = ["DISTRIBUTION_COLUMNS", "distributions", "write_distributions"]

DISTRIBUTION_COLUMNS: dict[str, str] = {
    "kind": "str",
    "name": "str",
    "shape": "str",
    "low": "float64",
    "mode": "float64",
    "high": "float64",
    "mean": "float64",
    "unit": "str",
    "source": "str",
}
"""``kind``: ``step``, ``speed``, ``pace``, ``hazard``, ``supply`` or the response's section; ``shape``: ``triangular``,
``fixed`` (always ``mode``) or ``chance`` (happens with probability ``mode``)."""


def distributions(scenario: Scenario) -> pd.DataFrame:
    """Table of every distribution in force in a scenario (``DISTRIBUTION_COLUMNS``)."""
    rows: list[tuple[object, ...]] = []

    def triangle(kind: str, name: str, low: float, mode: float, high: float, unit: str, source: str) -> None:
        shape = "triangular" if high > low else "fixed"
        rows.append((kind, name, shape, low, mode, high, (low + mode + high) / 3, unit, source))

    for step, time in scenario.steps.items():
        triangle("step", step, time.low_min, time.mode_min, time.high_min, "min", time.source)
    triangle("speed", "vehicle", *scenario.speed_spread, "", "a vehicle's own factor, drawn once a night")
    for start, permille in zip(scenario.pace_start_ms, scenario.pace_permille, strict=True):
        factor = permille / 1000
        triangle("pace", f"+{start / HOUR_MS:.2f} h", factor, factor, factor, "", "norm table pace")
    for name, figure in scenario.response.figures.items():
        section, _, short = name.partition(".")
        triangle(section, short, figure.low, figure.mode, figure.high, "", figure.source)
    for group in scenario.disruption.groups.to_dict("records"):
        name, nothing = group["group"], (math.nan, math.nan)
        chance = group["probability"]
        rows.append(("hazard", f"{name}: happens", "chance", nothing[0], chance, nothing[1], chance, "", "hazard file"))
        low, mode, high = (group[f"shift_{end}_s"] / 60 for end in ("low", "mode", "high"))
        triangle("hazard", f"{name}: shift", low, mode, high, "min", "hazard file")
        low, mode, high = (group[f"duration_{end}"] for end in ("low", "mode", "high"))
        triangle("hazard", f"{name}: duration", low, mode, high, "×", "hazard file")
    stock = scenario.county.table("stock")
    agreed = stock[(stock["mode"] != "physical") & stock["reliability"].notna()]
    for lot in agreed.to_dict("records"):
        name, chance = f"{lot['depot']} {lot['item']} {lot['lot']}".strip(), float(lot["reliability"])
        rows.append(("supply", name, "chance", math.nan, chance, math.nan, chance, "", "county pack: stock"))
    columns = zip(*rows, strict=True) if rows else [()] * len(DISTRIBUTION_COLUMNS)
    return pd.DataFrame({
        name: pd.Series(list(values), dtype=of)
        for (name, of), values in zip(DISTRIBUTION_COLUMNS.items(), columns, strict=True)
    })  # fmt: skip


def write_distributions(scenario: Scenario, path: Path, lang: Lang) -> None:
    """Write the table as a workbook."""
    from dispatch.documents.workbook import Column, Sheet, write_workbook

    table = distributions(scenario)
    table["name"] = [
        text(lang, f"plan_step_{name}") if kind == "step" and has(f"plan_step_{name}") else name
        for kind, name in zip(table["kind"], table["name"], strict=True)
    ]
    table["kind"] = [_said(lang, "studies_kind", kind) for kind in table["kind"]]
    table["shape"] = [_said(lang, "studies_shape", shape) for shape in table["shape"]]
    columns = tuple(
        Column(name, text(lang, f"studies_column_{name}"), "text" if of == "str" else "decimal")
        for name, of in DISTRIBUTION_COLUMNS.items()
    )
    for name in ("low", "mode", "high", "mean"):
        table[name] = table[name].round(4)
    title = text(lang, "studies_distributions_title", scenario=scenario.name)
    note = text(lang, "studies_distributions_note")
    sheet = Sheet(text(lang, "studies_distributions_sheet"), title, columns, table, (note,))
    write_workbook(path, [sheet], title=title, created=scenario.reference_time)


def _said(lang: Lang, prefix: str, word: str) -> str:
    return text(lang, f"{prefix}_{word}") if has(f"{prefix}_{word}") else word
