"""Calls answered by the nearest free crew: small cases by hand, and a city's ambulances on its real roads."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from dispatch.simulation.calls import Call, replay_calls
from models.graph import build_graph
from models.paths import customise, matrix, prepare
from tests.shared import shared_path

DAY_MS = 86_400_000


def line_of_points(n):
    """Points a minute apart on a line."""
    at = np.arange(n) * 60_000
    return np.abs(at[:, None] - at[None, :])


def call(time, point, *, urgent=True, scene=0, to=-1, handover=0, taken=0):
    return Call(time, time + taken, point, urgent, scene, to, handover)


def test_the_nearest_free_crew_goes_and_the_next_call_gets_the_other():
    """Crews at 0 and 10. Call at 3: crew 1, 3 min. Call at 4 meanwhile: crew 2, 6 min away."""
    times = line_of_points(11)
    found = replay_calls([call(0, 3, scene=600_000), call(1_000, 4)], [0, 10], times, times)
    assert found["crew"].tolist() == [1, 2]
    assert (found["arrived_ms"] - found["sent_ms"]).tolist() == [180_000, 360_000]


def test_a_crew_on_its_way_home_is_sent_from_where_it_finished_and_from_home_afterwards():
    """Home 0; done at the hospital 8 at minute 4 + 4 + 1 = 9; home again at minute 17."""
    times = line_of_points(11)
    first = call(0, 4, to=8, handover=60_000)
    on_the_way = replay_calls([first, call(600_000, 9)], [0], times, times)
    assert on_the_way["free_ms"].tolist()[0] == 9 * 60_000
    assert on_the_way["from_point"].tolist() == [0, 8]
    assert on_the_way["arrived_ms"].tolist()[1] == 600_000 + 60_000
    later = replay_calls([first, call(18 * 60_000, 9)], [0], times, times)
    assert later["from_point"].tolist() == [0, 0]


def test_calls_wait_in_turn_when_no_crew_is_free():
    """One crew at 0. The first is taken at 0:30, reached at 1:30, left at 11:30; the next gets it there and then."""
    times = line_of_points(3)
    found = replay_calls([call(0, 1, scene=600_000, taken=30_000), call(60_000, 1), call(61_000, 2)], [0], times, times)
    assert found["sent_ms"].tolist() == [30_000, 690_000, 690_000]
    assert found["arrived_ms"].tolist() == [90_000, 690_000, 750_000]


def test_usual_times_for_calls_that_are_not_urgent():
    urgent, usual = line_of_points(3), 2 * line_of_points(3)
    found = replay_calls([call(0, 2, urgent=False)], [0], urgent, usual)
    assert found["arrived_ms"].tolist() == [240_000]


def rows(path, header):
    """Rows of the last table in a file whose header begins with these names."""
    lines = list(csv.reader(shared_path(path).open(encoding="utf-8-sig")))
    start = next(k for k, line in enumerate(lines) if line[: len(header)] == header)
    return [dict(zip(lines[start], line, strict=False)) for line in lines[start + 1 :] if line and line[0]]


@pytest.fixture(scope="module")
def auckland():
    """Travel times between stations, hospitals and 500 places on the roads of Auckland, and who is stationed where."""
    nodes = rows("bench/path_roads/instances/auckland.nodes.csv", ["id", "lon", "lat"])
    arcs = np.loadtxt(
        shared_path("bench/path_roads/instances/auckland.arcs.csv"), delimiter=",", skiprows=1, dtype=np.int64
    )
    graph, order = build_graph(len(nodes), arcs[:, 0] - 1, arcs[:, 1] - 1)
    hierarchy = prepare(graph)
    position = np.array([(float(row["lon"]), float(row["lat"])) for row in nodes])

    def nearest(row):
        away = (position - (float(row["x"]), float(row["y"]))) * (np.cos(np.radians(36.9)), 1.0)
        return int(np.argmin((away**2).sum(axis=1)))

    folder = "bench/sim_ems_jemss/instances/auckland"
    stations = [nearest(row) for row in rows(f"{folder}/stations_1.csv", ["index", "x", "y"])]
    hospitals = [nearest(row) for row in rows(f"{folder}/hospitals_1.csv", ["index", "x", "y"])]
    crews = [int(row["stationIndex"]) - 1 for row in rows(f"{folder}/ambulances_1.csv", ["index", "stationIndex"])]
    places = np.random.default_rng(1).choice(len(nodes), 500, replace=False)
    points = np.concatenate([stations, hospitals, places])
    urgent, usual = (
        np.rint(matrix(hierarchy, customise(hierarchy, arcs[order, mode].astype(np.float64)), points, points))
        for mode in (2, 3)
    )
    kept = np.isfinite(urgent[0]) & np.isfinite(urgent[:, 0])
    assert kept[: len(stations) + len(hospitals)].all()
    first = len(stations) + len(hospitals)
    open_places = np.flatnonzero(kept & (np.arange(len(points)) >= first))
    return (
        np.where(np.isfinite(urgent), urgent, 0).astype(np.int64),
        np.where(np.isfinite(usual), usual, 0).astype(np.int64),
        crews, np.arange(len(stations), first), open_places,
    )  # fmt: skip


def city_calls(auckland, per_day, days, seed=1):
    """Calls as the example generates them: its rates, delays, durations and transports; places drawn evenly."""
    _, usual, _, hospitals, places = auckland
    random = np.random.default_rng(seed)
    count = int(per_day * days)
    times = np.cumsum(random.exponential(DAY_MS / per_day, count)).astype(np.int64)
    point = random.choice(places, count)
    urgent = random.random(count) < 0.57 + 0.245
    scene, handover = (random.exponential(12 * 60_000, count).astype(np.int64) for _ in range(2))
    carried = random.random(count) < 0.8
    nearest = hospitals[np.argmin(usual[point][:, hospitals], axis=1)]
    return [
        Call(int(t), int(t) + 50_000, int(p), bool(u), int(s), int(h) if c else -1, int(w))
        for t, p, u, s, h, c, w in zip(times, point, urgent, scene, nearest, carried, handover, strict=True)
    ]


@pytest.mark.slow
def test_a_quiet_city_answers_from_the_nearest_station(auckland):
    """With a call an hour, nobody waits and nearly every call gets the nearest station's crew."""
    urgent, usual, crews, _, _ = auckland
    calls = city_calls(auckland, 6, 60)
    found = replay_calls(calls, crews, urgent, usual)
    best = np.array([(urgent if c.urgent else usual)[crews, c.point].min() for c in calls])
    taken = found["arrived_ms"].to_numpy() - found["sent_ms"].to_numpy()
    assert (found["sent_ms"].to_numpy() == [c.taken_ms for c in calls]).all()
    assert np.mean(taken == best) > 0.85
    assert (taken >= 0).all()


@pytest.mark.slow
def test_the_city_at_its_own_rate_obeys_littles_law_and_slows_down_with_load(auckland):
    """280 calls a day on 16 ambulances; busy crews = rate × time per call; twice the calls are answered later."""
    urgent, usual, crews, _, _ = auckland
    assert len(crews) == 16
    minutes = {}
    for per_day in (140, 280, 420):
        calls = city_calls(auckland, per_day, 10)
        found = replay_calls(calls, crews, urgent, usual)
        sent, free = found["sent_ms"].to_numpy(), found["free_ms"].to_numpy()
        moments = np.r_[sent, free]
        change = np.r_[np.ones(len(calls)), -np.ones(len(calls))]
        order = np.lexsort((change, moments))
        busy = np.cumsum(change[order])
        assert busy.max() <= len(crews)
        area = (busy[:-1] * np.diff(moments[order])).sum()
        assert area == (free - sent).sum()
        minutes[per_day] = (found["arrived_ms"].to_numpy() - [c.time_ms for c in calls]).mean() / 60_000
        for crew in range(1, 17):  # one call at a time
            own = found[found["crew"] == crew].sort_values("sent_ms")
            assert (own["sent_ms"].to_numpy()[1:] >= own["free_ms"].to_numpy()[:-1]).all()
    assert minutes[140] < minutes[280] < minutes[420]
    assert 4 < minutes[280] < 30
