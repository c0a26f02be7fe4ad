"""What the aircraft did, night by night, from the event log alone."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["AIR_NIGHT_COLUMNS", "air_nights"]

AIR_NIGHT_COLUMNS: dict[str, str] = {
    "replication": "int64",
    "sorties": "int64",
    "cancelled": "int64",
    "delayed": "int64",
    "litres": "float64",
    "lifted": "float64",
    "looked_at": "int64",
    "relay_h": "float64",
    "first_water_s": "float64",
}
"""One row per night: sorties flown, given up, kept on the ground for a time; litres dropped; people at a hospital;
places looked at; hours of relays on station (until the end of the log at most); first water, seconds from the reference
instant (NaN: none)."""


def air_nights(log: pd.DataFrame) -> pd.DataFrame:
    """``AIR_NIGHT_COLUMNS``; empty where no aircraft was called."""
    nights = np.unique(log["replication"].to_numpy())
    if not (log["event"] == "aircraft_scrambled").any():
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in AIR_NIGHT_COLUMNS.items()})

    def per_night(event: str, column: str = "") -> pd.Series:
        rows = log[log["event"] == event].groupby("replication")
        found = rows["event"].count() if not column else rows[column].sum()
        return found.reindex(nights, fill_value=0)

    off, on = per_night("relay_off", "time_s"), per_night("relay_on", "time_s")
    under_way = per_night("relay_on") - per_night("relay_off")
    last = log.groupby("replication")["time_s"].max().reindex(nights)
    water = log[log["event"] == "water_dropped"].groupby("replication")["time_s"].min().reindex(nights)
    table = pd.DataFrame({
        "replication": nights,
        "sorties": per_night("aircraft_took_off").to_numpy(),
        "cancelled": per_night("sortie_cancelled").to_numpy(),
        "delayed": per_night("aircraft_grounded").to_numpy(),
        "litres": per_night("water_dropped", "quantity").to_numpy(),
        "lifted": per_night("lifted", "quantity").to_numpy(),
        "looked_at": per_night("looked_at").to_numpy(),
        "relay_h": ((off + under_way * last - on) / 3600).to_numpy(),
        "first_water_s": water.to_numpy(),
    })  # fmt: skip
    return table.astype(AIR_NIGHT_COLUMNS)
