"""Wildfire rows: speed beside pyretechnics, distance to FlamMap and to the exact ellipse, overlap with mapped scars.

``pyretechnics`` (EPL-2.0) lives in an environment of its own: name its Python in ``FIRE_PEER_PYTHON``. Both sides are
timed in CPU seconds on one core, after compilation. The Canadian fuel types of the scars are mapped to the nearest
standard fuel models (``_FBP``) and their crowns are those of the Canadian system; nothing is fitted to the scars.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks._fire_peer import SIDE
from benchmarks.harness import Options, Row
from dispatch.hazards.fire_norms import fuel_models
from models.fire.arrival import FirePace, arrival_times, pace
from models.fire.behaviour import PASSIVE, SURFACE, Behaviour, Canopy, spread
from models.fire.fuels import wet_fuel_beds
from models.fire.moisture import equilibrium_moisture

__all__ = ["flammap", "rows"]

Floats = NDArray[np.float64]

PEER_MAE = 0.0059
"""Mean absolute error (m/min) of the best peer's surface rates on the Vermont raster."""
REPEATS = 15
"""Times that a case's weather is gone through, so that a fire of the scar's size comes about."""
_FBP: dict[int, tuple[int, float, float]] = {
    1: (161, 2.0, 0.075), 2: (165, 3.0, 0.08), 3: (183, 8.0, 0.115), 4: (165, 4.0, 0.12), 5: (185, 18.0, 0.12),
    6: (185, 7.0, 0.18), 7: (161, 10.0, 0.05), 11: (182, 0.0, 0.0), 12: (182, 0.0, 0.0), 13: (182, 0.0, 0.0),
    31: (102, 0.0, 0.0), 32: (104, 0.0, 0.0), 40: (162, 6.0, 0.04), 50: (162, 6.0, 0.04), 60: (162, 6.0, 0.04),
}  # fmt: skip
"""Canadian type → fuel model, crown base height (m) and crown fuel load over ten metres of crown (kg/m³)."""


def rows(options: Options) -> Iterator[Row]:
    """Rows of the fire section."""
    yield from _speed(options)
    yield from flammap(options)
    yield from _ellipse()
    yield from _scars(options)


def _cpu(call: Callable[[], object], times: int = 3) -> float:
    """Shortest CPU seconds of several runs, after one that compiles."""
    call()
    shortest = float("inf")
    for _ in range(times):
        start = time.process_time()
        call()
        shortest = min(shortest, time.process_time() - start)
    return shortest


def _peer() -> dict[str, float]:
    """What pyretechnics does on this machine, empty where it is not installed."""
    python = os.environ.get("FIRE_PEER_PYTHON")
    if not python:
        return {}
    script = Path(__file__).with_name("_fire_peer.py")
    done = subprocess.run([python, str(script)], capture_output=True, text=True, check=False, cwd="/")
    if done.returncode:
        sys.stderr.write(done.stderr)
        return {}
    return dict(json.loads(done.stdout))


def _uniform(n: int) -> tuple[Behaviour, Floats]:
    """The peer script's land: fuel GR2, slope 0.2 facing south, west wind 15 km/h at 10 m."""
    fuels = fuel_models()
    beds = wet_fuel_beds(fuels, np.array([0.06, 0.08, 0.10, 0.6, 0.9]))
    bed = np.full(n, int(fuels.rows(np.array([102]))[0]), dtype=np.int32)
    nothing = np.zeros(n)
    slope = np.full(n, 0.2)
    crown = int(fuels.rows(np.array([10]))[0])
    return spread(
        beds, bed, slope, np.full(n, 180.0), Canopy(nothing, nothing, nothing, nothing), np.full(n, 15 / 3.6 / 1.15),
        np.full(n, 270.0), 1.2, crown,
    ), slope  # fmt: skip


def _speed(options: Options) -> Iterator[Row]:
    """Cells per CPU second: head fire of every cell, and spreading from a point."""
    peer = _peer()
    name = "pyretechnics" if peer else ""
    why = "" if peer else "pyretechnics: FIRE_PEER_PYTHON does not name a Python that has it"
    side = 200 if options.quick else 500
    n = side * side
    head = n / _cpu(lambda: _uniform(n))
    yield Row("uniform grass", "head fire", "cells/s", head, peer.get("head"), name,
              head / peer["head"] if peer else None, note=why)  # fmt: skip
    burnt = _march(side, 1e12)
    whole = burnt[1] / burnt[0]
    yield Row("uniform grass", "spread from a point", "cells/s", whole, peer.get("spread"), name,
              whole / peer["spread"] if peer else None, reference=300_000.0,
              note=why or "with behaviour and weather; reference: the floor")  # fmt: skip
    if peer:
        same = _march(SIDE, 3 * 3600.0)[1]
        yield Row("uniform grass", "cells burnt in 3 h", "cells", same, peer["burnt"], name,
                  gap=abs(same / peer["burnt"] - 1), note="both from one cell; the peer's is a level set")  # fmt: skip


def _march(side: int, until_s: float) -> tuple[float, float]:
    """CPU seconds of behaviour and arrival together, and cells burnt."""
    shape = (side, side)
    known = np.full(shape, np.inf)
    known[side // 2, side // 4] = 0.0
    free = np.full(shape, np.inf)
    origin = np.array([[side // 2, side // 4]])
    count = [0]

    def burn() -> None:
        fire, slope = _uniform(side * side)
        front = pace([fire], slope, np.zeros(1), shape, 30.0)
        count[0] = int(np.isfinite(arrival_times(front, known, origin, free, free, until_s)).sum())

    return _cpu(burn), float(count[0])


def flammap(options: Options) -> Iterator[Row]:
    """Surface and passive rates beside FlamMap's over the Vermont raster."""
    folder = options.bench.parent / "data" / "fire_landfire_vermont"
    if not folder.is_dir():
        return
    import rasterio

    def layer(name: str) -> Floats:
        with rasterio.open(folder / name) as file:
            return np.asarray(file.read(1), dtype=np.float64).ravel()

    fuels = fuel_models()
    fuel = layer("LC22_F40_230.tif")
    slope = np.tan(np.radians(np.round(np.degrees(np.arctan(layer("LC20_SlpP_220.tif") / 100)))))
    above = Canopy(*(layer(f"LC22_{part}_230.tif") / unit
                     for part, unit in (("CC", 100), ("CH", 10), ("CBH", 10), ("CBD", 100))))  # fmt: skip
    still = np.zeros(fuel.size)
    beds = wet_fuel_beds(fuels, np.array([0.06, 0.08, 0.10, 0.75, 0.60]))
    crown = int(fuels.rows(np.array([10]))[0])
    fire = spread(
        beds, fuels.rows(fuel.astype(np.int64)), slope, layer("LC20_Asp_220.tif"), above, still, still, 1.2, crown
    )
    observed = layer("ROS_ch_hr.tif") * 20.1168 / 60
    for kind, name, limit in ((SURFACE, "surface", 0.006), (PASSIVE, "passive crown", 0.035)):
        of = (fire.fire_type == kind) & (fuel < 300)
        error = float(np.abs(fire.ros_m_min - observed)[of].mean())
        surface = kind == SURFACE
        yield Row("FlamMap, Vermont", f"{name} rate, mean error", "m/min", error, PEER_MAE if surface else None,
                  "pyretechnics (published)" if surface else "", PEER_MAE / error if surface else None,
                  agrees=error <= limit, note=f"{int(of.sum())} cells")  # fmt: skip


def _ellipse() -> Iterator[Row]:
    """Arrival from a point on uniform land beside the exact ellipse."""
    side, cell = 301, 30.0
    n = side * side
    y, x = np.mgrid[0:side, 0:side]
    dx, dy = (x - side // 2) * cell, (side // 2 - y) * cell
    known = np.full((side, side), np.inf)
    known[side // 2, side // 2] = 0.0
    free = np.full((side, side), np.inf)
    for ratio in (1.0, 2.0, 3.0, 5.0, 8.0):
        e = np.sqrt(ratio**2 - 1) / ratio
        ones = np.ones(n)
        fire = Behaviour(ones * 10, ones * 17.0, ones * e, ones, ones, np.ones(n, dtype=np.int8))
        front = pace([fire], np.zeros(n), np.zeros(1), (side, side), cell)
        found = arrival_times(front, known, np.array([[side // 2, side // 2]]), free, free, 1e12)
        turn = np.radians(17.0)
        exact = 6.0 / (1 - e) * (np.hypot(dx, dy) - e * (dx * np.sin(turn) + dy * np.cos(turn)))
        relative = np.abs(found[exact > 0] / exact[exact > 0] - 1)
        yield Row(f"exact ellipse, length to width {ratio:g}", "arrival, mean error", "1", float(relative.mean()),
                  note=f"largest {relative.max():.3f}")  # fmt: skip


def _scars(options: Options) -> Iterator[Row]:
    """Overlap (Sørensen: twice the common cells over the sum) with the scars of Cell2Fire's cases."""
    folder = options.bench.parent / "data" / "fire_cell2fire"
    if not folder.is_dir():
        return
    cases = [*sorted(folder.glob("*/Fire*")), folder / "dogrib"]
    for case in cases[-3:] if options.quick else cases:
        fuel = _grid(case / "Forest.asc")
        scar_file = case / ("baseline_ForestGrid08.csv" if case.name == "dogrib" else "FinalScarGrid.csv")
        text = scar_file.read_text(encoding="utf-8").replace(",", " ")
        scar = np.array([row.split() for row in text.splitlines() if row.strip()], dtype=np.float64) > 0
        arrival = _burn(case, fuel)
        size, hours = int(scar.sum()), len(_weather(case))
        ours = arrival <= 3600.0 * hours
        common = 2 * (ours & scar).sum() / (ours.sum() + size)
        # the fuels burn slower than the scars grew: at equal size, the weather repeated, the shape alone is compared
        grown = np.sort(arrival, axis=None)[size - 1]
        equal = arrival <= grown if np.isfinite(grown) else np.isfinite(arrival)
        alike = 2 * (equal & scar).sum() / (equal.sum() + size)
        label = f"{case.parent.name}/{case.name}" if case.name != "dogrib" else "Dogrib (Cell2Fire's own answer)"
        yield Row(label, "Sørensen", "1", float(common),
                  note=f"{int(ours.sum())} cells in {hours} h, scar {size}; at equal size {alike:.2f}")  # fmt: skip


def _grid(path: Path) -> Floats:
    """ESRI ASCII grid; what is missing is NaN."""
    with path.open(encoding="utf-8") as stream:
        for _ in range(6):
            stream.readline()
        values = np.array([row.split() for row in stream if row.strip()], dtype=np.float64)
    return np.where(values == -9999, np.nan, values)


def _weather(case: Path) -> list[dict[str, str]]:
    with (case / "Weather.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _burn(case: Path, fbp: Floats) -> Floats:
    """Arrival times of the case's fire through its hours of weather, repeated ``REPEATS`` times."""
    fuels, shape = fuel_models(), fbp.shape
    number = np.full(shape, 99)
    base, bulk = np.zeros(shape), np.zeros(shape)
    for kind, (model, bottom, load) in _FBP.items():
        here = fbp == kind
        number[here], base[here], bulk[here] = model, bottom, load
    trees = np.where(base > 0, 1.0, 0.0)
    cover, height = trees * 0.5, trees * (base + 10.0)
    above = Canopy(cover.ravel(), height.ravel(), base.ravel(), bulk.ravel())
    steep = case / "slope.asc"
    slope = np.nan_to_num(_grid(steep)).ravel() / 100 if steep.exists() else np.zeros(fbp.size)
    aspect = np.nan_to_num(_grid(case / "saz.asc")).ravel() + 180.0
    crown = int(fuels.rows(np.array([10]))[0])
    bed = fuels.rows(number.ravel())
    fires = []
    for hour in _weather(case):
        fine = float(equilibrium_moisture(np.array(float(hour["TMP"])), np.array(float(hour["RH"]))))
        beds = wet_fuel_beds(fuels, np.array([fine, fine + 0.01, fine + 0.02, 0.9, 1.0]))
        wind = np.full(fbp.size, float(hour["WS"]) / 3.6 / 1.15)
        fires.append(spread(beds, bed, slope, aspect, above, wind, np.full(fbp.size, float(hour["WD"])), 1.0, crown))
    fires *= REPEATS
    start = 3600.0 * np.arange(len(fires), dtype=np.float64)
    front: FirePace = pace(fires, slope, start, (shape[0], shape[1]), 100.0)
    cell = int((case / "IgnitionPoints.csv").read_text(encoding="utf-8").split()[1].split(",")[1]) - 1
    known = np.full(shape, np.inf)
    known[divmod(cell, shape[1])] = 0.0
    free = np.full(shape, np.inf)
    return arrival_times(front, known, np.array([divmod(cell, shape[1])]), free, free, 3600.0 * len(fires))
