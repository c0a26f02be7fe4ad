"""English names of what a county lists: its own, else what it is and where."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dispatch.county.county import County
from dispatch.county.english import CHINESE, english_name, own_names
from dispatch.county.in_language import in_language
from dispatch.county.read import read_county, read_table
from dispatch.county.schema import SCHEMA
from dispatch.county.write import write_county
from tests import qinshui


@pytest.fixture(scope="module")
def county() -> County:
    return read_county(qinshui.PACK)[0]


def _named(county: County, table: str, **names: str) -> County:
    """The county with English names by id."""
    rows = county.table(table)
    given = [names.get(key.replace("-", "_"), "") for key in rows[SCHEMA[table].key[0]]]
    return replace(county, tables={**county.tables, table: rows.assign(name_en=given)})


def test_the_english_column_wins_and_survives_both_forms_of_a_pack(county: County, tmp_path: Path) -> None:
    told = county
    for table, names in (("depots", {"D_QS": "County relief store"}), ("candidates", {"K_07": "Libi site"}),
                         ("shelters", {"S_140521100": "Longgang School"}), ("teams", {"T_01": "First Company"}),
                         ("dams", {"DM_1": "Zhangfeng Reservoir"})):  # fmt: skip
        told = _named(told, table, **names)
    for out in (tmp_path / "pack", tmp_path / "pack.xlsx"):
        write_county(told, out, lang="en")
        again = read_county(out)[0]
        assert own_names(again, "depots", "en")["D-QS"] == "County relief store"
        assert own_names(again, "teams", "en")["T-01"] == "First Company"
        assert in_language(again, "en").table("candidates").set_index("candidate").at["K-07", "name"] == "Libi site"
        assert in_language(again, "en").table("dams").set_index("dam").at["DM-1", "name"] == "Zhangfeng Reservoir"
        assert own_names(again, "shelters", "zh")["S-140521100"] == "龙港镇中心学校（虚拟）"


def test_without_an_english_name_it_is_called_by_place_and_kind(county: County) -> None:
    """Several of a kind at a place are told apart by id; what stands at no place of the county has its id too."""
    depots = own_names(county, "depots", "en")
    assert depots["D-QS"] == "Longgang county depot D-QS", "three county depots in Longgang"
    assert depots["D-SX"] == "provincial depot D-SX"
    assert own_names(county, "teams", "en")["T-01"] == "fire brigade T-01"
    assert own_names(county, "candidates", "en")["K-07"] == "Libi candidate for a stock point"


def test_one_by_one_and_all_at_once_say_the_same(county: County) -> None:
    for table in ("depots", "facilities", "candidates", "teams", "hazard_points"):
        key = SCHEMA[table].key[0]
        together = own_names(county, table, "en")
        for row in county.table(table).head(25).to_dict("records"):
            alone = english_name(county, table, row) or row["name"]
            assert together[row[key]] == alone


def test_no_chinese_is_left_where_places_have_english_names(county: County) -> None:
    english = in_language(county, "en")
    for table in ("depots", "shelters", "candidates", "teams", "hazard_points", "communications", "dams", "drones"):
        assert not english.table(table)["name"].str.contains(CHINESE).any(), table
    assert in_language(county, "zh") is county


def test_stock_may_name_its_depot_in_english(county: County, tmp_path: Path) -> None:
    """As places may be named in either language."""
    told = _named(county, "depots", D_QS="County relief store")
    item = county.table("items")["item"].iloc[0]
    (tmp_path / "stock.csv").write_text(f"depot,item,lot,quantity\ncounty relief store,{item},L1,5\n", encoding="utf-8")
    table, problems = read_table(tmp_path / "stock.csv", "stock", told)
    assert table["depot"].tolist() == ["D-QS"], problems
