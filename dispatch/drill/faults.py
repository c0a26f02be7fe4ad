"""What must hold in every drill, recomputed from the drill alone."""

from __future__ import annotations

import math

from dispatch.drill.facts import MARK
from dispatch.drill.model import PARTS, Drill
from dispatch.simulation.log import EVENTS

__all__ = ["drill_faults"]


def drill_faults(drill: Drill) -> list[str]:
    """Rules that a drill breaks, in words; empty if it is valid."""
    return [*_injects(drill), *_actions(drill), *_objectives(drill), *_parts(drill)]


def _injects(drill: Drill) -> list[str]:
    broken: list[str] = []
    roles = {role.role for role in drill.roles}
    at = {inject.key: inject.time_ms for inject in drill.injects}
    if len(at) != len(drill.injects):
        broken.append("two injects have one key")
    if [inject.number for inject in drill.injects] != list(range(1, len(drill.injects) + 1)):
        broken.append("injects are not numbered 1, 2 …")
    if any(a.time_ms > b.time_ms for a, b in zip(drill.injects, drill.injects[1:], strict=False)):
        broken.append("injects are not in the order of time")
    for inject in drill.injects:
        who = {inject.sender, inject.receiver, inject.owner} - roles
        if who:
            broken.append(f"inject {inject.number}: no role {', '.join(sorted(who))}")
        if not (inject.text.zh.startswith(MARK) and inject.text.en.startswith(MARK)):
            broken.append(f"inject {inject.number}: text without the exercise mark")
        early = [before for before in inject.after if at.get(before, math.inf) > inject.time_ms]
        broken += [f"inject {inject.number}: comes before {before}, which it depends on" for before in early]
        if not drill.start_ms <= inject.time_ms <= drill.end_ms:
            broken.append(f"inject {inject.number}: outside of play")
    return broken


def _actions(drill: Drill) -> list[str]:
    broken: list[str] = []
    roles = {role.role for role in drill.roles}
    at = {inject.key: inject.time_ms for inject in drill.injects}
    for action in drill.actions:
        if action.inject not in at:
            broken.append(f"action {action.action}: no inject {action.inject}")
        elif action.time_ms < at[action.inject]:
            broken.append(f"action {action.action}: due before its inject")
        if {action.role, action.evaluator} - roles:
            broken.append(f"action {action.action}: role or evaluator not known")
        if action.event not in EVENTS:
            broken.append(f"action {action.action}: no event {action.event}")
        standard = action.standard
        if not 0 < standard.limit_s < math.inf or standard.p90_s < standard.p50_s:
            broken.append(f"action {action.action}: standard is no time")
    if not math.isclose(sum(action.points for action in drill.actions), 100, abs_tol=1e-6):
        broken.append("points do not add up to 100")
    return broken


def _objectives(drill: Drill) -> list[str]:
    broken: list[str] = []
    evaluators = {role.role for role in drill.roles if role.side == "evaluator"}
    for objective in drill.objectives:
        own = [action.points for action in drill.actions if action.objective == objective.objective]
        if not any(inject.objective == objective.objective for inject in drill.injects):
            broken.append(f"objective {objective.objective}: no inject")
        if not own or not math.isclose(sum(own), objective.points, abs_tol=1e-5):
            broken.append(f"objective {objective.objective}: points of its actions do not add up")
        if objective.evaluator not in evaluators:
            broken.append(f"objective {objective.objective}: no evaluator")
    return broken


def _parts(drill: Drill) -> list[str]:
    """A township's or village's drill has exactly the three parts, in order."""
    if drill.level == "county":
        return []
    parts = list(dict.fromkeys(inject.part for inject in drill.injects))
    return [] if parts == list(PARTS) else [f"parts are {parts}, not {list(PARTS)}"]
