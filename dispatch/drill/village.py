"""A township's or village's own drill in three parts: first handling, evacuation, self- and mutual rescue.

Distances, roads, shelters and names are the place's own; standard times come from the county's nights where they cover
the place, else from its households and distances and the norm.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from dispatch.clock import MINUTE_MS, SECOND_MS
from dispatch.drill.facts import Facts, fill, marked
from dispatch.drill.faults import drill_faults
from dispatch.drill.make import InvalidDrill
from dispatch.drill.model import Action, Drill, Inject, InjectType, Level, Objective, Part, Resource, Standard, Words
from dispatch.drill.norms import both, covers, drill_rule, hazard_row, points_rule, rows
from dispatch.drill.place import PlaceFacts, place_facts
from dispatch.drill.roster import Roster, evaluator_of
from dispatch.drill.standards import EventTimes, computed_standard, norm_standard, simulated_standard
from dispatch.drill.timetable import timetable
from dispatch.planning.fingerprint import fingerprint
from dispatch.scenario import Scenario

__all__ = ["CountyBasis", "make_place_drill"]

_AFTER_WALK_MIN = 20
"""Template minutes from which an inject waits until people have walked to the shelter."""
_MOST_LATER_MIN = 3


@dataclass(frozen=True, eq=False)
class CountyBasis:
    """What all drills of a county's places share.

    Attributes
    ----------
    scenario : Scenario
    hazard : str
    facts : Facts
    times : EventTimes or None
        Of the county's nights; None if the hazard was not simulated.
    replication : int
        A night among them, for the standard's own time.
    nights : int
    fingerprint : str
    """

    scenario: Scenario
    hazard: str
    facts: Facts
    times: EventTimes | None
    replication: int
    nights: int
    fingerprint: str

    @classmethod
    def of(
        cls, scenario: Scenario, hazard: str, times: EventTimes | None, replication: int, nights: int
    ) -> CountyBasis:
        """Basis for a scenario; ``hazard`` "" for its own."""
        own = covers(scenario.hazard, hazard) if hazard else True
        hazard = hazard_row(hazard or scenario.hazard)["hazard"]
        facts = Facts(scenario, None, hazard)
        return cls(
            scenario,
            hazard,
            facts,
            times if own else None,
            replication,
            nights,
            fingerprint(scenario),
        )


def make_place_drill(basis: CountyBasis, place: str, seed: int) -> Drill:
    """Make the drill of a township or village.

    Raises
    ------
    KeyError
        If the county has no such township or village.
    InvalidDrill
        If the drill would break one of its own rules.
    """
    rng = np.random.default_rng([seed, basis.scenario.seed, *place.encode()])
    here = place_facts(basis.facts, basis.times, place, rng)
    roster = Roster(basis.scenario.county, basis.hazard, _units(here))
    injects, drafted = _injects(basis, here, roster, rng)
    objectives, actions = _actions(drafted, roster)
    for post in ("control", "safety"):
        roster(post)
    end_ms = max([action.time_ms for action in actions] + [inject.time_ms for inject in injects])
    hazard = both(hazard_row(basis.hazard), "name")
    county = basis.scenario.county
    drill = Drill(
        name=f"{place}-{seed}",
        title=Words(f"{here.name.zh}{hazard.zh}应急演练", f"{here.name.en}: {hazard.en} drill"),
        level=cast("Level", here.level),
        kind="full_scale",
        difficulty="easy",
        hazard=basis.hazard,
        place=place,
        place_name=here.name,
        county_name=Words(county.name_zh, county.name_en or county.name_zh),
        scenario=basis.scenario.name,
        fingerprint=basis.fingerprint,
        seed=seed,
        replication=basis.replication,
        nights=basis.nights,
        percentile=0.5,
        reference_time=basis.scenario.reference_time.isoformat(),
        start_ms=0,
        end_ms=math.ceil(end_ms / (5 * MINUTE_MS)) * 5 * MINUTE_MS,
        scale=1.0,
        three_cuts=True,
        night=basis.scenario.reference_time.hour >= 19 or basis.scenario.reference_time.hour < 6,
        injects=injects,
        actions=actions,
        objectives=objectives,
        roles=roster.roles(cast("Level", here.level), [objective.objective for objective in objectives]),
        timetable=(),
        resources=_resources(here),
        points=points_rule(),
        statements=tuple(Words(zh, en) for zh, en in basis.scenario.statements),
        facts=here.shown,
    )
    drill = replace(drill, timetable=timetable(drill))
    broken = drill_faults(drill)
    if broken:
        raise InvalidDrill("\n".join(broken))
    return drill


def _units(here: PlaceFacts) -> dict[str, Words]:
    own = dict.fromkeys(("village", "informant", "public"), here.name)
    return {**own, "township": Words(f"{here.township.zh}人民政府", f"{here.township.en} government")}


def _injects(
    basis: CountyBasis, here: PlaceFacts, roster: Roster, rng: np.random.Generator
) -> tuple[tuple[Inject, ...], list[tuple[Inject, dict[str, Any], Standard]]]:
    """Injects in order, and with each the row and standard of its one action."""
    injects: list[Inject] = []
    drafted: list[tuple[Inject, dict[str, Any], Standard]] = []
    walk_min = math.ceil(here.walk_s / 60)
    later, since = 0, ""
    for row in rows("village_injects"):
        if row["levels"] not in ("", here.level):
            continue
        later += int(rng.integers(_MOST_LATER_MIN))
        minute = int(row["after_min"]) + later + (walk_min if row["after_min"] >= _AFTER_WALK_MIN else 0)
        inject = Inject(
            number=len(injects) + 1,
            key=row["inject"],
            template=row["inject"],
            type=cast("InjectType", row["type"]),
            time_ms=minute * MINUTE_MS,
            sender=roster(row["sender"]),
            receiver=roster(row["receiver"]),
            medium=row["medium"],
            text=marked(fill(both(row, "text"), here.words)),
            owner=roster(row["owner"]),
            objective=row["part"],
            capability=row["capability"],
            controller_note=Words(
                "按现场进度发出，安全第一，不抢时间。", "Give it as play allows; safety first, no racing."
            ),
            branch=both(row, "branch"),
            place=here.place,
            place_name=here.name,
            located=here.located,
            lon=round(here.lon, 6) if here.located else 0.0,
            lat=round(here.lat, 6) if here.located else 0.0,
            after=(since,) if since else (),
            part=cast("Part", row["part"]),
        )
        injects.append(inject)
        drafted.append((inject, row, _standard(basis, here, row)))
        since = row["inject"]
    filled = [
        (inject, {**row, "task": fill(both(row, "task"), here.words)}, standard) for inject, row, standard in drafted
    ]
    return tuple(injects), filled


def _standard(basis: CountyBasis, here: PlaceFacts, row: dict[str, Any]) -> Standard:
    """Standard by the row's limit: ``half``, ``knock``, ``callout`` by counting, ``walk`` by distance, else a norm."""
    limit = row["limit"]
    if limit == "walk":
        return computed_standard(here.walk_s + drill_rule("muster") * 60)
    if limit == "callout":
        return computed_standard(here.villages / here.callers * drill_rule("call_per_village") * 60)
    if limit == "half":
        if basis.times is not None:
            since = basis.times.first("call_answered", milestone=f"place {here.place} answered")
            until = basis.times.first("households_warned", milestone=f"households {here.place} 50%")
            found = simulated_standard(since, until, basis.replication)
            if found is not None:
                return found
        return computed_standard(here.households / 2 / here.visitors * drill_rule("visit_per_house") * 60)
    if limit == "knock":
        return computed_standard(here.households / here.visitors * drill_rule("visit_per_house") * 60)
    source = next(rule["source"] for rule in rows("rules") if rule["rule"] == limit)
    return norm_standard(drill_rule(limit), source)


def _actions(
    drafted: list[tuple[Inject, dict[str, Any], Standard]], roster: Roster
) -> tuple[tuple[Objective, ...], tuple[Action, ...]]:
    table = [row for row in rows("objectives") if row["level"] == "village"]
    points = {row["objective"]: row["points"] for row in table}
    count = Counter(inject.objective for inject, _, _ in drafted)
    objectives = tuple(
        Objective(row["objective"], both(row, "name"), both(row, "aim"), row["points"], evaluator_of(row["objective"]))
        for row in table
    )
    actions = []
    for k, (inject, row, standard) in enumerate(drafted, 1):
        name = f"A{k:02d}"
        simulated = standard.source == "simulated"
        actions.append(
            Action(
                action=name,
                inject=inject.key,
                time_ms=inject.time_ms + round(standard.limit_s * SECOND_MS),
                text=row["task"],
                role=roster(row["owner"]),
                objective=inject.objective,
                capability=row["capability"],
                evaluator=evaluator_of(inject.objective),
                evaluator_note=both(row, "evaluator"),
                event=row["event"] if simulated else "action_done",
                standard=standard,
                points=points[inject.objective] / count[inject.objective],
                actor="" if simulated else name,
                place=inject.place if simulated else "",
                milestone=f"households {inject.place} 50%" if simulated else f"drill {name}",
            )
        )
    return objectives, tuple(actions)


def _resources(here: PlaceFacts) -> tuple[Resource, ...]:
    own, people, piece = here.name, Words("人", "people"), Words("个", "")
    return (
        Resource("team", "team", Words("村应急小分队", "village team"), own, here.team_people, people, here.place),
        Resource("shelter", "shelter", here.words["shelter"], own, here.capacity, people, here.shelter),
        Resource("comms", "communication", here.words["comms"], own, 1, Words("部", ""), here.place),
        Resource(
            "gong",
            "room",
            Words("铜锣、哨子、手持喇叭", "gong, whistles, hand-held loudspeaker"),
            own,
            here.visitors,
            Words("套", "sets"),
        ),
        Resource(
            "torch",
            "room",
            Words("手电、绳索、救生衣", "torches, rope, life vests"),
            own,
            here.team_people,
            Words("套", "sets"),
        ),
        Resource("first_aid", "room", Words("急救包、简易担架", "first-aid kit, stretcher"), own, 2, piece),
    )
