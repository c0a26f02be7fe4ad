"""What a county's drill needs, out of the county's own tables and the plan: teams, vehicles, depots, goods, rooms."""

from __future__ import annotations

from typing import Any

import pandas as pd

from dispatch.county.english import english_name
from dispatch.county.schema import SCHEMA
from dispatch.drill.facts import Facts
from dispatch.drill.model import Kind, Resource, ResourceKind, Words
from dispatch.drill.norms import hazard_row
from dispatch.planning.names import item_name
from dispatch.planning.plan import Plan
from dispatch.report.names import vehicle_name
from dispatch.scenario import Scenario

__all__ = ["county_resources"]

_PER_TYPE = 2
_VEHICLES, _DEPOTS, _SHELTERS = 6, 3, 3
_PEOPLE, _PIECE, _SITE = Words("人", "people"), Words("辆", "vehicle"), Words("处", "site")


def county_resources(scenario: Scenario, plan: Plan, facts: Facts, hazard: str, kind: Kind) -> tuple[Resource, ...]:
    """Resources of a drill; a tabletop drill has the same, as cards on the map."""
    found = [*_teams(scenario, facts, hazard), *_vehicles(scenario, plan), *_sites(scenario, plan, facts)]
    found += _goods(scenario, plan) + _communications(scenario)
    if kind == "tabletop":
        found.append(_room("map", "推演底图（PDF，A0打印）", "map base (PDF, print on A0)", 1, "张", "sheet"))
    found.append(
        _room("cards", "情景信息单、处置卡、评估表", "inject slips, action cards, evaluation forms", 1, "套", "set")
    )
    found.append(_room("watch", "统一校时的计时器", "watches set to one time", 6, "个", ""))
    return tuple(found)


def _room(key: str, zh: str, en: str, count: int, unit_zh: str, unit_en: str) -> Resource:
    return Resource(key, "room", Words(zh, en), Words("演练导调组", "exercise control"), count, Words(unit_zh, unit_en))


def _teams(scenario: Scenario, facts: Facts, hazard: str) -> list[Resource]:
    """Up to two teams of each type: those with the hazard's skills first, then the strongest."""
    skills = set(hazard_row(hazard)["skills"].split(";"))
    teams: pd.DataFrame = scenario.county.table("teams")
    words = SCHEMA["teams"].column("type").choices or {}
    found = []
    for kind, rows in teams.groupby("type", sort=True):
        ranked = sorted(
            rows.to_dict("records"),
            key=lambda row: (-len(skills & set(row["skills"].split(";"))), -row["strength"], row["team"]),
        )
        for row in ranked[:_PER_TYPE]:
            base = facts.name(row["base"])
            owner = Words(
                f"{words.get(str(kind), str(kind))}队伍，驻{base.zh}", f"{str(kind).replace('_', ' ')}, at {base.en}"
            )
            found.append(
                _resource(
                    row["team"],
                    "team",
                    facts_name(row["name"], english_name(scenario.county, "teams", row)),
                    owner,
                    row["strength"],
                    _PEOPLE,
                    row["base"],
                    str(kind),
                )
            )
    return found


def facts_name(name: str, english: str = "") -> Words:
    """A name as the county writes it, without the remark that it is synthetic; in English its own, if there is one."""
    kept = name.replace("（虚拟）", "")
    return Words(kept, english or kept)


def _resource(
    key: str,
    kind: ResourceKind,
    name: Words,
    owner: Words,
    quantity: float,
    unit: Words,
    place: str,
    team_type: str = "",
) -> Resource:
    return Resource(key, kind, name, owner, float(quantity), unit, place, team_type)


def _vehicles(scenario: Scenario, plan: Plan) -> list[Resource]:
    """Vehicles that leave first."""
    table: dict[Any, Any] = scenario.county.table("vehicles").set_index("vehicle").to_dict("index")
    first = plan.trips.sort_values(["depart_ms", "trip"])["vehicle"].drop_duplicates().tolist()[:_VEHICLES]
    return [
        _resource(
            vehicle,
            "vehicle",
            Words(vehicle_name(scenario, vehicle), vehicle_name(scenario, vehicle, "en")),
            facts_name(str(table[vehicle]["owner"] or "")),
            1,
            _PIECE,
            str(table[vehicle]["base"]),
        )
        for vehicle in first
        if vehicle in table
    ]


def _sites(scenario: Scenario, plan: Plan, facts: Facts) -> list[Resource]:
    depots: dict[Any, Any] = scenario.county.table("depots").set_index("depot").to_dict("index")
    busiest = plan.trips["depot"].value_counts(sort=True).index.tolist()[:_DEPOTS]
    found = [
        _resource(depot, "depot", facts.name(depot), facts_name(depots[depot]["owner"]), 1, _SITE, depot)
        for depot in sorted(busiest)
        if depot in depots
    ]
    capacity = dict(zip(*(scenario.county.table("shelters")[c] for c in ("shelter", "capacity")), strict=True))
    for place in facts.affected[:_SHELTERS]:
        shelter = facts.spot(place).shelter
        if shelter and all(resource.resource != shelter for resource in found):
            owner = facts.name(place)
            found.append(_resource(shelter, "shelter", facts.name(shelter), owner, capacity[shelter], _PEOPLE, shelter))
    return found


def _goods(scenario: Scenario, plan: Plan) -> list[Resource]:
    """First-batch goods of the plan by item."""
    first = set(scenario.needs.loc[scenario.needs["part"] == "first_batch", "need"])
    loads = plan.loads[plan.loads["need"].isin(first)]
    units = dict(zip(*(scenario.county.table("items")[c] for c in ("item", "unit")), strict=True))
    return [
        _resource(
            str(item),
            "supply",
            Words(item_name(scenario, str(item), "zh"), item_name(scenario, str(item), "en")),
            Words("首批物资（方案数量，演练可按比例装载）", "first batch by the plan; a drill may load a part of it"),
            float(quantity),
            Words(units.get(item, ""), ""),
            "",
        )
        for item, quantity in loads.groupby("item")["quantity"].sum().items()
    ]


def _communications(scenario: Scenario) -> list[Resource]:
    table = scenario.county.table("communications")
    words = SCHEMA["communications"].column("medium").choices or {}
    count = table.loc[table["medium"].isin(["satellite_phone", "radio", "relay_drone"]), "medium"].value_counts()
    return [
        _resource(
            str(medium),
            "communication",
            Words(words[str(medium)], str(medium).replace("_", " ")),
            Words("通信保障组", "communications group"),
            int(number),
            Words("部", ""),
            "",
        )
        for medium, number in sorted(count.items(), key=lambda pair: str(pair[0]))
    ]
