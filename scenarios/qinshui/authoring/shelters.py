"""Table ``shelters``: most villages have one, some have none, the townships' schools take more. All synthetic."""

from __future__ import annotations

import random

from scenarios.qinshui.authoring.sketch import Sketch, Village
from scenarios.qinshui.authoring.tables import SYNTHETIC, Rows

__all__ = ["WITHOUT", "shelter_of", "shelters", "township_shelter"]

WITHOUT = frozenset({
    ("龙港镇", "景村"), ("龙港镇", "赵寨村"), ("龙港镇", "吴家沟村"), ("中村镇", "东川村"), ("中村镇", "东沟村"),
    ("郑庄镇", "董家山村"), ("郑庄镇", "当处庄村"), ("端氏镇", "马寨村"), ("端氏镇", "韩王村"), ("嘉峰镇", "卧虎庄村"),
    ("柿庄镇", "海江村"), ("土沃乡", "杏则村"), ("固县乡", "南庄村"), ("十里乡", "沙庄村"),
})  # fmt: skip
"""Villages without a shelter: the gap that an evaluator looks for (at least one per village is the aim)."""

_SCHOOLS = {
    "龙港镇": 1500, "中村镇": 600, "郑庄镇": 700, "端氏镇": 900, "嘉峰镇": 1000, "郑村镇": 600,
    "柿庄镇": 500, "土沃乡": 350, "张村乡": 300, "胡底乡": 400, "固县乡": 350, "十里乡": 400,
}  # fmt: skip
_AREA_M2 = 2.5


def shelter_of(village: Village) -> str:
    """Id of a village's own shelter."""
    return f"S-{village.code}"


def township_shelter(code: str) -> str:
    """Id of the shelter in a township's school."""
    return f"S-{code}"


def shelters(county: Sketch) -> Rows:
    """Rows of the table."""
    rows: Rows = []
    for township in county.townships.values():
        draw = random.Random(f"school {township.code}")
        at = (
            round(township.lon + draw.uniform(-0.0008, 0.0008), 6),
            round(township.lat + draw.uniform(-6e-4, 6e-4), 6),
        )
        capacity = _SCHOOLS[township.name]
        rows.append(
            _row(township_shelter(township.code), f"{township.name}中心学校（虚拟）", township.code, at, capacity, True)
        )
    for village in county.villages.values():
        if (village.township.name, village.name) in WITHOUT:
            continue
        draw = random.Random(f"shelter {village.code}")
        indoor = draw.random() < 0.72
        share = draw.uniform(0.18, 0.36)
        capacity = min(max(round(village.people * share / 10) * 10, 60), 800)
        kind = draw.choice(("党群服务中心", "小学", "文化大院")) if indoor else "文化活动广场"
        at = (round(village.lon + draw.uniform(-4e-4, 4e-4), 6), round(village.lat + draw.uniform(-3e-4, 3e-4), 6))
        rows.append(_row(shelter_of(village), f"{village.name}{kind}（虚拟）", village.code, at, capacity, indoor))
    return rows


def _row(key: str, name: str, place: str, at: tuple[float, float], capacity: int, indoor: bool) -> dict[str, object]:
    return {
        "shelter": key, "name": name, "place": place, "lon": at[0], "lat": at[1], "capacity": capacity,
        "indoor": indoor, "area_m2": capacity * _AREA_M2, "synthetic": True, "source": SYNTHETIC,
    }  # fmt: skip
