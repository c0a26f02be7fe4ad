"""Tables ``headquarters`` and ``roles``: five headquarters with two commanders each, names and duties to be edited.

The county's documents speak of five such headquarters and do not name them here; these names are placeholders.
"""

from __future__ import annotations

from scenarios.qinshui.authoring.facilities import EMERGENCY_BUREAU
from scenarios.qinshui.authoring.tables import Rows

__all__ = ["headquarters", "roles"]

_PLACEHOLDER = "synthetic; placeholder to be edited: the published documents do not name the five headquarters"
_HEADQUARTERS = (
    ("HQ-1", "防汛抗旱指挥部（占位名称）", "flash_flood", "F-001"),
    ("HQ-2", "森林草原防灭火指挥部（占位名称）", "wildfire", EMERGENCY_BUREAU),
    ("HQ-3", "地震和地质灾害指挥部（占位名称）", "geohazard", EMERGENCY_BUREAU),
    ("HQ-4", "安全生产和道路交通指挥部（占位名称）", "accident", EMERGENCY_BUREAU),
    ("HQ-5", "低温雨雪冰冻和救灾救助指挥部（占位名称）", "snow_ice", EMERGENCY_BUREAU),
)
_GROUPS = (
    # name, name_en, unit, commanders, duties
    ("指挥长甲", "first commander", "县人民政府", 1, "统一指挥;签发命令;决定响应级别"),
    ("指挥长乙", "second commander", "县委", 1, "与指挥长甲共同指挥;协调各方力量"),
    ("综合协调组", "coordination group", "县应急管理局", None, "信息汇总;文电;值班值守;续报"),
    ("抢险救援组", "rescue group", "县消防救援大队", None, "现场救援;排险;疏散"),
    ("转移安置组", "relocation group", "县民政局", None, "转移群众;安置点开设;登记"),
    ("物资保障组", "supplies group", "县应急管理局", None, "需求核定;调拨指令;装车发运;接收签字"),
    ("交通保障组", "transport group", "县交通运输局", None, "车辆调集;道路抢通;快速通行"),
    ("通信保障组", "communications group", "县工业和信息化局", None, "公网抢修;卫星电话;中继无人机"),
    ("医疗防疫组", "medical group", "县卫生健康和体育局", None, "救治;转运;防疫"),
    ("治安管控组", "public order group", "县公安局", None, "交通管制;危险区封控"),
)
_EXTRA = (
    ("R-FIRE", "火场专业副总指挥", "professional deputy fire commander", "HQ-2", "县应急管理局", 3,
     "火场前线指挥;力量部署;安全撤离"),
    ("R-TOWN", "乡镇值班领导", "township duty leader", None, "乡镇人民政府", None, "接报;先期处置;叫应村级责任人"),
    ("R-VILLAGE", "村级责任人", "village person in charge", None, "村（社区）", None, "入户叫醒;组织转移;清点人数"),
    ("R-INFORMANT", "灾害信息员", "disaster informant", None, "村（社区）", None, "灾情首报;需求报告;续报"),
    ("R-DEPOT", "储备库值班员", "depot duty officer", None, "县应急管理局", None, "接调拨指令;开库;核对出库"),
)  # fmt: skip


def headquarters() -> Rows:
    """Rows of the table."""
    columns = ("headquarters", "name", "hazard", "facility")
    return [{**dict(zip(columns, row, strict=True)), "source": _PLACEHOLDER} for row in _HEADQUARTERS]


def roles() -> Rows:
    """Rows of the table: the posts of every headquarters, and those of townships, villages and depots."""
    rows: Rows = [
        {"role": f"R-{key[-1]}{k:02d}", "name": name, "name_en": name_en, "headquarters": key, "unit": unit,
         "commanders": commanders, "duties": duties, "source": _PLACEHOLDER}
        for key, *_ in _HEADQUARTERS
        for k, (name, name_en, unit, commanders, duties) in enumerate(_GROUPS, start=1)
    ]  # fmt: skip
    columns = ("role", "name", "name_en", "headquarters", "unit", "commanders", "duties")
    source = "synthetic; placeholder to be edited"
    return rows + [{**dict(zip(columns, row, strict=True)), "source": source} for row in _EXTRA]
