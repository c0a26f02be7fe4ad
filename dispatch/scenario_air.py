"""The section ``air`` of a scenario: weather for flying, heights, requests.

``[air]``: ``enabled``; ``wind_m_s`` and ``visibility_km`` by the hour from ``weather_from`` on (needed: they decide
who flies); ``terrain`` (heights; that of ``hazards.fire`` where there is one) and ``elevation_m`` for points outside
it, one of which is needed; ``warmer_c``, degrees above the standard atmosphere; ``supply`` and ``relay``, whether
goods and relays are sent unasked. ``[[air.request]]``: ``name``, ``kind`` (``medical``, ``bucket``,
``reconnaissance``, ``relay``), ``place`` or ``lon`` and ``lat``, ``people``, ``to`` (a hospital), ``priority``,
``from``, ``by``, ``until``, ``aircraft`` (a helicopter kept for that fire). A computed fire is a request for water by
itself, at each of its ignitions from its detection on, unless a request of the kind ``bucket`` is written.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from dispatch.air_order import REQUEST_KINDS, AirOrder, AirRequest
from dispatch.clock import SECOND_MS
from dispatch.county.county import County
from dispatch.hazards.fire_in_county import fire_in_county
from dispatch.hazards.fire_spec import FireSpec, read_fire
from dispatch.hazards.terrain import Terrain, read_terrain
from dispatch.norms import read_norm
from dispatch.norms.response import Response
from dispatch.problems import InputProblems
from dispatch.scenario_text import ScenarioText, moment_ms

__all__ = ["air_of"]

_KEYS = (
    "wind_m_s",
    "visibility_km",
    "weather_from",
    "terrain",
    "elevation_m",
    "warmer_c",
    "supply",
    "relay",
    "request",
)
_REQUEST_KEYS = {"name", "kind", "place", "lon", "lat", "people", "to", "priority", "from", "by", "until", "aircraft"}


def air_of(
    written: ScenarioText,
    reference: datetime,
    county: County,
    response: Response,
    span_ms: tuple[int, int, int],
) -> AirOrder | None:
    """What is asked of the air; None without the section. Problems go to the scenario's text.

    Parameters
    ----------
    written : ScenarioText
    reference : datetime
    county : County
    response : Response
    span_ms : tuple of int
        Order, deadline and end of the horizon.
    """
    value = written.values.get
    if "air" not in response:
        for key in _KEYS:
            if f"air.{key}" in written.values:
                written.problem("scenario_section_closed", f"air.{key}", section="air")
        return None
    for key in ("wind_m_s", "visibility_km"):
        if not len(value(f"air.{key}", ())):
            written.problem("scenario_missing_key", f"air.{key}")
    fire = _fire(written, reference, county)
    terrain = _terrain(written, fire)
    if terrain is None and "air.elevation_m" not in written.values:
        written.problem("scenario_missing_key", "air.elevation_m")
    _known_types(written, county)
    requests = _requests(written, reference, county, span_ms)
    if fire is not None and fire.ignitions and all(request.kind != "bucket" for request in requests):
        requests += _fires(fire, span_ms)
    names = [request.request for request in requests]
    for name in {name for name in names if names.count(name) > 1}:
        written.problem("scenario_air_request", "air.request.name", name, kinds=", ".join(REQUEST_KINDS))
    return AirOrder(
        weather_ms=moment_ms(value("air.weather_from", "+0:00"), reference),
        wind_ms=tuple(value("air.wind_m_s", (0.0,))),
        visibility_km=tuple(value("air.visibility_km", (0.0,))),
        warmer_c=float(value("air.warmer_c", 0.0)),
        supply=value("air.supply", True),
        relay=value("air.relay", True),
        requests=tuple(requests),
        elevation_m=float(value("air.elevation_m", 0.0)),
        terrain=terrain,
    )


def _fire(written: ScenarioText, reference: datetime, county: County) -> FireSpec | None:
    """A fire that the scenario computes; its problems are told where it is computed."""
    if "hazards.fire" not in written.values:
        return None
    spec, _ = read_fire(written.values["hazards.fire"], written.path, reference)
    return None if spec is None else fire_in_county(spec, county, reference)


def _terrain(written: ScenarioText, fire: FireSpec | None) -> Terrain | None:
    """Heights of the file named, or of the fire's."""
    file: Path | None = None if fire is None else fire.terrain
    if "air.terrain" in written.values:
        file = written.path.parent / written.values["air.terrain"]
        if not file.is_file():
            written.problem("scenario_missing_file", "air.terrain", written.values["air.terrain"])
            return None
    if file is None:
        return None
    try:
        return read_terrain(file)
    except InputProblems as several:
        written.problems += several.problems
        return None


def _known_types(written: ScenarioText, county: County) -> None:
    """Every aircraft's type must be in the norm table: there its lift, fuel and limits stand."""
    known = {row["type"] for row in read_norm("air_types")}
    for table, key in (("aircraft", "aircraft"), ("drones", "drone")):
        for row in county.table(table).to_dict("records"):
            if row["type"] not in known:
                written.problem("scenario_air_type", "air.enabled", row["type"], aircraft=row[key],
                                known=", ".join(sorted(known)))  # fmt: skip


def _requests(
    written: ScenarioText, reference: datetime, county: County, span_ms: tuple[int, int, int]
) -> list[AirRequest]:
    """The requests as written; one that is not whole is a problem."""
    places = {
        row["place"]: (row["lon"], row["lat"], row["population"]) for row in county.table("places").to_dict("records")
    }
    hospitals = set(county.table("facilities").query("kind == 'hospital'")["facility"])
    crafts = set(county.table("aircraft")["aircraft"])
    made = []
    for number, row in enumerate(written.values.get("air.request", ()), start=1):
        key = f"air.request {number}"
        wrong = [name for name in row if name not in _REQUEST_KEYS]
        kind, place = str(row.get("kind", "")), str(row.get("place", ""))
        lon, lat, there = places.get(place, (math.nan, math.nan, math.nan))
        lon, lat = row.get("lon", lon), row.get("lat", lat)
        wrong += [] if kind in REQUEST_KINDS else ["kind"]
        wrong += ["place"] if place and place not in places else []
        wrong += [] if _number(lon) and _number(lat) else ["lon"]
        people = row.get("people", 1 if kind == "medical" else 0 if math.isnan(there) else int(there))
        wrong += [] if _whole(people, 1 if kind == "medical" else 0) else ["people"]
        priority = row.get("priority", 1)
        wrong += [] if _whole(priority, 1) else ["priority"]
        wrong += ["to"] if row.get("to", "") and row["to"] not in hospitals else []
        wrong += ["aircraft"] if row.get("aircraft", "") and (kind != "bucket" or row["aircraft"] not in crafts) else []
        times, faults = _times(row, reference, span_ms)
        for name in (*wrong, *faults):
            written.problem("scenario_air_request", f"{key}.{name}", row.get(name, ""), kinds=", ".join(REQUEST_KINDS))
        if not wrong and not faults:
            made.append(AirRequest(str(row.get("name", f"air-{number}")), kind, place, float(lon), float(lat), people,
                                   str(row.get("to", "")), priority, *times, str(row.get("aircraft", ""))))  # fmt: skip
    return made


def _times(
    row: Mapping[str, Any], reference: datetime, span_ms: tuple[int, int, int]
) -> tuple[tuple[int, int, int], list[str]]:
    """From, by, until of a request, and which of them cannot be read."""
    found, faults = [], []
    for name, otherwise in zip(("from", "by", "until"), span_ms, strict=True):
        given = row.get(name)
        try:
            text = given.isoformat() if isinstance(given, datetime) else given
            found.append(otherwise if text is None else moment_ms(text, reference))
        except (ValueError, AttributeError):
            faults.append(name)
            found.append(otherwise)
    if not faults and not found[0] <= found[1] <= max(found[2], found[1]):
        faults.append("by")
    return (found[0], found[1], max(found[2], found[1])), faults


def _fires(fire: FireSpec, span_ms: tuple[int, int, int]) -> list[AirRequest]:
    """Water for every ignition, from when headquarters know of it."""
    order_ms, due_ms, end_ms = span_ms
    known = fire.ignitions[0].time if fire.detected is None else fire.detected
    return [
        AirRequest(f"fire-{k}", "bucket", "", start.lon, start.lat, 0, "", 1,
                   max(order_ms, round(max(start.time, known) * SECOND_MS)), max(due_ms, order_ms), end_ms)
        for k, start in enumerate(fire.ignitions, start=1)
    ]  # fmt: skip


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _whole(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
