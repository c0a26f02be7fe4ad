"""Lines on a grid: no gaps, right lengths, finished in their order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.fire.arrival import arrival_times, pace
from models.fire.lines import close_lines, line_cells
from tests.models.fire.beds import uniform

COORDINATE = st.floats(0.0, 19.99)


@given(points=st.lists(st.tuples(COORDINATE, COORDINATE), min_size=2, max_size=5))
def test_cells_of_a_line_share_edges_and_hold_its_ends(points: list[tuple[float, float]]):
    cells, along = line_cells(np.array(points), (20, 20))
    ends = {(int(points[k][1]), int(points[k][0])) for k in (0, -1)}
    assert ends <= {tuple(cell) for cell in cells}
    listed = {tuple(cell) for cell in cells}
    seen, front = {tuple(cells[0])}, [tuple(cells[0])]
    while front:  # every cell is reached by moves along one axis
        row, column = front.pop()
        for to in ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)):
            if to in listed and to not in seen:
                seen.add(to)
                front.append(to)
    assert seen == listed
    length = sum(np.hypot(*np.subtract(b, a)) for a, b in zip(points, points[1:], strict=False))
    assert along.max() <= length + 1e-9
    assert along[0] >= 0


def test_each_part_of_a_line_is_finished_in_turn():
    # half a cell a second along the middle of row 2, from the middle of column 0
    closed = close_lines([np.array([[0.5, 2.5], [4.5, 2.5]])], np.array([10.0]), np.array([0.5]), (5, 5))
    assert closed[2] == pytest.approx([11.0, 13.0, 15.0, 17.0, 18.0])
    assert np.isinf(np.delete(closed, 2, axis=0)).all()


def test_the_part_of_a_line_off_the_grid_is_left_out():
    cells, _ = line_cells(np.array([[-3.0, 1.5], [8.0, 1.5]]), (3, 4))
    assert cells.tolist() == [[1, 0], [1, 1], [1, 2], [1, 3]]


@given(x=st.floats(2.0, 17.9), y=st.floats(2.0, 17.9), bend=st.floats(-1.9, 1.9))
def test_no_fire_slips_through_a_closed_ring(x: float, y: float, bend: float):
    # a ring of five straight lines, however it lies over the grid, encloses its fire
    turn = np.linspace(0, 2 * np.pi, 6) + bend
    ring = np.column_stack([x + 1.9 * np.cos(turn), y + 1.9 * np.sin(turn)])
    closed = close_lines([ring], np.array([-np.inf]), np.ones(1), (20, 20))
    inside = (int(y), int(x))
    if np.isinf(closed[inside]) and closed[inside] < 0:
        return
    front = pace([uniform(400, 10.0, 4.0, 30.0)], np.zeros(400), np.zeros(1), (20, 20), 10.0)
    known = np.full((20, 20), np.inf)
    known[inside] = 0.0
    burnt = arrival_times(front, known, np.array([inside]), closed, np.full((20, 20), np.inf), 1e9)
    row, column = np.nonzero(np.isfinite(burnt))
    assert (np.hypot(column + 0.5 - x, row + 0.5 - y) < 1.9 + 1.5).all()
