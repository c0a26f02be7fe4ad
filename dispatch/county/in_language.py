"""A county whose places and items are called as a reader of one language calls them."""

from __future__ import annotations

from dataclasses import replace

from dispatch.county.county import County
from dispatch.county.english import own_names
from dispatch.county.names import place_label
from dispatch.county.schema import SCHEMA

__all__ = ["in_language"]


def in_language(county: County, lang: str) -> County:
    """The county with English names in the column ``name``, where the tables have or allow them.

    Depots, shelters, facilities and candidates without an English name are called by their place and kind.

    Parameters
    ----------
    county : County
    lang : {"zh", "en"}
        In Chinese the county comes back as it is.
    """
    if lang != "en":
        return county
    tables = dict(county.tables)
    places, items = county.table("places"), county.table("items")
    english = places["name_en"] != ""
    labels = [place_label(county, place, "en") if known else name
              for place, known, name in zip(places["place"], english, places["name"], strict=True)]  # fmt: skip
    tables["places"] = places.assign(name=labels).astype({"name": places["name"].dtype})
    tables["items"] = items.assign(name=items["name_en"].where(items["name_en"] != "", items["name"]))
    for name, table in SCHEMA.items():
        if name not in {"places", "items"} and any(column.name == "name_en" for column in table.columns):
            rows = county.table(name)
            called = own_names(county, name, "en")
            keys = rows[table.key[0]].tolist()
            names = [called[str(key)] if own else "" for key, own in zip(keys, rows["name"], strict=True)]
            tables[name] = rows.assign(name=names).astype({"name": rows["name"].dtype})
    return replace(county, tables=tables)
