"""Pictures of the tutorials, drawn by the code they describe: figures of a run, the one map, the page in a browser."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

__all__ = ["pictures"]

SCENARIO = "qinshui/flash_flood"
NIGHTS = 40
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def pictures(folder: Path) -> list[Path]:
    """Draw them in both languages, unless they are there from the same code; without a browser a note is drawn.

    Returns
    -------
    list of Path
        ``answer_zh.png``, ``map_zh.svg`` … and the same in English.
    """
    folder.mkdir(parents=True, exist_ok=True)
    done, code = folder / "done", _fingerprint()
    if not done.exists() or done.read_text(encoding="utf-8") != code:
        _draw(folder)
        done.write_text(code, encoding="utf-8")
    return sorted(path for path in folder.iterdir() if path.suffix in {".png", ".svg"})


def _fingerprint() -> str:
    """Of everything that draws, and of what is drawn."""
    root = Path(__file__).resolve().parent.parent
    drawing = [Path(__file__), *(root / "dispatch" / "report").iterdir(), *(root / "scenarios" / "qinshui").glob("*.*")]
    parts = sorted(path for path in drawing if path.is_file())
    return hashlib.sha256(b"".join(path.read_bytes() for path in parts)).hexdigest()


def _draw(folder: Path) -> None:
    from dispatch.planning.relief import plan_relief
    from dispatch.report.county_features import county_groups
    from dispatch.report.county_map import write_county_picture
    from dispatch.report.figures import write_figures
    from dispatch.report.page import write_report
    from dispatch.results import program_versions
    from dispatch.scenario_file import load_scenario
    from dispatch.simulation.ensemble import simulate

    scenario = load_scenario(SCENARIO)
    plan = plan_relief(scenario, seconds=3)
    ensemble = simulate(scenario, plan, replications=NIGHTS)
    command = f"dispatch run {SCENARIO} --out results --nights {NIGHTS}"
    for lang in ("zh", "en"):
        made = folder / lang
        write_figures(made, scenario, plan, ensemble, lang=lang)
        for path in made.glob("*.svg"):
            path.rename(folder / f"{path.stem}_{lang}.svg")
        write_county_picture(
            folder / f"county_{lang}.png",
            scenario.county,
            scenario.network,
            county_groups(scenario.county, lang),
            lang=lang,
        )
        page = write_report(made, scenario, plan, ensemble, lang=lang, command=command, versions=program_versions())
        _photograph(page, folder / f"page_{lang}.png")
        shutil.rmtree(made)


def _photograph(page: Path, picture: Path) -> None:
    """The top of a page as a browser shows it; where there is no browser, a note in its place."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is not None:
        subprocess.run(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1180,1500",
             "--virtual-time-budget=4000", f"--screenshot={picture}", page.resolve().as_uri()],
            check=False, capture_output=True, timeout=120,
        )  # fmt: skip
    if not picture.exists():
        from matplotlib.figure import Figure

        figure = Figure(figsize=(6, 1))
        figure.text(0.05, 0.4, "no browser on the machine that built these pages")
        figure.savefig(picture)
