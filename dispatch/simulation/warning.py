"""Before the order: detection, the warning, the calls that must be answered (叫应), households, the order's own steps.

County staff call the townships that have somebody at risk, townships call their villages; who does not answer is called
again, then fetched. Households are not called one by one: the share that has been warned follows from channels that act
independently, each with a reach and a delay (triangular), and from visits, which in the end reach every door.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.clock import HOUR_MS, MINUTE_MS
from dispatch.scenario_response import ORDER_STEPS
from dispatch.simulation.order_chain import OrderChain, figure_ms, order_chain
from dispatch.simulation.run import Run
from models.traversal import NEVER

__all__ = ["HOUSEHOLD_SHARES", "triangular_share", "warn", "warned_share"]

HOUSEHOLD_SHARES: tuple[float, ...] = (0.5, 0.9, 1.0)
"""Shares of households whose hour is written down."""

_STEP_EVENT = {"report": "disaster_reported", "verify": "need_verified", "approve": "order_approved"}
_GRID = 241


@dataclass(frozen=True)
class _Village:
    """A village when its responsible person is up."""

    place: str
    households: float
    answered_ms: int
    event: int


def warn(run: Run) -> int:
    """Write down what happens before the order; return the event that the order follows from."""
    stage, draws = run.stage, run.night.draws
    chain = order_chain(draws, run.night.order_ms)
    record, roles = run.recorder.record, stage.roles
    detected = record(chain.detected_ms, "hazard_detected", stage.scenario.hazard, "hazard", milestone="detected")
    warned = record(chain.warned_ms, "warning_issued", "county", "headquarters", detected,
                    role=roles.get("warn", ""), milestone="warning issued")  # fmt: skip
    villages = _call_out(run, chain, warned)
    _households(run, chain, villages, warned)
    event = detected
    for step in ORDER_STEPS[:-1]:
        event = record(chain.done_ms[step], _STEP_EVENT[step], "county", "headquarters", event,
                       role=roles.get(step, ""), milestone=_STEP_EVENT[step].replace("_", " "))  # fmt: skip
    return event


def _call_out(run: Run, chain: OrderChain, warned: int) -> list[_Village]:
    """Call townships, then villages; the villages with their hour."""
    stage = run.stage
    tree, households = _tree(run)
    response = stage.scenario.response
    callers = round(response.value("warning.callers_county"))
    own = round(response.value("warning.callers_township"))
    villages: list[_Village] = []
    townships = _call(run, [(t, t) for t in tree], chain.warned_ms, callers, warned)
    for township, (answered, event) in townships.items():
        wanted = tree[township]
        if township in wanted:
            villages.append(_Village(township, households[township], answered, event))
        called = _call(run, [(v, v) for v in wanted if v != township], answered, own, event)
        villages += [_Village(v, households[v], at, cause) for v, (at, cause) in called.items()]
    return villages


def _tree(run: Run) -> tuple[dict[str, list[str]], dict[str, float]]:
    """Places at risk by township, and their households; the same every night."""
    memory = run.stage.memory
    if "call_tree" not in memory:
        scenario = run.stage.scenario
        table = scenario.county.table("places").set_index("place")
        size = scenario.response.value("warning.household_size")
        tree: dict[str, list[str]] = {}
        households: dict[str, float] = {}
        forecast = scenario.disruption.places
        forecast = forecast.loc[forecast["share"] > 0, "place"]
        for place in dict.fromkeys([*forecast, *scenario.needs["place"]]):
            row = table.loc[place] if place in table.index else None
            parent = "" if row is None else str(row["parent"])
            top = parent if parent in table.index and table.at[parent, "kind"] == "township" else place
            tree.setdefault(top, []).append(place)
            given = math.nan if row is None else float(row["households"])
            people = math.nan if row is None else float(row["population"])
            households[place] = next((x for x in (given, people / size) if not math.isnan(x)), 0.0)
        memory["call_tree"] = (tree, households)
    found: tuple[dict[str, list[str]], dict[str, float]] = memory["call_tree"]  # type: ignore[assignment]
    return found


def _call(
    run: Run, persons: Iterable[tuple[str, str]], from_ms: int, callers: int, cause: int
) -> dict[str, tuple[int, int]]:
    """Call persons one after the other with so many callers; when each is up, and the event."""
    free = [from_ms] * max(callers, 1)
    answered: dict[str, tuple[int, int]] = {}
    draws, stage = run.night.draws, run.stage
    chance = draws.figure("warning.answer", "")
    tries, pause = round(stage.scenario.response.value("warning.tries")), figure_ms(draws, "warning.pause", "")
    for person, place in persons:
        at = heapq.heappop(free)
        medium, attempts = "", 0
        while not medium and attempts < tries:
            at += (pause if attempts else 0) + figure_ms(draws, "warning.ring", f"{person} {attempts}")
            up = stage.media.connected(place, at, run.night.outages)
            if up and draws.chance("warning.answer", f"{person} {attempts}", chance):
                medium = "mobile"
            attempts += 1
            if not up:
                break
        heapq.heappush(free, at)
        event = cause
        if not medium:
            event = run.recorder.record(at, "call_escalated", place, "place", cause, place=place,
                                        quantity=float(attempts), role=stage.roles.get("callout", ""))  # fmt: skip
            satellite = place in stage.media.satellite
            medium = "satellite_phone" if satellite else "messenger"
            at += figure_ms(draws, "warning.satellite" if satellite else "warning.escalate", person)
        answered[place] = at, run.recorder.record(
            at, "call_answered", place, "place", event, place=place, quantity=float(attempts), medium=medium,
            role=stage.roles.get("callout", ""), milestone=f"place {place} answered",
        )  # fmt: skip
    return answered


def _households(run: Run, chain: OrderChain, villages: list[_Village], warned: int) -> None:
    """Write down when half, nine tenths and all of each village's households, and of all of them, are warned."""
    villages = [village for village in villages if village.households > 0]
    if not villages:
        return
    ends = [_visited_ms(run, village) for village in villages]
    grid = np.linspace(chain.warned_ms, max(ends), _GRID)
    total = np.zeros(_GRID)
    for village, end in zip(villages, ends, strict=True):
        fine = np.linspace(chain.warned_ms, end, _GRID)
        curve = warned_share(fine, *_channels(run, chain, village, end))
        total += village.households * np.interp(grid, fine, curve)
        _write(run, village.place, village.households, fine, curve, village.event)
    whole = sum(village.households for village in villages)
    _write(run, "", whole, grid, total / whole, warned)


def _write(
    run: Run, place: str, households: float, times: NDArray[np.float64], curve: NDArray[np.float64], cause: int
) -> None:
    for share in HOUSEHOLD_SHARES:
        k = int(np.argmax(curve >= share - 1e-9))
        if curve[k] < share - 1e-9:
            continue
        at = times[k]
        if k and curve[k] > curve[k - 1]:
            at = times[k - 1] + (times[k] - times[k - 1]) * (share - curve[k - 1]) / (curve[k] - curve[k - 1])
        event = run.recorder.times_ms[cause]
        run.recorder.record(
            max(math.ceil(at), event), "households_warned", place or "county", "place" if place else "headquarters",
            cause, place=place, quantity=households * share, detail=f"{share:.0%}",
            role=run.stage.roles.get("households", ""), milestone=f"households {place or 'all'} {share:.0%}",
        )  # fmt: skip


def _visited_ms(run: Run, village: _Village) -> int:
    draws = run.night.draws
    per_h = draws.figure("warning.visits_per_h", village.place) * draws.figure("warning.visitors", village.place)
    return village.answered_ms + max(round(village.households / per_h * HOUR_MS), MINUTE_MS)


Channel = tuple[float, float, float, float, float]
"""Reach, begin (ms), and the delay's low, mode and high (ms)."""


def _channels(run: Run, chain: OrderChain, village: _Village, end_ms: int) -> tuple[list[Channel], tuple[float, float]]:
    """Channels of a village, and its visits (from, to)."""
    draws, stage, outages = run.night.draws, run.stage, run.night.outages
    figures, place = stage.scenario.response.figures, village.place

    def channel(name: str, begin_ms: float) -> Channel:
        delay = figures[f"warning.{name}_delay"]
        reach = draws.figure(f"warning.{name}_reach", place)
        return (reach, begin_ms, delay.low * MINUTE_MS, delay.mode * MINUTE_MS, delay.high * MINUTE_MS)

    found = [channel("gong", village.answered_ms)]
    network = stage.media.connected_again_ms(place, chain.warned_ms, outages)
    if network < NEVER:
        found.append(channel("sms", network))
    battery = stage.media.loudspeaker_ms.get(place)
    dark = outages.since(place, "power", village.answered_ms)
    if battery is not None and (dark is None or village.answered_ms - dark < battery):
        found.append(channel("loudspeaker", village.answered_ms))
    return found, (float(village.answered_ms), float(end_ms))


def warned_share(
    times: NDArray[np.float64], channels: Iterable[Channel], visits: tuple[float, float]
) -> NDArray[np.float64]:
    """Share of households warned by each time: 1 - Π (1 - share reached by each channel), channels independent.

    Parameters
    ----------
    times : float64 array (t,)
    channels : iterable of (reach, begin, low, mode, high)
    visits : (from, to)
        Doors are reached evenly between these times.
    """
    missed = 1.0 - np.clip((times - visits[0]) / max(visits[1] - visits[0], 1.0), 0.0, 1.0)
    for reach, begin, low, mode, high in channels:
        missed = missed * (1.0 - reach * triangular_share(times - begin, low, mode, high))
    return np.asarray(1.0 - missed)


def triangular_share(x: NDArray[np.float64], low: float, mode: float, high: float) -> NDArray[np.float64]:
    """Triangular distribution function; a step at ``mode`` where low and high coincide."""
    if high <= low:
        return (x >= mode).astype(np.float64)
    rise = np.clip(x - low, 0.0, mode - low) ** 2 / ((high - low) * (mode - low)) if mode > low else np.zeros_like(x)
    fall = 1.0 - np.clip(high - x, 0.0, high - mode) ** 2 / ((high - low) * (high - mode)) if high > mode else rise
    return np.asarray(np.where(x <= mode, np.where(x < low, 0.0, rise), np.where(x >= high, 1.0, fall)))
