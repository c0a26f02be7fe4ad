"""The papers that set a drill's frame: exercise plan, scenario, who does what, safety plan."""

from __future__ import annotations

from pathlib import Path

from dispatch.documents.word import Heading, Lines, Paragraph, Part, Picture, WordTable
from dispatch.drill.composition import composition
from dispatch.drill.norms import both, hazard_row
from dispatch.drill.say import Say

__all__ = ["head", "plan_paper", "safety_paper", "safety_parts", "situation_paper", "tasks_paper", "timetable_table"]


def head(say: Say, key: str) -> list[Part]:
    """Title and statements."""
    return [Heading(say.title(key), 0), Paragraph(say.statements(), "notice")]


def _frame(say: Say) -> WordTable:
    drill = say.drill
    simulated = any(action.standard.source == "simulated" for action in drill.actions)
    basis = "f_basis_library"
    if drill.level != "county":
        basis = "f_basis_village"
    elif simulated:
        basis = "f_basis_value"
    values = {"nights": drill.nights, "replication": drill.replication, "percentile": round(100 * drill.percentile),
              "seed": drill.seed}  # fmt: skip
    play = say.duration((drill.end_ms - drill.start_ms) / 1000 / drill.scale)
    rows = [
        (say("f_kind"), say(f"kind_{drill.kind}")),
        (say("f_level"), say(f"level_{drill.level}")),
        (say("f_start"), say.clock(drill.start_ms)),
        (say("f_end"), say.clock(drill.end_ms)),
        (say("f_scale"), say("f_scale_value", scale=f"{drill.scale:g}", hours=play)),
        (say("f_difficulty"), say(f"difficulty_{drill.difficulty}")),
        (say("f_three_cuts"), say("yes" if drill.three_cuts else "no")),
        (say("f_night"), say("yes" if drill.night else "no")),
        (say("f_basis"), say(basis, **values)),
        (say("f_injects"), say("f_injects_value", injects=len(drill.injects), actions=len(drill.actions))),
    ]
    return WordTable((say("c_item"), say("c_value")), rows, widths=(1, 4))


def _objectives(say: Say) -> WordTable:
    drill = say.drill
    rows = [
        (o.name(say.lang), o.aim(say.lang), f"{o.points:g}",
         sum(inject.objective == o.objective for inject in drill.injects),
         sum(action.objective == o.objective for action in drill.actions), say.role(o.evaluator))
        for o in drill.objectives
    ]  # fmt: skip
    header = (
        say("c_objective"),
        say("c_aim"),
        say("c_points"),
        say("s_injects"),
        say("s_actions"),
        say("c_who_evaluates"),
    )
    return WordTable(header, rows, widths=(1.5, 3, 0.7, 0.9, 0.9, 1.5), numbers=(2, 3, 4))


def timetable_table(say: Say) -> WordTable:
    """Timetable in exercise time."""

    def at(seconds: float) -> str:
        whole = round(seconds / 60)
        return f"{'-' if whole < 0 else '+'}{abs(whole) // 60}:{abs(whole) % 60:02d}"

    rows = [
        (phase.name(say.lang), at(phase.start_s), at(phase.end_s), phase.text(say.lang))
        for phase in say.drill.timetable
    ]
    return WordTable((say("c_phase"), say("c_begin"), say("c_end"), say("c_content")), rows, widths=(2, 0.8, 0.8, 3.5))


def _people(say: Say) -> WordTable:
    rows = [(role.name(say.lang), role.unit(say.lang), say(f"side_{role.side}"), role.industry(say.lang),
             role.duties(say.lang)) for role in say.drill.roles]  # fmt: skip
    header = (say("c_role"), say("c_unit"), say("c_side"), say("c_industry"), say("c_duties"))
    return WordTable(header, rows, widths=(1.3, 1.5, 0.9, 1.35, 2.4))


def _resources(say: Say) -> WordTable:
    rows = [(say(f"resource_{r.kind}"), r.name(say.lang), r.owner(say.lang), f"{r.quantity:,g}", r.unit(say.lang))
            for r in say.drill.resources]  # fmt: skip
    header = (say("c_kind"), say("c_name"), say("c_owner"), say("c_quantity"), say("c_measure"))
    return WordTable(header, rows, widths=(0.9, 2.4, 2.4, 0.8, 0.7), numbers=(3,))


def plan_paper(say: Say, papers: list[str]) -> list[Part]:
    """演练工作方案."""
    drill, lang = say.drill, say.lang
    hazard = both(hazard_row(drill.hazard), "name")(lang)
    parts = head(say, "plan")
    parts += [Heading(say("h_purpose")), Paragraph(say("p_purpose", place=drill.place_name(lang), hazard=hazard))]
    parts += [Heading(say("h_basis")), Paragraph(say("assume")), Heading(say("h_frame")), _frame(say)]
    parts += [Heading(say("h_objectives")), _objectives(say), Heading(say("h_composition")), *_composition(say)]
    parts += [Heading(say("h_timetable")), timetable_table(say), Heading(say("h_organisation")), _people(say)]
    parts += [Heading(say("h_resources")), _resources(say), Heading(say("h_stop")), *_stop(say)]
    return [*parts, Heading(say("h_papers")), Lines(tuple(papers))]


def _composition(say: Say) -> list[Part]:
    found, comma = composition(say.drill), "、" if say.lang == "zh" else ", "
    least = dict(zip("dit", found.wanted, strict=True))
    said = say("composition_said", departments=len(found.departments), industries=len(found.industries),
               teams=len(found.team_types), verdict=say("met" if found.met else "not_met"), **least)  # fmt: skip
    english = {role.department: role.unit.en for role in say.drill.roles}
    trades = {role.industry.zh: role.industry.en for role in say.drill.roles}
    from dispatch.county.schema import SCHEMA

    words = SCHEMA["teams"].column("type").choices or {}
    zh = say.lang == "zh"
    names = {
        "departments": [unit if zh else english.get(unit, unit) for unit in found.departments],
        "industries": [name if zh else trades[name] for name in found.industries],
        "team_types": [words[kind] if zh else kind.replace("_", " ") for kind in found.team_types],
    }
    listed = tuple(say(key, names=comma.join(dict.fromkeys(value))) for key, value in names.items())
    return [Paragraph(said, bold=True), Lines(listed)]


def _stop(say: Say) -> list[Part]:
    stop = both(hazard_row(say.drill.hazard), "stop")(say.lang)
    reasons = (
        say("stop_real"),
        say("stop_hurt"),
        say("stop_weather", stop=stop),
        say("stop_misread"),
        say("stop_comms"),
    )
    return [Paragraph(say("stop_when")), Lines(reasons), Paragraph(say("stop_word"), bold=True)]


def situation_paper(say: Say, map_picture: Path | None) -> list[Part]:
    """演练情景说明: what has happened, how it develops, where."""
    drill, lang = say.drill, say.lang
    parts = head(say, "situation")
    parts += [Heading(say("h_background")), _frame(say), Heading(say("h_build"))]
    rows = [(inject.number, say.clock(inject.time_ms), say.exercise(inject.time_ms), inject.place_name(lang),
             inject.text(lang)) for inject in drill.injects if inject.type != "contingency"]  # fmt: skip
    header = (say("c_number"), say("c_clock"), say("c_exercise"), say("c_place"), say("c_text"))
    parts.append(WordTable(header, rows, widths=(0.6, 1.2, 0.9, 1.3, 4.5), numbers=(0,)))
    if map_picture is not None and map_picture.exists():
        parts += [Heading(say("h_map")), Picture(map_picture, share=0.95)]
    return [*parts, Heading(say("h_limits")), Paragraph(say("assume"))]


def tasks_paper(say: Say) -> list[Part]:
    """任务分工: units, posts and their tasks."""
    parts = [*head(say, "tasks"), Heading(say("h_task_units")), _people(say), Heading(say("h_task_actions"))]
    numbers = {inject.key: inject.number for inject in say.drill.injects}
    for role in say.drill.roles:
        own = [action for action in say.drill.actions if action.role == role.role]
        if not own:
            continue
        rows = [(action.action, numbers[action.inject], action.text(say.lang), say.duration(action.standard.limit_s),
                 say.objective(action.objective)) for action in own]  # fmt: skip
        parts.append(Heading(f"{role.name(say.lang)}　{role.unit(say.lang)}", 2))
        header = (say("c_action"), say("c_number"), say("c_expected"), say("c_standard"), say("c_objective"))
        parts.append(WordTable(header, rows, widths=(0.8, 0.6, 4, 1.2, 1.5), numbers=(1,)))
    return parts


def safety_parts(say: Say, risks: str = "h_risks", stop: str = "h_safety_stop") -> list[Part]:
    """Risks with measures, and the stop rule, under headings of these keys."""
    keys = ("traffic", "crowd", "water", "kit", "panic", "real")
    rows = [(say(f"risk_{key}"), say(f"risk_{key}_m")) for key in keys]
    return [
        Heading(say(risks)), WordTable((say("c_risk"), say("c_measure_taken")), rows, widths=(1.2, 4)),
        Heading(say(stop)), *_stop(say),
    ]  # fmt: skip


def safety_paper(say: Say) -> list[Part]:
    """安全保障方案 with its stop rule."""
    staff = [(role.name(say.lang), role.unit(say.lang), role.duties(say.lang)) for role in say.drill.roles
             if role.side == "controller"]  # fmt: skip
    header = (say("c_role"), say("c_unit"), say("c_duties"))
    return [
        *head(say, "safety"), *safety_parts(say), Heading(say("h_safety_roles")),
        WordTable(header, staff, widths=(1, 1.2, 3)), Heading(say("h_safety_signals")), Paragraph(say("sign_text")),
    ]  # fmt: skip
