"""Aircraft on one night: called, taken off, filled, dropped, landed; or kept on the ground by the night's wind.

A sortie takes off when the plan has it, or as soon after as the machine is ready, the wind within its limit and there
is light and fuel for the whole of it; one that cannot is given up, and its goods stay in the store. Steps take the
night's time. Without randomness this is the plan's own timetable.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

from dispatch.air.sky import Aircraft, Sky
from dispatch.simulation.air_relay import Stay, drawn_ms, sky_on, stays, tonight_ms
from dispatch.simulation.news import visit
from dispatch.simulation.run import Run
from dispatch.simulation.store import Cargo

__all__ = ["fly", "fly_goods"]

Row = dict[str, Any]
_RANK = 900_000_000
"""Ranks of sorties among the issues of stock; beyond those of trips."""


@dataclass(frozen=True, eq=False)
class _Cast:
    """The plan's sorties made ready for any number of nights: by aircraft, each a list of legs (rows aboard)."""

    sorties: Mapping[str, tuple[tuple[tuple[Row, ...], ...], ...]]
    unit: Mapping[str, tuple[float, float]]
    place: Mapping[str, str]


def fly(run: Run, order: int) -> None:
    """Hook: write the sorties of this night down."""
    _fly(run, order, goods_only=False)


def fly_goods(run: Run, order: int) -> None:
    """Hook: the same for the aircraft alone that bring goods or news to anybody."""
    _fly(run, order, goods_only=True)


def _fly(run: Run, order: int, *, goods_only: bool) -> None:
    scenario = run.stage.scenario
    if scenario.air is None or run.stage.plan.sorties.empty:
        return
    cast, sky = _cast(run), sky_on(run)
    factor = run.night.draws.figure("air.wind", "")
    relays = {stay.sortie: stay for stay in stays(run)}
    table = run.stage.plan.sorties
    bringing = set(table.loc[(table["item"] != "") | (table["purpose"] == "relay"), "aircraft"])
    for name, sorties in cast.sorties.items():
        if goods_only and name not in bringing:
            continue
        craft = sky.by_name[name]
        cargo = {k: _set_aside(run, cast, legs, k) for k, legs in enumerate(sorties)}
        pilot = _Pilot(run, sky, craft, cast, sky.windows(craft, factor), relays)
        run.env.process(pilot.duty(order, sorties, cargo))


def _cast(run: Run) -> _Cast:
    memory = run.stage.memory
    if "air" in memory:
        return memory["air"]  # type: ignore[return-value]
    scenario, table = run.stage.scenario, run.stage.plan.sorties
    by: dict[str, dict[int, dict[int, list[Row]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for row in table.to_dict("records"):
        by[row["aircraft"]][row["sequence"]][row["leg"]].append(row)
    items = scenario.county.table("items")
    sizes = zip(items["weight_kg"], items["volume_m3"], strict=True)
    memory["air"] = made = _Cast(
        sorties={a: tuple(tuple(tuple(of[s][k]) for k in sorted(of[s])) for s in sorted(of)) for a, of in by.items()},
        unit=dict(zip(items["item"], sizes, strict=True)),
        place=dict(zip(scenario.needs["need"], scenario.needs["place"], strict=True)),
    )
    return made


def _set_aside(run: Run, cast: _Cast, legs: tuple[tuple[Row, ...], ...], number: int) -> dict[int, list[Cargo]]:
    """Stock kept for a sortie from the start of the night, by leg."""
    kept: dict[int, list[Cargo]] = {}
    for k, leg in enumerate(legs):
        for row in leg:
            if not row["item"]:
                continue
            key = (row["from_site"], row["item"], row["lot"])
            granted, _ = run.store.set_aside(key, _RANK + number, row["quantity"], int(run.env.now))
            if granted:
                kg, m3 = cast.unit[row["item"]]
                kept.setdefault(k, []).append(
                    Cargo(k, row["need"], cast.place[row["need"]], *key, granted, float(kg), float(m3))
                )
    return kept


class _Pilot:
    """One aircraft on one night."""

    def __init__(
        self, run: Run, sky: Sky, craft: Aircraft, cast: _Cast, windows: tuple[tuple[int, int], ...],
        relays: Mapping[str, Stay],
    ) -> None:  # fmt: skip
        self.run, self.sky, self.craft, self.cast, self.windows, self.relays = run, sky, craft, cast, windows, relays
        self.last = -1

    def note(self, event: str, place: str, sortie: str, **other: Any) -> int:
        """Write an event of this aircraft down, caused by its last."""
        self.last = self.run.recorder.record(
            int(self.run.env.now), event, self.craft.aircraft, "aircraft", self.last, place=place, trip=sortie, **other
        )
        return self.last

    def duty(
        self, order: int, sorties: tuple[tuple[tuple[Row, ...], ...], ...], cargo: Mapping[int, dict[int, list[Cargo]]]
    ) -> Generator[Any, Any, None]:
        """From the call to the last landing."""
        run, env, craft = self.run, self.run.env, self.craft
        yield env.timeout(max(run.night.order_ms - env.now, 0))
        self.last = order
        self.note("aircraft_scrambled", craft.base, "", milestone=f"aircraft {craft.aircraft} called")
        yield env.timeout(max(tonight_ms(run, craft) - env.now, 0))
        free = env.now
        for k, legs in enumerate(sorties):
            name = legs[0][0]["sortie"]
            up = self._takeoff(legs, max(free, env.now), name)
            if up is None:
                self.note("sortie_cancelled", legs[0][0]["from_site"], name, detail="weather or light")
                for leg in legs:
                    self.run.why.update((row["need"], self.last) for row in leg if row["item"])
                continue
            if up > max(free, legs[0][0]["takeoff_ms"], env.now):
                self.note("aircraft_grounded", legs[0][0]["from_site"], name)
            yield env.timeout(max(up - env.now, 0))
            yield from self._sortie(name, legs, cargo[k])
            free = env.now + drawn_ms(run, craft, "swap" if craft.is_drone else "refuel", name)

    def _takeoff(self, legs: tuple[tuple[Row, ...], ...], free: float, name: str) -> int | None:
        """When a sortie takes off tonight; None if it cannot any more."""
        if legs[0][0]["purpose"] == "relay":
            return self.relays[name].up_ms if name in self.relays else None
        least = legs if not _waters(legs) else (*legs[:2], legs[-1])
        length = sum(leg[0]["done_ms"] - leg[0]["takeoff_ms"] for leg in least[:-1])
        length += legs[-1][0]["arrive_ms"] - legs[-1][0]["takeoff_ms"]
        at = max(int(free), int(legs[0][0]["takeoff_ms"]))
        for start, end in self.windows:
            since = max(at, int(start))
            if since + length <= end:
                return since
        return None

    def _once_more(self, legs: tuple[tuple[Row, ...], ...], k: int, up: int) -> bool:
        """Whether fuel and light last for one more fill and drop after leg ``k``."""
        home = legs[-1][0]["arrive_ms"] - legs[-1][0]["takeoff_ms"]
        land = int(self.run.env.now) + legs[k + 2][0]["done_ms"] - legs[k + 1][0]["takeoff_ms"] + home
        return land - up <= self.craft.airborne_ms and any(start <= up and land <= end for start, end in self.windows)

    def _sortie(
        self, name: str, legs: tuple[tuple[Row, ...], ...], cargo: Mapping[int, list[Cargo]]
    ) -> Generator[Any, Any, None]:
        env, first, up = self.run.env, legs[0][0], int(self.run.env.now)
        home = False
        self.note("aircraft_took_off", first["from_site"], name, destination=first["to_site"],
                  milestone=f"sortie {name} off")  # fmt: skip
        for k, leg in enumerate(legs):
            row = leg[0]
            if home and k + 1 < len(legs):
                continue
            parts = list(cargo.get(k, ()))
            for part in parts:
                self.run.store.issue(part)
                self.run.carried.append(part)
                self.note("stock_issued", row["from_site"], name, item=part.item, lot=part.lot,
                          quantity=float(part.quantity), detail=part.need)  # fmt: skip
            yield env.timeout(row["arrive_ms"] - row["takeoff_ms"])
            yield from self._at_end(name, leg, legs[k + 1] if k + 1 < len(legs) else None, parts)
            home = row["purpose"] == "bucket" and k + 3 < len(legs) and not self._once_more(legs, k, up)
        self.note("aircraft_landed", legs[-1][0]["to_site"], name, milestone=f"sortie {name} landed")

    def _at_end(
        self, name: str, leg: tuple[Row, ...], after: tuple[Row, ...] | None, parts: list[Cargo]
    ) -> Generator[Any, Any, None]:
        run, env, row = self.run, self.run.env, leg[0]
        purpose, drone = row["purpose"], self.craft.is_drone
        coming = "" if after is None else after[0]["purpose"]
        what = f"{name} {row['leg']}"
        planned = row["done_ms"] - row["arrive_ms"]
        figure = {"supply": "drone_unload" if drone else "unload", "medical": "hand_over", "bucket": "drop",
                  "reconnaissance": "look"}.get(purpose, "")  # fmt: skip
        if purpose == "position":
            figure = {"supply": "drone_load" if drone else "load", "medical": "board", "bucket": "fill"}.get(coming, "")
        mean = self.sky.step_ms(figure) if figure else 0
        wait = (drawn_ms(self.run, self.craft, figure, what) if figure else 0) + (planned - mean if coming else 0)
        if purpose == "relay":
            self.note("relay_on", row["to_site"], name, milestone=f"{what} relay on")
            stay = self.relays[name]
            yield env.timeout(stay.off_ms - stay.on_ms)
            self.note("relay_off", row["to_site"], name)
            return
        yield env.timeout(max(wait, 0))
        match purpose:
            case "position" if coming == "bucket":
                self.note("bucket_filled", row["to_site"], name)
            case "bucket":
                self.note("water_dropped", row["to_site"], name, quantity=float(row["quantity"]),
                          milestone=f"{what} dropped")  # fmt: skip
            case "medical":
                self.note("lifted", row["to_site"], name, quantity=float(row["people"]), detail=row["need"],
                          milestone=f"{what} lifted")  # fmt: skip
            case "reconnaissance":
                self.note("looked_at", row["to_site"], name, detail=row["need"], milestone=f"{what} seen")
            case "supply":
                visit(run, row["to_site"])
                for part in parts:
                    run.carried.remove(part)
                    run.store.deliver(part)
                    run.hand_over(self.craft.aircraft, name, part, row["to_site"], self.last, "aircraft")


def _waters(legs: tuple[tuple[Row, ...], ...]) -> bool:
    return any(leg[0]["purpose"] == "bucket" for leg in legs)
