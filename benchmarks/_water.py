"""Section of ``benchmarks.hazards``: shallow water against closed forms, at rest, by its balance, and its speed.

A wet cell-step is a cell that holds more than 1e-8 m of water after a step. The peer is landlab's ``OverlandFlow`` (de
Almeida et al. 2012) on the same ground with the same water, one core each: it solves the local inertial equations,
which leave out advection, and every step visits every cell; its cells are counted as ours are, those with water.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness import Options, Row
from models.water.shallow_water import Flow, Ground, Rain, flow

__all__ = ["rows"]

FLOOR_M = 6.0
ANDORRA = (1.45, 42.45, 1.62, 42.58)
MANNING = 0.05
LANDLAB_FILM_M = 1e-5
PEER_STEPS = 60

Floats = NDArray[np.float64]


def rows(options: Options) -> Iterator[Row]:
    """Every row; fewer steps with ``--quick``."""
    yield from _closed_forms(options.bench)
    flow(Ground(np.zeros((3, 3)), 1.0, 1.0, np.full((3, 3), MANNING)), np.array([0.1]), depth_m=np.ones((3, 3)))
    yield from _plain(120.0 if options.quick else 600.0)
    hgt = options.bench.parent / "data" / "roads_andorra" / "N42E001.hgt.zip"
    if hgt.exists():
        yield from _mountains(hgt, 600.0 if options.quick else 3600.0)
    else:
        yield Row("Andorra (SRTM)", "mass error", "", 0.0, note=f"not run: no {hgt.name}")


def _closed_forms(bench: Path) -> Iterator[Row]:
    """Relative L1 error of the stage at 400 cells, and its fall with more."""
    for name, right in (("ritter_h0.005_t6", 0.0), ("stoker_h0.005_0.001_t6", 0.001)):
        file = bench / "sim_flood" / "instances" / f"{name}.csv"
        if not file.exists():
            yield Row(name, "stage, relative L1", "", 0.0, note="not run: no instance")
            continue
        with file.open(encoding="utf-8") as lines:
            x, exact = np.array([(float(row["x_m"]), float(row["depth_m"])) for row in csv.DictReader(lines)]).T
        for cells in (400, 1600):
            middle = (np.arange(cells) + 0.5) * 10 / cells
            start = np.where(middle < 5, 0.005, right)
            ground = Ground(np.zeros((1, cells)), 10 / cells, 10 / cells, np.zeros((1, cells)))
            end = flow(ground, np.array([6.0]), depth_m=start[None])
            wanted = np.interp(middle, x, exact)
            error = float(np.abs(end.depth_m[0] - wanted).sum() / wanted.sum())
            yield Row(name, f"stage, relative L1, {cells} cells", "", error, reference=0.01,
                      agrees=error < 0.01 and abs(end.budget.error) < 1e-12)  # fmt: skip


def _plain(seconds: float) -> Iterator[Row]:
    """A wave over rough ground, all of it wet."""
    from scipy.ndimage import gaussian_filter

    bed = 5 * gaussian_filter(np.random.default_rng(1).standard_normal((300, 300)), 4)
    depth = np.maximum(2.0 - bed, 0.0)
    depth[:, :150] += 2.0
    yield from _beside("wave, 300 x 300 cells of 20 m", bed, (20.0, 20.0), depth, None, seconds)


def _mountains(hgt: Path, seconds: float) -> Iterator[Row]:
    """Rain on steep real ground, and a lake at rest in it."""
    from dispatch.hazards.terrain import read_terrain

    land = read_terrain(hgt, ANDORRA)
    bed, size = land.elevation_m, (land.dx_m, land.dy_m)
    ground = Ground(bed, *size, np.full(bed.shape, MANNING))
    level = float(np.percentile(bed, 40))
    lake = np.maximum(level - bed, 0.0)
    still = flow(ground, np.array([seconds]), depth_m=lake)
    moved = float(np.abs(still.depth_m - lake).max())
    measure = f"lake {lake.max():.0f} m deep at rest, {seconds / 60:.0f} min: change"
    yield Row("Andorra (SRTM)", measure, "m", moved, agrees=moved < 1e-9)
    rain = Rain(np.array([0.0, seconds]), np.full(2, 60 / 3.6e6), np.ones(bed.shape))
    yield from _beside("Andorra (SRTM), 60 mm/h", bed, size, np.full(bed.shape, 0.01), rain, seconds)


def _beside(
    case: str, bed: Floats, size: tuple[float, float], depth: Floats, rain: Rain | None, seconds: float
) -> Iterator[Row]:
    """Balance and speed of ours, and the peer's speed."""
    ground = Ground(bed, *size, np.full(bed.shape, MANNING), (True, True, True, True))
    start = time.process_time()
    ours: Flow = flow(ground, np.array([seconds]), depth_m=depth, rain=rain)
    took = time.process_time() - start
    speed = ours.wet_cell_steps / took / 1e6
    yield Row(case, "mass error over all the water", "", abs(ours.budget.error), reference=1e-12,
              agrees=abs(ours.budget.error) < 1e-12 and bool((ours.depth_m >= 0).all()))  # fmt: skip
    peer, note = _landlab(bed, size, depth, 60 / 3.6e6 if rain is not None else 0.0)
    yield Row(case, "wet cell-steps", "M/s", speed, peer=peer, peer_name="landlab",
              ratio=None if peer is None else speed / peer, reference=FLOOR_M,
              note="; ".join(part for part in ("reference: the floor", note) if part))  # fmt: skip
    yield Row(case, "simulated per CPU second", "s", seconds / took, note=f"{ours.steps} steps")


def _landlab(bed: Floats, size: tuple[float, float], depth: Floats, rain_m_s: float) -> tuple[float | None, str]:
    """Million wet cell-steps per CPU second of ``OverlandFlow``, or why there is no figure."""
    try:
        from landlab import RasterModelGrid
        from landlab.components import OverlandFlow
    except (ImportError, SyntaxError) as error:
        return None, f"landlab cannot be imported: {error}"
    grid = RasterModelGrid(bed.shape, xy_spacing=size)
    grid.add_field("topographic__elevation", np.flipud(bed).ravel().copy(), at="node")
    grid.add_field("surface_water__depth", np.flipud(depth).ravel() + LANDLAB_FILM_M, at="node")
    peer = OverlandFlow(grid, mannings_n=MANNING, steep_slopes=True, rainfall_intensity=rain_m_s)
    peer.overland_flow(dt=peer.calc_time_step())
    water = grid.at_node["surface_water__depth"]
    passed, visited, steps = 0.0, 0, 0
    start = time.process_time()
    while steps < PEER_STEPS and time.process_time() - start < 20.0:
        dt = peer.calc_time_step()
        peer.overland_flow(dt=dt)
        passed += dt
        steps += 1
        visited += int(np.count_nonzero(water > LANDLAB_FILM_M))
    took = time.process_time() - start
    kept = "" if np.isfinite(water).all() else "; its depths are not finite"
    return visited / took / 1e6, f"landlab: {passed:.0f} s in {steps} steps, {passed / took:.3g} s per CPU second{kept}"
