"""What a timetable costs, kept up to date with :mod:`models.dispatch_retiming`: the levels and the energy of ``weigh``.

Sums are of whole numbers, so that what is taken away and added again leaves no trace.
"""

from __future__ import annotations

import numba as nb

from models.dispatch_schedule import MILLION, MOVED, TASKS, TIMED
from models.traversal import NEVER

__all__ = ["value"]

_HOUR_MS = 3_600_000.0

_LATE, _TARDY, _OVER, _FIRST, _REST, _T_ALL, _LEFT_OUT, _DRIVEN, _LENGTH = range(9)
"""Where ``Schedule.totals`` has what."""


@nb.njit(cache=True, inline="always")
def _since(inst, plan, t):  # type: ignore[no-untyped-def]
    """Time from the order until a task is complete, at most the horizon."""
    time = plan.complete[t]
    if inst.hopeless[t] or time >= NEVER or time == -NEVER:
        return inst.end_ms - inst.order_ms
    return time - inst.order_ms


@nb.njit(cache=True, _nrt=False)
def _count(inst, plan, t, sign, parts):  # type: ignore[no-untyped-def]
    """Add what a task costs to the totals, or take it away."""
    since = _since(inst, plan, t)
    totals = plan.totals
    if not inst.first_batch[t]:
        totals[_REST] += sign * plan.weight[t] * since
        return
    totals[_FIRST] += sign * plan.weight[t] * since
    time = plan.complete[t]
    if inst.hopeless[t] or time == -NEVER or time > inst.due_ms:
        totals[_LATE] += sign * plan.people[t]
        tardy = min(max(since - (inst.due_ms - inst.order_ms), 0), int(parts[5] * _HOUR_MS))
        totals[_TARDY] += sign * plan.people[t] * tardy
    if inst.reachable[t]:
        totals[_OVER] += sign * max(since - int(parts[6]), 0)


@nb.njit(cache=True, _nrt=False)
def value(inst, plan, parts, levels, whole):  # type: ignore[no-untyped-def]
    """Bring totals up to date after ``retime``; fill the levels and return the energy as ``weigh`` does.

    ``whole``: everything is counted anew, not only what was timed again.
    """
    totals = plan.totals
    for k in range(len(totals)):
        plan.totals_before[k] = totals[k]
    if whole:
        totals[:] = 0
        totals[_T_ALL] = inst.t_all_before
        for t in range(len(plan.complete)):
            plan.complete[t] = inst.complete_before[t]
            _count(inst, plan, t, 1, parts)
            if inst.first_batch[t] and inst.reachable[t]:
                totals[_T_ALL] = max(totals[_T_ALL], _since(inst, plan, t))
    for n in range(plan.sizes[TIMED]):
        h = plan.timed[n]
        totals[_DRIVEN] += plan.record[h, 3] - plan.timed_record[n, 3]
        totals[_LENGTH] += plan.record[h, 4] - plan.timed_record[n, 4]
    fell = whole
    for n in range(plan.sizes[MOVED]):
        c = plan.moved[n]
        if plan.done[c] == plan.moved_times[n, 1]:
            continue
        totals[_LEFT_OUT] += plan.share[c] * (int(plan.done[c] >= NEVER) - int(plan.moved_times[n, 1] >= NEVER))
        for k in range(inst.task_first[c], inst.task_first[c + 1]):
            t = inst.task[k]
            if plan.task_seen[t]:
                continue
            plan.task_seen[t] = 1
            plan.tasks[plan.sizes[TASKS]] = t
            plan.tasks_complete[plan.sizes[TASKS]] = plan.complete[t]
            plan.sizes[TASKS] += 1
    for n in range(plan.sizes[TASKS]):
        t = plan.tasks[n]
        plan.task_seen[t] = 0
        complete = inst.complete_before[t]
        for k in range(plan.task_goods_first[t], plan.task_goods_first[t + 1]):
            complete = max(complete, plan.done[plan.task_goods[k]])
        if complete == plan.complete[t]:
            continue
        was = _since(inst, plan, t)
        _count(inst, plan, t, -1, parts)
        plan.complete[t] = complete
        _count(inst, plan, t, 1, parts)
        if inst.first_batch[t] and inst.reachable[t]:
            now = _since(inst, plan, t)
            fell |= was == totals[_T_ALL] and now < was
            totals[_T_ALL] = max(totals[_T_ALL], now)
    if fell:
        latest = inst.t_all_before
        for t in range(len(plan.complete)):
            if inst.first_batch[t] and inst.reachable[t]:
                latest = max(latest, _since(inst, plan, t))
        totals[_T_ALL] = latest
    scale, late_out = plan.scale, totals[_LEFT_OUT] / MILLION
    levels[0], levels[1] = totals[_LATE] / scale, totals[_T_ALL]
    levels[2], levels[3] = totals[_FIRST] / scale, totals[_REST] / scale
    levels[4], levels[5] = late_out, totals[_LENGTH] / MILLION
    return (
        levels[0]
        + (
            parts[0] * totals[_TARDY] / scale
            + parts[1] * plan.crowd * max(totals[_T_ALL] - parts[6], 0.0)
            + parts[7] * totals[_OVER]
            + parts[2] * (levels[2] + levels[3])
            + parts[4] * totals[_DRIVEN]
        )
        / _HOUR_MS
        + parts[3] * plan.crowd * late_out
    )
