"""Sorties as legs, and the plan's table of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dispatch.air.sky import Aircraft, Sky
from dispatch.clock import SECOND_MS
from dispatch.planning.air_tasks import Task, nearest_pad
from dispatch.planning.assemble import typed
from dispatch.planning.plan import SORTIE_COLUMNS
from models.air.sorties import Flown

__all__ = ["Leg", "Sortie", "scheduled_sorties", "sortie_table"]


@dataclass(frozen=True)
class Leg:
    """One leg; ``goods``: (need, item, lot, quantity) handed over at its end; ``litres`` dropped there."""

    purpose: str
    from_site: str
    to_site: str
    takeoff_ms: int
    arrive_ms: int
    done_ms: int
    request: str = ""
    goods: tuple[tuple[str, str, str, int], ...] = ()
    litres: int = 0
    people: int = 0


@dataclass(frozen=True)
class Sortie:
    """From take-off to landing at a pad."""

    aircraft: str
    legs: tuple[Leg, ...]

    @property
    def takeoff_ms(self) -> int:
        """When it begins."""
        return self.legs[0].takeoff_ms

    @property
    def land_ms(self) -> int:
        """When it is on the ground at its pad."""
        return self.legs[-1].arrive_ms

    @property
    def flown_ms(self) -> int:
        """In the air, stops left aside."""
        return sum(leg.arrive_ms - leg.takeoff_ms for leg in self.legs)


def scheduled_sorties(sky: Sky, craft: Aircraft, order: Iterable[Flown], tasks: list[Task]) -> list[Sortie]:
    """Sorties of one aircraft as scheduled."""
    made: list[Sortie] = []
    legs: list[Leg] = []
    at, pads = craft.base, sky.pads(craft)
    flown = list(order)
    for k, one in enumerate(flown):
        task, start = tasks[one.task], one.start_s * SECOND_MS
        way = sky.flight_ms(craft, at, task.start_site)
        legs += _task_legs(sky, craft, task, at, start, way)
        at = task.end_site
        if k + 1 == len(flown) or flown[k + 1].by_pad:
            pad = nearest_pad(sky, craft, at, pads)
            landed = legs[-1].done_ms + sky.flight_ms(craft, at, pad)
            after = sky.stop_ms(craft) if k + 1 < len(flown) else 0
            legs.append(Leg("position", at, pad, legs[-1].done_ms, landed, landed + after))
            made.append(Sortie(craft.aircraft, tuple(legs)))
            legs, at = [], pad
    return made


def _task_legs(sky: Sky, craft: Aircraft, task: Task, at: str, start: int, way: int) -> list[Leg]:
    if task.kind == "reconnaissance":
        over = start + sky.step_ms("look")
        return [Leg("reconnaissance", at, task.end_site, start - way, start, over, task.request)]
    aboard = start + (sky.step_ms("board") if task.kind == "medical" else sky.load_ms(craft))
    there = aboard + sky.flight_ms(craft, task.start_site, task.end_site)
    first = Leg("position", at, task.start_site, start - way, start, aboard)
    if task.kind == "medical":
        done = there + sky.step_ms("hand_over")
        return [first, Leg("medical", task.start_site, task.end_site, aboard, there, done, task.request,
                           people=task.people)]  # fmt: skip
    assert task.load is not None
    done = there + sky.unload_ms(craft)
    return [first, Leg("supply", task.start_site, task.end_site, aboard, there, done, goods=task.load.goods)]


def sortie_table(sorties: Iterable[Sortie]) -> pd.DataFrame:
    """``SORTIE_COLUMNS``, sorties numbered by take-off."""
    ordered = sorted(sorties, key=lambda sortie: (sortie.takeoff_ms, sortie.aircraft))
    width = max(2, len(str(len(ordered))))
    sequence: defaultdict[str, int] = defaultdict(int)
    rows: list[dict[str, Any]] = []
    for number, sortie in enumerate(ordered, start=1):
        sequence[sortie.aircraft] += 1
        for k, leg in enumerate(sortie.legs, start=1):
            row: dict[str, Any] = {
                "sortie": f"A{number:0{width}d}", "aircraft": sortie.aircraft, "sequence": sequence[sortie.aircraft],
                "leg": k, "purpose": leg.purpose, "from_site": leg.from_site, "to_site": leg.to_site,
                "takeoff_ms": leg.takeoff_ms, "arrive_ms": leg.arrive_ms, "done_ms": leg.done_ms,
                "need": leg.request, "item": "", "lot": "", "quantity": leg.litres, "people": leg.people,
            }  # fmt: skip
            rows += [{**row, "need": need, "item": item, "lot": lot, "quantity": quantity}
                     for need, item, lot, quantity in leg.goods] or [row]  # fmt: skip
    return typed(SORTIE_COLUMNS, rows)
