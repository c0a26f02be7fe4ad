"""The small pack of a township or village: one Word document, an evaluation form, and the drill's JSON."""

from __future__ import annotations

from pathlib import Path

from dispatch.documents.word import Heading, PageBreak, Paragraph, Part, WordTable, write_word
from dispatch.drill.books import write_form
from dispatch.drill.drill_file import write_drill
from dispatch.drill.model import PARTS, Drill, Words
from dispatch.drill.norms import both, drill_rule, hazard_row
from dispatch.drill.papers_frame import safety_parts, timetable_table
from dispatch.drill.papers_play import card_parts, form_parts
from dispatch.drill.say import Say

__all__ = ["write_place_pack"]

_FOUR = (
    ("four_fire", "wildfire"),
    ("four_flood", "flash_flood"),
    ("four_earthquake", "earthquake"),
    ("four_geohazard", "geohazard"),
)


def write_place_pack(drill: Drill, out: Path, *, lang: str, four_plans: bool = False) -> list[Path]:
    """Write the pack into a folder, which is made.

    Parameters
    ----------
    drill : Drill
        Of a township or village.
    out : Path
    lang : {"zh", "en"}
    four_plans : bool
        Also the duty system and four plans (一制四案).
    """
    out.mkdir(parents=True, exist_ok=True)
    say = Say(drill, lang)
    title = say("pack_title", title=drill.title(lang))
    written = [
        write_drill(drill, out / "drill.json"),
        write_word(
            out / f"{say('file_pack')}.docx",
            _pack(say, title),
            title=title,
            created=drill.clock(0),
            footer=say("footer"),
        ),
        write_form(say, out / f"{say('file_form')}.xlsx"),
    ]
    if four_plans:
        title = say("four_title", place=drill.place_name(lang))
        path = out / f"{say('file_four_plans')}.docx"
        written.append(write_word(path, _four(say, title), title=title, created=drill.clock(0)))
    return written


def _pack(say: Say, title: str) -> list[Part]:
    drill, lang = say.drill, say.lang
    facts = [(label(lang), value(lang)) for label, value in drill.facts]
    parts: list[Part] = [
        Heading(title, 0),
        Paragraph(say.statements(), "notice"),
        Heading(say("h_v_facts")),
        WordTable((say("c_item"), say("c_value")), facts, widths=(1, 4)),
        timetable_table(say),
        Heading(say("h_v_script")),
    ]
    for part in PARTS:
        own = [inject for inject in drill.injects if inject.part == part]
        parts.append(Heading(say("v_script_part", name=say(f"part_{part}"), count=len(own)), 2))
        rows = [
            (
                inject.number,
                say.exercise(inject.time_ms),
                f"{say.role(inject.sender)} → {say.role(inject.receiver)}",
                inject.text(lang),
                "\n".join(action.text(lang) for action in say.actions(inject)),
                "\n".join(say.standard(action.standard) for action in say.actions(inject)),
            )
            for inject in own
        ]
        header = (
            say("c_number"),
            say("c_exercise"),
            say("c_from"),
            say("c_text"),
            say("c_expected"),
            say("c_standard"),
        )
        parts.append(WordTable(header, rows, widths=(0.55, 0.85, 1.3, 3, 2.1, 1.5), numbers=(0,)))
    parts += [*safety_parts(say, "h_v_risks", "h_v_stop"), Heading(say("h_v_form")), *form_parts(say)]
    active = {action.role for action in drill.actions}
    cards = [role for role in drill.roles if role.role in active]
    parts += [PageBreak(), Heading(say("h_v_cards"))]
    for k, role in enumerate(cards):
        parts += [*([PageBreak()] if k else []), *card_parts(say, role)]
    return parts


def _four(say: Say, title: str) -> list[Part]:
    drill, lang = say.drill, say.lang
    blank = [("", "", "", "") for _ in range(6)]
    header = (say("four_name"), say("c_role"), say("four_phone"), say("four_households"))
    parts: list[Part] = [
        Heading(title, 0),
        Paragraph(say("four_note"), "notice"),
        Heading(say("four_duty")),
        WordTable(header, blank, widths=(1, 1.2, 1.4, 2)),
    ]
    facts = {label.zh: value(lang) for label, value in drill.facts}
    keys = {key: Say(drill, "zh")(f"v_{key}") for key in ("shelter", "way", "danger")}
    for plan, hazard in _FOUR:
        row = hazard_row(hazard)
        onset = both(row, "onset")(lang).format(place=drill.place_name(lang))
        rows = [
            (say("c_event"), onset),
            (say("four_first"), both(row, "first")(lang)),
            (say("four_signal"), say("four_signal_value")),
            (say("four_who"), say("four_who_value")),
            (say("four_where"), facts.get(keys["shelter"], "")),
            (say("four_how"), facts.get(keys["way"], "")),
            (say("v_danger"), facts.get(keys["danger"], say("v_none"))),
            (say("four_count"), say("four_count_value", minutes=f"{drill_rule('count'):g}")),
        ]
        parts += [Heading(say(plan)), WordTable((say("c_item"), say("c_value")), rows, widths=(1, 4))]
    return parts


def file_word(words: Words) -> str:
    """A name as part of a file's name."""
    return "".join(letter if letter.isalnum() else "_" for letter in words.zh)
