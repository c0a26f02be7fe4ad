"""Section of ``benchmarks.hazards``: shaking and snow against published figures, and how fast they are laid.

Speed is directed edges of Andorra per second of one core, from the hazard to the table of closures, its real heights
(SRTM) included; there is no peer that does the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.harness import Options, Row
from dispatch.hazards.disruption import Disruption
from dispatch.norms import read_norm
from models.ground.fragility import exceedance, pga_of_intensity

__all__ = ["rows"]

STATES = ("slight", "moderate", "extensive", "complete")
SCALE_M_S2 = {6.0: 0.653, 7.0: 1.35, 8.0: 2.79, 9.0: 5.77, 10.0: 11.9}
"""Means of the Chinese intensity scale (GB/T 17742-2020), m/s²."""
BAKER_LN_PGA = {3.0: -0.5765, 10.0: -0.9788, 30.0: -1.7937}
"""ln PGA (g) of magnitude 6.5 by distance (km), after Cornell et al. 1979 as Baker (2008) prints them."""


def rows(options: Options) -> Iterator[Row]:
    """Every row."""
    yield from _published()
    data = options.bench.parent / "data" / "roads_andorra"
    if data.exists():
        yield from _laid(data, nights=50 if options.quick else 300)
    else:
        yield Row("Andorra", "edges/s", "1/s", 0.0, note=f"not run: no {data.name}")


def _published() -> Iterator[Row]:
    for name in ("hazus_bridges", "hazus_buildings"):
        worst = 0.0
        table = read_norm(name)
        for row in table:
            median = np.array([row[state] for state in STATES])
            at = exceedance(median, median, row["dispersion"])
            worst = max(worst, float(np.abs(np.diag(at) - 0.5).max()))
        yield Row(f"{name}, {len(table)} curves", "distance from one half at the median", "", worst, reference=0.0)
    worst = max(abs(float(pga_of_intensity(np.array([i]))[0]) * 9.80665 / a - 1) for i, a in SCALE_M_S2.items())
    yield Row("intensity VI to X", "acceleration, relative error", "", worst, reference=0.0, agrees=worst < 0.005)
    row = next(row for row in read_norm("earthquake_attenuation") if row["region"] == "cornell_1979")
    worst = max(
        abs(row["a"] + row["b"] * 6.5 - row["c"] * np.log(km + row["r"]) - wanted)
        for km, wanted in BAKER_LN_PGA.items()
    )
    yield Row("Cornell 1979, three distances", "ln PGA, error", "", float(worst), reference=0.0, agrees=worst < 5e-4)


def _laid(data: Path, nights: int) -> Iterator[Row]:
    """Earthquake and snow over Andorra: speed, and what correlation does to the worst nights."""
    from dispatch.hazards.earthquake import earthquake
    from dispatch.hazards.ground_spec import Earthquake, Snow
    from dispatch.hazards.snow import snow
    from dispatch.roads.read import read_network
    from dispatch.roads.settlements import county_from_osm

    osm, heights = data / "andorra-20250118.osm.pbf", data / "N42E001.hgt.zip"
    network = read_network(osm)
    county, _ = county_from_osm(osm, code="000000", name_zh="Andorra", name_en="Andorra", zone="Europe/Andorra")
    quake = Earthquake(magnitude=6.2, epicentre=(1.55, 42.53), region="cornell_1979", terrain=heights)
    models: dict[str, Callable[[], Disruption]] = {
        "earthquake": lambda: earthquake(quake).over(network, county),
        "snow": lambda: snow(Snow(snow_mm=20.0, terrain=heights, snow_line_m=1000.0)).over(network, county),
    }
    for name, lay in models.items():
        lay()
        start = time.process_time()
        made = lay()
        seconds = time.process_time() - start
        rate = network.graph.m / seconds
        note = f"{network.graph.m} edges, {len(made.edges)} rows"
        yield Row(f"Andorra, {name}", "edges laid", "1/s", rate, note=note)
        if name == "earthquake":
            yield _together(made, nights)


def _together(made: Disruption, nights: int) -> Row:
    """Variance of the number of roads shut a night beside that of independent failures with the same chances."""
    unit = made.groups["group"].str.rsplit("/", n=1).str[0]
    chance = made.groups.groupby(unit.to_numpy())["probability"].sum().to_numpy(dtype=np.float64)
    count = []
    for seed in range(nights):
        groups = made.sample(np.random.default_rng(seed)).edges["group"].unique()
        count.append(len({str(group).rsplit("/", 1)[0] for group in groups}))
    alone = float((chance * (1 - chance)).sum())
    note = f"mean {np.mean(count):.1f} a night, by the chances {chance.sum():.1f}"
    return Row("Andorra, earthquake", "variance over that of independent failures", "", float(np.var(count)) / alone,
               note=note)  # fmt: skip
