"""Rules of stock, items, vehicles, the first batch, demand and headquarters."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from dispatch.county.findings import Findings, Origin
from dispatch.county.units import is_unit, plain
from dispatch.norms import read_norm

__all__ = ["check_demand", "check_first_batch", "check_headquarters", "check_stock", "check_vehicles", "check_weights"]

_PACKAGES = frozenset("箱包捆袋盒打托件吨桶")
_LEAST_PAYLOAD_KG = 50.0
"""A vehicle for less than this is a figure in tonnes under a header in kg."""


def check_stock(tables: Mapping[str, pd.DataFrame], origins: Mapping[str, Origin], findings: Findings) -> None:
    """Dates in order; agreement and capacity stock with what makes it countable; the item's own counting unit."""
    stock, origin = tables["stock"], origins["stock"]
    unit_of = dict(zip(tables["items"]["item"].tolist(), tables["items"]["unit"].tolist(), strict=True))
    for i, row in enumerate(stock.to_dict("records")):
        if row["produced"] and row["expiry"] and row["expiry"] < row["produced"]:
            findings.cell(origin, i, "expiry", "county_expiry", produced=row["produced"])
        if row["mode"] in {"agreement", "capacity"} and math.isnan(row["lead_time_min"]):
            findings.once(origin, i, "lead_time_min", "county_lead_time")
        if row["mode"] == "capacity" and math.isnan(row["release_per_h"]):
            findings.once(origin, i, "release_per_h", "county_release")
        if row["mode"] != "physical" and not row["supplier"] and (i, "supplier") not in origin.faulty:
            findings.cell(origin, i, "supplier", "county_no_supplier", "warning")
        word, unit = origin.words.get((i, "quantity"), ""), plain(unit_of.get(row["item"], ""))
        if word and unit and word.casefold() != unit.casefold():
            other_size = any(is_unit(w) or w in _PACKAGES for w in (word, unit))
            findings.cell(origin, i, "quantity", "county_counted_in", "error" if other_size else "warning", unit=unit)


def check_weights(tables: Mapping[str, pd.DataFrame], origins: Mapping[str, Origin], findings: Findings) -> None:
    """Items that weigh something or take room; payloads in kilograms, not tonnes."""
    items = tables["items"]
    for i in ((items["weight_kg"] == 0) & (items["volume_m3"] == 0)).to_numpy().nonzero()[0]:
        findings.cell(origins["items"], int(i), "weight_kg", "county_weightless", "warning")
    payload = tables["vehicles"]["payload_kg"]
    for i in ((payload > 0) & (payload < _LEAST_PAYLOAD_KG)).to_numpy().nonzero()[0]:
        findings.cell(origins["vehicles"], int(i), "payload_kg", "county_small_payload", "warning")


def check_vehicles(vehicles: pd.DataFrame, origin: Origin, findings: Findings) -> None:
    """Classes that the norm knows; a scenario may bring a profile of another, so that it is only said."""
    known = [row["vehicle_class"] for row in read_norm("vehicle_profiles")]
    words = "、".join(known)
    for i in (~vehicles["class"].isin([*known, ""])).to_numpy().nonzero()[0]:
        findings.cell(origin, int(i), "class", "county_unknown_class", "warning", zh=words, en=", ".join(known))


def check_first_batch(first_batch: pd.DataFrame, origin: Origin, findings: Findings) -> None:
    """No item stands in for itself."""
    for i, (item, substitutes) in enumerate(first_batch[["item", "substitutes"]].itertuples(index=False, name=None)):
        if item and item in substitutes.split(";"):
            findings.cell(origin, i, "substitutes", "county_own_substitute", "warning")


def check_demand(demand: pd.DataFrame, origin: Origin, findings: Findings) -> None:
    """Of the people affected some are relocated, and of those some sheltered; a report names at least one figure."""
    counts = demand[["affected", "relocated", "sheltered"]].itertuples(index=False, name=None)
    for i, (affected, relocated, sheltered) in enumerate(counts):
        if relocated > affected:
            findings.cell(origin, i, "relocated", "county_more_relocated", "warning", limit=f"{affected:g}")
        if sheltered > relocated or sheltered > affected:
            limit = min(n for n in (affected, relocated) if n < sheltered)
            findings.cell(origin, i, "sheltered", "county_more_sheltered", "warning", limit=f"{limit:g}")
        unread = any((i, column) in origin.faulty for column in ("affected", "relocated", "sheltered"))
        if math.isnan(affected) and math.isnan(relocated) and math.isnan(sheltered) and not unread:
            findings.cell(origin, i, "affected", "county_no_people", "warning")


def check_headquarters(headquarters: pd.DataFrame, origin: Origin, findings: Findings) -> None:
    """No headquarters above itself."""
    ids, parents = headquarters["headquarters"].tolist(), headquarters["parent"].tolist()
    parent_of = dict(zip(ids, parents, strict=True))
    for i, one in enumerate(ids):
        above, steps = parent_of.get(one, ""), 0
        while above and above != one and steps < len(ids):
            above, steps = parent_of.get(above, ""), steps + 1
        if one and above == one:
            findings.cell(origin, i, "parent", "county_cycle")
