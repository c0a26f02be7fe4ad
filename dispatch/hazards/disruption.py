"""What any hazard hands on: edges closed, slowed or flooded by the hour, people affected, power and network lost.

Every interval exists twice: as forecast (what planners see) and as realised (what the roads feel). ``sample`` draws
the realised values by correlation group; without it they equal the forecast.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = [
    "AREA_COLUMNS",
    "CHANCE_COLUMNS",
    "EDGE_COLUMNS",
    "GROUP_COLUMNS",
    "NIGHT_SHARE",
    "PLACE_COLUMNS",
    "Disruption",
    "no_disruption",
]

EDGE_COLUMNS: dict[str, str] = {
    "edge": "str",
    "vehicle_class": "str",
    "forecast_start_s": "float64",
    "forecast_end_s": "float64",
    "start_s": "float64",
    "end_s": "float64",
    "depth_m": "float64",
    "speed_permille": "float64",
    "known_s": "float64",
    "cause": "str",
    "group": "str",
}
"""Edge intervals. ``edge``: stable edge id; ``vehicle_class`` "" = every class; times in seconds from the reference
instant, ``inf`` = no end; exactly one of ``depth_m`` (water; the vehicle's wading depth decides) and
``speed_permille`` (0 = closed) is given, the other NaN; ``known_s``: when headquarters learn of it; ``group``:
intervals that come and go together. Before a night is drawn ``start_s`` and ``end_s`` hold what will be if the group
happens on time: the forecast, or, where nobody foresees it (a forecast without length), what nobody foresees."""

PLACE_COLUMNS: dict[str, str] = {
    "place": "str",
    "start_s": "float64",
    "end_s": "float64",
    "share": "float64",
    "depth_m": "float64",
    "cause": "str",
    "group": "str",
}
"""Places the hazard reaches: share of their people in the footprint, from when to when."""

NIGHT_SHARE = "night_share"
"""A column that a table of places may have besides: the share on a night on which the row's group happens, in place of
``share`` (0 for what nobody foresees)."""

AREA_COLUMNS: dict[str, str] = {
    "place": "str",
    "medium": "str",
    "start_s": "float64",
    "end_s": "float64",
    "cause": "str",
    "group": "str",
}
"""Outages by place (a township's means all its villages); ``medium`` is ``power`` or ``network``."""

GROUP_COLUMNS: dict[str, str] = {
    "group": "str",
    "probability": "float64",
    "shift_low_s": "float64",
    "shift_mode_s": "float64",
    "shift_high_s": "float64",
    "duration_low": "float64",
    "duration_mode": "float64",
    "duration_high": "float64",
}
"""How a group may turn out: whether it happens, how much sooner or later (triangular, seconds), how much longer or
shorter (triangular factor)."""

CHANCE_COLUMNS: dict[str, str] = {"alternative": "str", "factor": "str", "correlation": "float64"}
"""Columns that a table of groups may have besides. Of the groups with one ``alternative`` at most one happens: exactly
one where their probabilities add up to 1, else none with the rest; the worst stands first. Groups with one ``factor``
tend to happen on the same nights: ``correlation`` is that of the normal variables which decide, between any two of
them (a Gaussian copula with one factor); groups that stand early in their alternative go with others that do."""


def empty_table(columns: dict[str, str]) -> pd.DataFrame:
    """Return an empty table with these columns and dtypes."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})


@dataclass(frozen=True, eq=False)
class Disruption:
    """A hazard's effect over time, in tables with the columns documented at the module's constants."""

    edges: pd.DataFrame
    places: pd.DataFrame
    areas: pd.DataFrame
    groups: pd.DataFrame

    def sample(self, rng: np.random.Generator) -> Disruption:
        """Draw how it turns out; every group draws in the order of ``groups``, so equal seeds give equal nights."""
        if self.groups.empty:
            return self
        chance, early, long = rng.random((len(self.groups), 3)).T
        happens = _happens(_together(chance, self.groups, rng), self.groups)
        shift_s = _triangular(early, self.groups, "shift_low_s", "shift_mode_s", "shift_high_s")
        stretch = _triangular(long, self.groups, "duration_low", "duration_mode", "duration_high")
        names = pd.Index(self.groups["group"])

        def turned_out(table: pd.DataFrame, start: str, end: str) -> pd.DataFrame:
            """Rows of groups that happen, and of no group, their times shifted and stretched."""
            if table.empty:
                return table
            group = names.get_indexer(table["group"])
            there = (group < 0) | happens[group]
            kept, group = table[there].reset_index(drop=True), group[there]
            first, last = (kept[name].to_numpy(dtype=np.float64) for name in (start, end))
            with np.errstate(invalid="ignore"):  # what never begins has no length
                begin = first + np.where(group < 0, 0.0, shift_s[group])
                kept["end_s"] = begin + (last - first) * np.where(group < 0, 1.0, stretch[group])
            kept["start_s"] = begin
            return kept

        places = turned_out(self.places, "start_s", "end_s")
        if NIGHT_SHARE in places:
            places = places.assign(share=places[NIGHT_SHARE]).drop(columns=NIGHT_SHARE)
        return replace(
            self,
            edges=turned_out(self.edges, "start_s", "end_s"),
            places=places,
            areas=turned_out(self.areas, "start_s", "end_s"),
        )

    def forecast(self, now_s: float | None = None) -> Disruption:
        """What planners see: forecast times; with ``now_s`` only what headquarters know by then."""
        edges = self.edges
        if now_s is not None:
            edges = edges[edges["known_s"] <= now_s]
        edges = edges.assign(start_s=edges["forecast_start_s"], end_s=edges["forecast_end_s"])
        return replace(self, edges=edges.reset_index(drop=True))


def _together(
    chance: NDArray[np.float64], groups: pd.DataFrame, rng: np.random.Generator
) -> NDArray[np.float64]:  # fmt: skip
    """Even draws, with those of a common factor correlated through normal variables; drawn only where there are any."""
    if "factor" not in groups or not (groups["factor"] != "").any():
        return chance
    from scipy.special import ndtr, ndtri

    code, names = pd.factorize(groups["factor"])
    common = rng.standard_normal(len(names))[code]
    share = np.where(groups["factor"] != "", groups["correlation"].to_numpy(dtype=np.float64), 0.0)
    own = ndtri(np.clip(chance, 1e-300, 1.0 - 1e-16))
    drawn: NDArray[np.float64] = ndtr(np.sqrt(share) * common + np.sqrt(1.0 - share) * own)
    return np.where(share > 0, drawn, chance)


def _happens(chance: NDArray[np.float64], groups: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether each group happens; of an alternative the one in whose part the draw of its first group falls."""
    probability = groups["probability"].to_numpy(dtype=np.float64)
    alone: NDArray[np.bool_] = chance < probability
    if "alternative" not in groups or not (groups["alternative"] != "").any():
        return alone
    code, names = pd.factorize(groups["alternative"])
    order = np.argsort(code, kind="stable")
    first = order[np.searchsorted(code[order], np.arange(len(names)))]
    running = np.cumsum(probability[order])
    before = running - probability[order]
    start = before[np.searchsorted(code[order], code[order])]
    low, high = np.empty(len(code)), np.empty(len(code))
    low[order], high[order] = before - start, running - start
    high[np.abs(high - 1.0) < 1e-9] = 1.0
    draw = chance[first][code]
    one = (draw >= low) & (draw < high)
    return np.where(groups["alternative"] != "", one, alone)


def _triangular(u: NDArray[np.float64], groups: pd.DataFrame, low: str, mode: str, high: str) -> NDArray[np.float64]:
    """Inverse of each group's triangular distribution function at ``u``; the mode where it has no width."""
    a, c, b = (groups[name].to_numpy(dtype=np.float64) for name in (low, mode, high))
    width = np.where(b > a, b - a, 1.0)
    below = u < (c - a) / width
    drawn: NDArray[np.float64] = np.where(
        below, a + np.sqrt(u * width * (c - a)), b - np.sqrt((1 - u) * width * (b - c))
    )
    result: NDArray[np.float64] = np.where(b > a, drawn, c)
    return result


def no_disruption() -> Disruption:
    """A night on which nothing happens to the roads."""
    return Disruption(
        empty_table(EDGE_COLUMNS), empty_table(PLACE_COLUMNS), empty_table(AREA_COLUMNS), empty_table(GROUP_COLUMNS)
    )
