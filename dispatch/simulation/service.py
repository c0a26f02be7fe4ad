"""Who has what by when: each need's share delivered at 6, 10, 12 and 24 hours, and each township seat's first goods.

From the deliveries of a log; what places, townships and items make of it is in ``service_summary``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.clock import HOUR_MS
from dispatch.scenario import Scenario
from dispatch.simulation.served import Demand, Served

__all__ = ["SERVICE_HOURS", "Townships", "need_shares", "read_townships", "seat_times"]

SERVICE_HOURS: tuple[int, ...] = (6, 10, 12, 24)
"""Hours since the order at which service is stated (S-12)."""


def need_shares(served: Served, order_ms: NDArray[np.int64], needs: int) -> NDArray[np.float64]:
    """Share of each first-batch need delivered by each of ``SERVICE_HOURS``; (replications, needs, hours)."""
    nights = len(order_ms)
    shares = np.zeros((nights, needs, len(SERVICE_HOURS)))
    since = served.time_ms - order_ms[served.night]
    for k, hour in enumerate(SERVICE_HOURS):
        soon = since <= hour * HOUR_MS
        np.add.at(shares[:, :, k], (served.night[soon], served.need[soon]), served.gain[soon])
    return np.minimum(shares, 1.0)


@dataclass(frozen=True)
class Townships:
    """Townships with a first batch, in the order of their first place.

    Attributes
    ----------
    township : tuple of str
    of_place : int64 array (p,)
        Position of each place of ``Demand.place``; a place without a township is one of its own.
    seat_sites : mapping of site to position
        Delivery points at the seats.
    """

    township: tuple[str, ...]
    of_place: NDArray[np.int64]
    seat_sites: dict[str, int]


def read_townships(scenario: Scenario, demand: Demand) -> Townships:
    """Townships of the places with a first batch."""
    places = scenario.county.table("places")
    parent = dict(zip(places["place"], places["parent"], strict=True))
    kind = dict(zip(places["place"], places["kind"], strict=True))

    def township(place: str) -> str:
        above = parent.get(place, "")
        return above if kind.get(above) == "township" else place

    of = [township(place) for place in demand.place]
    names = tuple(dict.fromkeys(of))
    index = {name: k for k, name in enumerate(names)}
    seats = {
        str(site): index[str(place) or str(site)]
        for site, place in zip(scenario.sites.index, scenario.sites["place"], strict=True)
        if (str(place) or str(site)) in index and kind.get(str(place) or str(site)) == "township"
    }
    return Townships(names, np.array([index[name] for name in of], dtype=np.int64), seats)


def seat_times(
    log: pd.DataFrame, time_ms: NDArray[np.int64], night: NDArray[np.int64], order_ms: NDArray[np.int64], of: Townships
) -> NDArray[np.int64]:
    """When the first load reaches each township's seat, ms since the order, -1 if never; (replications, townships)."""
    found = np.full((len(order_ms), len(of.township)), -1, dtype=np.int64)
    rows = np.flatnonzero(log["event"].to_numpy(dtype=object) == "arrive")
    sites = log["place"].to_numpy(dtype=object)[rows]
    seat = np.array([of.seat_sites.get(site, -1) for site in sites], dtype=np.int64)
    rows, seat = rows[seat >= 0][::-1], seat[seat >= 0][::-1]
    found[night[rows], seat] = time_ms[rows] - order_ms[night[rows]]
    return found
