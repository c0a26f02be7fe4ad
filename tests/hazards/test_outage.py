"""Three cuts: power and network fail by area and time; who is left without a word, and who has a fallback."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from dispatch.hazards.ground_spec import Outage, read_ground_spec
from dispatch.hazards.outage import silent_places, with_outages
from tests import tiny
from tests.qinshui import PACK

REFERENCE = datetime.fromisoformat("2026-08-05T20:00:00+08:00")


def land():
    """Township T with villages A (under a mast with 3 h of battery), B (satellite phone) and C (nothing)."""
    places = [
        {"place": "T", "name": "镇", "kind": "township", "parent": "", "lon": 112.0, "lat": 35.5, "population": 0},
        {"place": "A", "name": "甲", "kind": "village", "parent": "T", "lon": 112.00, "lat": 35.5, "population": 100},
        {"place": "B", "name": "乙", "kind": "village", "parent": "T", "lon": 112.20, "lat": 35.5, "population": 100},
        {"place": "C", "name": "丙", "kind": "village", "parent": "T", "lon": 112.40, "lat": 35.5, "population": 100},
    ]
    media = [
        {"communication": "M", "medium": "mobile", "place": "A", "lon": 112.0, "lat": 35.5, "radius_km": 5,
         "backup_power_h": 3},
        {"communication": "S", "medium": "satellite_phone", "place": "B", "lon": 112.2, "lat": 35.5},
    ]  # fmt: skip
    return tiny.county(places=places, communications=media)


def cut(**other):
    return {"places": ("T",), "media": ("power",), "start": 3600.0, "end": 8 * 3600.0, "probability": 1.0} | other


def test_the_telephone_fails_when_the_batteries_are_empty():
    made, problems = with_outages(Outage(cuts=(cut(),)), land(), tiny.disruption([]))
    assert problems == []
    table = silent_places(land(), made.areas).set_index("place")
    assert table.loc["A", "from_s"] == 4 * 3600.0  # an hour, and three of battery
    assert table.loc["C", "from_s"] == 3600.0
    assert (table["to_s"] == 8 * 3600.0).all()
    assert table["fallback"].to_dict() == {"A": "", "B": "satellite_phone", "C": ""}


def test_a_cut_shorter_than_the_batteries_silences_nobody_under_a_mast():
    made, _ = with_outages(Outage(cuts=(cut(end=3 * 3600.0, places=("A", "丙")),)), land(), tiny.disruption([]))
    assert set(silent_places(land(), made.areas)["place"]) == {"C"}


def test_a_cut_fibre_needs_no_battery():
    made, _ = with_outages(Outage(cuts=(cut(media=("断网",)),)), land(), tiny.disruption([]))
    assert set(made.areas["medium"]) == {"network"}
    assert silent_places(land(), made.areas)["from_s"].tolist() == [3600.0] * 3


def test_power_fails_where_a_hazard_is_and_comes_back_after_it():
    rows = (
        ("A", 0.0, 7200.0, 0.5, "flood"),
        ("B", 0.0, 7200.0, 0.1, "flood"),
        ("C", 60.0, np.inf, np.nan, "earthquake"),
    )
    names = ("place", "start_s", "end_s", "depth_m", "cause")
    reached = [dict(zip(names, row, strict=True)) | {"share": 1.0, "group": ""} for row in rows]
    flood = tiny.disruption([])
    flood = type(flood)(flood.edges, tiny.frame(PLACES, reached), flood.areas, flood.groups)
    made, _ = with_outages(Outage(from_hazard=True, probability=0.7), land(), flood)
    table = made.areas.set_index("place")
    assert set(table.index) == {"A", "C"}  # 0.1 m is not in the houses
    assert table.loc["A", ["start_s", "end_s"]].tolist() == [0.0, 7200.0 + 6 * 3600.0]
    assert table.loc["C", ["start_s", "end_s"]].tolist() == [60.0, 60.0 + 24 * 3600.0]
    assert made.groups["probability"].tolist() == [0.7, 0.7]
    nights = [len(made.sample(np.random.default_rng(k)).areas) for k in range(150)]
    assert np.mean(nights) == pytest.approx(1.4, abs=0.25)


PLACES = {"place": "str", "start_s": "float64", "end_s": "float64", "share": "float64", "depth_m": "float64",
          "cause": "str", "group": "str"}  # fmt: skip


def test_unknown_places_and_media_are_named():
    _, problems = with_outages(Outage(cuts=(cut(places=("X",), media=("steam",)),)), land(), tiny.disruption([]), "s")
    assert {problem.code for problem in problems} == {"hazards_outage_place", "hazards_medium"}
    spec, problems = read_ground_spec(
        Outage, {"cuts": [{"places": ["A"]}]}, PACK / "s.toml", "hazards.outage", REFERENCE
    )
    assert spec is None
    assert [problem.code for problem in problems] == ["hazards_key_cuts"]
