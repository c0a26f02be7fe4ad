"""How a drill's papers say things: names of roles, clock and exercise times, durations, standards."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from dispatch.documents.messages import text
from dispatch.drill.model import Action, Drill, Inject, Standard

__all__ = ["Say", "minutes"]


def minutes(seconds: float) -> int:
    """Whole minutes, rounded up so that a limit never reads shorter than it is."""
    return math.ceil(seconds / 60 - 1e-9)


@dataclass(frozen=True)
class Say:
    """Words about one drill in one language."""

    drill: Drill
    lang: str
    _roles: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Look up every role's name once."""
        self._roles.update({role.role: role.name(self.lang) for role in self.drill.roles})

    def __call__(self, key: str, **values: object) -> str:
        """Message ``drill_KEY``."""
        return text(self.lang, f"drill_{key}", **values)

    def title(self, key: str) -> str:
        """Title of a paper."""
        return self(f"title_{key}", title=self.drill.title(self.lang))

    def role(self, role: str) -> str:
        """Name of a role."""
        return self._roles[role]

    def clock(self, time_ms: int) -> str:
        """Clock time in the scenario."""
        return f"{self.drill.clock(time_ms):%m-%d %H:%M}"

    def exercise(self, time_ms: int) -> str:
        """Exercise time, ``+1:05``."""
        whole = round(self.drill.exercise_s(time_ms) / 60)
        return f"+{whole // 60}:{whole % 60:02d}"

    def duration(self, seconds: float) -> str:
        """``1小时16分`` or ``1 h 16 min``."""
        whole = minutes(seconds)
        hours, rest = divmod(whole, 60)
        if self.lang == "zh":
            return f"{hours}小时{rest}分" if hours and rest else f"{hours}小时" if hours else f"{rest}分钟"
        return f"{hours} h {rest} min" if hours and rest else f"{hours} h" if hours else f"{rest} min"

    def standard(self, standard: Standard) -> str:
        """A standard time with where it comes from."""
        kind = standard.source.split(":")[0]
        return self(f"standard_{kind}", limit=self.duration(standard.limit_s), p50=self.duration(standard.p50_s),
                    p90=self.duration(standard.p90_s), nights=standard.nights)  # fmt: skip

    def actions(self, inject: Inject) -> list[Action]:
        """Actions of an inject."""
        return [action for action in self.drill.actions if action.inject == inject.key]

    def superior(self, role: str, sender: str) -> str:
        """Name of whom a role tells what it has done: who asked; where that is control or itself, who takes reports."""
        sides = {found.role: found.side for found in self.drill.roles}
        if sender != role and sides[sender] == "player":
            return self.role(sender)
        first = self.drill.injects[0].receiver
        asked = next((i for i in self.drill.injects if i.template in ("hq_setup", "v_warn", "t_warn")), None)
        above = first if asked is None else asked.sender if self.drill.level != "county" else asked.owner
        if self.drill.level != "county" or role == first:
            return self.role(above)
        return self.role(first)

    def numbers(self, inject: Inject) -> str:
        """Numbers of the injects that it depends on."""
        known = {other.key: other.number for other in self.drill.injects}
        return ", ".join(str(known[key]) for key in inject.after if key in known)

    def objective(self, objective: str) -> str:
        """Name of an objective."""
        for found in self.drill.objectives:
            if found.objective == objective:
                return found.name(self.lang)
        return self(f"part_{objective}") if self.drill.level != "county" else objective

    def capability(self, capability: str) -> str:
        """Name of a capability."""
        from dispatch.drill.norms import both, rows

        return next(both(row, "name")(self.lang) for row in rows("capabilities") if row["capability"] == capability)

    def statements(self) -> str:
        """What page 1 must say."""
        return " ".join([*(words(self.lang) for words in self.drill.statements), self("conformity")])
