"""Are the sorties true? Every rule of the table ``sorties``, from it and the scenario alone.

Nothing of the planner's schedule is used: every leg is flown again, fuel, seats, payload at height, crew hours, weather
and daylight are worked out anew, and so are the figures of ``meta["air"]``. Goods are looked at by the rules of stock
(``check_stock``) together with those that go by road.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from dispatch.air.sky import CARGO, Aircraft, Sky, sky_of
from dispatch.air.values import AIR_LEVELS, air_values, supplied_people
from dispatch.clock import HOUR_MS
from dispatch.planning.check_times import opening_ms
from dispatch.planning.plan import SORTIE_COLUMNS, Plan
from dispatch.planning.violation import Violation
from dispatch.scenario import Scenario
from models.traversal import NEVER

__all__ = ["PURPOSES", "check_air"]

Row = dict[str, Any]
PURPOSES = frozenset({"supply", "medical", "bucket", "reconnaissance", "relay", "position"})


def check_air(plan: Plan, scenario: Scenario) -> list[Violation]:
    """Find what breaks a rule of flying.

    Rules: rows name what exists; sorties of an aircraft are numbered and follow each other, each leg begins where
    and after the one before ended; a way takes its time; it is called up before it flies; no sortie is longer than
    the fuel, no crew flies longer than it may; take-off and landing in one window of light, wind and visibility,
    landing at a pad; loading, filling, boarding and the stop at the pad take their time; loads are no heavier than
    what is hovered at the height with the fuel aboard, fit the hold and the stretchers; buckets come from water
    that is deep enough; drones do what they carry a payload for; goods come from the county's own open depots,
    after the report; nobody is lifted twice; who is not served in time is listed; the figures in ``meta["air"]``
    are those of the sorties.

    Returns
    -------
    list of Violation
        Empty where the scenario has no section ``air`` and the plan no sortie.
    """
    if scenario.air is None:
        return [Violation("air_none", value=float(len(plan.sorties)))] if len(plan.sorties) else []
    unserved = plan.unserved[plan.unserved["kind"] == "sortie"]
    if plan.sorties.empty and unserved.empty and "air" not in plan.meta:
        return []
    missing = [name for name in SORTIE_COLUMNS if name not in plan.sorties.columns]
    if missing:
        return [Violation("table_columns", what=f"sorties.{missing[0]}", value="–", limit="–")]
    checker = _Checker(plan, sky_of(scenario))
    known = [row for row in plan.sorties.to_dict("records") if not checker.unknown(row)]
    return [
        *checker.found,
        *checker.flights(known),
        *checker.served(known, unserved.to_dict("records")),
        *(checker.figures() if not checker.found else ()),
    ]


class _Checker:
    """The scenario's facts, looked up once."""

    def __init__(self, plan: Plan, sky: Sky) -> None:
        self.plan, self.sky, self.scenario = plan, sky, sky.scenario
        self.requests = {request.request: request for request in sky.order.requests}
        self.needs = {row["need"]: row for row in self.scenario.needs.to_dict("records")}
        items = self.scenario.county.table("items")
        self.unit = dict(zip(items["item"], zip(items["weight_kg"], items["volume_m3"], strict=True), strict=True))
        own = self.scenario.county.table("depots")
        own = own[own["tier"].isin(("county", "township", "village"))]
        self.depots = {row["depot"]: max(opening_ms(self.scenario, row)) for row in own.to_dict("records")}
        hospitals = self.scenario.county.table("facilities")
        self.hospitals = set(hospitals.loc[hospitals["kind"] == "hospital", "facility"])
        self.found: list[Violation] = []

    def unknown(self, row: Row) -> bool:
        """Note what a row names that does not exist; True if it cannot be looked at further."""
        where = {"trip": row["sortie"], "vehicle": row["aircraft"], "place": row["to_site"]}
        wrong = []
        if row["aircraft"] not in self.sky.by_name:
            wrong.append(Violation("air_aircraft", **where, value=row["aircraft"]))
        wrong += [Violation("unknown_site", **where, value=site) for site in (row["from_site"], row["to_site"])
                  if self.sky.point(site) is None]  # fmt: skip
        purpose = row["purpose"]
        if purpose not in PURPOSES:
            wrong.append(Violation("air_purpose", **where, value=purpose, limit=" / ".join(sorted(PURPOSES))))
        if purpose == "supply" and (row["need"] not in self.needs or row["item"] not in self.unit):
            wrong.append(Violation("unknown_need", **where, value=f"{row['need']} {row['item']}"))
        if purpose == "supply" and row["quantity"] <= 0:
            wrong.append(Violation("quantity_not_positive", **where, value=float(row["quantity"]), limit=1.0))
        asked = {"medical", "bucket", "reconnaissance"}
        if purpose in asked and (row["need"] not in self.requests or self.requests[row["need"]].kind != purpose):
            wrong.append(Violation("air_request", **where, value=row["need"]))
        self.found += wrong
        return bool(wrong)

    def flights(self, rows: list[Row]) -> Iterator[Violation]:
        """Each aircraft through its sorties."""
        by: dict[str, dict[str, dict[int, list[Row]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
        for row in rows:
            by[row["aircraft"]][row["sortie"]][row["leg"]].append(row)
        for name, sorties in by.items():
            craft = self.sky.by_name[name]
            ordered = sorted(
                sorties.items(), key=lambda pair: min(row["sequence"] for of in pair[1].values() for row in of)
            )
            numbers = [min(row["sequence"] for of in legs.values() for row in of) for _, legs in ordered]
            if numbers != list(range(1, len(numbers) + 1)):
                yield Violation("air_sequence", vehicle=name, value=", ".join(map(str, numbers)))
            at, free, flown = craft.base, craft.ready_ms, 0
            for sortie, legs in ordered:
                listed = [legs[k] for k in sorted(legs)]
                if sorted(legs) != list(range(1, len(legs) + 1)):
                    yield Violation("air_legs", trip=sortie, vehicle=name, value=", ".join(map(str, sorted(legs))))
                yield from self._sortie(craft, sortie, listed, at, free)
                last = listed[-1][0]
                flown += sum(of[0]["arrive_ms"] - of[0]["takeoff_ms"] for of in listed)
                at, free = last["to_site"], last["arrive_ms"] + self.sky.stop_ms(craft)
            most = round(self.sky.rules["crew_flight"] * HOUR_MS)
            if not craft.is_drone and flown > most:
                yield Violation("air_crew", vehicle=name, value=float(flown), limit=float(most), unit="duration")

    def _sortie(self, craft: Aircraft, sortie: str, legs: list[list[Row]], at: str, free: int) -> Iterator[Violation]:
        where: Row = {"trip": sortie, "vehicle": craft.aircraft}
        first, last = legs[0][0], legs[-1][0]
        if first["takeoff_ms"] < free:
            yield Violation("air_not_ready", **where, value=first["takeoff_ms"], limit=free, unit="time")
        if last["to_site"] not in self.sky.pads(craft):
            yield Violation("air_pad", **where, place=last["to_site"], value=last["to_site"])
        airborne = last["arrive_ms"] - first["takeoff_ms"]
        if airborne > craft.airborne_ms:
            yield Violation("air_fuel", **where, value=float(airborne), limit=float(craft.airborne_ms), unit="duration")
        spans = self.sky.windows(craft)
        if not any(start <= first["takeoff_ms"] and last["arrive_ms"] <= end for start, end in spans):
            yield Violation("air_window", **where, value=first["takeoff_ms"], unit="time")
        site, done = at, free
        for k, leg in enumerate(legs):
            row = leg[0]
            same = ("purpose", "from_site", "to_site", "takeoff_ms", "arrive_ms", "done_ms")
            if any(other[name] != row[name] for other in leg for name in same):
                yield Violation("air_leg_differs", **where, value=float(row["leg"]))
            if row["from_site"] != site:
                yield Violation("wrong_start", **where, place=row["from_site"], value=row["from_site"], limit=site)
            if k and row["takeoff_ms"] < done:
                yield Violation("air_too_soon", **where, value=row["takeoff_ms"], limit=done, unit="time")
            yield from self._way(craft, row, where, legs)
            yield from self._at_end(craft, leg, legs[k + 1] if k + 1 < len(legs) else None, where)
            yield from self._aboard(craft, leg, last["arrive_ms"], where)
            site, done = row["to_site"], row["done_ms"]

    def _way(self, craft: Aircraft, row: Row, where: Row, legs: list[list[Row]]) -> Iterator[Violation]:
        bucket = any(leg[0]["purpose"] == "bucket" for leg in legs)
        flight = self.sky.flight_ms(craft, row["from_site"], row["to_site"], bucket=bucket)
        if flight >= NEVER:
            yield Violation("air_range", **where, place=row["to_site"], value=row["to_site"])
        elif row["arrive_ms"] != row["takeoff_ms"] + flight:
            yield Violation(
                "arrival_wrong", **where, value=row["arrive_ms"], limit=row["takeoff_ms"] + flight, unit="time"
            )

    def _at_end(self, craft: Aircraft, leg: list[Row], after: list[Row] | None, where: Row) -> Iterator[Violation]:
        """What is done at the end of a leg takes its time."""
        sky, row = self.sky, leg[0]
        purpose, nxt = row["purpose"], "" if after is None else after[0]["purpose"]
        takes = {"supply": sky.unload_ms(craft), "medical": sky.step_ms("hand_over"), "bucket": sky.step_ms("drop"),
                 "reconnaissance": sky.step_ms("look"), "relay": 0}.get(purpose, 0)  # fmt: skip
        if purpose == "position":
            takes = {"supply": sky.load_ms(craft), "medical": sky.step_ms("board"), "bucket": sky.step_ms("fill")}.get(
                nxt, 0
            )
        if row["done_ms"] < row["arrive_ms"] + takes:
            yield Violation("air_handling", **where, place=row["to_site"], value=row["done_ms"],
                            limit=row["arrive_ms"] + takes, unit="time")  # fmt: skip

    def _aboard(self, craft: Aircraft, leg: list[Row], land_ms: int, where: Row) -> Iterator[Violation]:
        """What is carried, from where, and whether the machine can."""
        row = leg[0]
        left_ms = land_ms - row["takeoff_ms"]
        match row["purpose"]:
            case "supply":
                yield from self._goods(craft, leg, left_ms, where)
            case "medical":
                request = self.requests[row["need"]]
                if craft.is_drone or row["people"] > craft.stretchers:
                    limit = float(craft.stretchers)
                    yield Violation("air_stretchers", **where, value=float(row["people"]), limit=limit)
                if (
                    row["from_site"] != request.request
                    or row["to_site"] not in self.hospitals
                    or (request.to and row["to_site"] != request.to)
                ):
                    yield Violation("air_lift", **where, place=row["to_site"], value=row["to_site"], limit=request.to)
            case "bucket":
                lift = min(craft.bucket_l, self._bucket_kg(craft, left_ms, row))
                if row["from_site"] not in self.sky.water_sites():
                    yield Violation("air_water", **where, place=row["from_site"], value=row["from_site"])
                if row["quantity"] > lift + 1 or row["quantity"] <= 0:
                    yield Violation("air_bucket", **where, value=float(row["quantity"]), limit=float(math.floor(lift)))
                if row["to_site"] != row["need"]:
                    yield Violation(
                        "air_wrong_point", **where, place=row["to_site"], value=row["to_site"], limit=row["need"]
                    )
            case "reconnaissance":
                if not craft.can & {"video", "mapping"}:
                    yield Violation("air_payload", **where, value=", ".join(sorted(craft.can)))
                if row["to_site"] != row["need"]:
                    yield Violation(
                        "air_wrong_point", **where, place=row["to_site"], value=row["to_site"], limit=row["need"]
                    )
            case "relay":
                if "communications" not in craft.can:
                    yield Violation("air_payload", **where, value=", ".join(sorted(craft.can)))

    def _bucket_kg(self, craft: Aircraft, left_ms: int, row: Row) -> float:
        """Water that is hovered at the higher of water and fire, with the fuel for the rest of the sortie aboard."""
        lift = self.sky.lift_kg(craft, row["from_site"], row["to_site"])
        if math.isnan(lift):
            return 0.0
        fuel = craft.burn_kg_h * (left_ms / HOUR_MS + self.sky.rules["reserve"] / 60)
        return lift - craft.bucket_kg - fuel

    def _goods(self, craft: Aircraft, leg: list[Row], left_ms: int, where: Row) -> Iterator[Violation]:
        row = leg[0]
        opened = self.depots.get(row["from_site"], math.inf)
        if math.isinf(opened):
            yield Violation("air_depot", **where, depot=row["from_site"], value=row["from_site"])
            return
        if craft.is_drone and not craft.can & CARGO:
            yield Violation("air_payload", **where, value=", ".join(sorted(craft.can)))
        since = max([int(opened), *(int(self.needs[one["need"]]["release_ms"]) for one in leg)])
        if row["takeoff_ms"] - self.sky.load_ms(craft) < since:
            yield Violation("air_load_early", **where, value=row["takeoff_ms"] - self.sky.load_ms(craft), limit=since,
                            unit="time")  # fmt: skip
        kg = sum(one["quantity"] * self.unit[one["item"]][0] for one in leg)
        m3 = sum(one["quantity"] * self.unit[one["item"]][1] for one in leg)
        room = self.sky.payload_at_kg(craft, left_ms, row["from_site"], row["to_site"])
        if kg > room + 1e-3:
            yield Violation("over_payload", **where, value=float(kg), limit=float(room), unit="kg")
        if m3 > craft.cargo_m3 + 1e-6:
            yield Violation("over_volume", **where, value=float(m3), limit=float(craft.cargo_m3), unit="m3")

    def served(self, rows: list[Row], unserved: list[Row]) -> Iterator[Violation]:
        """Nobody is lifted twice or too early; requests not served in time are listed."""
        lifted: Counter[str] = Counter()
        timely: Counter[str] = Counter()
        seen: set[str] = set()
        for row in rows:
            request = self.requests.get(row["need"])
            if request is None or row["purpose"] not in ("medical", "bucket", "reconnaissance"):
                continue
            begin = row["takeoff_ms"] - (self.sky.step_ms("board") if row["purpose"] == "medical" else 0)
            begin = row["arrive_ms"] if row["purpose"] == "reconnaissance" else begin
            if row["purpose"] != "bucket" and begin < request.from_ms:
                yield Violation("air_before_asked", trip=row["sortie"], place=request.request, value=begin,
                                limit=request.from_ms, unit="time")  # fmt: skip
            if row["purpose"] == "medical":
                lifted[request.request] += row["people"]
                timely[request.request] += row["people"] if row["done_ms"] <= request.by_ms else 0
            elif row["purpose"] == "bucket" or row["done_ms"] <= request.by_ms:
                seen.add(request.request)
        listed = {row["subject"] for row in unserved}
        for name, request in self.requests.items():
            if lifted[name] > request.people and request.kind == "medical":
                yield Violation("air_lifted_twice", place=name, value=float(lifted[name]), limit=float(request.people))
            done = timely[name] >= request.people if request.kind == "medical" else name in seen
            if request.kind != "relay" and done == (name in listed):
                yield Violation("air_unserved", place=name, value=request.kind)

    def figures(self) -> Iterator[Violation]:
        """The levels say what the sorties say."""
        stated = {row["measure"]: row for row in self.plan.meta.get("air", {}).get("objective", ())}
        if not stated:
            return
        values = air_values(self.plan.sorties, self.scenario, supplied_people(self.plan.sorties, self.scenario))
        for (name, _), value in zip(AIR_LEVELS, values, strict=True):
            said = stated.get(name, {}).get("value", math.nan)
            if not math.isclose(float(said), value, abs_tol=1e-6):
                yield Violation("air_objective", what=name, value=float(said), limit=value)
