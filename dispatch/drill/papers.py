"""All papers of a county's drill, in one language, into one folder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from dispatch.documents.word import Part, write_word
from dispatch.drill.books import write_book, write_form
from dispatch.drill.drill_file import write_drill
from dispatch.drill.layers import write_calendar, write_drill_geopackage, write_map
from dispatch.drill.model import Drill
from dispatch.drill.papers_frame import plan_paper, safety_paper, situation_paper, tasks_paper
from dispatch.drill.papers_play import cards_paper, evaluation_paper, narration_paper, script_paper, summary_paper
from dispatch.drill.say import Say
from dispatch.planning.plan import Plan
from dispatch.scenario import Scenario

__all__ = ["WORD_PAPERS", "write_papers"]

WORD_PAPERS: tuple[str, ...] = (
    "plan", "situation", "script", "narration", "tasks", "cards", "safety", "evaluation", "summary"
)  # fmt: skip
"""Word documents in the order in which they are numbered."""


def write_papers(
    drill: Drill, scenario: Scenario, plan: Plan, out: Path, *, lang: str, begins: datetime | None = None
) -> list[Path]:
    """Write every paper into a folder, which is made.

    Parameters
    ----------
    drill : Drill
    scenario, plan : Scenario, Plan
        Those that the drill was made from.
    out : Path
    lang : {"zh", "en"}
    begins : datetime, optional
        When the exercise is held, for the calendar.

    Returns
    -------
    list of Path
        ``drill.json``, nine Word documents, two workbooks, map (PNG and PDF, if this machine has the fonts), GeoPackage
        and calendar.
    """
    out.mkdir(parents=True, exist_ok=True)
    say = Say(drill, lang)
    picture = out / f"{say('file_map')}.png"
    drawn = write_map(say, scenario, plan, picture)
    makers: dict[str, Callable[[], list[Part]]] = {
        "plan": lambda: plan_paper(say, [say.title(key) for key in WORD_PAPERS[1:]]),
        "situation": lambda: situation_paper(say, picture if drawn else None),
        "script": lambda: script_paper(say),
        "narration": lambda: narration_paper(say),
        "tasks": lambda: tasks_paper(say),
        "cards": lambda: cards_paper(say),
        "safety": lambda: safety_paper(say),
        "evaluation": lambda: evaluation_paper(say),
        "summary": lambda: summary_paper(say),
    }
    written = [write_drill(drill, out / "drill.json")]
    for k, (key, make) in enumerate(makers.items(), 1):
        path = out / f"{k:02d}_{say(f'file_{key}')}.docx"
        wide = key in {"script", "evaluation"}
        written.append(
            write_word(path, make(), title=say.title(key), created=drill.clock(0), footer=say("footer"), landscape=wide)
        )
    written.append(write_book(say, out / f"10_{say('file_book')}.xlsx"))
    written.append(write_form(say, out / f"11_{say('file_form')}.xlsx"))
    written += drawn
    written.append(write_drill_geopackage(say, scenario, plan, out / "drill.gpkg"))
    written.append(write_calendar(say, out / "drill.ics", begins))
    return written
