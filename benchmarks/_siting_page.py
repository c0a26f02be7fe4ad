"""The page of results of the siting benchmark, from its rows alone."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.harness import Row

__all__ = ["TITLES", "write_page"]

TITLES = {
    "spopt_sample": "spopt's sample network",
    "medians": "OR-Library pmed, p-median",
    "centers": "OR-Library pmed, p-center",
    "covers": "Set cover, weighted and unicost",
    "plants": "cap41 to cap133 and capa, with and without capacities",
    "single_source": "Holmberg, one source for each customer",
    "_capacitated_medians": "pmedcap",
    "_servers": "SSLP",
    "_largest_cover": "Maximal cover on census blocks",
    "_beside_spopt": "Beside spopt, building included",
    "_large": "10,000 villages × 1,000 candidates (made up)",
}


def write_page(path: Path, groups: Sequence[tuple[str, Sequence[Row]]], began: datetime, load: float) -> None:
    """Write the page: the machine, a summary of every family, and a table of every case.

    Parameters
    ----------
    path : Path
    groups : sequence of (name of the family's function, rows)
    began : datetime
    load : float
        Load of the machine when the run began.
    """
    now = datetime.now(UTC)
    lines = [
        "# Siting beside published optima and spopt", "",
        "`python -m benchmarks.siting --page FILE` runs all of it and writes this page; `--quick` the small instances,",
        "`--json FILE` the rows. Values are recomputed from the chosen sites alone.", "",
        f"Measured on {began:%d %B %Y}, {began:%H:%M} to {now:%H:%M} UTC, {os.cpu_count()} cores ({_processor()}),",
        f"load {load:.1f} at the beginning and {os.getloadavg()[0]:.1f} at the end, one solver thread, single runs,",
        "wall seconds.",
        "", "| family | cases | exact | proven by us | off the published value | seconds in all, worst |",
        "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for name, rows in groups:
        values = [row for row in rows if row.reference is not None]
        if values:
            lines.append(_summary(name, values, [row for row in rows if row.measure == "time"]))
    for name, rows in groups:
        lines += ["", f"## {TITLES[name]}", "", *_table(rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _summary(name: str, values: Sequence[Row], times: Sequence[Row]) -> str:
    exact = [row for row in values if row.gap is not None and row.gap < 1e-6]
    proven = [row for row in values if row.note.startswith("optimal")]
    off = [f"{row.case} {row.gap:.2%}" for row in values if row.gap is not None and row.gap >= 1e-6]
    cases = {row.case for row in values}
    mine = [row for row in times if row.case in cases]
    worst = max(mine, key=lambda row: row.ours, default=None)
    told = "" if worst is None else f"{sum(row.ours for row in mine):.0f}; {worst.case} {worst.ours:.1f}"
    return f"| {TITLES[name]} | {len(values)} | {len(exact)} | {len(proven)} | {', '.join(off) or '–'} | {told} |"


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
