"""Readers of published routing instances: TSPLIB-like (.vrp), Solomon (.txt), split delivery (.sd)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["Published", "euclidean", "known_values", "read_sd", "read_solomon", "read_vrp"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Published:
    """What a file says; node 0 is the depot, arrays have a row for each node."""

    name: str
    capacity: float
    vehicles: int | None
    place: Floats
    demand: Floats
    service: Floats
    ready: Floats
    due: Floats
    release: Floats


@dataclass(frozen=True)
class Known:
    """A row of ``bks.csv``."""

    instance: str
    objective: str
    value: float
    optimal: bool
    params: dict[str, str]


def known_values(folder: Path) -> list[Known]:
    """Best-known values of a family."""
    with (folder / "bks.csv").open(encoding="utf-8", newline="") as file:
        return [
            Known(
                row["instance"],
                row["objective"],
                float(row["bks"]),
                row["optimal"].strip() == "yes",
                dict(part.split("=") for part in row["params"].split(";") if "=" in part),
            )
            for row in csv.DictReader(file)
        ]


def euclidean(place: Floats) -> Floats:
    """Straight distances."""
    return np.asarray(np.hypot(*(place[:, None, k] - place[None, :, k] for k in (0, 1))))


def read_vrp(path: Path) -> Published:
    """Read a TSPLIB-like file with coordinates."""
    head: dict[str, str] = {}
    sections: dict[str, list[list[str]]] = {}
    rows: list[list[str]] | None = None
    for line in path.read_text(encoding="utf-8").splitlines():
        words = line.replace(":", " : ").split()
        if not words or words[0] == "EOF":
            continue
        if words[0].endswith("_SECTION"):
            rows = sections.setdefault(words[0], [])
        elif len(words) > 1 and words[1] == ":":
            head[words[0]] = " ".join(words[2:])
        elif rows is not None:
            rows.append(words)
    n = int(head["DIMENSION"])

    def column(name: str, at: int, default: float) -> Floats:
        values = np.full(n, default)
        for row in sections.get(f"{name}_SECTION", ()):
            if int(row[0]) >= 1:
                values[int(row[0]) - 1] = float(row[at])
        return values

    place = np.stack([column("NODE_COORD", 1, 0.0), column("NODE_COORD", 2, 0.0)], axis=1)
    service = column("SERVICE_TIME", 1, float(head.get("SERVICE_TIME", 0)))
    service[0] = 0.0
    return Published(
        path.stem, float(head["CAPACITY"]), int(head["VEHICLES"]) if "VEHICLES" in head else None, place,
        column("DEMAND", 1, 0.0), service, column("TIME_WINDOW", 1, 0.0), column("TIME_WINDOW", 2, np.inf),
        column("RELEASE_TIME", 1, 0.0),
    )  # fmt: skip


def read_solomon(path: Path) -> Published:
    """Read a file of Solomon's or Gehring and Homberger's."""
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    numbers = [[float(word) for word in line] for line in lines if line and all(w[0].isdigit() for w in line)]
    fleet = next(line for line in numbers if len(line) == 2)
    table = np.array([line for line in numbers if len(line) == 7])
    return Published(path.stem, fleet[1], int(fleet[0]), table[:, 1:3], table[:, 3], table[:, 6], table[:, 4],
                     table[:, 5], np.zeros(len(table)))  # fmt: skip


def read_sd(path: Path) -> Published:
    """Read a split-delivery file: customers and capacity, demands, places (the depot's first)."""
    words = [float(word) for word in path.read_text(encoding="utf-8").split()]
    n, capacity = int(words[0]), words[1]
    zero = np.zeros(n + 1)
    place = np.array(words[2 + n : 2 + n + 2 * (n + 1)]).reshape(n + 1, 2)
    return Published(path.stem, capacity, None, place, np.array([0.0, *words[2 : 2 + n]]), zero, zero,
                     np.full(n + 1, np.inf), zero)  # fmt: skip
