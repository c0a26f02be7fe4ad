"""A wildfire under a wind that may turn: the fire as forecast, and a whole fire for every way the wind may go."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dispatch.county.county import County
from dispatch.hazards.disruption import Disruption
from dispatch.hazards.fire_spec import FireSpec
from dispatch.hazards.footprints import Footprint
from dispatch.hazards.outcomes import one_of
from dispatch.hazards.overlay import disrupt
from dispatch.hazards.wildfire_footprints import CAUSE, wildfire_footprints
from dispatch.roads.network import RoadNetwork

__all__ = ["FireWays", "fire_ways"]


@dataclass(frozen=True, eq=False)
class FireWays:
    """Footprints of the fire as forecast and of each way it may go, with how likely each is beside the others."""

    forecast: tuple[Footprint, ...]
    ways: tuple[tuple[Footprint, ...], ...]
    weights: tuple[float, ...]

    def over(self, network: RoadNetwork, county: County) -> Disruption:
        """Lay it over roads and places; a night has one of the fires, which comes sooner or later as a whole."""
        laid = [disrupt(network, county, way, ())[0] for way in self.ways]
        return one_of(disrupt(network, county, self.forecast, ())[0], laid, CAUSE, 1.0, self.weights)


def fire_ways(spec: FireSpec) -> FireWays:
    """Compute the fire with every turn of the wind; the forecast is the fire without any.

    Raises
    ------
    InputProblems
        As ``wildfire_footprints``.
    """
    forecast = tuple(wildfire_footprints(spec))
    ways = []
    for turn in spec.wind_turn_deg:
        hours = tuple(replace(hour, wind_from_deg=(hour.wind_from_deg + turn) % 360.0) for hour in spec.weather)
        ways.append(forecast if turn == 0 else tuple(wildfire_footprints(replace(spec, weather=hours))))
    return FireWays(forecast, tuple(ways), spec.wind_turn_weights)
