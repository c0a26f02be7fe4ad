"""Asking the city or the province: when the order reaches a tier whose goods or vehicles the county counts on."""

from __future__ import annotations

from dispatch.planning.supply import TIER_RANK
from dispatch.simulation.run import Run

__all__ = ["TIER_NAMES", "ask_tiers", "asked_of"]

TIER_NAMES = {1: "city", 2: "province"}
"""Higher tiers by rank; depots of the county, its townships and villages have rank 0."""


def ask_tiers(run: Run, cause: int) -> None:
    """Write down each higher tier that the orders in force count on and that has not been asked, with the units.

    The first orders reach a tier when the scenario says (``tier_request_ms``), later ones at once.
    """
    ranks = _ranks(run)
    units: dict[int, int] = {}
    for vehicle, trips in run.orders.items():
        of_vehicle = ranks.get(run.stage.called_vehicles[vehicle].base, 0)
        for trip in trips:
            goods = sum(load.quantity for stop in trip.stops for load in stop.loads)
            rank = ranks.get(trip.depot, 0)
            units[rank] = units.get(rank, 0) + goods
            units.setdefault(of_vehicle, 0)
    for rank, quantity in sorted(units.items()):
        name = TIER_NAMES.get(rank, "")
        if not name or name in run.asked:
            continue
        at_ms = run.night.order_ms + run.stage.scenario.tier_request_ms.get(name, 0)
        run.asked[name] = run.recorder.record(
            max(at_ms, run.env.now), "tier_requested", "county", "headquarters", cause, quantity=float(quantity),
            detail=name, milestone=f"tier {name} asked",
        )  # fmt: skip


def asked_of(run: Run, site: str, order: int) -> int:
    """The event by which a depot was called up: its tier's being asked, else the order."""
    if not run.asked:
        return order
    return run.asked.get(TIER_NAMES.get(_ranks(run).get(site, 0), ""), order)


def _ranks(run: Run) -> dict[str, int]:
    """Rank of the tier of each depot."""
    memory = run.stage.memory
    if "tier_ranks" not in memory:
        table = run.stage.scenario.county.table("depots")
        memory["tier_ranks"] = {
            depot: TIER_RANK.get(tier, 0) for depot, tier in zip(table["depot"], table["tier"], strict=True)
        }
    found: dict[str, int] = memory["tier_ranks"]  # type: ignore[assignment]
    return found
