"""A proposal made by hand: the points that somebody would build, from a file in the form of the table of candidates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from dispatch.county.county import County
from dispatch.county.problem_text import found
from dispatch.county.read import read_table
from dispatch.planning.siting_ground import siting_rules, township_of
from dispatch.problems import InputProblems, Problem, errors

__all__ = ["read_proposal"]


def read_proposal(path: Path, county: County, points: pd.DataFrame) -> tuple[pd.DataFrame, list[str], list[Problem]]:
    """Read a proposal and add its new points to the candidates.

    A row names a candidate of the pack (its position then need not be given) or a new point with coordinates or a
    place.

    Parameters
    ----------
    path : Path
        CSV file or workbook with the columns of ``candidates``.
    county : County
    points : DataFrame
        Candidates so far, ``siting_ground.CANDIDATE_COLUMNS``.

    Returns
    -------
    points : DataFrame
        With the proposal's new points at the end.
    proposed : list of str
        Candidates proposed, without those that stand already.
    warnings : list of Problem

    Raises
    ------
    InputProblems
        File, row and column of everything that is wrong.
    """
    if not path.is_file():
        raise InputProblems([found("siting_no_file", str(path))])
    rows, problems = read_table(path, "candidates", county)
    known = dict(zip(points["candidate"], points.to_dict("records"), strict=True))
    listed = set(county.table("candidates")["candidate"])
    places = county.table("places").set_index("place", drop=False)
    above = township_of(county.table("places"))
    cost = siting_rules()["opening_cost"]
    new, proposed = [], []
    for k, row in enumerate(rows.to_dict("records")):
        name, at = row["candidate"], k + 2
        if name in known:
            if known[name]["forbidden"]:
                problems.append(found("siting_forbidden", path.name, at, "candidate", name))
            elif not known[name]["existing"]:
                proposed.append(name)
            continue
        if name in listed:
            problems.append(found("siting_other_kind", path.name, at, "candidate", name))
            continue
        lon, lat = row["lon"], row["lat"]
        if np.isnan(lon) and row["place"] in places.index:
            lon, lat = places.at[row["place"], "lon"], places.at[row["place"], "lat"]
        if np.isnan(lon) or np.isnan(lat):
            problems.append(found("siting_no_position", path.name, at, "lon", name))
            continue
        new.append({
            "candidate": name, "name": row["name"], "place": row["place"], "lon": lon, "lat": lat,
            "cost": cost if np.isnan(row["opening_cost"]) else row["opening_cost"], "existing": False,
            "forbidden": False, "township": above.get(row["place"], ""),
        })  # fmt: skip
        proposed.append(name)
    if not len(rows) and not errors(problems):
        problems.append(found("siting_empty_proposal", path.name))
    if errors(problems):
        raise InputProblems(problems)
    joined = pd.concat([points, pd.DataFrame(new, columns=list(points.columns))], ignore_index=True) if new else points
    joined = joined.astype({"existing": bool, "forbidden": bool, "cost": "float64"})
    return joined, proposed, problems
