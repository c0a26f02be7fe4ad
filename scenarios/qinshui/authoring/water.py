"""Four floods that are computed on the drawn county's terrain: their scenario files."""

from __future__ import annotations

from scenarios.qinshui.authoring.scenario_files import STATEMENTS

__all__ = ["water_files"]

_TERRAIN = (
    '{ zh = "地形为虚拟高程，由示意河流和道路推得。", '
    'en = "The terrain is synthetic, made to fit the schematic rivers and roads." },'
)


def _scenario(note: str, name: str, zh: str, en: str, hazard: str, hazard_table: str, order: str) -> str:
    statements = STATEMENTS.rstrip().removesuffix("]").rstrip() + f"\n  {_TERRAIN}\n]\n"
    return f"""\
# {note} Every figure of need, stock and water is synthetic.
name = "qinshui-{name}"
title_zh = "{zh}"
title_en = "{en}"
hazard = "{hazard}"
county = "."
roads = "roads.osm"
reference_time = "2026-07-20T22:00:00+08:00"
order_received = "{order}"
horizon_h = 24
deadline_h = 6
seed = 20260721
{statements}
[first_batch]
preset = "summer"

[demand.rule]
# Nobody has reported yet: shares of the people where water comes.
share_relocated = 0.6
share_sheltered = 0.5

{hazard_table}
[pace]
night = true
weather = "heavy_rain"
weather_from = "+0:00"
weather_to = "+5:00"

[uncertainty]
speed_spread = [0.85, 1.0, 1.1]
"""


_FLASH_FLOOD = """\
[hazards.flash_flood]
terrain = "terrain.tif"
start = "+0:00"
depth_mm = 150
duration_h = 6
pattern = "middle_peak"
centre = [112.46, 35.76]
radius_km = 28
land = "terraces_good"
soil = "c"
condition = "normal"
rain_factor = [0.75, 1.0, 1.35]
outcomes = 5
hours = 24
people_share = 0.25
"""
_DAM_BREACH = """\
[hazards.dam_breach]
# A fictional reservoir of the table dams.
terrain = "terrain.tif"
dam = "DM-4"
start = "+0:30"
overtopping = true
hours = 12
people_share = 0.3
"""
_LEVEE_BREACH = """\
[hazards.levee_breach]
terrain = "terrain.tif"
at = [112.163, 35.686]
start = "+0:30"
inflow = [[0, 0], [20, 250], [150, 200], [300, 0]]
width_m = 200
reach_km = 4
cell_m = 100
surface = "town"
hours = 10
people_share = 0.2
cleared = "+14:00"
"""
_WATERLOGGING = """\
[hazards.waterlogging]
terrain = "terrain.tif"
box = [112.13, 35.665, 112.215, 35.705]
start = "+0:00"
depth_mm = 130
duration_h = 3
pattern = "middle_peak"
land = "town"
soil = "c"
cell_m = 100
hours = 6
rain_factor = [0.8, 1.0, 1.3]
outcomes = 3
people_share = 0.1
cleared = "+6:30"
"""


def water_files() -> dict[str, str]:
    """Text of the scenario files by name."""
    return {
        "flash_flood_model.toml": _scenario(
            "A fictional flash flood, computed from rain.", "flash-flood-model", "沁河流域山洪（由降雨计算）",
            "Qin River flash flood, computed from rain", "flash_flood", _FLASH_FLOOD, "+2:30",
        ),
        "dam_breach.toml": _scenario(
            "A fictional reservoir fails; there is no such dam.", "dam-breach", "樊村河小水库溃坝（虚拟水库）",
            "A small reservoir fails (fictional reservoir)", "dam_break", _DAM_BREACH, "+1:30",
        ),
        "levee_breach.toml": _scenario(
            "A fictional levee breach at the county town.", "levee-breach", "县河龙港段堤防决口",
            "A levee breaks at the county town", "flood", _LEVEE_BREACH, "+1:30",
        ),
        "waterlogging.toml": _scenario(
            "A fictional cloudburst over the county town.", "waterlogging", "县城严重内涝",
            "Severe waterlogging in the county town", "waterlogging", _WATERLOGGING, "+2:00",
        ),
    }  # fmt: skip
