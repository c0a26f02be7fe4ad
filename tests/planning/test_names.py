"""Names of sites in English, for papers that people read in English."""

from __future__ import annotations

import re

from dispatch.planning.names import site_name
from tests import qinshui, tiny


def test_every_site_of_the_embedded_county_is_called_in_english() -> None:
    """The county's depots, shelters and facilities have Chinese names only; places have English ones."""
    scenario = qinshui.scenario("flash_flood")
    county = scenario.county
    sites = [*county.table("depots")["depot"], *county.table("shelters")["shelter"].head(40)]
    names = [site_name(scenario, site, "en") for site in sites]
    assert [name for name in names if re.search("[\u4e00-\u9fff]", name)] == []
    assert len(set(names)) == len(names)  # an order must not be mistaken for another's
    assert site_name(scenario, "D-QS", "zh") == "沁水县救灾物资储备库（虚拟）"


def test_a_site_whose_place_has_no_english_name_keeps_its_own() -> None:
    assert site_name(tiny.one_depot(), "D", "en") == "县库"
