"""Drills of townships and villages of the embedded county: three parts, and everything their own."""

from __future__ import annotations

import numpy as np
import pytest

from dispatch.drill.batch import drill_places, write_batch
from dispatch.drill.faults import drill_faults
from dispatch.drill.model import PARTS
from dispatch.drill.village import CountyBasis, make_place_drill
from dispatch.drill.walk import metres_between
from tests import qinshui


@pytest.fixture(scope="module")
def basis():
    """Without nights: every standard is computed or a norm."""
    return CountyBasis.of(qinshui.scenario("flash_flood"), "", None, 0, 0)


@pytest.fixture(scope="module")
def drills(basis):
    return {place: make_place_drill(basis, place, 1) for place in drill_places(basis.scenario.county)}


def test_every_township_and_village_has_a_valid_drill_of_exactly_three_parts(drills):
    assert sum(drill.level == "township" for drill in drills.values()) == 12
    assert sum(drill.level == "village" for drill in drills.values()) == 193
    for drill in drills.values():
        assert drill_faults(drill) == []
        assert list(dict.fromkeys(inject.part for inject in drill.injects)) == list(PARTS)
        assert {objective.objective for objective in drill.objectives} == set(PARTS)


def test_each_speaks_of_its_own_name_township_and_shelter(drills, basis):
    county = basis.scenario.county
    places = county.table("places").set_index("place")
    shelters = county.table("shelters")
    for place, drill in drills.items():
        name = basis.facts.name(place).zh
        assert name in drill.title.zh
        shelter = basis.facts.spot(place).shelter
        own = shelters.loc[shelters["place"] == place, "shelter"].tolist()
        assert shelter in own or not own or shelter in set(basis.scenario.needs["site"])
        walk = drill.inject("v_walk").text.zh
        assert basis.facts.name(shelter).zh in walk
        if drill.level == "village":
            assert basis.facts.name(places.at[place, "parent"]).zh in drill.inject("v_warn").text.zh


def test_distances_are_no_shorter_than_straight_lines_and_differ(drills, basis):
    shelters = basis.scenario.county.table("shelters").set_index("shelter")
    lengths = set()
    for place in drills:
        spot = basis.facts.spot(place)
        to_lon, to_lat = shelters.at[spot.shelter, "lon"], shelters.at[spot.shelter, "lat"]
        straight = metres_between(np.array([spot.lon]), np.array([spot.lat]), to_lon, to_lat)[0]
        assert spot.walk.length_m >= straight - 1 - 0.01 * straight  # road lengths are planar, to a few per mille
        lengths.add(round(spot.walk.length_m))
    assert len(lengths) > 20


def test_knocking_time_is_households_over_visitors(basis):
    """One visitor for 15 households at least two, 4 minutes a door."""
    from dispatch.drill.place import place_facts
    from tests.drill.worlds import generator

    place = "140521103200"
    here = place_facts(basis.facts, None, place, generator(0))
    assert here.visitors == max(2, -(-here.households // 15))
    drill = make_place_drill(basis, place, 1)
    action = next(a for a in drill.actions if a.inject == "v_knock")
    exact = here.households / here.visitors * 4 * 60
    assert exact <= action.standard.limit_s < exact + 60


def test_seed_changes_the_drill_and_keeps_it_valid(basis):
    one, again, other = (make_place_drill(basis, "140521101", seed) for seed in (1, 1, 2))
    assert one == again
    assert [inject.time_ms for inject in one.injects] != [inject.time_ms for inject in other.injects]
    assert drill_faults(other) == []


def test_people_are_counted_only_after_they_have_walked(drills):
    for drill in drills.values():
        if drill.level == "village":
            walked = drill.inject("v_count").time_ms - drill.inject("v_walk").time_ms
            assert walked >= 60_000


def test_batch_writes_a_folder_a_place_and_an_index(basis, tmp_path):
    import openpyxl

    places = ["140521101", "140521103200"]
    made = write_batch(basis, places, tmp_path, lang="zh", seed=1, four_plans=True)
    assert [drill.place for drill in made] == places
    folder = tmp_path / "140521103_端氏镇" / "140521103200_端氏村"
    assert {path.name for path in folder.iterdir()} == {"drill.json", "演练包.docx", "评估表.xlsx", "一制四案.docx"}
    sheet = openpyxl.load_workbook(tmp_path / "index.xlsx").active
    listed = [row[0].value for row in sheet.iter_rows(min_row=4)]
    assert listed == places


def test_unknown_place(basis):
    with pytest.raises(KeyError):
        make_place_drill(basis, "nowhere", 1)
    with pytest.raises(KeyError):
        make_place_drill(basis, "140521", 1)  # the county itself
