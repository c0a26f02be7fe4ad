"""``summary.docx``: one page for the leader — the answer, the plan in figures, the places missed and why, the map."""

from __future__ import annotations

import math
from pathlib import Path

from dispatch.clock import hours_minutes
from dispatch.documents.messages import text
from dispatch.documents.word import TEXT_CM, Heading, Lines, Paragraph, Part, Picture, WordTable, write_word
from dispatch.report.drawing import em_width
from dispatch.report.findings import Findings, duration, share
from dispatch.report.page_answer import deadline_hours, sentences
from dispatch.report.tables import moment
from dispatch.scenario import Scenario

__all__ = ["write_leader_page"]

_LISTED = 6
_MAP_SHARE = 0.9
_SMALLEST_MAP_CM = 6.0
_SPARE_CM = 0.6
_PT_PER_CM = 72 / 2.54
_LINE = 1.3  # line height of a font of one point
_HEADING_PT = {0: 20.0, 1: 15.0, 2: 12.5, 3: 11.0}
_TEXT_PT = {"lead": 13.0, "note": 8.5}


def write_leader_page(
    scenario: Scenario, findings: Findings, path: Path, lang: str, *, map_picture: Path | None = None, mark: str = ""
) -> Path:
    """Write the page.

    Parameters
    ----------
    scenario : Scenario
    findings : Findings
    path : Path
        ``.docx``.
    lang : {"zh", "en"}
    map_picture : Path, optional
        PNG of the plan's map; left out where there is none (no font for its names).
    mark : str
        Printed above the title, such as 内部资料.
    """
    zh = lang == "zh"
    title = (scenario.title_zh if zh else scenario.title_en) or scenario.name
    county = (scenario.county.name_zh if zh else scenario.county.name_en) or scenario.county.name_zh
    line = text(lang, "report_head_line", county=county, order=moment(scenario, lang, scenario.order_ms, "moment_long"),
                due=moment(scenario, lang, scenario.due_ms))  # fmt: skip
    parts: list[Part] = [Paragraph(mark, "centre", bold=True)] if mark else []
    parts += [Heading(title, 0), Paragraph(line, "note")]
    statements = [pair[0 if zh else 1] for pair in scenario.statements]
    if statements:
        parts.append(Paragraph(text(lang, "exports_said", statements=" ".join(statements)), "notice"))
    parts += [Heading(text(lang, "report_answer"))]
    said = sentences(scenario, findings, lang)
    parts += [Paragraph(sentence, "body" if k else "lead", bold=not k) for k, sentence in enumerate(said)]
    if len(findings.places):
        parts += [_figures(scenario, findings, lang), *_missed(scenario, findings, lang)]
    if map_picture is not None and map_picture.exists():
        room_cm = TEXT_CM[1] - sum(_height_cm(part) for part in parts) - _SPARE_CM
        parts.append(Picture(map_picture, share=_MAP_SHARE, most_cm=max(room_cm, _SMALLEST_MAP_CM)))
    footer = text(lang, "common_planning_aid")
    return write_word(path, parts, title=title, created=scenario.reference_time, footer=footer)


def _height_cm(part: Part) -> float:
    """Height of a part on the page, rather too much than too little."""

    def lines(words: str, size_pt: float, width_pt: float = TEXT_CM[0] * _PT_PER_CM) -> float:
        count = max(1, math.ceil(em_width(words, size_pt) / width_pt))
        return count * size_pt * _LINE / _PT_PER_CM

    match part:
        case Heading():
            return lines(part.text, _HEADING_PT[part.level]) + 0.7
        case Paragraph():
            return lines(part.text, _TEXT_PT.get(part.style, 10.5)) + (0.5 if part.style == "notice" else 0.15)
        case Lines():
            return sum(lines(item, 10.5, (TEXT_CM[0] - 0.7) * _PT_PER_CM) + 0.15 for item in part.items)
        case WordTable():
            column_pt = TEXT_CM[0] * _PT_PER_CM / max(len(part.header), 1)
            head = max((lines(word, 9.0, column_pt) for word in part.header), default=0.0)
            return head + 0.1 + len(part.rows) * 0.6 + 0.6
    return 0.0


def _figures(scenario: Scenario, findings: Findings, lang: str) -> WordTable:
    """People and places in time, first and last arrival, for reachable and all places."""
    places = findings.places
    measures = findings.measures

    def counted(rows_reachable: bool) -> list[str]:
        rows = places[places["reachable"]] if rows_reachable else places
        served = rows[rows["verdict"] == "served"]
        last = measures.t_all_reachable_ms if rows_reachable else measures.t_all_ms
        return [
            f"{len(served)} / {len(rows)}",
            f"{served['people'].sum():,.0f} / {rows['people'].sum():,.0f}",
            duration(lang, measures.t1_ms, scenario.horizon_ms),
            duration(lang, last, scenario.horizon_ms),
        ]

    header = ("", *(text(lang, f"exports_{key}", hours=deadline_hours(scenario))
                    for key in ("places_in_time", "people_in_time", "first", "last")))  # fmt: skip
    rows = [
        (text(lang, "report_scope_reachable"), *counted(True)),
        (text(lang, "report_scope_all"), *counted(False)),
    ]
    return WordTable(header, rows, widths=(1.2, 1, 1.2, 1, 1), numbers=(1, 2, 3, 4))


def _missed(scenario: Scenario, findings: Findings, lang: str) -> list[Part]:
    """Places that the plan misses, the worst first."""
    missed = findings.missed
    if missed.empty:
        return [Paragraph(text(lang, "report_missed_none"))]
    lines = []
    for place in missed.head(_LISTED).to_dict("records"):
        if place["planned_ms"] >= 0:
            said = text(lang, "report_missed_late", time=hours_minutes(place["planned_ms"] - scenario.order_ms),
                        late=hours_minutes(place["planned_ms"] - scenario.due_ms))  # fmt: skip
        else:
            said = text(lang, "report_missed_never", share=share(place["delivered_share"]))
        reason = place["reason"] or ("" if place["reachable"] else text(lang, "report_no_road"))
        lines.append(" · ".join(word for word in (place["name"], said, reason) if word))
    if len(missed) > _LISTED:
        lines.append(text(lang, "report_summary_more", count=len(missed) - _LISTED))
    return [Heading(text(lang, "report_summary_missed", count=len(missed)), 2), Lines(tuple(lines))]
