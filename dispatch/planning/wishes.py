"""What is asked of a planner besides the scenario and cannot be: said in either language."""

from __future__ import annotations

from dispatch.documents.messages import text
from dispatch.planning.names import site_name
from dispatch.scenario import Scenario

__all__ = ["WishError", "wished_place"]


class WishError(ValueError):
    """A wish that cannot be met; its text is English, :meth:`said` says it in either language."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(text("en", key, **values))
        self._key, self._values = key, values

    def said(self, lang: str) -> str:
        """The catalogue's words for it."""
        return text(lang, self._key, **self._values)


def wished_place(scenario: Scenario, word: str) -> str:
    """Place with needs that a word means: its code, or its name in either language.

    Raises
    ------
    WishError
        If it means none, or several (of one name in two townships).
    """
    places = list(dict.fromkeys(scenario.needs["place"]))
    if word in places:
        return word
    labels = {place: {lang: site_name(scenario, place, lang) for lang in ("zh", "en")} for place in places}
    names = scenario.county.table("places").set_index("place")["name"]
    found = [place for place in places if word in labels[place].values() or names.get(place) == word]
    if not found:
        raise WishError("plan_wish_place", place=word)
    if len(found) > 1:
        alike = {f"names_{lang}": ", ".join(labels[place][lang] for place in found) for lang in ("zh", "en")}
        raise WishError("plan_wish_which_place", place=word, **alike)
    return str(found[0])
