"""The folder a run leaves: plan, log, indicators, figures and page; and the plan read back from any of its forms."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from dispatch.documents.messages import Lang
from dispatch.planning.check import check
from dispatch.planning.load_plan import load_plan
from dispatch.planning.plan import Plan
from dispatch.planning.violation import Violation
from dispatch.scenario import Scenario

if TYPE_CHECKING:
    from dispatch.report.evidence import Evidence
    from dispatch.report.findings import Findings
    from dispatch.simulation.ensemble import Ensemble

__all__ = ["InvalidPlan", "checked", "load_plan", "program_versions", "save_nights", "save_plan", "save_results"]

_PROGRAMS = ("relief-dispatch", "ortools", "simpy", "numpy", "pandas", "numba")


class InvalidPlan(Exception):  # noqa: N818 - names what it is about
    """A plan that breaks constraints; it is not written as valid."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        self.violations = tuple(violations)
        super().__init__("; ".join(str(violation) for violation in violations))


def checked(plan: Plan, scenario: Scenario) -> Plan:
    """Return the plan if it passes the checker.

    Raises
    ------
    InvalidPlan
        If it does not.
    """
    violations = check(plan, scenario)
    if violations:
        raise InvalidPlan(violations)
    return plan


def program_versions() -> dict[str, str]:
    """Versions of the library and of what its results depend on."""
    return {name: version(name) for name in _PROGRAMS}


def save_plan(
    plan: Plan, scenario: Scenario, path: Path, lang: Lang, *, contacts: bool = False, mark: str = ""
) -> None:
    """Write a plan as JSON, workbook or folder of CSV files, by the ending of ``path``.

    ``contacts``: names and telephone numbers on the workbook's orders; ``mark``: at the head of its pages.
    """
    from dispatch.planning.plan_file import write_plan
    from dispatch.planning.plan_workbook import write_plan_workbook

    if path.suffix.lower() == ".xlsx":
        write_plan_workbook(plan, scenario, path, lang, contacts=contacts, mark=mark)
    else:
        write_plan(plan, path)


def save_nights(ensemble: Ensemble, out: Path) -> list[Path]:
    """Write event log (Parquet and CSV), indicators (JSON), and tables by night, place and vehicle (CSV)."""
    from dispatch.simulation.log_file import write_log
    from dispatch.simulation.summary import indicators_json

    written = [out / "event_log.parquet", out / "event_log.csv", out / "indicators.json"]
    write_log(ensemble.log, written[0])
    write_log(ensemble.log, written[1])
    shown = json.dumps(indicators_json(ensemble.summary), ensure_ascii=False, indent=1, allow_nan=False)
    written[2].write_text(shown + "\n", encoding="utf-8")
    for name, table in (
        ("nights", ensemble.nights),
        ("places", ensemble.summary.places),
        ("vehicles", ensemble.summary.vehicles),
    ):
        path = out / f"{name}.csv"
        table.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
        written.append(path)
    return written


def save_results(
    scenario: Scenario,
    plan: Plan,
    ensemble: Ensemble,
    out: Path,
    *,
    lang: Lang,
    command: str,
    findings: Findings | None = None,
    evidence: Evidence | None = None,
    tiles: str = "",
    mark: str = "",
    contacts: bool = False,
) -> tuple[list[Path], list[str]]:
    """Write everything a run leaves into a folder, which must exist.

    Parameters
    ----------
    scenario : Scenario
    plan : Plan
        One that passed the checker.
    ensemble : Ensemble
    out : Path
    lang : {"zh", "en"}
    command : str
        Command line that repeats the run, as printed on the page.
    findings : Findings, optional
        Of ``report.findings.find``, where they are known already.
    evidence : Evidence, optional
        Verdict, changes, ranges and comparison for the page; none by default.
    tiles : str
        URL template of background tiles for the page; empty: none.
    mark : str
        At the head of page, workbook and leader's page, such as 内部资料.
    contacts : bool
        Names and telephone numbers on the workbook's orders.

    Returns
    -------
    files : list of Path
        What was written, the page first; the figures' folder stands for its files.
    notes : list of str
        What is missing on this machine, in words.
    """
    from dispatch.report.evidence import NOTHING
    from dispatch.report.exports import write_exports
    from dispatch.report.figures import drawings, write_figures
    from dispatch.report.findings import find
    from dispatch.report.page import write_report
    from dispatch.report.phases import plan_phases

    known = find(scenario, plan, ensemble, lang) if findings is None else findings
    shown = NOTHING if evidence is None else evidence
    save_plan(plan, scenario, out / "plan.json", lang)
    save_plan(plan, scenario, out / "plan.xlsx", lang, contacts=contacts, mark=mark)
    drawn = drawings(scenario, plan, known, plan_phases(plan, scenario), lang, shown)
    page = write_report(out, scenario, plan, ensemble, lang=lang, command=command, versions=program_versions(),
                        findings=known, evidence=shown, drawn=drawn, tiles=tiles, mark=mark)  # fmt: skip
    _, notes = write_figures(out / "figures", scenario, plan, ensemble, lang=lang, findings=known, drawn=drawn)
    exported = write_exports(out, scenario, plan, ensemble, lang=lang, mark=mark, findings=known)
    nights = save_nights(ensemble, out)
    return [page, out / "plan.xlsx", out / "plan.json", *nights, out / "figures", *exported], notes
