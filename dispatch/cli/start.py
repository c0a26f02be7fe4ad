"""``dispatch start``: choose a scenario, run it, and show its page; what a double click does."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import click

from dispatch.cli.common import lang_option, reports_problems, stop
from dispatch.cli.language import say
from dispatch.documents.messages import Lang, text

__all__ = ["start"]

_NIGHTS = 200


@click.command(help=say("cli_start_help"), epilog=say("cli_start_example"))
@click.argument("scenario", required=False)
@click.option("--no-browser", is_flag=True, help=say("cli_opt_no_browser"))
@lang_option
@click.pass_context
@reports_problems
def start(context: click.Context, scenario: str | None, no_browser: bool, lang: Lang) -> None:
    """Run the chosen scenario into a new ``results/NAME`` beside it, or here for a bundled one, and open its page."""
    from dispatch.cli.run import run

    chosen = scenario or _choose(lang)
    file = Path(chosen)
    out = _new_folder((file.parent if file.is_file() else Path()) / "results" / file.stem)
    context.invoke(run, scenario=chosen, out=out, nights=_NIGHTS, lang=lang)
    page = (out / "report.html").resolve()
    if not no_browser and not webbrowser.open(page.as_uri()):
        stop(text(lang, "cli_open_no_browser", path=page), 1)


def _new_folder(wanted: Path) -> Path:
    """The folder, or the same with -2, -3 … behind it: results of before may hold a plan that somebody edited."""
    folder, number = wanted, 1
    while folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        number += 1
        folder = wanted.with_name(f"{wanted.name}-{number}")
    return folder


def _choose(lang: Lang) -> str:
    """Ask which: workbooks and scenario files of this folder first, then the bundled ones."""
    from dispatch.scenario_file import bundled_scenarios

    own = sorted(path.name for pattern in ("*.xlsx", "*.toml") for path in Path().glob(pattern))
    names = [*(name for name in own if not name.startswith("~") and name != "pyproject.toml"), *bundled_scenarios()]
    for k, name in enumerate(names, start=1):
        click.echo(f"{k:>3}  {name}")
    number = click.prompt(text(lang, "cli_start_which"), type=click.IntRange(1, len(names)))
    return names[number - 1]
