"""Table ``facilities``: 29 public sites that are facts, and what the county does not publish, drawn and labelled so."""

from __future__ import annotations

import random

import numpy as np

from scenarios.qinshui.authoring.frame import along, length_km, lonlat
from scenarios.qinshui.authoring.sketch import Sketch, beside_road
from scenarios.qinshui.authoring.tables import SYNTHETIC, Rows, read_facts

__all__ = ["EMERGENCY_BUREAU", "FIRE_STATION", "FOREST_TEAMS", "HOSPITAL", "NEIGHBOURS", "TRANSPORT", "facilities"]

TRANSPORT = "F-008"
EMERGENCY_BUREAU = "F-002"
HOSPITAL = "F-003"
FOREST_TEAMS = ("F-005", "F-006", "F-007")
"""Sourced sites that other tables name, by their place in the list of facts."""
FIRE_STATION = "F-FS1"
NEIGHBOURS = {"F-GW1": ("yangcheng", "阳城方向联防集结点"), "F-GW2": ("gaoping", "高平方向联防集结点"),
              "F-GW3": ("anze", "安泽方向联防集结点")}  # fmt: skip

_ON_ROADS = (
    # kind, id, name, where (road, share of its length), more
    ("helipad", "F-HP1", "龙港临时起降点", "town_south", 0.65, {"capacity": 2.0}),
    ("helipad", "F-HP2", "郑庄临时起降点", "zhengzhuang_link", 0.35, {"capacity": 1.0}),
    ("helipad", "F-HP3", "端氏临时起降点", "s331_c", 0.62, {"capacity": 1.0}),
    ("helipad", "F-HP4", "嘉峰临时起降点", "g342_b", 0.42, {"capacity": 1.0}),
    ("helipad", "F-HP5", "中村临时起降点", "s334_b", 0.14, {"capacity": 1.0}),
    ("helipad", "F-HP6", "上川临时起降点", "shangchuan_n", 0.92, {"capacity": 1.0}),
    ("helipad", "F-HP7", "土沃临时起降点", "tuwo_e", 0.22, {"capacity": 1.0}),
    ("helipad", "F-HP8", "张村临时起降点", "dingzhong_a", 0.14, {"capacity": 1.0}),
    ("helipad", "F-HP9", "柿庄临时起降点", "beigu_b", 0.12, {"capacity": 1.0}),
    ("helipad", "F-HP10", "十里临时起降点", "x754_c", 0.10, {"capacity": 1.0}),
    ("helipad", "F-HP11", "苏庄临时起降点", "s331_e", 0.18, {"capacity": 1.0}),
    ("helipad", "F-HP12", "樊村临时起降点", "fancun_n", 0.10, {"capacity": 1.0}),
)  # fmt: skip
_WATER = (
    # river, share of its length, depth m, name
    ("qin", 0.20, 8.0, "沁河苏庄取水点"),
    ("qin", 0.27, 14.0, "张峰库区上游取水点"),
    ("qin", 0.31, 18.0, "张峰库区取水点"),
    ("qin", 0.44, 2.8, "沁河郑庄取水点"), ("qin", 0.61, 2.6, "沁河曲堤取水点"), ("qin", 0.77, 2.7, "沁河嘉峰取水点"),
    ("qin", 0.80, 2.6, "沁河尉迟取水点"),
    ("county", 0.35, 1.2, "县河龙港取水点"),
    ("county", 0.75, 1.4, "县河中乡取水点"),
    ("duanshi", 0.30, 1.0, "端氏河十里取水点"), ("duanshi", 0.60, 1.2, "端氏河固县取水点"),
    ("duanshi", 0.85, 1.3, "端氏河坪上取水点"),
    ("shizhuang", 0.60, 0.8, "柿庄河取水点"),
    ("tuwo", 0.35, 3.0, "土沃塘坝取水点"),
    ("tuwo", 0.70, 2.6, "沃泉塘坝取水点"),
    ("zhongcun", 0.40, 2.8, "中村塘坝取水点"),
    ("zhangcun", 0.55, 2.5, "张村塘坝取水点"),
    ("fancun", 0.35, 2.7, "樊村塘坝取水点"),
    ("hudi", 0.40, 0.8, "胡底河取水点"),
    ("suzhuang", 0.40, 0.6, "苏庄河取水点"),
)  # fmt: skip
_SCATTERED: tuple[tuple[str, str, str, tuple[str, ...], int, int, dict[str, tuple[int, int]]], ...] = (
    # kind, prefix, name, roads it may stand on, how many, metres off the road, columns with (low, high)
    ("water_tank", "F-WT", "蓄水池", ("s334_a", "tuwo_s", "tuwo_n", "shangchuan_n", "zhangcun_n", "dingzhong_b",
     "gaocun", "dingzhong_ne", "suzhuang_w", "heidong", "fancun_s", "yongan"), 14, 60, {"capacity": (30, 120)}),
    ("tower", "F-TW", "瞭望塔", ("tuwo_s", "s334_a", "dingzhong_ne", "suzhuang_w", "heidong", "gaocun", "fancun_e",
     "shangchuan_s", "haijiang", "xiyu"), 10, 350, {"radius_km": (6, 10)}),
    ("checkpoint", "F-CP", "防火检查站", ("tuwo_s", "shangchuan_n", "shangchuan_s", "s334_a", "zhangcun_w", "tuwo_n",
     "fancun_n", "guanting", "dingzhong_ne", "xiyu", "dongyu", "haijiang"), 22, 15, {}),
    ("camera", "F-CM", "高点监控", ("s334_a", "tuwo_s", "tuwo_n", "zhangcun_n", "shangchuan_n", "heidong", "gaocun",
     "suzhuang_w", "fancun_s", "pingqu", "dongshan", "dingzhong_ne"), 18, 400, {}),
)  # fmt: skip
_GAUGED = {"qin": 6, "county": 5, "duanshi": 6, "shizhuang": 2, "hudi": 2, "zhengcun": 1, "fancun": 2, "tuwo": 2,
           "zhongcun": 1, "suzhuang": 1}  # fmt: skip


def facilities(county: Sketch) -> Rows:
    """Rows of the table."""
    rows = _public_sites()
    for township in county.townships.values():
        at = _near(township.lon, township.lat, f"clinic {township.code}", 0.25)
        rows.append(_row(f"F-H{township.code[-3:]}", f"{township.name}卫生院（位置虚拟）", "hospital", at,
                         township.code, capacity=20.0))  # fmt: skip
    rows.append(_row(FIRE_STATION, "沁水县消防救援站（位置虚拟）", "fire_station",
                     beside_road(county.drawing, "g342_e", 0.79, 35), "140521100"))  # fmt: skip
    for key, (junction, name) in NEIGHBOURS.items():
        rows.append(_row(key, f"{name}（虚拟）", "other", lonlat(county.drawing.junctions[junction]), None))
    for kind, key, name, road, share, more in _ON_ROADS:
        at = beside_road(county.drawing, road, share, 40)
        rows.append(_row(key, f"{name}（虚拟）", kind, at, county.nearest_village(*at).code, **more))
    for k, (river, share, depth, name) in enumerate(_WATER, start=1):
        line = county.drawing.rivers[river].line
        at = lonlat(along(line, share * length_km(line)))
        rows.append(
            _row(f"F-WP{k}", f"{name}（虚拟）", "water_point", at, county.nearest_village(*at).code, depth_m=depth)
        )
    for kind, prefix, name, roads, count, off_m, columns in _SCATTERED:
        for k in range(count):
            draw = random.Random(f"{kind} {k}")
            at = beside_road(
                county.drawing, roads[k % len(roads)], draw.uniform(0.25, 0.9), draw.choice((-1, 1)) * off_m
            )
            more = {column: float(round(draw.uniform(low, high))) for column, (low, high) in columns.items()}
            if kind == "camera":
                more["radius_km"] = 5.0 if k % 3 == 0 else 3.0
            village = county.nearest_village(*at)
            rows.append(_row(f"{prefix}{k + 1}", f"{village.name}{name}（虚拟）", kind, at, village.code, **more))
    number = 0
    for river, count in _GAUGED.items():
        water = county.drawing.rivers[river]
        for share in np.linspace(0.12, 0.92, count):
            number += 1
            at = lonlat(along(water.line, float(share) * length_km(water.line)))
            village = county.nearest_village(*at)
            rows.append(
                _row(f"F-GA{number}", f"{water.name}{village.name}雨量水位站（虚拟）", "gauge", at, village.code)
            )
    for k, share in enumerate((0.40, 0.72), start=1):
        at = beside_road(county.drawing, "town_south", share, -25)
        rows.append(_row(f"F-PU{k}", f"龙港排涝泵站{k}（虚拟）", "pump", at, "140521100", capacity=1.5))
    return rows


def _public_sites() -> Rows:
    """The 29 sites with a source; names and positions as they are there."""
    return [
        {"facility": f"F-{k:03d}", "name": row["name"], "kind": row["kind"], "lon": float(row["lon"]),
         "lat": float(row["lat"]), "source": row["source"], "note": row["note"]}
        for k, row in enumerate(read_facts("public_sites"), start=1)
    ]  # fmt: skip


def _row(
    key: str, name: str, kind: str, at: tuple[float, float], place: str | None, **more: float
) -> dict[str, object]:
    return {"facility": key, "name": name, "kind": kind, "place": place, "lon": at[0], "lat": at[1], **more,
            "source": SYNTHETIC}  # fmt: skip


def _near(lon: float, lat: float, seed: str, within_km: float) -> tuple[float, float]:
    """A point at most so many km away, drawn from the seed."""
    draw = random.Random(seed)
    east, north = (draw.uniform(-within_km, within_km) / 1.5 for _ in range(2))
    return round(lon + east / 90.4, 6), round(lat + north / 111.0, 6)
