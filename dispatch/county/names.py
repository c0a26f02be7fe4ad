"""Names of places: told apart by township where two are alike, found by code, name or former name."""

from __future__ import annotations

import re
from collections import defaultdict
from weakref import WeakKeyDictionary

import pandas as pd

from dispatch.county.county import County
from dispatch.county.units import plain

__all__ = ["PlaceNames", "find_place", "place_label"]

_VILLAGE_ENDING = re.compile(
    r"(?:村村民委员会|村民委员会|社区居民委员会|居民委员会|社区居委会|村委会|居委会|社区|行政村|村)$"
)
_TOWNSHIP_ENDING = re.compile(r"(?:街道办事处|街道办|街道|镇|乡)$")
_BRACKETED = re.compile(r"(.+?)\((.+)\)")


def place_label(county: County, place: str, lang: str = "zh") -> str:
    """Name of a place as a reader can tell it from others.

    Parameters
    ----------
    county : County
    place : str
        Its code.
    lang : {"zh", "en"}
        English where the place has an English name.

    Returns
    -------
    str
        The name, with the township where another village has the same one (``苏庄村（柿庄镇）``), and with the code
        where even that is not enough. An unknown code comes back as it is.
    """
    return _index(county).label(place, lang)


def find_place(county: County, text: str) -> list[str]:
    """Codes of the places that a text names.

    Tried in this order, the first that gives any: code; label (``苏庄村（柿庄镇）`` or ``柿庄镇苏庄村``); name; former
    or English name; name without its ending (苏庄 finds 苏庄村委会).

    Returns
    -------
    list of str
        Empty if none is meant, several if the name is not unique.
    """
    return _index(county).find(text)


class PlaceNames:
    """Names of a table of places, indexed once.

    Parameters
    ----------
    places : DataFrame
        Table ``places``.
    """

    def __init__(self, places: pd.DataFrame) -> None:
        self._codes: list[str] = places["place"].tolist()
        self._name: dict[str, str] = dict(zip(self._codes, places["name"].tolist(), strict=True))
        self._name_en: dict[str, str] = dict(zip(self._codes, places["name_en"].tolist(), strict=True))
        self._kind: dict[str, str] = dict(zip(self._codes, places["kind"].tolist(), strict=True))
        self._parent: dict[str, str] = dict(zip(self._codes, places["parent"].tolist(), strict=True))
        self._by_name: dict[str, list[str]] = defaultdict(list)
        self._by_alias: dict[str, list[str]] = defaultdict(list)
        self._by_stem: dict[str, list[str]] = defaultdict(list)
        self._by_township_stem: dict[str, list[str]] = defaultdict(list)
        for code, aliases in zip(self._codes, places["aliases"].tolist(), strict=True):
            self._add(code, aliases)

    def _add(self, code: str, aliases: str) -> None:
        if not code:
            return
        name = _squeeze(self._name[code])
        self._by_name[name].append(code)
        for alias in filter(None, [*aliases.split(";"), self._name_en[code]]):
            self._by_alias[_squeeze(alias)].append(code)
        if self._kind[code] == "township":
            self._by_township_stem[_stem(name, _TOWNSHIP_ENDING)].append(code)
        else:
            self._by_stem[_stem(name, _VILLAGE_ENDING)].append(code)

    def name(self, code: str) -> str:
        """Name of a place, "" if unknown."""
        return self._name.get(code, "")

    def stem(self, code: str) -> str:
        """Name without 村, 村委会, 社区 and the like."""
        return _stem(_squeeze(self.name(code)), _VILLAGE_ENDING)

    def kind(self, code: str) -> str:
        """``county``, ``township``, ``village``, or "" if unknown."""
        return self._kind.get(code, "")

    def label(self, code: str, lang: str = "zh") -> str:
        """Name as :func:`place_label` gives it."""
        if code not in self._name:
            return code
        alike = self._alike(code)
        name = self._in(lang, code)
        if len(alike) < 2:
            return name
        parent = self._parent[code]
        same_parent = sum(self._parent[other] == parent for other in alike) > 1
        parts = [self._in(lang, parent)] if parent in self._name else []
        if same_parent or not parts:
            parts.append(code)
        return f"{name} ({', '.join(parts)})" if lang == "en" else f"{name}（{'，'.join(parts)}）"

    def find(self, text: str) -> list[str]:
        """Codes as :func:`find_place` gives them."""
        if text.strip() in self._name:
            return [text.strip()]
        word = _squeeze(text)
        if not word:
            return []
        bracketed = _BRACKETED.fullmatch("".join(plain(text).split()))
        if bracketed is not None:
            code = bracketed[2].rpartition(",")[2]
            if code in self._name and code in self._named(_squeeze(bracketed[1])):
                return [code]
        return self._within_township(word) or self._named(word)

    def _named(self, word: str) -> list[str]:
        stem = _stem(word, _VILLAGE_ENDING)
        return list(
            self._by_name.get(word)
            or self._by_alias.get(word)
            or self._by_stem.get(stem)
            or self._by_township_stem.get(word)
            or ()
        )

    def _within_township(self, word: str) -> list[str]:
        """``苏庄村(柿庄镇)`` and ``柿庄镇苏庄村``."""
        pairs = []
        if (match := _BRACKETED.fullmatch(word)) is not None:
            pairs.append((match[1], match[2].split(",")[0]))
        pairs += [(word[cut:], word[:cut]) for cut in range(2, min(len(word) - 1, 9)) if word[cut - 1] in "镇乡道区县"]
        for name, above in pairs:
            parents = {code for code in self._named(above) if self._kind[code] != "village"}
            inside = [code for code in self._named(name) if self._parent[code] in parents]
            if inside:
                return inside
        return []

    def _alike(self, code: str) -> list[str]:
        """Places that a reader would take for this one by name."""
        if self._kind[code] == "township":
            return [other for other in self._by_name[_squeeze(self._name[code])] if self._kind[other] == "township"]
        return self._by_stem[self.stem(code)]

    def _in(self, lang: str, code: str) -> str:
        return (self._name_en[code] if lang == "en" else "") or self._name[code] or code


_INDICES: WeakKeyDictionary[County, PlaceNames] = WeakKeyDictionary()


def _index(county: County) -> PlaceNames:
    if county not in _INDICES:
        _INDICES[county] = PlaceNames(county.table("places"))
    return _INDICES[county]


def _squeeze(text: str) -> str:
    """Name without blanks, half-width (brackets and commas too), in lower case."""
    return re.sub(r"\s+", "", plain(text)).casefold()


def _stem(name: str, ending: re.Pattern[str]) -> str:
    """Name without its ending, unless only one character would be left."""
    stem = ending.sub("", name)
    return stem if len(stem) >= 2 else name
