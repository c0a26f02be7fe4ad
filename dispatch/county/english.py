"""What a row of a county's tables is called in English: its own English name, else what it is and where."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from dispatch.county.county import County
from dispatch.county.names import place_label
from dispatch.county.schema import SCHEMA
from dispatch.documents.messages import has, text

__all__ = ["CHINESE", "english_name", "own_names", "side_of"]

CHINESE = re.compile("[\u4e00-\u9fff]")
_KIND = {
    "depots": "tier", "shelters": "", "facilities": "kind", "candidates": "kind", "hazard_points": "kind",
    "communications": "medium", "suppliers": "", "teams": "type", "fire_lines": "kind", "risk_zones": "kind",
    "dams": "kind", "aircraft": "type", "drones": "type",
}  # fmt: skip
"""Table → column that says what a row is, "" where the table does."""
_FAR = {"city", "province"}


def side_of(words: str, lang: str) -> str:
    """The side of ``Chinese | English`` that a reader wants; words that have one side only as they are."""
    zh, bar, en = words.partition("| ")
    return (zh if lang == "zh" else en).strip() if bar else words


def own_names(county: County, table: str, lang: str) -> dict[str, str]:
    """Name by id of the rows of a table: in English the English one, where there is one; the id where there is none."""
    rows, key = county.table(table).to_dict("records"), SCHEMA[table].key[0]
    if lang != "en":
        return {str(row[key]): str(row["name"]) or str(row[key]) for row in rows}
    alike = Counter(_where(table, row) for row in rows)
    return {
        str(row[key]): _called(county, table, row, alike[_where(table, row)]) or str(row["name"]) or str(row[key])
        for row in rows
    }


def english_name(county: County, table: str, row: Mapping[Any, Any]) -> str:
    """English name of a row of ``depots``, ``shelters``, ``facilities``, ``candidates``, ``teams`` and the like.

    The column ``name_en``; a name that is not Chinese; else place and kind (``Hengtou school``), with the id where the
    place has several of the kind; "" if the place has no English name either. What stands at no place of the county
    (teams, fire roads, depots of city and province) is called by kind and id.
    """
    rows, (place, kind) = county.table(table), _where(table, row)
    if "place" not in rows:
        return _called(county, table, row, 1)
    alike = (rows["place"] == place) & ((rows[_KIND[table]] == kind) if _KIND.get(table) else True)
    return _called(county, table, row, int(alike.sum()))


def _where(table: str, row: Mapping[Any, Any]) -> tuple[str, str]:
    """Place and kind of a row, "" where it has none."""
    column = _KIND.get(table, "")
    return str(row.get("place") or ""), str(row[column]) if column else ""


def _called(county: County, table: str, row: Mapping[Any, Any], alike: int) -> str:
    """English name, with the id where several rows are alike; "" if there is none."""
    if given := str(row.get("name_en") or ""):
        return given
    if (name := str(row["name"])) and not CHINESE.search(name):
        return name
    if table not in _KIND:
        return ""
    code, kind = _where(table, row)
    place = place_label(county, code, "en") if code else ""
    far = kind in _FAR if table == "depots" else not code
    if (not place and not far) or CHINESE.search(place + kind):
        return ""
    key = SCHEMA[table].key[0]
    word = "_".join(part for part in ("report_kind", key, kind) if part)
    named = text("en", word) if has(word) else kind.replace("_", " ")
    if not place:
        return f"{named} {row[key]}"
    return f"{place} {named}" + (f" {row[key]}" if alike > 1 else "")
