"""A county whose places and items are called as a reader of one language calls them."""

from __future__ import annotations

from dataclasses import replace

from dispatch.county.county import County
from dispatch.county.names import place_label

__all__ = ["in_language"]


def in_language(county: County, lang: str) -> County:
    """The county with English names of places and items in the column ``name``, where the tables have them.

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
    return replace(county, tables=tables)
