"""The workbook's first and last sheet: what the plan is worth, and what was assumed."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from dispatch.clock import hours_minutes
from dispatch.county.english import side_of
from dispatch.county.idle_vehicles import idle_vehicles
from dispatch.county.problem_text import problem_text
from dispatch.planning.plan_pages import Page, page
from dispatch.planning.plan_view import PlanView
from dispatch.scenario import STEPS

__all__ = ["assumption_page", "summary_page"]

_IN_MS = ("t_all_ms",)


def summary_page(view: PlanView) -> Page:
    """Answer, means used, goods by item, and the objective with its bounds."""
    rows = [*_answer(view), *_means(view), *_items(view), *_levels(view)]
    return page("summary", ("section", "figure", "value", "unit", "note"), rows, ("section", "figure"))


def _row(view: PlanView, section: str, figure: str, value: Any, unit: str = "", note: str = "") -> dict[str, Any]:
    """One figure; ``section`` is a message key without its prefix, ``figure`` is in words."""
    heading = view.say(f"plan_section_{section}")
    return {"section": heading, "figure": figure, "value": value, "unit": unit, "note": note}


def _named(view: PlanView, section: str, key: str, value: Any, unit: str = "", note: str = "") -> dict[str, Any]:
    """One figure that the catalogue names."""
    return _row(view, section, view.say(f"plan_figure_{key}"), value, unit, note)


def _answer(view: PlanView) -> Iterator[dict[str, Any]]:
    scenario, measures = view.scenario, view.measures
    asked = set(scenario.needs.loc[scenario.needs["part"] == "first_batch", "place"])
    places = measures.places[measures.places["place"].isin(asked)]
    place, people = view.say("plan_unit_place"), view.say("plan_unit_person")
    served = places[places["on_time"]]
    title = scenario.title_zh if view.lang == "zh" else scenario.title_en
    yield _named(view, "answer", "scenario", title or scenario.name)
    yield _named(view, "answer", "order", view.clock(scenario.order_ms))
    yield _named(view, "answer", "due", view.clock(scenario.due_ms), note=hours_minutes(scenario.deadline_ms))
    yield _named(view, "answer", "places", len(places), place)
    yield _named(view, "answer", "places_reachable", int(places["reachable"].sum()), place)
    yield _named(view, "answer", "places_on_time", len(served), place)
    yield _named(view, "answer", "people", float(places["people"].sum()), people)
    yield _named(view, "answer", "people_on_time", float(served["people"].sum()), people)
    never = view.say("plan_never")
    all_reached = bool((places.loc[places["reachable"], "first_batch_complete_ms"] >= 0).all())
    all_served = bool((places["first_batch_complete_ms"] >= 0).all())
    yield _named(view, "answer", "t1", _duration(measures.t1_ms) or never)
    yield _named(view, "answer", "t_all_reachable", _duration(measures.t_all_reachable_ms) if all_reached else never)
    yield _named(view, "answer", "t_all", _duration(measures.t_all_ms) if all_served else never)
    yield _named(view, "answer", "unmet", len(view.plan.unmet), view.say("plan_unit_row"))


def _duration(duration_ms: int | None) -> str:
    return "" if duration_ms is None else hours_minutes(duration_ms)


def _means(view: PlanView) -> Iterator[dict[str, Any]]:
    plan = view.plan
    loads = plan.loads.to_dict("records")
    km = next(row["value"] for row in view.measures.objective.to_dict("records") if row["measure"] == "vehicle_km")
    yield _named(view, "means", "vehicles", int(plan.trips["vehicle"].nunique()), view.say("plan_unit_vehicle"))
    yield _named(view, "means", "trips", len(plan.trips), view.say("plan_unit_trip"))
    yield _named(view, "means", "depots", int(plan.trips["depot"].nunique()), view.say("plan_unit_depot"))
    yield _named(view, "means", "km", round(float(km), 1), "km")
    yield _named(view, "means", "tonnes", round(view.weight_kg(loads) / 1000, 3), "t")
    yield _named(view, "means", "orders", int(view.orders["order"].nunique()), view.say("plan_unit_order"))


def _items(view: PlanView) -> Iterator[dict[str, Any]]:
    """Asked and loaded, by item; a substitute counts for the item that was loaded."""
    needs = view.scenario.needs
    asked = needs.groupby("item")["quantity"].sum().to_dict()
    first = needs[needs["part"] == "first_batch"].groupby("item")["quantity"].sum().to_dict()
    loaded: dict[str, int] = {}
    for load in view.plan.loads.to_dict("records"):
        loaded[load["item"]] = loaded.get(load["item"], 0) + load["quantity"]
    for item in dict.fromkeys([*asked, *loaded]):
        note = view.say("plan_note_asked", first=first.get(item, 0), total=asked.get(item, 0))
        figure = view.say("plan_figure_loaded", item=view.item(item))
        yield _row(view, "goods", figure, loaded.get(item, 0), view.unit(item), note)


def _levels(view: PlanView) -> Iterator[dict[str, Any]]:
    """Levels of the objective: the value recomputed, bound, gap and status as the planner proved them."""
    proofs = {row["level"]: row for row in view.plan.objective.to_dict("records")}
    for level in view.measures.objective.to_dict("records"):
        proof = proofs.get(level["level"], {})
        note = ""
        if proof:
            bound, gap = float(proof["bound"]), float(proof["gap"])
            note = view.say(
                "plan_note_proof",
                bound=view.say("plan_unknown") if math.isnan(bound) else _level_value(level["measure"], bound),
                gap=view.say("plan_unknown") if math.isnan(gap) else f"{gap:.1%}",
                status=view.word("plan_status", proof["status"]),
            )
        figure = f"{level['level']} {view.word('plan_measure', level['measure'])}"
        yield _row(view, "objective", figure, _level_value(level["measure"], float(level["value"])), note=note)


def _level_value(measure: str, value: float) -> Any:
    """Value of a level: durations as hours and minutes, weighted sums in person-hours, others as they are."""
    if not math.isfinite(value):
        return str(value)
    if measure in _IN_MS:
        return hours_minutes(round(value))
    shown = round(value / 3_600_000, 1) if measure.startswith("weighted_") else round(value, 1)
    return int(shown) if shown == int(shown) else shown


def assumption_page(view: PlanView) -> Page:
    """What the plan rests on: first batch, step times, rules, vehicle speeds, sources, statements, how it was made."""
    rows = [*_statements(view), *_first_batch(view), *_steps(view), *_rules(view), *_speeds(view), *_made(view)]
    return page("assumptions", ("section", "figure", "value", "unit", "note"), rows, ("section", "figure"))


def _statements(view: PlanView) -> Iterator[dict[str, Any]]:
    scenario = view.scenario
    spoken = [zh if view.lang == "zh" else en for zh, en in scenario.statements]
    network = scenario.network
    spoken += [view.say("plan_schematic")] if network.schematic else []
    for i, said in enumerate([view.say("common_planning_aid"), *spoken], 1):
        yield _row(view, "statements", str(i), said)
    notes = [problem_text(note, view.lang) for note in scenario.notes]
    sources = [side_of(source, view.lang) for source in (*scenario.county.sources, network.attribution)]
    for i, source in enumerate((*sources, *notes), 1):
        if source:
            yield _row(view, "sources", str(i), source)


def _first_batch(view: PlanView) -> Iterator[dict[str, Any]]:
    for row in view.scenario.first_batch.to_dict("records"):
        what = view.say(
            "plan_first_batch_row",
            quantity=row["quantity_per_person"],
            share=row["people_share"],
            basis=view.word("plan_basis", str(row["basis"])),
        )
        substitutes = [view.item(s.strip()) for s in str(row["substitutes"]).split(";") if s.strip()]
        instead = view.say("plan_first_batch_instead", items=", ".join(substitutes)) if substitutes else ""
        yield _row(
            view, "first_batch", view.item(row["item"]), what + instead, view.unit(row["item"]), str(row["source"])
        )


def _steps(view: PlanView) -> Iterator[dict[str, Any]]:
    for step in STEPS:
        if (time := view.scenario.steps.get(step)) is None:
            continue
        value = view.say(
            "plan_step_time", low=time.low_min, mode=time.mode_min, high=time.high_min, mean=time.mean_ms / 60_000
        )
        yield _row(view, "steps", view.word("plan_step", step), value, "min", time.source)


def _rules(view: PlanView) -> Iterator[dict[str, Any]]:
    s = view.scenario
    yield _named(view, "rules", "deadline", hours_minutes(s.deadline_ms), "h:mm")
    for tier, limit in s.tier_deadline_ms.items():
        figure = view.say("plan_figure_tier", tier=view.word("plan_tier", tier))
        yield _row(view, "rules", figure, hours_minutes(limit), "h:mm")
    yield _named(view, "rules", "reference_truck", f"{s.loading_reference_kg:g} kg / {s.loading_reference_m3:g} m³")
    yield _named(view, "rules", "loading_floor", s.loading_floor)
    yield _named(
        view, "rules", "drive_limit", f"{hours_minutes(s.drive_limit_ms)} / {hours_minutes(s.drive_rest_ms)}", "h:mm"
    )
    for name, of in idle_vehicles(s.county).groupby("class", sort=False):
        known = s.profiles.get(str(name))
        label = str(name) if known is None else (known.name_zh if view.lang == "zh" else known.name_en)
        listed = view.say("common_list_comma").join(of["vehicle"])
        yield _row(view, "rules", view.say("plan_figure_idle", vehicle_class=label, count=len(of)), listed)
    yield _named(view, "rules", "walk", s.walk_kmh, "km/h")
    paces = ", ".join(f"{share / 1000:g}" for share in dict.fromkeys(s.pace_permille))
    yield _named(view, "rules", "pace", paces)
    yield _named(view, "rules", "spread", " / ".join(f"{share:g}" for share in s.speed_spread))


def _speeds(view: PlanView) -> Iterator[dict[str, Any]]:
    for profile in view.scenario.profiles.values():
        speeds = "; ".join(
            f"{view.word('plan_road', road)} {speed:g}" for road, speed in profile.speed_kmh.items() if speed > 0
        )
        name = profile.name_zh if view.lang == "zh" else profile.name_en
        yield _row(view, "speeds", name or profile.vehicle_class, speeds, "km/h", profile.source)


def _made(view: PlanView) -> Iterator[dict[str, Any]]:
    yield _named(view, "made", "roads", view.scenario.network.source)
    yield _named(view, "made", "seed", view.scenario.seed)
    for key in sorted(view.plan.meta):
        value = view.plan.meta[key]
        shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        yield _row(view, "made", str(key), shown[:2000])
