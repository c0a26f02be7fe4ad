"""Published optima, through the benchmark's readers (conventions: SOURCES.md of the shared instances)."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import _siting_instances as instances
from models import siting
from tests.shared import shared_path


def optimum(family: str, instance: str, word: str) -> float:
    rows = instances.best_known(shared_path("bench"), family)
    return next(row.value for row in rows if row.instance == instance and word in row.objective)


@pytest.mark.parametrize("name", ["pmed1", "pmed5", "pmed9", "pmed15", "pmed17", "pmed25", "pmed37"])
def test_p_median(name: str) -> None:
    d, p = instances.read_pmed(shared_path(f"bench/siting_pmedian/instances/{name}.txt"))
    found = siting.p_median(d, p)
    assert (found.value, found.status) == (optimum("siting_pmedian", name, "p-median"), "optimal")
    assert len(found.sites) == p
    assert d[:, found.sites].min(axis=1).sum() == found.value


@pytest.mark.parametrize("name", ["pmed1", "pmed5", "pmed9", "pmed15", "pmed25"])
def test_p_center(name: str) -> None:
    d, p = instances.read_pmed(shared_path(f"bench/siting_pmedian/instances/{name}.txt"))
    found = siting.p_center(d, p)
    assert (found.value, found.status) == (optimum("siting_pmedian", name, "p-center"), "optimal")
    assert d[:, found.sites].min(axis=1).max() == found.value


@pytest.mark.parametrize("name", ["scp41", "scp49", "scp55"])
def test_cheapest_cover(name: str) -> None:
    cover, cost = instances.read_cover(shared_path(f"bench/siting_setcover/instances/{name}.txt"))
    found = siting.cheapest_cover(cover, among=siting.choice(len(cost), cost=cost))
    assert (found.value, found.status) == (optimum("siting_setcover", name, "weighted"), "optimal")


@pytest.mark.parametrize("name", ["cap71", "cap103"])
@pytest.mark.parametrize("kind", ["CFLP", "UFLP"])
def test_plant_location(name: str, kind: str) -> None:
    cost, demand, room, opening = instances.read_cap(shared_path(f"bench/siting_cflp/instances/{name}.txt"))
    among = siting.choice(len(opening), cost=opening)
    if kind == "UFLP":
        found = siting.uncapacitated_location(cost, None, among)
    else:
        found = siting.capacitated_location(cost, demand, room, among, single_source=False).layout
    assert found.value == pytest.approx(optimum("siting_cflp", name, kind), abs=2e-3)
    assert found.status == "optimal"


@pytest.mark.parametrize("name", ["holmberg_p9", "holmberg_p11"])
def test_single_source(name: str) -> None:
    cost, demand, room, opening = instances.read_holmberg(shared_path(f"bench/siting_sscflp/instances/{name}.txt"))
    found = siting.capacitated_location(
        cost, demand, room, siting.choice(len(room), cost=opening), single_source=True
    ).layout
    assert found.value == pytest.approx(optimum("siting_sscflp", name, ""))
    where = found.assignment
    assert cost[np.arange(len(where)), where].sum() + opening[found.sites].sum() == pytest.approx(found.value)


def test_sample_network_of_spopt() -> None:
    d, people = instances.read_spopt(shared_path("bench/siting_spopt/instances"))
    assert siting.fewest_sites(d <= 5000).value == optimum("siting_spopt", "SF_205x16", "LSCP")
    covered = siting.max_cover(d <= 5000, 4, people)
    assert covered.value == optimum("siting_spopt", "SF_205x16", "MCLP covered")
    assert 100 * (covered.assignment >= 0).mean() == pytest.approx(optimum("siting_spopt", "SF_205x16", "share"))
    assert siting.p_median(d, 4, people).value == pytest.approx(
        optimum("siting_spopt", "SF_205x16", "p-median weighted distance")
    )


def test_one_whole_frontier_of_cover_never_falls() -> None:
    d, people = instances.read_spopt(shared_path("bench/siting_spopt/instances"))
    values = [layout.value for layout in siting.cover_curve(d <= 5000, range(1, 17), people)]
    assert values == sorted(values)
    assert values[7] == people.sum()  # eight sites cover everybody (LSCP)
