"""What a layout gives the people: computed from the matrix of times alone, the same for every layout compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from dispatch.clock import MINUTE_MS
from dispatch.planning.siting_cuts import Cut
from dispatch.planning.siting_ground import Ground, siting_rules

__all__ = ["BRIDGE_COLUMNS", "MINUTES", "PLACE_COLUMNS", "TOWNSHIP_COLUMNS", "Measures", "measure_layout"]

MINUTES = (30, 60, 120, 360)
"""Times for which the people reached are counted (S-03)."""
PLACE_COLUMNS = ("place", "name", "township", "people", "minutes", "from_point", "covered")
TOWNSHIP_COLUMNS = ("township", "name", "people", "points", "has_point", "people_within", "share_within", "villages",
                    "villages_within", "worst_min")  # fmt: skip
BRIDGE_COLUMNS = ("bridge", "lon", "lat", "places_cut_off", "people_cut_off", "places_late", "people_late",
                  "longest_min", "names")  # fmt: skip


@dataclass(frozen=True, eq=False)
class Measures:
    """One layout measured.

    Attributes
    ----------
    sites : int64 array
        Candidates open.
    people_within : dict of minutes to float
    within_min, people_covered : float
        The time asked for, and the people within it.
    people : float
    worst_place : str
        "" if nobody is reached.
    worst_min, mean_min : float
        Of places that are reached; the mean is by people.
    not_reached : tuple of str
        Places that no open point reaches by road.
    townships_with_point, townships : int
    cost : float
        Of opening what does not stand, yuan.
    bridges : DataFrame
        ``BRIDGE_COLUMNS``, worst first; only those that cut somebody off or make somebody late. Empty if not asked.
    share_cut_off_somewhere : float
        Share of the villages that some single failure cuts off; NaN if not asked.
    people_always : float
        People within the time whichever single failure comes; NaN if not asked.
    places, by_township : DataFrame
        ``PLACE_COLUMNS``, ``TOWNSHIP_COLUMNS``.
    """

    sites: NDArray[np.int64]
    people_within: dict[int, float]
    within_min: float
    people_covered: float
    people: float
    worst_place: str
    worst_min: float
    mean_min: float
    not_reached: tuple[str, ...]
    townships_with_point: int
    townships: int
    cost: float
    bridges: pd.DataFrame
    share_cut_off_somewhere: float
    people_always: float
    places: pd.DataFrame
    by_township: pd.DataFrame


def measure_layout(
    ground: Ground,
    sites: ArrayLike,
    within_min: float,
    cuts: Sequence[Cut] = (),
    cut_times: NDArray[np.float64] | None = None,
) -> Measures:
    """Measure a layout.

    Parameters
    ----------
    ground : Ground
    sites : int array
        Open candidates.
    within_min : float
    cuts : sequence of Cut
    cut_times : float64 array (cuts, n, len(sites)), optional
        Times from the open candidates after each cut, in the order of ``sites``.
    """
    chosen = np.asarray(sites, dtype=np.int64)
    people = ground.people
    time_min = ground.time_ms[:, chosen] / MINUTE_MS
    nearest = time_min.min(axis=1, initial=np.inf)
    reached = np.isfinite(nearest)
    frm = np.where(reached, time_min.argmin(axis=1) if len(chosen) else 0, -1)
    names = ground.clients["name"].to_numpy()
    points = ground.candidates["name"].to_numpy()
    places = pd.DataFrame({
        "place": ground.clients["place"], "name": names, "township": ground.clients["township"], "people": people,
        "minutes": np.where(reached, nearest, np.nan),
        "from_point": [str(points[chosen[k]]) if k >= 0 else "" for k in frm], "covered": nearest <= within_min,
    })  # fmt: skip
    away = siting_rules()["unreached_counts"]
    total = float(people.sum())
    worst = int(np.argmax(np.where(reached, nearest, -1.0))) if reached.any() else -1
    by_township = _townships(ground, chosen, nearest, within_min)
    bridges, share, always = _bridges(ground, nearest, within_min, cuts, cut_times)
    return Measures(
        sites=chosen,
        people_within={limit: float(people[nearest <= limit].sum()) for limit in MINUTES},
        within_min=within_min,
        people_covered=float(people[nearest <= within_min].sum()),
        people=total,
        worst_place=str(names[worst]) if worst >= 0 else "",
        worst_min=float(nearest[worst]) if worst >= 0 else float("nan"),
        mean_min=float(people @ np.where(reached, nearest, away) / total) if total else float("nan"),
        not_reached=tuple(str(name) for name in names[~reached]),
        townships_with_point=int(by_township["has_point"].sum()),
        townships=len(by_township),
        cost=float(ground.cost[chosen].sum()),
        bridges=bridges,
        share_cut_off_somewhere=share,
        people_always=always,
        places=places,
        by_township=by_township,
    )


def _townships(ground: Ground, chosen: NDArray[np.int64], nearest: NDArray[np.float64], within: float) -> pd.DataFrame:
    """Coverage of every township both ways: a point in it, and its people within the time."""
    table = ground.county.table("places")
    listed = table[table["kind"] == "township"]
    name = dict(zip(listed["place"], listed["name"], strict=True))
    above = ground.clients["township"].to_numpy()
    counts = ground.candidates["township"].iloc[chosen].value_counts()
    people = ground.people
    rows = []
    for township in dict.fromkeys([*listed["place"], *above]):
        mine = above == township
        if not township or (not mine.any() and township not in name):
            continue
        inside = mine & (nearest <= within)
        reached = nearest[mine & np.isfinite(nearest)]
        total = float(people[mine].sum())
        rows.append({
            "township": township, "name": name.get(township, township), "people": total,
            "points": int(counts.get(township, 0)), "has_point": bool(counts.get(township, 0)),
            "people_within": float(people[inside].sum()),
            "share_within": float(people[inside].sum() / total) if total else float("nan"),
            "villages": int(mine.sum()), "villages_within": int(inside.sum()),
            "worst_min": float(reached.max()) if len(reached) else float("nan"),
        })  # fmt: skip
    return pd.DataFrame(rows, columns=list(TOWNSHIP_COLUMNS))


def _bridges(
    ground: Ground,
    before: NDArray[np.float64],
    within: float,
    cuts: Sequence[Cut],
    cut_times: NDArray[np.float64] | None,
) -> tuple[pd.DataFrame, float, float]:
    """What every single failure does: places cut off, and those pushed beyond the time."""
    if cut_times is None:
        return pd.DataFrame(columns=list(BRIDGE_COLUMNS)), float("nan"), float("nan")
    people, names = ground.people, ground.clients["name"].to_numpy()
    rows = []
    ever, always = np.zeros(len(people), bool), before <= within
    for cut, table in zip(cuts, cut_times, strict=True):
        after = table.min(axis=1, initial=np.inf) / MINUTE_MS
        off = np.isinf(after) & np.isfinite(before)
        late = np.isfinite(after) & (after > within) & (before <= within)
        ever |= off
        always &= after <= within
        if not off.any() and not late.any():
            continue
        finite = after[np.isfinite(after)]
        rows.append({
            "bridge": cut.road, "lon": cut.lon, "lat": cut.lat, "places_cut_off": int(off.sum()),
            "people_cut_off": float(people[off].sum()), "places_late": int(late.sum()),
            "people_late": float(people[late].sum()), "longest_min": float(finite.max()) if len(finite) else np.nan,
            "names": "、".join(names[off | late]),
        })  # fmt: skip
    table_rows = pd.DataFrame(rows, columns=list(BRIDGE_COLUMNS))
    order = ["people_cut_off", "people_late", "lon"]
    return (
        table_rows.sort_values(order, ascending=[False, False, True]).reset_index(drop=True),
        float(ever.mean()) if len(ever) else float("nan"),
        float(people[always].sum()),
    )
