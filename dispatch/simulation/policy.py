"""Who decides on a night once things turn out otherwise than planned.

``follow``: drivers follow the plan and find their own way round what they know to be closed. ``nearest_first``: the
same, with a plan that serves the nearest place first. ``periodic``: headquarters plan anew at fixed intervals.
``event``: they plan anew whenever news reaches them. All four use the same draws, so that their nights differ only by
what was decided.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from dispatch.planning.plan import Plan
from dispatch.scenario import Scenario

__all__ = ["FOLLOW", "POLICIES", "Policy", "first_plan"]

POLICIES: tuple[str, ...] = ("follow", "nearest_first", "periodic", "event")


@dataclass(frozen=True)
class Policy:
    """One of ``POLICIES``.

    ``work``: how much search each new plan may take (as ``dispatch.planning.replan`` counts it), None for its default.

    Raises
    ------
    ValueError
        If the name is none of them.
    """

    name: str = "follow"
    work: int | None = None

    def __post_init__(self) -> None:
        if self.name not in POLICIES:
            msg = f"policy {self.name!r}: expected one of {', '.join(POLICIES)}"
            raise ValueError(msg)

    @property
    def replans(self) -> bool:
        """Whether headquarters plan anew on the night."""
        return self.name in ("periodic", "event")


FOLLOW = Policy()


def first_plan(policy: Policy, scenario: Scenario, plan: Plan) -> Plan:
    """The plan that a night begins with."""
    if policy.name != "nearest_first":
        return plan
    import pandas as pd

    from dispatch.planning.relief import plan_nearest_first

    nearest = plan_nearest_first(scenario)
    used = {*plan.evacuations["path"], *plan.evacuations["pickup_path"]}
    paths = pd.concat([nearest.paths, plan.paths[plan.paths["path"].isin(used)]], ignore_index=True)
    others = {name: getattr(plan, name) for name in ("evacuations", "deployments", "sorties", "unserved")}
    return replace(nearest, paths=paths, **others)
