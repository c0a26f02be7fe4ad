"""By what all plans are divided: the choice that lets the bound of both parts rise most.

What plans do: a task whole or in parts, whole from a depot and by a type or not, in two parts or more, in so many stops
from a depot, one task right after another or not, a task complete by a time or not (also by when only some depots can
have reached it). None of it needs a row: it only bars trips. The choices on which the programme is most undecided are
tried with the trips at hand (strong branching; Applegate, Bixby, Chvátal, Cook 1995).
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.relief_exact.programme import Programme
from models.relief_exact.trip_columns import Branch

__all__ = ["choose"]

_TINY = 1e-6
_UNSURE = 1e-3
_OPEN = 0.02
"""How far a task is in time in part, at least, to divide by that."""

_OF_A_KIND = 2
"""Choices of a kind that are tried."""

_STEPS = 100
"""Steps of the simplex method in which one is tried."""

Choice = tuple[Branch, Branch]


@dataclass(frozen=True, eq=False)
class _Use:
    """What the trips of a solution do.

    Whole tasks by type and depot, parts by depot, tasks completed in parts, parts beyond two, what follows what, and
    when tasks are complete (end and use of each stop that completes them) and get other parts.
    """

    whole: NDArray[np.float64]
    part: NDArray[np.float64]
    final: NDArray[np.float64]
    further: NDArray[np.float64]
    arcs: NDArray[np.float64]
    when: list[list[tuple[float, float]]]
    before: list[list[tuple[float, float]]]


def choose(programme: Programme, branch: Branch, bound: float, enough: float, stop_at: float) -> tuple[Branch, ...]:
    """Two parts of a branch; none if it is decided.

    Parameters
    ----------
    programme : Programme
        Solved for the branch.
    branch : Branch
    bound, enough : float
        Of the branch, and at which a part needs no more.
    stop_at : float
        Instant (``time.monotonic``).
    """
    of = _used(programme)
    kinds = (
        _whole_or_not(branch, of), _depot(branch, of), _further(branch, of), _parts(branch, of), _follower(branch, of),
        _moment(branch, of, programme.block_ms), _in_time(branch, of, programme),
    )  # fmt: skip
    tried = [choice for kind in kinds for _, choice in zip(range(_OF_A_KIND), kind, strict=False)]
    if len(tried) < 2:
        return tried[0] if tried else ()
    best, found = -1.0, tried[0]
    for choice in tried:
        if time.monotonic() > stop_at:
            break
        gains = [min(max(programme.peek(part, _STEPS), bound), enough) - bound for part in choice]
        worth = (gains[0] + _TINY) * (gains[1] + _TINY)
        if worth > best:
            best, found = worth, choice
        if min(gains) >= enough - bound:
            break
    return found


def _used(programme: Programme) -> _Use:
    """Read a solution."""
    columns, of = programme.columns, programme.of
    k, d, p = len(programme.instance.capacity), len(programme.instance.docks), programme.p
    use = programme.use()
    result = _Use(np.zeros((k, d, p)), np.zeros((d, p)), np.zeros(p), np.zeros(p),
                  np.zeros((p + 1, p + 1)), [[] for _ in range(p)], [[] for _ in range(p)])  # fmt: skip
    done = programme.done_ms()
    for c in np.flatnonzero(use > _TINY).tolist():
        j = int(columns.sequence[c])
        kind, depot, before = int(of.vehicle_type[j]), int(of.depot[j]), p
        tasks = of.task[j, : of.stops[j]].tolist()
        for i, n in enumerate(tasks):
            final = bool(int(columns.final[c]) >> i & 1)
            if int(columns.part[c]) >> i & 1:
                result.part[depot, n] += use[c]
                result.final[n] += use[c] if final else 0.0
                result.further[n] += 0.0 if final or int(columns.early[c]) >> i & 1 else use[c]
            else:
                result.whole[kind, depot, n] += use[c]
                final = True
            (result.when if final else result.before)[n].append((float(done[c, i]), float(use[c])))
            result.arcs[before, n] += use[c]
            before = n
        result.arcs[before, p] += use[c]
    return result


def _best(score: NDArray[np.float64]) -> Iterator[tuple[int, ...]]:
    """Positions of what is undecided, most of all first."""
    for at in np.argsort(-score, axis=None, kind="stable").tolist():
        where = np.unravel_index(at, score.shape)
        if score[where] <= _UNSURE:
            return
        yield tuple(int(x) for x in where)


def _whole_or_not(branch: Branch, of: _Use) -> Iterator[Choice]:
    """A task in parts, or in one go."""
    parts = np.maximum(of.final, 0.5 * of.part.sum(axis=0))
    free = branch.in_parts & branch.in_one
    for (n,) in _best(np.where(free, np.minimum(parts, 1.0), -1.0)):
        yield (replace(branch, most=_with(branch.most, (slice(None), n), 0.0)),
               replace(branch, whole=_with(branch.whole, (slice(None), slice(None), n), False)))  # fmt: skip


def _depot(branch: Branch, of: _Use) -> Iterator[Choice]:
    """A task in one go from a depot, or not; then, by a type or not."""
    for axis in (0, None):
        from_ = of.whole if axis is None else of.whole.sum(axis=axis, keepdims=True)
        open_ = branch.whole if axis is None else branch.whole.any(axis=axis, keepdims=True)
        unsure = np.minimum(from_, 1 - from_) * (of.whole.sum(axis=(0, 1)) > 0.5) * (open_.sum(axis=(0, 1)) > 1)
        for k, d, n in _best(unsure):
            at = (slice(None) if axis == 0 else k, d, n)
            here = _with(branch.whole, (slice(None), slice(None), n), False)
            here[at] = branch.whole[at]
            only = replace(branch, whole=here, most=_with(branch.most, (slice(None), n), 0.0))
            yield only, replace(branch, whole=_with(branch.whole, at, False))


def _further(branch: Branch, of: _Use) -> Iterator[Choice]:
    """A task in two parts, or in more."""
    for (n,) in _best(of.further * (~branch.in_one & ~branch.only_two & (branch.further < 1))):
        yield (replace(branch, only_two=_with(branch.only_two, n, True)),
               replace(branch, further=_with(branch.further, n, 1.0)))  # fmt: skip


def _parts(branch: Branch, of: _Use) -> Iterator[Choice]:
    """How many stops hand over parts of a task from a depot."""
    inside = (np.floor(of.part) >= branch.least) & (np.ceil(of.part) <= branch.most)
    for a, n in _best(np.abs(of.part - of.part.round()) * ~branch.in_one * inside):
        below = math.floor(of.part[a, n])
        yield (replace(branch, most=_with(branch.most, (a, n), float(below))),
               replace(branch, least=_with(branch.least, (a, n), float(below + 1))))  # fmt: skip


def _follower(branch: Branch, of: _Use) -> Iterator[Choice]:
    """A task in one go right before or after another, or the depot, or not."""
    decided = np.append(~branch.in_parts, False)
    others = branch.follow.sum(axis=1)[:, None] > 1, branch.follow.sum(axis=0)[None] > 1
    unsure = np.minimum(of.arcs, np.abs(1 - of.arcs))
    unsure *= branch.follow & ((decided[:, None] & others[0]) | (decided[None] & others[1]))
    for a, n in _best(unsure):
        with_ = branch.follow.copy()
        if decided[a]:
            with_[a, :] = False
        if decided[n]:
            with_[:, n] = False
        with_[a, n] = branch.follow[a, n]
        yield replace(branch, follow=_with(branch.follow, (a, n), False)), replace(branch, follow=with_)


def _moment(branch: Branch, of: _Use, block_ms: int) -> Iterator[Choice]:
    """A task complete by a time, or after it."""
    found: list[tuple[float, int, float]] = []
    for n, times in enumerate(of.when):
        total = sum(share for _, share in times)
        mean = sum(at * share for at, share in times) / max(total, _TINY)
        late = sum(abs(at - mean) * share for at, share in times if abs(at - mean) > block_ms)
        found.append((late, n, mean))
        after = [(at, share) for at, share in of.before[n] if at > mean + 2 * block_ms]
        if after:
            late = sum((at - mean) * share for at, share in after)
            found.append((late, n, (mean + min(at for at, _ in after)) / 2))
    for late, n, at in sorted(found, reverse=True):
        if late > 0.05 * block_ms:
            yield (replace(branch, until_ms=_with(branch.until_ms, n, min(branch.until_ms[n], at))),
                   replace(branch, since_ms=_with(branch.since_ms, n, max(branch.since_ms[n], at))))  # fmt: skip


def _in_time(branch: Branch, of: _Use, programme: Programme) -> Iterator[Choice]:
    """A task complete before any depot but those of a scarce stock can have reached it, or not."""
    found: set[tuple[float, int, float]] = set()
    for scarce in programme.scarce:
        for n, by in zip(scarce.tasks.tolist(), scarce.by.tolist(), strict=True):
            at = by * programme.block_ms - programme.round_ms - 1.0
            share = sum(use for done, use in of.when[n] if done <= at)
            if _OPEN < share < 1 - _OPEN and branch.since_ms[n] < at < branch.until_ms[n]:
                found.add((min(share, 1 - share), n, at))
    for _, n, at in sorted(found, reverse=True):
        yield (replace(branch, until_ms=_with(branch.until_ms, n, at)),
               replace(branch, since_ms=_with(branch.since_ms, n, at)))  # fmt: skip


def _with(array: NDArray[Any], at: Any, value: Any) -> NDArray[Any]:
    """A copy with one entry changed."""
    result = array.copy()
    result[at] = value
    return result
