"""The sheets of the air: sorties leg by leg, buckets, hours gained; and what no aircraft does in time, and why."""

from __future__ import annotations

from dispatch.county.english import own_names
from dispatch.planning.plan_pages import Page, page
from dispatch.planning.plan_view import PlanView

__all__ = ["air_pages"]

_LEGS = (
    "sortie", "aircraft_name", "leg", "purpose_name", "from_name", "to_name", "takeoff_clock",
    "arrive_clock", "ready_clock", "goods", "litres", "people",
)  # fmt: skip
_GAIN = ("subject_name", "purpose_name", "air_h", "ground_h", "saved_h", "subject")
_BUCKET = ("aircraft_name", "subject", "water_name", "pad_name", "cycle_min", "drops", "litres", "litres_h", "aircraft")
_LEFT = ("subject_name", "purpose_name", "amount", "cause_name", "subject")


def air_pages(view: PlanView) -> list[Page]:
    """Sorties, buckets, gains and what is left; none for a plan without the air."""
    plan = view.plan
    unserved = plan.unserved[plan.unserved["kind"] == "sortie"]
    if plan.sorties.empty and unserved.empty:
        return []
    air = plan.meta.get("air", {})
    pages = [page("air", _LEGS, _legs(view), ("sortie", "leg"), printed=len(_LEGS))]
    buckets = [
        {
            **row, "aircraft_name": _craft(view, row["aircraft"]), "subject": row["request"],
            "water_name": view.site(row["water"]), "pad_name": view.site(row["pad"]),
            "cycle_min": round(row["cycle_s"] / 60, 1),
        }
        for row in air.get("buckets", ())
    ]  # fmt: skip
    gains = [
        {**row, "subject_name": view.site(row["subject"]), "purpose_name": view.word("air_purpose", row["purpose"])}
        for row in air.get("gains", ())
    ]
    left = [
        {
            "subject": row["subject"], "subject_name": view.site(row["subject"]),
            "purpose_name": view.word("air_purpose", row["group"]), "amount": row["amount"],
            "cause_name": view.word("air_cause", row["cause"]),
        }
        for row in unserved.to_dict("records")
    ]  # fmt: skip
    if buckets:
        pages.append(page("air_buckets", _BUCKET, buckets, ("aircraft", "subject"), printed=8))
    if gains:
        pages.append(page("air_gains", _GAIN, gains, ("subject", "purpose_name"), printed=5))
    if left:
        pages.append(page("air_left", _LEFT, left, ("subject", "purpose_name"), printed=4))
    return pages


def _craft(view: PlanView, aircraft: str) -> str:
    """Name of an aircraft or drone; its id where it has none."""
    named = (own_names(view.scenario.county, table, view.lang) for table in ("aircraft", "drones"))
    return next((names[aircraft] for names in named if aircraft in names), aircraft)


def _legs(view: PlanView) -> list[dict[str, object]]:
    """One row per leg, what is aboard in words."""
    found: dict[tuple[str, int], dict[str, object]] = {}
    goods: dict[tuple[str, int], list[str]] = {}
    for row in view.plan.sorties.to_dict("records"):
        key = (str(row["sortie"]), int(row["leg"]))
        if row["item"]:
            goods.setdefault(key, []).append(f"{view.item(row['item'])} {row['quantity']:,}{view.unit(row['item'])}")
        found[key] = {
            **row,
            **{f"{name[:-3]}_clock": view.clock(value) for name, value in row.items() if str(name).endswith("_ms")},
            "aircraft_name": _craft(view, row["aircraft"]),
            "ready_clock": view.clock(row["done_ms"]),
            "purpose_name": view.word("air_purpose", row["purpose"]),
            "from_name": view.site(row["from_site"]),
            "to_name": view.site(row["to_site"]),
            "litres": row["quantity"] if row["purpose"] == "bucket" else "",
            "people": row["people"] or "",
        }
    return [{**row, "goods": "；".join(goods.get(key, ()))} for key, row in found.items()]
