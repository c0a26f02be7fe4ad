"""Tables ``depots``, ``suppliers`` and ``stock``: synthetic, sized by what comparable counties are known to hold.

Yardsticks: the stock that the county of Wuchang (Heilongjiang) published in 2023 (450 tents, 2 000 beds, 2 000 bedding
sets, 2 000 kits, 1 000 towel quilts, 100 coats, 7 generators, 240 life vests, 3 diesel pumps), and the county depot of
建标 121-2009 (630–800 m², for 5 000–7 000 relocated persons). Some lots are past their date, as in any ledger.
"""

from __future__ import annotations

from scenarios.qinshui.authoring.sketch import Sketch, beside_road
from scenarios.qinshui.authoring.tables import SYNTHETIC, Rows

__all__ = ["depots", "stock", "suppliers"]

_COUNTY_DEPOT = "D-QS"
_TOWNSHIP_POINTS = {"郑庄镇": "D-ZZ", "端氏镇": "D-DS", "嘉峰镇": "D-JF", "中村镇": "D-ZC", "柿庄镇": "D-SZ",
                    "土沃乡": "D-TW"}  # fmt: skip
_CACHES = {
    "D-V1": ("郑庄镇", "苏庄村"),
    "D-V2": ("龙港镇", "樊村"),
    "D-V3": ("中村镇", "上川村"),
    "D-V4": ("十里乡", "河北村"),
    "D-V5": ("张村乡", "张村"),
    "D-V6": ("固县乡", "固县村"),
    "D-V7": ("胡底乡", "胡底村"),
    "D-V8": ("郑村镇", "肖庄村"),
}
_SIZED = "synthetic; sized after the published stock of Wuchang county (2023) and 建标 121-2009"
_OUTSIDE = (
    "synthetic; placed where the schematic roads reach Jincheng, so that the drive is counted as a drive; approval_min "
    "is the time for approval alone"
)
_PROXY = (
    f"{_OUTSIDE}; stands for goods of the province held in proxy at Jincheng; the province's own depot at Taiyuan "
    "(245 km) lies beyond the roads drawn here"
)


def depots(county: Sketch) -> Rows:
    """Rows of the table: county, township and village points, and the two outside the county."""
    drawing = county.drawing
    town = "140521100"
    rows: Rows = [
        _depot(_COUNTY_DEPOT, "沁水县救灾物资储备库（虚拟）", "county", town,
               beside_road(drawing, "g342_e", 0.775, -45),
               "县应急管理局", 2, approval_min=10, open_min=15, floor_m2=720, readiness="standby"),
        _depot("D-QS-FL", "沁水县防汛物资库（虚拟）", "county", town, beside_road(drawing, "town_south", 0.55, -40),
               "县水务局", 1, approval_min=20, open_min=20, floor_m2=380),
        _depot("D-QS-FR", "沁水县森林防火物资库（虚拟）", "county", town, beside_road(drawing, "town_north", 0.24, 40),
               "县林业局", 1, approval_min=20, open_min=15, floor_m2=260),
    ]  # fmt: skip
    for township in county.townships.values():
        if township.name in _TOWNSHIP_POINTS:
            seat = next(v for v in county.villages.values() if v.settlement.name in drawing.seats
                        and v.township is township)  # fmt: skip
            at = (round(0.6 * township.lon + 0.4 * seat.lon, 6), round(0.6 * township.lat + 0.4 * seat.lat, 6))
            rows.append(_depot(_TOWNSHIP_POINTS[township.name], f"{township.name}应急物资储备点（虚拟）", "township",
                               township.code, at, f"{township.name}人民政府", 1, approval_min=5, open_min=10,
                               floor_m2=120, readiness="ready"))  # fmt: skip
    for depot, (township_name, name) in _CACHES.items():
        village = county.village(township_name, name)
        rows.append(_depot(depot, f"{name}应急物资储存点（虚拟）", "village", village.code, (village.lon, village.lat),
                           village.official_name, 1, approval_min=0, open_min=10, floor_m2=30,
                           readiness="ready"))  # fmt: skip
    rows += [
        {**_depot("D-JC", "晋城市救灾物资储备库（虚拟）", "city", None,
                  beside_road(drawing, "jincheng_gaoping", 0.05, 60), "晋城市应急管理局", 3, approval_min=40,
                  open_min=20, floor_m2=3000), "source": _OUTSIDE},
        {**_depot("D-SX", "山西省救灾物资晋城代储库（虚拟）", "province", None,
                  beside_road(drawing, "jincheng_gaoping", 0.20, 60), "山西省应急管理厅", 4, approval_min=90,
                  open_min=20, floor_m2=6000), "source": _PROXY},
    ]  # fmt: skip
    return rows


def _depot(
    depot: str,
    name: str,
    tier: str,
    place: str | None,
    at: tuple[float, float],
    owner: str,
    docks: int,
    *,
    approval_min: int,
    open_min: int,
    floor_m2: int,
    readiness: str = "standby",
) -> dict[str, object]:
    return {
        "depot": depot, "name": name, "tier": tier, "place": place, "lon": at[0], "lat": at[1], "owner": owner,
        "docks": docks, "readiness": readiness, "open_min": open_min, "approval_min": approval_min,
        "floor_m2": floor_m2, "synthetic": True, "source": SYNTHETIC,
    }  # fmt: skip


_SUPPLIERS = (
    ("SU-1", "龙港超市甲（虚拟）", "龙港镇", "新城社区"), ("SU-2", "龙港批发市场（虚拟）", "龙港镇", "杨河社区"),
    ("SU-3", "端氏超市（虚拟）", "端氏镇", "端氏村"), ("SU-4", "嘉峰超市（虚拟）", "嘉峰镇", "嘉峰村"),
    ("SU-5", "中村超市（虚拟）", "中村镇", "中村"), ("SU-6", "龙港床上用品厂（虚拟）", "龙港镇", "小岭社区"),
    ("SU-7", "龙港饮用水厂（虚拟）", "龙港镇", "国华村"),
)  # fmt: skip


def suppliers(county: Sketch) -> Rows:
    """Rows of the table: shops and works with a supply agreement, all invented."""
    rows: Rows = []
    for supplier, name, township, village_name in _SUPPLIERS:
        village = county.village(township, village_name)
        rows.append({"supplier": supplier, "name": name, "place": village.code, "lon": village.lon, "lat": village.lat,
                     "source": SYNTHETIC})  # fmt: skip
    return rows


_LOTS = (
    # depot, item, quantity, produced, expiry, yuan a piece
    ("D-QS", "tent", 260, "2023-05-10", "2028-05-31", 1150),
    ("D-QS", "tent", 90, "2020-04-20", "2025-04-30", 1080),
    ("D-QS", "tent_padded", 180, "2022-09-15", "2027-09-30", 2100),
    ("D-QS", "quilt", 1300, "2021-10-11", "2029-10-31", 95),
    ("D-QS", "quilt", 700, "2024-09-02", "2032-09-30", 98),
    ("D-QS", "towel_quilt", 600, "2022-05-20", "2030-05-31", 42),
    ("D-QS", "blanket", 400, "2019-08-12", "2027-08-31", 65),
    ("D-QS", "coat", 900, "2020-11-05", "2028-11-30", 120),
    ("D-QS", "mattress", 1200, "2021-10-11", "2029-10-31", 60),
    ("D-QS", "bed", 1400, "2022-06-18", "2030-06-30", 130),
    ("D-QS", "family_kit", 1000, "2023-06-06", "2028-06-30", 180),
    ("D-QS", "lamp", 260, "2023-06-06", "2028-06-30", 85),
    ("D-QS", "tarpaulin", 320, "2022-06-18", "2027-06-30", 55),
    ("D-QS", "generator", 7, "2020-07-01", "2030-07-31", 3600),
    ("D-QS", "medical_kit", 60, "2024-08-15", "2026-08-31", 260),
    ("D-QS", "food", 900, "2025-11-20", "2027-11-30", 28),
    ("D-QS", "food", 900, "2023-12-05", "2025-12-31", 26),
    ("D-QS", "food", 450, "2024-06-25", "2026-06-30", 26),
    ("D-QS", "water", 190, "2026-02-10", "2027-05-31", 24),
    ("D-QS", "water", 120, "2025-02-12", "2026-05-31", 24),
    ("D-QS", "fuel", 240, "2026-03-05", "2027-03-31", 160),
    ("D-QS", "satellite_phone", 6, "2023-03-01", "2029-03-31", 6800),
    ("D-QS-FL", "woven_bag", 60000, "2024-04-10", "2028-04-30", 1.1),
    ("D-QS-FL", "woven_bag", 25000, "2021-04-10", "2025-04-30", 1.0),
    ("D-QS-FL", "life_vest", 240, "2023-05-15", "2028-05-31", 85),
    ("D-QS-FL", "boat", 6, "2021-06-01", "2030-06-30", 9800),
    ("D-QS-FL", "pump", 5, "2020-06-01", "2030-06-30", 12500),
    ("D-QS-FL", "spade", 800, "2022-03-15", "2032-03-31", 26),
    ("D-QS-FL", "generator", 4, "2021-06-01", "2031-06-30", 3600),
    ("D-QS-FL", "lamp", 120, "2024-05-01", "2029-05-31", 85),
    ("D-QS-FR", "blower", 90, "2022-02-20", "2030-02-28", 2300),
    ("D-QS-FR", "beater", 600, "2023-02-10", "2028-02-29", 35),
    ("D-QS-FR", "water_gun", 160, "2023-02-10", "2028-02-29", 210),
    ("D-QS-FR", "hose", 300, "2022-03-01", "2028-03-31", 190),
    ("D-QS-FR", "chainsaw", 40, "2022-02-20", "2030-02-28", 1900),
    ("D-QS-FR", "fire_suit", 300, "2022-09-01", "2027-09-30", 420),
    ("D-QS-FR", "fire_suit", 80, "2019-09-01", "2024-09-30", 400),
    ("D-ZZ", "tent", 24, "2023-05-10", "2028-05-31", 1150),
    ("D-ZZ", "quilt", 160, "2021-10-11", "2029-10-31", 95),
    ("D-ZZ", "food", 160, "2025-11-20", "2027-11-30", 28),
    ("D-ZZ", "water", 36, "2026-02-10", "2027-05-31", 24),
    ("D-ZZ", "woven_bag", 4000, "2024-04-10", "2028-04-30", 1.1),
    ("D-ZZ", "life_vest", 40, "2023-05-15", "2028-05-31", 85),
    ("D-ZZ", "boat", 1, "2021-06-01", "2030-06-30", 9800),
    ("D-ZZ", "spade", 60, "2022-03-15", "2032-03-31", 26),
    ("D-DS", "tent", 30, "2023-05-10", "2028-05-31", 1150),
    ("D-DS", "quilt", 220, "2021-10-11", "2029-10-31", 95),
    ("D-DS", "food", 200, "2025-11-20", "2027-11-30", 28),
    ("D-DS", "food", 80, "2023-12-05", "2025-12-31", 26),
    ("D-DS", "water", 48, "2026-02-10", "2027-05-31", 24),
    ("D-DS", "woven_bag", 5000, "2024-04-10", "2028-04-30", 1.1),
    ("D-DS", "life_vest", 40, "2023-05-15", "2028-05-31", 85),
    ("D-DS", "boat", 1, "2021-06-01", "2030-06-30", 9800),
    ("D-JF", "tent", 26, "2023-05-10", "2028-05-31", 1150),
    ("D-JF", "quilt", 180, "2022-10-09", "2030-10-31", 95),
    ("D-JF", "food", 160, "2025-11-20", "2027-11-30", 28),
    ("D-JF", "water", 40, "2026-02-10", "2027-05-31", 24),
    ("D-JF", "fuel", 40, "2026-03-05", "2027-03-31", 160),
    ("D-JF", "woven_bag", 4000, "2024-04-10", "2028-04-30", 1.1),
    ("D-JF", "life_vest", 30, "2023-05-15", "2028-05-31", 85),
    ("D-ZC", "tent_padded", 16, "2022-09-15", "2027-09-30", 2100),
    ("D-ZC", "quilt", 180, "2021-10-11", "2029-10-31", 95),
    ("D-ZC", "coat", 120, "2020-11-05", "2028-11-30", 120),
    ("D-ZC", "food", 140, "2025-11-20", "2027-11-30", 28),
    ("D-ZC", "water", 30, "2026-02-10", "2027-05-31", 24),
    ("D-ZC", "blower", 12, "2022-02-20", "2030-02-28", 2300),
    ("D-ZC", "beater", 80, "2023-02-10", "2028-02-29", 35),
    ("D-ZC", "water_gun", 20, "2023-02-10", "2028-02-29", 210),
    ("D-SZ", "tent", 16, "2023-05-10", "2028-05-31", 1150),
    ("D-SZ", "quilt", 120, "2021-10-11", "2029-10-31", 95),
    ("D-SZ", "food", 120, "2025-11-20", "2027-11-30", 28),
    ("D-SZ", "water", 24, "2026-02-10", "2027-05-31", 24),
    ("D-SZ", "blower", 10, "2022-02-20", "2030-02-28", 2300),
    ("D-SZ", "beater", 60, "2023-02-10", "2028-02-29", 35),
    ("D-TW", "tent_padded", 12, "2022-09-15", "2027-09-30", 2100),
    ("D-TW", "quilt", 120, "2021-10-11", "2029-10-31", 95),
    ("D-TW", "coat", 80, "2020-11-05", "2028-11-30", 120),
    ("D-TW", "food", 100, "2025-11-20", "2027-11-30", 28),
    ("D-TW", "water", 20, "2026-02-10", "2027-05-31", 24),
    ("D-TW", "blower", 10, "2022-02-20", "2030-02-28", 2300),
    ("D-TW", "beater", 60, "2023-02-10", "2028-02-29", 35),
    ("D-JC", "tent", 900, "2022-05-20", "2027-05-31", 1150),
    ("D-JC", "tent_padded", 700, "2023-09-01", "2028-09-30", 2100),
    ("D-JC", "quilt", 6000, "2022-10-09", "2030-10-31", 95),
    ("D-JC", "coat", 4000, "2021-11-01", "2029-11-30", 120),
    ("D-JC", "bed", 4000, "2022-06-18", "2030-06-30", 130),
    ("D-JC", "food", 6000, "2025-10-15", "2027-10-31", 28),
    ("D-JC", "water", 1500, "2026-01-20", "2027-04-30", 24),
    ("D-JC", "boat", 20, "2022-06-01", "2031-06-30", 9800),
    ("D-SX", "tent", 3000, "2022-05-20", "2027-05-31", 1150),
    ("D-SX", "tent_padded", 2500, "2023-09-01", "2028-09-30", 2100),
    ("D-SX", "quilt", 20000, "2022-10-09", "2030-10-31", 95),
    ("D-SX", "coat", 12000, "2021-11-01", "2029-11-30", 120),
    ("D-SX", "bed", 10000, "2022-06-18", "2030-06-30", 130),
)  # fmt: skip

_AGREED = (
    # depot, item, quantity, mode, supplier, lead min, release per h, reliability, yuan a piece
    ("D-QS", "water", 900, "agreement", "SU-1", 60, 300, 0.95, 24),
    ("D-QS", "food", 2400, "agreement", "SU-2", 75, 900, 0.92, 30),
    ("D-QS", "quilt", 400, "agreement", "SU-6", 150, 120, 0.9, 105),
    ("D-QS", "water", 3000, "capacity", "SU-7", 480, 200, 0.9, 22),
    ("D-DS", "water", 120, "agreement", "SU-3", 45, 120, 0.93, 24),
    ("D-DS", "food", 300, "agreement", "SU-3", 45, 300, 0.93, 30),
    ("D-JF", "water", 120, "agreement", "SU-4", 45, 120, 0.93, 24),
    ("D-JF", "food", 300, "agreement", "SU-4", 45, 300, 0.93, 30),
    ("D-ZC", "water", 80, "agreement", "SU-5", 60, 80, 0.9, 24),
    ("D-ZC", "food", 200, "agreement", "SU-5", 60, 200, 0.9, 30),
)  # fmt: skip

_CACHE_LOTS = (
    ("quilt", 40, "2021-10-11", "2029-10-31", 95), ("food", 60, "2025-11-20", "2027-11-30", 28),
    ("water", 10, "2026-02-10", "2027-05-31", 24), ("lamp", 12, "2023-06-06", "2028-06-30", 85),
    ("tarpaulin", 10, "2022-06-18", "2027-06-30", 55),
)  # fmt: skip
_HOLDING_SHARE = 0.02


def stock() -> Rows:
    """Rows of the table, a lot each; agreement and capacity stock names its supplier, delay, rate and reliability."""
    lots = [*_LOTS, *((depot, *lot) for depot in _CACHES for lot in _CACHE_LOTS)]
    rows: Rows = []
    for depot, item, quantity, produced, expiry, cost in lots:
        rows.append({
            "depot": depot, "item": item, "lot": f"{item}-{produced[:7]}", "quantity": quantity, "mode": "physical",
            "produced": produced, "expiry": expiry, "unit_cost": cost,
            "holding_cost": round(cost * _HOLDING_SHARE, 2), "source": _SIZED,
        })  # fmt: skip
    for depot, item, quantity, mode, supplier, lead, rate, reliability, cost in _AGREED:
        rows.append({
            "depot": depot, "item": item, "lot": f"{item}-{supplier}-{mode}", "quantity": quantity, "mode": mode,
            "supplier": supplier, "lead_time_min": lead, "release_per_h": rate, "reliability": reliability,
            "unit_cost": cost, "source": SYNTHETIC,
        })  # fmt: skip
    order = {depot: k for k, depot in enumerate(dict.fromkeys(row["depot"] for row in rows))}
    return sorted(rows, key=lambda row: (order[row["depot"]], row["item"], row["lot"]))
