"""Where a drill happens: map base (PNG, PDF), GeoPackage, and the calendar of its day."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import shapely

from dispatch.drill.model import Drill, Inject
from dispatch.drill.say import Say
from dispatch.planning.plan import Plan
from dispatch.report.county_features import Feature, Group, county_groups, plan_groups
from dispatch.report.county_map import write_county_picture
from dispatch.report.exports import coloured_words
from dispatch.report.findings import find
from dispatch.report.geo_files import write_geopackage
from dispatch.report.layers import plan_layers
from dispatch.report.palette import colour
from dispatch.scenario import Scenario

__all__ = ["write_calendar", "write_drill_geopackage", "write_map"]

_BASE = ("boundary", "risk_zones", "township", "depots", "plan_closures")
_NUMBERS = 4
"""Numbers of injects listed in the key of the map, for each place."""
_FIELDS = ("number", "key", "type", "clock", "exercise", "from", "to", "medium", "place", "text", "owner", "objective")


def write_map(say: Say, scenario: Scenario, plan: Plan, path: Path) -> list[Path]:
    """Draw the county with forecast closures and the places of injects, lettered; nothing if a font is missing.

    Returns
    -------
    list of Path
        ``path`` (PNG) and the same as PDF.
    """
    groups = [*county_groups(scenario.county, say.lang), *plan_groups(scenario, plan, say.lang)]
    shown = [group for group in groups if group.key in _BASE] + _inject_groups(say)
    if not write_county_picture(path, scenario.county, scenario.network, shown, lang=say.lang):
        return []
    from PIL import Image

    pdf = path.with_suffix(".pdf")
    moment = time.gmtime(say.drill.clock(0).timestamp())
    with Image.open(path) as picture:
        picture.convert("RGB").save(
            pdf, resolution=160, creationDate=moment, modDate=moment, title=say.title("situation")
        )
    return [path, pdf]


def _inject_groups(say: Say) -> list[Group]:
    """One lettered group for each place with injects; its title lists their numbers."""
    at: dict[tuple[float, float], list[Inject]] = {}
    for inject in say.drill.injects:
        if inject.located:
            at.setdefault((inject.lon, inject.lat), []).append(inject)
    colon = "：" if say.lang == "zh" else ": "
    groups = []
    for k, ((lon, lat), own) in enumerate(at.items()):
        name = own[0].place_name(say.lang)
        numbers = ",".join(str(inject.number) for inject in own[:_NUMBERS]) + ("…" if len(own) > _NUMBERS else "")
        features = tuple(
            Feature(f"{inject.number} {name}", (inject.text(say.lang),), shapely.Point(lon, lat)) for inject in own
        )
        glyph = chr(ord("A") + k) if k < 26 else str(k)
        groups.append(Group(f"inject_{k}", f"{name}{colon}{numbers}", "vermillion", glyph, "point", features))
    return groups


def write_drill_geopackage(say: Say, scenario: Scenario, plan: Plan, path: Path) -> Path:
    """Layers of the plan, and a layer ``injects``."""
    import pyogrio.raw

    layers = plan_layers(scenario, plan, find(scenario, plan, None, say.lang), say.lang)
    words: dict[str, Sequence[str]] = {**coloured_words(say.lang)}
    write_geopackage(layers, path, words)
    rows = [_fields(say, inject) for inject in say.drill.injects if inject.located]
    points = shapely.points([[inject.lon, inject.lat] for inject in say.drill.injects if inject.located])
    if not rows:
        return path
    columns = list(zip(*rows, strict=True))
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(points),
        field_data=[np.array(column, dtype="int64" if k == 0 else object) for k, column in enumerate(columns)],
        fields=np.array(_FIELDS, dtype=object),
        layer="injects",
        driver="GPKG",
        geometry_type="Point",
        crs="EPSG:4326",
        append=True,
    )
    with sqlite3.connect(path) as base:
        base.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, "
            "styleQML, styleSLD, useAsDefault, description, owner) "
            "VALUES ('', '', 'injects', 'geom', 'injects', ?, '', 1, '', '')",
            (_style(),),
        )
        base.execute("UPDATE gpkg_contents SET last_change = '1970-01-01T00:00:00.000Z'")
    base.close()
    return path


def _style() -> str:
    """QGIS style of the injects: a dot."""
    red, green, blue = (int(colour("closed")[k : k + 2], 16) for k in (1, 3, 5))
    options = {"color": f"{red},{green},{blue},255", "name": "circle", "size": "4", "size_unit": "MM"}
    written = "".join(f'<Option type="QString" name="{key}" value="{value}"/>' for key, value in options.items())
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        '<qgis version="3.28.0" styleCategories="Symbology"><renderer-v2 type="singleSymbol" forceraster="0" '
        'symbollevels="0" enableorderby="0"><symbols><symbol type="marker" name="0" alpha="1" clip_to_extent="1" '
        'force_rhr="0"><layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option type="Map">'
        f"{written}</Option></layer></symbol></symbols></renderer-v2></qgis>"
    )


def _fields(say: Say, inject: Inject) -> tuple[object, ...]:
    return (
        inject.number, inject.key, say(f"type_{inject.type}"), say.clock(inject.time_ms), say.exercise(inject.time_ms),
        say.role(inject.sender), say.role(inject.receiver), say(f"medium_{inject.medium}"), inject.place_name(say.lang),
        inject.text(say.lang), say.role(inject.owner), say.objective(inject.objective),
    )  # fmt: skip


def write_calendar(say: Say, path: Path, begins: datetime | None = None) -> Path:
    """Write phases and injects as one calendar (RFC 5545), in exercise time from ``begins`` (else the scenario's)."""
    from icalendar import Calendar, Event

    drill: Drill = say.drill
    zero = (begins or drill.clock(drill.start_ms)).astimezone(UTC).replace(microsecond=0)
    calendar = Calendar()
    calendar.add("prodid", "-//relief-dispatch//drill//")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", drill.title(say.lang))
    entries = [(phase.phase, phase.start_s, phase.end_s, phase.name(say.lang), phase.text(say.lang), "")
               for phase in drill.timetable]  # fmt: skip
    for inject in drill.injects:
        begin = drill.exercise_s(inject.time_ms)
        entries.append((f"inject-{inject.number}", begin, begin + 60.0, f"{inject.number} {say.role(inject.receiver)}",
                        inject.text(say.lang), inject.place_name(say.lang)))  # fmt: skip
    for key, begin, end, title, said, place in entries:
        event = Event()
        event.add("uid", f"{key}@{drill.name}")
        event.add("dtstamp", zero)
        event.add("dtstart", zero + timedelta(seconds=round(begin)))
        event.add("dtend", zero + timedelta(seconds=round(end)))
        event.add("summary", title)
        event.add("description", said)
        if place:
            event.add("location", place)
        calendar.add_component(event)
    path.write_bytes(calendar.to_ical())
    return path
