"""The county as drawn: roads, rivers, and its 193 village units on them with their names, codes and people."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

import numpy as np

from scenarios.qinshui.authoring.drawing import Drawing, draw
from scenarios.qinshui.authoring.frame import Line, along, length_km, lonlat, place_on, xy
from scenarios.qinshui.authoring.network import OsmNetwork, build
from scenarios.qinshui.authoring.settle import Settlement, settle
from scenarios.qinshui.authoring.tables import read_facts

__all__ = ["COUNTY", "PEOPLE", "Sketch", "Township", "Village", "beside_road", "sketch"]

COUNTY = "140521"
PEOPLE = 193_881
"""Resident people at the end of 2022."""

_REMAINDER = {"龙港镇": 41_500, "郑庄镇": 15_781, "端氏镇": 20_300}
"""The three townships without a sourced figure: how the county's remaining people are shared among them."""
_TOWN_SHARE = 0.66
_HOUSEHOLD = 2.8


@dataclass(frozen=True)
class Township:
    """A township: code, names, sourced seat, people (``sourced`` or shared out)."""

    code: str
    name: str
    name_en: str
    lon: float
    lat: float
    people: int
    sourced: bool
    coordinate_source: str
    figure_source: str


@dataclass(frozen=True, eq=False)
class Village:
    """A village or community: code and names are facts; where it stands and its people are synthetic."""

    code: str
    name: str
    name_en: str
    official_name: str
    source: str
    township: Township
    settlement: Settlement
    lon: float
    lat: float
    people: int
    households: int
    remote: bool

    @property
    def at(self) -> Line:
        """Position in the frame, km."""
        return self.settlement.at


@dataclass(frozen=True, eq=False)
class Sketch:
    """All that the tables are made from."""

    drawing: Drawing
    network: OsmNetwork
    townships: dict[str, Township]
    villages: dict[str, Village]

    def village(self, township: str, name: str) -> Village:
        """Village by its township's and its own name."""
        return next(v for v in self.villages.values() if v.township.name == township and v.name == name)

    def nearest_village(self, lon: float, lat: float) -> Village:
        """Village nearest to a point."""
        at = xy([(lon, lat)])[0]
        return min(self.villages.values(), key=lambda v: (float(np.hypot(*(v.at - at))), v.code))

    def ground_away(self, point: Line) -> float:
        """Distance of a point from the nearest river, km."""
        return min(place_on(river.line, point)[1] for river in self.drawing.rivers.values())


@cache
def sketch() -> Sketch:
    """Draw everything once."""
    drawing = draw()
    settlements, lanes = settle(drawing)
    network = build([*drawing.roads.values(), *lanes], drawing.rivers.values())
    townships = {row["code"]: _township(row) for row in read_facts("townships")}
    villages = _villages(townships, settlements, drawing)
    return Sketch(drawing, network, townships, villages)


def beside_road(drawing: Drawing, road: str, share: float, off_m: float) -> tuple[float, float]:
    """Longitude and latitude of a point beside a road: share of its length, metres to the left."""
    line = drawing.roads[road].line
    km = share * length_km(line)
    ahead = along(line, km + 0.03) - along(line, km - 0.03)
    left = np.array([-ahead[1], ahead[0]]) / max(float(np.hypot(*ahead)), 1e-9)
    return lonlat(along(line, km) + left * off_m / 1000.0)


def _township(row: dict[str, str]) -> Township:
    sourced = bool(row["population"])
    return Township(
        row["code"],
        row["name"],
        row["name_en"],
        float(row["lon"]),
        float(row["lat"]),
        int(row["population"]) if sourced else _REMAINDER[row["name"]],
        sourced,
        row["coordinate_source"],
        row["figure_source"] if sourced else "",
    )


def _villages(
    townships: dict[str, Township], settlements: dict[str, Settlement], drawing: Drawing
) -> dict[str, Village]:
    facts = read_facts("villages")
    drawn = {name: key for key in settlements for name in (key, f"{key}村")}
    keys = {row["code"]: drawn[f"{townships[row['code'][:9]].name}/{row['name']}"] for row in facts}
    left_over = set(settlements) - set(keys.values())
    if left_over or len(set(keys.values())) != len(facts):
        msg = f"drawn but not in the list of villages, or twice: {sorted(left_over)}"
        raise ValueError(msg)
    people = _people(townships, {code: settlements[key] for code, key in keys.items()}, drawing)
    villages = {}
    for row in facts:
        settlement = settlements[keys[row["code"]]]
        lon, lat = lonlat(settlement.at)
        count = people[row["code"]]
        villages[row["code"]] = Village(
            row["code"], row["name"], row["name_en"], row["official_name"], row["source"],
            townships[row["code"][:9]], settlement, lon, lat, count, round(count / _HOUSEHOLD),
            _is_remote(settlement, drawing),
        )  # fmt: skip
    return villages


def _people(townships: dict[str, Township], settled: dict[str, Settlement], drawing: Drawing) -> dict[str, int]:
    """People by village: a log-normal draw, more at seats, shared out so that every township's sum is exact."""
    people: dict[str, int] = {}
    for code, township in townships.items():
        mine = {village: s for village, s in settled.items() if village.startswith(code)}
        weight = {}
        for village, settlement in mine.items():
            size = random.Random(f"people {village}").lognormvariate(0.0, 0.45)
            weight[village] = size * (2.4 if settlement.name in drawing.seats else 1.0)
        town = {village for village, s in mine.items() if s.name in drawing.town}
        if town:
            inside = sum(weight[v] for v in town)
            outside = sum(weight.values()) - inside
            scale = _TOWN_SHARE / (1.0 - _TOWN_SHARE) * outside / inside
            weight = {v: w * (scale if v in town else 1.0) for v, w in weight.items()}
        people |= _shared_out(township.people, weight)
    return people


def _shared_out(total: int, weight: dict[str, float]) -> dict[str, int]:
    """Whole numbers in proportion to the weights that add up to the total (largest remainders)."""
    exact = {key: total * value / sum(weight.values()) for key, value in weight.items()}
    whole = {key: int(value) for key, value in exact.items()}
    short = total - sum(whole.values())
    for key in sorted(exact, key=lambda k: (whole[k] - exact[k], k))[:short]:
        whole[key] += 1
    return whole


def _is_remote(settlement: Settlement, drawing: Drawing) -> bool:
    """At the far end of a dead-end road of more than 5.5 km, or on a rough stretch."""
    road = drawing.roads.get(settlement.road)
    if road is None:
        return False
    km, _ = place_on(road.line, settlement.at)
    total = length_km(road.line)
    rough = any(s.from_km <= km <= s.to_km and dict(s.tags).get("highway") == "track" for s in road.stretches)
    return rough or (road.between[1] >= 0.99 and total > 5.5 and km > 0.95 * total)
