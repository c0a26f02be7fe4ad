"""New stock points and what should lie in them, chosen together under one budget, with what each further point brings.

The county is read anew with every candidate as an empty township depot, so that all of them stand on the scenario's
roads; nights are drawn, the programme of ``models.stock.points`` is solved for every number of points, and each answer
is tried on nights that it has not seen and, if asked, in the simulation (S-02).
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.county.county import County
from dispatch.county.write import write_county
from dispatch.planning.stocking_optimise import NightSet, night_problem, stock_today, wanted_items
from dispatch.scenario import Scenario
from dispatch.scenario_file import find_scenario, load_scenario
from dispatch.studies.stock_targets import Target, target_of, with_points, with_stock
from models.stock import (
    PointsAndStock,
    Provided,
    Stockpoints,
    points_curve,
    points_information,
    provide,
)

__all__ = ["PointsStudy", "PointsWish", "Step", "points_and_stock", "points_problem", "whole_units"]

Floats = NDArray[np.float64]
_NEW = "new-"


@dataclass(frozen=True)
class PointsWish:
    """What is asked.

    Attributes
    ----------
    points : int
        Most new points.
    budget : float
        New money for points and goods, yuan.
    keep : bool
        Goods of today stay where they lie; else they may be moved among depots and points.
    aim : {"everyone", "people"}
        Nights on which everybody has everything first, or people first.
    nights, held_out : int
        Nights of each scenario for choosing, and others for the comparison.
    seed : int
    seconds : float
        For the whole curve.
    vehicle_class : str
        Class of the vehicle that stands at every new point by agreement; "" = none, so that one must come first.
    simulated : int
        Nights of simulation for each step and scenario; 0 = none.
    """

    points: int
    budget: float
    keep: bool = False
    aim: Literal["everyone", "people"] = "everyone"
    nights: int = 8
    held_out: int = 24
    seed: int = 1
    seconds: float = 60.0
    vehicle_class: str = ""
    simulated: int = 0


@dataclass(frozen=True, eq=False)
class Step:
    """The best layout with at most so many new points.

    Attributes
    ----------
    count : int
    layout : Stockpoints
        In whole units; its figures are those of the nights it was chosen on.
    unseen : Provided
        On nights not seen.
    targets : tuple of Target
        Of the simulation, one for each scenario; empty if not asked for.
    no_worse : bool
        At least as good as today's stock on the nights not seen, in people and in nights with everybody provided, and
        in P(T_all ≤ deadline) of every scenario if that is simulated.
    """

    count: int
    layout: Stockpoints
    unseen: Provided
    targets: tuple[Target, ...]
    no_worse: bool


@dataclass(frozen=True, eq=False)
class PointsStudy:
    """Answer of :func:`points_and_stock`.

    Attributes
    ----------
    steps : tuple of Step
        0, 1, 2 … new points, each at the best places for that number.
    today_seen, today_unseen : Provided
        What today's stock provides on the nights for choosing and on the others.
    advised : Step or None
        Of the steps that are no worse than today on nights not seen, the one with the fewest points after which nothing
        is gained any more: in the simulation's worst scenario if there is one, in nights with everybody provided, in
        people. None = leave things as they are.
    mean_plan : Provided
        What the plan for the mean night would provide, on the nights for choosing (its distance is the VSS).
    foreseen : (chance, people)
        If every night were known before (its distance is the EVPI).
    candidates : DataFrame
        The candidates on offer.
    depots : tuple of str
        Rows of the stocks; a candidate is ``new-`` and its id.
    today : float64 array (depots, items)
    people, people_unseen : float
        Mean number affected, of those that some candidate reaches.
    today_targets : tuple of Target
        Simulation of today's stock, lots made anew as for the others.
    """

    wish: PointsWish
    steps: tuple[Step, ...]
    today_seen: Provided
    today_unseen: Provided
    advised: Step | None
    mean_plan: Provided
    foreseen: tuple[float, float]
    candidates: pd.DataFrame
    items: tuple[str, ...]
    depots: tuple[str, ...]
    today: Floats
    people: float
    people_unseen: float
    today_targets: tuple[Target, ...] = ()


def points_and_stock(
    scenarios: Sequence[Path | str], county: County, candidates: pd.DataFrame, wish: PointsWish
) -> PointsStudy:
    """Choose new points and lay out the goods of the first batch, for every number of points up to ``wish.points``.

    Parameters
    ----------
    scenarios : sequence of Path or str
        Scenario files of this county.
    county : County
    candidates : DataFrame
        ``CANDIDATE_COLUMNS``; what stands already or may not be built on is left out.
    wish : PointsWish

    Raises
    ------
    ValueError
        If there is no candidate, or no scenario needs anything.
    """
    offered = candidates[~candidates["existing"] & ~candidates["forbidden"]].reset_index(drop=True)
    if offered.empty:
        msg = "there is no candidate to build on"
        raise ValueError(msg)
    files = [find_scenario(str(one)) for one in scenarios]
    with tempfile.TemporaryDirectory() as folder:
        pack = Path(folder) / "pack"
        write_county(with_points(county, offered, 0.0, wish.vehicle_class), pack)
        worlds = [load_scenario(file, {"county": str(pack)}) for file in files]
    seen, problem = points_problem(worlds, offered, wish, wish.nights, wish.seed, spread_evenly=True)
    unseen_nights, unseen = points_problem(worlds, offered, wish, wish.held_out, wish.seed + 1_000_003)
    if unseen_nights.depots != seen.depots or unseen_nights.places != seen.places:
        msg = "the nights drawn are not of one county"
        raise ValueError(msg)
    most = min(wish.points, int((~problem.existing).sum()))
    curve = [whole_units(problem, one) for one in points_curve(problem, most, seconds=0.7 * wish.seconds)]
    _, mean_plan, chance, people = points_information(problem, most, seconds=0.3 * wish.seconds, best=curve[-1])
    now_seen, now_unseen = provide(problem, problem.today), provide(unseen, problem.today)
    as_now = replace(curve[0], opened=problem.existing, stock=problem.today)
    now_targets = _simulated(files, county, seen, offered, as_now, wish) if wish.simulated else ()
    steps = []
    for count, layout in enumerate(curve):
        later = provide(unseen, layout.stock)
        targets = _simulated(files, county, seen, offered, layout, wish) if wish.simulated else ()
        no_worse = (
            later.chance >= now_unseen.chance - 1e-9
            and later.mean_people >= now_unseen.mean_people * (1 - 1e-9)
            and all(a.probability >= b.probability for a, b in zip(targets, now_targets, strict=True))
        )
        steps.append(Step(count, layout, later, targets, bool(no_worse)))
    return PointsStudy(
        wish, tuple(steps), now_seen, now_unseen, _advised(steps), mean_plan, (chance, people), offered, seen.items,
        seen.depots, problem.today, _affected(problem), _affected(unseen), now_targets,
    )  # fmt: skip


def points_problem(
    worlds: Sequence[Scenario], offered: pd.DataFrame, wish: PointsWish, nights: int, seed: int, *,
    spread_evenly: bool = False,
) -> tuple[NightSet, PointsAndStock]:  # fmt: skip
    """Draw nights of scenarios whose county has every candidate as an empty depot ``new-…``."""
    drawn = night_problem(worlds, nights, seed, spread_evenly=spread_evenly)
    old = drawn.problem
    cost = {f"{_NEW}{one}": price for one, price in zip(offered["candidate"], offered["cost"], strict=True)}
    existing = np.array([depot not in cost for depot in drawn.depots])
    table = worlds[0].county.table("items").set_index("item")["weight_kg"]
    weight = np.array([float(table[item]) / 1000 for item in drawn.items])
    problem = PointsAndStock(
        existing, np.array([cost.get(depot, 0.0) for depot in drawn.depots]), old.space, np.arange(len(existing)),
        old.volume, old.purchase, stock_today(worlds[0], drawn.depots, wanted_items(worlds)), drawn.people, old.demand,
        np.isfinite(old.carriage), old.surviving, old.probability, wish.budget, wish.keep, wish.aim, old.carriage,
        weight,
    )  # fmt: skip
    return drawn, problem


def whole_units(problem: PointsAndStock, layout: Stockpoints) -> Stockpoints:
    """The layout in whole units: rounded up where room and money allow, else down; its figures anew."""
    stock = np.floor(layout.stock + 1e-6)
    if problem.keep:
        stock = np.maximum(stock, problem.today)
    left = layout.stock - stock
    held = problem.today.sum(axis=0)
    opening = float(problem.opening[layout.opened & ~problem.existing].sum())
    for flat in np.argsort(-left, axis=None, kind="stable"):
        j, k = divmod(int(flat), stock.shape[1])
        if left[j, k] <= 1e-6:
            break
        more = stock.copy()
        more[j, k] += 1.0
        money = opening + float(np.maximum(more.sum(axis=0) - held, 0.0) @ problem.price)
        if more[j] @ problem.volume <= problem.room[j] + 1e-9 and money <= problem.budget + 1e-9:
            stock = more
    given = provide(problem, stock)
    bought = np.maximum(stock.sum(axis=0) - held, 0.0)
    return replace(layout, stock=stock, bought=bought, spent=opening + float(bought @ problem.price), provided=given)


def _advised(steps: Sequence[Step]) -> Step | None:
    """The best step that is no worse than today; of equally good ones that with the fewest points."""
    best: Step | None = None
    for step in steps:
        if step.no_worse and (best is None or _worth(step) > _worth(best)):
            best = step
    return best


def _worth(step: Step) -> tuple[float, float, float]:
    """Worst P(T_all ≤ deadline) simulated (1 if none was), nights with everybody provided, people to the whole one."""
    simulated = min((target.probability for target in step.targets), default=1.0)
    return simulated, round(step.unseen.chance, 6), round(step.unseen.mean_people)


def _affected(problem: PointsAndStock) -> float:
    """Mean number of people that want something and that some candidate reaches."""
    wants = (problem.demand > 0).any(axis=2) & problem.reach.any(axis=1)
    return float(problem.probability @ (problem.people * wants).sum(axis=1))


def _simulated(
    files: Sequence[Path], county: County, nights: NightSet, offered: pd.DataFrame,
    layout: Stockpoints, wish: PointsWish,
) -> tuple[Target, ...]:  # fmt: skip
    """P(T_all ≤ deadline) of a layout by plan and simulation, with the vehicles there are and those of the points."""
    opened = {depot for depot, is_open in zip(nights.depots, layout.opened, strict=True) if is_open}
    chosen = offered[[f"{_NEW}{one}" in opened for one in offered["candidate"]]]
    rows = [j for j, depot in enumerate(nights.depots) if depot in opened]
    built = with_stock(
        with_points(county, chosen, 0.0, wish.vehicle_class),
        [nights.depots[j] for j in rows],
        nights.items,
        layout.stock[rows],
    )
    found = []
    with tempfile.TemporaryDirectory() as folder:
        write_county(built, Path(folder) / "pack")
        for file in files:
            world = load_scenario(file, {"county": str(Path(folder) / "pack")})
            found.append(target_of(world, nights=wish.simulated))
    return tuple(found)
