"""Tables ``vehicles``, ``teams``, ``aircraft`` and ``drones``: the county's means, all synthetic.

Payloads and volumes by class are those of the vehicle norms; coaches, engines and command cars carry no goods. Crews of
30 are the standard that the county's 2026 plan sets for the townships with most forest.
"""

from __future__ import annotations

from scenarios.qinshui.authoring.facilities import (
    EMERGENCY_BUREAU,
    FIRE_STATION,
    FOREST_TEAMS,
    HOSPITAL,
    TRANSPORT,
)
from scenarios.qinshui.authoring.tables import SYNTHETIC, Rows

__all__ = ["aircraft", "drones", "teams", "vehicles"]

_CLASSES = {
    # class: name, payload kg, volume m³, crew
    "pickup": ("皮卡", 700, 2.5, 2),
    "light_truck": ("4.2米轻型货车", 1500, 15.0, 2),
    "truck_5t": ("6.8米货车", 5000, 38.0, 2),
    "truck_10t": ("9.6米货车", 10000, 50.0, 2),
    "bus": ("39座客车", 0, 0.0, 1),
    "fire_engine": ("水罐消防车", 0, 0.0, 6),
    "ambulance": ("救护车", 0, 0.0, 3),
    "car": ("应急指挥车（不载货）", 0, 0.0, 2),
}  # fmt: skip
_FLEET = (
    # base, class, how many, mode, owner
    ("D-QS", "pickup", 2, "own", "县应急管理局"), ("D-QS", "light_truck", 2, "own", "县应急管理局"),
    ("D-QS", "truck_5t", 2, "own", "县应急管理局"), ("D-QS-FL", "light_truck", 1, "own", "县水务局"),
    ("D-QS-FR", "pickup", 2, "own", "县林业局"), (TRANSPORT, "light_truck", 3, "agreement", "县交通运输局"),
    (TRANSPORT, "truck_5t", 5, "agreement", "县交通运输局"), (TRANSPORT, "truck_10t", 2, "requisition", "县交通运输局"),
    (TRANSPORT, "bus", 8, "agreement", "县交通运输局"), ("D-ZZ", "light_truck", 1, "own", "郑庄镇人民政府"),
    ("D-ZZ", "pickup", 1, "own", "郑庄镇人民政府"), ("D-DS", "light_truck", 1, "own", "端氏镇人民政府"),
    ("D-DS", "pickup", 1, "own", "端氏镇人民政府"), ("D-JF", "light_truck", 1, "own", "嘉峰镇人民政府"),
    ("D-JF", "pickup", 1, "own", "嘉峰镇人民政府"), ("D-ZC", "light_truck", 1, "own", "中村镇人民政府"),
    ("D-ZC", "pickup", 1, "own", "中村镇人民政府"), ("D-SZ", "light_truck", 1, "own", "柿庄镇人民政府"),
    ("D-SZ", "pickup", 1, "own", "柿庄镇人民政府"), ("D-TW", "light_truck", 1, "own", "土沃乡人民政府"),
    ("D-TW", "pickup", 1, "own", "土沃乡人民政府"), ("D-V1", "pickup", 1, "requisition", "苏庄村委会"),
    ("D-V2", "pickup", 1, "requisition", "樊村村委会"), ("D-V3", "pickup", 1, "requisition", "上川村委会"),
    ("D-V5", "pickup", 1, "requisition", "张村村委会"), (FIRE_STATION, "fire_engine", 4, "own", "县消防救援大队"),
    (FOREST_TEAMS[0], "fire_engine", 2, "own", "县林业局"), (HOSPITAL, "ambulance", 4, "own", "县人民医院"),
    (EMERGENCY_BUREAU, "car", 3, "own", "县应急管理局"), ("D-JC", "truck_5t", 6, "own", "晋城市应急管理局"),
    ("D-JC", "truck_10t", 3, "agreement", "晋城市应急管理局"),
    ("D-SX", "truck_10t", 6, "agreement", "山西省应急管理厅"),
)  # fmt: skip


def vehicles() -> Rows:
    """Rows of the table; there are no number plates."""
    rows: Rows = []
    for base, vehicle_class, count, mode, owner in _FLEET:
        name, payload, volume, crew = _CLASSES[vehicle_class]
        for _ in range(count):
            rows.append({
                "vehicle": f"V-{len(rows) + 1:03d}", "name": name, "base": base, "class": vehicle_class,
                "payload_kg": payload, "volume_m3": volume, "crew": crew, "mode": mode, "owner": owner,
                "seats": _SEATS.get(vehicle_class, ""), "synthetic": True, "source": SYNTHETIC,
            })  # fmt: skip
    return rows


_SEATS = {"bus": 39}
"""Vehicles that carry people."""

_FIRE_KIT = "风力灭火机10;二号工具30;灭火水枪10;油锯2;对讲机5"
_TEAMS = (
    # base, name, type, strength, skills, kit, turn-out min, shift h, jurisdiction
    (FIRE_STATION, "县消防救援大队", "fire_brigade", 42, "fire;rescue;flood;hazmat",
     "水罐车4;冲锋舟2;破拆器材", 5, 12, "140521"),
    (FOREST_TEAMS[0], "县森林消防专业队", "professional", 60, "fire_line;pump_relay",
     "风力灭火机25;水泵6;水带3000米", 10, 12, "140521"),
    (FOREST_TEAMS[1], "上川森林消防队", "semi_professional", 30, "fire_line", _FIRE_KIT, 30, 10, "140521101"),
    (FOREST_TEAMS[2], "固县森林消防队", "semi_professional", 30, "fire_line", _FIRE_KIT, 30, 10, "140521205"),
    ("D-ZC", "中村镇半专业扑火队", "semi_professional", 30, "fire_line;evacuation", _FIRE_KIT, 30, 10, "140521101"),
    ("D-TW", "土沃乡半专业扑火队", "semi_professional", 30, "fire_line;evacuation", _FIRE_KIT, 30, 10, "140521201"),
    ("D-V5", "张村乡半专业扑火队", "semi_professional", 30, "fire_line;evacuation", _FIRE_KIT, 30, 10, "140521202"),
    ("D-SZ", "柿庄镇半专业扑火队", "semi_professional", 30, "fire_line;evacuation", _FIRE_KIT, 30, 10, "140521106"),
    ("D-V4", "十里乡半专业扑火队", "semi_professional", 30, "fire_line;evacuation", _FIRE_KIT, 30, 10, "140521206"),
    ("D-ZZ", "郑庄镇应急分队", "semi_professional", 20, "evacuation;flood;unloading",
     "冲锋舟1;救生衣20;编织袋1000", 30, 10, "140521102"),
    ("D-DS", "端氏镇应急分队", "semi_professional", 20, "evacuation;flood;unloading",
     "冲锋舟1;救生衣20;编织袋1000", 30, 10, "140521103"),
    ("D-JF", "嘉峰镇应急分队", "semi_professional", 20, "evacuation;flood;unloading",
     "救生衣20;编织袋1000", 30, 10, "140521104"),
    ("D-QS-FL", "县防汛抢险队", "professional", 40, "flood;pumping;engineering",
     "冲锋舟6;水泵5;照明车1", 20, 12, "140521"),
    (TRANSPORT, "县公路抢通队", "professional", 36, "road_clearing;engineering;ploughing",
     "装载机4;挖掘机3;平地机2;融雪撒布机2", 30, 12,
     "140521"),
    (HOSPITAL, "县医疗救援队", "professional", 24, "medical", "急救箱20;担架12", 20, 12, "140521"),
    ("D-QS", "县储备库装卸队", "professional", 12, "loading", "叉车1;手动液压车4", 20, 10, "140521"),
    (EMERGENCY_BUREAU, "县无人机侦察组", "professional", 6, "reconnaissance;communications",
     "多旋翼2;垂直起降固定翼1;系留1", 20, 12,
     "140521"),
    (EMERGENCY_BUREAU, "社会应急救援队", "social", 30, "rescue;flood;medical;unloading",
     "橡皮艇3;绳索;急救包30", 60, 10, "140521"),
    ("D-DS", "煤矿救护中队", "professional", 27, "mine_rescue;rescue;pumping", "呼吸器30;排水泵3", 10, 8, "140521"),
    ("F-GW1", "阳城联防扑火队", "mutual_aid", 40, "fire_line", _FIRE_KIT, 60, 10, "140521"),
    ("F-GW2", "高平联防抢险队", "mutual_aid", 40, "flood;engineering", "冲锋舟2;水泵3", 60, 10, "140521"),
    ("F-GW3", "安泽联防扑火队", "mutual_aid", 40, "fire_line", _FIRE_KIT, 60, 10, "140521"),
)  # fmt: skip


def teams() -> Rows:
    """Rows of the table; names say what they are, none is a real unit's."""
    columns = ("base", "name", "type", "strength", "skills", "kit", "turnout_min", "shift_h", "jurisdiction")
    return [
        {"team": f"T-{k:02d}", **dict(zip(columns, row, strict=True)), "name": f"{row[1]}（虚拟）", "synthetic": True,
         "source": SYNTHETIC}
        for k, row in enumerate(_TEAMS, start=1)
    ]  # fmt: skip


def aircraft() -> Rows:
    """Rows of the table: a contract helicopter of the M-171 class and a light one."""
    columns = ("aircraft", "name", "base", "type", "payload_kg", "bucket_l", "cruise_kmh", "endurance_min",
               "turnout_min", "max_wind_ms", "hourly_cost")  # fmt: skip
    rows = (
        ("A-1", "租用直升机甲（虚拟）", "F-HP1", "M-171", 4000, 3000, 220, 180, 30, 17, 60000),
        ("A-2", "租用直升机乙（虚拟）", "F-HP5", "H125", 900, 900, 215, 200, 30, 15, 18000),
    )
    source = "synthetic; payload and bucket of the class after published figures (M-171: 4 t, bucket 3 t)"
    return [{**dict(zip(columns, row, strict=True)), "synthetic": True, "source": source} for row in rows]


def drones() -> Rows:
    """Rows of the table: multirotors at the bureau and two townships, a fixed wing, a tethered one."""
    columns = ("drone", "name", "base", "type", "payloads", "payload_kg", "cruise_kmh", "endurance_min", "range_km",
               "prepare_min", "max_wind_ms")  # fmt: skip
    rows = (
        ("U-1", "多旋翼一号（虚拟）", EMERGENCY_BUREAU, "multirotor", "video;mapping", 2.7, 54, 50, 9, 10, 12),
        ("U-2", "多旋翼二号（虚拟）", "D-DS", "multirotor", "video", 2.7, 54, 50, 9, 10, 12),
        ("U-3", "多旋翼三号（虚拟）", "D-ZC", "multirotor", "video", 2.7, 54, 50, 9, 10, 12),
        (
            "U-4",
            "垂直起降固定翼（虚拟）",
            EMERGENCY_BUREAU,
            "vtol_fixed_wing",
            "video;mapping;communications",
            10,
            80,
            600,
            80,
            15,
            14,
        ),
        ("U-5", "系留通信无人机（虚拟）", EMERGENCY_BUREAU, "tethered", "communications", 5, 0, 1440, 4, 20, 12),
    )
    return [{**dict(zip(columns, row, strict=True)), "synthetic": True, "source": SYNTHETIC} for row in rows]
