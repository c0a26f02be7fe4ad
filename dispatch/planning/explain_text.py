"""An explanation in words, for the console or a page."""

from __future__ import annotations

from typing import Any

from dispatch.clock import day_and_time, hours_minutes
from dispatch.documents.messages import Lang, text
from dispatch.planning.explain import PIECES, Explanation
from dispatch.planning.names import item_name, site_name
from dispatch.planning.plan import Plan
from dispatch.planning.tiers import tier_table
from dispatch.scenario import Scenario

__all__ = ["explanation_lines", "road_names", "tier_lines"]


def explanation_lines(found: Explanation, scenario: Scenario, lang: Lang) -> list[str]:
    """Table of times and pieces, then each missed place with what would make it."""
    arrivals, horizon_ms = found.arrivals, scenario.end_ms - scenario.order_ms
    title = scenario.title_zh if lang == "zh" else scenario.title_en
    lines = [
        text(lang, "explain_title", scenario=title or scenario.name, count=len(arrivals),
             made=int(arrivals["on_time"].sum()), missed=int((~arrivals["on_time"]).sum()),
             hours=hours_minutes(scenario.deadline_ms))
    ]  # fmt: skip
    heads = ["place", "plan", "earliest", "open", *PIECES]
    table = [[text(lang, f"explain_head_{head}") for head in heads]]
    for row in arrivals.to_dict("records"):
        plan = hours_minutes(row["plan_ms"]) if row["served"] else text(lang, "explain_never")
        times = [hours_minutes(row[name]) for name in ("earliest_ms", "open_ms", *PIECES)]
        times[:2] = [f"＞{shown}" if row[name] >= horizon_ms else shown
                     for name, shown in zip(("earliest_ms", "open_ms"), times[:2], strict=True)]  # fmt: skip
        mark = "" if row["on_time"] else "*"
        table.append([mark + site_name(scenario, row["place"], lang), plan, *times])
    widths = [max(_width(line[k]) for line in table) for k in range(len(heads))]
    for line in table:
        first = line[0] + " " * (widths[0] - _width(line[0]))
        lines.append(
            "  ".join([first, *(" " * (w - _width(c)) + c for c, w in zip(line[1:], widths[1:], strict=True))])
        )
    lines.append(text(lang, "explain_columns"))
    for row in arrivals[~arrivals["on_time"]].to_dict("records"):
        lines += ["", *_missed(found, row, scenario, lang)]
    return lines


def _missed(found: Explanation, row: dict[str, Any], scenario: Scenario, lang: Lang) -> list[str]:
    place = row["place"]
    key = "explain_missed_late" if row["served"] else "explain_missed_never"
    when = text(lang, key, time=hours_minutes(row["plan_ms"])) if row["served"] else text(lang, key)
    lines = [
        text(lang, "explain_missed", place=site_name(scenario, place, lang), people=f"{row['people']:.0f}", when=when)
    ]
    relaxations = found.relaxations[found.relaxations["place"] == place]
    for way in relaxations.to_dict("records"):
        values: dict[str, Any] = {"rank": way["rank"], "size": way["size"], "then": hours_minutes(way["then_ms"])}
        if way["kind"] == "road":
            values |= {
                "what": road_names(way["where"], scenario, lang),
                "by": day_and_time(scenario.reference_time, way["by_ms"]),
                "since": hours_minutes(way["by_ms"] - scenario.order_ms),
            }
        else:
            named = _class_name if way["kind"] == "truck" else item_name
            values |= {"where": site_name(scenario, way["where"], lang), "what": named(scenario, way["what"], lang)}
        lines.append(text(lang, f"explain_{way['kind']}", **values))
    for proof in found.certificates[found.certificates["place"] == place].to_dict("records"):
        values = {}
        if proof["kind"] == "cut":
            values["roads"] = road_names(proof["edges"], scenario, lang)
        elif proof["kind"] in {"far", "several"}:
            values["earliest"] = hours_minutes(proof["earliest_ms"])
        lines.append(text(lang, f"explain_{proof['kind']}", **values))
    return lines


def tier_lines(scenario: Scenario, plan: Plan, lang: Lang) -> list[str]:
    """One line per tier above the county's own, where there is one."""
    lines = []
    for row in tier_table(scenario, plan).to_dict("records"):
        if row["tier"] == "county":
            continue
        if not row["asked"]:
            lines.append(text(lang, "explain_tier_not_asked", tier=text(lang, f"explain_tier_{row['tier']}")))
            continue
        first = row["first_arrival_ms"]
        lines.append(text(
            lang, "explain_tier", tier=text(lang, f"explain_tier_{row['tier']}"),
            asked_at=hours_minutes(row["asked_ms"]), asked=row["asked"], sent=row["sent"],
            first=hours_minutes(first) if first >= 0 else "–", limit=hours_minutes(row["deadline_ms"]),
            late="" if row["in_time"] else text(lang, "explain_tier_late"),
        ))  # fmt: skip
    return ["", *lines] if lines else []


def _class_name(scenario: Scenario, vehicle: str, lang: Lang) -> str:
    """Class of a vehicle and its payload."""
    fleet = scenario.county.table("vehicles")
    row = fleet[fleet["vehicle"] == vehicle].iloc[0]
    profile = scenario.profiles.get(row["class"])
    name = row["class"] if profile is None else (profile.name_zh if lang == "zh" else profile.name_en)
    return f"{name} ({row['payload_kg'] / 1000:g} t)"


def road_names(edges: str, scenario: Scenario, lang: Lang) -> str:
    """Numbers and names of roads, with edge ids for those that have none; each road once."""
    network = scenario.network
    seen: dict[str, None] = {}
    done: set[int] = set()
    for edge in edges.split(";"):
        position = int(network.edge_index[edge])
        if position in done:
            continue
        done |= {position, int(network.twin[position])}
        label = " ".join(part for part in (str(network.ref[position]), str(network.name[position])) if part)
        seen[f"{label or text(lang, 'explain_unnamed')} [{edge}]"] = None
    return ("、" if lang == "zh" else ", ").join(seen)


def _width(line: str) -> int:
    """Columns on a console: wide characters take two."""
    return sum(2 if ord(c) > 0x2E7F else 1 for c in line)
