"""Water on the fire: helicopters with a bucket fill the hours that goods and lifts leave them.

From the pad with the most litres per hour, and the water point with the shortest cycle. Several fires share the
machines: each run goes where the least water per unit of priority has been dropped so far.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from dispatch.air.sky import Aircraft, Sky
from dispatch.air_order import AirRequest
from dispatch.clock import HOUR_MS, MINUTE_MS
from dispatch.planning.air_legs import Leg, Sortie
from models.air.bucket import BucketLegs, BucketRun, best_bucket_run
from models.traversal import NEVER

__all__ = ["Bucket", "best_bucket", "bucket_sorties"]


@dataclass(frozen=True)
class Bucket:
    """How one helicopter waters one fire best: its water, pad, cycle and litres per hour, stops for fuel included."""

    water: str
    pad: str
    legs: BucketLegs
    run: BucketRun
    litres_h: float


def best_bucket(sky: Sky, craft: Aircraft, request: AirRequest, pads: tuple[str, ...] = ()) -> Bucket | None:
    """The best of all waters and pads; None if no bucket comes over the fire."""
    best: Bucket | None = None
    for water in sky.water_sites():
        for pad in pads or sky.pads(craft):
            legs = _legs(sky, craft, pad, water, request.request, pad)
            run = None if legs is None else _run(sky, craft, legs, water, request, craft.airborne_ms)
            if legs is None or run is None:
                continue
            litres_h = sum(run.litres) * HOUR_MS / (run.airborne_ms + sky.stop_ms(craft))
            if best is None or litres_h > best.litres_h:
                best = Bucket(water, pad, legs, run, litres_h)
    return best


def _legs(sky: Sky, craft: Aircraft, pad: str, water: str, fire: str, land: str) -> BucketLegs | None:
    ways = [
        sky.flight_ms(craft, a, b, bucket=True) for a, b in ((pad, water), (water, fire), (fire, water), (fire, land))
    ]
    if craft.bucket_l <= 0 or max(ways) >= NEVER:
        return None
    return BucketLegs(ways[0], ways[1], ways[2], ways[3], sky.step_ms("fill"), sky.step_ms("drop"))


def _run(
    sky: Sky, craft: Aircraft, legs: BucketLegs, water: str, request: AirRequest, limit_ms: int
) -> BucketRun | None:
    lift = sky.lift_kg(craft, water, request.request)
    if math.isnan(lift) or math.isnan(craft.burn_kg_h):
        return None
    return best_bucket_run(
        legs, limit_ms=limit_ms, stop_ms=sky.stop_ms(craft), bucket_l=craft.bucket_l, lift_kg=lift - craft.bucket_kg,
        burn_kg_h=craft.burn_kg_h, reserve_ms=round(sky.rules["reserve"] * MINUTE_MS),
    )  # fmt: skip


def bucket_sorties(sky: Sky, booked: Mapping[str, list[Sortie]]) -> list[Sortie]:
    """Runs of all helicopters with a bucket, around what they have to do already."""
    fires = [request for request in sky.order.requests if request.kind == "bucket"]
    dropped: defaultdict[str, int] = defaultdict(int)
    made: list[Sortie] = []
    for craft in sky.fleet:
        if craft.is_drone or craft.bucket_l <= 0:
            continue
        kept = [request for request in fires if request.aircraft == craft.aircraft]
        own = sorted(booked.get(craft.aircraft, ()), key=lambda sortie: sortie.takeoff_ms)
        left_ms = round(sky.rules["crew_flight"] * HOUR_MS) - sum(sortie.flown_ms for sortie in own)
        at, free = craft.base, craft.ready_ms
        for k in range(len(own) + 1):
            until = own[k].takeoff_ms if k < len(own) else sky.scenario.end_ms
            back = own[k].legs[0].from_site if k < len(own) else ""
            runs = _fill(sky, craft, (at, back), (free, until), left_ms, kept or fires, dropped)
            left_ms -= sum(run.flown_ms for run in runs)
            made += runs
            if k < len(own):
                at, free = own[k].legs[-1].to_site, own[k].land_ms + sky.stop_ms(craft)
    return made


def _fill(
    sky: Sky, craft: Aircraft, pads: tuple[str, str], span: tuple[int, int], left_ms: int, fires: list[AirRequest],
    dropped: dict[str, int],
) -> list[Sortie]:  # fmt: skip
    """Runs from pad to pad (the second "": whichever is best) within a span of time."""
    at, back = pads
    runs: list[Sortie] = []
    stop = sky.stop_ms(craft)
    for opens, closes in sky.windows(craft):
        free, end = max(span[0], opens), min(span[1] - (stop if back else 0), closes)
        if runs:
            free = max(free, runs[-1].land_ms + stop)
        while free < end and left_ms > 0:
            found = None
            for request in sorted(fires, key=lambda r: (dropped[r.request] / r.priority, r.request)):
                best = best_bucket(sky, craft, request, (back,) if back else ())
                if best is not None:
                    found = _one_run(sky, craft, request, best, at, max(free, request.from_ms),
                                     min(end, request.until_ms), left_ms)  # fmt: skip
                if found is not None:
                    dropped[request.request] += sum(leg.litres for leg in found.legs)
                    break
            if found is None:
                break
            runs.append(found)
            at, free, left_ms = found.legs[-1].to_site, found.land_ms + stop, left_ms - found.flown_ms
    return runs


def _one_run(
    sky: Sky, craft: Aircraft, request: AirRequest, best: Bucket, at: str, start: int, end: int, left_ms: int
) -> Sortie | None:
    """One run that fits; None if no drop does."""
    legs = _legs(sky, craft, at, best.water, request.request, best.pad)
    if legs is None or end <= start:
        return None
    run = _run(sky, craft, legs, best.water, request, min(craft.airborne_ms, end - start, left_ms))
    if run is None:
        return None
    fire, made = request.request, []
    clock, site = start, at
    for k, litres in enumerate(run.litres):
        way = legs.to_water_ms if k == 0 else legs.back_ms
        filled = clock + way + legs.fill_ms
        made.append(Leg("position", site, best.water, clock, clock + way, filled, fire))
        there = filled + legs.to_fire_ms
        made.append(Leg("bucket", best.water, fire, filled, there, there + legs.drop_ms, fire, litres=litres))
        clock, site = there + legs.drop_ms, fire
    land = clock + legs.to_pad_ms
    made.append(Leg("position", fire, best.pad, clock, land, land, fire))
    return Sortie(craft.aircraft, tuple(made))
