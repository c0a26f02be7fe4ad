"""The embedded county: facts as in their sources, all else labelled; made again to the same bytes."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
import shapely

from dispatch.county.names import place_label
from dispatch.county.read import read_county
from dispatch.roads.profile_norms import read_profiles
from tests.qinshui import (
    PACK,
    county,
    facts,
    places,
    scenario,
)
from tests.shared import SHARED, shared_path


def test_pack_reads_without_a_single_problem():
    # Warnings too: this is the example that people copy.
    _, problems = read_county(PACK)
    assert list(problems) == []


def test_twelve_townships_and_193_village_units():
    assert len(places("township")) == 12
    assert len(places("village")) == 193
    assert places("county")["place"].tolist() == ["140521"]


def test_codes_stand_under_their_township():
    villages = places("village")
    assert all(code.startswith(parent) for code, parent in zip(villages["place"], villages["parent"], strict=True))
    assert villages["place"].str.fullmatch(r"140521\d{6}").all()
    assert set(villages["parent"]) == set(places("township")["place"])


def test_names_are_unique_with_their_township():
    assert not places("village").duplicated(["parent", "name"]).any()


def test_namesakes_are_told_apart():
    # Three names occur twice in the county (苏庄村, 樊庄村, 张村).
    villages = places("village")
    twice = villages["name"].value_counts()
    assert set(twice[twice == 2].index) == {"苏庄村", "樊庄村", "张村"}
    labels = {place_label(county(), code) for code in villages[villages["name"] == "苏庄村"]["place"]}
    assert labels == {"苏庄村（郑庄镇）", "苏庄村（端氏镇）"}


def test_names_and_codes_are_those_of_the_statistical_list():
    with shared_path("data/shanxi/villages.csv").open(encoding="utf-8", newline="") as file:
        listed = {r["village_code"]: r["village"] for r in csv.DictReader(file) if r["county_code"] == "140521"}
    villages = places("village")
    assert dict(zip(villages["place"], villages["note"], strict=True)) == listed
    for name, official in zip(villages["name"], villages["note"], strict=True):
        assert official.startswith(name.removesuffix("村").removesuffix("社区"))


def test_seats_and_public_sites_are_those_of_the_source():
    with shared_path("data/shanxi/townships_three_counties.csv").open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["county_code"] == "140521"]
    townships = places("township")
    for row in rows:
        ours = townships.loc[row["township_code"]]
        assert (ours["name"], ours["lon"], ours["lat"]) == (
            row["township"],
            float(row["lon_wgs84"]),
            float(row["lat_wgs84"]),
        )
        if row["population"]:
            assert ours["population"] == float(row["population"])
            assert "synthetic" not in ours["source"]
        else:
            assert "population synthetic" in ours["source"]
    with shared_path("data/shanxi/qinshui_public_sites.csv").open(encoding="utf-8", newline="") as file:
        listed = {(float(r["lon_wgs84"]), float(r["lat_wgs84"])) for r in csv.DictReader(file)}
    sites = county().table("facilities")
    sites = sites[~sites["source"].str.contains("synthetic")]
    assert len(sites) == 29
    assert set(zip(sites["lon"], sites["lat"], strict=True)) == listed


def test_people_add_up():
    villages, townships = places("village"), places("township")
    by_township = villages.groupby("parent")["population"].sum()
    assert (by_township == townships["population"]).all()
    assert townships["population"].sum() == 193_881  # end of 2022
    assert places("county")["population"].item() == 193_881


def test_former_townships_are_aliases():
    townships = places("township").set_index("name")
    assert townships.at["龙港镇", "aliases"] == "樊村河乡"
    assert townships.at["郑庄镇", "aliases"] == "苏庄乡"


def test_everything_lies_inside_the_outline():
    outline = shapely.from_wkt(county().boundary_wkt)
    assert len(outline.exterior.coords) <= 61
    for name in ("places", "shelters", "candidates", "hazard_points", "dams", "communications"):
        table = county().table(name)
        points = shapely.points(table["lon"], table["lat"])
        assert shapely.covers(outline, points).all(), name


def test_every_row_says_where_it_is_from():
    for name, table in county().tables.items():
        if name == "scenario" or not len(table):
            continue
        assert (table["source"] != "").all(), name
        if "synthetic" in table.columns:
            assert table["synthetic"].all(), name
            assert table["source"].str.contains("synthetic").all(), name


@pytest.mark.parametrize(
    "name",
    ["depots", "stock", "vehicles", "teams", "shelters", "suppliers", "aircraft", "drones", "communications",
     "fire_lines", "hazard_points", "risk_zones", "candidates", "headquarters", "roles"],
)  # fmt: skip
def test_what_a_county_does_not_publish_is_labelled(name: str):
    table = county().table(name)
    assert len(table)
    assert table["source"].str.contains("synthetic").all()


def test_village_positions_and_people_are_labelled():
    assert places("village")["source"].str.contains("position, population and households synthetic").all()


def test_facilities_without_a_source_are_labelled_and_the_others_are_the_facts():
    sites = county().table("facilities")
    sourced = sites[~sites["source"].str.contains("synthetic")]
    assert sourced["name"].tolist() == [row["name"] for row in facts("public_sites")]
    assert not sourced["name"].str.contains("虚拟").any()


def test_no_person_and_no_telephone_number_is_in_the_pack():
    assert not (PACK / "contacts.csv").exists()
    assert county().table("contacts").empty
    assert county().table("vehicles")["plate"].eq("").all()


def test_scenarios_say_what_they_are():
    for name in ("flash_flood", "forest_fire"):
        said = scenario(name).statements
        assert all(zh and en for zh, en in said)
        english = " ".join(en for _, en in said)
        assert all(word in english for word in ("fictional", "synthetic", "schematic"))


def test_some_lots_have_expired_and_most_have_not():
    stock = county().table("stock")
    dated = stock[stock["expiry"] != ""]
    for day in ("2026-04-09", "2026-07-20"):  # the scenarios' days
        expired = dated["expiry"] < day
        assert 3 <= expired.sum() <= 0.15 * len(dated)
    assert (dated["produced"] < "2026-04-09").all()  # nothing is from the future of either scenario


def test_agreement_stock_can_be_counted_on():
    stock = county().table("stock")
    agreed = stock[stock["mode"] != "physical"]
    assert {"agreement", "capacity"} == set(agreed["mode"])
    for column in ("lead_time_min", "release_per_h", "reliability"):
        assert agreed[column].notna().all()
    assert agreed["reliability"].between(0.5, 0.99).all()
    assert set(agreed["supplier"]) <= set(county().table("suppliers")["supplier"])


def test_the_flood_can_be_served_from_the_county_but_not_without_its_agreements():
    # The road, the docks and the hour are meant to be the trouble, not the quantity.
    needs = scenario("flash_flood").needs
    stock = county().table("stock")
    local = county().table("depots").query("tier in ['county', 'township', 'village']")["depot"]
    usable = stock[stock["depot"].isin(local) & ((stock["expiry"] == "") | (stock["expiry"] >= "2026-07-20"))]
    substitutes = dict(zip(needs["item"], needs["substitutes"], strict=True))
    for item, quantity in needs.groupby("item")["quantity"].sum().items():
        names = {item, *filter(None, substitutes[item].split(";"))}
        mine = usable[usable["item"].isin(names) & (usable["mode"] != "capacity")]
        assert mine["quantity"].sum() >= quantity
        if item in {"water", "food"}:
            assert mine[mine["mode"] == "physical"]["quantity"].sum() < quantity


def test_county_stock_is_of_a_real_countys_size():
    # Wuchang county published 450 tents, 2 000 beds, 2 000 bedding sets, 2 000 kits in 2023: within half to twice.
    stock = county().table("stock")
    own = stock[(stock["depot"] == "D-QS") & (stock["mode"] == "physical")].groupby("item")["quantity"].sum()
    for ours, theirs in ((own["tent"] + own["tent_padded"], 450), (own["bed"], 2000), (own["quilt"], 2000),
                         (own["family_kit"], 2000)):  # fmt: skip
        assert 0.5 * theirs <= ours <= 2 * theirs


def test_vehicles_have_a_profile_and_a_place():
    vehicles = county().table("vehicles")
    assert set(vehicles["class"]) <= set(read_profiles())
    assert {"pickup", "light_truck", "truck_5t", "truck_10t", "bus", "fire_engine", "car"} <= set(vehicles["class"])
    bases = set(county().table("depots")["depot"]) | set(county().table("facilities")["facility"])
    assert set(vehicles["base"]) <= bases


def test_most_villages_have_a_shelter_and_some_have_none():
    with_shelter = set(county().table("shelters")["place"])
    without = [code for code in places("village")["place"] if code not in with_shelter]
    assert len(without) == 14


def test_author_makes_the_committed_files_byte_for_byte_from_this_folder_alone(tmp_path: Path):
    code = (
        "import sys\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == 'open' else None)\n"
        "from pathlib import Path\n"
        "from scenarios.qinshui.author import write\n"
        f"write(Path({str(tmp_path)!r}))\n"
        f"assert not [name for name in opened if name.startswith({str(SHARED)!r})], 'reads the shared material'\n"
    )
    env = {**os.environ, "PYTHONHASHSEED": "77"}  # nothing may hang on the order of sets
    subprocess.run([sys.executable, "-c", code], check=True, cwd=PACK.parents[1], env=env, timeout=120)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    written = {
        path.name: path.read_bytes() for path in PACK.iterdir() if path.suffix in {".csv", ".osm", ".geojson", ".toml"}
    }
    assert set(made) <= set(written)
    assert all(name.endswith(".toml") for name in set(written) - set(made))  # some scenarios are written by hand
    for name, content in made.items():
        assert content == written[name], f"{name} differs: run python -m scenarios.qinshui.author"
