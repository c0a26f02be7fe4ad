"""The papers that a drill is played from: script, narration, action cards; and its evaluation and report."""

from __future__ import annotations

from dispatch.documents.word import Heading, Lines, PageBreak, Paragraph, Part, WordTable
from dispatch.drill.model import Inject, Role
from dispatch.drill.papers_frame import head
from dispatch.drill.points import grace_s
from dispatch.drill.say import Say, minutes

__all__ = [
    "card_parts",
    "cards_paper",
    "evaluation_paper",
    "form_parts",
    "narration_paper",
    "script_paper",
    "script_parts",
    "summary_paper",
]


def script_paper(say: Say) -> list[Part]:
    """演练脚本: every inject with its expected actions, for control and evaluators."""
    parts = head(say, "script")
    for inject in say.drill.injects:
        parts += script_parts(say, inject)
    return parts


def script_parts(say: Say, inject: Inject) -> list[Part]:
    """One inject in full."""
    lang = say.lang
    title = say(
        "script_inject",
        number=inject.number,
        type=say(f"type_{inject.type}"),
        clock=say.clock(inject.time_ms),
        exercise=say.exercise(inject.time_ms),
    )
    said = [
        say(
            "script_from",
            sender=say.role(inject.sender),
            receiver=say.role(inject.receiver),
            medium=say(f"medium_{inject.medium}"),
        )
    ]
    if inject.place_name(lang):
        said.append(say("script_place", place=inject.place_name(lang)))
    if inject.after:
        said.append(say("script_after", numbers=say.numbers(inject)))
    parts: list[Part] = [Heading(title, 2), Paragraph("　".join(said), "note"), Paragraph(inject.text(lang), bold=True)]
    rows = [
        (
            action.action,
            say.role(action.role),
            action.text(lang),
            say.standard(action.standard),
            f"{say.role(action.evaluator)}：{action.evaluator_note(lang)}"
            if lang == "zh"
            else f"{say.role(action.evaluator)}: {action.evaluator_note(lang)}",
        )
        for action in say.actions(inject)
    ]
    if rows:
        header = (say("c_action"), say("c_role"), say("c_expected"), say("c_standard"), say("c_evaluator"))
        parts.append(WordTable(header, rows, widths=(0.6, 1.2, 2.4, 1.8, 2.2)))
    parts.append(Paragraph(say("script_control", text=inject.controller_note(lang))))
    return [*parts, Paragraph(say("script_branch", text=inject.branch(lang)))]


def narration_paper(say: Say) -> list[Part]:
    """解说词: what is read out to those who watch."""
    drill, lang = say.drill, say.lang
    parts = [*head(say, "narration"), Paragraph(say("narration_open", title=drill.title(lang)), "lead")]
    play = [
        phase for phase in drill.timetable if phase.start_s >= 0 and phase.end_s <= drill.exercise_s(drill.end_ms) + 1
    ]
    told: set[str] = set()
    for inject in drill.injects:
        phase = next((p for p in reversed(play) if p.start_s <= drill.exercise_s(inject.time_ms) + 1e-6), None)
        if phase is not None and phase.phase not in told:
            told.add(phase.phase)
            parts += [Heading(phase.name(lang), 2), Paragraph(say("narration_phase", phase=phase.name(lang)))]
        parts.append(
            Paragraph(say("narration_inject", clock=f"{drill.clock(inject.time_ms):%H:%M}", text=inject.text(lang)))
        )
        parts += [
            Paragraph(
                say(
                    "narration_action",
                    role=say.role(action.role),
                    text=action.text(lang),
                    limit=say.duration(action.standard.limit_s),
                )
            )
            for action in say.actions(inject)
        ]
    return [*parts, Paragraph(say("narration_close"), "lead")]


def cards_paper(say: Say) -> list[Part]:
    """应急处置卡: one card a role that has something to do, each on a page of its own."""
    active = {action.role for action in say.drill.actions}
    parts: list[Part] = []
    for role in say.drill.roles:
        if role.role in active:
            parts += [*([PageBreak()] if parts else []), *card_parts(say, role)]
    return parts


def card_parts(say: Say, role: Role) -> list[Part]:
    """One card: on what message, what to do, within what time, whom to tell."""
    lang = say.lang
    injects = {inject.key: inject for inject in say.drill.injects}
    rows = [
        (
            injects[action.inject].text(lang),
            action.text(lang),
            say.duration(action.standard.limit_s),
            say.superior(role.role, injects[action.inject].sender),
        )
        for action in say.drill.actions
        if action.role == role.role
    ]
    header = (say("card_when"), say("card_do"), say("card_in"), say("card_report"))
    return [
        Heading(say("card_title", role=role.name(lang))),
        Paragraph(say("card_unit", unit=role.unit(lang))),
        Paragraph(say("card_duties", duties=role.duties(lang))),
        WordTable(header, rows, widths=(3, 2.6, 1, 1.2)),
        Paragraph(say("card_foot")),
        Paragraph(say("card_stop"), "notice", bold=True),
    ]


def evaluation_paper(say: Say) -> list[Part]:
    """评估方案 and 评估表."""
    drill, lang = say.drill, say.lang
    rows = [(o.name(lang), o.aim(lang), f"{o.points:g}", say.role(o.evaluator)) for o in drill.objectives]
    header = (say("c_objective"), say("c_aim"), say("c_points"), say("c_who_evaluates"))
    return [
        *head(say, "evaluation"),
        Heading(say("h_eval_how")),
        Paragraph(say("eval_how")),
        Heading(say("h_eval_rule")),
        Paragraph(_rule(say)),
        Paragraph(say("eval_grade"), "note"),
        Heading(say("h_eval_objectives")),
        WordTable(header, rows, widths=(1.5, 4, 0.7, 1.8), numbers=(2,)),
        Heading(say("h_eval_form")),
        *form_parts(say),
    ]


def _rule(say: Say) -> str:
    rule = say.drill.points
    return say("eval_rule", grace=f"{rule.grace_share:.0%}", least=minutes(rule.grace_min_s))


def form_parts(say: Say) -> list[Part]:
    """The form: a line an action, with the limits that its points follow from, and the total."""
    drill, lang = say.drill, say.lang
    numbers = {inject.key: inject.number for inject in drill.injects}
    parts: list[Part] = []
    for objective in drill.objectives:
        own = [action for action in drill.actions if action.objective == objective.objective]
        rows: list[tuple[object, ...]] = [
            (
                action.action,
                numbers[action.inject],
                action.text(lang),
                minutes(action.standard.limit_s),
                minutes(action.standard.limit_s + grace_s(drill.points, action.standard.limit_s)),
                f"{action.points:.2f}",
                "",
                "",
                "",
            )
            for action in own
        ]
        rows.append(("", "", say("eval_total"), "", "", f"{objective.points:.2f}", "", "", ""))
        header = (
            say("c_action"),
            say("c_number"),
            say("c_expected"),
            say("c_limit_min"),
            say("c_zero_min"),
            say("c_points"),
            say("c_actual"),
            say("c_measured"),
            say("c_score"),
        )
        parts.append(Heading(f"{objective.name(lang)}　{say.role(objective.evaluator)}", 2))
        parts.append(
            WordTable(header, rows, widths=(0.75, 0.7, 2.6, 0.95, 0.95, 0.8, 1, 1.1, 0.8), numbers=(1, 3, 4, 5))
        )
    return [*parts, Paragraph(say("eval_sign"))]


def summary_paper(say: Say) -> list[Part]:
    """总结报告: a template whose blanks are filled after the drill."""
    drill, lang = say.drill, say.lang
    blank = Paragraph(say("fill"))
    objectives = [(o.name(lang), f"{o.points:g}", "", "") for o in drill.objectives]
    objectives.append((say("eval_total"), "100", "", ""))
    fixes = [("", "", "", "", "") for _ in range(6)]
    return [
        *head(say, "summary"),
        Heading(say("h_sum_1")),
        Paragraph(f"{drill.title(lang)}　{say(f'kind_{drill.kind}')}"),
        blank,
        Heading(say("h_sum_2")),
        WordTable(
            (say("c_objective"), say("c_points"), say("c_got"), say("c_note")),
            objectives,
            widths=(1.5, 0.7, 0.7, 4),
            numbers=(1,),
        ),
        Heading(say("h_sum_3")),
        blank,
        Heading(say("h_sum_4")),
        blank,
        Heading(say("h_sum_5")),
        WordTable(
            (say("c_problem"), say("c_cause"), say("c_fix"), say("c_fix_owner"), say("c_fix_date")),
            fixes,
            widths=(2, 1.6, 2, 1, 1),
        ),
        Heading(say("h_sum_6")),
        Lines((say("sum_annex"),)),
    ]
