"""The forest fire: the mountains of 土沃, 张村 and 中村 on a dry April afternoon. Fictional.

The front runs with a strong wind from the south-west at up to 25 m a minute, within the rates measured in similar
forests (surface fire 0.6–13, crown fire 7–135 m/min, Beijing Xishan), then slows. Roads close as it reaches them; smoke
slows those down-wind.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from scenarios.qinshui.authoring.frame import Line, xy
from scenarios.qinshui.authoring.scenario_files import STATEMENTS, Report, demand_text, geojson
from scenarios.qinshui.authoring.sketch import Sketch
from scenarios.qinshui.authoring.tables import SYNTHETIC

__all__ = ["fire_files"]

_DAY = "2026-04-09T"
_SCENARIO = f"""\
# A fictional forest fire for planning and drills. Every figure of need, stock and fire is synthetic.
name = "qinshui-forest-fire"
title_zh = "土沃林区森林火灾（白天）"
title_en = "Forest fire in the Tuwo hills by day"
hazard = "wildfire"
county = "."
roads = "roads.osm"
reference_time = "2026-04-09T13:00:00+08:00"
order_received = "+1:00"
horizon_h = 24
deadline_h = 6
seed = 20260409
{STATEMENTS}
[first_batch]
preset = "winter"

[demand]
table = "demand_fire.csv"

[hazards]
footprints = ["footprints_fire.geojson"]

[pace]
night = true

[uncertainty]
speed_spread = [0.85, 1.0, 1.1]
"""
_ORIGIN = (112.078, 35.505)
_HEADING_DEG = 45.0
_REACH_KM = (1.2, 2.7, 4.2, 5.7, 6.9, 8.0, 8.8, 9.3)
"""Run of the head by the end of each hour."""
_LENGTH_TO_BREADTH = 3.2
_BEHIND = 0.12
_CLOSED_AFTER_H = 9
_CORNERS = 36

_REPORTS = (
    Report("土沃乡", "西文兴村", 210, 120, "中村镇", f"{_DAY}13:35+08:00", 1.2),
    Report("土沃乡", "后马元村", 150, 85, "中村镇", f"{_DAY}13:40+08:00", 1.2),
    Report("土沃乡", "土沃村", 420, 190, "中村镇", f"{_DAY}13:50+08:00", 1.0, (f"{_DAY}16:20+08:00", 640, 300)),
    Report("土沃乡", "上沃泉村", 120, 70, "张村乡", f"{_DAY}13:55+08:00", 1.2),
    Report("土沃乡", "中沃泉村", 180, 95, "张村乡", f"{_DAY}14:00+08:00", 1.0),
    Report("土沃乡", "下沃泉村", 170, 90, "张村乡", f"{_DAY}14:20+08:00", 1.0),
    Report("土沃乡", "塘坪村", 230, 105, "龙港镇", f"{_DAY}14:30+08:00", 1.0, (f"{_DAY}16:40+08:00", 320, 160)),
    Report("土沃乡", "台亭村", 160, 80, "土沃乡/南阳村", f"{_DAY}14:10+08:00"),
    Report("土沃乡", "杏则村", 90, 50, "土沃乡/下格碑村", f"{_DAY}14:25+08:00"),
    Report("张村乡", "张河村", 140, 75, "龙港镇/南瑶村", f"{_DAY}15:10+08:00"),
    Report("张村乡", "胡家沟村", 95, 55, "张村乡/堡头村", f"{_DAY}15:20+08:00"),
    Report("中村镇", "东川村", 130, 80, "中村镇/上川村", f"{_DAY}13:45+08:00", 1.2),
)  # fmt: skip


def fire_files(county: Sketch) -> dict[str, str]:
    """Text of the scenario's files by name."""
    return {
        "forest_fire.toml": _SCENARIO,
        "footprints_fire.geojson": geojson(_footprints()),
        "demand_fire.csv": demand_text(county, "RW", _REPORTS),
    }


def _ellipse(head_km: float) -> Line:
    """Burnt area when the head has run so far: an ellipse with the origin near its rear end."""
    behind = _BEHIND * head_km
    half_long = (head_km + behind) / 2.0
    half_broad = half_long / _LENGTH_TO_BREADTH
    angle = np.linspace(0.0, 2.0 * np.pi, _CORNERS, endpoint=False)
    ahead = half_long * np.cos(angle) + (head_km - half_long)
    return _turned(np.column_stack([ahead, half_broad * np.sin(angle)]))


def _turned(ahead_left: Line) -> Line:
    """From (ahead, left) of the fire's heading to the frame."""
    bearing = math.radians(_HEADING_DEG)
    east = ahead_left[:, 0] * math.sin(bearing) - ahead_left[:, 1] * math.cos(bearing)
    north = ahead_left[:, 0] * math.cos(bearing) + ahead_left[:, 1] * math.sin(bearing)
    turned: Line = xy([_ORIGIN])[0] + np.column_stack([east, north])
    return turned


def _clock(hours: float) -> str:
    minutes = round(hours * 60)
    return f"+{minutes // 60}:{minutes % 60:02d}"


def _footprints() -> list[tuple[dict[str, Any], list[Line]]]:
    """The ring burnt in each hour, closed for nine hours; smoke ahead of the front, two hours at a time."""
    features: list[tuple[dict[str, Any], list[Line]]] = []
    common = {"cause": "wildfire", "source": SYNTHETIC}
    for k, head in enumerate(_REACH_KM):
        rings = [_ellipse(head)] + ([_ellipse(_REACH_KM[k - 1])[::-1]] if k else [])
        properties = {
            "name": f"第{k + 1}小时过火区", **common, "start": _clock(k), "end": _clock(k + _CLOSED_AFTER_H),
            "closed": True, "group": "front", "probability": 1.0, "shift_min": [-30, 0, 45],
            "duration_factor": [0.8, 1.0, 1.5], "people_share": 0,
        }  # fmt: skip
        features.append((properties, rings))
    for k in range(0, len(_REACH_KM), 2):
        head = _REACH_KM[min(k + 1, len(_REACH_KM) - 1)]
        half = 0.55 * head / _LENGTH_TO_BREADTH + 0.4
        plume = np.array([[0.3 * head, -half], [head + 6.0, -half - 1.6], [head + 6.0, half + 1.6], [0.3 * head, half]])
        properties = {
            "name": f"第{k + 1}至{k + 2}小时烟区", **common, "start": _clock(k), "end": _clock(k + 2),
            "speed_factor": 0.55, "group": "smoke", "probability": 0.9, "people_share": 0,
        }  # fmt: skip
        features.append((properties, [_turned(plume)]))
    outage = {"name": "土沃停电区", **common, "start": "+1:30", "end": "+14:00", "outage": ["power"], "people_share": 0}
    features.append((outage, [_turned(np.array([[1.0, -2.6], [9.0, -2.6], [9.0, 2.6], [1.0, 2.6]]))]))
    return features
