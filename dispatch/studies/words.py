"""What the console says of a verdict and of the ranges, line by line."""

from __future__ import annotations

import pandas as pd

from dispatch.documents.messages import Lang, text
from dispatch.studies.ranges import spread
from dispatch.studies.verdict import Verdict

__all__ = ["percent", "ranges_lines", "verdict_line"]


def percent(share: float) -> str:
    """Share in per cent with one decimal."""
    return "–" if share != share else f"{100 * share:.1f} %"


def verdict_line(verdict: Verdict, lang: Lang) -> str:
    """The verdict with its rule and the lower bound of the interval."""
    key = f"studies_verdict_{verdict.verdict}"
    sure = ""
    if verdict.verdict in ("pass", "fail"):
        sure = text(lang, "studies_verdict_surely" if verdict.surely else "studies_verdict_unsure")
    return text(
        lang, key, p=percent(verdict.share), low=percent(verdict.low), high=percent(verdict.high),
        nights=verdict.nights, needed=percent(verdict.needed_share), fewest=verdict.needed_nights, sure=sure,
    )  # fmt: skip


def ranges_lines(table: pd.DataFrame, lang: Lang) -> list[str]:
    """The ranges of P over loading, mobilisation, both and people, and what was held."""
    nights = int(table["nights"].iloc[0])
    lines = [text(lang, "studies_ranges_head", nights=nights, p=percent(float(table["p"].iloc[0])))]
    for kind in ("loading", "mobilisation", "both", "people"):
        of = table[table["kind"] == kind].set_index("end")["p"]
        if of.empty:
            continue
        whole = spread(table, kind)
        lines.append("  " + text(
            lang, f"studies_ranges_{kind}", low=percent(whole.low), high=percent(whole.high),
            at_low=percent(float(of["low"])), at_high=percent(float(of["high"])),
        ))  # fmt: skip
    lines.append("  " + text(lang, "studies_ranges_held"))
    return lines
