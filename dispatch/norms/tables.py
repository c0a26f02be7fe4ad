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
_RANGE = (C("low", "下限", "number", optional=True), C("high", "上限", "number", optional=True))


def _n(name: str, zh: str, unit: str = "", *, optional: bool = False) -> NormColumn:
    return C(name, zh, "number", unit, optional=optional)


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
}  # fmt: skip
"""The tables of this folder by file name, without ``.csv``."""
