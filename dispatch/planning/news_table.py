"""A list of news as a duty officer keeps it: one row for each thing told, CSV or the first sheet of a workbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import isnan
from pathlib import Path
from typing import Any

from dispatch.clock import SECOND_MS
from dispatch.county.csv_file import read_csv
from dispatch.county.files import WORKBOOKS, read_bytes, workbook_grids
from dispatch.county.grid import Grid
from dispatch.county.problem_text import found
from dispatch.county.reading import clean_text
from dispatch.county.table import Column
from dispatch.documents.messages import text
from dispatch.hazards.effect import Row, read_fields
from dispatch.planning.plan import Plan
from dispatch.planning.told import KINDS, Told, told
from dispatch.planning.wishes import WishError
from dispatch.problems import InputProblems, Problem, errors
from dispatch.scenario import Scenario

__all__ = ["NEWS_COLUMNS", "read_news"]

NEWS_COLUMNS: tuple[Column, ...] = (
    Column("kind", "事项", "text", zh_also=("类型", "类别")),
    Column("what", "对象", "text", zh_also=("道路、车辆、地点或库", "名称")),
    Column("where", "地点", "text", zh_also=("交付点", "驻地")),
    Column("item", "物资"),
    Column("lot", "批次", zh_also=("批号",)),
    Column("amount", "数量", "text", zh_also=("数值", "人数", "车速系数")),
    Column("start", "开始", zh_also=("开始时间", "起")),
    Column("end", "结束", zh_also=("结束时间", "止")),
    Column("source", "来源"),
    Column("note", "备注"),
)
"""``amount``: speed factor, people or units, all there is now. ``end``: also until when a late vehicle stands."""

_ALSO: dict[str, tuple[str, ...]] = {
    "close": ("closed", "中断", "封闭", "不通", "断路"),
    "slow": ("slowed", "降速", "慢行"),
    "open": ("opened", "畅通", "恢复", "抢通", "开通"),
    "without": ("out", "退出", "故障", "不可用"),
    "late": ("delayed", "延误", "停驶"),
    "vehicle": ("new vehicle", "增加车辆", "增车"),
    "people": ("人数", "人员"),
    "need": ("needs", "需求"),
    "stock": ("库存",),
    "not_begun": ("not begun", "未开始"),
    "begun": ("已开始",),
}
_HEADERS = {name for column in NEWS_COLUMNS for name in (column.name, column.zh, *column.zh_also)}
_HEADER_ROWS = 10


def read_news(path: Path, scenario: Scenario, plan: Plan) -> list[Told]:
    """Read a list of news.

    Parameters
    ----------
    path : Path
        Headers in English or Chinese (``NEWS_COLUMNS``), also below title rows; ``kind`` is one of ``told.KINDS`` or
        its Chinese word.
    scenario : Scenario
    plan : Plan
        In force.

    Raises
    ------
    InputProblems
        With every row that cannot be used, and every column that is none.
    """
    problems: list[Problem] = []
    kinds = {word: kind for kind, words in _ALSO.items() for word in (kind, *words)}
    items: list[Told] = []
    unknown: dict[str, int] = {}
    for number, cells in _rows(path, problems):
        row, further = read_fields(cells, NEWS_COLUMNS, path.name, number, scenario.reference_time, problems)
        for header in further:
            unknown.setdefault(header, number)
        kind = kinds.get(row.values["kind"].casefold())
        if kind is None:
            row.problem("kind", row.values["kind"], "replan_list_kind",
                        known=", ".join(f"{name} ({_ALSO[name][-1]})" for name in KINDS))  # fmt: skip
        elif not row.failed:
            items += _told(row, kind, scenario, plan)
    columns = ", ".join(column.name for column in NEWS_COLUMNS)
    problems += [found("hazards_unknown_property", path.name, number, header, header, columns=columns)
                 for header, number in unknown.items()]  # fmt: skip
    if not items and not problems:
        problems.append(found("replan_list_empty", path.name))
    if errors(problems):
        raise InputProblems(problems)
    return items


def _told(row: Row, kind: str, scenario: Scenario, plan: Plan) -> list[Told]:
    """One row as if it were typed; none, and a problem, where it cannot be read."""
    of = row.values
    amount = of["amount"].replace(",", "")
    at = f"@{of['where']}" if of["where"] else ""
    what = of["what"]
    word = {
        "slow": f"{what}={amount}", "late": f"{what}=+0:00", "vehicle": f"{what}{at}", "people": f"{what}={amount}{at}",
        "need": f"{what}={of['item']}:{amount}",
        "stock": f"{what}={of['item']}{'/' + of['lot'] if of['lot'] else ''}:{amount}",
    }.get(kind, what)  # fmt: skip
    try:
        made = told(scenario, plan, kind, word)
    except WishError as wrong:
        row.problem("what", what, "replan_list_row", reason_zh=wrong.said("zh"), reason_en=wrong.said("en"))
        return []
    begin, end = (None if isnan(of[name]) else round(of[name] * SECOND_MS) for name in ("start", "end"))
    if kind == "late" and end is None:
        row.problem("end", "", "replan_list_until")
        return []
    if begin is not None and end is not None and end <= begin:
        row.problem("end", "", "replan_list_row", **{f"reason_{lang}": text(lang, "plan_wish_no_time", road=what)
                                                     for lang in ("zh", "en")})  # fmt: skip
        return []
    return [replace(made, from_ms=begin, until_ms=end)]


def _rows(path: Path, problems: list[Problem]) -> Iterator[tuple[int, dict[str, object]]]:
    """Rows below the header, which is the row among the first ones that names most columns."""
    grid = _grid(path, problems)
    if grid is None:
        return
    heads = grid.rows[:_HEADER_ROWS]
    scores = [_known_headers(cells) for _, cells in heads]
    if not any(scores):
        columns = ", ".join(column.name for column in NEWS_COLUMNS)
        problems.append(found("hazards_no_header", path.name, columns=columns))
        return
    at = scores.index(max(scores))
    header = [clean_text(str(cell)) if cell is not None else "" for cell in heads[at][1]]
    for number, cells in grid.rows[at + 1 :]:
        named: dict[str, Any] = {name: cell for name, cell in zip(header, cells, strict=False) if name}
        if any(cell not in (None, "") for cell in named.values()):
            yield number, named


def _grid(path: Path, problems: list[Problem]) -> Grid | None:
    """Rows of a CSV file or of the first sheet of a workbook."""
    if path.suffix.lower() in WORKBOOKS:
        grids, _, wrong = workbook_grids(path, lambda titles: titles[:1])
        problems += wrong
        return next(iter(grids.values()), None)
    content, wrong = read_bytes(path)
    problems += wrong
    if content is None:
        return None
    grid, wrong = read_csv(content, path.name, path.stem, lambda rows: max(map(_known_headers, rows), default=0))
    problems += wrong
    return grid


def _known_headers(cells: Sequence[object]) -> int:
    """How many cells of a row name a column."""
    return sum(clean_text(str(cell)).casefold() in _HEADERS for cell in cells)
