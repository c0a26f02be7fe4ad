"""How the answer hangs on its assumptions: one at a time (tornado), Morris screening, Sobol indices (SALib).

Two answers, P(T_all ≤ deadline) and the mean of T_all, are computed on the same nights (common random numbers) for
every setting of the factors, so that what differs is the factor's doing. The plan is held, but made anew for other
numbers of people, of which there are ``PEOPLE_LEVELS`` so that there are few plans to make.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.clock import MINUTE_MS
from dispatch.planning.plan import Plan
from dispatch.planning.whole import plan_whole
from dispatch.scenario import Scenario
from dispatch.simulation.ensemble import simulate
from dispatch.simulation.parts import parts_of
from dispatch.step_norms import rule_values
from dispatch.studies.variants import with_closure_length, with_pace, with_people, with_speed, with_step_factor

__all__ = ["ANSWERS", "PEOPLE_LEVELS", "Factor", "factors", "morris", "sobol", "tornado"]

ANSWERS: tuple[str, ...] = ("p", "t_all_min")
"""P(T_all ≤ deadline) over reachable places, and the mean of T_all in minutes (never = the horizon)."""
PEOPLE_LEVELS = 7
"""The four levels of Morris are among them, and 1."""
_PEOPLE = "people"


@dataclass(frozen=True)
class Factor:
    """An assumption and the range of the factor on it; 1 is the scenario as it is."""

    name: str
    low: float
    high: float
    apply: Callable[[Scenario, float], Scenario]


def factors(scenario: Scenario) -> list[Factor]:
    """Factors of a scenario with their ranges.

    A step from its shortest to its longest time over the mean; the vehicles' own speed over its spread; the general
    speed, the number of people and, where the hazard leaves it open, the length of closures over those of the norm
    table ``rules``. A factor that cannot vary is left out.
    """
    rules = rule_values()
    found = []
    for step, time in scenario.steps.items():
        mean = (time.low_min + time.mode_min + time.high_min) / 3
        if time.high_min > time.low_min:
            found.append(Factor(f"step_{step}", time.low_min / mean, time.high_min / mean, _of_step(step)))
    low, mode, high = scenario.speed_spread
    if high > low:
        found.append(Factor("speed", low / mode, high / mode, with_speed))
    found.append(Factor("pace", 1 - rules["pace_spread"], 1 + rules["pace_spread"], with_pace))
    found.append(Factor(_PEOPLE, 1 - rules["population_spread"], 1 + rules["population_spread"], with_people))
    if len(scenario.disruption.groups):
        spread = rules["closure_spread"]
        found.append(Factor("closure_length", 1 - spread, 1 + spread, with_closure_length))
    return found


def _of_step(step: str) -> Callable[[Scenario, float], Scenario]:
    return lambda scenario, factor: with_step_factor(scenario, step, factor)


class _Answers:
    """Answers at settings of the factors; plans for other numbers of people are kept."""

    def __init__(
        self, scenario: Scenario, plan: Plan, of: list[Factor], nights: int, seed: int | None, workers: int,
        seconds: float, progress: Callable[[int, int], None] | None,
    ) -> None:  # fmt: skip
        self.scenario, self.factors = scenario, of
        self.nights, self.seed, self.workers, self.seconds, self.progress = nights, seed, workers, seconds, progress
        self.plans: dict[float, Plan] = {1.0: plan}
        self.known: dict[tuple[float, ...], tuple[float, float]] = {}

    def at(self, values: Mapping[str, float]) -> tuple[float, float]:
        """P and mean T_all where the factors have these values (1 where they are not named)."""
        setting = {factor.name: self._settled(factor, values.get(factor.name, 1.0)) for factor in self.factors}
        key = tuple(setting.values())
        if key not in self.known:
            variant = self.scenario
            for factor in self.factors:
                if setting[factor.name] != 1.0:
                    variant = factor.apply(variant, setting[factor.name])
            people = setting.get(_PEOPLE, 1.0)
            if people not in self.plans:
                asked = with_people(self.scenario, people)
                self.plans[people] = plan_whole(asked, seconds=self.seconds)
            played = simulate(
                variant, self.plans[people], replications=self.nights, seed=self.seed, workers=self.workers, keep_log=0,
                hooks=parts_of(variant),
            )  # fmt: skip
            if played.interrupted:
                raise KeyboardInterrupt
            mean = float(played.nights["t_all_ms"].mean()) / MINUTE_MS
            self.known[key] = (played.summary.p_on_time.value, mean)
        return self.known[key]

    def table(self, sample: NDArray[np.float64]) -> NDArray[np.float64]:
        """Answers of a sample, one row per row."""
        names = [factor.name for factor in self.factors]
        answers = np.empty((len(sample), len(ANSWERS)))
        for number, row in enumerate(sample):
            answers[number] = self.at(dict(zip(names, row.tolist(), strict=True)))
            if self.progress is not None:
                self.progress(number + 1, len(sample))
        return answers

    @staticmethod
    def _settled(factor: Factor, value: float) -> float:
        """The value; people are put on the nearest level."""
        if factor.name != _PEOPLE:
            return value
        levels = np.linspace(factor.low, factor.high, PEOPLE_LEVELS)
        return float(np.round(levels[np.argmin(np.abs(levels - value))], 6))


def tornado(
    scenario: Scenario,
    plan: Plan,
    *,
    replications: int,
    seed: int | None = None,
    workers: int = 1,
    seconds: float = 1.0,
    of: list[Factor] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Each factor at its low and high end, the others as they are.

    Returns
    -------
    DataFrame
        ``factor, low, high``; for each of ``ANSWERS``: ``…_base, …_at_low, …_at_high, …_swing`` (absolute), the widest
        swing of P first.
    """
    chosen = factors(scenario) if of is None else of
    answers = _Answers(scenario, plan, chosen, replications, seed, workers, seconds, None)
    base = answers.at({})
    rows = []
    for number, factor in enumerate(chosen, start=1):
        ends = [answers.at({factor.name: end}) for end in (factor.low, factor.high)]
        row: dict[str, object] = {"factor": factor.name, "low": factor.low, "high": factor.high}
        for k, name in enumerate(ANSWERS):
            row[f"{name}_base"] = base[k]
            row[f"{name}_at_low"], row[f"{name}_at_high"] = ends[0][k], ends[1][k]
            row[f"{name}_swing"] = max(base[k], ends[0][k], ends[1][k]) - min(base[k], ends[0][k], ends[1][k])
        rows.append(row)
        if progress is not None:
            progress(number, len(chosen))
    table = pd.DataFrame(rows)
    return table.sort_values(["p_swing", "t_all_min_swing"], ascending=False, kind="stable", ignore_index=True)


def morris(
    scenario: Scenario,
    plan: Plan,
    *,
    replications: int,
    trajectories: int,
    seed: int | None = None,
    workers: int = 1,
    seconds: float = 1.0,
    of: list[Factor] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Elementary effects (M. D. Morris, Technometrics 33, 1991) over all factors together.

    ``trajectories`` × (factors + 1) settings are played. An effect is the change of the answer over the factor's whole
    range.

    Returns
    -------
    DataFrame
        ``answer, factor, mu, mu_star, mu_star_conf, sigma``: mean effect, mean of its absolute value with the half
        width of its 95 % bootstrap interval, and standard deviation (interaction or curvature).
    """
    from SALib.analyze import morris as analysis
    from SALib.sample import morris as sampling

    chosen = factors(scenario) if of is None else of
    number = scenario.seed if seed is None else seed
    problem = _problem(chosen)
    sample = sampling.sample(problem, trajectories, num_levels=4, seed=number)
    answers = _Answers(scenario, plan, chosen, replications, seed, workers, seconds, progress).table(sample)
    rows = []
    for k, name in enumerate(ANSWERS):
        found = analysis.analyze(problem, sample, answers[:, k], num_levels=4, seed=number, scaled=False)
        for j, factor in enumerate(chosen):
            effects = {key: float(found[key][j]) for key in ("mu", "mu_star", "mu_star_conf", "sigma")}
            rows.append({"answer": name, "factor": factor.name, **effects})
    return pd.DataFrame(rows)


def sobol(
    scenario: Scenario,
    plan: Plan,
    *,
    replications: int,
    base_samples: int,
    seed: int | None = None,
    workers: int = 1,
    seconds: float = 1.0,
    of: list[Factor] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Shares of the answer's variance by factor (first-order and total Sobol indices, Saltelli's sample).

    ``base_samples`` (a power of 2) × (factors + 2) settings are played; every factor is uniform over its range.

    Returns
    -------
    DataFrame
        ``answer, factor, s1, s1_conf, st, st_conf``; NaN where the answer does not vary at all.
    """
    from SALib.analyze import sobol as analysis
    from SALib.sample import sobol as sampling

    if base_samples < 2 or base_samples & (base_samples - 1):
        msg = "base_samples must be a power of 2"
        raise ValueError(msg)
    chosen = factors(scenario) if of is None else of
    number = scenario.seed if seed is None else seed
    problem = _problem(chosen)
    sample = sampling.sample(problem, base_samples, calc_second_order=False, seed=number)
    answers = _Answers(scenario, plan, chosen, replications, seed, workers, seconds, progress).table(sample)
    rows = []
    for k, name in enumerate(ANSWERS):
        varies = np.ptp(answers[:, k]) > 0
        found = analysis.analyze(problem, answers[:, k], calc_second_order=False, seed=number) if varies else None
        for j, factor in enumerate(chosen):
            row: dict[str, object] = {"answer": name, "factor": factor.name}
            for key, column in (("S1", "s1"), ("S1_conf", "s1_conf"), ("ST", "st"), ("ST_conf", "st_conf")):
                row[column] = float("nan") if found is None else float(found[key][j])
            rows.append(row)
    return pd.DataFrame(rows)


def _problem(of: list[Factor]) -> dict[str, object]:
    return {
        "num_vars": len(of),
        "names": [factor.name for factor in of],
        "bounds": [[factor.low, factor.high] for factor in of],
    }
