"""Who is responsible for which step: roles of the county's headquarters, found by the duties the tables name.

The norm table ``duties`` says which words in a role's duties make it responsible for a step. A role of the headquarters
for the scenario's hazard goes before one of none; a step that no role claims has none.
"""

from __future__ import annotations

from dispatch.norms import read_norm
from dispatch.scenario import Scenario

__all__ = ["commanders_of", "roles_of"]


def roles_of(scenario: Scenario) -> dict[str, str]:
    """Role by step (``report``, ``verify``, ``approve``, ``issue``, ``news``, ``orders``, ``callout`` …)."""
    roles, of = scenario.county.table("roles"), _headquarters(scenario)
    ranked = [row for row in roles.to_dict("records") if row["headquarters"] in of]
    ranked += [row for row in roles.to_dict("records") if row["headquarters"] == ""]
    found: dict[str, str] = {}
    for duty in read_norm("duties") if ranked else []:
        words = duty["words"].split(";")
        for row in ranked:
            if any(word in row["duties"] for word in words):
                found.setdefault(duty["step"], row["role"])
                break
    return found


def commanders_of(scenario: Scenario) -> int:
    """Commanders of the headquarters for the scenario's hazard; the norm's number where the roles name none."""
    roles = scenario.county.table("roles")
    named = roles.loc[roles["headquarters"].isin(_headquarters(scenario)), "commanders"].sum()
    return int(named) or round(scenario.response.value("news.commanders"))


def _headquarters(scenario: Scenario) -> set[str]:
    table = scenario.county.table("headquarters")
    return set(table.loc[table["hazard"] == scenario.hazard, "headquarters"])
