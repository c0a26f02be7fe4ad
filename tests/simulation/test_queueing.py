"""Queueing theory through the waiting line that docks and unloading places use, within intervals over replications."""

from __future__ import annotations

import csv
import json
from math import sqrt

import numpy as np
import pytest
import simpy
from scipy.stats import t

from dispatch.simulation.line import Booking, Line
from tests.shared import shared_path

pytestmark = pytest.mark.slow
UNIT = 1_000_000
"""Milliseconds to the unit of time of the published values."""


def published(instance):
    with shared_path("bench/sim_queueing/bks.csv").open(encoding="utf-8") as file:
        rows = {row["objective"].split(" ")[-1]: float(row["bks"]) for row in csv.DictReader(file)
                if row["instance"] == instance}  # fmt: skip
    assert rows
    return rows


def agrees(samples, exact, precise):
    """Whether the exact value lies in the 99.9 % interval of the replications, which must be a narrow one."""
    half = t.ppf(0.9995, len(samples) - 1) * np.std(samples, ddof=1) / sqrt(len(samples))
    assert half < precise * exact, f"the interval ± {half:.4f} says too little"
    return abs(np.mean(samples) - exact) < half


def open_queue(seed, rate, servers, service, customers, *, room=None, warm=0.1):
    """One replication: waits and sojourns after the warm-up, share turned away, mean number present (area)."""
    random = np.random.default_rng((11, seed))
    env = simpy.Environment()
    line = Line(env, servers)
    arrivals = np.cumsum(random.exponential(UNIT / rate, customers)).astype(np.int64)
    lengths = (service(random, customers) * UNIT).astype(np.int64)
    times = np.full((customers, 3), -1, dtype=np.int64)
    present = 0

    def customer(k):
        nonlocal present
        if room is not None and present >= room:
            return
        present += 1
        times[k, 0] = env.now
        server, _ = yield line.request(k)
        times[k, 1] = env.now
        yield env.timeout(int(lengths[k]))
        times[k, 2] = env.now
        present -= 1
        line.release(server)

    def source():
        for k in range(customers):
            yield env.timeout(int(arrivals[k]) - env.now)
            env.process(customer(k))

    env.process(source())
    env.run()
    kept = times[int(warm * customers) :]
    served = kept[kept[:, 2] >= 0]
    return {
        "Wq": (served[:, 1] - served[:, 0]).mean() / UNIT,
        "W": (served[:, 2] - served[:, 0]).mean() / UNIT,
        "P_wait": (served[:, 1] > served[:, 0]).mean(),
        "P_block": (kept[:, 2] < 0).mean(),
        "times": times,
    }  # fmt: skip


def exponential(random, n):
    return random.exponential(1.0, n)


def constant(random, n):
    return np.ones(n)


OPEN_LINES = (
    ("MM1_l0.5_m1", 0.5, 1, exponential, 8_000, None, 0.12),
    ("MG1_l0.7_scv0", 0.7, 1, constant, 8_000, None, 0.12),
    ("MM5_l4_m1", 4.0, 5, exponential, 12_000, None, 0.25),
    ("MM3K3_l3", 3.0, 3, exponential, 6_000, 3, 0.06),
)


@pytest.mark.parametrize(("instance", "rate", "servers", "service", "customers", "room", "precise"), OPEN_LINES)
def test_published_values_lie_in_the_interval(instance, rate, servers, service, customers, room, precise):
    exact = published(instance)
    runs = [open_queue(seed, rate, servers, service, customers, room=room) for seed in range(16)]
    for measure in sorted({"Wq", "W", "P_wait", "P_block"} & set(exact)):
        if exact[measure] > 0:
            assert agrees([run[measure] for run in runs], exact[measure], precise), measure
        else:
            assert all(run[measure] == 0 for run in runs), measure


def test_ten_servers_nine_tenths_busy():
    """M/M/10 at 0.9: waiting 0.6687 on average, 6.0186 in line (Little: 9 × 0.6687)."""
    exact = published("MM10_l9_m1")
    assert exact["Lq"] == pytest.approx(6.0186, abs=1e-4)
    runs = [open_queue(seed, 9.0, 10, exponential, 36_000) for seed in range(10)]
    assert agrees([9.0 * run["Wq"] for run in runs], exact["Lq"], 0.3)
    assert agrees([run["P_wait"] for run in runs], exact["P_wait"], 0.1)


def test_littles_law_holds_in_every_run():
    """Area under the number present = sum of the times spent, to the millisecond, in line and in all."""
    times = open_queue(4, 4.0, 5, exponential, 3_000, warm=0.0)["times"]
    for begin, end in ((0, 1), (0, 2)):
        moments = np.r_[times[:, begin], times[:, end]]
        change = np.r_[np.ones(len(times)), -np.ones(len(times))]
        order = np.argsort(moments, kind="stable")
        present = np.cumsum(change[order])[:-1]
        area = (present * np.diff(moments[order])).sum()
        assert area == (times[:, end] - times[:, begin]).sum()


def test_machine_repair_with_a_finite_population():
    exact = published("repair_N4_c1")
    rows = [row for row in csv.DictReader(shared_path("bench/sim_queueing/bks.csv").open(encoding="utf-8"))
            if row["instance"] == "repair_N4_c1"]  # fmt: skip
    params = dict(pair.split("=") for pair in rows[0]["params"].split(";"))
    fails, repairs = float(params["lambda"]), float(params["mu"])
    waits = []
    for seed in range(8):
        random = np.random.default_rng((11, seed))
        env = simpy.Environment()
        line = Line(env, int(params["c"]))
        waited = []

        def machine(k, env=env, line=line, random=random, waited=waited):
            while True:
                yield env.timeout(int(random.exponential(UNIT / fails)))
                since = env.now
                server, _ = yield line.request(k)
                waited.append(env.now - since)
                yield env.timeout(int(random.exponential(UNIT / repairs)))
                line.release(server)

        for k in range(int(params["N"])):
            env.process(machine(k))
        env.run(until=8_000 * UNIT)
        waits.append(np.mean(waited[100:]) / UNIT)
    assert agrees(waits, exact["Wq"], 0.25)


def test_priorities_of_a_line_in_the_plans_order():
    """Four classes at ten servers: a line with bookings goes by rank, whoever came first (Cobham 1954)."""
    with shared_path("bench/sim_queueing/bks.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["instance"] == "prio_np_c10"]
    exact = {int(row["objective"].split("class ")[1][0]): float(row["bks"]) for row in rows}
    params = dict(pair.split("=") for pair in rows[0]["params"].split(";"))
    rates, mu = np.array(json.loads(params["lambda"]), dtype=float), float(params["mu"])
    waits = {number: [] for number in exact}
    customers = 6_000
    for seed in range(16):
        random = np.random.default_rng((11, seed))
        env = simpy.Environment()
        line = Line(env, int(params["c"]), [Booking(0, -1, 1)])
        arrivals = np.cumsum(random.exponential(UNIT / rates.sum(), customers)).astype(np.int64)
        classes = random.choice(len(rates), customers, p=rates / rates.sum())
        lengths = random.exponential(UNIT / mu, customers).astype(np.int64)
        waited = np.zeros(customers)

        def customer(k, env=env, line=line, arrivals=arrivals, classes=classes, lengths=lengths, waited=waited):
            yield env.timeout(int(arrivals[k]))
            server, _ = yield line.request(int(classes[k]) * customers + k)
            waited[k] = env.now - arrivals[k]
            yield env.timeout(int(lengths[k]))
            line.release(server)

        for k in range(customers):
            env.process(customer(k))
        env.run()
        for number in exact:
            waits[number].append(waited[1000:][classes[1000:] == number - 1].mean() / UNIT)
    for number, value in exact.items():
        assert agrees(waits[number], value, 0.4), number


def test_hypercube_of_larson_and_odoni():
    """Three units, each request to the first free one of its own list: workloads 0.5574, 0.4734, 0.4693."""
    model = json.loads(shared_path("bench/sim_hypercube/instances/larson_odoni_3server.json").read_text())
    with shared_path("bench/sim_hypercube/bks.csv").open(encoding="utf-8") as file:
        exact = {row["objective"]: float(row["bks"]) for row in csv.DictReader(file)}
    rates = np.array([group["rate"] for group in model["groups"]])
    customers = 7_000
    loads, others, all_busy = [[], [], []], [], []
    for seed in range(10):
        random = np.random.default_rng((11, seed))
        env = simpy.Environment()
        line = Line(env, model["servers"])
        arrivals = np.cumsum(random.exponential(UNIT / rates.sum(), customers)).astype(np.int64)
        groups = random.choice(len(rates), customers, p=rates / rates.sum())
        lengths = random.exponential(UNIT, customers).astype(np.int64)
        busy, waited, first = np.zeros(3), np.zeros(customers, dtype=bool), np.zeros(customers, dtype=bool)

        def request(k, env=env, line=line, arrivals=arrivals, groups=groups, lengths=lengths, busy=busy,
                    waited=waited, first=first):  # fmt: skip
            yield env.timeout(int(arrivals[k]))
            wishes = model["groups"][groups[k]]["preference"]
            server, _ = yield line.request(k, prefers=wishes.index)
            waited[k], first[k] = env.now > arrivals[k], server == wishes[0]
            busy[server - 1] += lengths[k]
            yield env.timeout(int(lengths[k]))
            line.release(server)

        for k in range(customers):
            env.process(request(k))
        env.run()
        for unit in range(3):
            loads[unit].append(busy[unit] / arrivals[-1])
        others.append(1 - first.mean())
        all_busy.append(waited.mean())
    for unit in range(3):
        assert agrees(loads[unit], exact[f"exact hypercube workload rho_{unit + 1}"], 0.06)
    assert agrees(others, exact["fraction of responses that are inter-response-area"], 0.06)
    assert agrees(all_busy, exact["probability all busy (P'_Q)"], 0.15)
