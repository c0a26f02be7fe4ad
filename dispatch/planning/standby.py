"""Stand-by of fire and rescue teams: expected cover of people at their bases and at best, and who moves up.

Maximum expected cover (``models.assignment.standby``): a team is busy elsewhere with the norm's share, so that a second
and a third one in reach count too. Move-up: when teams are out, those left may move where they cover more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.county.county import County
from dispatch.planning.siting_ground import client_places, township_of
from dispatch.planning.teams_reach import FireCrew, crew_minutes, fire_crews
from dispatch.roads.network import RoadNetwork
from dispatch.scenario_tasks import team_rules
from models.assignment.standby import Standby, cover_weights, expected_cover, max_expected_cover

__all__ = ["MOVE_UP_COLUMNS", "Cover", "move_up", "standby_cover"]

Floats = NDArray[np.float64]
MOVE_UP_COLUMNS = ("crew", "name", "from_site", "to_site", "minutes")


@dataclass(frozen=True, eq=False)
class Cover:
    """Who covers whom from where.

    Attributes
    ----------
    crews : tuple of FireCrew
    sites : DataFrame
        site, name, lon, lat: bases, then township seats.
    home : int64 array (crews,)
        Position among ``sites`` of each crew's base.
    minutes : float64 array (n, sites)
        From a stand-by site to each village, turn-out of a manned stand-by included.
    people : float64 array (n,)
    busy : float
    now, best : float, Standby
        People expected to be covered with crews at their bases, and at best.
    table : DataFrame
        free, at_bases, best, bound: expected cover with so many free crews (the first of the order of calling), at
        their bases and at the best sites.
    """

    crews: tuple[FireCrew, ...]
    sites: pd.DataFrame
    home: NDArray[np.int64]
    minutes: Floats
    people: Floats
    busy: float
    now: float
    best: Standby
    table: pd.DataFrame

    @property
    def reached(self) -> NDArray[np.bool_]:
        """Villages in reach of each site."""
        reached: NDArray[np.bool_] = self.minutes <= team_rules()["standby_limit"]
        return reached


def standby_cover(
    county: County, network: RoadNetwork, *, busy: float | None = None, night: bool = False, seconds: float = 30.0
) -> Cover:
    """Expected cover of the county's people by its own fire crews (mutual aid left out).

    Parameters
    ----------
    county : County
    network : RoadNetwork
    busy : float, optional
        Share of the time that a crew is busy; the norm's by default.
    night : bool
    seconds : float
        For each programme.

    Raises
    ------
    ValueError
        If the county has no crew with a position.
    """
    rules = team_rules()
    share = rules["busy_share"] if busy is None else busy
    types = dict(zip(county.table("teams")["team"], county.table("teams")["type"], strict=True))
    crews = [crew for crew in fire_crews(county, night=night) if types[crew.crew] != "mutual_aid"]
    if not crews:
        raise ValueError("no fire crew of the county has a position")
    sites = _sites(county, crews)
    where = {(row.lon, row.lat): k for k, row in reversed(list(enumerate(sites.itertuples(index=False))))}
    home = np.array([where[crew.lon, crew.lat] for crew in crews], dtype=np.int64)
    clients, _, _ = client_places(county)
    stand = [FireCrew(row.site, row.name, row.lon, row.lat, 30, rules["placed_alert"], "light_truck",
                      professional=True) for row in sites.itertuples(index=False)]  # fmt: skip
    minutes = crew_minutes(network, stand, clients["lon"].to_numpy(), clients["lat"].to_numpy(), night=night)
    people = clients["people"].to_numpy(dtype=np.float64)
    reached = minutes <= rules["standby_limit"]
    rows = []
    for free in range(1, len(crews) + 1):
        weights = cover_weights(free, share)
        at = np.bincount(home[:free], minlength=len(sites))
        best = max_expected_cover(reached, people, free, weights, seconds=seconds)
        rows.append((free, expected_cover(reached, people, at, weights), best.value, best.bound))
    table = pd.DataFrame(rows, columns=["free", "at_bases", "best", "bound"])
    return Cover(tuple(crews), sites, home, minutes, people, share, float(rows[-1][1]), best, table)


def _sites(county: County, crews: list[FireCrew]) -> pd.DataFrame:
    """Bases, then seats of townships: site, name, lon, lat."""
    places = county.table("places")
    seats = places[(places["kind"] == "township") & places["lon"].notna()]
    above = township_of(places)
    rows = [(crew.crew, crew.name, crew.lon, crew.lat) for crew in crews]
    rows += [(row.place, row.name, row.lon, row.lat) for row in
             seats[["place", "name", "lon", "lat"]].itertuples(index=False) if above.get(row.place)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["site", "name", "lon", "lat"])
    return table.drop_duplicates(["lon", "lat"]).reset_index(drop=True)


def move_up(
    cover: Cover, network: RoadNetwork, out: Sequence[str], *, night: bool = False, seconds: float = 30.0
) -> tuple[pd.DataFrame, float, float]:
    """Who of the crews that are left moves where while others are out.

    A crew moves only if the expected cover gains the norm's share of all people; which crew fills which site is decided
    by the least driving in all.

    Returns
    -------
    moves : DataFrame
        ``MOVE_UP_COLUMNS``.
    before, after : float
        People expected to be covered.

    Raises
    ------
    KeyError
        If a crew that is out is none of the cover's.
    """
    from scipy.optimize import linear_sum_assignment

    names = [crew.crew for crew in cover.crews]
    for crew in out:
        if crew not in names:
            raise KeyError(crew)
    left = [j for j, name in enumerate(names) if name not in out]
    at = np.bincount(cover.home[left], minlength=len(cover.sites)).astype(np.int64)
    weights, reached = cover_weights(len(left), cover.busy), cover.reached
    before = expected_cover(reached, cover.people, at, weights) if left else 0.0
    if not left:
        return pd.DataFrame(columns=list(MOVE_UP_COLUMNS)), before, before
    price = team_rules()["move_up_gain"] / 100 * float(cover.people.sum())
    found = max_expected_cover(reached, cover.people, len(left), weights, at=at, move_cost=price, seconds=seconds)
    slots = np.repeat(np.arange(len(cover.sites)), found.servers)
    lon, lat = cover.sites["lon"].to_numpy()[slots], cover.sites["lat"].to_numpy()[slots]
    minutes = crew_minutes(network, [cover.crews[j] for j in left], lon, lat, night=night).T
    driven = minutes - np.array([[cover.crews[j].leaves_min] for j in left])
    driven[cover.home[left][:, None] == slots[None, :]] = 0.0
    rows, columns = linear_sum_assignment(np.where(np.isfinite(driven), driven, 1e9))
    moves = [
        (names[left[r]], cover.crews[left[r]].name, cover.sites["site"][cover.home[left[r]]],
         cover.sites["site"][slots[c]], float(driven[r, c]))
        for r, c in zip(rows, columns, strict=True) if cover.home[left[r]] != slots[c]
    ]  # fmt: skip
    after = expected_cover(reached, cover.people, found.servers, weights)
    return pd.DataFrame(moves, columns=list(MOVE_UP_COLUMNS)), before, after
