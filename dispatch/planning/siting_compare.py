"""Now, proposed by hand and optimal, side by side on the same roads, with the gain of every further point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.clock import MINUTE_MS
from dispatch.planning.siting import Wish, best_layout, count_range, fewest_for_all, gain_curve
from dispatch.planning.siting_cuts import Cut, bridge_cuts, cut_tables, street_cuts
from dispatch.planning.siting_ground import Ground
from dispatch.planning.siting_measure import Measures, measure_layout
from models.siting import Layout

__all__ = ["CURVE_COLUMNS", "Comparison", "Variant", "compare_layouts"]

Failure = Literal["none", "bridges", "edges"]
CURVE_COLUMNS = ("points", "open", "people_covered", "share", "gain", "mean_min", "mean_gain_min", "worst_min", "cost",
                 "value", "bound", "gap", "status", "added")  # fmt: skip


@dataclass(frozen=True, eq=False)
class Variant:
    """One layout: ``key`` is ``now``, ``proposed`` or ``optimal``; ``layout`` is None where nothing was optimised."""

    key: str
    measures: Measures
    layout: Layout | None = None


@dataclass(frozen=True, eq=False)
class Comparison:
    """Layouts compared.

    Attributes
    ----------
    ground : Ground
    wish : Wish
    robust : {"none", "bridges", "edges"}
        Failures the optimal layout is prepared for.
    cuts : list of Cut
        Single bridges, by which all layouts are measured.
    variants : list of Variant
    curve : DataFrame
        ``CURVE_COLUMNS``, one row per number of points; gains are over the row before.
    fewest : Layout
        Fewest points for everybody within the time; ``unreached`` are places that no candidate covers.
    never : tuple of str
        Places that no candidate reaches by road at all.
    """

    ground: Ground
    wish: Wish
    robust: Failure
    cuts: list[Cut]
    variants: list[Variant]
    curve: pd.DataFrame
    fewest: Layout
    never: tuple[str, ...]

    def variant(self, key: str) -> Variant | None:
        """Variant of that key, if there is one."""
        return next((one for one in self.variants if one.key == key), None)


def compare_layouts(
    ground: Ground,
    wish: Wish,
    *,
    proposed: Sequence[str] = (),
    robust: Failure = "none",
    curve_to: int | None = None,
) -> Comparison:
    """Measure today's layout and the proposal, find the optimal one, and the curve of further points.

    Parameters
    ----------
    ground : Ground
    wish : Wish
        Its ``points`` is cut to what the candidates allow.
    proposed : sequence of str
        Candidates of the proposal; with ``keep`` beside the existing points.
    robust : {"none", "bridges", "edges"}
    curve_to : int, optional
        Last number of points of the curve; the wish's if not given.
    """
    low, high = count_range(ground, wish.existing)
    wish = replace(wish, points=int(np.clip(wish.points, low, high)))
    everything = np.arange(len(ground.candidates))
    bridges = bridge_cuts(ground)
    prepared = None
    if robust == "bridges":
        prepared = cut_tables(ground, bridges, everything)
    elif robust == "edges":
        prepared = cut_tables(ground, street_cuts(ground), everything)
    found = best_layout(ground, wish, prepared)
    chosen: list[tuple[str, NDArray[np.int64], Layout | None]] = [("now", ground.existing, None)]
    if proposed:
        mine = np.array([ground.index[name] for name in proposed], dtype=np.int64)
        keep = ground.existing if wish.existing == "keep" else np.empty(0, np.int64)
        chosen.append(("proposed", np.union1d(keep, mine), None))
    chosen.append(("optimal", found.sites, found))
    used = np.unique(np.concatenate([sites for _, sites, _ in chosen]))
    tables = cut_tables(ground, bridges, used) if bridges else None
    variants = [
        Variant(key, measure_layout(ground, sites, wish.within_min, bridges,
                                    None if tables is None else tables[:, :, np.searchsorted(used, sites)]), layout)
        for key, sites, layout in chosen
    ]  # fmt: skip
    points = gain_curve(ground, wish, wish.points if curve_to is None else curve_to, prepared)
    permitted = ~(ground.candidates["forbidden"].to_numpy(bool) & ~ground.candidates["existing"].to_numpy(bool))
    lost = ~np.isfinite(ground.time_ms[:, permitted]).any(axis=1)
    return Comparison(
        ground, wish, robust, bridges, variants, _curve(ground, wish, points),
        fewest_for_all(ground, wish.within_min, keep=wish.existing == "keep", seconds=wish.seconds),
        tuple(ground.clients["name"][lost]),
    )  # fmt: skip


def _curve(ground: Ground, wish: Wish, points: Sequence[tuple[int, Layout]]) -> pd.DataFrame:
    unit = {"cover": 1.0, "median": MINUTE_MS * max(float(ground.people.sum()), 1.0), "center": float(MINUTE_MS)}
    rows = []
    before: Measures | None = None
    for count, layout in points:
        measured = measure_layout(ground, layout.sites, wish.within_min)
        old = set(before.sites.tolist()) if before is not None else set(ground.existing.tolist())
        added = [str(ground.candidates["name"].iloc[j]) for j in layout.sites if int(j) not in old]
        rows.append({
            "points": count, "open": len(layout.sites), "people_covered": measured.people_covered,
            "share": measured.people_covered / measured.people if measured.people else float("nan"),
            "gain": measured.people_covered - before.people_covered if before is not None else float("nan"),
            "mean_min": measured.mean_min,
            "mean_gain_min": before.mean_min - measured.mean_min if before is not None else float("nan"),
            "worst_min": measured.worst_min, "cost": measured.cost, "value": layout.value / unit[wish.objective],
            "bound": layout.bound / unit[wish.objective], "gap": layout.gap, "status": layout.status,
            "added": "、".join(added),
        })  # fmt: skip
        before = measured
    return pd.DataFrame(rows, columns=list(CURVE_COLUMNS))
