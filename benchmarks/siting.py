"""Siting beside published optima (OR-Library, Holmberg, AILS-MCLP, SIPLIB) and beside spopt with CBC and HiGHS.

``python -m benchmarks.siting [FAMILY …] [--quick] [--bench DIR] [--seconds S] [--json FILE] [--keep DIR]
[--page FILE]`` runs the families named, or all but ``beside_spopt_pairs``. Values are recomputed from the sites alone.
Seconds are wall seconds with one solver thread, building included, on whatever the machine was doing; processor time
stands beside them. Every solve and every run of the peer has a limit, the peer is ended at twice its own, and a family
begins nothing more after four minutes (a few have longer): about 35 minutes are expected of all on two free cores, and
80 minutes is the most. With ``--keep DIR`` each family's rows are stored
when it is done; a later run with the same folder leaves out what is stored there (unless it is named), so that a
benchmark that was stopped goes on; ``--page FILE`` writes the page of all that is stored or was run.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks._siting_beside import (
    beside_spopt,
    beside_spopt_cover,
    beside_spopt_pairs,
    beside_spopt_thousand,
    villages,
)
from benchmarks._siting_page import Family, write_page
from benchmarks._siting_published import (
    capacitated_medians,
    centers,
    covers,
    largest_cover,
    medians,
    plants,
    servers,
    single_source,
    spopt_sample,
)
from benchmarks.harness import Options, Row, main
from models import siting

__all__ = [
    "FAMILIES", "capacitated_medians", "centers", "covers", "largest_cover", "medians", "plants", "rows", "servers",
    "single_source", "spopt_sample",
]  # fmt: skip

FAMILIES = {
    family.__name__: family
    for family in (
        spopt_sample, medians, centers, covers, plants,
        single_source, capacitated_medians, servers, largest_cover,
        beside_spopt, beside_spopt_cover, beside_spopt_thousand, villages,
        beside_spopt_pairs,
    )
}  # fmt: skip
_BY_NAME = ("beside_spopt_pairs",)
"""Families that run only when they are named."""
_MOST_S, _LONGER_S = (
    240.0,
    {"covers": 480.0, "largest_cover": 660.0, "beside_spopt": 480.0, "beside_spopt_thousand": 480.0,
     "beside_spopt_pairs": 900.0},
)  # fmt: skip
"""Seconds after which a family begins no further instance, and those of the families that need more."""
_AS_MANY = 30
"""Limits of an instance that make a family's limit where ``--seconds`` is given."""


def rows(options: Options, asked: list[str], keep: Path | None, done: list[Family]) -> Iterator[Row]:
    """Rows of the families asked for, in their order; ``done`` is filled, also with what ``keep`` holds."""
    _compile()
    for name, family in FAMILIES.items():
        stored = None if keep is None else _read(keep / f"{name}.json")
        if (asked and name not in asked) or (not asked and (stored or name in _BY_NAME)):
            if stored:
                done.append(stored)
            continue
        began, load, mine = datetime.now(UTC), os.getloadavg()[0], list[Row]()
        most = max(_LONGER_S.get(name, _MOST_S), _AS_MANY * (options.seconds or 0.0))
        try:
            for row in family(options):
                mine.append(row)
                yield row
                gone = (datetime.now(UTC) - began).total_seconds()
                if row.measure != "objective" and gone > most:
                    mine.append(
                        Row(
                            name,
                            "stopped",
                            "s",
                            gone,
                            note="its time was over: instances that are missing here were not begun",
                        )
                    )
                    yield mine[-1]
                    break
        except FileNotFoundError as error:
            yield Row(name, "instances", "", 0.0, note=f"not run: {error}")
            continue
        finished = Family(name, began, datetime.now(UTC), load, os.getloadavg()[0], tuple(mine))
        done.append(finished)
        if keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            told = {**asdict(finished), "began": began.isoformat(), "ended": finished.ended.isoformat()}
            (keep / f"{name}.json").write_text(json.dumps(told, indent=1, ensure_ascii=False), encoding="utf-8")


def _compile() -> None:
    """Compile what is compiled, or read it from the cache, before anything is timed."""
    random = np.random.default_rng(0)
    siting.max_cover(random.random((150, 150)) < 0.06, 12, random.integers(1, 99, 150))  # compile or read the cache
    siting.p_center(random.random((40, 40)), 4)
    siting.p_median(random.random((40, 40)), 4)


def _read(path: Path) -> Family | None:
    """A family as it was stored."""
    if not path.exists():
        return None
    told = json.loads(path.read_text(encoding="utf-8"))
    return Family(told["name"], datetime.fromisoformat(told["began"]), datetime.fromisoformat(told["ended"]),
                  told["load_before"], told["load_after"], tuple(Row(**row) for row in told["rows"]))  # fmt: skip


def _taken(words: list[str], option: str) -> Path | None:
    """The path after an option, both taken out of the words."""
    if option not in words:
        return None
    at = words.index(option)
    if at + 1 == len(words):
        sys.exit(f"{option} needs a path")
    path = Path(words[at + 1])
    del words[at : at + 2]
    return path


def _main() -> None:
    """The common form of benchmarks, with families, a folder of what is done, and a page besides."""
    page, keep = _taken(sys.argv, "--page"), _taken(sys.argv, "--keep")
    asked = [word for word in sys.argv[1:] if word in FAMILIES]
    sys.argv = [word for word in sys.argv if word not in FAMILIES]
    done: list[Family] = []
    main("siting", lambda options: rows(options, asked, keep, done))
    if page is not None:
        write_page(page, done)


if __name__ == "__main__":
    _main()
