"""The relief optimiser beside OR-Tools and PyVRP, on published routing instances.

``ccvrp`` is the objective of this library (sum of arrival times): OR-Tools is asked for the same, PyVRP's distance
plan is timed again. The other families have objectives of their own. Every answer is recomputed from the tours alone.
``python -m benchmarks.relief [FAMILY …] [--quick] [--bench DIR] [--seconds S] [--json FILE]``; 30 seconds for each
instance and solver by default, 2 with ``--quick``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np

from benchmarks._routing_rows import FAMILIES, routing_rows
from benchmarks.harness import Options, Row, main


def rows(options: Options) -> Iterator[Row]:
    """Rows of the families asked for; the mean and worst gap of each at its end."""
    seconds = options.seconds or (2.0 if options.quick else 30.0)
    for family in _asked or FAMILIES:
        gaps: dict[str, float] = {}
        for row in routing_rows(family, options.bench, seconds, 1 if options.quick else None):
            if row.gap is not None:
                gaps[row.case] = row.gap
            yield row
        if gaps:
            found = np.array(list(gaps.values()))
            yield Row(family, "mean gap", "%", 100 * float(found.mean()), note=f"worst {100 * found.max():.2f} %")


if __name__ == "__main__":
    _asked = [word for word in sys.argv[1:] if word in FAMILIES]
    sys.argv = [word for word in sys.argv if word not in FAMILIES]
    main("Relief", rows)
