"""A plan's timetable as milestones, beside what a log says: the same keys on every night, in plan and drill."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dispatch.clock import SECOND_MS
from dispatch.planning.plan import Plan

__all__ = ["deviations", "planned_milestones"]


def planned_milestones(plan: Plan) -> pd.DataFrame:
    """Milestones of a plan.

    Returns
    -------
    DataFrame
        ``milestone`` (as in the log) and ``planned_ms``, in the order of time.
    """
    rows: list[tuple[str, int]] = []
    departed: dict[str, int] = {}
    for stop in plan.stops.itertuples(index=False):
        name = f"trip {stop.trip} stop {stop.stop}"
        if stop.trip in departed:
            rows.append((f"{name} leave", int(stop.leave_ms)))
        departed.setdefault(stop.trip, int(stop.leave_ms))
        rows += [
            (f"{name} arrived", int(stop.arrive_ms)),
            (f"{name} unload start", int(stop.unload_start_ms)),
            (f"{name} unloaded", int(stop.unload_end_ms)),
        ]
    for trip in plan.trips.itertuples(index=False):
        name = f"trip {trip.trip}"
        rows += [
            (f"{name} leave", int(trip.start_ms)),
            (f"{name} at depot", int(trip.at_depot_ms)),
            (f"{name} load start", int(trip.load_start_ms)),
            (f"{name} loaded", int(trip.load_end_ms)),
            (f"{name} departed", departed.get(trip.trip, int(trip.depart_ms))),
        ]
        if trip.return_site:
            rows.append((f"{name} returned", int(trip.return_ms)))
    names, times = zip(*rows, strict=True) if rows else ((), ())
    table = pd.DataFrame({"milestone": pd.Series(names, dtype="str"), "planned_ms": pd.Series(times, dtype="int64")})
    return table.sort_values("planned_ms", kind="stable", ignore_index=True)


def deviations(log: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """How a log of one replication differs from the plan it plays.

    Returns
    -------
    DataFrame
        ``milestone``, ``planned_ms``, ``played_ms`` (-1 = did not happen) and ``difference_ms``, one row for each
        milestone of the plan that was not met to the millisecond.
    """
    played = log[log["milestone"] != ""].drop_duplicates("milestone")
    times = dict(zip(played["milestone"], np.rint(played["time_s"] * SECOND_MS).astype(np.int64), strict=True))
    table = planned_milestones(plan)
    table["played_ms"] = np.array([times.get(name, -1) for name in table["milestone"]], dtype=np.int64)
    table["difference_ms"] = table["played_ms"] - table["planned_ms"]
    return table[table["difference_ms"] != 0].reset_index(drop=True)
