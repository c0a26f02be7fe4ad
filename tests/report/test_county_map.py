"""The one map: every thing of a pack that has a position is on it, offline, and answers to a click and to its name."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from dispatch.report.county_features import county_groups, plan_groups
from dispatch.report.county_map import write_county_map, write_county_picture
from tests import qinshui
from tests.report.chromium import chromium
from tests.report.worlds import one_truck


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_everything_with_a_position_is_on_the_map(lang: str) -> None:
    """Row counts of the pack, table by table: nothing that can be placed is left out."""
    county = qinshui.county()
    drawn = {group.key: len(group.features) for group in county_groups(county, lang)}
    for table in ("depots", "shelters", "teams", "hazard_points", "dams", "fire_lines", "risk_zones"):
        assert drawn[table] == len(county.table(table)), table
    facilities = county.table("facilities")["kind"].value_counts()
    assert {key.removeprefix("facility_"): n for key, n in drawn.items() if key.startswith("facility_")} == dict(
        facilities
    )
    places = county.table("places")["kind"].value_counts()
    assert [drawn[kind] for kind in ("township", "village")] == [places["township"], places["village"]]


def test_a_feature_stands_where_its_row_says() -> None:
    county = qinshui.county()
    depots = next(group for group in county_groups(county, "zh") if group.key == "depots")
    rows = county.table("depots")
    rows = rows[~np.isnan(rows["lon"])]
    at = {feature.title: (feature.shape.x, feature.shape.y) for feature in depots.features}
    assert len(rows) and all(at[row.name] == (row.lon, row.lat) for row in rows.itertuples(index=False))
    assert any("来源" in line for feature in depots.features for line in feature.lines)


def test_a_plan_adds_its_ways_and_places() -> None:
    scenario, plan = one_truck()
    groups = {group.key: group for group in plan_groups(scenario, plan, "zh")}
    assert len(groups["plan_routes"].features) == 3
    assert sorted(feature.title for feature in groups["plan_places"].features) == ["A村", "B村", "C村"]


def test_the_page_loads_nothing_and_works_with_mouse_and_keyboard(tmp_path: Path) -> None:
    """Every layer is switched by its box; a name typed into the search shows that thing's row."""
    county = qinshui.county()
    page = write_county_map(tmp_path / "map.html", county, qinshui.network(), county_groups(county, "zh"), lang="zh")
    written = page.read_text(encoding="utf-8")
    assert not re.search(r"""src=["']https?:""", written)
    name = county.table("depots")["name"].iloc[0]
    with chromium() as tab:
        tab.open(page)
        shown = tab.run("document.querySelectorAll('.pin').length")
        tab.run("[...document.querySelectorAll('#layers input')].forEach(b => { if (b.checked) b.click(); }); 0")
        assert tab.run("document.querySelectorAll('.pin').length") == 0 < shown
        tab.run(f"box = document.getElementById('find'); box.value = {json.dumps(name)};"
                "box.dispatchEvent(new Event('change')); 0")  # fmt: skip
        assert name in tab.run("document.getElementById('detail').textContent")
        assert tab.problems() == []


def test_a_tile_server_is_asked_only_when_named(tmp_path: Path) -> None:
    county = qinshui.county()
    groups = county_groups(county, "en")
    plain = write_county_map(tmp_path / "a.html", county, None, groups, lang="en").read_text(encoding="utf-8")
    tiled = write_county_map(
        tmp_path / "b.html", county, None, groups, lang="en", tiles="https://tiles.example/{z}/{x}/{y}.png"
    ).read_text(encoding="utf-8")
    policy = re.compile(r"img-src data:([^\"]*)\"")
    assert policy.findall(plain)[0].strip() == ""
    assert policy.findall(tiled)[0].strip() == "https://tiles.example"


def test_the_picture_shows_the_colours_of_its_layers(tmp_path: Path) -> None:
    """A PNG of the pack holds depot blue and hazard orange; where there is no font for Chinese it says so."""
    from matplotlib.image import imread

    county = qinshui.county()
    path = tmp_path / "map.png"
    if not write_county_picture(path, county, qinshui.network(), county_groups(county, "zh"), lang="zh"):
        pytest.skip("no font with Chinese characters on this machine")
    pixels = np.round(imread(path)[..., :3] * 255).astype(int).reshape(-1, 3)
    for colour in ((0x00, 0x72, 0xB2), (0xE6, 0x9F, 0x00)):
        assert (np.abs(pixels - colour).max(axis=1) <= 2).sum() > 50
