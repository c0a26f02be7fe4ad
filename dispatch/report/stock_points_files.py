"""New stock points and their stock in words and as a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dispatch.county.county import County
from dispatch.documents.messages import text
from dispatch.documents.workbook import Column, Sheet, write_workbook
from dispatch.report.stock_files import text_table
from dispatch.studies.stock_points import PointsStudy, Step
from dispatch.studies.stock_targets import Target

__all__ = ["points_lines", "write_points"]

_SHOWN = ("count", "points", "spent", "chance", "in_time", "chance_unseen", "in_time_unseen", "gain_chance",
          "gain_people", "simulated", "status", "no_worse")  # fmt: skip
_KINDS: dict[str, Any] = {
    "spent": "count", "chance": "share", "chance_unseen": "share", "gain_chance": "share", "in_time": "decimal",
    "in_time_unseen": "decimal", "gain_people": "decimal", "gap_to_bound": "share", "carriage": "decimal",
    "held": "count", "advised": "count", "opening": "count", "count": "count",
}  # fmt: skip


def steps_table(found: PointsStudy, lang: str) -> pd.DataFrame:
    """A row for today's stock and one for every number of new points; gains are over the row above."""
    names = dict(zip(found.candidates["candidate"], found.candidates["name"], strict=True))
    rows: list[dict[str, Any]] = [{
        "count": 0, "points": text(lang, "stock_points_today"), "spent": 0.0, "chance": found.today_seen.chance,
        "in_time": found.today_seen.mean_people, "chance_unseen": found.today_unseen.chance,
        "in_time_unseen": found.today_unseen.mean_people, "gain_chance": float("nan"), "gain_people": float("nan"),
        "simulated": _targets(found.today_targets), "carriage": float("nan"), "gap_to_bound": float("nan"),
        "status": "", "no_worse": "",
    }]  # fmt: skip
    for step in found.steps:
        opened = [names[one] for one in _new(found, step)]
        rows.append({
            "count": step.count,
            "points": text(lang, "common_list_comma").join(opened) or text(lang, "stock_points_none"),
            "spent": step.layout.spent, "chance": step.layout.provided.chance,
            "in_time": step.layout.provided.mean_people, "chance_unseen": step.unseen.chance,
            "in_time_unseen": step.unseen.mean_people,
            "gain_chance": step.unseen.chance - rows[-1]["chance_unseen"],
            "gain_people": step.unseen.mean_people - rows[-1]["in_time_unseen"],
            "simulated": _targets(step.targets),
            "carriage": step.layout.carriage, "gap_to_bound": step.layout.gap,
            "status": text(lang, f"siting_status_{step.layout.status}"),
            "no_worse": text(lang, "common_yes" if step.no_worse else "common_no"),
        })  # fmt: skip
    return pd.DataFrame(rows)


def points_lines(found: PointsStudy, county: County, lang: str) -> list[str]:
    """The study as it is printed."""
    wish = found.wish
    vehicle = (text(lang, "stock_points_vehicle", vehicle=wish.vehicle_class) if wish.vehicle_class
               else text(lang, "stock_points_no_vehicle"))  # fmt: skip
    lines = [text(
        lang, "stock_points_head", points=wish.points, budget=f"{wish.budget:,.0f}", vehicle=vehicle,
        goods=text(lang, "stock_points_stay" if wish.keep else "stock_points_move"),
        nights=len(found.steps[0].layout.provided.people), unseen=len(found.today_unseen.people),
        people=f"{found.people:,.0f}",
    )]  # fmt: skip
    table = steps_table(found, lang)
    shown = [name for name in _SHOWN if name != "simulated" or wish.simulated]
    lines += text_table(
        [text(lang, f"stock_col_{name}") for name in shown],
        [[_cell(name, row[name]) for name in shown] for row in table.to_dict("records")],
    )
    last, known = found.steps[-1].layout.provided, found.foreseen
    lines.append(text(
        lang, "stock_points_vss", mean_chance=f"{found.mean_plan.chance:.1%}",
        mean_people=f"{found.mean_plan.mean_people:,.0f}", chance=f"{last.chance:.1%}",
        people=f"{last.mean_people:,.0f}", known_chance=f"{known[0]:.1%}", known_people=f"{known[1]:,.0f}",
    ))  # fmt: skip
    if found.advised is None:
        return [*lines, text(lang, "stock_points_keep")]
    step, names = found.advised, _names(found, county)
    points = [names[f"new-{one}"] for one in _new(found, step)]
    spent = step.layout.spent
    lines.append(text(
        lang, "stock_points_advice", count=len(points),
        names=text(lang, "common_list_comma").join(points) or text(lang, "stock_points_none"),
        spent=f"{spent:,.0f}", goods=f"{spent - _building(found, step):,.0f}",
    ))  # fmt: skip
    items = dict(zip(county.table("items")["item"], county.table("items")["name"], strict=True))
    changed = [j for j in range(len(found.depots)) if (found.today[j] != step.layout.stock[j]).any()]
    lines += text_table(
        [text(lang, "stock_col_depot_name"), *(items.get(item, item) for item in found.items)],
        [[names[found.depots[j]], *(f"{a:,.0f}→{b:,.0f}" for a, b in zip(found.today[j], step.layout.stock[j],
                                                                            strict=True))] for j in changed],
    )  # fmt: skip
    return lines


def write_points(found: PointsStudy, path: Path, lang: str, created: datetime, county: County) -> Path:
    """Workbook: what each number of points brings, the points, and the stock by depot and item of the advised step."""
    names = _names(found, county)
    items = dict(zip(county.table("items")["item"], county.table("items")["name"], strict=True))
    step = found.advised
    sheets = [_sheet(lang, "stock_sheet_steps", steps_table(found, lang))]
    if step is not None:
        chosen = set(_new(found, step))
        points = pd.DataFrame(
            [{"candidate": row["candidate"], "name": row["name"], "place": row["place"], "opening": row["cost"]}
             for row in found.candidates.to_dict("records") if row["candidate"] in chosen],
            columns=["candidate", "name", "place", "opening"],
        )  # fmt: skip
        stock = pd.DataFrame([
            {"depot": depot, "depot_name": names[depot], "item": item, "item_name": items.get(item, item),
             "held": found.today[j, k], "advised": step.layout.stock[j, k]}
            for j, depot in enumerate(found.depots) for k, item in enumerate(found.items)
            if found.today[j, k] > 0 or step.layout.stock[j, k] > 0
        ], columns=["depot", "depot_name", "item", "item_name", "held", "advised"])  # fmt: skip
        sheets += [_sheet(lang, "stock_sheet_points", points), _sheet(lang, "stock_sheet_layout", stock)]
    title = text(lang, "stock_points_title", county=county.name_zh if lang == "zh" else county.name_en)
    write_workbook(path, sheets, title=title, created=created)
    return path


def _targets(targets: Sequence[Target]) -> str:
    return "; ".join(f"{one.scenario} {one.probability:.0%} ({one.low:.0%}–{one.high:.0%})" for one in targets)


def _new(found: PointsStudy, step: Step) -> list[str]:
    """Candidates that a step opens."""
    opened = {depot for depot, is_open in zip(found.depots, step.layout.opened, strict=True) if is_open}
    return [one for one in found.candidates["candidate"] if f"new-{one}" in opened]


def _building(found: PointsStudy, step: Step) -> float:
    cost = dict(zip(found.candidates["candidate"], found.candidates["cost"], strict=True))
    return float(sum(cost[one] for one in _new(found, step)))


def _names(found: PointsStudy, county: County) -> dict[str, str]:
    depots = dict(zip(county.table("depots")["depot"], county.table("depots")["name"], strict=True))
    new = {
        f"new-{one}": name for one, name in zip(found.candidates["candidate"], found.candidates["name"], strict=True)
    }
    return {**{depot: depot for depot in found.depots}, **depots, **new}


def _cell(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if np.isnan(value):
        return ""
    if name in {"chance", "chance_unseen", "gain_chance"}:
        return f"{value:+.1%}" if name == "gain_chance" else f"{value:.1%}"
    return f"{value:+,.0f}" if name == "gain_people" else f"{value:,.0f}"


def _sheet(lang: str, key: str, table: pd.DataFrame) -> Sheet:
    columns = tuple(Column(name, text(lang, f"stock_col_{name}"), _KINDS.get(name, "text")) for name in table.columns)
    return Sheet(text(lang, key), text(lang, key), columns, table, ())
