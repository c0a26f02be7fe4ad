"""The page of results of the siting benchmark, from its rows alone."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from benchmarks.harness import Row

__all__ = ["TITLES", "Family", "write_page"]

TITLES = {
    "spopt_sample": "spopt's sample network",
    "medians": "OR-Library pmed, p-median",
    "centers": "OR-Library pmed, p-center",
    "covers": "Set cover, weighted and unicost",
    "plants": "cap41 to cap133 and capa, with and without capacities",
    "single_source": "Holmberg, one source for each customer",
    "capacitated_medians": "pmedcap",
    "servers": "SSLP",
    "largest_cover": "Maximal cover on census blocks",
    "beside_spopt": "Beside spopt, building included, 300 × 300",
    "beside_spopt_cover": "Beside spopt, building included, maximal cover 300 × 300",
    "beside_spopt_thousand": "Beside spopt, building included, 1,000 × 1,000",
    "beside_spopt_pairs": "Beside spopt, building included, 1,000 × 1,000, median and center",
    "villages": "10,000 villages × 1,000 candidates (made up)",
}


@dataclass(frozen=True)
class Family:
    """What one family gave: its name, when it ran, the machine's load before and after, the rows."""

    name: str
    began: datetime
    ended: datetime
    load_before: float
    load_after: float
    rows: tuple[Row, ...]


def write_page(path: Path, families: Sequence[Family]) -> None:
    """Write the page: the machine, a summary of every family, and a table of every case."""
    lines = [
        "# Siting beside published optima and spopt: every case", "",
        "`python -m benchmarks.siting --keep DIR --page FILE` runs all of it, family by family, and writes this page;",
        "named families are run alone. Values are recomputed from the chosen sites alone.", "",
        f"{os.cpu_count()} cores ({_processor()}), one solver thread, single runs, wall seconds; the load stands",
        "beside each family. Whatever stops at a time limit is worse on a machine shared with other work.", "",
        "| family | cases | exact | proven by us | off the published value | seconds in all, worst "
        "| when (UTC), load |",
        "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    lines += [_summary(family) for family in families]
    for family in families:
        lines += ["", f"## {TITLES[family.name]}", "", *_table(family.rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _summary(family: Family) -> str:
    values = [row for row in family.rows if row.reference is not None]
    times = [row for row in family.rows if row.measure == "time"]
    exact = [row for row in values if row.gap is not None and row.gap < 1e-6]
    proven = [row for row in values if row.note.startswith("optimal")]
    off = [f"{row.case} {row.gap:.2%}" for row in values if row.gap is not None and row.gap >= 1e-6]
    worst = max(times, key=lambda row: row.ours, default=None)
    told = "" if worst is None else f"{sum(row.ours for row in times):.0f}; {worst.case} {worst.ours:.1f}"
    ratios = [row.ratio for row in family.rows if row.measure == "processor time" and row.ratio is not None]
    beside = f"; processor time {min(ratios):.1f} to {max(ratios):.1f} times less than the peer" if ratios else ""
    when = (
        f"{family.began:%d %B %Y, %H:%M} to {family.ended:%H:%M}, {family.load_before:.0f} to {family.load_after:.0f}"
    )
    published = [f"{len(values)}", f"{len(exact)}", f"{len(proven)}", ", ".join(off) or "–"] if values else [""] * 4
    return "| " + " | ".join([TITLES[family.name], *published, told + beside, when]) + " |"


def _table(rows: Sequence[Row]) -> list[str]:
    lines = ["| case | measure | ours | published | off | peer | ratio | recomputed | note |", "|---" * 9 + "|"]
    for row in rows:
        peer = "" if row.peer is None else f"{row.peer:,.6g} {row.peer_name}"
        lines.append("| " + " | ".join([
            row.case, f"{row.measure} {row.unit}".strip(), _number(row.ours),
            "" if row.reference is None else _number(row.reference), "" if row.gap is None else f"{row.gap:.3%}", peer,
            "" if row.ratio is None else f"{row.ratio:.1f}",
            "" if row.agrees is None else ("yes" if row.agrees else "NO"), row.note.replace("|", "/"),
        ]) + " |")  # fmt: skip
    return lines


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) and abs(value) >= 100 else f"{value:,.8g}"


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")),
                platform.machine())  # fmt: skip
