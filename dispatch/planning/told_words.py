"""What was told, in words: one clause for the console, a page or a table."""

from __future__ import annotations

from dispatch.clock import day_and_time
from dispatch.county.english import CHINESE
from dispatch.documents.messages import text
from dispatch.planning.names import item_name, site_name, vehicle_name
from dispatch.planning.told import Told
from dispatch.scenario import Scenario

__all__ = ["told_words"]


def _vehicle(scenario: Scenario, vehicle: str, lang: str) -> str:
    """Id of a vehicle, with its name where that is in the language."""
    name = vehicle_name(scenario, vehicle)
    return vehicle if lang == "en" and CHINESE.search(name) else name


def told_words(scenario: Scenario, item: Told, lang: str, told_ms: int) -> str:
    """One thing told.

    Parameters
    ----------
    scenario : Scenario
    item : Told
    lang : {"zh", "en"}
    told_ms : int
        When; roads count from then on at the earliest.
    """

    def at(time_ms: int) -> str:
        return day_and_time(scenario.reference_time, time_ms)

    begin = max(told_ms, told_ms if item.from_ms is None else item.from_ms)
    until = text(lang, "replan_to_the_end") if item.until_ms is None else at(item.until_ms)
    match item.kind:
        case "close":
            return text(lang, "replan_told_close", road=item.what, begin=at(begin), until=until)
        case "slow":
            return text(lang, "replan_told_slow", road=item.what, share=f"{item.amount:.0%}",
                        begin=at(begin), until=until)  # fmt: skip
        case "open":
            return text(lang, "replan_told_open", road=item.what, begin=at(begin))
        case "without":
            return text(lang, "replan_told_without", vehicle=_vehicle(scenario, item.what, lang))
        case "late":
            return text(lang, "replan_told_late", vehicle=_vehicle(scenario, item.what, lang), until=until)
        case "vehicle":
            ready = text(lang, "replan_after_call_up") if item.from_ms is None else at(item.from_ms)
            return text(lang, "replan_told_vehicle", vehicle_class=item.what, ready=ready,
                        base=site_name(scenario, item.where, lang))  # fmt: skip
        case "people":
            site = site_name(scenario, item.where, lang) if item.where else text(lang, "replan_as_before")
            return text(lang, "replan_told_people", place=site_name(scenario, item.what, lang),
                        people=f"{item.amount:,.0f}", site=site)  # fmt: skip
        case "need":
            return text(lang, "replan_told_need", place=site_name(scenario, item.what, lang),
                        item=item_name(scenario, item.item, lang), quantity=f"{item.amount:,.0f}")  # fmt: skip
        case "stock":
            return text(lang, "replan_told_stock", depot=site_name(scenario, item.what, lang), lot=item.lot,
                        item=item_name(scenario, item.item, lang), quantity=f"{item.amount:,.0f}")  # fmt: skip
        case _:
            return text(lang, f"replan_told_{item.kind}", trip=item.what)
