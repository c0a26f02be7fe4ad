"""The one form of every benchmark: ``python -m benchmarks.NAME [--quick] [--bench DIR] [--seconds S] [--json FILE]``.

A benchmark is a function that yields rows. A row puts our number beside a peer's in the same run and beside a
published value where there is one; ``ratio`` above 1 always means that ours is better.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.table import Table

__all__ = ["Options", "Row", "best_of", "main"]

Result = TypeVar("Result")


@dataclass(frozen=True)
class Row:
    """One comparison.

    Attributes
    ----------
    case, measure, unit : str
        What was run, what was measured (``time``, ``objective`` …), in which unit.
    ours : float
    peer : float or None
    peer_name : str
    ratio : float or None
        Above 1: ours is better.
    reference : float or None
        Published value.
    gap : float or None
        Relative distance of ours to the reference.
    agrees : bool or None
        Whether an independent recomputation confirmed our value.
    note : str
        Why a number is missing, what was made up.
    """

    case: str
    measure: str
    unit: str
    ours: float
    peer: float | None = None
    peer_name: str = ""
    ratio: float | None = None
    reference: float | None = None
    gap: float | None = None
    agrees: bool | None = None
    note: str = ""


@dataclass(frozen=True)
class Options:
    """How a benchmark is to run."""

    quick: bool
    bench: Path
    seconds: float | None


def best_of(times: int, call: Callable[[], Result]) -> tuple[float, Result]:
    """Shortest of several runs' CPU-and-wall seconds (wall clock), and the last result."""
    shortest = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        result = call()
        shortest = min(shortest, time.perf_counter() - start)
    return shortest, result


def main(description: str, rows: Callable[[Options], Iterable[Row]]) -> None:
    """Parse the command line, run, print the table and write the JSON."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="finish within a minute")
    parser.add_argument("--bench", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "bench",
                        help="folder of published instances")  # fmt: skip
    parser.add_argument("--seconds", type=float, default=None, help="time limit per instance, where there is one")
    parser.add_argument("--json", type=Path, default=None, help="write the rows to this file")
    words = parser.parse_args()
    done = list(_shown(rows(Options(words.quick, words.bench, words.seconds))))
    _print(description, done)
    if words.json is not None:
        words.json.write_text(json.dumps([asdict(row) for row in done], indent=1, ensure_ascii=False), encoding="utf-8")


def _shown(rows: Iterable[Row]) -> Iterator[Row]:
    """Say what is done while it is done."""
    console = Console(stderr=True)
    for row in rows:
        console.print(f"{row.case}: {row.measure}", style="dim")
        yield row


def _print(title: str, rows: list[Row]) -> None:
    """Print the rows as a table."""
    table = Table(title=title)
    for column in ("case", "measure", "unit", "ours", "peer", "ratio", "reference", "gap", "agrees", "note"):
        table.add_column(column, justify="left" if column in {"case", "measure", "unit", "note"} else "right")
    for row in rows:
        peer = "" if row.peer is None else f"{row.peer:.4g} {row.peer_name}"
        table.add_row(
            row.case, row.measure, row.unit, f"{row.ours:.4g}", peer,
            "" if row.ratio is None else f"{row.ratio:.2f}", "" if row.reference is None else f"{row.reference:.6g}",
            "" if row.gap is None else f"{row.gap:.2%}", "" if row.agrees is None else ("yes" if row.agrees else "NO"),
            row.note or ("" if row.peer is not None or not row.peer_name else f"{row.peer_name}: none"),
        )  # fmt: skip
    Console(width=None if Console().is_terminal else 180).print(table)
