"""All orders of stops that one trip can make by a given time, in exact time and with next to nothing aboard."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.relief_exact.instance import TripInstance
from models.relief_exact.pricing import NO_WAY
from models.traversal import NEVER

__all__ = ["Sequences", "find_sequences"]

_MOST_STOPS = 10


@dataclass(frozen=True, eq=False)
class Sequences:
    """Orders of stops of a vehicle type from a depot, each task once.

    Attributes
    ----------
    vehicle_type, depot : int64 arrays (j,)
    stops : int64 array (j,)
        How many.
    task : int64 array (j, most stops)
        -1 after the last.
    drive_ms : float64 array (j, most stops)
        Driving up to each stop (less what is saved by unloading with the one before).
    last_ms : float64 array (j,)
        End of the last stop at least, from the start of loading.
    """

    vehicle_type: NDArray[np.int64]
    depot: NDArray[np.int64]
    stops: NDArray[np.int64]
    task: NDArray[np.int64]
    drive_ms: NDArray[np.float64]
    last_ms: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.depot)

    def chosen(self, which: NDArray[np.bool_]) -> Sequences:
        """Those of a mask."""
        return Sequences(*(getattr(self, field.name)[which] for field in fields(self)))


def find_sequences(
    instance: TripInstance, until_ms: float, most: int, split: bool = True, slack_ms: float = 0.0
) -> Sequences | None:
    """Find all of them; None where there are more than ``most``, or a trip could have more stops than are followed.

    Parameters
    ----------
    instance : TripInstance
        Roads are taken at their fastest.
    until_ms : float
        End of the last stop at most.
    most : int
    split : bool
        Whether tasks may be done in parts; without, loads count in full.
    slack_ms : float
        What starts may be rounded down by.
    """
    found: list[Sequences] = []
    left = most
    size = np.zeros(len(instance.size)) if split else instance.size
    for k in range(len(instance.capacity)):
        for d in range(len(instance.docks)):
            if instance.start_ms[k, d] >= NEVER or instance.start_ms[k, d] > until_ms:
                continue
            args = (
                d, instance.leg_ms[k].astype(np.float64), size, float(instance.capacity[k]),
                float(instance.loading_ms), float(instance.unloading_ms), float(instance.convoy_ms), instance.floor,
                float(instance.start_ms[k, d]) - slack_ms, float(until_ms),
            )  # fmt: skip
            count = _enumerate(*args, np.empty((0, _MOST_STOPS), np.int64), np.empty((0, _MOST_STOPS)), np.empty(0),
                               left)  # fmt: skip
            if count > left:
                return None
            left -= count
            task, drive, last = (
                np.full((count, _MOST_STOPS), -1, np.int64), np.zeros((count, _MOST_STOPS)), np.zeros(count)
            )  # fmt: skip
            _enumerate(*args, task, drive, last, count)
            found.append(Sequences(np.full(count, k), np.full(count, d), (task >= 0).sum(axis=1), task, drive, last))
    if not found:
        return None
    of = Sequences(*(np.concatenate([getattr(part, field.name) for part in found]) for field in fields(Sequences)))
    return None if (of.stops == _MOST_STOPS).any() else of


@nb.njit(cache=True, nogil=True)
def _enumerate(  # type: ignore[no-untyped-def]
    d, leg, size, capacity, loading, unloading, convoy, floor, start, until, out_task, out_drive, out_last, most
):  # fmt: skip
    """Write down as many as there is room for; how many there are, or more than ``most``."""
    p = leg.shape[1]
    depots = leg.shape[0] - p
    room = len(out_last)
    task = np.full(_MOST_STOPS, -1, np.int64)
    used = np.zeros(p, np.bool_)
    following = np.zeros(_MOST_STOPS + 1, np.int64)
    load = np.zeros(_MOST_STOPS + 1)
    drive = np.zeros(_MOST_STOPS + 1)
    done = np.zeros(_MOST_STOPS + 1)
    depth, count = 0, 0
    while depth >= 0:
        n = following[depth]
        if n >= p or depth >= _MOST_STOPS:
            depth -= 1
            if depth >= 0:
                used[task[depth]] = False
            continue
        following[depth] += 1
        row = d if depth == 0 else depots + task[depth - 1]
        if used[n] or leg[row, n] == NO_WAY or (depth == 0 and leg[row, n] < 0):
            continue
        total = load[depth] + size[n]
        if total > capacity + 1e-9:
            continue
        at = done[depth] + leg[row, n] + np.floor(unloading * max(floor, size[n]))
        load_ms = np.floor(loading * max(floor, total))
        if start + load_ms + convoy + at > until:
            continue
        task[depth], load[depth + 1], done[depth + 1] = n, total, at
        drive[depth + 1] = drive[depth] + leg[row, n]
        used[n] = True
        if count < room:
            for k in range(depth + 1):
                out_task[count, k], out_drive[count, k] = task[k], drive[k + 1]
            out_last[count] = load_ms + convoy + at
        count += 1
        if count > most:
            return count
        depth += 1
        following[depth] = 0
    return count
