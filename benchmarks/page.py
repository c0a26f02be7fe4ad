"""The page of a large county: its size, how long it takes to write, and how smoothly its clock plays in Chromium.

A generated county of 1,000 places on the roads of Andorra (``_relief_counties``), planned and played on a few nights.
Floors: below 25 MB, at least 30 frames a second in a headless Chromium on 2 cores.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks._relief_counties import generated_county
from benchmarks.harness import Options, Row, main

if TYPE_CHECKING:
    from tests.report.chromium import Page

_FRAMES = """new Promise((done) => {
  const stamps = [];
  const tick = (now) => {
    stamps.push(now);
    if (now - stamps[0] < 5000) requestAnimationFrame(tick);
    else done(stamps);
  };
  reportPage.setTime(DATA.order_ms + 2 * 3600000);
  document.getElementById('speed').value = '600';
  reportPage.play(true);
  requestAnimationFrame(tick);
})"""
_CPU = ("TaskDuration", "ScriptDuration")


def rows(options: Options) -> Iterator[Row]:
    """Size, time to write, time to open, frames a second."""
    from dispatch.planning.relief import plan_relief
    from dispatch.report.page import write_report
    from dispatch.simulation.ensemble import simulate

    places = 200 if options.quick else 1000
    case = f"{places} places on the roads of Andorra"
    scenario = generated_county(places, 1, options.bench.parent / "data")
    plan = plan_relief(scenario, seconds=1.0, limit_s=60.0 if options.seconds is None else options.seconds)
    ensemble = simulate(scenario, plan, replications=4 if options.quick else 8)
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        page = write_report(Path(folder), scenario, plan, ensemble, lang="zh", command="", versions={})
        written = time.process_time() - start
        trips, edges = len(plan.trips), scenario.network.graph.m
        note = f"{trips} trips, {edges:,} edges, {ensemble.replications} nights"
        yield Row(case, "size of the page", "MB", page.stat().st_size / 1e6, reference=25.0, note=f"floor 25; {note}")
        yield Row(case, "time to write", "CPU s", written)
        yield from _played(case, page)


def _played(case: str, page: Path) -> Iterator[Row]:
    """What a browser makes of it; a row that says why where there is none."""
    from tests.report.chromium import chromium

    try:
        with chromium() as browser:
            browser.size(1280, 800)
            start = time.perf_counter()
            browser.open(page)
            yield Row(case, "time to open", "s", time.perf_counter() - start)
            browser.run("document.getElementById('map-part').scrollIntoView()")
            browser.call("Performance.enable", timeDomain="threadTicks")
            before = _cpu(browser)
            stamps = browser.run(_FRAMES)
            after = _cpu(browser)
            browser.run("reportPage.play(false)")
            gaps = sorted(late - early for early, late in zip(stamps, stamps[1:], strict=False))
            frames, seconds = len(stamps) - 1, (stamps[-1] - stamps[0]) / 1000
            load = f"load {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores"
            yield Row(case, "frames while playing", "1/s", frames / seconds, reference=30.0, note=f"floor 30; {load}")
            yield Row(case, "95 % of frames within", "ms", gaps[int(0.95 * len(gaps))])
            for name in _CPU:
                own = 1000 * (after[name] - before[name]) / frames
                yield Row(case, f"main thread: {name} a frame", "CPU ms", own, reference=33.3,
                          note="CPU time, whatever else runs")  # fmt: skip
            yield Row(case, "errors", "", float(len(browser.problems())), reference=0.0)
    except BaseException as missing:
        if type(missing).__name__ != "Skipped":
            raise
        yield Row(case, "frames while playing", "1/s", float("nan"), note=str(missing))


def _cpu(browser: Page) -> dict[str, float]:
    """CPU seconds of the page's main thread so far."""
    metrics = browser.call("Performance.getMetrics")["metrics"]
    return {one["name"]: one["value"] for one in metrics if one["name"] in _CPU}


if __name__ == "__main__":
    main("The page of a large county", rows)
