"""The tables of a county pack: every column, its name in both languages, its kind and what it may hold.

One table is one CSV file of a pack folder or one sheet of a workbook. Rows carry their ``source``; a figure that is
not public says ``synthetic`` there.
"""

from __future__ import annotations

from dataclasses import replace

from dispatch.county.table import Column, Table
from dispatch.county.words import ALSO_CHOICES, ALSO_HEADERS, ALSO_HEADERS_ANYWHERE

__all__ = ["SCHEMA"]

C = Column
_LON = C("lon", "经度", "number", "°", low=-180, high=180)
_LAT = C("lat", "纬度", "number", "°", low=-90, high=90)
_SOURCE = C("source", "来源", zh_also=("数据来源", "资料来源"))
_NOTE = C("note", "备注")
_EN = C("name_en", "英文名")
_TIERS = {"province": "省级", "city": "市级", "county": "县级", "township": "乡镇级", "village": "村级"}


def _id(name: str, zh: str, *also: str) -> Column:
    return C(name, zh, "id", required=True, zh_also=also)


def _name(zh: str, *also: str) -> Column:
    return C("name", zh, required=True, zh_also=("名称", *also))


def _ref(name: str, zh: str, *tables: str, required: bool = False) -> Column:
    return C(name, zh, "reference", refers=tables, required=required)


def _count(name: str, zh: str, *also: str, required: bool = False, unit: str = "") -> Column:
    return C(name, zh, "integer", unit, required, low=0, zh_also=also)


def _amount(name: str, zh: str, unit: str, *also: str, required: bool = False, high: float | None = None) -> Column:
    return C(name, zh, "number", unit, required, low=0, high=high, zh_also=also)


_TABLES = (
    Table("places", "行政区划", ("place",), (
        _id("place", "区划代码", "代码", "行政区划代码", "村代码"),
        _name("地名", "村名", "乡镇名称"),
        _EN,
        C("kind", "级别", "choice", required=True, choices={"county": "县", "township": "乡镇", "village": "村"}),
        _ref("parent", "上级代码", "places"),
        C("aliases", "曾用名", "list", zh_also=("别名",)),
        _LON, _LAT,
        _count("population", "人口", "人口数", "常住人口", unit="人"),
        C("population_kind", "人口口径", "choice",
          choices={"registered": "户籍", "resident": "常住", "night": "夜间"}, default="resident"),
        _count("households", "户数", unit="户"),
        C("remote", "偏远", "flag", default=False),
        _SOURCE, _NOTE,
    ), required=True),
    Table("depots", "储备库", ("depot",), (
        _id("depot", "储备库编号", "仓库编号"),
        _name("储备库名称", "仓库名称"), _EN,
        C("tier", "层级", "choice", required=True, choices=_TIERS),
        _ref("place", "所在地", "places"),
        _LON, _LAT,
        C("owner", "主管部门", zh_also=("归口部门",)),
        C("docks", "装卸口", "integer", "个", required=True, low=1, zh_also=("装车台", "月台数")),
        C("readiness", "备勤状态", "choice",
          choices={"ready": "在岗", "standby": "值班", "closed": "关闭"}, default="standby"),
        _amount("open_min", "开库时间", "min"),
        _amount("approval_min", "审批时间", "min"),
        _amount("floor_m2", "库房面积", "m²"),
        C("synthetic", "虚拟数据", "flag", default=False),
        _SOURCE, _NOTE,
    ), required=True),
    Table("items", "物资品种", ("item",), (
        _id("item", "物资编号", "品种编号"),
        _name("物资名称", "品名", "品种"),
        _EN,
        C("category", "类别", "choice", choices={
            "shelter": "帐篷", "bedding": "被服", "equipment": "装具", "water": "饮用水", "food": "食品",
            "medical": "医药", "flood": "防汛", "fire": "森防", "rescue": "救援", "other": "其他"}, default="other"),
        C("spec", "规格", zh_also=("规格型号",)),
        C("spec_en", "英文规格"),
        C("unit", "单位", required=True, zh_also=("计量单位",)),
        C("weight_kg", "单重", "number", "kg", required=True, low=0, zh_also=("单件重量", "重量")),
        C("volume_m3", "单件体积", "number", "m³", required=True, low=0, zh_also=("体积",)),
        _amount("need_per_person", "人均需求", ""),
        C("divisible", "可拆零", "flag", default=False),
        _count("shelf_life_d", "保质期", unit="d"),
        _SOURCE, _NOTE,
    ), required=True),
    Table("stock", "库存", ("depot", "item", "lot"), (
        C("depot", "储备库编号", "reference", required=True, refers=("depots",), zh_also=("储备库", "仓库编号")),
        C("item", "物资编号", "reference", required=True, refers=("items",), zh_also=("物资", "品名")),
        C("lot", "批次", "id", required=True, zh_also=("批号",)),
        C("quantity", "数量", "number", required=True, low=0, zh_also=("库存数量", "实有数")),
        C("mode", "储备方式", "choice",
          choices={"physical": "实物", "agreement": "协议", "capacity": "产能"}, default="physical"),
        C("produced", "生产日期", "date"),
        C("expiry", "有效期至", "date", zh_also=("到期日期", "失效日期")),
        _ref("supplier", "供应商", "suppliers"),
        _amount("lead_time_min", "启动时间", "min"),
        _amount("release_per_h", "每小时供应量", "1/h"),
        _amount("reliability", "履约率", "", high=1),
        _amount("unit_cost", "单价", "元"),
        _amount("holding_cost", "年保管费", "元"),
        _SOURCE, _NOTE,
    ), required=True),
    Table("vehicles", "车辆", ("vehicle",), (
        _id("vehicle", "车辆编号", "编号"),
        C("name", "车辆名称", zh_also=("名称",)),
        C("plate", "车牌号", zh_also=("号牌",)),
        _ref("base", "驻地", "depots", "facilities", "places", required=True),
        C("class", "车型", "text", required=True),
        C("payload_kg", "载重", "number", "kg", required=True, low=0, zh_also=("核定载质量",)),
        C("volume_m3", "容积", "number", "m³", required=True, low=0, zh_also=("货厢容积",)),
        _count("crew", "车组人数", unit="人"),
        _count("seats", "座位数", "载客数", unit="人"),
        C("mode", "来源方式", "choice",
          choices={"own": "自有", "agreement": "协议", "requisition": "征用"}, default="own"),
        _amount("turnout_min", "出动时间", "min"),
        C("owner", "所属单位"),
        C("synthetic", "虚拟数据", "flag", default=False),
        _SOURCE, _NOTE,
    ), required=True),
    Table("first_batch", "首批标准", ("preset", "item"), (
        C("preset", "季节", "id", required=True),
        C("item", "物资编号", "reference", required=True, refers=("items",)),
        _amount("quantity_per_person", "人均数量", "", required=True),
        _amount("people_share", "覆盖比例", "", high=1, required=True),
        C("basis", "人口口径", "choice",
          choices={"affected": "受灾", "relocated": "转移", "sheltered": "集中安置"}, default="sheltered"),
        C("substitutes", "可替代物资", "list", refers=("items",)),
        _SOURCE, _NOTE,
    )),
    Table("demand", "需求报告", ("report",), (
        _id("report", "报告编号"),
        C("place", "受灾地", "reference", required=True, refers=("places",)),
        _count("affected", "受灾人数", unit="人"),
        _count("relocated", "转移人数", unit="人"),
        _count("sheltered", "集中安置人数", unit="人"),
        _ref("delivery_point", "接收点", "shelters", "places", "facilities"),
        C("requester", "报告人"),
        C("report_time", "报告时间", "moment"),
        C("priority", "优先级", "number", low=0, default=1.0),
        _SOURCE, _NOTE,
    )),
    Table("teams", "队伍", ("team",), (
        _id("team", "队伍编号"), _name("队伍名称"), _EN,
        _ref("base", "驻地", "facilities", "depots", "places", required=True),
        C("type", "类型", "choice", required=True, choices={
            "fire_brigade": "综合消防", "professional": "专业", "semi_professional": "半专业",
            "social": "社会", "mutual_aid": "联防"}),
        C("strength", "人数", "integer", "人", required=True, low=1),
        C("skills", "技能", "list"),
        C("kit", "装备", "list"),
        _amount("turnout_min", "出动时间", "min"),
        _amount("shift_h", "轮班时长", "h"),
        _ref("jurisdiction", "所属辖区", "places"),
        C("synthetic", "虚拟数据", "flag", default=False),
        _SOURCE, _NOTE,
    )),
    Table("tasks", "任务", ("task",), (
        _id("task", "任务编号"), C("name", "任务名称"),
        C("kind", "类型", "choice", required=True, choices={
            "search_rescue": "搜救", "fire_line": "开设隔离带", "pumping": "排涝抽水", "road_clearing": "道路抢通",
            "ploughing": "除雪破冰", "medical": "医疗救治", "engineering": "工程抢险", "hazmat": "危化处置",
            "mine_rescue": "矿山救护", "reconnaissance": "侦察", "handout": "物资发放"}),
        _ref("place", "地点", "places", "facilities", "depots", "shelters"),
        _LON, _LAT,
        C("skills", "所需技能", "list"),
        _amount("person_h", "工作量", "h", "人时", required=True),
        _count("least", "最少人数", unit="人"),
        _count("most", "最多人数", unit="人"),
        C("together", "可多队协同", "flag", default=True),
        C("earliest", "最早开始"), C("latest", "最迟完成"),
        C("after", "前置任务", "list", refers=("tasks",)),
        _count("lives", "受威胁人数", unit="人"),
        C("priority", "优先级", "number", low=0, default=1.0),
        C("incident", "火场"),
        _count("patients", "伤员", unit="人"),
        C("road", "抢通道路"),
        _SOURCE, _NOTE,
    )),
    Table("shelters", "避难场所", ("shelter",), (
        _id("shelter", "场所编号"), _name("场所名称"), _EN,
        C("place", "所在地", "reference", required=True, refers=("places",)),
        _LON, _LAT,
        _count("capacity", "容量", "可容纳人数", required=True, unit="人"),
        C("indoor", "室内", "flag", default=True),
        _amount("area_m2", "面积", "m²"),
        C("synthetic", "虚拟数据", "flag", default=False),
        _SOURCE, _NOTE,
    )),
    Table("facilities", "设施", ("facility",), (
        _id("facility", "设施编号"), _name("设施名称"), _EN,
        C("kind", "类型", "choice", required=True, choices={
            "hospital": "医院", "police": "公安", "fire_station": "消防站", "fire_team": "森防队",
            "government": "政府", "emergency_bureau": "应急局", "transport": "交通", "school": "学校",
            "helipad": "停机坪", "water_point": "取水点", "water_tank": "蓄水池", "tower": "瞭望塔",
            "checkpoint": "检查站", "camera": "监控", "gauge": "雨量水位站", "pump": "泵站", "other": "其他"}),
        _ref("place", "所在地", "places"),
        _LON, _LAT,
        C("elevation_m", "海拔", "number", "m"),
        _amount("capacity", "容量", ""),
        _amount("depth_m", "水深", "m"),
        _amount("radius_km", "覆盖半径", "km"),
        _SOURCE, _NOTE,
    )),
    Table("fire_lines", "防火通道与隔离带", ("fire_line",), (
        _id("fire_line", "编号"), C("name", "名称"), _EN,
        C("kind", "类型", "choice", required=True, choices={"fire_road": "防火通道", "fire_break": "隔离带"}),
        C("geometry", "线", "wkt", required=True),
        _amount("width_m", "宽度", "m"),
        C("planned", "规划", "flag", default=False),
        _SOURCE, _NOTE,
    )),
    Table("hazard_points", "隐患点", ("hazard_point",), (
        _id("hazard_point", "隐患点编号"), _name("隐患点名称"), _EN,
        C("kind", "类型", "choice", required=True, choices={
            "collapse": "崩塌", "slide": "滑坡", "debris_flow": "泥石流", "subsidence": "地面塌陷", "other": "其他"}),
        _ref("place", "所在地", "places"),
        _LON, _LAT,
        _count("people_threatened", "威胁人数", unit="人"),
        _ref("risk_zone", "所属风险区", "risk_zones"),
        _amount("rain_threshold_mm", "雨量阈值", "mm"),
        _SOURCE, _NOTE,
    )),
    Table("risk_zones", "风险区", ("risk_zone",), (
        _id("risk_zone", "风险区编号"), C("name", "名称"), _EN,
        C("kind", "类型", "choice", required=True, choices={
            "geohazard": "地质灾害", "flash_flood": "山洪", "wildfire": "森林火险", "waterlogging": "内涝"}),
        C("geometry", "面", "wkt", required=True),
        _count("people_threatened", "威胁人数", unit="人"),
        _SOURCE, _NOTE,
    )),
    Table("dams", "水库与淤地坝", ("dam",), (
        _id("dam", "编号"), _name("名称"), _EN,
        C("kind", "类型", "choice", required=True, choices={"reservoir": "水库", "check_dam": "淤地坝"}),
        _LON, _LAT,
        _amount("height_m", "坝高", "m"),
        _amount("storage_m3", "库容", "m³"),
        C("type", "坝型"),
        _SOURCE, _NOTE,
    )),
    Table("communications", "通信设施", ("communication",), (
        _id("communication", "编号"), C("name", "名称"), _EN,
        C("medium", "方式", "choice", required=True, choices={
            "mobile": "公网", "landline": "固话", "satellite_phone": "卫星电话", "radio": "窄带电台",
            "loudspeaker": "大喇叭", "relay_drone": "中继无人机", "messenger": "通信员"}),
        _ref("place", "所在地", "places"),
        _LON, _LAT,
        _amount("radius_km", "覆盖半径", "km"),
        _amount("backup_power_h", "备电时长", "h"),
        _SOURCE, _NOTE,
    )),
    Table("suppliers", "供应商", ("supplier",), (
        _id("supplier", "供应商编号"), _name("供应商名称"), _EN,
        _ref("place", "所在地", "places"), _LON, _LAT,
        _SOURCE, _NOTE,
    )),
    Table("aircraft", "航空器", ("aircraft",), (
        _id("aircraft", "编号"), C("name", "名称"), _EN,
        _ref("base", "驻地", "facilities", "depots", "places", required=True),
        C("type", "机型", required=True),
        _amount("payload_kg", "载重", "kg"), _amount("bucket_l", "吊桶容量", "L"),
        _amount("cruise_kmh", "巡航速度", "km/h"), _amount("endurance_min", "续航", "min"),
        _amount("turnout_min", "出动时间", "min"), _amount("max_wind_ms", "抗风", "m/s"),
        _amount("hourly_cost", "小时费用", "元"),
        C("synthetic", "虚拟数据", "flag", default=False),
        _SOURCE, _NOTE,
    )),
    Table("drones", "无人机", ("drone",), (
        _id("drone", "编号"), C("name", "名称"), _EN,
        _ref("base", "驻地", "facilities", "depots", "places", required=True),
        C("type", "机型", required=True),
        C("payloads", "载荷", "list"),
        _amount("payload_kg", "载重", "kg"), _amount("cruise_kmh", "速度", "km/h"),
        _amount("endurance_min", "续航", "min"), _amount("range_km", "测控半径", "km"),
        _amount("prepare_min", "准备时间", "min"), _amount("max_wind_ms", "抗风", "m/s"),
        C("synthetic", "虚拟数据", "flag", default=False),
        _SOURCE, _NOTE,
    )),
    Table("candidates", "候选点", ("candidate",), (
        _id("candidate", "候选点编号"), _name("候选点名称"), _EN,
        C("kind", "用途", "choice", choices={
            "depot": "储备点", "shelter": "避难场所", "helipad": "停机坪", "water_point": "取水点",
            "drone_base": "无人机站", "fire_station": "消防站", "camera": "监控"}, default="depot"),
        _ref("place", "所在地", "places"),
        _LON, _LAT,
        _amount("opening_cost", "建设费用", "元"),
        _amount("capacity", "容量", ""),
        C("existing", "已建", "flag", default=False),
        C("forbidden", "禁建", "flag", default=False),
        _SOURCE, _NOTE,
    )),
    Table("headquarters", "指挥部", ("headquarters",), (
        _id("headquarters", "指挥部编号"), _name("指挥部名称"), _EN,
        C("hazard", "灾种"), _ref("parent", "上级", "headquarters"), _ref("facility", "地点", "facilities"),
        _SOURCE, _NOTE,
    )),
    Table("roles", "岗位", ("role",), (
        _id("role", "岗位编号"), _name("岗位名称"), _EN,
        _ref("headquarters", "所属指挥部", "headquarters"),
        C("unit", "责任单位"), _count("commanders", "指挥员人数", unit="人"),
        C("duties", "职责"),
        _SOURCE, _NOTE,
    )),
    Table("known_times", "已知车程", ("from", "to", "class"), (
        C("from", "起点", "reference", required=True, refers=("places", "depots", "facilities", "shelters")),
        C("to", "终点", "reference", required=True, refers=("places", "depots", "facilities", "shelters")),
        C("class", "车型", "id", required=True),
        _amount("minutes", "分钟", "min", required=True),
        _SOURCE, _NOTE,
    )),
    Table("contacts", "通讯录", ("contact",), (
        _id("contact", "编号"), _name("姓名"), C("role", "岗位", "reference", refers=("roles",)),
        C("unit", "单位"), C("phone", "电话"),
        _ref("place", "所在地", "places"), _ref("depot", "储备库", "depots"),
        _SOURCE, _NOTE,
    ), private=True),
    Table("scenario", "情景", ("key",), (
        C("key", "项目", "id", required=True), C("value", "内容"), _NOTE,
    )),
)  # fmt: skip


def _with_words(table: Table) -> Table:
    """Table whose columns also know the further words of ``words``."""
    columns = tuple(
        replace(
            column,
            zh_also=(*column.zh_also, *ALSO_HEADERS.get((table.name, column.name), ()),
                     *ALSO_HEADERS_ANYWHERE.get(column.name, ())),
            choices_also=ALSO_CHOICES.get((table.name, column.name)),
        )
        for column in table.columns
    )  # fmt: skip
    return replace(table, columns=columns)


SCHEMA: dict[str, Table] = {table.name: _with_words(table) for table in _TABLES}
"""Tables of a pack by name, in the order in which they are written."""
