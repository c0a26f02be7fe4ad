"""A drill's workbooks: the inject list with its tables, and the evaluation form, which adds itself up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from dispatch.documents.workbook import Column, Kind, Sheet, close_book, write_workbook
from dispatch.drill.model import Action
from dispatch.drill.points import grace_s
from dispatch.drill.say import Say, minutes

__all__ = ["write_book", "write_form"]


_PRINTED = 10
"""Columns of the inject list that go on paper; all of them stand in the script."""


def write_book(say: Say, path: Path) -> Path:
    """情景事件清单 with expected actions, timetable, resources and participants."""
    sheets = [_injects(say), _actions(say), _timetable(say), _resources(say), _participants(say)]
    write_workbook(path, sheets, title=say.drill.title(say.lang), created=say.drill.clock(0), footer=say("footer"))
    return path


def _sheet(
    say: Say,
    name: str,
    columns: dict[str, tuple[Kind, float]],
    rows: list[tuple[Any, ...]],
    *notes: str,
    printed: int = 0,
) -> Sheet:
    """A sheet; ``columns``: name → (kind, width)."""
    made = tuple(Column(key, say(f"c_{key}"), kind, width) for key, (kind, width) in columns.items())
    table = pd.DataFrame(rows, columns=list(columns), dtype=object)
    return Sheet(
        say(f"s_{name}"),
        f"{say.drill.title(say.lang)}　{say(f's_{name}')}",
        made,
        table,
        (say("footer"), *notes),
        printed=printed,
    )


def _injects(say: Say) -> Sheet:
    lang, drill = say.lang, say.drill
    columns: dict[str, tuple[Kind, float]] = {
        "number": ("exact", 6),
        "clock": ("text", 12),
        "exercise": ("text", 9),
        "type": ("text", 9),
        "from": ("text", 14),
        "to": ("text", 14),
        "medium": ("text", 9),
        "text": ("text", 44),
        "place": ("text", 12),
        "expected": ("text", 36),
        "role": ("text", 14),
        "objective": ("text", 10),
        "capability": ("text", 12),
        "standard": ("text", 34),
        "controller": ("text", 30),
        "evaluator": ("text", 34),
        "after": ("text", 8),
        "branch": ("text", 30),
        "lon": ("text", 11),
        "lat": ("text", 10),
    }
    rows = []
    for inject in drill.injects:
        own = say.actions(inject)
        rows.append(
            (
                inject.number,
                say.clock(inject.time_ms),
                say.exercise(inject.time_ms),
                say(f"type_{inject.type}"),
                say.role(inject.sender),
                say.role(inject.receiver),
                say(f"medium_{inject.medium}"),
                inject.text(lang),
                inject.place_name(lang),
                _lines(f"{a.action} {a.text(lang)}" for a in own),
                say.role(inject.owner),
                say.objective(inject.objective),
                say.capability(inject.capability),
                _lines(f"{a.action} {say.standard(a.standard)}" for a in own),
                inject.controller_note(lang),
                _lines(f"{a.action} {say.role(a.evaluator)}: {a.evaluator_note(lang)}" for a in own),
                say.numbers(inject),
                inject.branch(lang),
                f"{inject.lon:.5f}" if inject.located else "",
                f"{inject.lat:.5f}" if inject.located else "",
            )
        )
    return _sheet(say, "injects", columns, rows, say("n_standard", scale=f"{drill.scale:g}"), printed=_PRINTED)


def _lines(parts: Any) -> str:
    return "\n".join(parts)


def _actions(say: Say) -> Sheet:
    numbers = {inject.key: inject.number for inject in say.drill.injects}
    columns: dict[str, tuple[Kind, float]] = {
        "action": ("id", 7),
        "number": ("exact", 7),
        "text": ("text", 40),
        "role": ("text", 16),
        "objective": ("text", 12),
        "capability": ("text", 14),
        "p50": ("exact", 14),
        "p90": ("exact", 14),
        "own": ("exact", 20),
        "limit_min": ("exact", 20),
        "points": ("text", 8),
        "source": ("text", 30),
        "who_evaluates": ("text", 16),
        "event": ("text", 22),
    }
    rows = [
        (
            a.action,
            numbers[a.inject],
            a.text(say.lang),
            say.role(a.role),
            say.objective(a.objective),
            say.capability(a.capability),
            minutes(a.standard.p50_s),
            minutes(a.standard.p90_s),
            minutes(a.standard.own_s) if a.standard.own_s >= 0 else None,
            minutes(a.standard.limit_s),
            f"{a.points:.2f}",
            a.standard.source,
            say.role(a.evaluator),
            f"{a.event} {a.milestone}".strip(),
        )
        for a in say.drill.actions
    ]
    return _sheet(say, "actions", columns, rows, say("n_standard", scale=f"{say.drill.scale:g}"))


def _timetable(say: Say) -> Sheet:
    columns: dict[str, tuple[Kind, float]] = {
        "phase": ("text", 28),
        "begin": ("text", 10),
        "end": ("text", 10),
        "content": ("text", 50),
    }

    def at(seconds: float) -> str:
        whole = round(seconds / 60)
        return f"{'-' if whole < 0 else '+'}{abs(whole) // 60}:{abs(whole) % 60:02d}"

    rows = [(p.name(say.lang), at(p.start_s), at(p.end_s), p.text(say.lang)) for p in say.drill.timetable]
    return _sheet(say, "timetable", columns, rows)


def _resources(say: Say) -> Sheet:
    columns: dict[str, tuple[Kind, float]] = {
        "kind": ("text", 12),
        "name": ("text", 34),
        "owner": ("text", 40),
        "quantity": ("count", 10),
        "measure": ("text", 8),
        "note": ("text", 24),
    }
    rows = [
        (say(f"resource_{r.kind}"), r.name(say.lang), r.owner(say.lang), r.quantity, r.unit(say.lang), "")
        for r in say.drill.resources
    ]
    return _sheet(say, "resources", columns, rows)


def _participants(say: Say) -> Sheet:
    columns: dict[str, tuple[Kind, float]] = {
        "role": ("text", 22),
        "unit": ("text", 24),
        "side": ("text", 14),
        "industry": ("text", 14),
        "duties": ("text", 46),
        "name": ("text", 14),
        "note": ("text", 20),
    }
    rows = [
        (r.name(say.lang), r.unit(say.lang), say(f"side_{r.side}"), r.industry(say.lang), r.duties(say.lang), "", "")
        for r in say.drill.roles
    ]
    return _sheet(say, "participants", columns, rows)


def write_form(say: Say, path: Path) -> Path:
    """评估表: the measured minutes are typed in, points and totals follow by formula (empty: nothing measured, 0)."""
    import xlsxwriter

    drill, lang = say.drill, say.lang
    book = xlsxwriter.Workbook(str(path))
    book.set_properties({"title": say.title("evaluation"), "created": drill.clock(0).replace(tzinfo=None)})
    page = book.add_worksheet(say("s_form"))
    base = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "vcenter", "border": 1, "text_wrap": True}
    plain, head, typed, bold = (
        book.add_format({**base, **more})
        for more in (
            {},
            {"bold": True, "bg_color": "#E7E6E6", "align": "center"},
            {"bg_color": "#FFFBEB"},
            {"bold": True},
        )
    )
    two, total = (
        book.add_format({**base, "num_format": "0.00"}),
        book.add_format({**base, "num_format": "0.00", "bold": True}),
    )
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_footer(f"&L&8{say('footer')}&R&8&P / &N")
    rule = say("eval_rule", grace=f"{drill.points.grace_share:.0%}", least=minutes(drill.points.grace_min_s))
    page.merge_range(0, 0, 0, 9, say.title("evaluation"), book.add_format({"bold": True, "font_size": 14}))
    page.merge_range(1, 0, 1, 9, rule, book.add_format({"text_wrap": True, "font_size": 9, "valign": "top"}))
    page.set_row(1, 64)
    titles = (
        "action",
        "number",
        "objective",
        "expected",
        "limit_min",
        "zero_min",
        "points",
        "measured",
        "score",
        "note",
    )
    for j, (key, width) in enumerate(zip(titles, (8, 8, 13, 46, 11, 11, 9, 14, 9, 26), strict=True)):
        page.set_column(j, j, width)
        page.write_string(2, j, say(f"c_{key}"), head)
    page.set_row(2, 46)
    numbers = {inject.key: inject.number for inject in drill.injects}
    row, sums = 3, []
    for objective in drill.objectives:
        first = row
        for action in (a for a in drill.actions if a.objective == objective.objective):
            _form_row(page, row, action, say, numbers[action.inject], plain, typed, two)
            row += 1
        page.write_string(row, 3, f"{objective.name(lang)} {say('eval_total')}", bold)
        page.write_formula(row, 6, f"=SUM(G{first + 1}:G{row})", total, objective.points)
        page.write_formula(row, 8, f"=SUM(I{first + 1}:I{row})", total, 0)
        sums.append(row + 1)
        row += 1
    page.write_string(row, 3, say("eval_total"), bold)
    page.write_formula(row, 6, "=" + "+".join(f"G{k}" for k in sums), total, 100)
    page.write_formula(row, 8, "=" + "+".join(f"I{k}" for k in sums), total, 0)
    page.freeze_panes(3, 0)
    page.repeat_rows(2)
    page.print_area(0, 0, row, 9)
    close_book(book)
    return path


def _form_row(page: Any, row: int, action: Action, say: Say, number: int, plain: Any, typed: Any, two: Any) -> None:
    limit = action.standard.limit_s / 60
    zero = limit + grace_s(say.drill.points, action.standard.limit_s) / 60
    page.write_string(row, 0, action.action, plain)
    page.write_number(row, 1, number, plain)
    page.write_string(row, 2, say.objective(action.objective), plain)
    page.write_string(row, 3, action.text(say.lang), plain)
    page.write_number(row, 4, limit, two)
    page.write_number(row, 5, zero, two)
    page.write_number(row, 6, action.points, two)
    page.write_blank(row, 7, None, typed)
    k = row + 1
    page.write_formula(row, 8, f'=IF(H{k}="",0,G{k}*MAX(0,MIN(1,(F{k}-H{k})/(F{k}-E{k}))))', two, 0)
    page.write_blank(row, 9, None, typed)
    page.set_row(row, 15 * (1 + len(action.text(say.lang)) // (22 if say.lang == "zh" else 44)) + 3)
