"""Everything that a scenario has computed or imported besides footprints and lists of closed roads, laid over roads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from dispatch.county.county import County
from dispatch.county.problem_text import found
from dispatch.hazards.closed_roads import ClosedRoad
from dispatch.hazards.disruption import Disruption
from dispatch.hazards.flood_models import FLOODS, FloodModel, read_flood
from dispatch.hazards.footprints import Footprint
from dispatch.hazards.ground_models import GROUND, read_ground
from dispatch.hazards.ground_spec import Outage, read_ground_spec
from dispatch.hazards.outage import silent_places, with_outages
from dispatch.hazards.outcomes import joined
from dispatch.hazards.overlay import disrupt
from dispatch.hazards.spec_table import read_rows
from dispatch.problems import InputProblems, Problem
from dispatch.roads.network import RoadNetwork

if TYPE_CHECKING:
    from dispatch.hazards.fire_spec import FireSpec

__all__ = ["COMPUTED_KEYS", "Computed", "read_computed"]

COMPUTED_KEYS: dict[str, str] = {
    "hazards.fire": "table",
    **{f"hazards.{name}": "table" for name in (*FLOODS, *GROUND, "outage")},
    "hazards.rasters": "tables",
}
"""Keys of a scenario and the kinds of their values."""

SHOWN_PLACES = 6


@dataclass(frozen=True, eq=False)
class Computed:
    """Hazards of a scenario that models gave.

    Attributes
    ----------
    footprints : tuple of Footprint
        Of a wildfire without chances of its own.
    models : tuple of FloodModel
        Whatever can be laid over roads and places.
    outage : Outage or None
    fire : FireSpec or None
        Of the wildfire, as it is in its county.
    file : str
        Name of the scenario's file.
    """

    footprints: tuple[Footprint, ...] = ()
    models: tuple[FloodModel, ...] = ()
    outage: Outage | None = None
    file: str = ""
    stranding: tuple[Any, ...] = field(default=(), repr=False)
    fire: FireSpec | None = field(default=None, repr=False)

    def over(
        self, network: RoadNetwork, county: County, footprints: Sequence[Footprint], closed: Sequence[ClosedRoad]
    ) -> tuple[Disruption, list[Problem]]:
        """Lay these hazards, and given footprints and closed roads, over a network and its places."""
        given, problems = disrupt(network, county, [*footprints, *self.footprints], closed)
        # Much of a computed fire (no row) burns far from any road; only of what a person drew is that worth a word.
        problems = [one for one in problems if one.code != "hazards_touches_nothing" or one.row is not None]
        parts = [model.over(network, county) for model in self.models]
        for model, part in zip(self.models, parts, strict=True):
            if part.edges.empty and part.places.empty:
                code = "hazards_ground_nothing" if model.__module__.rsplit(".", 1)[-1] in GROUND else (
                    "hazards_water_nobody")  # fmt: skip
                problems.append(found(code, self.file, None, "hazards", "", "warning"))
        drawn = [given] if footprints or self.footprints or closed or not parts else []
        whole = joined([*drawn, *parts])
        if self.outage is not None:
            whole, more = with_outages(self.outage, county, whole, self.file)
            problems += more
        return whole, problems

    def silent(self, county: County, disruption: Disruption) -> list[Problem]:
        """A note on the places that can neither report nor be ordered, if there are any."""
        table = silent_places(county, disruption.areas)
        table = table[table["fallback"] == ""]
        if self.outage is None or table.empty:
            return []
        names = "、".join(table["name"][:SHOWN_PLACES]) + (" …" if len(table) > SHOWN_PLACES else "")
        minutes = round(table["from_s"].min() / 60)
        longest = (table["to_s"] - table["from_s"]).max() / 3600
        first = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60}:{abs(minutes) % 60:02d}"
        return [
            found("hazards_silent", self.file, None, "hazards.outage", len(table), "warning", count=len(table),
                  first=first, hours=f"{longest:.1f}", places=names)
        ]  # fmt: skip

    def reports(self, network: RoadNetwork, county: County) -> pd.DataFrame:
        """Demand reports of people whom the hazards themselves bring into need: stranded travellers."""
        from dispatch.hazards.snow_stranded import stranded_reports

        tables = [model.stranded(network, county) for model in self.stranding]
        made = [stranded_reports(table, f"{self.file}: hazards.snow") for table in tables if len(table)]
        return pd.concat(made, ignore_index=True) if made else pd.DataFrame()


def read_computed(
    values: Mapping[str, Any], rows: Mapping[str, int], file: Path, reference: datetime, county: County
) -> tuple[Computed, list[Problem]]:
    """Read the tables of a scenario's ``hazards`` and work out what they describe.

    Parameters
    ----------
    values : mapping
        The scenario's, by dotted key.
    rows : mapping of dotted key to int
        Where each stands.
    file : Path
        The scenario's; paths count from its folder.
    reference : datetime
    county : County
    """
    problems: list[Problem] = []
    models: list[FloodModel] = []
    stranding: list[Any] = []
    footprints: list[Footprint] = []
    fire: FireSpec | None = None
    if "hazards.fire" in values:
        footprints, fires, more, fire = _fire(values["hazards.fire"], rows.get("hazards.fire"), file, reference, county)
        models += fires
        problems += more
    for name in (*FLOODS, *GROUND):
        table = values.get(f"hazards.{name}")
        if table is None:
            continue
        if name in FLOODS:
            model, more = read_flood(name, table, file, reference, county)
        else:
            model, more = read_ground(name, table, file, reference)
        problems += more
        models += [] if model is None else [model]
        if name == "snow" and model is not None and model.spec.stranded:  # type: ignore[attr-defined]
            stranding.append(model)
    models += _rasters(values, file, reference, problems)
    outage = None
    if "hazards.outage" in values:
        outage, more = read_ground_spec(Outage, values["hazards.outage"], file, "hazards.outage", reference)
        problems += more
    return Computed(tuple(footprints), tuple(models), outage, file.name, tuple(stranding), fire), problems


def _rasters(
    values: Mapping[str, Any], file: Path, reference: datetime, problems: list[Problem]
) -> list[FloodModel]:  # fmt: skip
    from dispatch.hazards.raster_hazard import raster_hazard

    if "hazards.rasters" not in values:
        return []
    listed, wrong = read_rows("rasters", values["hazards.rasters"], file, "hazards.rasters", reference)
    problems += wrong
    models: list[FloodModel] = []
    for number, row in enumerate(listed, start=1):
        try:
            models.append(raster_hazard(row, number, file.name, problems))
        except InputProblems as several:
            problems += several.problems
    return models


def _fire(
    table: Mapping[str, Any], row: int | None, file: Path, reference: datetime, county: County
) -> tuple[list[Footprint], list[FloodModel], list[Problem], FireSpec | None]:
    """Footprints of the wildfire that the scenario describes, if it does; a fire that may turn out several ways."""
    from dispatch.hazards.fire_in_county import fire_in_county
    from dispatch.hazards.fire_nights import fire_nights
    from dispatch.hazards.fire_spec import read_fire
    from dispatch.hazards.fire_ways import fire_ways
    from dispatch.hazards.wildfire_footprints import wildfire_footprints

    spec, problems = read_fire(table, file, reference, row)
    if spec is None:
        return [], [], problems, None
    try:
        written, spec = spec, fire_in_county(spec, county, reference)
        if spec.nights:
            if not spec.ignitions:
                problems.append(found("hazards_fire_unforeseen", file.name, row, "hazards.fire", "", "warning"))
            return [], [fire_nights(written, county, reference)], problems, spec if spec.ignitions else None
        if not spec.ignitions:
            return [], [], [*problems, found("hazards_fire_none", file.name, row, "hazards.fire", "", "warning")], None
        if spec.wind_turn_deg:
            return [], [fire_ways(spec)], problems, spec
        return wildfire_footprints(spec), [], problems, spec
    except InputProblems as several:
        return [], [], [*problems, *several.problems], None
