"""The clearance curve as a table of the page: how many of the people to be moved are at a shelter by each half hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from dispatch.documents.messages import text
from dispatch.report.tables import moment
from dispatch.scenario import Scenario
from dispatch.simulation.evacuation_indicators import evacuation_nights

if TYPE_CHECKING:
    from dispatch.simulation.ensemble import Ensemble

__all__ = ["clearance_shown"]

_STEP_MIN = 30
_MOST = 24


def clearance_shown(scenario: Scenario, ensemble: Ensemble | None, lang: str) -> pd.DataFrame:
    """Rows of clock, share at a shelter on the mean night, and the range of nine nights in ten; until nobody comes.

    Empty without an evacuation or nights. Where the evacuation lasts longer than ``_MOST`` rows, only every second half
    hour is listed, or every fourth, and so on; the last is always there.
    """
    columns = ["by_clock", "after_order", "share_out", "share_out_range"]
    found = None
    if ensemble is not None and scenario.evacuation is not None and len(ensemble.log):
        found = evacuation_nights(ensemble.log)
    if found is None:
        return pd.DataFrame(columns=columns)
    curve = found.curve
    final = int(curve.loc[curve["mean_share"] >= curve["mean_share"].max() - 1e-9, "minute"].min())
    step = _STEP_MIN
    while final / step > _MOST:
        step *= 2
    chosen = curve[(curve["minute"] % step == 0) & (curve["minute"] > 0) & (curve["minute"] < final)
                   | (curve["minute"] == final)]  # fmt: skip
    assert scenario.evacuation is not None
    warned = scenario.evacuation.warned_ms
    rows = [
        [moment(scenario, lang, warned + int(row["minute"]) * 60_000),
         text(lang, "report_after_order", hours=int(row["minute"]) // 60, minutes=f"{int(row['minute']) % 60:02d}"),
         f"{row['mean_share']:.1%}", f"{row['low_share']:.0%}–{row['high_share']:.0%}"]
        for row in chosen.to_dict("records")
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)
