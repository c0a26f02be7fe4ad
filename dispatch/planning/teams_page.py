"""The sheets of the teams: who is sent where and works from when to when; and tasks that are not done, and why."""

from __future__ import annotations

from dispatch.county.english import own_names
from dispatch.documents.messages import has, text
from dispatch.planning.names import site_name
from dispatch.planning.plan_pages import Page, page
from dispatch.planning.plan_view import PlanView
from dispatch.scenario import Scenario

__all__ = ["cause_words", "detail_words", "team_pages"]

_COLUMNS = (
    "deployment", "team_name", "sequence", "task_name", "skill_name", "people", "start_name", "leave_clock",
    "road_end_clock", "begin_clock", "end_clock", "team", "task",
)  # fmt: skip
_LEFT = ("task", "task_name", "person_h", "cause_name", "detail")


def team_pages(view: PlanView) -> list[Page]:
    """Deployments, and tasks that are not done; none for a plan without either."""
    plan, scenario = view.plan, view.scenario
    unserved = plan.unserved[plan.unserved["kind"] == "task"]
    if plan.deployments.empty and unserved.empty:
        return []
    named = own_names(scenario.county, "teams", view.lang)
    rows = [
        {
            **row,
            **{f"{name[:-3]}_clock": view.clock(value) for name, value in row.items() if str(name).endswith("_ms")},
            "team_name": named.get(row["team"], row["team"]),
            "task_name": site_name(scenario, row["task"], view.lang),
            "skill_name": _word(view.lang, "teams_skill", row["skill"]),
            "people": row["strength"],
            "start_name": view.site(row["start_site"]),
        }
        for row in plan.deployments.to_dict("records")
    ]
    left = [
        {
            "task": row["subject"],
            "task_name": site_name(scenario, row["subject"], view.lang),
            "person_h": round(row["amount"] / 60, 2),
            "cause_name": cause_words(view.lang, row["cause"]),
            "detail": detail_words(scenario, view.lang, row["cause"], row["detail"]),
        }
        for row in unserved.to_dict("records")
    ]
    return [page("teams", _COLUMNS, rows, ("deployment",), printed=11), page("teams_left", _LEFT, left, ("task",))]


def cause_words(lang: str, cause: str) -> str:
    """Why a task is not done, in words; the cause itself if it is none of the planner's."""
    return _word(lang, "teams_cause", cause)


def detail_words(scenario: Scenario, lang: str, cause: str, detail: str) -> str:
    """The figures beside a cause as a sentence, with names for ids; the figures themselves where there is none."""
    key = f"teams_detail_{cause}"
    if not detail or not has(key):
        return detail
    parts = [part.strip() for part in detail.replace(";", ",").split(",") if part.strip()]
    gap = "、" if lang == "zh" else ", "
    if cause == "skill":
        return text(lang, key, value=gap.join(_word(lang, "teams_skill", part) for part in parts))
    if cause == "after":
        return text(lang, key, value=gap.join(site_name(scenario, part, lang) for part in parts))
    if cause == "team":
        named = own_names(scenario.county, "teams", lang)
        return text(lang, key, value=gap.join(str(named.get(part) or part) for part in parts))
    if cause in ("strength", "commander", "hospital"):
        have, _, need = detail.replace(">", "/").partition("/")
        return text(lang, key, value=have.strip(), other=need.strip())
    return text(lang, key, value=detail)


def _word(lang: str, prefix: str, value: str) -> str:
    key = f"{prefix}_{value}"
    return text(lang, key) if has(key) else value
