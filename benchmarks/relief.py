"""The relief optimiser beside OR-Tools and PyVRP: whole scenarios, and published routing instances.

Scenarios (``qinshui_flood``, ``qinshui_fire``, ``andorra``, ``made_20`` … ``made_1000``): all five levels of our plan
beside nearest first, OR-Tools on the same consignments and timetable, and PyVRP's distance plan timed again.
``ccvrp`` is the objective of this library (sum of arrival times): OR-Tools is asked for the same, PyVRP's distance
plan is timed again. The other families have objectives of their own. Every answer is recomputed: plans by the checker,
tours from the tours alone.
``proof``: value, bound and gap of the first three levels, before and after a minute of proving, small and county size.
``python -m benchmarks.relief [CASE …] [--quick] [--bench DIR] [--seconds S] [--json FILE] [--figure FILE]``; 30 seconds
for each instance by default, 2 with ``--quick``: of processor time for our tours, and as long on the clock as that took
for each peer; a figure is drawn of the scenarios.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks._relief_figure import draw
from benchmarks._relief_proof import proof_rows
from benchmarks._relief_rows import SCENARIOS, scenario_rows
from benchmarks._routing_rows import FAMILIES, routing_rows
from benchmarks.harness import Options, Row, main

_QUICK = ("qinshui_flood", "made_20")


def rows(options: Options) -> Iterator[Row]:
    """Rows of the cases asked for; the share proven, and the mean and worst gap of each family, at their end."""
    seconds = options.seconds or (2.0 if options.quick else 30.0)
    scenarios = [name for name in _asked or SCENARIOS if name in SCENARIOS and (name in _QUICK or not options.quick)]
    made: list[Row] = []
    for name in scenarios:
        for row in scenario_rows(name, options.bench, seconds):
            made.append(row)
            yield row
    if made:
        yield from _proven(made)
        if _figure is not None:
            draw(made, _figure)
    if not _asked or "proof" in _asked:
        yield from proof_rows(options.seconds or (20.0 if options.quick else 60.0), options.quick)
    for family in [name for name in _asked or FAMILIES if name in FAMILIES]:
        gaps: dict[str, float] = {}
        for row in routing_rows(family, options.bench, seconds, 1 if options.quick else None):
            if row.gap is not None:
                gaps[row.case] = row.gap
            yield row
        if gaps:
            found = np.array(list(gaps.values()))
            yield Row(family, "mean gap", "%", 100 * float(found.mean()), note=f"worst {100 * found.max():.2f} %")


def _proven(made: list[Row]) -> Iterator[Row]:
    """Share of scenarios whose value is proven optimal, and the mean gap, level by level."""
    for measure in dict.fromkeys(row.measure for row in made):
        of = {row.case: row for row in made if row.measure == measure and row.gap is not None}
        if of:
            optimal = [row.note.startswith("optimal") for row in of.values()]
            mean = float(np.mean([row.gap for row in of.values() if row.gap is not None]))
            yield Row("scenarios", f"{measure}, proven", "%", 100 * float(np.mean(optimal)),
                      note=f"mean gap {100 * mean:.1f} % to our bound")  # fmt: skip


def _taken(words: list[str]) -> Path | None:
    """The file of ``--figure``, taken out of the words."""
    if "--figure" not in words:
        return None
    at = words.index("--figure")
    if at + 1 >= len(words):
        raise SystemExit("--figure needs a file")
    path = Path(words[at + 1])
    del words[at : at + 2]
    return path


if __name__ == "__main__":
    _figure = _taken(sys.argv)
    _asked = [word for word in sys.argv[1:] if word == "proof" or word in FAMILIES or word in SCENARIOS]
    sys.argv = [word for word in sys.argv if word not in _asked]
    main("Relief", rows)
