"""A wildfire as it is in its county: its works, fires drawn there, and when headquarters learn of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from dispatch.county.county import County
from dispatch.hazards.fire_spec import FireSpec
from dispatch.hazards.fire_starts import with_drawn_fires
from dispatch.hazards.fire_watch import detected_s
from dispatch.hazards.fire_works import FireWorks, breaks_in, water_in

__all__ = ["fire_in_county", "known_in_county", "works_in_county"]


def fire_in_county(spec: FireSpec, county: County, reference: datetime) -> FireSpec:
    """Fill in what the keys of the fire ask of the county; without ignitions if none is given or drawn.

    Where every night has a fire of its own (``fire_nights``), none is drawn here: planners see those given.

    Raises
    ------
    InputProblems
        As ``dispatch.hazards.wildfire.wildfire``.
    """
    spec = works_in_county(spec, county)
    if spec.draws_fires and not spec.nights:
        spec = with_drawn_fires(spec, county)
    return known_in_county(spec, county, reference)


def works_in_county(spec: FireSpec, county: County) -> FireSpec:
    """The fire with the county's breaks and water, as far as its keys ask for them."""
    breaks = breaks_in(county, planned=spec.planned_breaks) if spec.county_breaks else ()
    return replace(spec, works=FireWorks(breaks, water_in(county) if spec.water else ()))


def known_in_county(spec: FireSpec, county: County, reference: datetime, chance: float = 0.5) -> FireSpec:
    """The fire with the time at which headquarters learn of it, and of crews and drops that count from then.

    ``chance``: that it has been seen by then, where the county's own watches see it (``detection``).
    """
    if spec.detection and spec.ignitions:
        spec = replace(spec, detected=detected_s(spec, county, reference, chance))
    if spec.from_detection and spec.detected is not None:
        known = spec.detected
        spec = replace(
            spec,
            crews=tuple(replace(crew, start=crew.start + known) for crew in spec.crews),
            drops=tuple(replace(drop, time=drop.time + known) for drop in spec.drops),
            from_detection=False,
        )
    return spec
