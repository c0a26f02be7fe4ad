"""What injects say: the words put into their templates, in both languages, from the county and the night's events."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dispatch.drill.model import Words
from dispatch.drill.norms import both, hazard_row
from dispatch.drill.walk import Walk, Walks, metres_between
from dispatch.planning.names import item_name
from dispatch.planning.plan import Plan
from dispatch.report.closures import road_name
from dispatch.report.names import site_name, vehicle_name
from dispatch.scenario import Scenario

__all__ = ["MARK", "Facts", "Spot", "fill", "marked"]

MARK = "【演练】"
_REMARK = re.compile(r"\s*[（(](?:虚拟|synthetic|示意)[)）]")
_LANGS = ("zh", "en")


def marked(words: Words) -> Words:
    """A text under the exercise mark."""
    return Words(MARK + words.zh, f"{MARK}EXERCISE: {words.en[:1].upper()}{words.en[1:]}")


def fill(template: Words, values: Mapping[str, Words]) -> Words:
    """A template with its placeholders filled; a value may itself hold placeholders, once."""

    def filled(lang: str) -> str:
        own = {name: value(lang) for name, value in values.items()}
        own = {name: value.format(**own) if "{" in value else value for name, value in own.items()}
        return template(lang).format(**own)

    return Words(filled("zh"), filled("en"))


@dataclass(frozen=True)
class Spot:
    """A place with its people, the shelter they go to, and the way there."""

    place: str
    people: int
    lon: float
    lat: float
    shelter: str
    walk: Walk


class Facts:
    """Words for one scenario and plan; everything is looked up once.

    ``only``: the one place affected, for a hazard that is not the scenario's.
    """

    def __init__(self, scenario: Scenario, plan: Plan | None, hazard: str, only: str = "") -> None:
        self.scenario = scenario
        self._hazard = hazard_row(hazard)
        edges = scenario.disruption.edges
        self.walks = Walks(scenario.network, edges["edge"].unique().tolist())
        self._places = scenario.county.table("places").set_index("place", drop=False)
        self._people: dict[str, float] = scenario.needs.groupby("place")["people"].max().to_dict()
        if only:
            self._people = {only: self._people[only]}
        self._spots: dict[str, Spot] = {}
        self._edge = {edge: k for k, edge in enumerate(scenario.network.edge_id.tolist())}
        trips = plan.trips if plan is not None else None
        busiest = trips["depot"].value_counts().index[0] if trips is not None and len(trips) else ""
        depots = scenario.county.table("depots")["depot"].tolist()
        self.depot = busiest or next(iter(depots), "")

    @property
    def affected(self) -> list[str]:
        """Places with needs, those of most people first."""
        return sorted(self._people, key=lambda place: (-self._people[place], place))

    def name(self, site: str) -> Words:
        """Name of a site without the remark that it is synthetic (page 1 says so)."""
        return Words(*(_REMARK.sub("", site_name(self.scenario, site, lang)) for lang in _LANGS))

    def people(self, place: str) -> int:
        """People of a place that are in need; its population where no need is known."""
        if place in self._people:
            return round(self._people[place])
        known = self._places["population"].get(place, float("nan"))
        return 0 if known != known else int(known)

    def spot(self, place: str) -> Spot:
        """A place with its shelter: that of its needs, else one of its own, else the nearest."""
        if place not in self._spots:
            self._spots[place] = self._find_spot(place)
        return self._spots[place]

    def _find_spot(self, place: str) -> Spot:
        lon, lat = self.position(place)
        shelters = self.located("shelters")
        needs = self.scenario.needs
        sites = set(needs.loc[needs["place"] == place, "site"])
        own = shelters[shelters["shelter"].isin(sites)]
        own = own if len(own) else shelters[shelters["place"] == place]
        wanted = own if len(own) else shelters
        if wanted.empty or lon != lon:
            return Spot(place, self.people(place), lon, lat, "", Walk(500.0, (), dry=True))
        away = metres_between(wanted["lon"].to_numpy(), wanted["lat"].to_numpy(), lon, lat)
        row = wanted.iloc[int(away.argmin())]
        walk = self.walks.way(lon, lat, float(row["lon"]), float(row["lat"]))
        return Spot(place, self.people(place), lon, lat, str(row["shelter"]), walk)

    def located(self, table: str) -> pd.DataFrame:
        """Rows of a table of sites that have a position: their own, else that of their place."""
        rows = self.scenario.county.table(table).copy()
        bare = rows["lon"].isna() | rows["lat"].isna()
        for axis in ("lon", "lat"):
            rows[axis] = rows[axis].mask(bare, rows["place"].map(self._places[axis]))
        return rows[rows["lon"].notna() & rows["lat"].notna()].reset_index(drop=True)

    def position(self, place: str) -> tuple[float, float]:
        """Lon and lat of a place or site; NaN where not known."""
        if place in self._places.index and self._places["lon"].notna()[place]:
            return float(self._places.at[place, "lon"]), float(self._places.at[place, "lat"])
        sites = self.scenario.sites
        if place in sites.index:
            return float(sites.at[place, "lon"]), float(sites.at[place, "lat"])
        return float("nan"), float("nan")

    def edge_position(self, edge: str) -> tuple[float, float]:
        """Lon and lat of an edge's head; NaN where not known."""
        k = self._edge.get(edge)
        if k is None:
            return float("nan"), float("nan")
        node = int(self.scenario.network.graph.head[k])
        return float(self.scenario.network.node_lon[node]), float(self.scenario.network.node_lat[node])

    def road(self, edge: str) -> Words:
        """Name of the road of an edge."""
        k = self._edge.get(edge)
        name = _REMARK.sub("", road_name(self.scenario.network, k)) if k is not None else ""
        return Words(name or "道路", name or "the road")

    def nearest_place(self, lon: float, lat: float) -> str:
        """Village nearest to a point."""
        villages = self._places[(self._places["kind"] == "village") & self._places["lon"].notna()]
        if villages.empty or lon != lon:
            return ""
        away = metres_between(villages["lon"].to_numpy(), villages["lat"].to_numpy(), lon, lat)
        return str(villages.index[int(away.argmin())])

    def words(self, place: str, event: Mapping[str, Any] | None) -> dict[str, Words]:
        """Every placeholder for an inject at a place (may be "") that tells of an event (or none)."""
        spot = self.spot(place)
        roads = Words(
            *(
                ("、" if lang == "zh" else ", ").join(_REMARK.sub("", road) for road in spot.walk.roads[:3])
                for lang in _LANGS
            )
        )
        edge = str(event["edge"]) if event is not None else ""
        vehicle = str(event["actor"]) if event is not None and event["actor_kind"] == "vehicle" else ""
        quantity = float(event["quantity"]) if event is not None else float("nan")
        item = str(event["item"]) if event is not None else ""
        total = sum(self._people.values())
        plain = {
            "place_id": place,
            "people": f"{spot.people:,}",
            "count": f"{len(self._people)}",
            "total_people": f"{total:,.0f}",
            "quantity": "" if quantity != quantity else f"{quantity:,.0f}",
            "vehicle": vehicle_name(self.scenario, vehicle) if vehicle else "",
            "depot_id": self.depot,
            "report": str(event["detail"]) if event is not None else "",
            "distance_km": f"{max(spot.walk.length_m / 1000, 0.1):.1f}",
        }
        found = {name: Words(value, value) for name, value in plain.items()}
        found |= {
            "place": self.name(place) if place else Words("县城", "the county town"),
            "shelter": self.name(spot.shelter)
            if spot.shelter
            else Words("村委会空地", "the open ground by the village office"),
            "road": self.road(edge) if edge else Words(roads.zh or "村内道路", roads.en or "the village road"),
            "depot": self.name(self.depot),
            "item": Words(item_name(self.scenario, item, "zh"), item_name(self.scenario, item, "en"))
            if item
            else Words("饮用水", "drinking water"),
            "hazard": both(self._hazard, "name"),
            "onset": both(self._hazard, "onset"),
            "first": both(self._hazard, "first"),
            "worse": both(self._hazard, "worse"),
        }
        if not vehicle:
            found["vehicle"] = Words("1号运输车", "truck no. 1")
        return found
