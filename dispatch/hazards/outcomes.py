"""Disruptions put together: several hazards at once, or one that may turn out in one of several ways.

A storm that brings more rain than forecast, or a fire under a wind from elsewhere, is no shift or stretch of the
intervals of the forecast: each way has intervals of its own, in a group of its own, and a night draws one of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dispatch.hazards.disruption import (
    AREA_COLUMNS,
    CHANCE_COLUMNS,
    EDGE_COLUMNS,
    GROUP_COLUMNS,
    NIGHT_SHARE,
    PLACE_COLUMNS,
    Disruption,
    empty_table,
)

__all__ = ["foreseen", "foreseen_places", "joined", "one_of", "stacked_groups", "stacked_places"]


def one_of(
    forecast: Disruption, outcomes: Sequence[Disruption], name: str, probability: float = 1.0,
    weights: Sequence[float] = (), *, unseen: bool = False,
) -> Disruption:  # fmt: skip
    """Foreseen as the forecast's tables say; what comes is one of several outcomes.

    The table of edges holds the forecast's intervals, which nobody feels, beside those of every outcome, which nobody
    foresees and which become known as they begin. Places (who is in need) are the forecast's, on every night, or with
    ``unseen`` on none: then a night has its outcome's.

    Parameters
    ----------
    forecast : Disruption
    outcomes : sequence of Disruption
        Each with at most one group, which says how it may shift and stretch.
    name : str
        Of the groups: ``name/1``, ``name/2`` …, one for each outcome.
    probability : float
        That any of them comes.
    weights : sequence of float
        How likely each outcome is beside the others; empty: all alike.
    unseen : bool
        Whether an outcome's intervals stay unknown until the outcome's own time of knowing, where that is later, and
        each outcome reaches its own places (``NIGHT_SHARE``).
    """
    share = np.array(weights or [1.0] * len(outcomes), dtype=np.float64)
    share = probability * share / share.sum()
    begin = forecast.edges["forecast_start_s"]
    edges = [forecast.edges.assign(start_s=begin, end_s=begin, group="")]
    areas, groups, reached = [], [], [forecast.places.assign(group="", **{NIGHT_SHARE: 0.0})]
    for number, (outcome, chance) in enumerate(zip(outcomes, share, strict=True), start=1):
        group, start = f"{name}/{number}", outcome.edges["start_s"]
        known = np.maximum(outcome.edges["known_s"], start) if unseen else start
        edges.append(outcome.edges.assign(forecast_start_s=start, forecast_end_s=start, known_s=known, group=group))
        reached.append(outcome.places.assign(share=0.0, group=group, **{NIGHT_SHARE: outcome.places["share"]}))
        areas.append(outcome.areas.assign(group=group))
        row: dict[str, object] = dict.fromkeys(GROUP_COLUMNS, 0.0)
        row |= {f"duration_{end}": 1.0 for end in ("low", "mode", "high")}
        if len(outcome.groups):
            row |= outcome.groups.iloc[0].to_dict()
        row |= {"group": group, "probability": chance, "alternative": name, "factor": "", "correlation": 0.0}
        groups.append(row)
    places = stacked_places(reached) if unseen else forecast.places.assign(group="")
    table = pd.DataFrame(groups)[[*GROUP_COLUMNS, *CHANCE_COLUMNS]].astype({**GROUP_COLUMNS, **CHANCE_COLUMNS})
    return Disruption(_stack(edges, EDGE_COLUMNS), places, _stack(areas, AREA_COLUMNS), table)


def foreseen(edges: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """Intervals with a forecast only for the most probable group (the first of equals) of each alternative."""
    if "alternative" not in groups or edges.empty:
        return edges
    sets = groups[groups["alternative"] != ""]
    likeliest = sets.sort_values("probability", ascending=False, kind="stable").drop_duplicates("alternative")["group"]
    unseen = edges["group"].isin(set(sets["group"]) - set(likeliest))
    return edges.assign(forecast_end_s=edges["forecast_end_s"].where(~unseen, edges["forecast_start_s"]))


def joined(parts: Sequence[Disruption]) -> Disruption:
    """All parts at once; a single one is returned as it is.

    Raises
    ------
    ValueError
        If two parts name a group or a factor alike: each would draw for it.
    """
    if len(parts) == 1:
        return parts[0]
    return Disruption(
        _stack([part.edges for part in parts], EDGE_COLUMNS),
        stacked_places([part.places for part in parts]),
        _stack([part.areas for part in parts], AREA_COLUMNS),
        stacked_groups([part.groups for part in parts]),
    )


def stacked_places(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Places of several hazards in one table; the share of the night only if one of them has it."""
    if not any(NIGHT_SHARE in table for table in tables):
        return _stack(tables, PLACE_COLUMNS)
    told = [table if NIGHT_SHARE in table else table.assign(**{NIGHT_SHARE: table["share"]}) for table in tables]
    return _stack(told, {**PLACE_COLUMNS, NIGHT_SHARE: "float64"})


def foreseen_places(places: pd.DataFrame) -> pd.DataFrame:
    """Rows of a table of places that planners see."""
    if NIGHT_SHARE not in places:
        return places
    return places[(places["share"] > 0) | (places[NIGHT_SHARE] == 0)].reset_index(drop=True)


def stacked_groups(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Groups of several hazards in one table; the columns of chance only if one of them has any.

    Raises
    ------
    ValueError
        If two tables name a group alike.
    """
    columns = dict(GROUP_COLUMNS)
    if any("alternative" in table for table in tables):
        columns |= CHANCE_COLUMNS
        empty: dict[str, object] = {"alternative": "", "factor": "", "correlation": 0.0}
        tables = [table if "alternative" in table else table.assign(**empty) for table in tables]
    groups = _stack(tables, columns)
    if groups["group"].duplicated().any():
        msg = f"group {groups.loc[groups['group'].duplicated(), 'group'].iloc[0]!r} belongs to two hazards"
        raise ValueError(msg)
    return groups


def _stack(tables: Sequence[pd.DataFrame], columns: dict[str, str]) -> pd.DataFrame:
    filled = [table for table in tables if len(table)]
    if not filled:
        return empty_table(columns)
    return pd.concat(filled, ignore_index=True)[list(columns)].astype(columns)
