"""Aircraft of a scenario, and what follows from the sky alone: when each may fly, how fast, how far, with how much.

Facts only, of which planner, checker and simulation each make their own use. Speed over the ground is the mean of a way
there and back against the strongest forecast wind in which that aircraft flies, so that it holds whatever the wind's
direction; times are whole seconds, rounded up. A drone climbs over the highest ground of its way before it goes on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import Any

import numpy as np

from dispatch.air_order import AirOrder
from dispatch.clock import HOUR_MS, MINUTE_MS, SECOND_MS, clock_time, offset_ms
from dispatch.norms import read_norm
from dispatch.roads.measure import great_circle_m
from dispatch.scenario import Scenario
from models.air.daylight import sun_utc_min
from models.air.lift import hover_gross_kg, two_way_speed
from models.siting.sight import highest_between
from models.traversal import NEVER

__all__ = ["CARGO", "Aircraft", "Sky", "air_rules", "sky_of"]

CARGO = frozenset({"cargo", "delivery"})
"""Payloads with which a drone carries goods."""

Windows = tuple[tuple[int, int], ...]


@cache
def _siting() -> dict[str, float]:
    """Figures of the norm table ``siting``: drones and depth of water, as coverage and siting have them."""
    return {row["rule"]: float(row["value"]) for row in read_norm("siting")}


def air_rules() -> dict[str, float]:
    """Figures of the norm table ``air_rules`` by name."""
    return {row["rule"]: float(row["value"]) for row in read_norm("air_rules")}


@dataclass(frozen=True)
class Aircraft:
    """A helicopter or a drone.

    Attributes
    ----------
    aircraft, name, base : str
    kind : {"helicopter", "drone"}
    payload_kg, cargo_m3, bucket_l, stretchers : float
        At most, whatever the height.
    cruise_kmh, bucket_kmh : float
        Through the air; 0: it works where it stands.
    range_m : float
        From its base; infinite for helicopters.
    airborne_ms : int
        Longest from take-off to landing, reserve kept.
    ready_ms : int
        Earliest take-off by plan.
    max_wind_ms, min_visibility_km : float
    night : bool
    can : frozenset of str
        Payloads of a drone.
    limit_kg, empty_kg, hover_kg, hover_m, burn_kg_h, bucket_kg : float
        Of a helicopter; NaN where the type has no curve of payload against height.
    """

    aircraft: str
    name: str
    base: str
    kind: str
    payload_kg: float
    cargo_m3: float
    bucket_l: float
    stretchers: int
    cruise_kmh: float
    bucket_kmh: float
    range_m: float
    airborne_ms: int
    ready_ms: int
    max_wind_ms: float
    min_visibility_km: float
    night: bool
    can: frozenset[str]
    limit_kg: float = math.nan
    empty_kg: float = math.nan
    hover_kg: float = math.nan
    hover_m: float = math.nan
    burn_kg_h: float = math.nan
    bucket_kg: float = math.nan

    @property
    def is_drone(self) -> bool:
        """Whether nobody is aboard."""
        return self.kind == "drone"


@dataclass(frozen=True, eq=False)
class Sky:
    """Aircraft, points and weather of one scenario; made by :func:`sky_of`."""

    scenario: Scenario
    order: AirOrder
    fleet: tuple[Aircraft, ...]
    rules: Mapping[str, float]
    _points: dict[str, tuple[float, float, float]] = field(default_factory=dict, repr=False)
    _flights: dict[tuple[str, str, str, bool], int] = field(default_factory=dict, repr=False)

    @cached_property
    def by_name(self) -> dict[str, Aircraft]:
        """Aircraft by id."""
        return {craft.aircraft: craft for craft in self.fleet}

    def point(self, site: str) -> tuple[float, float, float] | None:
        """Longitude, latitude and height (m) of a site, facility, place or request; None if it has no position."""
        if not self._points:
            self._points.update(self._all_points())
        return self._points.get(site)

    def _all_points(self) -> dict[str, tuple[float, float, float]]:
        found: dict[str, tuple[float, float, float]] = {}
        county = self.scenario.county
        for table, key in (
            ("places", "place"),
            ("shelters", "shelter"),
            ("depots", "depot"),
            ("facilities", "facility"),
        ):
            rows = county.table(table)
            heights = rows["elevation_m"] if "elevation_m" in rows else [math.nan] * len(rows)
            for site, lon, lat, height in zip(rows[key], rows["lon"], rows["lat"], heights, strict=True):
                if not (math.isnan(lon) or math.isnan(lat)):
                    found[str(site)] = (float(lon), float(lat), float(height))
        for row in self.scenario.sites.itertuples(index=False):
            known = found.get(str(row.site))
            found[str(row.site)] = (float(row.lon), float(row.lat), math.nan if known is None else known[2])
        for request in self.order.requests:
            found[request.request] = (request.lon, request.lat, math.nan)
        return {
            site: (lon, lat, self._height(lon, lat) if math.isnan(height) else height)
            for site, (lon, lat, height) in found.items()
        }

    def _height(self, lon: float, lat: float) -> float:
        terrain = self.order.terrain
        if terrain is None:
            return self.order.elevation_m
        cell = int(terrain.cell(np.array([lon]), np.array([lat]))[0])
        return self.order.elevation_m if cell < 0 else float(terrain.elevation_m.ravel()[cell])

    def away_m(self, a: str, b: str) -> float:
        """Distance between two points, m; infinite where one has no position."""
        p, q = self.point(a), self.point(b)
        if p is None or q is None:
            return math.inf
        return float(great_circle_m(np.array(p[0]), np.array(p[1]), np.array(q[0]), np.array(q[1])))

    def flight_ms(self, craft: Aircraft, a: str, b: str, *, bucket: bool = False) -> int:
        """Time of a way, with or without the bucket on its sling; ``NEVER`` if the aircraft cannot go there."""
        key = (craft.aircraft, a, b, bucket)
        if key not in self._flights:
            self._flights[key] = self._flight(craft, a, b, craft.bucket_kmh if bucket else craft.cruise_kmh)
        return self._flights[key]

    def _flight(self, craft: Aircraft, a: str, b: str, kmh: float) -> int:
        away = 0.0 if a == b else self.away_m(a, b)
        if away == 0.0:
            return 0
        if self.away_m(craft.base, b) > craft.range_m or self.away_m(craft.base, a) > craft.range_m:
            return NEVER
        speed = two_way_speed(kmh / 3.6, self.strongest_ms(craft)) if kmh > 0 else 0.0
        if not math.isfinite(away) or speed <= 0:
            return NEVER
        climb_s = self._climb_m(a, b) / _siting()["drone_climb"] if craft.is_drone else 0.0
        return math.ceil(away / speed + climb_s) * SECOND_MS

    def _climb_m(self, a: str, b: str) -> float:
        """From the ground at a to the clearance above the highest ground between a and b."""
        p, q, terrain = self.point(a), self.point(b), self.order.terrain
        clearance = _siting()["drone_clearance"]
        if p is None or q is None or terrain is None:
            return clearance
        x = [(at[0] - terrain.west) / terrain.dlon - 0.5 for at in (p, q)]
        y = [(terrain.north - at[1]) / terrain.dlat - 0.5 for at in (p, q)]
        start, end = ([np.array([x[k]]), np.array([y[k]])] for k in (0, 1))
        top = float(highest_between(terrain.elevation_m, start[0], start[1], end[0], end[1]).ravel()[0])
        return max(top, p[2]) + clearance - p[2]

    def strongest_ms(self, craft: Aircraft) -> float:
        """Strongest forecast wind in which the aircraft flies within the horizon, m/s."""
        flown = [wind for _, _, wind, visible in self._hours() if wind <= craft.max_wind_ms
                 and visible >= craft.min_visibility_km]  # fmt: skip
        return max(flown, default=0.0)

    def _hours(self, factor: float = 1.0) -> list[tuple[int, int, float, float]]:
        """Hours from the order to the end of the horizon: start, end, wind, visibility."""
        order, last = self.order, self.scenario.end_ms
        count = max(len(order.wind_ms), len(order.visibility_km))
        found = []
        for k in range(-1, count):
            start = -NEVER if k < 0 else order.weather_ms + k * HOUR_MS
            end = NEVER if k == count - 1 else order.weather_ms + (k + 1) * HOUR_MS
            start, end = max(start, min(self.scenario.order_ms, 0)), min(end, last)
            if start < end:
                wind = order.wind_ms[min(max(k, 0), len(order.wind_ms) - 1)] * factor
                found.append((start, end, wind, order.visibility_km[min(max(k, 0), len(order.visibility_km) - 1)]))
        return found

    def windows(self, craft: Aircraft, wind_factor: float = 1.0) -> Windows:
        """When an aircraft may be in the air, ms: by daylight unless it flies by night, wind and visibility."""
        fair = _joined([(start, end) for start, end, wind, visible in self._hours(wind_factor)
                        if wind <= craft.max_wind_ms and visible >= craft.min_visibility_km])  # fmt: skip
        return fair if craft.night else _common(fair, self.daylight(craft.base))

    def daylight(self, site: str) -> Windows:
        """Days within the horizon at a site, sunrise to sunset less the margin."""
        at = self.point(site)
        if at is None:
            return ()
        reference, margin = self.scenario.reference_time, round(self.rules["daylight_margin"] * MINUTE_MS)
        first = min(self.scenario.order_ms, 0)
        day = clock_time(reference, first).date() - timedelta(days=1)
        found = []
        while True:
            midnight = offset_ms(reference, datetime(day.year, day.month, day.day, tzinfo=_UTC))
            if midnight > self.scenario.end_ms:
                break
            sun = sun_utc_min(day.timetuple().tm_yday, at[1], at[0])
            if sun is not None:
                up, down = (midnight + round(minute * MINUTE_MS) for minute in sun)
                found.append((max(up + margin, first), min(down - margin, self.scenario.end_ms)))
            day += timedelta(days=1)
        return _joined([(start, end) for start, end in found if start < end])

    def pads(self, craft: Aircraft) -> tuple[str, ...]:
        """Where it may stop for fuel: its base; a helicopter also the county's pads."""
        if craft.is_drone:
            return (craft.base,)
        rows = self.scenario.county.table("facilities")
        pads = rows.loc[(rows["kind"] == "helipad") & rows["lon"].notna(), "facility"]
        return tuple(dict.fromkeys([craft.base, *map(str, pads)]))

    def stop_ms(self, craft: Aircraft) -> int:
        """On the ground between two sorties: fuel, or fresh batteries."""
        return self.step_ms("swap" if craft.is_drone else "refuel")

    def load_ms(self, craft: Aircraft) -> int:
        """Goods taken aboard."""
        return self.step_ms("drone_load" if craft.is_drone else "load")

    def unload_ms(self, craft: Aircraft) -> int:
        """Goods handed over."""
        return self.step_ms("drone_unload" if craft.is_drone else "unload")

    def step_ms(self, figure: str) -> int:
        """Planning value of a step of the section ``air``, whole seconds."""
        return math.ceil(round(self.scenario.response.value(f"air.{figure}") * 60, 6)) * SECOND_MS

    def lift_kg(self, craft: Aircraft, *sites: str) -> float:
        """What is hovered at the highest of the sites beside the empty machine and crew; NaN without a curve."""
        heights = [at[2] for site in sites if (at := self.point(site)) is not None]
        if math.isnan(craft.hover_kg) or not heights:
            return math.nan
        gross = hover_gross_kg(craft.limit_kg, craft.hover_kg, craft.hover_m, max(heights), self.order.warmer_c)
        return float(gross) - craft.empty_kg

    def payload_at_kg(self, craft: Aircraft, airborne_ms: int, *sites: str) -> float:
        """Goods or people that are lifted at all the sites with fuel for so long a flight and the reserve."""
        lift = self.lift_kg(craft, *sites)
        if math.isnan(lift):
            return craft.payload_kg
        fuel = craft.burn_kg_h * (airborne_ms / HOUR_MS + self.rules["reserve"] / 60)
        return max(0.0, min(craft.payload_kg, lift - fuel))

    def water_sites(self) -> tuple[str, ...]:
        """Water points deep enough for a bucket; one whose depth is not given is left out."""
        rows = self.scenario.county.table("facilities")
        deep = rows[(rows["kind"] == "water_point") & rows["lon"].notna()
                    & (rows["depth_m"] >= _siting()["bucket_depth"])]  # fmt: skip
        return tuple(map(str, deep["facility"]))


_UTC = datetime.fromisoformat("2000-01-01T00:00:00+00:00").tzinfo


def sky_of(scenario: Scenario) -> Sky:
    """Read the aircraft and drones of a scenario that has the section ``air``.

    Raises
    ------
    ValueError
        If it has none.
    """
    if scenario.air is None:
        msg = "the scenario has no section 'air'"
        raise ValueError(msg)
    types = {row["type"]: row for row in read_norm("air_types")}
    rules = air_rules()
    county = scenario.county
    crafts = [
        _helicopter(scenario, row, types[row["type"]], rules) for row in county.table("aircraft").to_dict("records")
    ]
    crafts += [_drone(scenario, row, types[row["type"]], rules) for row in county.table("drones").to_dict("records")]
    sky = Sky(scenario, scenario.air, (), rules)
    return Sky(scenario, scenario.air, tuple(craft for craft in crafts if sky.point(craft.base) is not None), rules)


def _given(value: float, otherwise: float) -> float:
    return otherwise if math.isnan(value) else float(value)


def _whole_s(minutes: float) -> int:
    return math.ceil(round(minutes * 60, 6)) * SECOND_MS


def _helicopter(
    scenario: Scenario, row: Mapping[str, Any], of: Mapping[str, Any], rules: Mapping[str, float]
) -> Aircraft:
    turnout = _given(row["turnout_min"], scenario.response.value("air.alert"))
    flown = _given(row["endurance_min"], 0.0) - rules["reserve"]
    return Aircraft(
        row["aircraft"], row["name"] or row["aircraft"], row["base"], "helicopter", _given(row["payload_kg"], 0.0),
        of["cargo_m3"], _given(row["bucket_l"], 0.0), int(of["stretchers"]), _given(row["cruise_kmh"], 0.0),
        min(_given(of["bucket_kmh"], 0.0), _given(row["cruise_kmh"], 0.0)), math.inf,
        max(0, math.floor(flown * 60)) * SECOND_MS, scenario.order_ms + _whole_s(turnout),
        _given(row["max_wind_ms"], rules["helicopter_wind"]), of["min_visibility_km"],
        bool(of["night"]), frozenset(), of["limit_kg"], of["empty_kg"], of["hover_kg"], of["hover_m"],
        of["burn_kg_h"], of["bucket_kg"],
    )  # fmt: skip


def _drone(scenario: Scenario, row: Mapping[str, Any], of: Mapping[str, Any], rules: Mapping[str, float]) -> Aircraft:
    ready = scenario.response.value("air.drone_alert") + _given(row["prepare_min"], 0.0)
    flown = _given(row["endurance_min"], 0.0) * (1 - _siting()["drone_reserve"])
    return Aircraft(
        row["drone"], row["name"] or row["drone"], row["base"], "drone", _given(row["payload_kg"], 0.0),
        of["cargo_m3"], 0.0, 0, _given(row["cruise_kmh"], 0.0), 0.0,
        1000 * _given(row["range_km"], _siting()["drone_default_range"]), math.floor(flown * 60) * SECOND_MS,
        scenario.order_ms + _whole_s(ready), _given(row["max_wind_ms"], rules["drone_wind"]), of["min_visibility_km"],
        bool(of["night"]), frozenset(filter(None, row["payloads"].split(";"))),
    )  # fmt: skip


def _joined(spans: list[tuple[int, int]]) -> Windows:
    """Spans in order, those that touch made one."""
    made: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if made and start <= made[-1][1]:
            made[-1] = (made[-1][0], max(made[-1][1], end))
        else:
            made.append((start, end))
    return tuple(made)


def _common(a: Windows, b: Windows) -> Windows:
    return tuple((max(s, t), min(e, f)) for s, e in a for t, f in b if max(s, t) < min(e, f))
