# ruff: noqa: E501 - a table reads better with one row a line
"""Tables ``items`` and ``first_batch``: what is held, what a piece weighs, and what must come first."""

from __future__ import annotations

from scenarios.qinshui.authoring.tables import MEMORY, Rows

__all__ = ["first_batch", "items"]

_TENT_FLOOR = "floor 3.7 × 3.2 m: MZ/T 011.2-2010"
_ITEMS = (
    # item, name, name_en, category, spec, unit, kg, m³, shelf life (days), source
    ("water", "瓶装饮用水", "bottled water", "water", "24 × 500 mL", "箱", 12.5, 0.018, 450, f"12 L and the packing; {MEMORY}"),
    ("food", "即食食品", "ready-to-eat ration", "food", "一人一日份，约2100千卡", "份", 0.8, 0.003, 720, f"0.6–0.9 kg for 2 100 kcal; {MEMORY}"),
    ("tent", "12平方米单帐篷", "tent 12 m², single", "shelter", "3.7 × 3.2 m", "顶", 75.0, 0.4, 1825, f"{_TENT_FLOOR}; mass and volume: {MEMORY}"),
    ("tent_padded", "12平方米棉帐篷", "tent 12 m², padded", "shelter", "3.7 × 3.2 m", "顶", 130.0, 0.7, 1825, f"{_TENT_FLOOR}; mass and volume: {MEMORY}"),
    ("tarpaulin", "苫布", "tarpaulin", "shelter", "4 × 6 m", "块", 5.0, 0.012, 1825, MEMORY),
    ("quilt", "棉被", "quilt", "bedding", "", "床", 3.0, 0.02, 2920, f"about 3 kg, 0.015–0.03 m³ compressed; {MEMORY}"),
    ("towel_quilt", "毛巾被", "towel quilt", "bedding", "", "条", 1.2, 0.006, 2920, MEMORY),
    ("blanket", "毛毯", "blanket", "bedding", "30条一捆", "条", 1.63, 0.011, 2920, "UNHCR handbook: bale of 30, 48–50 kg, 0.30–0.35 m³"),
    ("coat", "棉大衣", "padded coat", "bedding", "", "件", 2.5, 0.012, 2920, MEMORY),
    ("mattress", "褥子", "sleeping mat", "bedding", "", "床", 2.5, 0.018, 2920, MEMORY),
    ("bed", "折叠床", "folding bed", "equipment", "", "张", 10.0, 0.065, 2920, f"8–12 kg, 0.05–0.08 m³; {MEMORY}"),
    ("family_kit", "家庭应急包", "family kit", "equipment", "", "套", 5.0, 0.02, 1825, MEMORY),
    ("lamp", "应急照明灯", "emergency lamp", "equipment", "", "盏", 1.5, 0.006, 1825, MEMORY),
    ("generator", "发电机", "generator", "equipment", "5 kW", "台", 85.0, 0.3, 3650, MEMORY),
    ("medical_kit", "急救药箱", "medical kit", "medical", "", "箱", 8.0, 0.03, 730, f"medicine keeps 1–3 years; {MEMORY}"),
    ("woven_bag", "编织袋", "woven bag", "flood", "空袋", "条", 0.1, 0.0003, 1460, MEMORY),
    ("life_vest", "救生衣", "life vest", "flood", "", "件", 0.9, 0.012, 1825, MEMORY),
    ("boat", "橡皮艇", "inflatable boat", "flood", "4 m", "艘", 80.0, 0.5, 3285, MEMORY),
    ("pump", "柴油抽水泵", "diesel pump", "flood", "", "台", 150.0, 0.6, 3650, MEMORY),
    ("spade", "铁锹", "spade", "flood", "", "把", 1.8, 0.006, 3650, MEMORY),
    ("blower", "风力灭火机", "fire blower", "fire", "", "台", 9.5, 0.06, 2920, MEMORY),
    ("water_gun", "灭火水枪", "backpack pump", "fire", "20 L，空", "支", 2.2, 0.03, 1825, MEMORY),
    ("beater", "二号工具", "fire beater", "fire", "", "把", 1.5, 0.01, 1825, MEMORY),
    ("hose", "消防水带", "fire hose", "fire", "20 m", "盘", 6.0, 0.02, 2190, MEMORY),
    ("chainsaw", "油锯", "chainsaw", "fire", "", "台", 7.5, 0.05, 2920, MEMORY),
    ("fire_suit", "扑火服", "fire suit", "fire", "", "套", 2.5, 0.015, 1825, MEMORY),
    ("fuel", "桶装柴油", "diesel, jerrycan", "other", "20 L 桶", "桶", 19.0, 0.028, 365, f"20 L at 0.84 kg/L and the can; {MEMORY}"),
    ("satellite_phone", "卫星电话", "satellite phone", "rescue", "", "部", 0.6, 0.003, 2190, MEMORY),
)  # fmt: skip

_SPEC_EN = {
    "一人一日份，约2100千卡": "one person and day, about 2 100 kcal", "30条一捆": "bales of 30", "空袋": "empty",
    "20 L，空": "20 L, empty", "20 L 桶": "20 L can",
}  # fmt: skip
"""Specifications that are not plain figures, in English."""

_RULE = (
    "this project's default: one day of water and food, a quilt a person, a tent for every 5 of the first third of the "
    "people"
)
_BATCH = (
    # preset, item, per person, share of people, substitutes, source, note
    ("summer", "water", 0.25, 1.0, "", f"{_RULE}; 3 L a person and day (Sphere 2011: 2.5–3 L to drink and in food)", "12升一箱，供4人一日"),
    ("summer", "food", 1.0, 1.0, "", f"{_RULE}; about 2 100 kcal a person and day", "一份为一人一日"),
    ("summer", "quilt", 1.0, 1.0, "blanket;towel_quilt", f"{_RULE}; blankets and towel quilts stand in on summer nights: {MEMORY}", ""),
    ("summer", "tent", 0.2, 0.3333, "tent_padded", _RULE, "安置在学校等室内场所的人员不需帐篷，可按实际调低覆盖比例"),
    ("winter", "water", 0.25, 1.0, "", f"{_RULE}; 3 L a person and day (Sphere 2011: 2.5–3 L to drink and in food)", "12升一箱，供4人一日"),
    ("winter", "food", 1.0, 1.0, "", f"{_RULE}; about 2 100 kcal a person and day", "一份为一人一日"),
    ("winter", "quilt", 1.0, 1.0, "", _RULE, ""),
    ("winter", "coat", 0.5, 1.0, "", f"padded tents, quilts and coats were sent in the Shanxi flood of October 2021; one for two people: {MEMORY}", ""),
    ("winter", "tent_padded", 0.2, 0.3333, "", f"{_RULE}; padded in the cold months", "安置在学校等室内场所的人员不需帐篷，可按实际调低覆盖比例"),
    ("stranded", "water", 0.125, 1.0, "", f"travellers held up by snow: half a day of water; {MEMORY}", ""),
    ("stranded", "food", 1.0, 1.0, "", f"travellers held up by snow: a day of food; {MEMORY}", "一份为一人一日"),
    ("stranded", "quilt", 1.0, 1.0, "blanket", f"travellers held up by snow: a quilt a person; {MEMORY}", ""),
    ("stranded", "fuel", 0.25, 1.0, "", f"travellers held up by snow: 10 L for a vehicle of two, a night's heating; {MEMORY}", "20升一桶"),
)  # fmt: skip


def items() -> Rows:
    """Rows of the table; what a person needs stands in the table of the first batch."""
    columns = (
        "item",
        "name",
        "name_en",
        "category",
        "spec",
        "unit",
        "weight_kg",
        "volume_m3",
        "shelf_life_d",
        "source",
    )
    return [{**dict(zip(columns, row, strict=True)), "spec_en": _SPEC_EN.get(row[4], row[4])} for row in _ITEMS]


def first_batch() -> Rows:
    """Rows of the table: for people in collective shelters in summer and winter, and for travellers held up by snow."""
    columns = ("preset", "item", "quantity_per_person", "people_share", "substitutes", "source", "note")
    return [{**dict(zip(columns, row, strict=True)), "basis": "sheltered"} for row in _BATCH]
