"""A wildfire as it is in its county: its works, fires drawn there, and when headquarters learn of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from dispatch.county.county import County
from dispatch.hazards.fire_spec import FireSpec
from dispatch.hazards.fire_starts import with_drawn_fires
from dispatch.hazards.fire_watch import detected_s
from dispatch.hazards.fire_works import FireWorks, breaks_in, water_in

__all__ = ["fire_in_county"]


def fire_in_county(spec: FireSpec, county: County, reference: datetime) -> FireSpec:
    """Fill in what the keys of the fire ask of the county; without ignitions if none was drawn.

    Raises
    ------
    InputProblems
        As ``dispatch.hazards.wildfire.wildfire``.
    """
    works = FireWorks(
        breaks_in(county, planned=spec.planned_breaks) if spec.county_breaks else (),
        water_in(county) if spec.water else (),
    )
    spec = replace(spec, works=works)
    if spec.draws_fires:
        spec = with_drawn_fires(spec, county)
    if spec.detection and spec.ignitions:
        spec = replace(spec, detected=detected_s(spec, county, reference))
    if spec.from_detection and spec.detected is not None:
        known = spec.detected
        spec = replace(
            spec,
            crews=tuple(replace(crew, start=crew.start + known) for crew in spec.crews),
            drops=tuple(replace(drop, time=drop.time + known) for drop in spec.drops),
            from_detection=False,
        )
    return spec
