"""The flash flood: the Qin River's valley on a July night. Fictional, of a county's Level-II size.

Level II of one real county is 1 200–2 000 relocated people, the start of another's plan 1 000–3 000; here about 2 900.
Water closes the valley's low roads for hours, slides close hill roads, one bridge is lost for good.
"""

from __future__ import annotations

from typing import Any

from scenarios.qinshui.authoring.dangers import river_corridor
from scenarios.qinshui.authoring.frame import xy
from scenarios.qinshui.authoring.scenario_files import STATEMENTS, Report, demand_text, geojson
from scenarios.qinshui.authoring.sketch import Sketch, beside_road
from scenarios.qinshui.authoring.tables import SYNTHETIC, Rows, text_csv

__all__ = ["flood_files"]

_DAY, _NEXT = "2026-07-20T", "2026-07-21T"

_SCENARIO = f"""\
# A fictional flash flood for planning and drills. Every figure of need, stock and water is synthetic.
name = "qinshui-flash-flood"
title_zh = "沁河流域山洪（夜间）"
title_en = "Qin River flash flood at night"
hazard = "flash_flood"
county = "."
roads = "roads.osm"
reference_time = "2026-07-20T22:00:00+08:00"
order_received = "+2:30"
horizon_h = 24
deadline_h = 6
seed = 20260720
{STATEMENTS}
[first_batch]
preset = "summer"

[demand]
table = "demand_flood.csv"
# Of the people in the footprint, where no report exists.
rule = {{ share_relocated = 0.6, share_sheltered = 0.5 }}

[hazards]
footprints = ["footprints_flood.geojson"]
closed_roads = ["closed_roads.csv"]

[pace]
night = true
weather = "heavy_rain"
weather_from = "+0:00"
weather_to = "+5:00"

[uncertainty]
speed_spread = [0.85, 1.0, 1.1]
"""

_WATER: tuple[tuple[str, str, float, float, int, str, str, float, str, str, float], ...] = (
    # name, river, from share, to share, half width m, start, end, depth m, group, known, share of people
    ("沁河河头至西大漫滩", "qin", 0.432, 0.500, 520, "+0:20", "+4:10", 0.35, "qin-upper", "+0:25", 0.05),
    ("沁河南大至樊庄漫滩", "qin", 0.528, 0.590, 400, "+0:50", "+4:00", 0.45, "qin-upper", "+1:00", 0.05),
    ("沁河曲堤漫滩", "qin", 0.600, 0.628, 480, "+1:10", "+5:10", 0.65, "qin-middle", "+1:25", 0.05),
    ("沁河西头至殷庄漫滩", "qin", 0.690, 0.728, 480, "+1:30", "+5:10", 0.55, "qin-middle", "+1:50", 0.05),
    ("沁河尉迟至武安漫滩", "qin", 0.792, 0.822, 480, "+2:00", "+7:30", 0.80, "qin-lower", "+2:20", 0.05),
    ("端氏河坪上至金峰漫滩", "duanshi", 0.855, 0.905, 400, "+0:15", "+2:40", 0.50, "duanshi", "+0:20", 0.04),
    ("郑村河山洪", "zhengcun", 0.20, 0.62, 330, "+0:10", "+2:20", 0.60, "zhengcun", "+0:15", 0.04),
    ("县河下游漫滩", "county", 0.800, 0.900, 400, "+0:10", "+3:00", 0.25, "county", "+0:15", 0.03),
)  # fmt: skip
_UNCERTAIN: dict[str, dict[str, Any]] = {
    "qin-upper": {"probability": 0.95, "shift_min": [-20, 0, 30], "duration_factor": [0.8, 1.0, 1.4]},
    "qin-middle": {"probability": 0.9, "shift_min": [-20, 0, 40], "duration_factor": [0.8, 1.0, 1.4]},
    "qin-lower": {"probability": 0.9, "shift_min": [-20, 0, 40], "duration_factor": [0.8, 1.0, 1.5]},
    "duanshi": {"probability": 0.85, "shift_min": [-15, 0, 20], "duration_factor": [0.7, 1.0, 1.5]},
    "zhengcun": {"probability": 0.85, "shift_min": [-10, 0, 20], "duration_factor": [0.7, 1.0, 1.5]},
    "county": {"probability": 0.8, "shift_min": [-10, 0, 20], "duration_factor": [0.7, 1.0, 1.3]},
}
_SILENT = ((112.485, 35.690), (112.525, 35.672), (112.560, 35.625), (112.556, 35.568), (112.500, 35.568),
           (112.492, 35.620), (112.478, 35.660))  # fmt: skip
"""Corners of the area where power and network fail; roads feel nothing of it."""
_UNREPORTED = (
    ("嘉峰镇", "卧虎庄村", 0.05),
    ("嘉峰镇", "秦庄村", 0.05),
    ("郑庄镇", "洺水村", 0.20),
    ("郑庄镇", "庙沟村", 0.08),
)
"""Villages with flooded houses from which no report has come, and the share of their people: the rule fills these."""

_CUTS = (
    # name, road drawn, share of its length, only, start, end, cause, group, known
    ("板掌滑坡", "pingqu", 0.50, "", "+0:20", "+8:00", "slide", "slides-west", "+0:40"),
    ("郎壁滑坡", "heidong", 0.62, "", "+1:10", "+20:00", "slide", "slides-west", "+1:40"),
    ("石室崩塌", "s331_d", 0.20, "", "+0:30", "+4:30", "collapse", "slides-west", "+0:50"),
    ("李家山滑坡", "xiangyu", 0.62, "", "+0:50", "+10:00", "slide", "slides-east", "+1:20"),
    ("杏林滑坡", "dongshan", 0.58, "", "+1:00", "+3:30", "slide", "slides-east", "+1:20"),
    ("张山泥石流", "yongan", 0.36, "", "+0:40", "+6:00", "debris_flow", "slides-south", "+1:00"),
    ("河西桥冲毁", "", 0.0, "bridge", "+0:45", "", "flash_flood", "bridge-hexi", "+1:05"),
    ("必底桥封桥检查", "", 0.0, "bridge", "+0:40", "+4:40", "flash_flood", "bridge-bidi", "+1:00"),
    ("湾则桥封桥检查", "", 0.0, "bridge", "+0:25", "+4:20", "flash_flood", "qin-upper", "+0:40"),
    ("下李庄桥封桥检查", "", 0.0, "bridge", "+1:40", "+5:20", "flash_flood", "qin-lower", "+2:00"),
    ("卧虎庄桥封桥检查", "", 0.0, "bridge", "+1:45", "+5:30", "flash_flood", "qin-lower", "+2:00"),
)  # fmt: skip
_BRIDGES = {
    "河西桥冲毁": "duanshi_w",
    "必底桥封桥检查": "bidi",
    "湾则桥封桥检查": "lane 郑庄镇/湾则",
    "下李庄桥封桥检查": "lane 嘉峰镇/下李庄",
    "卧虎庄桥封桥检查": "lane 嘉峰镇/卧虎庄",
}
"""The road whose bridge over the Qin River it is."""
_CUT_GROUPS: dict[str, dict[str, str]] = {
    "slides-west": {"probability": "0.85", "shift_min": "-15; 0; 30", "duration_factor": "0.6; 1; 2"},
    "slides-east": {"probability": "0.8", "shift_min": "-15; 0; 30", "duration_factor": "0.6; 1; 2"},
    "slides-south": {"probability": "0.8", "shift_min": "-15; 0; 30", "duration_factor": "0.6; 1; 2"},
    "bridge-hexi": {"probability": "0.95", "shift_min": "-10; 0; 30", "duration_factor": "1; 1; 1"},
    "bridge-bidi": {"probability": "0.95", "shift_min": "-10; 0; 20", "duration_factor": "0.8; 1; 1.3"},
}

_REPORTS = (
    # township, village, relocated, sheltered, to, time, priority, second report (time, relocated, sheltered in all)
    Report("郑庄镇", "河头村", 76, 59, "own", f"{_DAY}22:12+08:00"),
    Report("郑庄镇", "郑庄村", 117, 86, "seat", f"{_DAY}22:15+08:00", 1.0, (f"{_DAY}23:40+08:00", 171, 130)),
    Report("郑庄镇", "湾则村", 63, 56, "own", f"{_DAY}22:25+08:00", 1.5),
    Report("郑庄镇", "西大村", 86, 67, "own", f"{_DAY}22:20+08:00"),
    Report("郑庄镇", "东大村", 99, 77, "own", f"{_DAY}22:24+08:00"),
    Report("郑庄镇", "南大村", 54, 45, "own", f"{_DAY}22:28+08:00"),
    Report("郑庄镇", "王必村", 72, 65, "own", f"{_DAY}22:35+08:00", 1.5),
    Report("郑庄镇", "石室村", 68, 54, "own", f"{_DAY}22:40+08:00"),
    Report("郑庄镇", "玉沟村", 58, 47, "own", f"{_DAY}22:18+08:00"),
    Report("郑庄镇", "张峰村", 50, 40, "own", f"{_DAY}22:45+08:00"),
    Report("端氏镇", "端氏村", 171, 135, "seat", f"{_DAY}22:26+08:00", 1.0, (f"{_NEXT}00:10+08:00", 234, 184)),
    Report("端氏镇", "曲堤村", 108, 86, "own", f"{_DAY}22:28+08:00", 1.2),
    Report("端氏镇", "樊庄村", 68, 52, "own", f"{_DAY}22:34+08:00"),
    Report("端氏镇", "金峰村", 76, 59, "own", f"{_DAY}22:20+08:00"),
    Report("端氏镇", "坪上村", 63, 50, "own", f"{_DAY}22:22+08:00"),
    Report("端氏镇", "苏庄村", 72, 56, "own", f"{_DAY}22:38+08:00"),
    Report("端氏镇", "西头村", 81, 67, "own", f"{_DAY}22:42+08:00"),
    Report("端氏镇", "韩王村", 46, 40, "端氏镇/横头村", f"{_DAY}22:50+08:00", 1.5),
    Report("端氏镇", "横头村", 68, 59, "own", f"{_DAY}22:50+08:00", 1.5),
    Report("端氏镇", "必底村", 58, 49, "own", f"{_DAY}22:48+08:00", 1.2),
    Report("嘉峰镇", "嘉峰村", 162, 122, "seat", f"{_DAY}22:30+08:00", 1.0, (f"{_NEXT}00:20+08:00", 216, 166)),
    Report("嘉峰镇", "殷庄村", 99, 79, "own", f"{_DAY}22:40+08:00"),
    Report("嘉峰镇", "郭壁村", 108, 85, "own", f"{_DAY}22:44+08:00"),
    Report("嘉峰镇", "尉迟村", 117, 94, "own", f"{_DAY}22:52+08:00", 1.2),
    Report("嘉峰镇", "武安村", 99, 79, "own", f"{_DAY}22:55+08:00"),
    Report("嘉峰镇", "下李庄村", 76, 68, "own", f"{_DAY}22:58+08:00", 1.5),
    Report("嘉峰镇", "豆庄村", 72, 54, "own", f"{_DAY}22:32+08:00"),
    Report("嘉峰镇", "潘庄村", 68, 52, "own", f"{_DAY}22:36+08:00"),
    Report("郑村镇", "肖庄村", 94, 74, "seat", f"{_DAY}22:16+08:00", 1.0, (f"{_DAY}23:30+08:00", 126, 99)),
    Report("郑村镇", "夏荷村", 63, 50, "own", f"{_DAY}22:18+08:00"),
    Report("郑村镇", "湘峪村", 76, 59, "own", f"{_DAY}22:24+08:00", 1.0, (f"{_NEXT}00:40+08:00", 108, 86)),
)  # fmt: skip


def flood_files(county: Sketch) -> dict[str, str]:
    """Text of the scenario's files by name."""
    return {
        "flash_flood.toml": _SCENARIO,
        "footprints_flood.geojson": geojson(_footprints(county)),
        "closed_roads.csv": _closed_roads(county),
        "demand_flood.csv": demand_text(county, "RF", _REPORTS),
    }


def _footprints(county: Sketch) -> list[tuple[dict[str, Any], list[Any]]]:
    """Properties and rings: water by reach, and the area without power and network."""
    features = []
    for name, river, a, b, half_m, start, end, depth, group, known, share in _WATER:
        properties = {
            "name": name, "cause": "flash_flood", "start": start, "end": end, "known": known, "depth_m": depth,
            "group": group, **_UNCERTAIN[group], "people_share": share, "source": SYNTHETIC,
        }  # fmt: skip
        features.append((properties, [river_corridor(county, river, a, b, half_m / 1000)]))
    for township, name, share in _UNREPORTED:
        village = county.village(township, name)
        corners = [(village.lon + x, village.lat + y) for x, y in ((4e-3, 0), (0, 3e-3), (-4e-3, 0), (0, -3e-3))]
        properties = {"name": f"{name}受淹院落（未报）", "cause": "flash_flood", "start": "+0:30", "end": "+6:00",
                      "people_share": share, "source": SYNTHETIC}  # fmt: skip
        features.append((properties, [xy(corners)]))
    properties = {"name": "沁河断电断网区", "cause": "flash_flood", "start": "+1:00", "end": "+9:00",
                  "outage": ["power", "network"], "people_share": 0, "source": SYNTHETIC}  # fmt: skip
    features.append((properties, [xy(list(_SILENT))]))
    return features


def _closed_roads(county: Sketch) -> str:
    """List of closed roads: the one nearest to a point of the drawing; bridges at the crossings themselves."""
    rows: Rows = []
    for name, road, share, only, start, end, cause, group, known in _CUTS:
        if only == "bridge":
            crossing = next(c for c in county.network.crossings if c.road == _BRIDGES[name] and c.river == "qin")
            at = (crossing.lon, crossing.lat)
        else:
            at = beside_road(county.drawing, road, share, 0)
        rows.append({
            "name": name, "near": f"{at[0]:.6f}, {at[1]:.6f}", "only": only, "start": start, "end": end,
            "known": known, "cause": cause, "group": group, **_CUT_GROUPS.get(group, {}), "source": SYNTHETIC,
        })  # fmt: skip
    columns = ("name", "near", "only", "start", "end", "known", "cause", "group", "probability", "shift_min",
               "duration_factor", "source")  # fmt: skip
    return text_csv(columns, rows)
