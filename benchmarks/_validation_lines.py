"""Topic of ``benchmarks.validation``: waiting lines beside queueing theory, and intervals beside their textbook values.

The lines are those of ``tests/simulation/test_queueing.py``, simulated by the same functions; ours is the mean of the
replications, and a row agrees if the exact value lies in their 99.9 % interval.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from math import sqrt
from typing import Any
from unittest.mock import patch

import numpy as np
from scipy.stats import t

from benchmarks._validation_nature import beside
from benchmarks.harness import Options, Row
from dispatch.simulation.interval import wilson
from dispatch.studies.paired import mcnemar, paired_share

__all__ = ["lines", "statistics"]

_NAMES = {"Wq": "mean wait", "W": "mean time in all", "Lq": "mean number waiting", "P_wait": "share that waits",
          "P_block": "share turned away"}  # fmt: skip


def lines(_options: Options) -> Iterator[Row]:
    """Open lines, a finite population, priorities, and Larson and Odoni's three units."""
    queueing: Any = import_module("tests.simulation.test_queueing")

    seen: list[tuple[float, float, float]] = []

    def note(samples: Sequence[float], exact: float, _precise: float) -> bool:
        half = t.ppf(0.9995, len(samples) - 1) * np.std(samples, ddof=1) / sqrt(len(samples))
        seen.append((float(np.mean(samples)), float(exact), float(half)))
        return True

    def taken(case: str, names: Sequence[str]) -> Iterator[Row]:
        for (ours, exact, half), name in zip(seen, names, strict=True):
            gap = abs(ours - exact) / exact
            agrees = abs(ours - exact) < half
            yield Row(case, name, "", ours, reference=exact, gap=gap, agrees=agrees, note=f"± {half:.2g}")
        seen.clear()

    with patch.object(queueing, "agrees", note):
        for words in queueing.OPEN_LINES:
            queueing.test_published_values_lie_in_the_interval(*words)
            exact = queueing.published(words[0])
            asked = sorted(name for name in {"Wq", "W", "P_wait", "P_block"} & set(exact) if exact[name] > 0)
            yield from taken(words[0].replace("_", " "), [_NAMES[name] for name in asked])
        queueing.test_ten_servers_nine_tenths_busy()
        yield from taken("MM10 l9 m1", [_NAMES["Lq"], _NAMES["P_wait"]])
        queueing.test_machine_repair_with_a_finite_population()
        yield from taken("repair N4 c1", [_NAMES["Wq"]])
        queueing.test_priorities_of_a_line_in_the_plans_order()
        yield from taken("Cobham 1954, c = 10", [f"mean wait, class {k + 1}" for k in range(len(seen))])
        queueing.test_hypercube_of_larson_and_odoni()
        units = [f"workload of unit {k}" for k in (1, 2, 3)]
        yield from taken("Larson, Odoni 1981", [*units, "share answered by another unit", "share that waits"])


def statistics(_options: Options) -> Iterator[Row]:
    """Wilson's interval, Newcombe's paired one, McNemar's tail."""
    for successes, trials, low, high in (
        (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718),
    ):  # fmt: skip
        case = f"Newcombe 1998, {successes}/{trials}"
        for end, ours, wanted in zip(("low end", "high end"), wilson(successes, trials), (low, high), strict=True):
            yield beside(case, f"Wilson interval, {end}", "", ours, wanted, 5e-5, absolute=True)
    both = np.array([True] * 19 + [False] * 22)
    gap = paired_share(np.array([True] * 14 + [False] * 27), both)
    for end, ours, wanted in (("low end", gap.low, 0.011), ("high end", gap.high, 0.226)):
        yield beside(
            "Altman et al. 2000, 14/5/0/22", f"Newcombe interval, {end}", "", ours, wanted, 5e-4, absolute=True
        )
    yield beside("2 × (1/2)⁵", "McNemar's exact test, 5 : 0", "", mcnemar(5, 0), 0.0625, 1e-12)
