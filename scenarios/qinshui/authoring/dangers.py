"""Tables ``hazard_points``, ``risk_zones`` and ``dams``: where slopes, waters and forests threaten people.

The local lists are not public. Ninety points is the count of the neighbouring county Yuanqu; kinds and people per point
follow the published sums of its prefecture (660 points: 459 collapses, 73 slides, 46 debris flows; 24 people each).
"""

from __future__ import annotations

import random

import numpy as np

from scenarios.qinshui.authoring.frame import Line, along, length_km, lonlat, offset, resample, xy
from scenarios.qinshui.authoring.sketch import Sketch, beside_road
from scenarios.qinshui.authoring.tables import SYNTHETIC, Rows

__all__ = ["dams", "hazard_points", "polygon_wkt", "risk_zones", "river_corridor"]

_POINTS = 90
_KINDS = (["collapse"] * 63 + ["slide"] * 10 + ["debris_flow"] * 6 + ["subsidence"] * 8 + ["other"] * 3)  # fmt: skip
_KIND_ZH = {
    "collapse": "崩塌",
    "slide": "滑坡",
    "debris_flow": "泥石流",
    "subsidence": "采空塌陷",
    "other": "不稳定斜坡",
}
_SLOPES = ("s334_a", "pingqu", "heidong", "dingzhong_ne", "zhangcun_n", "suzhuang_w", "s331_d", "x754_a", "x754_b",
           "x754_c", "tuwo_s", "hudi_n", "gaocun", "fancun_s", "g342_d", "shangchuan_n", "duanshi_w", "dongshan",
           "xiangyu", "yongan", "wangyu", "beigu_b", "dingzhong_a", "dingzhong_b", "guanting")  # fmt: skip
_MINED = ("yongan", "zhaozhuang", "beiluo", "changzhen", "dongshan", "guozhuang", "xiangyu")
_SLOPE_ZONES = (
    # id, name, centre lon, lat, half axes km, people threatened
    ("Z-G1", "郑庄北部崩塌滑坡风险区", 112.405, 35.785, 2.6, 4.2),
    ("Z-G2", "黑东线沿线风险区", 112.497, 35.783, 4.5, 2.2),
    ("Z-G3", "张村北部风险区", 112.168, 35.618, 2.0, 3.6), ("Z-G4", "嘉峰西部采空风险区", 112.487, 35.595, 2.6, 2.8),
    ("Z-G5", "定中线东段风险区", 112.490, 35.888, 4.6, 2.0), ("Z-G6", "梁庄至张马风险区", 112.075, 35.622, 3.2, 2.4),
)  # fmt: skip
_FOREST_ZONES = (
    ("Z-W1", "历山林区森林火险区", 112.015, 35.455, 5.2, 6.4),
    ("Z-W2", "土沃张村林区森林火险区", 112.125, 35.575, 6.5, 4.5),
    ("Z-W3", "樊村林区森林火险区", 112.120, 35.795, 6.0, 3.6),
    ("Z-W4", "柿庄十里林区森林火险区", 112.655, 35.935, 7.5, 6.0),
)  # fmt: skip
_TOWN_ZONES = (
    ("Z-L1", "龙港滨河低洼区", 112.192, 35.6838, 1.6, 0.35),
    ("Z-L2", "龙港西部低洼区", 112.156, 35.6795, 0.7, 0.4),
)
_REACHES = (
    # id, name, river, from share, to share
    ("Z-F1", "沁河张峰以上山洪风险区", "qin", 0.02, 0.24), ("Z-F2", "沁河郑庄段山洪风险区", "qin", 0.40, 0.52),
    ("Z-F3", "沁河端氏段山洪风险区", "qin", 0.52, 0.70), ("Z-F4", "沁河嘉峰段山洪风险区", "qin", 0.70, 0.93),
    ("Z-F5", "县河龙港段山洪风险区", "county", 0.20, 0.52), ("Z-F6", "县河下游山洪风险区", "county", 0.56, 0.97),
    ("Z-F7", "端氏河固县段山洪风险区", "duanshi", 0.45, 0.68), ("Z-F8", "端氏河下游山洪风险区", "duanshi", 0.72, 0.97),
)  # fmt: skip


def river_corridor(county: Sketch, river: str, from_share: float, to_share: float, half_width_km: float) -> Line:
    """Ring round a stretch of a river's valley: its spine moved to both sides, vertices half a kilometre apart."""
    spine = county.drawing.rivers[river].spine
    total = length_km(spine)
    stretch = resample(along(spine, np.arange(from_share * total, to_share * total, 0.25)), 0.5)
    return np.vstack([offset(stretch, half_width_km), offset(stretch, -half_width_km)[::-1]])


def polygon_wkt(ring: Line) -> str:
    """Ring in the frame as a WKT polygon in longitude and latitude."""
    points = [lonlat(point) for point in ring]
    return f"POLYGON (({', '.join(f'{lon:.5f} {lat:.5f}' for lon, lat in [*points, points[0]])}))"


def _oval(lon: float, lat: float, half_east: float, half_north: float, seed: str) -> Line:
    """Uneven oval ring of 16 corners."""
    draw = random.Random(seed)
    centre = xy([(lon, lat)])[0]
    angle = np.linspace(0.0, 2.0 * np.pi, 16, endpoint=False)
    reach = np.array([draw.uniform(0.85, 1.12) for _ in angle])[:, None]
    ring: Line = centre + reach * np.column_stack([half_east * np.cos(angle), half_north * np.sin(angle)])
    return ring


def _inside(ring: Line, point: Line) -> bool:
    """Even-odd rule."""
    a, b = ring, np.roll(ring, -1, axis=0)
    spans = (a[:, 1] > point[1]) != (b[:, 1] > point[1])
    a, b = a[spans], b[spans]
    east = a[:, 0] + (point[1] - a[:, 1]) / (b[:, 1] - a[:, 1]) * (b[:, 0] - a[:, 0])
    return bool((east > point[0]).sum() % 2)


def _zones(county: Sketch) -> list[tuple[str, str, str, Line]]:
    """Id, name, kind and ring of every zone."""
    zones = [
        (key, name, "flash_flood", river_corridor(county, river, a, b, 0.33)) for key, name, river, a, b in _REACHES
    ]
    for kind, ovals in (("geohazard", _SLOPE_ZONES), ("wildfire", _FOREST_ZONES), ("waterlogging", _TOWN_ZONES)):
        zones += [(key, name, kind, _oval(lon, lat, a, b, key)) for key, name, lon, lat, a, b in ovals]
    return zones


def risk_zones(county: Sketch) -> Rows:
    """Rows of the table; people threatened are a tenth of those of the villages inside."""
    rows: Rows = []
    for key, name, kind, ring in _zones(county):
        people = sum(village.people for village in county.villages.values() if _inside(ring, village.at))
        rows.append({"risk_zone": key, "name": f"{name}（虚拟）", "kind": kind, "geometry": polygon_wkt(ring),
                     "people_threatened": round(people / 10), "source": SYNTHETIC})  # fmt: skip
    return rows


def hazard_points(county: Sketch) -> Rows:
    """Rows of the table: beside roads on slopes, subsidence where coal is mined."""
    zones = [(key, ring) for key, _, kind, ring in _zones(county) if kind == "geohazard"]
    kinds = list(_KINDS)
    random.Random("kinds of hazard points").shuffle(kinds)
    rows: Rows = []
    for k in range(_POINTS):
        draw = random.Random(f"hazard point {k}")
        roads = _MINED if kinds[k] == "subsidence" else _SLOPES
        off_m = draw.choice((-1, 1)) * draw.uniform(30, 180)
        lon, lat = beside_road(county.drawing, roads[k % len(roads)], draw.uniform(0.05, 0.95), off_m)
        village = county.nearest_village(lon, lat)
        at = xy([(lon, lat)])[0]
        rows.append({
            "hazard_point": f"P-{k + 1:03d}", "kind": kinds[k], "place": village.code,
            "name": f"{village.name}{_KIND_ZH[kinds[k]]}隐患点（虚拟）", "lon": lon, "lat": lat,
            "people_threatened": min(max(round(draw.lognormvariate(2.9, 0.75)), 3), 160),
            "risk_zone": next((key for key, ring in zones if _inside(ring, at)), None),
            "rain_threshold_mm": None if kinds[k] == "subsidence" else round(draw.uniform(40, 110)),
            "source": SYNTHETIC,
        })  # fmt: skip
    return rows


_CHECK_DAMS = ("gaocun", "dongyu", "xiyu", "haijiang", "tuwo_n", "songyu", "guohua", "wangyu")


def dams(county: Sketch) -> Rows:
    """Rows of the table: the large reservoir from memory, small ones and check dams invented."""
    line = county.drawing.rivers["qin"].line
    lon, lat = lonlat(along(line, 0.335 * length_km(line)))
    rows: Rows = [{
        "dam": "DM-1", "name": "张峰水库", "kind": "reservoir", "lon": lon, "lat": lat, "height_m": 72.2,
        "storage_m3": 394_000_000, "type": "rockfill",
        "source": "from memory, not verified: a large reservoir on the Qin River in Zhengzhuang town, about 0.39 km³, "
        "finished about 2008; position synthetic, on the schematic river",
    }]  # fmt: skip
    small = (("DM-2", "湾里小水库", "hudi", 0.12, 18, 900_000), ("DM-3", "沃泉小水库", "tuwo", 0.66, 15, 450_000),
             ("DM-4", "樊村小水库", "fancun", 0.16, 16, 600_000))  # fmt: skip
    for dam, name, river, share, height, storage in small:
        line = county.drawing.rivers[river].line
        lon, lat = lonlat(along(line, share * length_km(line)))
        rows.append({"dam": dam, "name": f"{name}（虚拟）", "kind": "reservoir", "lon": lon, "lat": lat,
                     "height_m": height, "storage_m3": storage, "type": "earthfill", "source": SYNTHETIC})  # fmt: skip
    for k, road in enumerate(_CHECK_DAMS, start=5):
        draw = random.Random(f"check dam {road}")
        lon, lat = beside_road(county.drawing, road, draw.uniform(0.4, 0.8), 250)
        name = f"{county.nearest_village(lon, lat).name}淤地坝（虚拟）"
        rows.append({"dam": f"DM-{k}", "name": name, "kind": "check_dam", "lon": lon, "lat": lat,
                     "height_m": round(draw.uniform(6, 14), 1), "storage_m3": round(draw.uniform(2e4, 2e5), -3),
                     "type": "earthfill", "source": SYNTHETIC})  # fmt: skip
    return rows
