"""A drill as data: injects, expected actions with standard times, objectives, roles, timetable, resources, points.

Everything written about a drill is made from this one object, and a review after it reads the same JSON file
(``dispatch.drill.drill_file``; schema ``docs/schema/drill.schema.json``).

How the tables hang together: an *inject* tells somebody something; an *action* is what somebody is then to do
(``Action.inject`` is the inject's key). An action names the ``event``, ``actor``, ``place`` and, where there is one,
the ``milestone`` of the event log that shows it done: a log of the real exercise, or of a simulated night, is compared
by these. Its :class:`Standard` is the time from the inject's own moment (``Inject.time_ms``) to that event, in scenario
time, with its distribution over the ensemble's nights; points follow from it by :func:`dispatch.drill.points.points`.
Exercise time runs from ``Drill.start_ms`` and ``Drill.scale`` times as fast as scenario time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from dispatch.clock import SECOND_MS, clock_time

__all__ = [
    "DIFFICULTIES",
    "DRILL_VERSION",
    "KINDS",
    "LEVELS",
    "PARTS",
    "QUANTILES",
    "Action",
    "Drill",
    "Inject",
    "Objective",
    "Phase",
    "PointsRule",
    "Resource",
    "Role",
    "Standard",
    "Words",
]

DRILL_VERSION = 1
"""Raised when a field or the meaning of one changes."""

Kind = Literal["tabletop", "functional", "full_scale"]
Level = Literal["county", "township", "village"]
InjectType = Literal["contextual", "expected_action", "contingency"]
Part = Literal["", "first_handling", "evacuation", "mutual_rescue"]
Side = Literal["player", "controller", "evaluator", "simulated"]
ResourceKind = Literal["team", "vehicle", "depot", "supply", "shelter", "communication", "room"]

KINDS: tuple[str, ...] = get_args(Kind)
LEVELS: tuple[str, ...] = get_args(Level)
PARTS: tuple[str, ...] = get_args(Part)[1:]
"""The three parts of a township's or village's drill, in order."""
DIFFICULTIES: tuple[str, ...] = ("easy", "normal", "hard")
QUANTILES: tuple[float, ...] = tuple(k / 20 for k in range(21))
"""Probabilities (0, 5 … 100 %) of ``Standard.quantiles_s``."""


@dataclass(frozen=True)
class Words:
    """One text in both languages."""

    zh: str
    en: str

    def __call__(self, lang: str) -> str:
        """Return the text in ``zh`` or ``en``."""
        return self.en if lang == "en" else self.zh


@dataclass(frozen=True)
class Standard:
    """How long an action takes, in seconds of scenario time from its inject.

    Attributes
    ----------
    own_s : float
        On the night that the drill follows; -1 if it did not happen there.
    p50_s, p90_s : float
        Over the nights on which both inject and action happened; equal to ``limit_s`` if the figure is a norm.
    quantiles_s : tuple of float
        At ``QUANTILES``; empty if the figure is a norm.
    nights : int
        Nights behind the quantiles.
    share : float
        Share of the nights with the inject on which the action happened too; 1 for a norm.
    limit_s : float
        Full points up to here: the larger of ``p90_s`` and ``own_s``, or the norm.
    source : str
        ``simulated``, ``computed`` (distance and pace) or ``norm: …`` with the norm's own source.
    """

    own_s: float
    p50_s: float
    p90_s: float
    limit_s: float
    source: str
    quantiles_s: tuple[float, ...] = ()
    nights: int = 0
    share: float = 1.0


@dataclass(frozen=True)
class Inject:
    """One line of the inject list (MSEL, 情景事件清单).

    Attributes
    ----------
    number : int
        1, 2 … in the order of time.
    key : str
        Unique in the drill; names the template and what it is about.
    template : str
        Row of the norm ``drill_injects``.
    type : {"contextual", "expected_action", "contingency"}
        Something to know; something that demands an action; something that control keeps for when it fits.
    time_ms : int
        Scenario time, ms from ``Drill.reference_time``.
    sender, receiver : str
        Roles.
    medium : str
        ``telephone``, ``radio``, ``platform``, ``paper``, ``verbal``, ``satellite_phone``, ``messenger``, ``video``.
    text : Words
        What is said; begins with the exercise mark 【演练】.
    place, lon, lat
        Where; "" and NaN-free (0, 0) with ``located`` false where it has no place.
    owner : str
        Role responsible for the answer.
    objective, capability : str
        What it tests.
    controller_note : Words
        What control watches and how it gives the inject.
    branch : Words
        What control does if the players do otherwise.
    after : tuple of str
        Keys of earlier injects that must have been given.
    event_id : int
        Event of the log of ``Drill.replication`` that it tells of; -1 if it is of the library.
    event, actor, edge, milestone : str
        Of that event.
    part : str
        Part of a township's or village's drill (``PARTS``), "" in a county's.
    """

    number: int
    key: str
    template: str
    type: InjectType
    time_ms: int
    sender: str
    receiver: str
    medium: str
    text: Words
    owner: str
    objective: str
    capability: str
    controller_note: Words
    branch: Words
    place: str = ""
    place_name: Words = Words("", "")
    located: bool = False
    lon: float = 0.0
    lat: float = 0.0
    after: tuple[str, ...] = ()
    event_id: int = -1
    event: str = ""
    actor: str = ""
    edge: str = ""
    milestone: str = ""
    part: Part = ""


@dataclass(frozen=True)
class Action:
    """What is expected after an inject.

    Attributes
    ----------
    action : str
        Unique in the drill: ``A01`` …
    inject : str
        Key of its inject.
    time_ms : int
        When it is due by the standard: the inject's time plus ``standard.limit_s``.
    text : Words
    role : str
        Who does it.
    objective, capability, evaluator : str
        What it shows and which evaluator (role) watches.
    evaluator_note : Words
        What the evaluator writes down.
    event, actor, place, edge, milestone : str
        What shows it done in an event log: the event, and those of the others that are not "". What the simulation
        does not play (a decision, a cordon, a count) is the event ``action_done`` with ``actor`` = the action.
    standard : Standard
    points : float
        Full points; all actions of a drill together have 100.
    """

    action: str
    inject: str
    time_ms: int
    text: Words
    role: str
    objective: str
    capability: str
    evaluator: str
    evaluator_note: Words
    event: str
    standard: Standard
    points: float
    actor: str = ""
    place: str = ""
    edge: str = ""
    milestone: str = ""


@dataclass(frozen=True)
class Objective:
    """What the drill is to show; its points are those of its actions together."""

    objective: str
    name: Words
    aim: Words
    points: float
    evaluator: str


@dataclass(frozen=True)
class Role:
    """A post in the drill: who plays, controls, evaluates, or is played by control (``simulated``)."""

    role: str
    name: Words
    unit: Words
    side: Side
    department: str
    industry: Words
    duties: Words
    headquarters: str = ""


@dataclass(frozen=True)
class Phase:
    """A line of the timetable; exercise time in seconds from the start of play (negative before it)."""

    phase: str
    name: Words
    start_s: float
    end_s: float
    text: Words


@dataclass(frozen=True)
class Resource:
    """What the drill needs: teams, vehicles, depots, goods, shelters, means of communication, rooms."""

    resource: str
    kind: ResourceKind
    name: Words
    owner: Words
    quantity: float
    unit: Words
    place: str = ""
    team_type: str = ""


@dataclass(frozen=True)
class PointsRule:
    """How points follow from a time: full up to the limit, none from ``grace`` beyond it, evenly between.

    ``grace`` is the larger of ``grace_share`` of the limit and ``grace_min_s``.
    """

    grace_share: float
    grace_min_s: float
    source: str


@dataclass(frozen=True)
class Drill:
    """One exercise.

    Attributes
    ----------
    name : str
        For file names: letters, digits, ``-``.
    title : Words
    level, kind, difficulty : str
    hazard : str
    place : str
        County, township or village.
    scenario, fingerprint : str
        Name of the scenario, and its content as one word (``planning.fingerprint``; "" if there was none).
    seed, replication, nights : int
        Seed of the drill, night of the ensemble that it follows, nights of the ensemble.
    percentile : float
        Of that night by its severity, 0 … 1.
    reference_time : str
        ISO 8601 with zone; time zero of every ``time_ms``.
    start_ms, end_ms : int
        Of play, scenario time.
    scale : float
        Scenario seconds to an exercise second.
    three_cuts, night : bool
    injects, actions, objectives, roles, timetable, resources : tuples
    points : PointsRule
    statements : tuple of Words
        What must be said on page 1: synthetic data …
    """

    name: str
    title: Words
    level: Level
    kind: Kind
    difficulty: str
    hazard: str
    place: str
    place_name: Words
    county_name: Words
    scenario: str
    fingerprint: str
    seed: int
    replication: int
    nights: int
    percentile: float
    reference_time: str
    start_ms: int
    end_ms: int
    scale: float
    three_cuts: bool
    night: bool
    injects: tuple[Inject, ...]
    actions: tuple[Action, ...]
    objectives: tuple[Objective, ...]
    roles: tuple[Role, ...]
    timetable: tuple[Phase, ...]
    resources: tuple[Resource, ...]
    points: PointsRule
    statements: tuple[Words, ...]
    facts: tuple[tuple[Words, Words], ...] = ()
    version: int = DRILL_VERSION

    def exercise_s(self, time_ms: int) -> float:
        """Exercise time of a scenario time, seconds from the start of play."""
        return (time_ms - self.start_ms) / SECOND_MS / self.scale

    def scenario_ms(self, exercise_s: float) -> int:
        """Scenario time of an exercise time."""
        return self.start_ms + round(exercise_s * self.scale * SECOND_MS)

    def clock(self, time_ms: int) -> datetime:
        """Clock time of a scenario time, in the county's zone."""
        return clock_time(datetime.fromisoformat(self.reference_time), time_ms)

    def inject(self, key: str) -> Inject:
        """Return the inject of that key.

        Raises
        ------
        KeyError
            If there is none.
        """
        for inject in self.injects:
            if inject.key == key:
                return inject
        raise KeyError(key)

    def role(self, role: str) -> Role:
        """Return the role of that id.

        Raises
        ------
        KeyError
            If there is none.
        """
        for found in self.roles:
            if found.role == role:
                return found
        raise KeyError(role)
