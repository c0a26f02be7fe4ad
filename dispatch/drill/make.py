"""A county's drill from a scenario, its plan and its nights: injects, expected actions, roles, timetable."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from dispatch.clock import HOUR_MS, MINUTE_MS, SECOND_MS, clock_time
from dispatch.drill.actions import DraftAction, draft_actions
from dispatch.drill.draft import Draft, draft_injects
from dispatch.drill.facts import Facts, fill, marked
from dispatch.drill.faults import drill_faults
from dispatch.drill.model import Action, Drill, Inject, InjectType, Kind, Objective, Words
from dispatch.drill.night import ChosenNight, choose_night
from dispatch.drill.norms import both, covers, drill_rule, hazard_row, points_rule, rows
from dispatch.drill.resources import county_resources
from dispatch.drill.roster import Roster, evaluator_of
from dispatch.drill.standards import EventTimes
from dispatch.drill.timetable import timetable
from dispatch.planning.fingerprint import fingerprint
from dispatch.planning.plan import Plan
from dispatch.scenario import Scenario
from dispatch.simulation.ensemble import Ensemble

__all__ = ["DrillWish", "InvalidDrill", "make_drill"]

_AFTER_DUE_MS = HOUR_MS
"""Actions due later than this after the six-hour line do not fit into play and are left out."""


class InvalidDrill(Exception):  # noqa: N818 - names what it is about
    """Raised where a drill would break one of its own rules; lists them."""


@dataclass(frozen=True)
class DrillWish:
    """What the designer asks for.

    Attributes
    ----------
    kind : {"tabletop", "functional", "full_scale"}
    percentile : float
        Severity of the night to follow: 0.5 an ordinary one, 0.9 a bad one.
    difficulty : {"easy", "normal", "hard"}
    three_cuts : bool
        Road, power and network fail together somewhere.
    focus : str
        The one objective of a functional drill; "" otherwise.
    hazard : str
        "" for the scenario's own; another (``mine_accident``, ``hazmat`` …) takes its injects from the library and
        uses the scenario's county and roads.
    hours : float
        Longest play; 0: the norm's for the kind.
    seed : int
    """

    kind: Kind = "tabletop"
    percentile: float = 0.5
    difficulty: str = "normal"
    three_cuts: bool = False
    focus: str = ""
    hazard: str = ""
    hours: float = 0.0
    seed: int = 1


def make_drill(scenario: Scenario, plan: Plan, ensemble: Ensemble, wish: DrillWish) -> Drill:
    """Make a county's drill.

    Raises
    ------
    ValueError
        If a functional drill has no focus, or another kind has one, or a word is not known.
    InvalidDrill
        If the drill would break one of its own rules (``drill_faults``).
    """
    _check_wish(wish)
    rng = np.random.default_rng([wish.seed, scenario.seed])
    hazard = hazard_row(wish.hazard or scenario.hazard)["hazard"]
    own = covers(scenario.hazard, hazard) if wish.hazard else True
    night = choose_night(ensemble, wish.percentile, rng)
    places = sorted(scenario.needs["place"].unique())
    only = "" if own or not places else str(places[int(rng.integers(len(places)))])
    facts = Facts(scenario, plan, hazard, only)
    times = EventTimes(ensemble.log) if own else None
    due_ms = scenario.due_ms if own else scenario.deadline_ms
    drafts = draft_injects(
        facts,
        night.log if own else None,
        hazard,
        due_ms,
        difficulty=wish.difficulty,
        three_cuts=wish.three_cuts,
        rng=rng,
    )
    found = draft_actions(drafts, facts, times, night.replication)
    found = [a for a in found if a.draft.time_ms + a.standard.limit_s * SECOND_MS <= due_ms + _AFTER_DUE_MS]
    if wish.focus:
        found = [action for action in found if action.row["objective"] == wish.focus]
        drafts = _needed(drafts, {action.draft.key for action in found})
    roster = Roster(scenario.county, hazard)
    drill = _assembled(scenario, plan, night, ensemble.replications, facts, wish, hazard, drafts, found, roster)
    broken = drill_faults(drill)
    if broken:
        raise InvalidDrill("\n".join(broken))
    return drill


def _check_wish(wish: DrillWish) -> None:
    if (wish.kind == "functional") != bool(wish.focus):
        msg = "a functional drill, and no other, has one objective in focus"
        raise ValueError(msg)
    known = {row["objective"] for row in rows("objectives") if row["level"] == "county"}
    if wish.focus and wish.focus not in known:
        msg = f"no objective {wish.focus!r}: {', '.join(sorted(known))}"
        raise ValueError(msg)


def _needed(drafts: list[Draft], keys: set[str]) -> list[Draft]:
    """Drafts of these keys and those they come after."""
    by_key = {draft.key: draft for draft in drafts}
    waiting, kept = list(keys), set[str]()
    while waiting:
        key = waiting.pop()
        if key not in kept:
            kept.add(key)
            waiting += [before for before in by_key[key].after if before in by_key]
    return [draft for draft in drafts if draft.key in kept]


def _assembled(
    scenario: Scenario,
    plan: Plan,
    night: ChosenNight,
    nights: int,
    facts: Facts,
    wish: DrillWish,
    hazard: str,
    drafts: list[Draft],
    found: list[DraftAction],
    roster: Roster,
) -> Drill:
    injects = tuple(_inject(k, draft, facts, roster, found) for k, draft in enumerate(drafts, 1))
    objectives = _objectives(found, injects)
    actions = _actions(found, objectives, roster)
    for post in ("commander", "control", "safety"):
        roster(post)
    start_ms = injects[0].time_ms // MINUTE_MS * MINUTE_MS
    end_ms = max([action.time_ms for action in actions] + [inject.time_ms for inject in injects])
    end_ms = math.ceil(end_ms / (15 * MINUTE_MS)) * 15 * MINUTE_MS
    hours = wish.hours or drill_rule(f"play_{wish.kind}")
    scale = max(1.0, math.ceil((end_ms - start_ms) / HOUR_MS / hours * 4) / 4)
    county = Words(scenario.county.name_zh, scenario.county.name_en or scenario.county.name_zh)
    order_hour = clock_time(scenario.reference_time, start_ms).hour
    drill = Drill(
        name=re.sub(r"[^A-Za-z0-9-]+", "-", f"{scenario.name}-{wish.kind}-{wish.seed}"),
        title=_title(county, hazard, wish),
        level="county",
        kind=wish.kind,
        difficulty=wish.difficulty,
        hazard=hazard,
        place=scenario.county.code,
        place_name=county,
        county_name=county,
        scenario=scenario.name,
        fingerprint=fingerprint(scenario),
        seed=wish.seed,
        replication=night.replication,
        nights=nights,
        percentile=round(night.percentile, 4),
        reference_time=scenario.reference_time.isoformat(),
        start_ms=start_ms,
        end_ms=end_ms,
        scale=scale,
        three_cuts=wish.three_cuts,
        night=order_hour >= 19 or order_hour < 6,
        injects=injects,
        actions=actions,
        objectives=objectives,
        roles=roster.roles("county", [objective.objective for objective in objectives]),
        timetable=(),
        resources=county_resources(scenario, plan, facts, hazard, wish.kind),
        points=points_rule(),
        statements=tuple(Words(zh, en) for zh, en in scenario.statements),
    )
    return replace(drill, timetable=timetable(drill))


def _title(county: Words, hazard: str, wish: DrillWish) -> Words:
    name = both(hazard_row(hazard), "name")
    kind = {
        "tabletop": Words("桌面演练", "tabletop exercise"),
        "functional": Words("单项演练", "functional exercise"),
        "full_scale": Words("实战演练", "full-scale exercise"),
    }[wish.kind]
    return Words(f"{county.zh}{name.zh}应急{kind.zh}", f"{county.en}: {name.en} {kind.en}")


def _inject(number: int, draft: Draft, facts: Facts, roster: Roster, found: list[DraftAction]) -> Inject:
    row, event = draft.row, draft.event
    lon, lat = _position(draft, facts)
    located = lon == lon and lat == lat
    kind: str = row["type"]
    if kind == "expected_action" and not any(action.draft is draft for action in found):
        kind = "contextual"
    return Inject(
        number=number,
        key=draft.key,
        template=row["inject"],
        type=cast("InjectType", kind),
        time_ms=draft.time_ms,
        sender=roster(row["sender"]),
        receiver=roster(row["receiver"]),
        medium=row["medium"],
        text=marked(fill(both(row, "text"), facts.words(draft.place, event))),
        owner=roster(row["owner"]),
        objective=row["objective"],
        capability=row["capability"],
        controller_note=both(row, "controller"),
        branch=both(row, "branch"),
        place=draft.place,
        place_name=facts.name(draft.place) if draft.place else Words("", ""),
        located=located,
        lon=round(lon, 6) if located else 0.0,
        lat=round(lat, 6) if located else 0.0,
        after=draft.after,
        event_id=int(event["event_id"]) if event is not None else -1,
        event=_told(event, "event"),
        actor=_told(event, "actor"),
        edge=_told(event, "edge"),
        milestone=_told(event, "milestone"),
    )


def _told(event: Any, column: str) -> str:
    return "" if event is None else str(event[column])


def _position(draft: Draft, facts: Facts) -> tuple[float, float]:
    if draft.event is not None and draft.event["edge"]:
        return facts.edge_position(draft.event["edge"])
    return facts.position(draft.place)


def _objectives(found: Iterable[DraftAction], injects: Iterable[Inject]) -> tuple[Objective, ...]:
    """Objectives that some action shows and some inject tests, their points scaled to 100 together."""
    shown = {action.row["objective"] for action in found}
    tested = {inject.objective for inject in injects}
    kept = [row for row in rows("objectives") if row["level"] == "county" and row["objective"] in shown & tested]
    total = sum(row["points"] for row in kept)
    return tuple(
        Objective(
            row["objective"],
            both(row, "name"),
            both(row, "aim"),
            round(100 * row["points"] / total, 6),
            evaluator_of(row["objective"]),
        )
        for row in kept
    )


def _actions(found: list[DraftAction], objectives: tuple[Objective, ...], roster: Roster) -> tuple[Action, ...]:
    points = {objective.objective: objective.points for objective in objectives}
    kept = [action for action in found if action.row["objective"] in points]
    count = Counter(action.row["objective"] for action in kept)
    actions = []
    for k, action in enumerate(kept, 1):
        name, row = f"A{k:02d}", action.row
        objective = row["objective"]
        limit_ms = round(action.standard.limit_s * SECOND_MS)
        shown = dict(action.same) if action.event != "action_done" else {"actor": name, "milestone": f"drill {name}"}
        actions.append(
            Action(
                action=name,
                inject=action.draft.key,
                time_ms=action.draft.time_ms + limit_ms,
                text=action.text,
                role=roster(row["owner"]),
                objective=objective,
                capability=row["capability"],
                evaluator=evaluator_of(objective),
                evaluator_note=action.note,
                event=action.event,
                standard=action.standard,
                points=points[objective] / count[objective],
                **shown,
            )
        )
    return tuple(actions)
