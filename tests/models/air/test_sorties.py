"""Sorties on the clock: optimal by brute force, never worse with another aircraft, within fuel and windows."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from models.air.sorties import AirInstance, AirSchedule, schedule_sorties

HORIZON = 10_000


def _instance(rng: np.random.Generator, m: int, n: int, **other: object) -> AirInstance:
    """Random points on a plane; one task a group, two levels; aircraft with fuel for about two tasks."""
    at, to = rng.integers(0, 400, (n, 2)), rng.integers(0, 400, (n, 2))
    base, pads = rng.integers(0, 400, (m, 2)), rng.integers(0, 400, (2, 2))
    speed = 1 + np.arange(m) % 2

    def away(p: np.ndarray, q: np.ndarray, a: int) -> np.ndarray:
        return np.ceil(np.hypot(*(p[..., :] - q[..., :]).T).T / speed[a]).astype(np.int64)

    made = {
        "duration_s": np.stack([away(at, to, a) + 60 for a in range(m)]),
        "direct_s": np.stack([away(to[:, None], at[None, :], a) for a in range(m)]).transpose(0, 2, 1),
        "out_s": np.stack([away(at, base[a], a) for a in range(m)]),
        "stop_s": np.full(m, 50), "ready_s": rng.integers(0, 100, m), "airborne_s": rng.integers(700, 1500, m),
        "flight_s": np.full(m, 5000), "windows_s": tuple(((0, 2500), (3000, HORIZON)) for _ in range(m)),
        "earliest_s": rng.integers(0, 300, n), "groups": tuple(((i,),) for i in range(n)),
        "due_s": rng.integers(600, 1600, n), "level": rng.integers(1, 3, n), "weight": rng.integers(1, 9, n),
        "horizon_s": HORIZON,
    }  # fmt: skip
    direct = np.empty((m, n, n), np.int64)
    home, again = np.empty((m, n), np.int64), np.empty((m, n, n), np.int64)
    for a in range(m):
        for i in range(n):
            near = int(np.argmin([np.hypot(*(to[i] - pad)) for pad in pads]))
            home[a, i] = int(away(to[i], pads[near], a))
            for j in range(n):
                direct[a, i, j] = int(away(to[i], at[j], a))
                again[a, i, j] = int(away(pads[near], at[j], a))
    made |= {"direct_s": direct, "home_s": home, "again_s": again}
    return AirInstance(**{**made, **other})  # type: ignore[arg-type]


def _timed(of: AirInstance, a: int, order: tuple[int, ...], pads: tuple[bool, ...]) -> dict[int, int] | None:
    """Earliest ends of an order with a pad before each task or not, over every choice of windows; None if impossible.

    The sortie's take-off is put off until its first task can begin at once; later ones wait with turning rotors.
    """
    runs: list[list[int]] = []
    for task, pad in zip(order, pads, strict=True):
        if pad or not runs:
            runs.append([task])
        else:
            runs[-1].append(task)
    free, before, ends, flight = int(of.ready_s[a]), -1, {}, 0
    for run in runs:
        done = None
        for opens, closes in of.windows_s[a]:
            first = run[0]
            out = int(of.out_s[a, first] if before < 0 else of.again_s[a, before, first])
            up = max(free, opens, int(of.earliest_s[first]) - out)
            for late in range(0, 400, 1) if len(run) > 1 else (0,):
                at, clock, found, flown = -1, up + late, {}, 0
                for task in run:
                    way = out if at < 0 else int(of.direct_s[a, at, task])
                    clock = max(clock + way, int(of.earliest_s[task])) + int(of.duration_s[a, task])
                    flown += way + int(of.duration_s[a, task])
                    found[task], at = clock, task
                land = clock + int(of.home_s[a, at])
                fits = land - (up + late) <= of.airborne_s[a] and land <= closes
                if fits and all(found[t] + of.home_s[a, t] <= closes for t in run):
                    done = (found, land, flown + int(of.home_s[a, at]))
                    break
            if done:
                break
        if done is None:
            return None
        ends |= done[0]
        free, before, flight = done[1] + int(of.stop_s[a]), run[-1], flight + done[2]
    return ends if flight <= of.flight_s[a] else None


def _brute(of: AirInstance) -> tuple[float, ...]:
    """Best levels by trying every assignment, order and call at a pad."""
    m, n = of.duration_s.shape
    best_of = [{frozenset(): [{}]} for _ in range(m)]
    for a in range(m):
        for size in range(1, n + 1):
            for subset in itertools.combinations(range(n), size):
                found = []
                for order in itertools.permutations(subset):
                    for pads in itertools.product((False, True), repeat=size - 1):
                        ends = _timed(of, a, order, (True, *pads))
                        if ends is not None:
                            found.append(ends)
                best_of[a][frozenset(subset)] = found
    best: tuple[float, ...] | None = None
    for who in itertools.product(range(-1, m), repeat=n):
        parts = [best_of[a][frozenset(i for i in range(n) if who[i] == a)] for a in range(m)]
        for chosen in itertools.product(*parts):
            ends = {i: end for part in chosen for i, end in part.items()}
            value = [
                -sum(int(of.weight[i]) for i in ends if of.level[i] == level and ends[i] <= of.due_s[i])
                for level in sorted(set(of.level.tolist()))
            ]
            value.append(sum(int(of.weight[i]) * ends.get(i, HORIZON) for i in range(n)))
            best = tuple(value) if best is None else min(best, tuple(value))
    assert best is not None
    return best


def _levels(found: AirSchedule, of: AirInstance) -> tuple[float, ...]:
    count = len(set(of.level.tolist()))
    return (*(-value for value, _, _ in found.levels[:count]), found.levels[count][0])


@pytest.mark.parametrize("seed", range(4))
def test_as_good_as_trying_everything(seed):
    """Exact on small cases: weight on time by level, then weighted completion."""
    of = _instance(np.random.default_rng(seed), 2, 3)
    found = schedule_sorties(of)
    assert all(status == "optimal" for _, _, status in found.levels)
    assert _levels(found, of) == _brute(of)


@pytest.mark.parametrize("seed", range(4))
def test_another_aircraft_never_serves_less(seed):
    """Proven optima: with one more aircraft the first level cannot fall."""
    of = _instance(np.random.default_rng(100 + seed), 3, 4)
    one = {name: getattr(of, name)[:2] for name in ("duration_s", "direct_s", "out_s", "home_s", "again_s", "stop_s",
                                                    "ready_s", "airborne_s", "flight_s", "windows_s")}  # fmt: skip
    fewer = AirInstance(**{**of.__dict__, **one})
    before, after = schedule_sorties(fewer), schedule_sorties(of)
    assert before.levels[0][2] == after.levels[0][2] == "optimal"
    assert _levels(after, of) <= _levels(before, fewer)


def test_fuel_makes_it_call_at_a_pad():
    """Two tasks in a row take 400 s in the air; with 300 s of fuel there is a stop of 50 s between them."""
    base = {
        "duration_s": np.array([[100, 100]]), "direct_s": np.full((1, 2, 2), 100), "out_s": np.full((1, 2), 50),
        "home_s": np.full((1, 2), 50), "again_s": np.full((1, 2, 2), 50), "stop_s": np.array([50]),
        "ready_s": np.array([0]), "flight_s": np.array([9999]), "windows_s": (((0, HORIZON),),),
        "earliest_s": np.zeros(2, np.int64), "groups": (((0,),), ((1,),)), "due_s": np.array([1000, 1000]),
        "level": np.ones(2, np.int64), "weight": np.ones(2, np.int64), "horizon_s": HORIZON,
    }  # fmt: skip
    plenty = schedule_sorties(AirInstance(airborne_s=np.array([400]), **base))  # type: ignore[arg-type]
    assert [flown.by_pad for flown in plenty.flown[0]] == [True, False]
    assert plenty.levels[1][0] == 150 + 350
    scarce = schedule_sorties(AirInstance(airborne_s=np.array([300]), **base))  # type: ignore[arg-type]
    assert [flown.by_pad for flown in scarce.flown[0]] == [True, True]
    assert scarce.levels[1][0] == 150 + (150 + 50 + 50 + 50 + 100)
    night = {**base, "windows_s": (((0, 210), (600, HORIZON)),)}
    dark = schedule_sorties(AirInstance(airborne_s=np.array([400]), **night))  # type: ignore[arg-type]
    assert sorted(flown.start_s for flown in dark.flown[0]) == [50, 650]
    none = schedule_sorties(AirInstance(airborne_s=np.array([199]), **base))  # type: ignore[arg-type]
    assert not none.served and none.levels[0][:2] == (0.0, 0.0)


def test_a_group_is_flown_whole_or_in_other_loads():
    """A large machine takes one load of 100 s; a small one must fly two; without the large one the two are flown."""
    base = {
        "direct_s": np.full((2, 3, 3), 10), "out_s": np.full((2, 3), 10), "home_s": np.full((2, 3), 10),
        "again_s": np.full((2, 3, 3), 10), "stop_s": np.full(2, 5), "ready_s": np.zeros(2, np.int64),
        "airborne_s": np.full(2, 1000), "flight_s": np.full(2, 1000), "windows_s": (((0, 900),), ((0, 900),)),
        "earliest_s": np.zeros(3, np.int64), "groups": (((0,), (1, 2)),), "due_s": np.array([900]),
        "level": np.array([1]), "weight": np.array([7]), "horizon_s": 900,
    }  # fmt: skip
    both = schedule_sorties(AirInstance(duration_s=np.array([[100, -1, -1], [-1, 100, 100]]), **base))  # type: ignore[arg-type]
    assert [[flown.task for flown in of] for of in both.flown] == [[0], []]
    small = schedule_sorties(AirInstance(duration_s=np.array([[-1, -1, -1], [-1, 100, 100]]), **base))  # type: ignore[arg-type]
    assert sorted(flown.task for flown in small.flown[1]) == [1, 2]
    assert small.levels[1][0] == 7 * (10 + 100 + 10 + 100)


def test_more_loads_than_a_day_takes_are_known_not_to_fit():
    """Loads of 100 s, 50 s apart: ten are flown in 1550 s, the day is then over, so one group of six is late: proven.

    The first group is done after 900 s, the other at 5300 s with two loads on the second day: 3 × 900 + 2 × 5300.
    """
    n = 12
    of = AirInstance(
        duration_s=np.full((1, n), 100), direct_s=np.full((1, n, n), 50), out_s=np.full((1, n), 50),
        home_s=np.full((1, n), 50), again_s=np.full((1, n, n), 50), stop_s=np.array([100]),
        ready_s=np.array([0]), airborne_s=np.array([9999]), flight_s=np.array([9999]),
        windows_s=(((0, 1550), (5000, HORIZON)),), earliest_s=np.zeros(n, np.int64),
        groups=((tuple(range(6)),), (tuple(range(6, n)),)), due_s=np.array([4000, 4000]),
        level=np.ones(2, np.int64), weight=np.array([3, 2]), horizon_s=HORIZON,
    )  # fmt: skip
    found = schedule_sorties(of, work=0.2)
    assert found.on_time == {0} and found.served == {0, 1}
    assert found.levels == ((3, 3, "optimal"), (13_300, 13_300, "optimal"), (1550 + 350, 1900, "optimal"))
