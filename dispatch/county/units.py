"""Units as they stand in headers and cells, in Chinese and English, and what one of them is in a column's unit."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["conversion", "is_unit", "plain"]

_FAMILIES: tuple[dict[str, float], ...] = (
    {"kg": 1.0, "公斤": 1.0, "千克": 1.0, "g": 1e-3, "克": 1e-3, "t": 1e3, "吨": 1e3, "斤": 0.5, "tonne": 1e3,
     "tonnes": 1e3, "ton": 1e3, "tons": 1e3},
    {"m3": 1.0, "立方米": 1.0, "立方": 1.0, "方": 1.0, "cbm": 1.0, "l": 1e-3, "升": 1e-3, "公升": 1e-3,
     "litre": 1e-3, "litres": 1e-3, "liter": 1e-3, "ml": 1e-6, "毫升": 1e-6},
    {"m": 1.0, "米": 1.0, "km": 1e3, "公里": 1e3, "千米": 1e3, "里": 500.0, "cm": 1e-2, "厘米": 1e-2, "mm": 1e-3,
     "毫米": 1e-3},
    {"min": 1.0, "mins": 1.0, "minute": 1.0, "minutes": 1.0, "分钟": 1.0, "分": 1.0, "s": 1 / 60, "秒": 1 / 60,
     "h": 60.0, "hr": 60.0, "hour": 60.0, "hours": 60.0, "小时": 60.0, "时": 60.0, "个小时": 60.0,
     "d": 1440.0, "day": 1440.0, "days": 1440.0, "天": 1440.0, "日": 1440.0, "周": 10080.0,
     "月": 525600 / 12, "个月": 525600 / 12, "month": 525600 / 12, "months": 525600 / 12,
     "年": 525600.0, "year": 525600.0, "years": 525600.0, "a": 525600.0},
    {"km/h": 1.0, "kmh": 1.0, "kph": 1.0, "公里/小时": 1.0, "千米/小时": 1.0, "公里/时": 1.0, "m/s": 3.6, "米/秒": 3.6,
     "节": 1.852, "kn": 1.852, "knots": 1.852},
    {"m2": 1.0, "平方米": 1.0, "平米": 1.0, "平方": 1.0, "km2": 1e6, "平方公里": 1e6, "平方千米": 1e6,
     "亩": 2000 / 3, "公顷": 1e4, "ha": 1e4},
    {"元": 1.0, "块": 1.0, "rmb": 1.0, "cny": 1.0, "yuan": 1.0, "人民币": 1.0},
    {"°": 1.0, "度": 1.0, "deg": 1.0, "degrees": 1.0},
    {"人": 1.0, "名": 1.0, "口": 1.0, "位": 1.0, "people": 1.0, "persons": 1.0, "person": 1.0},
    {"户": 1.0, "家": 1.0, "households": 1.0},
    {"个": 1.0, "处": 1.0, "座": 1.0, "道": 1.0, "台": 1.0, "条": 1.0},
)  # fmt: skip
"""One family per dimension. A year is 365 days and a month a twelfth of it."""
_FAMILY = {unit: family for family in _FAMILIES for unit in family}
_MULTIPLES = {"百": 1e2, "千": 1e3, "万": 1e4, "十万": 1e5, "百万": 1e6, "千万": 1e7, "亿": 1e8}
_RATE = re.compile(r"(?:[^\d\W]{0,6}/|每)(.+)|1/(.+)")


def plain(text: str) -> str:
    """Full-width letters, digits and signs made half-width, superscripts lowered, blanks at the ends dropped."""
    return unicodedata.normalize("NFKC", text).replace("−", "-").strip()


def is_unit(word: str) -> bool:
    """Whether a word is a unit known here, in whatever dimension."""
    return _known(_key(word)) is not None or _per_hour(_key(word)) is not None


def conversion(word: str, unit: str) -> float | None:
    """How many ``unit`` one ``word`` is.

    Parameters
    ----------
    word : str
        Unit as written by a person: ``吨``, ``万m³``, ``分钟``; also a multiple alone (``万``), or "".
    unit : str
        Unit of a schema column; "" for a plain number.

    Returns
    -------
    float or None
        None where ``word`` is not a unit of the same dimension.
    """
    key, target = _key(word), _key(unit)
    if key in {"", target}:
        return 1.0
    if key in _MULTIPLES:
        return _MULTIPLES[key]
    if target == "1/h":
        return _per_hour(key)
    known, wanted = _known(key), _FAMILY.get(target)
    if known is None or wanted is None or known[0] is not wanted:
        return None
    return known[1] / wanted[target]


def _key(word: str) -> str:
    return re.sub(r"\s+", "", plain(word)).replace("^", "").casefold()


def _known(key: str) -> tuple[dict[str, float], float] | None:
    """Family and size of a unit, also with a multiple before it."""
    if key in _FAMILY:
        return _FAMILY[key], _FAMILY[key][key]
    for multiple in sorted(_MULTIPLES, key=len, reverse=True):
        rest = key.removeprefix(multiple)
        if rest != key and rest in _FAMILY:
            return _FAMILY[rest], _MULTIPLES[multiple] * _FAMILY[rest][rest]
    return None


def _per_hour(key: str) -> float | None:
    """``顶/h``, ``/小时``, ``每天``: how many per hour one of them is."""
    match = _RATE.fullmatch(key)
    if match is None:
        return None
    period = _FAMILY.get(match[1] or match[2])
    minutes = period.get(match[1] or match[2]) if period is _FAMILY["min"] else None
    return None if minutes is None else 60.0 / minutes
