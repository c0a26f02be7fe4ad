"""Whether a plan passes: T_all within the deadline on enough of enough nights (S-01)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from dispatch.simulation.ensemble import Ensemble
from dispatch.step_norms import rule_values

__all__ = ["Verdict", "judge"]


@dataclass(frozen=True)
class Verdict:
    """The verdict and the rule it follows.

    Attributes
    ----------
    verdict : str
        ``pass`` or ``fail`` by the share of nights; ``too_few_nights`` if no verdict may be given; ``no_need`` where
        no first batch is asked for.
    share, low, high : float
        P(T_all ≤ deadline) with its Wilson 95 % interval.
    nights : int
        Nights it is counted over.
    needed_share : float
    needed_nights : int
        The rule (norm table ``rules``: ``pass_share``, ``pass_nights``).
    surely : bool
        Whether the whole interval lies on the verdict's side of the line.
    """

    verdict: Literal["pass", "fail", "too_few_nights", "no_need"]
    share: float
    low: float
    high: float
    nights: int
    needed_share: float
    needed_nights: int
    surely: bool


def judge(ensemble: Ensemble) -> Verdict:
    """Judge an ensemble by the rule in force."""
    rules = rule_values()
    needed, fewest = rules["pass_share"], round(rules["pass_nights"])
    p = ensemble.summary.p_on_time
    nights = ensemble.nights
    count = int((nights["places"] > 0).sum())
    if math.isnan(p.value):
        return Verdict("no_need", p.value, p.low, p.high, count, needed, fewest, surely=False)
    passes = p.value >= needed
    surely = p.low >= needed if passes else p.high < needed
    verdict: Literal["pass", "fail", "too_few_nights"] = "pass" if passes else "fail"
    if count < fewest:
        verdict = "too_few_nights"
    return Verdict(verdict, p.value, p.low, p.high, count, needed, fewest, surely)
