"""A review on paper: the Word report, the Excel table, the figures, and several years side by side.

The report follows the order that the public outlines of exercise evaluation give (overview, how it went, evaluation by
objective, problems, improvements); the standards' texts were not read, and no conformity with them is claimed.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from dispatch.clock import hours_minutes
from dispatch.documents.messages import text
from dispatch.documents.word import Heading, Lines, Paragraph, Part, Picture, WordTable, write_word
from dispatch.documents.workbook import Column, Sheet, write_workbook
from dispatch.drill.points import grace_s
from dispatch.drill.review import Review
from dispatch.drill.review_counterfactual import Outcome
from dispatch.report.drawing import as_png, em_width, new_figure
from dispatch.report.palette import LIGHT

__all__ = ["improvements", "past_reviews", "save_review"]

_DUE_DAYS = {"missed": 30, "late": 60}
_SHOWN_CHAIN = 8
_LETTERS = 13.0
"""Points of the letters of the figure, which a page shows at two thirds."""
_OUTCOME = ("change", "on_time", "people", "t_all", "moved", "nights")
_TODO = ["action", "what", "owner", "due"]


def save_review(
    found: Review,
    out: Path,
    lang: str,
    *,
    held: date,
    outcomes: Sequence[Outcome] = (),
    past: pd.DataFrame | None = None,
) -> list[Path]:
    """Write ``review.docx``, ``review.xlsx``, ``review.json`` and the figures into a folder, which must exist.

    Parameters
    ----------
    found : Review
    out : Path
    lang : {"zh", "en"}
    held : date
        Day of the drill; improvements are due 30 days later (what was missed) or 60 (what was late).
    outcomes : sequence of Outcome
        Counterfactuals, the case as it was first.
    past : DataFrame, optional
        Earlier reviews (:func:`past_reviews`).
    """
    picture = out / "objectives.png"
    drawn = picture if _draw(found, picture, lang) else None
    todo = improvements(found, held, lang)
    paths = [
        _word(found, out / "review.docx", lang, held, outcomes, past, todo, drawn),
        _workbook(found, out / "review.xlsx", lang, outcomes, past, todo),
        _json(found, out / "review.json", held),
    ]
    return [*paths, *([drawn] if drawn else [])]


def improvements(found: Review, held: date, lang: str) -> list[dict[str, str]]:
    """What to mend: every missed or late action, its owner, and by when."""
    actions = {action.action: action for action in found.drill.actions}
    rows = []
    for row in found.actions.to_dict("records"):
        if row["verdict"] not in _DUE_DAYS:
            continue
        role = found.drill.role(row["role"])
        said = text(lang, f"review_improve_{row['verdict']}", what=actions[row["action"]].text(lang),
                    late=_clock(row["measured_s"] - row["limit_s"]))  # fmt: skip
        due = held + timedelta(days=_DUE_DAYS[row["verdict"]])
        owner = " · ".join(word for word in (role.unit(lang), role.name(lang)) if word)
        rows.append({"action": row["action"], "what": said, "owner": owner, "due": due.isoformat()})
    return rows


def past_reviews(folders: Sequence[Path]) -> pd.DataFrame:
    """Scores of earlier reviews: ``held``, ``objective`` ("" for the whole), ``share`` (0 … 1), one row each.

    Of several held on one day the second and later ones are ``2026-07-20 (2)`` ….
    """
    rows = []
    of_day: Counter[str] = Counter()
    for folder in folders:
        content = json.loads((folder / "review.json").read_text(encoding="utf-8"))
        of_day[content["held"]] += 1
        if of_day[content["held"]] > 1:
            content["held"] += f" ({of_day[content['held']]})"
        rows.append({"held": content["held"], "objective": "", "share": content["score"] / 100})
        rows += [
            {"held": content["held"], "objective": one["objective"], "share": one["share"]}
            for one in content["objectives"]
        ]
    return pd.DataFrame(rows, columns=["held", "objective", "share"]).sort_values(
        "held", kind="stable", ignore_index=True
    )


def _clock(seconds: float) -> str:
    """Hours, minutes and seconds, ``h:mm:ss``; "–" for NaN."""
    if math.isnan(seconds):
        return "–"
    sign = "-" if seconds < 0 else ""
    whole = round(abs(seconds))
    return f"{sign}{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _points(row: dict[str, Any]) -> str:
    return "–" if math.isnan(row["points"]) else f"{row['points']:.1f} / {row['full']:.1f}"


def _share(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.0%}"


def _objective_rows(found: Review, lang: str) -> list[tuple[Any, ...]]:
    names = {objective.objective: objective.name(lang) for objective in found.drill.objectives}
    return [
        (names[row["objective"]], f"{row['points']:.1f}", f"{row['full']:.1f}", _share(row["share"]), row["done"],
         row["late"], row["missed"])
        for row in found.objectives.to_dict("records")
    ]  # fmt: skip


def _action_rows(found: Review, lang: str) -> list[tuple[Any, ...]]:
    actions = {action.action: action for action in found.drill.actions}
    return [
        (row["action"], actions[row["action"]].text(lang), found.drill.role(row["role"]).name(lang),
         _clock(row["measured_s"]), _clock(row["p50_s"]), _clock(row["limit_s"]), _share(row["percentile"]),
         _points(row), text(lang, f"review_verdict_{row['verdict']}"))
        for row in found.actions.to_dict("records")
    ]  # fmt: skip


def _outcome_rows(outcomes: Sequence[Outcome], lang: str) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for outcome in outcomes:
        change = outcome.change
        said = text(lang, "review_as_was") if change is None else text(
            lang, f"review_change_{change.kind}", value=change.value,
            subject=text(lang, f"plan_step_{change.subject}") if change.kind == "step" else change.subject)  # fmt: skip
        moved = (
            ""
            if change is None
            else f"{'-' if outcome.before_ms < 0 else '+'}{hours_minutes(abs(round(outcome.before_ms)))}"
        )
        rows.append(
            (
                said,
                _share(outcome.on_time),
                _share(outcome.people),
                hours_minutes(round(outcome.t_all_ms)),
                moved,
                str(outcome.nights),
            )
        )
    return rows


def _headers(lang: str, *names: str) -> tuple[str, ...]:
    return tuple(text(lang, f"review_head_{name}") for name in names)


def _word(
    found: Review,
    path: Path,
    lang: str,
    held: date,
    outcomes: Sequence[Outcome],
    past: pd.DataFrame | None,
    todo: Sequence[dict[str, str]],
    picture: Path | None,
) -> Path:
    drill = found.drill
    counts = found.actions["verdict"].value_counts()
    title = text(lang, "review_title", title=drill.title(lang))
    numbered = _numbering(lang)
    parts: list[Part] = [
        Heading(title, 0),
        Paragraph(text(lang, "review_line", held=held.isoformat(), place=drill.place_name(lang)), "note"),
    ]
    if drill.statements:
        parts.append(Paragraph(" ".join(said(lang) for said in drill.statements), "notice"))
    parts += [
        Heading(numbered("overview")),
        Paragraph(text(lang, "review_score", score=f"{found.score:.1f}"), "lead", bold=True),
        Paragraph(text(lang, "review_counts", actions=len(found.actions), in_time=int(counts.get("in_time", 0)),
                       late=int(counts.get("late", 0)), missed=int(counts.get("missed", 0)))),
        *([] if not counts.get("not_rated") else [Paragraph(text(lang, "review_not_rated", count=counts["not_rated"],
            full=f"{float(found.objectives['full'].sum()):.1f}"), "notice")]),
        Paragraph(text(lang, "review_rule", share=_share(drill.points.grace_share),
                       minutes=f"{drill.points.grace_min_s / 60:g}"), "note"),
        Heading(numbered("objectives")),
        WordTable(_headers(lang, "objective", "points", "full", "share", "done", "late", "missed"),
                  _objective_rows(found, lang), widths=(2.4, 1, 1, 1, 1, 1, 1), numbers=(1, 2, 3, 4, 5, 6)),
    ]  # fmt: skip
    if picture is not None:
        parts.append(Picture(picture, share=0.85))
    parts += [
        Heading(numbered("actions")),
        Paragraph(text(lang, "review_times_note", scale=f"{drill.scale:g}"), "note"),
        WordTable(_headers(lang, "action", "what", "role", "measured", "p50", "limit", "percentile", "got", "verdict"),
                  _action_rows(found, lang), widths=(0.8, 2.25, 1.6, 1.0, 1.2, 1.1, 1.15, 1.05, 0.85)),
        Heading(numbered("chain")),
        Lines(tuple(_chain_lines(found, lang)), numbered=True),
    ]  # fmt: skip
    if outcomes:
        parts += [Heading(numbered("what_if")), Paragraph(text(lang, "review_what_if_note"), "note"),
                  WordTable(_headers(lang, *_OUTCOME), _outcome_rows(outcomes, lang), widths=(3, 1, 1, 1, 1, 0.8),
                            numbers=(1, 2, 3, 4, 5))]  # fmt: skip
    if past is not None and len(past):
        parts += [Heading(numbered("years")), _years(found, past, held, lang)]
    parts.append(Heading(numbered("improve")))
    if todo:
        rows = [(k, row["what"], row["owner"], row["due"]) for k, row in enumerate(todo, start=1)]
        parts.append(WordTable(_headers(lang, "number", "what", "owner", "due"), rows, widths=(0.5, 4, 1.8, 1.2)))
    else:
        parts.append(Paragraph(text(lang, "review_nothing_to_mend")))
    parts.append(Paragraph(text(lang, "review_no_claim"), "note"))
    return write_word(path, parts, title=title, created=drill.clock(0), footer=text(lang, "common_planning_aid"))


def _numbering(lang: str) -> Callable[[str], str]:
    """Headings of the parts that are there, numbered without gaps."""
    used: list[str] = []

    def numbered(part: str) -> str:
        used.append(part)
        number = "一二三四五六七"[len(used) - 1] if lang == "zh" else str(len(used))
        return text(lang, f"review_part_{part}", number=number)

    return numbered


def _chain_lines(found: Review, lang: str) -> list[str]:
    actions = {action.action: action for action in found.drill.actions}
    rows = {row["action"]: row for row in found.actions.to_dict("records")}
    return [
        text(lang, "review_chain_line", what=actions[name].text(lang), measured=_clock(rows[name]["measured_s"]),
             verdict=text(lang, f"review_verdict_{rows[name]['verdict']}"))
        for name in found.chain[-_SHOWN_CHAIN:]
    ]  # fmt: skip


def _years(found: Review, past: pd.DataFrame, held: date, lang: str) -> WordTable:
    """Shares by objective and year, this drill last."""
    names = {"": text(lang, "review_whole")} | {o.objective: o.name(lang) for o in found.drill.objectives}
    days = list(dict.fromkeys(past["held"]))
    now = {"": found.score / 100} | dict(zip(found.objectives["objective"], found.objectives["share"], strict=True))
    share = {(row["held"], row["objective"]): row["share"] for row in past.to_dict("records")}
    rows = [
        (name, *(_share(share.get((day, key), math.nan)) for day in days), _share(now[key]))
        for key, name in names.items()
    ]
    header = (text(lang, "review_head_objective"), *days, held.isoformat())
    return WordTable(header, rows, numbers=tuple(range(1, len(header))))


def _workbook(
    found: Review,
    path: Path,
    lang: str,
    outcomes: Sequence[Outcome],
    past: pd.DataFrame | None,
    todo: Sequence[dict[str, str]],
) -> Path:
    drill = found.drill
    names = {action.action: action for action in drill.actions}
    actions = found.actions.assign(
        what=[names[a].text(lang) for a in found.actions["action"]],
        role=[drill.role(r).name(lang) for r in found.actions["role"]],
        verdict=[text(lang, f"review_verdict_{v}") for v in found.actions["verdict"]],
        grace=[grace_s(drill.points, limit) for limit in found.actions["limit_s"]],
    )
    kinds: dict[str, Any] = {"measured_s": "decimal", "limit_s": "decimal", "p50_s": "decimal", "p90_s": "decimal",
                             "grace": "decimal", "percentile": "share", "points": "decimal", "full": "decimal",
                             "share": "share"}  # fmt: skip

    def sheet(key: str, frame: pd.DataFrame, columns: Sequence[str]) -> Sheet:
        made = tuple(Column(c, text(lang, f"review_head_{c}"), kinds.get(c, "text")) for c in columns)
        return Sheet(text(lang, f"review_sheet_{key}"), drill.title(lang), made, frame[list(columns)].astype(object))

    objectives = found.objectives.assign(objective=[o.name(lang) for o in drill.objectives])
    total = {"objective": text(lang, "review_whole"), "points": found.score, "full": float(objectives["full"].sum()),
             "share": found.score / 100, "done": objectives["done"].sum(), "late": objectives["late"].sum(),
             "missed": objectives["missed"].sum()}  # fmt: skip
    objectives = pd.concat([objectives, pd.DataFrame([total])], ignore_index=True)
    sheets = [
        sheet("objectives", objectives, ("objective", "points", "full", "share", "done", "late", "missed")),
        sheet("actions", actions, ("action", "what", "role", "measured_s", "p50_s", "p90_s", "limit_s", "grace",
                                   "percentile", "points", "full", "verdict")),
        sheet("improve", pd.DataFrame(todo, columns=_TODO), _TODO),
    ]  # fmt: skip
    if outcomes:
        frame = pd.DataFrame(_outcome_rows(outcomes, lang), columns=list(_OUTCOME))
        sheets.append(sheet("what_if", frame, tuple(frame.columns)))
    if past is not None and len(past):
        sheets.append(sheet("years", past, ("held", "objective", "share")))
    write_workbook(path, sheets, title=drill.title(lang), created=drill.clock(0).replace(tzinfo=None))
    return path


def _json(found: Review, path: Path, held: date) -> Path:
    content = {
        "format": "relief-dispatch drill review",
        "version": 1,
        "drill": found.drill.name,
        "held": held.isoformat(),
        "score": round(found.score, 6),
        "objectives": [_plain(row) for row in found.objectives.to_dict("records")],
        "actions": [_plain(row) for row in found.actions.to_dict("records")],
        "chain": list(found.chain),
    }
    path.write_text(
        json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8", newline="\n"
    )
    return path


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {key: None if isinstance(value, float) and math.isnan(value) else value for key, value in row.items()}


def _draw(found: Review, path: Path, lang: str) -> bool:
    """Points by objective against full points; False where no font for the names is installed."""
    names = {objective.objective: objective.name(lang) for objective in found.drill.objectives}
    rows = found.objectives.to_dict("records")

    def draw() -> Any:
        bars, below = 0.42 * len(rows), 0.75
        figure = new_figure(bars + below)
        widest = max((em_width(name, _LETTERS) for name in names.values()), default=60.0)
        left = (widest + 14) / (9.4 * 72)
        axes = figure.add_axes((left, 0.6 / (bars + below), 0.97 - left, bars / (bars + below)))
        places = range(len(rows))
        axes.barh(places, [row["full"] for row in rows], color=LIGHT["faint"], edgecolor=LIGHT["muted"])
        axes.barh(places, [row["points"] for row in rows], color=LIGHT["blue"], height=0.5)
        axes.set_yticks(list(places), [names[row["objective"]] for row in rows])
        axes.invert_yaxis()
        axes.tick_params(labelsize=_LETTERS)
        axes.set_xlabel(text(lang, "review_head_points"), fontsize=_LETTERS)
        return figure

    return as_png(draw, path, lang)
