"""What each fire road and break is worth in one fire: hectares that burn with it and without it (F-05)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from dispatch.county.county import County
from dispatch.hazards.fire_spec import FireSpec
from dispatch.hazards.fire_works import FireBreak, breaks_in
from dispatch.hazards.wildfire import break_breach, forecast, wildfire
from models.fire.lines import line_cells

__all__ = ["BREAK_COLUMNS", "break_gains"]

BREAK_COLUMNS: dict[str, str] = {
    "fire_line": "str",
    "name": "str",
    "kind": "str",
    "planned": "bool",
    "width_m": "float64",
    "breach": "float64",
    "without_ha": "float64",
    "with_ha": "float64",
    "saved_ha": "float64",
}
"""Lines that the fire would meet, the one that saves most first; ``breach``: probability that it is crossed. A line
whose probability is one half or more counts as crossed, and saves nothing."""


def break_gains(spec: FireSpec, county: County) -> pd.DataFrame:
    """Burn the same fire with and without each of the county's lines that it would meet.

    A planned line is added to those built, one that is built is taken away. Without spot fires and water from the air,
    which would hide what a line does.

    Parameters
    ----------
    spec : FireSpec
        With its works filled in (``fire_in_county``).
    county : County

    Raises
    ------
    InputProblems
        As ``dispatch.hazards.wildfire.wildfire``.
    """
    lines = county.table("fire_lines")
    lines = lines[lines["width_m"].notna()]
    every = breaks_in(county, planned=True)
    built = [line for line, row in zip(every, lines.to_dict("records"), strict=True) if not _planned(row)]
    plain = replace(spec, spotting=False, breaks=None)
    free = forecast(wildfire(_with(plain, ())), spec.until_s)
    now = _burnt_ha(plain, tuple(built))
    rows = []
    for line, row in zip(every, lines.to_dict("records"), strict=True):
        fire = wildfire(_with(plain, (line,)))
        cells, _ = line_cells(fire.grid.place(line.line), fire.grid.shape)
        if not np.isfinite(free[cells[:, 0], cells[:, 1]]).any():
            continue
        planned = _planned(row)
        other = _burnt_ha(plain, tuple([*built, line] if planned else [one for one in built if one is not line]))
        without, with_it = (now, other) if planned else (other, now)
        rows.append((row["fire_line"], row["name"], row["kind"], planned, line.width_m, float(break_breach(fire)[0]),
                     without, with_it, without - with_it))  # fmt: skip
    table = pd.DataFrame(rows, columns=list(BREAK_COLUMNS)).astype(BREAK_COLUMNS)
    return table.sort_values(["saved_ha", "fire_line"], ascending=[False, True], kind="stable", ignore_index=True)


def _planned(row: dict[str, Any]) -> bool:
    return bool(row["planned"] == True)  # noqa: E712 - may be missing


def _with(spec: FireSpec, breaks: tuple[FireBreak, ...]) -> FireSpec:
    return replace(spec, works=replace(spec.works, breaks=breaks))


def _burnt_ha(spec: FireSpec, breaks: tuple[FireBreak, ...]) -> float:
    arrival = forecast(wildfire(_with(spec, breaks)), spec.until_s)
    return float(np.isfinite(arrival).sum()) * spec.cell_m**2 / 1e4
