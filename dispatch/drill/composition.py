"""Whether a county's drill is of several departments, industries and types of team (多部门、跨行业、多类型救援队伍)."""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.drill.model import Drill
from dispatch.drill.norms import drill_rule

__all__ = ["Composition", "composition"]


@dataclass(frozen=True)
class Composition:
    """Who takes part, and how many of each the norm asks for.

    Attributes
    ----------
    departments, industries, team_types : tuple of str
        Units of the players' roles that own an inject or an action, their industries (Chinese), types of the teams.
    wanted : tuple of three int
    """

    departments: tuple[str, ...]
    industries: tuple[str, ...]
    team_types: tuple[str, ...]
    wanted: tuple[int, int, int]

    @property
    def met(self) -> bool:
        """Whether there are enough of all three."""
        return all(
            len(found) >= least
            for found, least in zip((self.departments, self.industries, self.team_types), self.wanted, strict=True)
        )


def composition(drill: Drill) -> Composition:
    """Count departments, industries and team types of a drill."""
    active = {inject.owner for inject in drill.injects} | {action.role for action in drill.actions}
    active |= {inject.receiver for inject in drill.injects}
    players = [role for role in drill.roles if role.side == "player" and role.role in active]
    wanted = (int(drill_rule("departments")), int(drill_rule("industries")), int(drill_rule("team_types")))
    return Composition(
        tuple(dict.fromkeys(role.department for role in players if role.department)),
        tuple(dict.fromkeys(role.industry.zh for role in players if role.industry.zh)),
        tuple(dict.fromkeys(resource.team_type for resource in drill.resources if resource.team_type)),
        wanted,
    )
