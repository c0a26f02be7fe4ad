"""Tables ``fire_lines``, ``communications`` and ``candidates``: further layers of the one map, all synthetic."""

from __future__ import annotations

import random

import numpy as np

from scenarios.qinshui.authoring.frame import Line, bend, lonlat, resample, smooth, xy
from scenarios.qinshui.authoring.shelters import WITHOUT
from scenarios.qinshui.authoring.sketch import Sketch, beside_road
from scenarios.qinshui.authoring.tables import SYNTHETIC, Rows

__all__ = ["candidates", "communications", "fire_lines"]

_RIDGE_BENDS = ((1.6, 1.0), (0.6, 0.5))
_FIRE_LINES = (
    # kind, from, to (lon, lat), width m, planned
    ("fire_road", (112.045, 35.480), (112.060, 35.445), 4, False),
    ("fire_road", (112.003, 35.490), (112.012, 35.4506), 4, False),
    ("fire_road", (112.100, 35.534), (112.140, 35.515), 4, False),
    ("fire_road", (112.092, 35.612), (112.118, 35.625), 4, False),
    ("fire_road", (112.130, 35.598), (112.105, 35.590), 4, False),
    ("fire_road", (112.165, 35.795), (112.190, 35.800), 4, False),
    ("fire_road", (112.070, 35.790), (112.058, 35.815), 4, False),
    ("fire_road", (112.696, 35.940), (112.712, 35.965), 4, False),
    ("fire_road", (112.664, 35.974), (112.680, 35.990), 4, True),
    ("fire_road", (112.546, 36.002), (112.565, 36.020), 4, True),
    ("fire_break", (112.070, 35.575), (112.092, 35.612), 30, False),
    ("fire_break", (112.118, 35.575), (112.108, 35.605), 30, False),
    ("fire_break", (112.140, 35.600), (112.150, 35.572), 25, False),
    ("fire_break", (112.085, 35.520), (112.050, 35.510), 30, False),
    ("fire_break", (112.030, 35.560), (112.020, 35.530), 25, False),
    ("fire_break", (111.975, 35.520), (111.965, 35.480), 30, False),
    ("fire_break", (112.030, 35.440), (112.040, 35.405), 40, False),
    ("fire_break", (112.140, 35.790), (112.160, 35.770), 25, False),
    ("fire_break", (112.640, 35.930), (112.665, 35.915), 30, False),
    ("fire_break", (112.720, 35.935), (112.740, 35.960), 30, False),
    ("fire_break", (112.480, 35.900), (112.505, 35.880), 30, False),
    ("fire_break", (112.470, 35.780), (112.445, 35.765), 25, True),
    ("fire_break", (112.300, 35.800), (112.270, 35.800), 25, True),
    ("fire_break", (112.125, 35.560), (112.135, 35.535), 30, True),
)  # fmt: skip


def fire_lines() -> Rows:
    """Rows of the table: forest tracks for crews and cleared strips, some planned."""
    rows: Rows = []
    for k, (kind, start, end, width, planned) in enumerate(_FIRE_LINES, start=1):
        line = resample(bend(smooth(xy([start, end]), 0.1), 0.2, f"fire line {k}", 0.3, _RIDGE_BENDS), 0.35)
        points = ", ".join(f"{lon:.5f} {lat:.5f}" for lon, lat in map(lonlat, line))
        name = "防火通道" if kind == "fire_road" else "防火隔离带"
        rows.append({"fire_line": f"L-{k:02d}", "name": f"{name}{k}（虚拟）", "kind": kind,
                     "geometry": f"LINESTRING ({points})", "width_m": width, "planned": planned,
                     "source": SYNTHETIC})  # fmt: skip
    return rows


_RADIO = (("C-R1", "龙港电台基站", 112.175, 35.705, 16), ("C-R2", "郑庄电台基站", 112.405, 35.760, 15),
          ("C-R3", "端氏电台基站", 112.535, 35.655, 14), ("C-R4", "固县电台基站", 112.585, 35.815, 14),
          ("C-R5", "中村电台基站", 112.005, 35.580, 14))  # fmt: skip


def communications(county: Sketch) -> Rows:
    """Rows of the table: mobile masts, loudspeakers, satellite phones, narrow-band radio, relay drones.

    Some remote villages have no mast near and no satellite phone: those that fall silent when power and network fail.
    """
    rows: Rows = []
    masts: list[Line] = []
    for village in county.villages.values():
        if masts and min(float(np.hypot(*(village.at - mast))) for mast in masts) < 3.2:
            continue
        if village.remote and random.Random(f"mast {village.code}").random() < 0.6:
            continue
        masts.append(village.at)
        battery = random.Random(f"battery {village.code}").choice((2, 3, 4, 8))
        rows.append(_row(f"C-M{len(masts)}", f"{village.name}公网基站", "mobile", village.code,
                         (village.lon, village.lat), 5.0, battery))  # fmt: skip
    for village in county.villages.values():
        battery = random.Random(f"loudspeaker {village.code}").choice((0, 4, 4, 8))
        rows.append(_row(f"C-L{village.code}", f"{village.name}应急广播", "loudspeaker", village.code,
                         (village.lon, village.lat), 1.0, battery))  # fmt: skip
    rows.append(_row("C-S140521", "县应急管理局卫星电话", "satellite_phone", "140521", (112.1868, 35.68944), None, 24))
    for township in county.townships.values():
        rows.append(_row(f"C-S{township.code}", f"{township.name}卫星电话", "satellite_phone", township.code,
                         (township.lon, township.lat), None, 24))  # fmt: skip
    for village in county.villages.values():
        if village.remote and random.Random(f"satellite {village.code}").random() < 0.5:
            rows.append(_row(f"C-S{village.code}", f"{village.name}卫星电话", "satellite_phone", village.code,
                             (village.lon, village.lat), None, 24))  # fmt: skip
    for key, name, lon, lat, radius in _RADIO:
        rows.append(_row(key, name, "radio", county.nearest_village(lon, lat).code, (lon, lat), radius, 24))
    for k in (1, 2):
        rows.append(_row(f"C-D{k}", f"中继无人机{k}", "relay_drone", "140521", (112.1868, 35.68944), 4.0, None))
    return rows


def _row(
    key: str,
    name: str,
    medium: str,
    place: str,
    at: tuple[float, float],
    radius_km: float | None,
    backup_h: int | None,
) -> dict[str, object]:
    return {"communication": key, "name": f"{name}（虚拟）", "medium": medium, "place": place, "lon": at[0],
            "lat": at[1], "radius_km": radius_km, "backup_power_h": backup_h, "source": SYNTHETIC}  # fmt: skip


_EXISTING = (
    ("郑庄镇", "郑庄村"), ("端氏镇", "端氏村"), ("嘉峰镇", "嘉峰村"), ("中村镇", "中村"),
    ("柿庄镇", "柿庄村"), ("土沃乡", "土沃村"),
)  # fmt: skip
_DEPOT_SITES = (
    ("龙港镇", "里必村"), ("龙港镇", "杏峪村"), ("龙港镇", "南瑶村"), ("郑庄镇", "王必村"),
    ("郑庄镇", "张峰村"), ("郑庄镇", "西古堆村"), ("端氏镇", "坪上村"), ("端氏镇", "横头村"),
    ("嘉峰镇", "武安村"), ("郑村镇", "夏荷村"), ("柿庄镇", "下泊村"), ("土沃乡", "交口村"),
    ("张村乡", "瑶沟村"), ("胡底乡", "玉溪村"), ("固县乡", "司庄村"), ("十里乡", "孝良村"),
)  # fmt: skip
_OTHER_SITES = (
    # kind, road, share, cost, capacity
    ("helipad", "s331_d", 0.55, 450_000, 1),
    ("helipad", "gaocun", 0.50, 450_000, 1),
    ("helipad", "tuwo_s", 0.50, 450_000, 1),
    ("helipad", "yongan", 0.40, 450_000, 1),
    ("water_point", "songyu", 0.55, 220_000, 80),
    ("water_point", "tuwo_s", 0.40, 220_000, 80),
    ("water_point", "gaocun", 0.60, 220_000, 80), ("water_point", "suzhuang_w", 0.55, 220_000, 80),
    ("drone_base", "town_north", 0.50, 380_000, 2), ("drone_base", "s331_c", 0.40, 380_000, 2),
    ("drone_base", "x754_b", 0.98, 380_000, 2), ("drone_base", "s334_b", 0.10, 380_000, 2),
    ("fire_station", "s331_c", 0.70, 3_200_000, 2), ("fire_station", "s334_b", 0.12, 3_200_000, 2),
    ("camera", "tuwo_n", 0.60, 90_000, 1),
    ("camera", "haijiang", 0.50, 90_000, 1),
    ("camera", "suzhuang_w", 0.45, 90_000, 1),
    ("camera", "shangchuan_s", 0.30, 90_000, 1),
)  # fmt: skip
_KIND_ZH = {"depot": "储备点", "shelter": "避难场所", "helipad": "停机坪", "water_point": "取水点",
            "drone_base": "无人机站", "fire_station": "消防站", "camera": "监控"}  # fmt: skip


def candidates(county: Sketch) -> Rows:
    """Rows of the table: where depots, shelters, pads and the rest could stand; one may not be built on."""
    rows: Rows = []

    def add(
        kind: str, place: str, name: str, at: tuple[float, float], cost: float, capacity: float, **more: bool
    ) -> None:
        rows.append({"candidate": f"K-{len(rows) + 1:02d}", "kind": kind, "place": place,
                     "name": f"{name}{_KIND_ZH[kind]}候选点（虚拟）", "lon": at[0], "lat": at[1],
                     "opening_cost": cost, "capacity": capacity, **more, "source": SYNTHETIC})  # fmt: skip

    for township, name in (*_EXISTING, *_DEPOT_SITES):
        village = county.village(township, name)
        cost = random.Random(f"site {village.code}").randrange(180_000, 620_000, 20_000)
        add("depot", village.code, name, (village.lon, village.lat), cost, 500,
            existing=(township, name) in _EXISTING, forbidden=name == "王必村")  # fmt: skip
    for township, name in sorted(WITHOUT)[:8]:
        village = county.village(township, name)
        add("shelter", village.code, name, (village.lon, village.lat), 260_000, 150)
    for kind, road, share, cost, capacity in _OTHER_SITES:
        at = beside_road(county.drawing, road, share, 60)
        village = county.nearest_village(*at)
        add(kind, village.code, village.name, at, cost, capacity)
    return rows
