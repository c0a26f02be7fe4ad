"""Voids, slope, aspect and drainage on surfaces that are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.terrain import drain, fill_voids, slope_aspect


def plane(rows: int = 12, columns: int = 15, east: float = 0.3, south: float = -0.2) -> np.ndarray:
    row, column = np.mgrid[0:rows, 0:columns]
    return 500.0 + 10 * (east * column + south * row)


def test_voids_in_a_plane_come_back_exactly():
    z = plane()
    missing = np.zeros(z.shape, dtype=bool)
    missing[3:9, 4:11] = True
    missing[5, 13] = True
    broken = np.where(missing, -32768.0, z)
    np.testing.assert_allclose(fill_voids(broken, missing), z, atol=1e-9)


def test_filled_voids_lie_between_their_rims_and_the_rest_stays():
    rng = np.random.default_rng(3)
    z = rng.normal(1000, 50, (20, 20))
    missing = rng.random(z.shape) < 0.4
    filled = fill_voids(np.where(missing, np.nan, z), missing)
    assert (filled[~missing] == z[~missing]).all()
    assert z[~missing].min() <= filled.min()
    assert filled.max() <= z[~missing].max()
    with pytest.raises(ValueError, match="no cell"):
        fill_voids(z, np.ones(z.shape, dtype=bool))


@pytest.mark.parametrize(
    ("east", "south", "faces"), [(-1, 0, 90), (1, 0, 270), (0, -1, 180), (0, 1, 0), (-1, -1, 135), (1, 1, 315)]
)
def test_slope_and_aspect_of_a_plane(east: float, south: float, faces: float):
    # ground that falls to the east faces east
    slope, aspect = slope_aspect(plane(east=east, south=south), 10.0, 10.0)
    inner = (slice(1, -1), slice(1, -1))
    np.testing.assert_allclose(slope[inner], np.hypot(east, south))
    np.testing.assert_allclose(aspect[inner], faces)


def test_level_ground_faces_nowhere():
    slope, aspect = slope_aspect(np.zeros((4, 4)), 5.0, 5.0)
    assert (slope == 0).all()
    assert np.isnan(aspect).all()


def test_valley_drains_to_its_mouth():
    # a V valley that falls to the south: everything leaves through the middle of the last row
    row, column = np.mgrid[0:20, 0:11]
    z = 100.0 - row + 5.0 * np.abs(column - 5)
    drainage = drain(z, 10.0, 10.0, np.array([19 * 11 + 5]))
    area = drainage.area_m2().reshape(z.shape)
    assert area[19, 5] == 220 * 100
    middle = np.zeros(z.shape, dtype=bool)
    middle[:, 5] = True
    height = drainage.height_above(drainage.first_below(middle), z).reshape(z.shape)
    assert (height[:, 5] == 0).all()
    # two cells from the stream: ten metres up and, diagonally, two rows further down
    assert height[8, 3] == pytest.approx(12.0)
    assert drainage.to_outlet_m()[5] == pytest.approx(190.0)
    assert drainage.way_down(5).tolist() == [5 + 11 * k for k in range(20)]
    # to the mouth the longest way is from a corner of the first row
    assert drainage.farthest()[19 * 11 + 5] in {0, 10}
    assert drainage.farthest()[0] == 0


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_all_land_drains_somewhere_once(seed: int):
    rng = np.random.default_rng(seed)
    z = rng.normal(0, 10, (14, 17))
    drainage = drain(z, 3.0, 4.0)
    outlets = drainage.down == np.arange(z.size)
    assert drainage.area_m2()[outlets].sum() == pytest.approx(z.size * 12.0)
    assert (drainage.filled_m >= z).all()
    filled = drainage.filled_m.ravel()
    assert (filled[drainage.down] <= filled).all()  # never uphill
    position = np.empty(z.size, dtype=int)
    position[drainage.order] = np.arange(z.size)
    assert (position[drainage.down[~outlets]] < position[~outlets]).all()
    far, length = drainage.farthest(), drainage.to_outlet_m()
    for cell in np.flatnonzero(~outlets)[:20]:
        way = drainage.way_down(int(cell))
        assert (length[far[way]] >= length[cell] - 1e-9).all()  # nobody upstream is farther than the farthest
        assert cell in drainage.way_down(int(far[cell]))
    height = drainage.height_above(drainage.first_below(outlets), filled)
    assert (height >= 0).all()
    assert np.isfinite(height).all()
