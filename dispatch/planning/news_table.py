"""A list of news as a duty officer keeps it: one row for each thing told, CSV or the first sheet of a workbook."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import isnan
from pathlib import Path

from dispatch.clock import SECOND_MS
from dispatch.county.list_file import list_rows
from dispatch.county.problem_text import found
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
    """Rows of the list that say anything."""
    for number, named in list_rows(path, NEWS_COLUMNS, problems):
        if any(cell not in (None, "") for cell in named.values()):
            yield number, named
