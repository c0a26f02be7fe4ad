"""Tables of what a plan holds beside goods by road: people moved, teams, flights, and what of it cannot be done."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd

from dispatch.clock import hours_minutes
from dispatch.county.english import own_names
from dispatch.documents.messages import has, text
from dispatch.planning.evacuation_page import detail_words as people_detail
from dispatch.planning.evacuation_page import unserved_words
from dispatch.planning.plan import Plan
from dispatch.planning.teams_page import cause_words, detail_words
from dispatch.report.names import item_name, quantity_of, site_name, vehicle_name
from dispatch.report.tables import moment
from dispatch.scenario import Scenario

__all__ = ["deployments_shown", "evacuations_shown", "sorties_shown", "unserved_shown"]


def coded(lang: str, prefix: str, value: str) -> str:
    """Word for a coded value; the code itself where the catalogue has none."""
    key = f"report_{prefix}_{value}"
    return text(lang, key) if has(key) else value


def evacuations_shown(scenario: Scenario, plan: Plan, lang: str) -> pd.DataFrame:
    """Movements of people, the most pressing first: told, left, arrived, when the hazard comes, what is to spare."""
    rows = []
    moves = plan.evacuations
    pressing = moves["hazard_ms"].where(moves["hazard_ms"] >= 0, scenario.end_ms) - moves["done_ms"]
    for row in moves.assign(_spare=pressing).sort_values(["_spare", "move"], kind="stable").to_dict("records"):
        mode = coded(lang, "mode", row["mode"])
        if row["vehicle"]:
            mode += f" · {vehicle_name(scenario, row['vehicle'], lang)}"
        reached = row["hazard_ms"] >= 0
        spare = row["hazard_ms"] - row["done_ms"]
        rows.append([
            site_name(scenario, row["place"], lang), coded(lang, "group", row["group"]), f"{row['people']:,}", mode,
            site_name(scenario, row["shelter"], lang), moment(scenario, lang, row["notice_ms"]),
            moment(scenario, lang, row["depart_ms"]), moment(scenario, lang, row["done_ms"]),
            _signed(spare) if reached else text(lang, "report_not_reached"),
        ])  # fmt: skip
    columns = ["place", "group", "people", "moved_by", "shelter", "notice", "departs", "arrives", "to_spare"]
    return pd.DataFrame(rows, columns=columns)


def _signed(time_ms: int) -> str:
    """Time to spare; negative where the hazard comes first."""
    return hours_minutes(time_ms) if time_ms >= 0 else f"−{hours_minutes(-time_ms)}"


def deployments_shown(scenario: Scenario, plan: Plan, lang: str) -> pd.DataFrame:
    """Teams and their tasks in the order of time."""
    names = own_names(scenario.county, "teams", lang)
    rows = [
        [names.get(row["team"]) or row["team"], site_name(scenario, row["task"], lang),
         coded(lang, "skill", row["skill"]), f"{row['strength']:,}", site_name(scenario, row["start_site"], lang),
         *(moment(scenario, lang, row[key]) for key in ("leave_ms", "road_end_ms", "begin_ms", "end_ms"))]
        for row in plan.deployments.sort_values(["begin_ms", "team"], kind="stable").to_dict("records")
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["team", "task", "skill", "strength", "start_site", "leaves", "road_end",
                                       "begins", "ends"])  # fmt: skip


def sorties_shown(scenario: Scenario, plan: Plan, lang: str) -> pd.DataFrame:
    """Flights leg by leg: where, when, with what aboard."""
    named = dict[str, Any]()
    for table in ("aircraft", "drones"):
        named |= own_names(scenario.county, table, lang)
    rows = []
    for row in plan.sorties.sort_values(["takeoff_ms", "sortie", "leg"], kind="stable").to_dict("records"):
        aboard = ""
        if row["item"]:
            known = (scenario.county.table("items")["item"] == row["item"]).any()
            aboard = (
                quantity_of(scenario, row["item"], int(row["quantity"]), lang)
                if known
                else f"{item_name(scenario, row['item'], lang)} {row['quantity']:,}"
            )
        elif row["quantity"]:
            aboard = text(lang, "report_litres", quantity=f"{row['quantity']:,}")
        rows.append([
            row["sortie"], named.get(row["aircraft"]) or row["aircraft"], coded(lang, "purpose", row["purpose"]),
            f"{site_name(scenario, row['from_site'], lang)} → {site_name(scenario, row['to_site'], lang)}",
            *(moment(scenario, lang, row[key]) for key in ("takeoff_ms", "arrive_ms", "done_ms")), aboard,
            f"{row['people']:,}" if row["people"] else "",
        ])  # fmt: skip
    return pd.DataFrame(rows, columns=["sortie", "aircraft", "purpose", "where", "takeoff", "arrives", "done", "goods",
                                       "people"])  # fmt: skip


def unserved_shown(scenario: Scenario, plan: Plan, lang: str) -> pd.DataFrame:
    """People, tasks and requests of the air that cannot be served, with why."""
    rows = [
        [coded(lang, "unserved", row["kind"]), site_name(scenario, row["subject"], lang),
         coded(lang, "group", row["group"]), f"{row['amount']:,}", _cause(lang, row), _reason(scenario, lang, row)]
        for row in plan.unserved.to_dict("records")
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["kind", "subject", "group", "amount", "cause", "reason"])


def _cause(lang: str, row: dict[Hashable, Any]) -> str:
    """Why, in the words of teams, of the evacuation or of the air."""
    words = {"task": cause_words, "evacuation": unserved_words}.get(str(row["kind"]))
    return coded(lang, "cause", row["cause"]) if words is None else words(lang, row["cause"])


def _reason(scenario: Scenario, lang: str, row: dict[Hashable, Any]) -> str:
    """The figures behind a cause as a sentence."""
    if row["kind"] == "task":
        return detail_words(scenario, lang, row["cause"], row["detail"])
    return people_detail(lang, row["cause"], row["detail"]) if row["kind"] == "evacuation" else str(row["detail"])
