"""What commands that play nights share: options, progress bars, the playing itself, ranges and verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import click

from dispatch.cli.common import stop
from dispatch.cli.language import say
from dispatch.documents.messages import Lang, text

if TYPE_CHECKING:
    from rich.progress import Progress

    from dispatch.planning.plan import Plan
    from dispatch.scenario import Scenario
    from dispatch.simulation.ensemble import Ensemble

__all__ = ["INTERRUPTED", "NightWords", "bar", "measured", "night_options", "play_nights", "progress_bars",
           "save_honest"]  # fmt: skip

PATH = click.Path(path_type=Path)
INTERRUPTED = 130


class NightWords(TypedDict):
    """Values of the options."""

    nights: int
    seed: int | None
    workers: int
    half_width: float | None
    checkpoint: Path | None
    cluster: str | None
    measured_file: Path | None
    range_nights: int
    policy: str
    overwrite: bool


def night_options(command: Callable[..., None]) -> Callable[..., None]:
    """Options of ``run`` and ``simulate``."""
    for option in (
        click.option("--overwrite", is_flag=True, help=say("cli_opt_overwrite")),
        click.option(
            "--policy", type=click.Choice(["follow", "nearest_first", "periodic", "event"]), default="follow",
            show_default=True, help=say("cli_opt_night_policy"),
        ),
        click.option(
            "--range-nights", type=click.IntRange(min=0), default=100, show_default=True, help=say("cli_opt_ranges")
        ),
        click.option("--measured", "measured_file", type=PATH, default=None, help=say("cli_opt_measured")),
        click.option("--cluster", default=None, metavar="ADDRESS", help=say("cli_opt_cluster")),
        click.option("--checkpoint", type=PATH, default=None, help=say("cli_opt_checkpoint")),
        click.option(
            "--half-width", type=click.FloatRange(min=0, max=0.5, min_open=True, max_open=True), default=None,
            help=say("cli_opt_half_width"),
        ),
        click.option(
            "--workers", type=click.IntRange(min=1), default=1, show_default=True, help=say("cli_opt_workers")
        ),
        click.option("--seed", type=click.IntRange(min=0), default=None, help=say("cli_opt_seed")),
        click.option(
            "--nights", type=click.IntRange(min=1), default=200, show_default=True, help=say("cli_opt_nights")
        ),
    ):  # fmt: skip
        command = option(command)
    return command


@contextmanager
def progress_bars(quiet: bool) -> Iterator[Progress]:
    """Progress bars on standard error, gone when done; none if quiet or where nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
        yield progress


def bar(progress: Progress, lang: Lang, key: str, total: int = 1) -> Callable[[int, int], None]:
    """Add a bar; the returned function sets it."""
    task = progress.add_task(text(lang, key), total=total)
    return lambda done, of: progress.update(task, completed=done, total=of)


def measured(scenario: Scenario, words: NightWords) -> Scenario:
    """Put the step times of ``--measured`` in force."""
    from dispatch.studies.measured import read_measured
    from dispatch.studies.variants import with_steps

    file = words["measured_file"]
    return scenario if file is None else with_steps(scenario, read_measured(file))


def play_nights(scenario: Scenario, plan: Plan, words: NightWords, progress: Progress, lang: Lang) -> Ensemble:
    """Simulate with a bar; what was interrupted or stopped early is said."""
    from dispatch.simulation.checkpoint import CheckpointMismatch
    from dispatch.simulation.cluster import ClusterMissing
    from dispatch.simulation.ensemble import simulate
    from dispatch.simulation.policy import Policy

    try:
        ensemble = simulate(
            scenario,
            plan,
            replications=words["nights"],
            seed=words["seed"],
            workers=words["workers"],
            progress=bar(progress, lang, "cli_step_simulate", words["nights"]),
            half_width=words["half_width"],
            checkpoint=words["checkpoint"],
            cluster=words["cluster"],
            policy=Policy(words["policy"]),
        )
    except CheckpointMismatch:
        stop(text(lang, "cli_checkpoint_other", path=words["checkpoint"]))
    except ClusterMissing as missing:
        stop(text(lang, "cli_cluster_missing", reason=missing))
    if ensemble.interrupted:
        if not ensemble.replications:
            raise KeyboardInterrupt
        click.echo(text(lang, "cli_partial_nights", done=ensemble.replications), err=True)
    if ensemble.stopped_early:
        click.echo(text(lang, "cli_stopped_early", done=ensemble.replications), err=True)
    return ensemble


def save_honest(
    scenario: Scenario, plan: Plan, ensemble: Ensemble, out: Path, words: NightWords, progress: Progress, lang: Lang
) -> tuple[list[Path], list[str]]:
    """Write ``distributions.xlsx``, and ``ranges.csv`` if asked for.

    Returns
    -------
    files : list of Path
    lines : list of str
        Verdict and ranges for the console.
    """
    from dispatch.studies.distributions import write_distributions
    from dispatch.studies.ranges import ranges
    from dispatch.studies.verdict import judge
    from dispatch.studies.words import ranges_lines, verdict_line

    files = [out / "distributions.xlsx"]
    write_distributions(scenario, files[0], lang)
    lines = [verdict_line(judge(ensemble), lang)]
    nights = min(words["range_nights"], ensemble.replications)
    asked = bool((ensemble.nights["places"] > 0).any())
    if nights and asked and not ensemble.interrupted:
        table = ranges(
            scenario, plan, replications=nights, seed=words["seed"], workers=words["workers"],
            progress=bar(progress, lang, "cli_step_ranges", 9),
        )  # fmt: skip
        files.append(out / "ranges.csv")
        table.to_csv(files[1], index=False, encoding="utf-8-sig", lineterminator="\n")
        lines += ranges_lines(table, lang)
    return files, lines
