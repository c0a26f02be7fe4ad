"""News on one night: how long a message takes from where it is to headquarters, and what a driver has heard.

A message goes by the fastest medium that works at its place and hour: public telephone, narrow-band radio, satellite
phone, relay drone (from its hour on), a messenger on foot to the next place with a telephone, or it waits until the
telephone works again. Without the section ``news`` everybody knows at once what a driver meets, as if by radio.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import Any

from dispatch.clock import HOUR_MS
from dispatch.simulation.order_chain import figure_ms
from dispatch.simulation.run import Run, Vehicle
from models.traversal import NEVER, TimedEdges

__all__ = ["believes", "carried", "equip", "hear", "order_passed", "reports", "tell", "visit"]


def equip(run: Run, vehicle: Vehicle) -> None:
    """Decide what a vehicle has on board."""
    draws, response = run.night.draws, run.stage.scenario.response
    vehicle.radio = draws.chance("news.radio_share", vehicle.vehicle, response.value("news.radio_share"))
    vehicle.satellite = draws.chance("news.satellite_share", vehicle.vehicle, response.value("news.satellite_share"))


def carried(
    run: Run, lon: float, lat: float, place: str, entity: str, *, radio: bool = False, satellite: bool = False
) -> tuple[str, int]:
    """Medium of a message to headquarters (or from there) and how long it takes, ms; ``NEVER`` if none works.

    Parameters
    ----------
    run : Run
    lon, lat : float
        Where it is.
    place : str
        Place whose telephone would serve.
    entity : str
        Whose draws these are.
    radio, satellite : bool
        Whether there is a radio, a satellite phone.
    """
    media, outages, draws, now = run.stage.media, run.night.outages, run.night.draws, run.env.now

    def minutes(medium: str) -> int:
        return figure_ms(draws, f"news.{medium}", entity)

    ways: list[tuple[int, str]] = []
    back = media.connected_again_ms(place, now, outages)
    if back < NEVER:
        ways.append((back - now + minutes("mobile"), "mobile"))
    if back == now and not radio:
        return ways[0][1], ways[0][0]
    if radio and media.within("radio", lon, lat):
        ways.append((minutes("radio"), "radio"))
    if satellite or place in media.satellite:
        ways.append((minutes("satellite_phone"), "satellite_phone"))
    if media.within("drone", lon, lat):
        up = run.night.order_ms + figure_ms(draws, "news.relay_drone", "")
        ways.append((max(up - now, 0) + minutes("mobile"), "relay_drone"))
    km = media.walk_km(lon, lat, now, outages) * run.stage.scenario.response.value("news.detour")
    if km < math.inf:
        walk = round(km / draws.figure("news.messenger_kmh", entity) * HOUR_MS)
        ways.append((walk + minutes("mobile"), "messenger"))
    delay, medium = min(ways, default=(NEVER, ""))
    return medium, delay


def hear(run: Run, vehicle: Vehicle) -> None:
    """A driver asks headquarters, if he can reach them from where he is."""
    if "news" not in run.stage.scenario.response:
        return
    lon, lat = run.position(vehicle)
    media = run.stage.media
    if (
        media.connected(media.nearest(lon, lat), run.env.now, run.night.outages)
        or (vehicle.radio and media.within("radio", lon, lat))
        or vehicle.satellite
    ):
        vehicle.heard_ms = run.env.now


def believes(run: Run, vehicle: Vehicle) -> TimedEdges:
    """The roads as a driver expects them: what he heard last, and what he has seen himself."""
    if "news" not in run.stage.scenario.response:
        return run.night.believed(vehicle.vehicle_class, run.env.now)
    return run.night.believed(vehicle.vehicle_class, vehicle.heard_ms, vehicle.seen)


def tell(run: Run, vehicle: Vehicle, edge: int) -> None:
    """A driver stands before a closed edge and reports it."""
    night, env = run.night, run.env
    rows = run.stage.rows.of_edge.get(edge)
    if rows is None:
        return
    if "news" not in run.stage.scenario.response:
        if night.report(edge, env.now):
            run.learn(vehicle.last)
        return
    vehicle.seen.update(rows.tolist())
    lon, lat = run.position(vehicle)
    place = run.stage.media.nearest(lon, lat)
    entity = f"{vehicle.vehicle} {run.edge_name(edge)}"
    medium, delay = carried(run, lon, lat, place, entity, radio=vehicle.radio, satellite=vehicle.satellite)
    told = run.log(vehicle, "closure_reported", place=place, edge=run.edge_name(edge), medium=medium,
                   cause=vehicle.last)  # fmt: skip
    if delay < NEVER:
        env.process(_arrives(run, edge, delay, medium, told))


def _arrives(run: Run, edge: int, delay_ms: int, medium: str, told: int) -> Generator[Any, Any, None]:
    yield run.env.timeout(delay_ms)
    fresh = run.night.report(edge, run.env.now)
    heard = run.recorder.record(
        run.env.now, "news_received", "county", "headquarters", told, edge=run.edge_name(edge), medium=medium,
        role=run.stage.roles.get("news", ""),
    )  # fmt: skip
    if fresh:
        run.learn(heard)


def reports(run: Run) -> None:
    """Send the demand reports: at once where a telephone works, else as a message or when somebody comes by."""
    stage, night = run.stage, run.night
    for report in stage.reports:
        if "news" not in stage.scenario.response:
            run.record_report(report.report, report.release_ms)
        elif stage.media.connected(report.place, report.release_ms, night.outages):
            run.record_report(report.report, report.release_ms, "mobile")
        else:
            run.awaited[report.report] = run.env.event()
            run.env.process(_silent(run, report.report))


def _silent(run: Run, name: str) -> Generator[Any, Any, None]:
    """A village without telephone: its report comes by what it has, or with the first who reaches it."""
    env, stage = run.env, run.stage
    report = stage.report_of[name]
    yield env.timeout(report.release_ms - env.now)
    run.recorder.record(env.now, "place_silent", report.place, "place", place=report.place, detail=name)
    lon, lat = run.place_position(report.place, report.site)
    medium, delay = carried(run, lon, lat, report.place, f"report {name}")
    visited = run.visited.setdefault(report.place, env.event())
    at_site = run.visited.setdefault(report.site, env.event())
    waits = [visited, at_site]
    if delay < NEVER:
        waits.append(env.timeout(delay))
    yield env.any_of(waits)
    if visited.triggered or at_site.triggered:
        medium = "visit"
    run.record_report(name, env.now, medium)
    run.awaited.pop(name).succeed()


def order_passed(run: Run, site: str, order: int) -> tuple[int, int]:
    """Pass the order on to a depot or base: the event that brings it, and the delay, ms (``NEVER``: not at all).

    Where a telephone works it is there at once, as the step ``call_up`` has it.
    """
    stage = run.stage
    if "news" not in stage.scenario.response or site not in stage.site_index:
        return order, 0
    lon, lat = stage.site_point[stage.site_index[site]]
    place = stage.media.nearest(lon, lat)
    if stage.media.connected(place, run.env.now, run.night.outages):
        return order, 0
    medium, delay = carried(run, lon, lat, place, f"order {site}", radio=True)
    if delay >= NEVER:
        return order, NEVER
    passed = run.recorder.record(
        run.env.now + delay, "order_passed", site, "depot", order, place=site, medium=medium,
        role=stage.roles.get("depot", ""), milestone=f"order at {site}",
    )  # fmt: skip
    return passed, delay


def visit(run: Run, site: str) -> None:
    """Somebody has reached a site: who was silent there can speak."""
    event = run.visited.get(site)
    if event is not None and not event.triggered:
        event.succeed()
