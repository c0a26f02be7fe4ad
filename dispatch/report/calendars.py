"""One calendar file (iCalendar, RFC 5545) a vehicle or team: when to be where, and what to do there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dispatch.clock import clock_time
from dispatch.county.english import own_names
from dispatch.documents.messages import text
from dispatch.planning.plan import Plan
from dispatch.planning.plan_view import PlanView
from dispatch.report.names import site_name, vehicle_name
from dispatch.scenario import Scenario

__all__ = ["write_calendars"]


@dataclass(frozen=True)
class _Entry:
    """One thing to do."""

    key: str
    start_ms: int
    end_ms: int
    title: str
    site: str
    said: str


def write_calendars(scenario: Scenario, plan: Plan, folder: Path, lang: str) -> list[Path]:
    """Write ``VEHICLE.ics`` and ``TEAM.ics`` for everyone who has something to do.

    Equal plans give equal bytes: events are stamped with the reference time, not with the clock.
    """
    folder.mkdir(parents=True, exist_ok=True)
    view = PlanView(plan, scenario, lang)
    entries: dict[str, list[_Entry]] = {}
    for (trip,), row in view.trips.items():
        entries.setdefault(row["vehicle"], []).append(
            _Entry(f"{trip}-load", row["load_start_ms"], row["load_end_ms"],
                   text(lang, "exports_load", trip=trip, site=view.site(row["depot"])), row["depot"],
                   text(lang, "exports_depart", clock=f"{view.clock(row['depart_ms']):%H:%M}"))
        )  # fmt: skip
    for (trip, stop), row in view.stops.items():
        if (trip,) in view.trips:
            entries[view.trips[(trip,)]["vehicle"]].append(
                _Entry(f"{trip}-stop-{stop}", row["unload_start_ms"], row["unload_end_ms"],
                       text(lang, "exports_unload", trip=trip, site=view.site(row["site"])), row["site"],
                       view.goods(view.loads_at.get((trip, stop), [])))
            )  # fmt: skip
    names = {vehicle: vehicle_name(scenario, vehicle, lang) for vehicle in entries}
    teams = own_names(scenario.county, "teams", lang)
    for row in plan.deployments.to_dict("records"):
        entries.setdefault(row["team"], []).append(
            _Entry(row["deployment"], row["begin_ms"], row["end_ms"],
                   text(lang, "exports_task", task=row["task"], strength=row["strength"]), "", row["skill"])
        )  # fmt: skip
        names.setdefault(row["team"], teams.get(row["team"], row["team"]))
    return [_write(scenario, who, names[who], own, folder, lang) for who, own in sorted(entries.items())]


def _write(scenario: Scenario, who: str, name: str, entries: list[_Entry], folder: Path, lang: str) -> Path:
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", "-//relief-dispatch//plan//")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    for entry in sorted(entries, key=lambda entry: (entry.start_ms, entry.key)):
        event = Event()
        event.add("uid", f"{entry.key}@{scenario.name}")
        event.add("dtstamp", _utc(scenario, 0))
        event.add("dtstart", _utc(scenario, entry.start_ms))
        event.add("dtend", _utc(scenario, entry.end_ms))
        event.add("summary", entry.title)
        event.add("description", " · ".join(word for word in (entry.said, text(lang, "common_planning_aid")) if word))
        if entry.site:
            event.add("location", site_name(scenario, entry.site, lang))
        if entry.site in scenario.sites.index:
            event.add("geo", (float(scenario.sites.at[entry.site, "lat"]), float(scenario.sites.at[entry.site, "lon"])))
        calendar.add_component(event)
    path = folder / f"{''.join(c if c.isalnum() or c in '-_.' else '_' for c in who)}.ics"
    path.write_bytes(calendar.to_ical())
    return path


def _utc(scenario: Scenario, time_ms: int) -> datetime:
    from datetime import UTC

    return clock_time(scenario.reference_time, time_ms).astimezone(UTC).replace(microsecond=0)
