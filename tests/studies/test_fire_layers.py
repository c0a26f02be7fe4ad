"""F-01: each layer of works against forest fire, taken away, moves its figure the stated way on the Qinshui fire."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dispatch.hazards.fire_works import LAYERS, without_layers
from dispatch.scenario_file import load_scenario
from dispatch.studies.fire_layers import FIRE_LAYER_COLUMNS, MEASURES, fire_layers, forest_minutes
from tests.qinshui import county as qinshui


@pytest.mark.slow
def test_every_layer_moves_its_figure_the_stated_way():
    """One TOML: crews, news, fire, lines, people's fires and buckets; the seven layers of the plan and water points."""
    table = fire_layers("qinshui/forest_fire_air", cell_m=100, draws=3)
    assert list(table.columns) == list(FIRE_LAYER_COLUMNS)
    assert set(table["layer"]) == set(LAYERS) == set(MEASURES)
    assert table["as_stated"].all(), table
    assert (table["with_it"] > 0).all()


def test_a_fire_road_never_makes_a_crew_later():
    """Cell by cell, not only on average."""
    county = qinshui()
    network = load_scenario("qinshui/snow").network
    with_it = forest_minutes(county, network, side_m=4000)
    without = forest_minutes(without_layers(county, ["fire_roads"]), network, side_m=4000)
    assert (with_it <= without).all()
    assert np.mean(with_it) < np.mean(without)
    planned = county.table("fire_lines").assign(planned=True)
    none = replace(county, tables={**county.tables, "fire_lines": planned})
    assert (forest_minutes(none, network, side_m=4000) == without).all()


def test_a_scenario_without_a_fire_or_aircraft_is_refused():
    """There is nothing to measure."""
    with pytest.raises(ValueError, match="air"):
        fire_layers("qinshui/slide_swarm")
