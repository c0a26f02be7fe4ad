"""Expected cover: beside every layout tried, beside the published hypercube figures, and the rules of moving up."""

from __future__ import annotations

import csv
import itertools
import json

import numpy as np
import pytest

from models.assignment.standby import (
    cover_weights,
    expected_cover,
    hypercube,
    hypercube_approximation,
    max_expected_cover,
    server_correction,
)
from tests.shared import shared_path


def published() -> dict[str, tuple[float, float]]:
    """Figure → (value, tolerance) of Larson and Odoni's three servers."""
    with (shared_path("bench/sim_hypercube") / "bks.csv").open(encoding="utf-8") as stream:
        return {
            row["objective"]: (float(row["bks"]), float(row["params"].split("=")[1])) for row in csv.DictReader(stream)
        }


def three_servers() -> tuple[np.ndarray, np.ndarray]:
    text = (shared_path("bench/sim_hypercube") / "instances" / "larson_odoni_3server.json").read_text(encoding="utf-8")
    groups = json.loads(text)["groups"]
    return np.array([g["rate"] for g in groups]), np.array([g["preference"] for g in groups]) - 1


def test_larson_and_odoni_exact() -> None:
    """Workloads, share of requests answered from elsewhere, probability that all are busy, as the book prints them."""
    rate, preference = three_servers()
    found, book = hypercube(rate, preference), published()
    for server in range(3):
        value, tolerance = book[f"exact hypercube workload rho_{server + 1}"]
        assert found.workload[server] == pytest.approx(value, abs=tolerance)
    value, tolerance = book["probability all busy (P'_Q)"]
    assert found.all_busy == pytest.approx(value, abs=tolerance)
    own = sum(found.share[preference[g, 0], g] for g in range(len(rate)))
    value, tolerance = book["fraction of responses that are inter-response-area"]
    assert 1 - own == pytest.approx(value, abs=tolerance)
    assert found.share.sum() == pytest.approx(1.0)
    assert found.workload.sum() == pytest.approx(rate.sum())


def test_larson_and_odoni_approximation() -> None:
    """Correction factors, and the workloads after three rounds."""
    rate, preference = three_servers()
    book = published()
    for j in range(3):
        value, tolerance = book[f"correction factor Q(3,0.5,{j})"]
        assert server_correction(3, 0.5, j) == pytest.approx(value, abs=tolerance)
    work = hypercube_approximation(rate, preference, iterations=3)
    for server in range(3):
        value, tolerance = book[f"Larson approximation workload rho_{server + 1} (after 3 iterations)"]
        assert work[server] == pytest.approx(value, abs=10 * tolerance)


@pytest.mark.parametrize("seed", range(6))
def test_best_layout_beside_every_layout(seed: int) -> None:
    """Three servers on five sites: the proven value is that of the best multiset."""
    rng = np.random.default_rng(seed)
    cover, demand = rng.random((12, 5)) < 0.4, rng.random(12)
    weights = cover_weights(3, 0.35, corrected=seed % 2 == 0)
    weights = np.minimum.accumulate(weights)
    best = max(
        expected_cover(cover, demand, np.bincount(sites, minlength=5), weights)
        for sites in itertools.combinations_with_replacement(range(5), 3)
    )
    found = max_expected_cover(cover, demand, 3, weights)
    assert found.value == pytest.approx(best)
    assert found.status == "optimal"
    assert found.servers.sum() == 3


def test_busy_never_is_plain_cover() -> None:
    """With a busy share of 0 a second server in reach adds nothing."""
    assert list(cover_weights(3, 0.0)) == [1.0, 0.0, 0.0]
    assert cover_weights(3, 0.2).sum() == pytest.approx(1 - 0.2**3)


def test_moves_only_where_they_gain_enough() -> None:
    """Two points, 10 and 1: from the small to the large a move gains 8.1; at a cost of 9 nobody moves."""
    cover, demand, weights = np.eye(2, dtype=bool), np.array([10.0, 1.0]), cover_weights(1, 0.1)
    at = np.array([0, 1])
    cheap = max_expected_cover(cover, demand, 1, weights, at=at, move_cost=1.0)
    dear = max_expected_cover(cover, demand, 1, weights, at=at, move_cost=9.0)
    assert cheap.servers.tolist() == [1, 0]
    assert dear.servers.tolist() == [0, 1]
    assert cheap.value == pytest.approx(9.0 - 1.0)


def test_bad_figures_are_refused() -> None:
    with pytest.raises(ValueError, match="busy share"):
        cover_weights(2, 1.0)
    with pytest.raises(ValueError, match="room"):
        max_expected_cover(np.ones((1, 1), bool), np.ones(1), 2, cover_weights(2, 0.1), room=np.array([1]))
    with pytest.raises(ValueError, match="load"):
        hypercube(np.array([3.0]), np.array([[0, 1]]))
