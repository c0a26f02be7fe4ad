"""What a plan made anew changes, in words: lines for the console, and the same as tables in a workbook or on a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from dispatch.clock import HOUR_MS, clock_time, day_and_time
from dispatch.documents.messages import text
from dispatch.planning.measure import Measures, measure
from dispatch.planning.plan import Plan
from dispatch.planning.plan_world import news_of
from dispatch.planning.replan_change import CHANGES, place_changes, trip_changes
from dispatch.planning.told_words import told_words
from dispatch.report.findings import Findings, duration, find
from dispatch.report.names import site_name, vehicle_name
from dispatch.scenario import Scenario

__all__ = ["Changed", "write_changes"]

_LISTED = 12
_STYLE = (
    "body{font:15px/1.5 system-ui,'Microsoft YaHei',sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}th,td{border:1px solid #bbb;padding:.25rem .5rem;text-align:left;"
    "vertical-align:top}thead th{background:#eee}@media print{.scroll{height:auto;overflow:visible}}"
)
_UNTOUCHED = ("as_before", "other_lots")


@dataclass(frozen=True, eq=False)
class Changed:
    """A plan before and after, in the worlds that each was made for.

    Parameters
    ----------
    before, after : Plan
    was, now : Scenario
    lang : {"zh", "en"}
    """

    before: Plan
    after: Plan
    was: Scenario
    now: Scenario
    lang: str

    @cached_property
    def trips(self) -> pd.DataFrame:
        """``TRIP_CHANGE_COLUMNS``."""
        return trip_changes(self.before, self.after)

    @cached_property
    def places(self) -> pd.DataFrame:
        """``PLACE_CHANGE_COLUMNS``."""
        return place_changes(self.old, self.findings.measures)

    @cached_property
    def old(self) -> Measures:
        """What the plan before was worth."""
        return measure(self.before, self.was)

    @cached_property
    def findings(self) -> Findings:
        """What there is to say of the new plan."""
        return find(self.now, self.after, None, self.lang)

    def lines(self) -> list[str]:
        """For the console."""
        return [*self._news(), *self._answer(), *self._trip_lines(), *self._place_lines(), *self._not_planned()]

    def _say(self, key: str, **values: object) -> str:
        return text(self.lang, f"replan_{key}", **values)

    def _clock(self, time_ms: int) -> str:
        return day_and_time(self.now.reference_time, time_ms) if time_ms >= 0 else "–"

    def _since(self, time_ms: int) -> str:
        """Time from the order to a completion."""
        if time_ms == -2:
            return self._say("asked_nothing")
        return duration(self.lang, time_ms - self.now.order_ms if time_ms >= 0 else None, self.now.horizon_ms)

    def _news(self) -> list[str]:
        now_ms = self.after.meta["replan"]["now_ms"]
        told = [item for at, _, item in news_of(self.after)[len(news_of(self.before)) :]]
        lines = [self._say("at", clock=self._clock(now_ms), since=self._since(now_ms))]
        return lines + ["  " + told_words(self.now, item, self.lang, now_ms) for item in told]

    def _answer(self) -> list[str]:
        old, new = self.old, self.findings.measures
        place = self.places
        return [self._say(
            "answer", hours=f"{self.now.deadline_ms / HOUR_MS:g}",
            people_before=f"{old.levels()[0]:,.0f}", people=f"{new.levels()[0]:,.0f}",
            all=f"{place['people'].sum():,.0f}",
            places_before=int(place["was_on_time"].sum()), places=int(place["on_time"].sum()), of=len(place),
            last_before=duration(self.lang, old.t_all_reachable_ms, self.was.horizon_ms),
            last=duration(self.lang, new.t_all_reachable_ms, self.now.horizon_ms),
        )]  # fmt: skip

    def trip_words(self, row: Mapping[str, Any]) -> str:
        """What becomes of a trip."""
        sites = self._sites(row["sites"] or row["sites_before"])
        values = {
            "trip": row["trip"], "vehicle": vehicle_name(self.now, row["vehicle"], self.lang), "sites": sites,
            "depot": site_name(self.now, row["depot"], self.lang), "before": self._sites(row["sites_before"]),
            "done": self._clock(row["done_ms"]), "done_before": self._clock(row["done_before_ms"]),
            "depart": self._clock(row["depart_ms"]), "depart_before": self._clock(row["depart_before_ms"]),
        }  # fmt: skip
        return self._say(f"trip_{row['change']}", **values)

    def _sites(self, sites: str) -> str:
        names = (site_name(self.now, site, self.lang) for site in sites.split(";") if site)
        return text(self.lang, "common_list_comma").join(names)

    def _trip_lines(self) -> list[str]:
        trips = self.trips
        counts = trips["change"].value_counts()
        comma = text(self.lang, "common_list_comma")
        said = comma.join(self._say(f"count_{name}", count=int(counts[name])) for name in reversed(CHANGES)
                          if name in counts)  # fmt: skip
        touched = trips[~trips["change"].isin(_UNTOUCHED)]
        lines = [self._say("trips", said=said)]
        lines += ["  " + self.trip_words(row) for row in touched.head(_LISTED).to_dict("records")]
        return lines + self._more(len(touched))

    def _more(self, count: int) -> list[str]:
        return ["  " + self._say("more", count=count - _LISTED)] if count > _LISTED else []

    def place_words(self, row: Mapping[str, Any]) -> str:
        """First batch of a place before and after, and why it is not in time."""
        words = self._say("place", place=site_name(self.now, row["place"], self.lang), people=f"{row['people']:,.0f}",
                          before=self._since(row["before_ms"]), after=self._since(row["after_ms"]))  # fmt: skip
        verdict, reason = self.verdict(row), self._reason.get(row["place"], "")
        return " · ".join(word for word in (words, verdict, "" if row["on_time"] else reason) if word)

    def verdict(self, row: Mapping[str, Any]) -> str:
        """Whether a place is in time, told against before."""
        if row["on_time"]:
            return "" if row["was_on_time"] else self._say("now_in_time")
        key = "missed" if row["after_ms"] < 0 else "late"
        return self._say(f"now_{key}" if row["was_on_time"] else f"still_{key}")

    @cached_property
    def _reason(self) -> dict[str, str]:
        places = self.findings.places
        reasons = dict(zip(places["place"], places["reason"], strict=True))
        closed = places.loc[~places["reachable"], "place"]
        return {**{place: text(self.lang, "report_no_road") for place in closed},
                **{place: reason for place, reason in reasons.items() if reason}}  # fmt: skip

    def reason(self, place: str) -> str:
        """Why a place is not in time; "" where it is."""
        return self._reason.get(place, "")

    def _place_lines(self) -> list[str]:
        places = self.places
        touched = places[(places["before_ms"] != places["after_ms"]) | ~places["on_time"]]
        if touched.empty:
            return [self._say("places_same")]
        order = _worst_first(touched)
        lines = [self._say("places", count=int((places["before_ms"] != places["after_ms"]).sum()))]
        lines += ["  " + self.place_words(row) for row in order.head(_LISTED).to_dict("records")]
        return lines + self._more(len(order))

    def _not_planned(self) -> list[str]:
        """Parts of the plan that stay as they are."""
        parts = {"evacuation": self.after.evacuations, "teams": self.after.deployments, "air": self.after.sorties}
        there = [self._say(f"part_{name}") for name, table in parts.items() if len(table)]
        joined = text(self.lang, "common_list_comma").join(there)
        return [self._say("not_planned", parts=joined)] if there else []

    def tables(self) -> dict[str, tuple[tuple[str, ...], list[tuple[Any, ...]]]]:
        """Sheets ``news``, ``trips`` and ``places``: columns, and rows of words and clock times."""

        def when(time_ms: int) -> Any:
            at = clock_time(self.now.reference_time, time_ms) if time_ms >= 0 else None
            return "" if at is None else at.replace(tzinfo=None)

        news = [(when(at), told_words(self.now, item, self.lang, at)) for at, _, item in news_of(self.after)]
        trips = [
            (r["trip"], vehicle_name(self.now, r["vehicle"], self.lang), self._say(f"change_{r['change']}"),
             self._say("begun" if r["begun"] else "not_begun"), site_name(self.now, r["depot"], self.lang),
             self._sites(r["sites"]), self._sites(r["sites_before"]), when(r["depart_before_ms"]),
             when(r["depart_ms"]), when(r["done_before_ms"]), when(r["done_ms"]))
            for r in self.trips.to_dict("records")
        ]  # fmt: skip
        places = [
            (site_name(self.now, r["place"], self.lang), round(r["people"]), when(r["before_ms"]), when(r["after_ms"]),
             self._since(r["before_ms"]), self._since(r["after_ms"]), self.verdict(r) or self._say("in_time"),
             self.reason(r["place"]))
            for r in _worst_first(self.places).to_dict("records")
        ]  # fmt: skip
        return {
            "news": (("told_clock", "words"), news),
            "trips": (("trip", "vehicle", "change", "begun", "depot", "sites", "sites_before", "depart_before_clock",
                       "depart_clock", "done_before_clock", "done_clock"), trips),
            "places": (("place", "people", "before_clock", "after_clock", "before", "after", "verdict", "reason"),
                       places),
        }  # fmt: skip


def _worst_first(places: pd.DataFrame) -> pd.DataFrame:
    """Places not in time, then those whose time changes, then the others; the latest first."""
    late = places["after_ms"].where(places["after_ms"] >= 0, 1 << 60)
    same = places["before_ms"] == places["after_ms"]
    order = places.assign(_same=same & places["on_time"], _late=late)
    return order.sort_values(["on_time", "_same", "_late"], ascending=[True, True, False], kind="stable")


def write_changes(changed: Changed, path: Path) -> Path:
    """Write what changes as a workbook (``.xlsx``) or a page (``.html``)."""
    lang, scenario = changed.lang, changed.now
    title = text(lang, "replan_title", scenario=(scenario.title_zh if lang == "zh" else scenario.title_en)
                 or scenario.name)  # fmt: skip
    tables = changed.tables()
    if path.suffix.lower() == ".html":
        path.write_text(_page(changed, title), encoding="utf-8")
        return path
    from dispatch.documents.workbook import Column, Sheet, write_workbook

    sheets = []
    for name, (columns, rows) in tables.items():
        heads = tuple(
            Column(c, text(lang, f"replan_col_{c}"), "clock" if c.endswith("_clock") else "count" if c == "people"
                   else "id" if c == "trip" else "text")
            for c in columns
        )  # fmt: skip
        frame = pd.DataFrame(rows, columns=list(columns), dtype=object)
        sheets.append(Sheet(text(lang, f"replan_sheet_{name}"), title, heads, frame))
    footer = text(lang, "common_planning_aid")
    write_workbook(path, sheets, title=title, created=scenario.reference_time, footer=footer)
    return path


def _page(changed: Changed, title: str) -> str:
    """One page that prints: the answer, news, places and trips."""
    from dispatch.report.html import escape, paragraph, section, table

    lang = changed.lang
    parts = [f"<h1>{escape(title)}</h1>", *(paragraph(line) for line in changed._answer())]
    for name in ("news", "places", "trips"):
        columns, rows = changed.tables()[name]
        heads = [text(lang, f"replan_col_{c}") for c in columns]
        cells = [[_cell(value) for value in row] for row in rows]
        parts.append(section(name, text(lang, f"replan_sheet_{name}"), table("", heads, cells)))
    notes = [*changed._not_planned(), *(pair[0 if lang == "zh" else 1] for pair in changed.now.statements)]
    parts += [paragraph(line) for line in [*notes, text(lang, "common_planning_aid")]]
    whole = "\n".join(parts)
    return (f'<!DOCTYPE html>\n<html lang="{lang}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
            f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>\n<body>\n{whole}\n'
            "</body></html>\n")  # fmt: skip


def _cell(value: Any) -> str:
    return f"{value:%m-%d %H:%M}" if hasattr(value, "strftime") else str(value)
