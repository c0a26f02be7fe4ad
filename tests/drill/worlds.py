"""Small worlds with nights from which drills are made."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from dispatch.drill.make import DrillWish, make_drill
from dispatch.drill.model import Drill
from dispatch.norms.response import Response, response_figures
from dispatch.planning.plan import Plan
from dispatch.planning.relief import plan_relief
from dispatch.scenario import Scenario
from dispatch.simulation.ensemble import Ensemble, simulate
from tests import tiny

SECTIONS = frozenset(("warning", "news", "breakdowns", "clearing"))
ROLES = [
    {
        "role": "R1",
        "name": "指挥长",
        "name_en": "commander",
        "headquarters": "H1",
        "unit": "县人民政府",
        "duties": "统一指挥;签发命令",
    },
    {
        "role": "R2",
        "name": "综合组",
        "name_en": "coordination",
        "headquarters": "H1",
        "unit": "县应急管理局",
        "duties": "信息汇总;值班值守",
    },
    {
        "role": "R9",
        "name": "火灾指挥长",
        "name_en": "fire commander",
        "headquarters": "H2",
        "unit": "县林业局",
        "duties": "签发命令",
    },
]
TABLES = {
    "headquarters": [{"headquarters": "H1", "name": "防汛指挥部", "hazard": "flash_flood"},
                     {"headquarters": "H2", "name": "防火指挥部", "hazard": "wildfire"}],
    "roles": ROLES,
    "shelters": [{"shelter": "SA", "name": "A小学（虚拟）", "place": "A", "lon": 112.02, "lat": 35.5, "capacity": 80}],
    "teams": [{"team": f"T{k}", "name": f"{kind}队", "base": "D", "type": kind, "strength": 10 + k, "skills": "rescue"}
              for k, kind in enumerate(("fire_brigade", "professional", "social"))],
}  # fmt: skip


def scenario(*, closed: bool, opened: bool = True) -> Scenario:
    """Depot D and villages A, B, C in a line; the last road may be closed from the order until 4 h later."""
    hazard = tiny.disruption([tiny.closure("r23:2-3", 0.0, 4 * 3600.0, known_s=9 * 3600.0)]) if closed else None
    response = Response(SECTIONS, response_figures("night")) if opened else Response()
    world = tiny.one_depot(hazard, trucks=2, tables=TABLES, response=response)
    return replace(world, hazard="flash_flood")


@cache
def played(closed: bool, opened: bool = True) -> tuple[Scenario, Plan, Ensemble]:
    """A world, its plan and 24 nights."""
    world = scenario(closed=closed, opened=opened)
    plan = plan_relief(world, seconds=0.2)
    return world, plan, simulate(world, plan, replications=24)


def drill(wish: DrillWish, *, closed: bool = True, opened: bool = True) -> Drill:
    """Drill of a played world."""
    return make_drill(*played(closed, opened), wish)


def generator(seed: int) -> np.random.Generator:
    """Random numbers."""
    return np.random.default_rng(seed)
