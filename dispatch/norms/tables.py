"""The norm tables of this folder: their columns, in both languages, and what they may hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["CONFIDENCE", "NORMS", "NormColumn", "NormTable"]

CONFIDENCE = {"H": "高", "M": "中", "L": "低", "mem": "未核实"}
"""H: read in the source named; M: second-hand, or arithmetic on such; L: weak; mem: general knowledge, unchecked."""


@dataclass(frozen=True)
class NormColumn:
    """One column of a norm table.

    Attributes
    ----------
    name, zh : str
        Header in English and in Chinese.
    kind : {"text", "number"}
    unit : str
    low : float
        Smallest number allowed.
    optional : bool
        Whether a cell may be empty (text "", number NaN).
    choices : tuple of str
        Values allowed in a text column; empty: any.
    """

    name: str
    zh: str
    kind: Literal["text", "number"] = "text"
    unit: str = ""
    low: float = 0.0
    optional: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class NormTable:
    """One norm table.

    Attributes
    ----------
    zh : str
        Name in Chinese.
    key : tuple of str
        Columns whose values together name a row.
    columns : tuple of NormColumn
    further : NormColumn or None
        What further columns hold, each named as it likes; None: none allowed.
    fixed : bool
        Whether a user's own table may change rows only, not add any.
    ascending : tuple of str
        Columns whose numbers must not fall from one to the next.
    """

    zh: str
    key: tuple[str, ...]
    columns: tuple[NormColumn, ...]
    further: NormColumn | None = None
    fixed: bool = False
    ascending: tuple[str, ...] = ()


C = NormColumn
_SOURCE = (C("source", "来源", optional=True), C("confidence", "可信度", optional=True, choices=tuple(CONFIDENCE)))
_NAMES = (C("name_zh", "中文名"), C("name_en", "英文名"))
_STATES = (("slight", "轻微"), ("moderate", "中等"), ("extensive", "严重"), ("complete", "毁坏"))
_RANGE = (C("low", "下限", "number", optional=True), C("high", "上限", "number", optional=True))


def _n(name: str, zh: str, unit: str = "", *, optional: bool = False) -> NormColumn:
    return C(name, zh, "number", unit, optional=optional)


def _both(name: str, zh: str) -> tuple[NormColumn, NormColumn]:
    return C(f"{name}_zh", zh), C(f"{name}_en", f"{zh}（英文）")


NORMS: dict[str, NormTable] = {
    "vehicle_profiles": NormTable("车型", ("vehicle_class",), (
        C("vehicle_class", "车型"), *_NAMES, _n("gross_t", "总质量", "t"), _n("height_m", "车高", "m"),
        _n("width_m", "车宽", "m"), _n("wading_m", "涉水深度", "m"), _n("payload_kg", "载重", "kg", optional=True),
        _n("volume_m3", "容积", "m³", optional=True), _n("crew", "车组人数", "人", optional=True), *_SOURCE,
    )),
    "speeds": NormTable("车速", ("road_class",), (
        C("road_class", "道路等级"), C("meaning", "说明", optional=True), _n("low_kmh", "下限", "km/h", optional=True),
        _n("high_kmh", "上限", "km/h", optional=True), *_SOURCE,
    ), further=_n("vehicle_class", "车型", "km/h", optional=True), fixed=True),
    "surface_factors": NormTable("路面系数", ("surface",), (
        C("surface", "路面"), _n("factor", "系数"), *_RANGE, *_SOURCE,
    ), fixed=True),
    "step_times": NormTable("步骤用时", ("step", "shift"), (
        C("step", "步骤"), C("shift", "班次", choices=("duty", "night")), _n("low_min", "最短", "min"),
        _n("mode_min", "最可能", "min"), _n("high_min", "最长", "min"), *_SOURCE,
    ), fixed=True, ascending=("low_min", "mode_min", "high_min")),
    "pace": NormTable("通行系数", ("condition",), (
        C("condition", "条件"), *_NAMES, _n("factor", "系数"), *_RANGE, C("from_clock", "起", optional=True),
        C("to_clock", "止", optional=True), *_SOURCE,
    )),
    "fast_passage": NormTable("快速通行", ("measure",), (
        C("measure", "措施"), *_NAMES, _n("factor", "系数"), *_RANGE, *_SOURCE,
    ), fixed=True),
    "rules": NormTable("规则", ("rule",), (
        C("rule", "规则"), _n("value", "数值"), C("unit", "单位", optional=True), *_RANGE, *_SOURCE,
    )),
    "first_batch": NormTable("首批标准", ("preset", "item"), (
        C("preset", "季节"), C("item", "物资编号"), _n("quantity_per_person", "人均数量"),
        _n("people_share", "覆盖比例"), C("basis", "人口口径", choices=("affected", "relocated", "sheltered")),
        C("substitutes", "可替代物资", optional=True), *_SOURCE, C("note", "备注", optional=True),
    )),
    "items": NormTable("物资品种", ("item",), (
        C("item", "物资编号"), C("name", "物资名称"), C("name_en", "英文名"), C("category", "类别"),
        C("spec", "规格", optional=True), C("unit", "单位"), _n("weight_kg", "单重", "kg"),
        _n("volume_m3", "单件体积", "m³"), _n("need_per_person", "人均需求", optional=True),
        C("divisible", "可拆零", choices=("true", "false")), _n("shelf_life_d", "保质期", "d", optional=True),
        *_SOURCE, C("note", "备注", optional=True),
    )),
    "exposure": NormTable("受灾规则", ("cause",), (
        C("cause", "灾因"), *_NAMES, C("bridges", "桥梁", choices=("hit", "spared", "by_depth")),
        _n("deck_m", "桥面净高", "m", optional=True), C("tunnels", "隧道", choices=("hit", "spared")), *_SOURCE,
    )),
    "settlements": NormTable("聚落规则", ("place_kind",), (
        C("place_kind", "聚落类型"), *_NAMES, C("level", "级别", choices=("township", "village")),
        _n("population", "人口", "人"), *_SOURCE,
    )),
    "declared_depots": NormTable("虚拟储备库", ("tier",), (
        C("tier", "层级"), _n("docks", "装卸口"), _n("people_share", "覆盖比例"), _n("people_cap", "人数上限", "人"),
        _n("light_truck", "轻型货车"), _n("truck_5t", "5吨货车"), _n("pickup", "皮卡"),
        _n("turnout_min", "出动时间", "min", optional=True), *_SOURCE,
    )),
    "response": NormTable("响应参数", ("section", "figure", "shift"), (
        C("section", "项目"), C("figure", "参数"), C("shift", "班次", choices=("any", "duty", "night")),
        _n("low", "下限"), _n("mode", "最可能"), _n("high", "上限"), C("unit", "单位", optional=True), *_SOURCE,
    ), fixed=True, ascending=("low", "mode", "high")),
    "evacuation_capacity": NormTable("道路疏散能力", ("road_class",), (
        C("road_class", "道路等级"), _n("cars_per_h", "每车道每小时车辆数", "1/h"), *_SOURCE,
    ), fixed=True),
    "team_types": NormTable("队伍类型", ("type",), (
        C("type", "类型"), *_NAMES, _n("echelon", "梯次"), _n("called_after_min", "调度时延", "min"),
        _n("turnout_day_min", "白天出动时间", "min"), _n("turnout_night_min", "夜间出动时间", "min"),
        C("vehicle_class", "车型"), _n("shift_h", "轮班时长", "h"), _n("professional", "专业"), *_SOURCE,
    ), fixed=True),
    "task_kinds": NormTable("任务类型", ("kind",), (
        C("kind", "类型"), *_NAMES, C("skills", "技能"), _n("least", "最少人数", "人"),
        _n("commander", "需指挥员"), *_SOURCE,
    ), fixed=True),
    "duties": NormTable("职责用语", ("step",), (C("step", "步骤"), C("words", "用语"), *_SOURCE)),
    "air_types": NormTable("航空器型号", ("type",), (
        C("type", "型号"), *_NAMES, C("kind", "种类", choices=("helicopter", "drone")),
        _n("limit_kg", "最大起飞重量", "kg", optional=True), _n("empty_kg", "空机重量（含机组）", "kg", optional=True),
        _n("hover_kg", "悬停重量", "kg", optional=True), _n("hover_m", "悬停升限", "m", optional=True),
        _n("burn_kg_h", "油耗", "kg/h", optional=True), _n("bucket_kmh", "吊桶飞行速度", "km/h", optional=True),
        _n("bucket_kg", "吊桶自重", "kg", optional=True), _n("stretchers", "担架数"), _n("cargo_m3", "货舱容积", "m³"),
        _n("min_visibility_km", "最低能见度", "km"), _n("night", "可夜航"), *_SOURCE,
    )),
    "fire_fuel_models": NormTable("可燃物模型", ("fuel",), (
        _n("fuel", "编号"), C("code", "代码"), C("meaning", "含义"), *(
            _n(f"load_{part}_lb_ft2", f"载量{part}", "lb/ft²") for part in ("1h", "10h", "100h", "herb", "woody")
        ), *(_n(f"savr_{part}_per_ft", f"表面积体积比{part}", "1/ft") for part in ("1h", "herb", "woody")),
        _n("depth_ft", "床深", "ft"), _n("extinction", "熄灭含水率"), _n("heat_btu_lb", "热值", "BTU/lb"),
        _n("dynamic", "动态"), *_SOURCE,
    )),
    "fire_fuel_types": NormTable("林分可燃物类型", ("fuel_type",), (
        C("fuel_type", "类型"), *_NAMES, _n("fuel", "可燃物编号"), _n("ks", "可燃物系数"), C("line_group", "开设难度"),
        _n("canopy_cover", "郁闭度"), _n("canopy_height_m", "林高", "m"), _n("canopy_base_m", "枝下高", "m"),
        _n("canopy_bulk_kg_m3", "冠层密度", "kg/m³"), *_SOURCE,
    )),
    "fire_line_rates": NormTable("隔离带开设速度", ("line_group",), (
        C("line_group", "开设难度"), *_NAMES, _n("professional_ch_h", "专业队", "链/h"),
        _n("semi_professional_ch_h", "半专业队", "链/h"), *_SOURCE,
    )),
    "fire_drops": NormTable("空中洒水用量", ("line_group",), (
        C("line_group", "开设难度"), *_NAMES, _n("coverage_gpc", "洒水强度", "gal/100 ft²"), *_SOURCE,
    )),
    "fire_models": NormTable("林火模型系数", ("model", "figure"), (
        C("model", "模型"), C("figure", "系数"), C("value", "数值", "number", low=-1e9),
        C("unit", "单位", optional=True),
        *_SOURCE,
    ), fixed=True),
    "fire_roads": NormTable("林火与道路", ("rule",), (
        C("rule", "规则"), _n("value", "数值"), C("unit", "单位", optional=True), *_RANGE, *_SOURCE,
    ), fixed=True, ascending=("low", "value", "high")),
    "fire_detection": NormTable("火情监测", ("channel",), (
        C("channel", "手段"), *_NAMES, _n("reach_m", "范围", "m", optional=True), _n("revisit_min", "间隔", "min"),
        _n("probability", "发现概率"), _n("delay_min", "时延", "min"), C("from_clock", "起", optional=True),
        C("to_clock", "止", optional=True), *_SOURCE,
    )),
    "water_curve_numbers": NormTable("径流曲线数", ("land",), (
        C("land", "地类"), *_NAMES, _n("a", "A组"), _n("b", "B组"), _n("c", "C组"), _n("d", "D组"), *_SOURCE,
    ), ascending=("a", "b", "c", "d")),
    "water_storms": NormTable("雨型", ("pattern", "share_of_time"), (
        C("pattern", "雨型"), _n("share_of_time", "历时比例"), _n("share_of_rain", "雨量比例"), *_SOURCE,
    )),
    "water_unit_hydrograph": NormTable("单位线", ("curve", "share_of_peak_time"), (
        C("curve", "单位线"), _n("share_of_peak_time", "峰时比"), _n("share_of_peak", "峰值比"), *_SOURCE,
    )),
    "water_manning": NormTable("糙率", ("surface",), (
        C("surface", "下垫面"), *_NAMES, _n("low", "下限"), _n("value", "糙率"), _n("high", "上限"), *_SOURCE,
    ), ascending=("low", "value", "high")),
    "water_rules": NormTable("洪水参数", ("rule",), (
        C("rule", "参数"), _n("value", "数值"), C("unit", "单位", optional=True), *_RANGE, *_SOURCE,
    )),
    "siting": NormTable("选址参数", ("rule",), (
        C("rule", "参数"), _n("value", "数值"), C("unit", "单位", optional=True), *_RANGE, *_SOURCE,
    ), fixed=True),
    "stock_levels": NormTable("响应级别人数", ("level",), (
        C("level", "响应级别", choices=("I", "II", "III", "IV")), _n("people", "安置人数", "人"), *_RANGE, *_SOURCE,
    ), fixed=True, ascending=("low", "people", "high")),
    "stock_norms": NormTable("储备标准", ("tier", "season", "item"), (
        C("tier", "层级", choices=("county", "township")), C("season", "时段", choices=("any", "flood", "fire")),
        C("item", "物资编号"), _n("per_1000", "每千人", optional=True), _n("fixed", "定额", optional=True),
        C("substitutes", "可替代物资", optional=True), *_SOURCE,
    )),
    "stock_seasons": NormTable("检查时段", ("season",), (
        C("season", "时段", choices=("flood", "fire")), C("first_day", "起", ), C("last_day", "止"), *_SOURCE,
    ), fixed=True),
    "drill_objectives": NormTable("演练目标", ("level", "objective"), (
        C("level", "层级", choices=("county", "village")), C("objective", "目标"), *_NAMES, *_both("aim", "要求"),
        _n("points", "分值"), *_both("evaluator", "评估员"), *_SOURCE,
    )),
    "drill_capabilities": NormTable("演练能力", ("capability",), (
        C("capability", "能力"), C("objective", "目标"), *_NAMES, *_SOURCE,
    )),
    "drill_posts": NormTable("演练岗位", ("post",), (
        C("post", "岗位"), C("words", "职责用语", optional=True), *_NAMES, *_both("unit", "单位"),
        C("side", "身份", choices=("player", "controller", "evaluator", "simulated")), *_both("duties", "职责"),
        *_SOURCE,
    )),
    "drill_industries": NormTable("行业用语", ("words",), (C("words", "单位用语"), *_NAMES, *_SOURCE)),
    "drill_hazards": NormTable("演练灾种", ("hazard",), (
        C("hazard", "灾种"), C("also", "又称", optional=True), C("headquarters", "指挥部灾种", optional=True),
        *_NAMES, *_both("onset", "险情"),
        C("skills", "队伍技能"), *_both("first", "首要措施"), *_both("worse", "加重"),
        *_both("stop", "停演条件"), *_SOURCE,
    )),
    "drill_rules": NormTable("演练规则", ("rule",), (
        C("rule", "规则"), _n("value", "数值"), C("unit", "单位", optional=True), *_RANGE, *_SOURCE,
    )),
    "drill_injects": NormTable("情景事件模板", ("inject",), (
        C("inject", "模板"), C("hazards", "灾种", optional=True), C("event", "推演事件", optional=True),
        C("pick", "选取", optional=True, choices=("first", "people", "road")), _n("most", "至多"), C("anchor", "起点"),
        _n("after_low_min", "最早", "min"), _n("after_high_min", "最迟", "min"),
        C("type", "类型", choices=("contextual", "expected_action", "contingency")), C("needs", "条件", optional=True),
        C("sender", "发出"), C("receiver", "接收"), C("medium", "方式"), C("owner", "责任岗位"), C("objective", "目标"),
        C("capability", "能力"), *_both("text", "内容"), *_both("controller", "导调要点"),
        *_both("branch", "分支"), *_SOURCE,
    )),
    "drill_actions": NormTable("预期行动模板", ("task",), (
        C("task", "行动"), C("inject", "模板"), C("event", "推演事件", optional=True),
        C("match", "对应"), C("owner", "责任岗位"),
        C("objective", "目标"), C("capability", "能力"), _n("limit_min", "时限", "min", optional=True),
        *_both("text", "内容"), *_both("evaluator", "评估要点"), *_SOURCE,
    )),
    "drill_village_injects": NormTable("乡镇村演练模板", ("inject",), (
        C("inject", "模板"), C("part", "部分", choices=("first_handling", "evacuation", "mutual_rescue")),
        C("levels", "层级", optional=True, choices=("township", "village")), _n("after_min", "时刻", "min"),
        C("type", "类型", choices=("contextual", "expected_action", "contingency")), C("sender", "发出"),
        C("receiver", "接收"), C("medium", "方式"), C("owner", "责任岗位"), C("capability", "能力"),
        C("event", "事件", optional=True), C("limit", "时限规则"), *_both("text", "内容"), *_both("task", "行动"),
        *_both("evaluator", "评估要点"), *_both("branch", "分支"), *_SOURCE,
    )),
    **{
        name: NormTable(zh, (key,), (
            C(key, key_zh), *names, *(_n(state, f"{word}中值") for state, word in _STATES), _n("dispersion", "离散度"),
            *_SOURCE,
        ), ascending=tuple(state for state, _ in _STATES))
        for name, zh, key, key_zh, names in (
            ("hazus_bridges", "桥梁易损性", "bridge", "桥型", (C("meaning", "含义"),)),
            ("hazus_roads", "道路隧道易损性", "asset", "设施",
             (*_NAMES, C("measure", "强度指标", choices=("displacement_in", "pga_g")))),
            ("hazus_buildings", "房屋易损性", "building", "房屋类型", _NAMES),
        )
    },
    "hazus_restoration": NormTable("抢通时间", ("asset", "state"), (
        C("asset", "设施"), C("state", "破坏等级"), _n("mean_d", "均值", "d"), _n("deviation_d", "标准差", "d"),
        *_SOURCE,
    ), fixed=True),
    "earthquake_attenuation": NormTable("地震动衰减", ("region", "axis"), (
        C("region", "地区"), C("axis", "轴", choices=("long", "short")), *_NAMES,
        C("form", "形式", choices=("intensity", "ln_pga_g")), C("a", "a", "number", low=-100.0), _n("b", "b"),
        _n("c", "c"), _n("r", "R0", "km"), _n("deviation", "标准差"), *_SOURCE,
    )),
    "earthquake_slopes": NormTable("边坡地震易滑性", ("slope_deg",), (
        _n("slope_deg", "坡度", "°"), _n("critical_g", "临界加速度", "g"), _n("share", "易滑比例"), *_SOURCE,
    )),
    "geohazard_kinds": NormTable("地质灾害类型", ("kind",), (
        C("kind", "类型"), *_NAMES, _n("reach_m", "影响距离", "m"), _n("blocked_m", "阻断长度", "m"),
        _n("low_h", "最短", "h"), _n("mode_h", "最可能", "h"), _n("high_h", "最长", "h"), *_SOURCE,
    ), fixed=True, ascending=("low_h", "mode_h", "high_h")),
    "snow_surfaces": NormTable("冰雪路面", ("surface",), (
        C("surface", "路面"), *_NAMES, _n("from_cm", "雪深起点", "cm"), _n("friction", "附着系数"),
        _n("speed", "车速系数"), *_SOURCE,
    ), fixed=True),
    "snow_vehicles": NormTable("冰雪车辆", ("vehicle_class",), (
        C("vehicle_class", "车型"), _n("driven_share", "驱动轴荷比"), _n("chains", "防滑链"), *_SOURCE,
    )),
    "snow_roads": NormTable("冰雪道路", ("road_class",), (
        C("road_class", "道路等级"), _n("greatest_gradient", "最大纵坡"), _n("sight_m", "停车视距", "m"),
        _n("vehicles_per_h", "夜间流量", "辆/h"), _n("people_per_vehicle", "车均人数", "人"),
        _n("plough_order", "除雪次序"), *_SOURCE,
    ), fixed=True),
    "outage_rules": NormTable("断电断网规则", ("cause",), (
        C("cause", "灾因"), _n("power_after", "断电时延", "h"), _n("power_back", "恢复用时", "h"),
        _n("least_depth", "最小水深", "m"), *_SOURCE,
    )),
    **{
        name: NormTable(zh, ("rule",), (
            C("rule", "参数"), _n("value", "数值"), C("unit", "单位", optional=True), *_RANGE, *_SOURCE,
        ), fixed=True, ascending=("low", "value", "high"))
        for name, zh in (
            ("earthquake_rules", "地震参数"), ("geohazard_rules", "地质灾害参数"), ("snow_rules", "冰雪参数"),
            ("team_rules", "队伍参数"), ("fire_works", "防火设施参数"), ("air_rules", "航空参数"),
        )
    },
}  # fmt: skip
"""The tables of this folder by file name, without ``.csv``."""
