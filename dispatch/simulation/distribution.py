"""Handing over at the delivery point: to the place, and, where the response has ``distribution``, to the households.

Desks serve people at a rate, one delivery after the other. The people a delivery stands for are those of its report,
in proportion to the need that it meets; of several goods for the same people the largest share counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Sequence
from typing import Any

from dispatch.clock import HOUR_MS
from dispatch.simulation.line import Line
from dispatch.simulation.run import Run, Vehicle
from dispatch.simulation.store import Cargo

__all__ = ["hand_out"]


def hand_out(run: Run, vehicle: Vehicle, cargo: Sequence[Cargo], site: str, cause: int, trip: str = "") -> None:
    """Deliver what has been unloaded (on ``trip``, the present one by default), and hand it out if asked to."""
    response = run.stage.scenario.response
    trip = trip or vehicle.trip
    if "distribution" not in response:
        _deliver(run, vehicle.vehicle, trip, cargo, site, cause)
        return
    if response.counted:
        run.carried += cargo
    else:
        _deliver(run, vehicle.vehicle, trip, cargo, site, cause)
    run.env.process(_desks(run, vehicle.vehicle, trip, cargo, site, cause, deliver=response.counted))


def _deliver(run: Run, vehicle: str, trip: str, cargo: Sequence[Cargo], site: str, cause: int) -> None:
    for part in cargo:
        run.store.deliver(part)
        run.hand_over(vehicle, trip, part, site, cause)


def _desks(
    run: Run, vehicle: str, trip: str, cargo: Sequence[Cargo], site: str, cause: int, *, deliver: bool
) -> Generator[Any, Any, None]:
    """Hand goods out to the people of a place, after those that came before."""
    env, draws = run.env, run.night.draws
    line = run.desks.get(site)
    if line is None:
        line = run.desks[site] = Line(env, 1)
    people = _people(run, cargo)
    desk, _ = yield line.request(0)
    rate = draws.figure("distribution.people_per_h", site) * draws.figure("distribution.desks", site)
    yield env.timeout(round(people / rate * HOUR_MS))
    line.release(desk)
    if deliver:
        for part in cargo:
            run.carried.remove(part)
        _deliver(run, vehicle, trip, cargo, site, cause)
    place = cargo[0].place if cargo else ""
    run.recorder.record(
        env.now, "handed_out", site, "place", cause, place=place, quantity=people, destination=site, trip=trip,
        milestone=f"trip {trip} handed out at {site}",
    )  # fmt: skip


def _people(run: Run, cargo: Sequence[Cargo]) -> float:
    """People whom a delivery serves."""
    share: defaultdict[tuple[str, str], float] = defaultdict(float)
    needs = run.stage.needs
    for part in cargo:
        share[needs[part.need].report, part.item] += part.quantity / needs[part.need].quantity
    largest: dict[str, float] = {}
    for (report, _), served in share.items():
        largest[report] = max(largest.get(report, 0.0), min(served, 1.0))
    reports = run.stage.report_of
    return sum(reports[report].people * served for report, served in largest.items())
