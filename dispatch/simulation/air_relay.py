"""Relays of the plan on one night: while one is on station, places within its radius have their network back."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dispatch.air.sky import Aircraft, Sky, sky_of
from dispatch.clock import MINUTE_MS, SECOND_MS
from dispatch.simulation.mobilisation import CalledVehicle, ready_ms
from dispatch.simulation.outages import Outages
from dispatch.simulation.run import Run

__all__ = ["Stay", "drawn_ms", "sky_on", "stays", "tonight_ms", "with_relays"]

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Stay:
    """A relay on station tonight."""

    aircraft: str
    sortie: str
    station: str
    up_ms: int
    on_ms: int
    off_ms: int
    down_ms: int


def sky_on(run: Run) -> Sky:
    """Aircraft and weather of the stage's scenario, read once."""
    memory = run.stage.memory
    if "sky" not in memory:
        memory["sky"] = sky_of(run.stage.scenario)
    sky: Sky = memory["sky"]  # type: ignore[assignment]
    return sky


def stays(run: Run) -> list[Stay]:
    """Relays of the plan that fly tonight, each as soon as its drone is ready, for as long as planned.

    One whose whole sortie is not within the wind that the drone stands tonight stays on the ground.
    """
    scenario, table = run.stage.scenario, run.stage.plan.sorties
    if scenario.air is None or table.empty:
        return []
    sky, draws = sky_on(run), run.night.draws
    factor = draws.figure("air.wind", "")
    free: dict[str, int] = {}
    found = []
    for sortie, rows in table[table["aircraft"].isin(table.loc[table["purpose"] == "relay", "aircraft"])].groupby(
        "sortie", sort=True
    ):
        relay, name = rows[rows["purpose"] == "relay"], str(rows["aircraft"].iloc[0])
        craft: Aircraft | None = sky.by_name.get(name)
        if relay.empty or craft is None:
            continue
        first, back = relay.iloc[0], rows[rows["leg"] > relay["leg"].iloc[0]].iloc[0]
        up = max(int(first["takeoff_ms"]), free.get(name, tonight_ms(run, craft)))
        on, off = up + int(first["arrive_ms"] - first["takeoff_ms"]), int(back["takeoff_ms"])
        down = off + int(back["arrive_ms"] - back["takeoff_ms"])
        if on < off and any(start <= up and down <= end for start, end in sky.windows(craft, factor)):
            found.append(Stay(name, str(sortie), str(first["to_site"]), up, on, off, down))
            free[name] = down + drawn_ms(run, craft, "swap", str(sortie))
    return found


def tonight_ms(run: Run, craft: Aircraft) -> int:
    """When an aircraft is ready tonight: its planning value, spread as other call-ups are; whole seconds."""
    planned = (craft.ready_ms - run.stage.scenario.order_ms) / MINUTE_MS
    called = CalledVehicle(craft.aircraft, "", craft.base, run.night.order_ms, planned, hired=False)
    return math.ceil(ready_ms(called, run.night.draws) / SECOND_MS) * SECOND_MS


def drawn_ms(run: Run, craft: Aircraft, figure: str, entity: str) -> int:
    """A step of the section ``air`` tonight, whole seconds."""
    minutes = run.night.draws.figure(f"air.{figure}", f"{craft.aircraft} {entity}")
    return math.ceil(round(minutes * 60, 6)) * SECOND_MS


def with_relays(run: Run) -> Outages:
    """The night's outages with the hours taken out in which a relay is on station near enough."""
    outages = run.night.outages
    tonight = stays(run) if outages.spans else []
    if not tonight:
        return outages
    sky, media = sky_on(run), run.stage.media
    radius = 1000 * sky.rules["relay_radius"]
    spans: dict[tuple[str, str], Spans] = {}
    for (place, medium), of in outages.spans.items():
        k = media.index.get(place)
        served = [
            (stay.on_ms, stay.off_ms) for stay in tonight
            if sky.away_m(stay.station, place) <= radius or (k is not None and stay.station == place)
        ]  # fmt: skip
        spans[place, medium] = _without(of, served)
    return Outages(spans)


def _without(spans: Spans, served: list[tuple[int, int]]) -> Spans:
    left = list(spans)
    for on, off in served:
        left = [part for start, end in left for part in ((start, min(end, on)), (max(start, off), end))
                if part[0] < part[1] and not math.isnan(part[0])]  # fmt: skip
    return tuple(left)
