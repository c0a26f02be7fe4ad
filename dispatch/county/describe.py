"""What belongs into a column, in words: for the comments, the explanation sheet and the README of a template."""

from __future__ import annotations

from dispatch.county.schema import SCHEMA
from dispatch.county.table import Column, Table
from dispatch.documents.messages import has, text

__all__ = ["about_column", "describe_column"]

_UNITS = {
    "zh": {"min": "分钟", "h": "小时", "d": "天", "1/h": "每小时", "°": "度"},
    "en": {"人": "people", "户": "households", "个": "pieces", "元": "yuan", "°": "degrees", "d": "days"},
}
"""Words for units whose sign a reader of that language may not know."""


def describe_column(table: Table, column: Column, lang: str) -> str:
    """Required or not, kind, unit, range, words to choose from, default, and what the column is for."""
    parts = [text(lang, "county_required" if column.required else "county_optional"), _kind(column, lang)]
    if column.choices or column.kind == "flag":
        parts.append(text(lang, "county_one_of", words=_words(column, lang)))
    if column.refers:
        tables = [SCHEMA[name].zh if lang == "zh" else name for name in column.refers]
        parts.append(text(lang, "county_names_row_of", tables=text(lang, "county_or").join(tables)))
    if column.default is not None:
        parts.append(text(lang, "county_default", value=_default(column, lang)))
    if column.name in table.key and len(table.key) > 1:
        keys = [c.zh if lang == "zh" else c.name for c in table.columns if c.name in table.key]
        parts.append(text(lang, "county_key_of", keys=" + ".join(keys)))
    about = about_column(table, column, lang)
    stop = "。" if lang == "zh" else ". "
    return stop.join([*parts, about] if about else parts).rstrip() + (stop.rstrip() if not about else "")


def about_column(table: Table, column: Column, lang: str) -> str:
    """Sentence on what the column is for; "" where its name says it all."""
    keys = (f"county_about_{table.name}_{column.name}", f"county_about_{column.name}")
    return next((text(lang, key) for key in keys if has(key)), "")


def _kind(column: Column, lang: str) -> str:
    if column.kind in {"number", "integer"}:
        word = text(lang, f"county_kind_{column.kind}")
        if column.unit:
            word += text(lang, "county_in_unit", unit=_UNITS[lang].get(column.unit, column.unit))
        if column.low is not None and column.high is not None:
            return word + text(lang, "county_range", low=f"{column.low:g}", high=f"{column.high:g}")
        return word + (text(lang, "county_from", low=f"{column.low:g}") if column.low is not None else "")
    return text(lang, f"county_kind_{column.kind}")


def _words(column: Column, lang: str) -> str:
    if column.kind == "flag":
        return text(lang, "county_or").join((text(lang, "common_yes"), text(lang, "common_no")))
    choices = column.choices or {}
    return text(lang, "county_or").join(choices.values() if lang == "zh" else choices)


def _default(column: Column, lang: str) -> str:
    if isinstance(column.default, bool):
        return text(lang, "common_yes" if column.default else "common_no")
    if column.choices and lang == "zh":
        return column.choices.get(str(column.default), str(column.default))
    return f"{column.default:g}" if isinstance(column.default, float) else str(column.default)
