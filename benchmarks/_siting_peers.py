"""spopt's location models from a cost matrix, with the solvers that PuLP finds: build and solve, seconds and value."""

from __future__ import annotations

import os
import resource
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["SOLVERS", "PeerRun", "missing", "run_spopt", "solved"]

SOLVERS = ("CBC", "HiGHS")


@dataclass(frozen=True)
class PeerRun:
    """A run of spopt: wall seconds and processor seconds (its solver's too), value, status, open sites."""

    seconds: float
    worked: float
    value: float
    status: str
    sites: list[int]


def missing() -> str:
    """Why spopt cannot be run; empty if it can."""
    try:
        import pulp  # noqa: F401
        import spopt.locate  # noqa: F401
    except ImportError as error:
        return f"not installed: {error.name}"
    return ""


def run_spopt(
    model: str, solver: str, cost: NDArray[np.float64], weight: NDArray[np.float64], seconds: float, **given: Any
) -> PeerRun:
    """Run spopt in a process of its own, which is ended at twice the limit.

    Its solvers do not always heed their time limit; they are ended with it. The start of the process is not counted.
    """
    import multiprocessing

    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_sent, args=(theirs, model, solver, cost, weight, seconds, given), daemon=True)
    process.start()
    theirs.close()
    try:
        if not ours.poll(2 * seconds + 20.0):
            assert process.pid is not None
            return PeerRun(2 * seconds + 20.0, _worked_by(process.pid), float("nan"), "stopped", [])
        answer: PeerRun = ours.recv()
    except EOFError:
        return PeerRun(float("nan"), float("nan"), float("nan"), "ended without an answer", [])
    else:
        return answer
    finally:
        _end(process)


def _end(process: Any) -> None:
    """End a process that leads a group of its own, and what it has started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:  # it has ended, or has not yet made its group
        process.kill()
    process.join()


def _worked_by(pid: int) -> float:
    """Processor seconds of a process and its children, those that run among them; not a number outside Linux."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return float("nan")
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK") + sum(_worked_by(int(child)) for child in children)


def _sent(pipe: Any, model: str, solver: str, cost: Any, weight: Any, seconds: float, given: dict[str, Any]) -> None:
    """Run in the process of its own, which leads a group."""
    os.setsid()
    pipe.send(solved(model, solver, cost, weight, seconds, **given))


def solved(
    model: str, solver: str, cost: NDArray[np.float64], weight: NDArray[np.float64], seconds: float, **given: Any
) -> PeerRun:
    """Build and solve here; ``model`` is PMedian, PCenter, LSCP or MCLP, ``given`` is ``p`` and/or ``radius``."""
    import pulp
    from spopt import locate

    began, worked = time.perf_counter(), _worked()
    if model == "PMedian":
        problem = locate.PMedian.from_cost_matrix(cost, weight, p_facilities=given["p"])
    elif model == "PCenter":
        problem = locate.PCenter.from_cost_matrix(cost, p_facilities=given["p"])
    elif model == "LSCP":
        problem = locate.LSCP.from_cost_matrix(cost, service_radius=given["radius"])
    else:
        problem = locate.MCLP.from_cost_matrix(cost, weight, service_radius=given["radius"], p_facilities=given["p"])
    if solver == "CBC":
        engine = pulp.PULP_CBC_CMD(msg=False, threads=1, timeLimit=seconds)
    else:
        engine = pulp.HiGHS(msg=False, threads=1, timeLimit=seconds)
    status = "error"
    try:
        problem.solve(engine, results=False)
        status = pulp.LpStatus[problem.problem.status]
        if getattr(problem.problem, "sol_status", 1) == pulp.constants.LpSolutionIntegerFeasible:
            status = "time limit"
    except (RuntimeError, pulp.PulpError) as error:
        status = str(error)[:60]
    value = problem.problem.objective.value() if problem.problem.objective is not None else None
    opened = [
        j for j, variable in enumerate(problem.fac_vars) if variable is not None and (variable.value() or 0) > 0.5
    ]
    found = float("nan") if value is None else float(value)
    return PeerRun(time.perf_counter() - began, _worked() - worked, found, status, opened)


def _worked() -> float:
    """Processor seconds of this process and of those it has started."""
    used = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)
