"""The map with a clock: its controls as HTML, and what its script draws as JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from string import Template
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from dispatch.documents.messages import catalogue, text
from dispatch.report.closures import STATES
from dispatch.report.film import Film, films_json
from dispatch.report.findings import Findings, share
from dispatch.report.html import escape, paragraph, section
from dispatch.report.movers import site_position
from dispatch.report.names import quantity_of, site_label, vehicle_name
from dispatch.report.phases import ACTIVITIES
from dispatch.report.tables import cause_name
from dispatch.scenario import Scenario

__all__ = ["map_json", "map_section", "tile_origin"]

LAYERS: dict[str, bool] = {
    "roads": True, "closures": True, "depots": True, "places": True, "vehicles": True, "names": True, "routes": False,
}  # fmt: skip
"""Layers of the map and whether they are shown at first."""

_WORDS = (
    "map_label", "map_pick", "map_slider", "map_film", "map_speed", "map_fit", "map_layers", "map_keys", "mark_depot",
    "mark_waiting", "mark_now_served", "mark_now_missed", "mark_vehicle", "state_closed", "state_partial",
    "state_slowed",
)  # fmt: skip
_TILES = re.compile(r"https?://[A-Za-z0-9.:{}-]+/[^\s;,\"'<>]*")
_SPEEDS_MIN_PER_S = (2, 5, 10, 20)
_SPEED_AT_FIRST = 5
_MINUTE_PER_SECOND = 60  # one minute of the clock per second of playing


def map_json(scenario: Scenario, findings: Findings, films: Sequence[Film], lang: str) -> dict[str, Any]:
    """Everything the page's script needs, words included; JSON values only."""
    drawn = films_json(scenario, films, _sites(scenario, findings, films, lang))
    vehicles = scenario.county.table("vehicles").set_index("vehicle")
    classes = {name: (p.name_zh if lang == "zh" else p.name_en) for name, p in scenario.profiles.items()}
    causes = sorted({closure.cause for film in films for closure in film.closures})
    prefix = "report_js_"
    words: dict[str, Any] = {key.removeprefix(prefix): text(lang, key) for key in catalogue() if key.startswith(prefix)}
    words["activities"] = [text(lang, f"report_activity_{activity}") for activity in ACTIVITIES]
    words["states"] = [text(lang, f"report_state_{state}") for state in STATES]
    return {
        **drawn,
        "words": words,
        "attribution": _attribution(scenario, lang),
        "passing": [vehicle not in vehicles.index for vehicle in drawn["vehicles"]],
        "vehicle_names": [vehicle_name(scenario, vehicle, lang) for vehicle in drawn["vehicles"]],
        "vehicle_classes": [
            classes.get(vehicles.at[v, "class"], "") if v in vehicles.index else "" for v in drawn["vehicles"]
        ],
        "causes": {cause: cause_name(lang, cause) for cause in causes},
    }


def _attribution(scenario: Scenario, lang: str) -> str:
    """Whose roads these are, escaped: Leaflet shows it as HTML."""
    words = [scenario.network.attribution] if scenario.network.attribution else []
    if scenario.network.schematic:
        words.append(text(lang, "report_schematic"))
    return escape(" · ".join(words))


def tile_origin(tiles: str) -> str:
    """Server of a tile URL, the only one that the page may ask; "" for none.

    Raises
    ------
    ValueError
        If it is not a template ``https://…/{z}/{x}/{y}…``.
    """
    if not tiles:
        return ""
    if not _TILES.fullmatch(tiles) or not all(part in tiles for part in ("{z}", "{x}", "{y}")):
        msg = f"tiles {tiles!r}: expected https://…/{{z}}/{{x}}/{{y}}…"
        raise ValueError(msg)
    parts = urlsplit(tiles.replace("{s}", "*"))
    return f"{parts.scheme}://{parts.netloc}"


def _sites(scenario: Scenario, findings: Findings, films: Sequence[Film], lang: str) -> list[dict[str, Any]]:
    """Depots, delivery points of first batches, and whatever sites the vehicles use."""
    needs = scenario.needs[(scenario.needs["part"] == "first_batch") & (scenario.needs["quantity"] > 0)]
    used = {site for film in films for phase in film.phases for site in (phase.site, phase.to_site) if site}
    depots = scenario.county.table("depots").set_index("depot")
    rows = scenario.sites
    by_place = {str(row["place"]): row for row in findings.places.to_dict("records")}
    waiting: dict[str, list[dict[str, Any]]] = {}
    for need in needs.to_dict("records"):
        waiting.setdefault(need["site"], []).append(need)
    found = []
    for site in rows.index:
        here = waiting.get(site, [])
        if not (here or site in used or site in depots.index):
            continue
        lines: list[str] = []
        if here:
            lines = _place_lines(scenario, here, by_place, lang)
        elif site in depots.index:
            tier = text(lang, f"report_tier_{depots.at[site, 'tier']}")
            lines = [text(lang, "report_site_depot", tier=tier, docks=int(depots.at[site, "docks"]))]
        found.append({
            "id": site, "kind": str(rows.at[site, "kind"]), "name": site_label(scenario, site, lang),
            "lon": round(float(rows.at[site, "lon"]), 5), "lat": round(float(rows.at[site, "lat"]), 5),
            "people": _people(here), "lines": lines,
        })  # fmt: skip
    for site in sorted(used - set(rows.index)):  # shelters, helipads and places that only other movers use
        position = site_position(scenario, site)
        if position is not None:
            found.append({"id": site, "kind": "other", "name": site_label(scenario, site, lang), "people": 0.0,
                          "lon": round(position[0], 5), "lat": round(position[1], 5), "lines": []})  # fmt: skip
    return found


def _people(needs: Sequence[Mapping[str, Any]]) -> float:
    """People for whom these needs are: each report's once."""
    return float(sum({(need["place"], need["report"]): need["people"] for need in needs}.values()))


def _place_lines(
    scenario: Scenario, needs: Sequence[Mapping[str, Any]], by_place: Mapping[str, Mapping[str, Any]], lang: str
) -> list[str]:
    """What a delivery point waits for, for whom, and how often it comes in time."""
    asked: dict[str, int] = {}
    for need in needs:
        asked[need["item"]] = asked.get(need["item"], 0) + int(need["quantity"])
    listed = ", ".join(quantity_of(scenario, item, quantity, lang) for item, quantity in asked.items())
    lines = [
        text(lang, "report_site_people", count=f"{_people(needs):,.0f}"),
        text(lang, "report_site_needs", needs=listed),
    ]
    places = list(dict.fromkeys(need["place"] for need in needs))
    if places != [needs[0]["site"]]:
        lines.append(text(lang, "report_site_places", places=", ".join(by_place[place]["name"] for place in places)))
    for place in places:
        row = by_place[place]
        if not np.isnan(row["on_time"]):
            said = text(lang, "report_site_p", share=share(row["on_time"]), low=share(row["on_time_low"]),
                        high=share(row["on_time_high"]))  # fmt: skip
            lines.append(said if len(places) == 1 else f"{row['name']}: {said}")
        if row["reason"]:
            lines.append(text(lang, "report_site_reason", reason=row["reason"]))
    return lines


def map_section(drawn: Mapping[str, Any], lang: str) -> str:
    """The map, its clock and its controls."""

    def word(key: str) -> str:
        return escape(text(lang, f"report_{key}"))

    words = {key: word(key) for key in _WORDS}
    words["films"] = "".join(
        f'<option value="{k}">{escape(film["label"])}</option>' for k, film in enumerate(drawn["films"])
    )
    words["speeds"] = "".join(
        f'<option value="{minutes * _MINUTE_PER_SECOND}"{_if(minutes == _SPEED_AT_FIRST, "selected")}>'
        f"{escape(text(lang, 'report_map_speed_value', minutes=minutes))}</option>"
        for minutes in _SPEEDS_MIN_PER_S
    )
    words["layers"] = "".join(
        f'<label><input type="checkbox" data-layer="{name}"{_if(shown, "checked")}> {word(f"layer_{name}")}</label>'
        for name, shown in LAYERS.items()
    )
    words["choices"] = _choices(drawn, lang)
    template = Template((files("dispatch.report") / "page_map.html").read_text(encoding="utf-8"))
    return section(
        "map-part",
        text(lang, "report_map"),
        template.substitute(words),
        paragraph(text(lang, "report_map_help"), "note"),
        f"<noscript>{paragraph(text(lang, 'report_map_noscript'))}</noscript>",
    )


def _if(condition: bool, attribute: str) -> str:
    """An attribute without value, where it applies."""
    return f" {attribute}" if condition else ""


def _choices(drawn: Mapping[str, Any], lang: str) -> str:
    """Everything that has a timetable, as a list for those who do not click on maps."""
    groups = (
        ("vehicles", "vehicle", list(enumerate(drawn["vehicle_names"]))),
        ("places", "site", [(k, site["name"]) for k, site in enumerate(drawn["sites"]) if site["people"] > 0]),
        ("depots", "site", [(k, site["name"]) for k, site in enumerate(drawn["sites"]) if site["kind"] == "depot"]),
    )
    written = [f'<option value="">{escape(text(lang, "report_map_pick_none"))}</option>']
    for group, kind, entries in groups:
        options = "".join(f'<option value="{kind}:{k}">{escape(name)}</option>' for k, name in entries)
        if options:
            written.append(f'<optgroup label="{escape(text(lang, f"report_map_pick_{group}"))}">{options}</optgroup>')
    return "".join(written)
