"""The plan as a workbook for the duty desk, and the same workbook read back after a person edited it.

Only the sheets of loads, trips and stops (with the hidden technical ones) are read back as the plan. Every other sheet
follows from them; one that says something else is reported as a violation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from dispatch.clock import offset_ms
from dispatch.county.problem_text import found
from dispatch.documents.cells import Grid, as_text, moment, read_grids, whole_number
from dispatch.documents.messages import LANGUAGES, text
from dispatch.documents.workbook import Column, FormSheet, Sheet, write_workbook
from dispatch.planning.air_page import air_pages
from dispatch.planning.evacuation_page import evacuation_pages
from dispatch.planning.fill_trips import open_trips
from dispatch.planning.order_forms import FormPage, form_pages, form_sheet
from dispatch.planning.plan import STOP_COLUMNS, TRIP_COLUMNS, Plan
from dispatch.planning.plan_compare import compare_forms, compare_page
from dispatch.planning.plan_file import table_sheet
from dispatch.planning.plan_pages import Page, as_cells, column, entry_pages, timetable_pages
from dispatch.planning.plan_rows import MAY_LACK, CellError, Row, opened
from dispatch.planning.plan_sheets import plan_from_sheets
from dispatch.planning.plan_view import PlanView
from dispatch.planning.plan_world import plan_world
from dispatch.planning.route_page import route_page
from dispatch.planning.summary_page import assumption_page, summary_page
from dispatch.planning.teams_page import team_pages
from dispatch.planning.violation import Violation
from dispatch.problems import InputProblems, Problem, errors
from dispatch.scenario import Scenario

__all__ = ["WorkbookPlan", "read_plan_workbook", "write_pages", "write_plan_workbook"]

_TECHNICAL = ("paths", "unmet", "objective", "meta")
_CLOCKS = {
    name: [f"{own[:-3]}_clock" for own in columns if own.endswith("_ms")]
    for name, columns in (("trips", TRIP_COLUMNS), ("stops", STOP_COLUMNS))
}


class WorkbookPlan(NamedTuple):
    """A plan read from a workbook.

    Attributes
    ----------
    plan : Plan
    disagreements : list of Violation
        Cells of derived sheets that contradict the plan.
    warnings : list of Problem
        Cells that were understood, but not as they stand.
    """

    plan: Plan
    disagreements: list[Violation]
    warnings: list[Problem]


def write_plan_workbook(
    plan: Plan, scenario: Scenario, path: Path | str, lang: str = "zh", *, contacts: bool = False, mark: str = ""
) -> None:
    """Write the workbook of a plan.

    Parameters
    ----------
    plan : Plan
    scenario : Scenario
    path : Path
    lang : {"zh", "en"}
    contacts : bool
        Print names and telephone numbers of the county's contacts on the orders.
    mark : str
        Printed at the head of every page and above the summary, such as 内部资料.

    Raises
    ------
    OSError
        If the file cannot be written, for instance because another program has it open.
    """
    view = PlanView(plan, scenario, lang)
    summary, *pages = _derived_pages(view)
    papers = [form_sheet(view, forms) for forms in form_pages(view, contacts=contacts)]
    loads, *other = (_sheet(view, page) for page in entry_pages(view))
    first = _sheet(view, summary)
    if mark:
        first = replace(first, notes=(mark, *first.notes))
    sheets: list[Sheet | FormSheet] = [first, loads]
    sheets += [_sheet(view, page) for page in pages]
    sheets += [*papers, _sheet(view, route_page(view)), _sheet(view, assumption_page(view)), *other]
    filled = [name for name in MAY_LACK if len(getattr(plan, name))]
    sheets += [table_sheet(plan, name, hidden=True) for name in (*_TECHNICAL, *filled)]
    write_workbook(
        Path(path),
        sheets,
        title=_title(view),
        created=scenario.reference_time,
        footer=" · ".join([_title(view), view.say("common_planning_aid")])[:200],
        header=mark[:100],
    )


def write_pages(pages: Sequence[Page], view: PlanView, path: Path) -> list[Path]:
    """Write pages as a workbook of their own, with the scenario's statements; the file, or none where no page is."""
    if not pages:
        return []
    scenario = view.scenario
    title = scenario.title_zh if view.lang == "zh" else scenario.title_en
    stated = tuple(zh if view.lang == "zh" else en for zh, en in scenario.statements)
    sheets = [_sheet(view, page, title) for page in pages]
    sheets = [replace(sheet, notes=(sheet.notes[0], *stated)) for sheet in sheets]
    write_workbook(path, sheets, title=title, created=scenario.reference_time, footer=title[:200])
    return [path]


def read_plan_workbook(path: Path | str, scenario: Scenario, *, to_fill: bool = False) -> WorkbookPlan:
    """Read a plan's workbook, also after a person edited it.

    Numbers kept as text, with thousands apart or with the item's unit behind them, are read as numbers. Where a time in
    ms is empty, the clock time beside it counts.

    Parameters
    ----------
    path : Path
    scenario : Scenario
    to_fill : bool
        What follows from the rest of a trip may be left empty: it reads as ``fill_trips.OPEN``, and derived sheets
        are not compared then.

    Raises
    ------
    InputProblems
        With every cell of the plan's own sheets that cannot be understood: sheet, row, column, value.
    """
    path = Path(path)
    grids = read_grids(path)
    problems: list[Problem] = []
    plan = plan_from_sheets(grids, path.name, problems, _Entries(scenario, problems, to_fill=to_fill).prepare, _CLOCKS)
    if errors(problems):
        raise InputProblems(problems)
    lang = next((lang for lang in LANGUAGES if text(lang, "plan_sheet_loads") in grids), None)
    if to_fill and open_trips(plan):
        lang = None
    disagreements = [] if lang is None else _disagreements(PlanView(plan, plan_world(plan, scenario), lang), grids)
    return WorkbookPlan(plan, disagreements, problems)


def _derived_pages(view: PlanView) -> list[Page]:
    return [summary_page(view), *timetable_pages(view), *evacuation_pages(view), *team_pages(view), *air_pages(view)]


def _disagreements(view: PlanView, grids: Mapping[str, Grid]) -> list[Violation]:
    """What the sheets say that does not follow from the plan; the assumptions are the scenario's and not compared."""
    pages = [*entry_pages(view), *_derived_pages(view), route_page(view)]
    forms: list[FormPage] = form_pages(view)
    return [
        *(violation for page in pages for violation in compare_page(page, grids, view.lang)),
        *(violation for page in forms for violation in compare_forms(page, grids, view.lang)),
    ]


def _title(view: PlanView) -> str:
    scenario = view.scenario
    title = scenario.title_zh if view.lang == "zh" else scenario.title_en
    return view.say("plan_title", scenario=title or scenario.name)


def _sheet(view: PlanView, page: Page, title: str = "") -> Sheet:
    """A page as the workbook shows it, by default with the plan's title."""
    columns: list[Column] = [column(view.lang, name, editable=name in page.entered) for name in page.rows.columns]
    name = view.say(f"plan_sheet_{page.name}")
    notes = [view.say(f"plan_note_{page.name}")]
    if page.name == "summary":
        notes += [zh if view.lang == "zh" else en for zh, en in view.scenario.statements]
    return Sheet(
        name,
        f"{name} · {title or _title(view)}",
        tuple(columns),
        as_cells(page.rows),
        tuple(notes),
        printed=page.printed,
    )


class _Entries:
    """Puts right what a person may write into the plan's own sheets; says so in a warning."""

    def __init__(self, scenario: Scenario, problems: list[Problem], *, to_fill: bool) -> None:
        self._to_fill = to_fill
        county = scenario.county
        items = county.table("items")
        self._units = dict(zip(items["item"], items["unit"], strict=True))
        self._scenario = scenario
        self._problems = problems

    def prepare(self, table: str, where: str, rows: list[Row]) -> list[Row]:
        """Rows with quantities and times as numbers where that can be done without doubt."""
        if table == "loads":
            return [self._load(row) for row in rows]
        if table in _CLOCKS:
            titled = (lang for lang in LANGUAGES if where.endswith("!" + text(lang, f"plan_sheet_{table}")))
            lang = next(titled, None)
            return [self._timed(table, where, row, lang) for row in rows]
        return rows

    def _load(self, row: Row) -> Row:
        cells = dict(row.cells)
        unit = self._units.get(_plain(cells.get("item")), "")
        try:
            cells["quantity"] = whole_number(cells.get("quantity"), {unit} if unit else ())
        except ValueError:  # left as it is, to be reported with its row
            return row
        return Row(row.number, cells, row.before)

    def _timed(self, table: str, where: str, row: Row, lang: str | None) -> Row:
        """Clock times where the exact ones are empty; a trip without anything of a return has none."""
        cells, clocks = dict(row.cells), _CLOCKS[table]
        reference = self._scenario.reference_time
        near = reference.replace(tzinfo=None)
        for clock in clocks:
            exact = f"{clock[:-6]}_ms"
            if cells.get(exact) not in (None, "") or cells.get(clock) in (None, ""):
                continue
            try:
                at = moment(cells[clock], near)
            except ValueError:
                continue
            cells[exact] = offset_ms(reference, at.replace(tzinfo=reference.tzinfo))
            key = "plan_warn_clock"
            heading = exact if lang is None else text(lang, f"plan_col_{exact}")
            self._problems.append(
                Problem(where, row.number, heading, str(cells[clock]), text("en", key), key, severity="warning")
            )
        clocked = [f"{clock[:-6]}_ms" for clock in clocks if cells.get(clock) not in (None, "")]
        empty = opened(table, cells, clocked)
        if empty and not self._to_fill:
            columns = ", ".join(name if lang is None else text(lang, f"plan_col_{name}") for name in empty)
            self._problems.append(found("plan_expect_filled", where, row.number, columns))
        return Row(row.number, cells, row.before)


def _plain(cell: Any) -> str:
    try:
        return as_text(cell)
    except (ValueError, CellError):
        return ""
