"""The sheet of an evacuation: who leaves when by which bus to which shelter; and who does not, and why."""

from __future__ import annotations

from dispatch.documents.messages import has, text
from dispatch.planning.plan_pages import Page, page
from dispatch.planning.plan_view import PlanView

__all__ = ["detail_words", "evacuation_pages", "unserved_words"]

_COLUMNS = (
    "move", "place_name", "group_name", "people", "mode_name", "vehicle", "plate", "sequence", "notice_clock",
    "board_clock", "depart_clock", "shelter_name", "arrive_clock", "done_clock", "hazard_clock",
)  # fmt: skip
_LEFT = ("place_name", "group_name", "people", "cause_name", "detail")


def evacuation_pages(view: PlanView) -> list[Page]:
    """Movements, and people who are not out in time; none for a plan without an evacuation."""
    plan = view.plan
    unserved = plan.unserved[plan.unserved["kind"] == "evacuation"]
    if plan.evacuations.empty and unserved.empty:
        return []
    moves = [
        {
            **row,
            **{f"{name[:-3]}_clock": view.clock(value) for name, value in row.items() if str(name).endswith("_ms")},
            "place_name": view.site(row["place"]),
            "group_name": view.word("evacuation_group", row["group"]),
            "mode_name": view.word("evacuation_mode", row["mode"]),
            "plate": view.plate(row["vehicle"]) if row["vehicle"] else "",
            "sequence": row["sequence"] or "",
            "shelter_name": view.site(row["shelter"]),
        }
        for row in plan.evacuations.to_dict("records")
    ]
    left = [
        {
            "place_name": view.site(row["subject"]),
            "group_name": view.word("evacuation_group", row["group"]),
            "people": row["amount"],
            "cause_name": unserved_words(view.lang, row["cause"]),
            "detail": detail_words(view.lang, row["cause"], row["detail"]),
        }
        for row in unserved.to_dict("records")
    ]
    return [
        page("evacuation", _COLUMNS, moves, ("move",)),
        page("evacuation_left", _LEFT, left, ("place_name", "group_name")),
    ]


def unserved_words(lang: str, cause: str) -> str:
    """Why people are not out in time, in words; the cause itself if it is none of the planner's."""
    key = f"evacuation_cause_{cause}"
    return text(lang, key) if has(key) else cause


def detail_words(lang: str, cause: str, detail: str) -> str:
    """The figure beside a cause, in words; the figure itself where there are none for it."""
    key = f"evacuation_detail_{cause}"
    return text(lang, key, value=detail.removesuffix(" min")) if detail and has(key) else detail
