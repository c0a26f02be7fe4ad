"""Stock checks, shelf plans and stock layouts in words and as workbooks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from dispatch.county.county import County
from dispatch.documents.messages import text
from dispatch.documents.workbook import Column, Sheet, display_width, write_workbook
from dispatch.planning.stocking_check import Readiness
from dispatch.planning.stocking_optimise import Prepositioning, SplitRow
from dispatch.planning.stocking_shelf import ShelfYears
from dispatch.report.names import unit_word

__all__ = ["check_lines", "optimise_lines", "plan_lines", "text_table", "write_check", "write_optimised", "write_plan"]


def text_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table whose columns stand under one another, Chinese characters two wide."""
    cells = [list(header), *(list(row) for row in rows)]
    widths = [max(display_width(row[k]) for row in cells) for k in range(len(header))]
    return ["  " + "  ".join(cell + " " * (wide - display_width(cell)) for cell, wide in zip(row, widths, strict=True))
            .rstrip() for row in cells]  # fmt: skip


def _number(value: float, digits: int = 0) -> str:
    return "" if math.isnan(value) else f"{value:,.{digits}f}"


def _verdict(passed: bool, lang: str) -> str:
    return text(lang, "stock_pass" if passed else "stock_fail")


def check_lines(found: Readiness, lang: str) -> list[str]:
    """The readiness check as it is printed."""
    lines = [
        text(lang, "stock_check_head", season=text(lang, f"stock_season_{found.season}"), today=found.today.isoformat(),
             until=found.until.isoformat(), people=f"{found.people:,.0f}")
    ]  # fmt: skip
    header = [text(lang, f"stock_col_{key}") for key in ("item_name", "norm", "valid", "substitutes", "agreement",
                                                          "expired", "gap", "first_expiry", "passed")]  # fmt: skip
    for depot in dict.fromkeys(found.rows["depot"]):
        mine = found.rows[found.rows["depot"] == depot]
        shown = mine[mine["norm"].notna() | (mine["expired"] > 0)]
        ready = bool(shown["passed"].all())
        lines.append(f"{mine['depot_name'].iloc[0]} [{depot}] {_verdict(ready, lang)}")
        rows = [[row["item_name"], _number(row["norm"]), _number(row["valid"]), _number(row["substitutes"]),
                 _number(row["agreement"]), _number(row["expired"]), _number(row["gap"]), row["first_expiry"],
                 _verdict(bool(row["passed"]), lang)] for row in shown.to_dict("records")]  # fmt: skip
        lines += text_table(header, rows)
    lines.append(text(lang, "stock_groups_head"))
    head = [text(lang, f"stock_col_{key}") for key in ("name", "depots", "items_short", "expired_lots", "contact",
                                                        "contact_listed", "passed")]  # fmt: skip
    lines += text_table(head, [
        [row["name"], str(row["depots"]), str(row["items_short"]), str(row["expired_lots"]), row["contact"],
         text(lang, "common_yes" if row["contact_listed"] else "common_no"), _verdict(bool(row["passed"]), lang)]
        for row in found.groups.to_dict("records")
    ])  # fmt: skip
    for limit in (90, 180):
        due = found.due[(found.due["days"] >= 0) & (found.due["days"] <= limit)]
        lines.append(text(lang, "stock_due", days=limit, count=len(due), value=f"{due['value'].sum():,.0f}"))
    for row in found.due.to_dict("records"):
        lines.append(
            text(
                lang,
                "stock_due_lot",
                depot=row["depot_name"],
                item=row["item_name"],
                lot=row["lot"],
                quantity=_number(row["quantity"]),
                unit=f" {unit_word(row['unit'], lang)}".rstrip(),
                expiry=row["expiry"],
                days=row["days"],
            )
        )
    return lines


def write_check(found: Readiness, need: pd.DataFrame, path: Path, lang: str, created: datetime, county: County) -> Path:
    """The check as a workbook: every depot and item, groups, what falls due, the norm."""
    rows, groups = found.rows.copy(), found.groups.copy()
    for table in (rows, groups):
        table["passed"] = [_verdict(bool(one), lang) for one in table["passed"]]
    groups["contact_listed"] = [text(lang, "common_yes" if one else "common_no") for one in groups["contact_listed"]]
    counts = dict.fromkeys(("norm", "valid", "substitutes", "agreement", "expired", "expires_in_season", "gap",
                            "quantity", "value"), "count")  # fmt: skip
    title = text(lang, "stock_check_title", county=_county(county, lang))
    note = text(
        lang,
        "stock_check_head",
        season=text(lang, f"stock_season_{found.season}"),
        today=found.today.isoformat(),
        until=found.until.isoformat(),
        people=f"{found.people:,.0f}",
    )
    sheets = [
        _sheet(lang, "stock_sheet_check", rows, counts, (note,)),
        _sheet(lang, "stock_sheet_groups", groups, {"group": "id"}),
        _sheet(lang, "stock_sheet_due", found.due, counts),
        _sheet(lang, "stock_sheet_norm", need, counts),
    ]
    write_workbook(path, sheets, title=title, created=created)
    return path


def plan_lines(found: ShelfYears, lang: str) -> list[str]:
    """Budget by year, and what the shelf looks like."""
    lines = [text(lang, "stock_plan_head", start=found.start.isoformat(), years=len(found.budget))]
    lines += text_table(
        [text(lang, f"stock_col_{key}") for key in ("year_from", "gap_cost", "renewal", "total")],
        [[row["from"], _number(row["gap"]), _number(row["renewal"]), _number(row["total"])]
         for row in found.budget.to_dict("records")],
    )  # fmt: skip
    lines.append(text(lang, "stock_plan_due", due90=_due(found, "due_90"), due180=_due(found, "due_180")))
    low = found.items[found.items["lowest_valid_share"] < 1 - 1e-9]
    lines.append(text(lang, "stock_plan_valid", share=f"{found.items['lowest_valid_share'].min():.1%}", count=len(low)))
    assumed = found.items[~found.items["priced"]]
    if len(assumed):
        lines.append(text(lang, "stock_plan_assumed", names=text(lang, "common_list_comma").join(assumed["item_name"])))
    return lines


def _due(found: ShelfYears, name: str) -> str:
    """Worth of what falls due after the first day."""
    due = getattr(found.days, name)[0]
    return f"{float(due @ found.items['unit_cost'].to_numpy()):,.0f}"


def write_plan(found: ShelfYears, path: Path, lang: str, created: datetime, county: County) -> Path:
    """The rolling plan as a workbook: budget, purchases, items."""
    purchases, items = found.purchases.copy(), found.items.copy()
    purchases["reason"] = [text(lang, f"stock_reason_{one}") for one in purchases["reason"]]
    items["priced"] = [text(lang, "common_yes" if one else "common_no") for one in items["priced"]]
    counts = dict.fromkeys(("gap", "renewal", "total", "cost", "quantity", "target", "held", "shelf_life_d"), "count")
    kinds = {**counts, "lowest_valid_share": "share", "unit_cost": "decimal", "year": "exact", "expired": "decimal",
             "used": "decimal", "short": "decimal"}  # fmt: skip
    title = text(lang, "stock_plan_title", county=_county(county, lang))
    sheets = [
        _sheet(lang, "stock_sheet_budget", found.budget, kinds),
        _sheet(lang, "stock_sheet_purchases", purchases, kinds),
        _sheet(lang, "stock_sheet_items", items, kinds),
    ]
    write_workbook(path, sheets, title=title, created=created)
    return path


def optimise_lines(
    found: Prepositioning, split: Sequence[SplitRow], targets: Sequence[Any], target: float, county: County, lang: str,
    *, scenarios: int,
) -> list[str]:  # fmt: skip
    """Value, bound, VSS, EVPI, the held-out comparison, and the split; what one scenario alone cannot tell is said."""
    lines = [
        text(lang, "stock_opt_head", scenarios=len(found.nights.problem.probability), held_out=found.held_out,
             budget=f"{found.budget:,.0f}"),
        text(lang, "stock_opt_value", value=f"{found.value:,.0f}", bound=f"{found.bound:,.0f}", gap=f"{found.gap:.2%}",
             status=text(lang, f"siting_status_{found.status}")),
        text(lang, "stock_opt_vss", vss=f"{found.vss:,.0f}", evpi=f"{found.evpi:,.0f}"),
        text(lang, "stock_opt_served", today=f"{found.share_today:.1%}", found=f"{found.share_found:.1%}",
             all_today=f"{found.all_today:.1%}", all_found=f"{found.all_found:.1%}"),
        *([text(lang, "stock_opt_one_scenario")] if scenarios == 1 else []),
        text(lang, "stock_opt_better" if found.improved else "stock_opt_keep"),
    ]  # fmt: skip
    names = dict(zip(county.table("items")["item"], county.table("items")["name"], strict=True))
    depots = dict(zip(county.table("depots")["depot"], county.table("depots")["name"], strict=True))
    header = [text(lang, "stock_col_depot_name"), *(names.get(item, item) for item in found.nights.items)]
    lines += text_table(header, [
        [depots.get(depot, depot), *(f"{a:,.0f}→{b:,.0f}" for a, b in zip(found.today[j], found.found[j], strict=True))]
        for j, depot in enumerate(found.nights.depots)
    ])  # fmt: skip
    lines.append(text(lang, "stock_split_head", target=f"{target:.0%}"))
    lines += text_table(
        [text(lang, f"stock_col_{key}") for key in ("item_name", "held", "physical", "promised_today", "promised",
                                                     "yearly", "met", "status")],
        [[names.get(row.item, row.item), _number(row.held), _number(row.split.physical), _number(row.promised_today),
          _number(float(row.split.promised.sum())), _number(row.split.value), f"{row.split.met.mean():.0%}",
          text(lang, f"siting_status_{row.split.status}")] for row in split],
    )  # fmt: skip
    for before, after in targets:
        lines.append(text(
            lang, "stock_opt_target_line", scenario=before.scenario, nights=before.nights,
            before=f"{before.probability:.1%} ({before.low:.1%}–{before.high:.1%})",
            after=f"{after.probability:.1%} ({after.low:.1%}–{after.high:.1%})",
        ))  # fmt: skip
    if targets:
        lines.append(text(lang, "stock_opt_target_note"))
    return lines


def write_optimised(
    found: Prepositioning, split: Sequence[SplitRow], path: Path, lang: str, created: datetime, county: County
) -> Path:
    """Stock by depot and item now and found, and the split, as a workbook."""
    names = dict(zip(county.table("items")["item"], county.table("items")["name"], strict=True))
    depots = dict(zip(county.table("depots")["depot"], county.table("depots")["name"], strict=True))
    rows = pd.DataFrame([
        {"depot": depot, "depot_name": depots.get(depot, depot), "item": item, "item_name": names.get(item, item),
         "held": found.today[j, k], "found": found.found[j, k], "advised": found.best[j, k]}
        for j, depot in enumerate(found.nights.depots) for k, item in enumerate(found.nights.items)
    ])  # fmt: skip
    parts = pd.DataFrame([
        {"item": row.item, "item_name": names.get(row.item, row.item), "held": row.held,
         "physical": row.split.physical, "promised_today": row.promised_today,
         "promised": float(row.split.promised.sum()), "yearly": row.split.value, "bound": row.split.bound,
         "met": float(row.split.met.mean()), "status": text(lang, f"siting_status_{row.split.status}")}
        for row in split
    ])  # fmt: skip
    counts: dict[str, Any] = dict.fromkeys(("held", "found", "advised", "physical", "promised", "promised_today",
                                            "yearly", "bound"), "count")  # fmt: skip
    sheets = [_sheet(lang, "stock_sheet_layout", rows, counts),
              _sheet(lang, "stock_sheet_split", parts, {**counts, "met": "share"})]  # fmt: skip
    title = text(lang, "stock_layout_title", county=_county(county, lang))
    write_workbook(path, sheets, title=title, created=created)
    return path


def _county(county: County, lang: str) -> str:
    return county.name_zh if lang == "zh" else county.name_en


def _sheet(lang: str, key: str, table: pd.DataFrame, kinds: dict[str, Any], notes: tuple[str, ...] = ()) -> Sheet:
    if "unit" in table:
        table = table.assign(unit=[unit_word(unit, lang) for unit in table["unit"]])
    columns = tuple(Column(name, text(lang, f"stock_col_{name}"), kinds.get(name, "text")) for name in table.columns)
    return Sheet(text(lang, key), text(lang, key), columns, table, notes)
