"""Who is who in a drill: posts of the norm, filled with the county's own roles where their duties say so."""

from __future__ import annotations

from collections.abc import Iterable

from dispatch.county.county import County
from dispatch.drill.model import Level, Role, Words
from dispatch.drill.norms import both, hazard_row, rows

__all__ = ["Roster", "evaluator_of", "industry_of"]


def evaluator_of(objective: str) -> str:
    """Role of the evaluator of an objective."""
    return f"EV-{objective}"


def industry_of(unit: str) -> Words:
    """Industry (行业) of a unit by the words in its name; empty if no word fits."""
    for row in rows("industries"):
        if row["words"] in unit:
            return both(row, "name")
    return Words("", "")


class Roster:
    """Roles of a drill by post; a role joins when it is first asked for.

    Parameters
    ----------
    county : County
    hazard : str
        Roles of that hazard's headquarters go first, then roles of none.
    units : mapping of post to Words, optional
        Units of a township's or village's own posts.
    """

    def __init__(self, county: County, hazard: str, units: dict[str, Words] | None = None) -> None:
        self._posts = {row["post"]: row for row in rows("posts")}
        self._units = units or {}
        self._made: dict[str, Role] = {}
        table, headquarters = county.table("roles"), county.table("headquarters")
        wanted = {hazard, hazard_row(hazard)["headquarters"]}
        own = set(headquarters.loc[headquarters["hazard"].isin(wanted), "headquarters"])
        listed = table.to_dict("records")
        self._ranked = [row for row in listed if row["headquarters"] in own and row["headquarters"]]
        self._ranked += [row for row in listed if row["headquarters"] == ""]
        self.headquarters = next(iter(sorted(own)), "")

    def __call__(self, post: str) -> str:
        """Role id of a post.

        Raises
        ------
        KeyError
            If the norm has no such post.
        """
        if post not in self._made:
            self._made[post] = self._fill(self._posts[post])
        return self._made[post].role

    def _fill(self, post: dict[str, str]) -> Role:
        words = [word for word in post["words"].split(";") if word]
        found = next((row for word in words for row in self._ranked if word in row["duties"]), None)
        unit = self._units.get(post["post"])
        if found is None:
            unit = unit or both(post, "unit")
            return Role(f"P-{post['post']}", both(post, "name"), unit, post["side"], unit.zh,  # type: ignore[arg-type]
                        industry_of(unit.zh), both(post, "duties"))  # fmt: skip
        unit = unit or Words(found["unit"] or post["unit_zh"], post["unit_en"])
        name = Words(found["name"], found["name_en"] or post["name_en"])
        duties = Words(found["duties"].replace(";", "；") or post["duties_zh"], post["duties_en"])
        return Role(found["role"], name, unit, "player", unit.zh, industry_of(unit.zh), duties, found["headquarters"])

    def roles(self, level: Level, objectives: Iterable[str]) -> tuple[Role, ...]:
        """Every role asked for so far, once, and an evaluator for each objective."""
        kept = list({role.role: role for role in self._made.values()}.values())
        table = {
            row["objective"]: row for row in rows("objectives") if (row["level"] == "county") == (level == "county")
        }
        unit = Words("演练评估组", "evaluation team")
        duties = Words("按评估表记录实际用时，不干预演练", "writes down real times on the form, does not interfere")
        kept += [
            Role(evaluator_of(name), both(table[name], "evaluator"), unit, "evaluator", unit.zh, Words("", ""), duties)
            for name in objectives
        ]
        return tuple(kept)
