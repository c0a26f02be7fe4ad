"""Shallow water against closed forms, at rest, and by its conservation laws."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.water.shallow_water import Ground, Rain, Source, flow
from tests.shared import shared_path

G = 9.81


def channel(depth: np.ndarray, length_m: float, manning: float = 0.0) -> Ground:
    """Level channel one cell wide, walls at its ends."""
    dx = length_m / len(depth)
    return Ground(np.zeros((1, len(depth))), dx, dx, np.full((1, len(depth)), manning))


def profile(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Positions and depths of a shared closed-form profile."""
    with shared_path(f"bench/sim_flood/instances/{name}.csv").open(encoding="utf-8") as file:
        rows = [(float(row["x_m"]), float(row["depth_m"])) for row in csv.DictReader(file)]
    return np.array(rows).T[0], np.array(rows).T[1]


@pytest.mark.parametrize(("name", "right"), [("ritter_h0.005_t6", 0.0), ("stoker_h0.005_0.001_t6", 0.001)])
def test_dam_break_in_a_channel_has_the_closed_form_depths(name: str, right: float):
    # relative L1 of the stage below one percent at 400 cells
    x, exact = profile(name)
    middle = (np.arange(400) + 0.5) * 10 / 400
    start = np.where(middle < 5, 0.005, right)
    end = flow(channel(start, 10.0), np.array([6.0]), depth_m=start[None])
    expected = np.interp(middle, x, exact)
    assert np.abs(end.depth_m[0] - expected).sum() / expected.sum() < 0.01


def test_dam_break_error_falls_with_the_cells():
    x, exact = profile("ritter_h0.005_t6")
    errors = []
    for cells in (100, 200, 400, 800):
        middle = (np.arange(cells) + 0.5) * 10 / cells
        start = np.where(middle < 5, 0.005, 0.0)
        end = flow(channel(start, 10.0), np.array([6.0]), depth_m=start[None])
        expected = np.interp(middle, x, exact)
        errors.append(np.abs(end.depth_m[0] - expected).sum() / expected.sum())
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < errors[0] / 3  # first order, less the logarithm of a rarefaction's corners


def test_dam_break_does_not_depend_on_the_direction():
    # along rows, along columns and backwards: the same numbers
    start = np.where(np.arange(60) < 30, 1.0, 0.2)
    grid = np.zeros((60, 3))
    rows = Ground(grid, 2.0, 2.0, grid)
    columns = Ground(grid.T.copy(), 2.0, 2.0, grid.T.copy())
    down = flow(rows, np.array([5.0]), depth_m=np.repeat(start[:, None], 3, axis=1)).depth_m
    across = flow(columns, np.array([5.0]), depth_m=np.repeat(start[None], 3, axis=0)).depth_m
    back = flow(columns, np.array([5.0]), depth_m=np.repeat(start[None, ::-1], 3, axis=0).copy()).depth_m
    np.testing.assert_array_equal(down, across.T)
    np.testing.assert_allclose(across, back[:, ::-1], rtol=0, atol=1e-14)


@pytest.mark.parametrize("manning", [0.0, 0.03])
def test_lake_stays_at_rest_over_any_bed_for_an_hour(manning: float):
    # islands, pits and steps of metres, far above sea level; still to round-off
    rng = np.random.default_rng(5)
    bed = 2000.0 + rng.normal(0, 3, (25, 30)) + 10.0 * (rng.random((25, 30)) < 0.05)
    depth = np.maximum(2001.0 - bed, 0.0)
    ground = Ground(bed, 30.0, 20.0, np.full(bed.shape, manning))
    end = flow(ground, np.array([3600.0]), depth_m=depth)
    assert np.abs(end.depth_m - depth).max() < 1e-11
    assert max(np.abs(end.east_m2_s).max(), np.abs(end.south_m2_s).max()) < 1e-10
    assert abs(end.budget.error) < 1e-14


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), rough=st.sampled_from([0.0, 0.05]), is_open=st.booleans())
def test_no_water_is_lost_and_no_depth_falls_below_zero(seed: int, rough: float, is_open: bool):
    rng = np.random.default_rng(seed)
    bed = rng.normal(0, 2, (15, 18))
    depth = np.maximum(rng.normal(0, 1, bed.shape), 0)
    ground = Ground(bed, 10.0, 7.0, np.full(bed.shape, rough), (is_open,) * 4)
    source = Source(np.array([40, 41]), np.array([0.0, 20.0, 60.0]), np.array([[0.0, 5.0, 0.0], [1.0, 1.0, 1.0]]))
    rain = Rain(np.array([10.0, 50.0]), np.array([1e-4, 1e-5]), rng.random(bed.shape))
    end = flow(ground, np.array([15.0, 80.0]), depth_m=depth, source=source, rain=rain)
    assert end.depth_m.min() >= 0
    assert np.isfinite(end.depth_m).all()
    assert abs(end.budget.error) < 1e-12
    assert (end.budget.left > 0) <= is_open
    assert (end.peak_m >= end.depth_m).all()


def test_sources_and_rain_bring_what_they_say():
    bed = np.zeros((6, 6))
    ground = Ground(bed, 10.0, 10.0, bed)
    # triangle of 100 s with 2 m³/s at its top: 100 m³; 3.6 mm in 100 s on half of 3600 m²: 6.48 m³
    source = Source(np.array([14]), np.array([0.0, 50.0, 100.0]), np.array([[0.0, 2.0, 0.0]]))
    share = np.repeat([0.0, 1.0], 3)[None].repeat(6, axis=0)
    rain = Rain(np.array([0.0, 100.0]), np.array([3.6e-5, 3.6e-5]), share)
    end = flow(ground, np.array([50.0, 200.0]), source=source, rain=rain, longest_step_s=1.0)
    assert end.budget.let_in == pytest.approx(100.0, rel=1e-3)
    assert end.budget.rained == pytest.approx(6.48, rel=1e-2)
    assert end.budget.last == pytest.approx(end.budget.let_in + end.budget.rained, rel=1e-13)


def test_uniform_flow_reaches_mannings_depth():
    # plane of one percent, 0.5 m²/s, n = 0.03: h = (q n / sqrt(S))^(3/5) = 0.3204 m; without the weight of water on
    # steps, which hydrostatic reconstruction leaves out, it would run five percent too deep
    cells, dx = 150, 10.0
    bed = 0.01 * dx * np.arange(cells, 0, -1)[None]
    ground = Ground(bed, dx, 1.0, np.full(bed.shape, 0.03), (False, True, False, False))
    source = Source(np.array([0]), np.array([0.0, 1e5]), np.array([[0.5, 0.5]]))
    end = flow(ground, np.array([4000.0]), source=source)
    assert end.depth_m[0, 75] == pytest.approx((0.5 * 0.03 / 0.1) ** 0.6, rel=0.02)
    assert end.budget.let_in - end.budget.left == pytest.approx(end.budget.last, rel=1e-12)


def test_arrival_and_record_times():
    start = np.where(np.arange(100) < 50, 1.0, 0.0)
    end = flow(channel(start, 100.0), np.array([0.0, 1.0, 4.0]), depth_m=start[None], watch=np.array([10, 60]))
    assert end.watched_m[0].tolist() == [1.0, 0.0]
    assert end.arrival_s[0, 10] == 0.0
    # the front of Ritter runs at 2 sqrt(g h) = 6.26 m/s; five centimetres come somewhat later
    front = (60.5 - 50) / (2 * np.sqrt(G))
    assert front < end.arrival_s[0, 60] < 2 * front
    assert np.isinf(end.arrival_s[0, 99])


def test_rejects_what_does_not_fit():
    ground = Ground(np.zeros((2, 2)), 1.0, 1.0, np.zeros((2, 2)))
    with pytest.raises(ValueError, match="cfl"):
        flow(ground, np.array([1.0]), cfl=0.6)
    with pytest.raises(ValueError, match="negative"):
        flow(ground, np.array([1.0]), depth_m=np.full((2, 2), -1.0))
    with pytest.raises(ValueError, match="fall"):
        flow(ground, np.array([2.0, 1.0]))
    with pytest.raises(ValueError, match="one shape"):
        Ground(np.zeros((2, 2)), 1.0, 1.0, np.zeros((2, 3)))


def test_water_is_kept_on_steep_real_ground():
    # Andorra's mountains (SRTM, 90 m): half a metre everywhere runs down for ten minutes
    from dispatch.hazards.terrain import read_terrain

    land = read_terrain(shared_path("data/roads_andorra/N42E001.hgt.zip"), (1.45, 42.48, 1.60, 42.58))
    assert land.elevation_m.max() - land.elevation_m.min() > 1500
    ground = Ground(land.elevation_m, land.dx_m, land.dy_m, np.full(land.shape, 0.05), (True,) * 4)
    end = flow(ground, np.array([600.0]), depth_m=np.full(land.shape, 0.5))
    assert abs(end.budget.error) < 1e-12
    assert end.depth_m.min() >= 0
    assert end.budget.left > 0
