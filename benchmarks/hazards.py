"""Hazard models: their speed beside the peers', and how far they are from published answers.

One section per module ``benchmarks/_NAME.py`` that names itself in ``SECTIONS`` and has ``rows(options)``.
"""

# ruff: noqa: E402 (numerical libraries read the number of threads when they are loaded)

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec

from benchmarks.harness import Options, Row, main

SECTIONS = ("fire", "water", "ground")


def rows(options: Options) -> Iterator[Row]:
    """Rows of every section that is there."""
    for name in SECTIONS:
        if find_spec(f"benchmarks._{name}") is not None:
            yield from import_module(f"benchmarks._{name}").rows(options)


if __name__ == "__main__":
    main("Hazards: fire, water and ground beside their peers", rows)
