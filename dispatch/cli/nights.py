"""What commands that play nights share: options, progress bars, the playing itself, ranges and verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import click

from dispatch.cli.common import is_quiet, stop
from dispatch.cli.language import say
from dispatch.documents.messages import Lang, text

if TYPE_CHECKING:
    from rich.progress import Progress

    from dispatch.planning.plan import Plan
    from dispatch.report.evidence import Cases, Evidence
    from dispatch.report.findings import Findings
    from dispatch.scenario import Scenario
    from dispatch.simulation.ensemble import Ensemble

__all__ = ["INTERRUPTED", "NightWords", "bar", "fast_passage_option", "gather_evidence", "measured", "night_options",
           "overrides", "play_nights", "progress_bars", "save_evidence"]  # fmt: skip

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


def fast_passage_option(command: Callable[..., None]) -> Callable[..., None]:
    """``--fast-passage``."""
    return click.option("--fast-passage", is_flag=True, help=say("cli_opt_fast_passage"))(command)


def overrides(*, fast_passage: bool) -> dict[str, Any]:
    """What options put in place of the scenario's own keys."""
    return {"passage.fast": True} if fast_passage else {}


def night_options(command: Callable[..., None]) -> Callable[..., None]:
    """Options of ``run`` and ``simulate``."""
    for option in (
        click.option("--overwrite", is_flag=True, help=say("cli_opt_overwrite")),
        click.option(
            "--policy", type=click.Choice(["follow", "nearest_first", "periodic", "event"]), default="follow",
            show_default=True, help=say("cli_opt_night_policy"),
        ),
        click.option(
            "--range-nights", type=click.IntRange(min=0), default=60, show_default=True, help=say("cli_opt_ranges")
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
def progress_bars(*, hidden: bool = False) -> Iterator[Progress]:
    """Progress bars on standard error, gone when done; none if quiet, hidden, or where nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, disable=hidden or is_quiet() or not console.is_terminal
    ) as progress:
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
    """Simulate with a bar, the evacuation too where there is one; what was interrupted or stopped early is said."""
    from dispatch.simulation.checkpoint import CheckpointMismatch
    from dispatch.simulation.cluster import ClusterMissing
    from dispatch.simulation.ensemble import simulate
    from dispatch.simulation.parts import parts_of
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
            hooks=parts_of(scenario),
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


def gather_evidence(
    scenario: Scenario,
    plan: Plan,
    ensemble: Ensemble,
    findings: Findings,
    words: NightWords,
    progress: Progress,
    lang: Lang,
    *,
    explain_places: int = 0,
    comparison: Cases | None = None,
) -> Evidence:
    """Verdict, ranges and changes, with bars; Ctrl-C leaves out what is not there yet and says so."""
    from dispatch.report.evidence import Evidence, gather
    from dispatch.studies.verdict import judge

    if ensemble.interrupted:
        return Evidence(verdict=judge(ensemble), comparison=comparison)
    totals = {"explain": 1, "ranges": 9}
    try:
        return gather(
            scenario, plan, ensemble, findings, explain_places=explain_places, range_nights=words["range_nights"],
            seed=words["seed"], workers=words["workers"],
            progress=lambda name: bar(progress, lang, f"cli_step_{name}", totals[name]), comparison=comparison,
            as_planned=ensemble if words["policy"] == "follow" else None,
        )  # fmt: skip
    except KeyboardInterrupt:
        click.echo(text(lang, "cli_evidence_left_out"), err=True)
        return Evidence(verdict=judge(ensemble), comparison=comparison)


def save_evidence(scenario: Scenario, evidence: Evidence, out: Path, lang: Lang) -> tuple[list[Path], list[str]]:
    """Write ``distributions.xlsx``, and ``ranges.csv`` if there are ranges.

    Returns
    -------
    files : list of Path
    lines : list of str
        Verdict and ranges for the console.
    """
    from dispatch.studies.distributions import write_distributions
    from dispatch.studies.words import ranges_lines, verdict_line

    files = [out / "distributions.xlsx"]
    write_distributions(scenario, files[0], lang)
    lines = [] if evidence.verdict is None else [verdict_line(evidence.verdict, lang)]
    if evidence.ranges is not None:
        files.append(out / "ranges.csv")
        evidence.ranges.to_csv(files[1], index=False, encoding="utf-8-sig", lineterminator="\n")
        lines += ranges_lines(evidence.ranges, lang)
    return files, lines
