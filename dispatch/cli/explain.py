"""``dispatch explain``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from dispatch.cli.common import lang_option, quiet_option, reports_problems, stop, tell
from dispatch.cli.language import LANGUAGES, say
from dispatch.cli.plans import sound_plan
from dispatch.documents.messages import Lang, text

__all__ = ["explain"]


@click.command(help=say("explain_help"), epilog=say("explain_example"))
@click.argument("plan_file", metavar="PLAN", type=click.Path(path_type=Path))
@click.argument("scenario")
@click.option("--place", "wanted", multiple=True, help=say("explain_opt_place"))
@click.option("--json", "as_json", is_flag=True, help=say("cli_opt_json"))
@lang_option
@quiet_option
@reports_problems
def explain(scenario: str, plan_file: Path, wanted: tuple[str, ...], as_json: bool, lang: Lang) -> None:
    """Explain a plan: times, what they are made of, and what would make missed places."""
    from dispatch.planning.explain import explain as explain_plan
    from dispatch.planning.explain_text import explanation_lines, tier_lines
    from dispatch.planning.names import site_name
    from dispatch.planning.tiers import tier_table
    from dispatch.scenario_file import load_scenario

    problem = load_scenario(scenario)
    read, problem = sound_plan(plan_file, problem, lang)
    needs = problem.needs
    asked = dict.fromkeys(needs.loc[(needs["part"] == "first_batch") & (needs["quantity"] > 0), "place"])
    names = {place: [site_name(problem, place, one) for one in LANGUAGES] for place in asked}
    places: list[str] = []
    for name in wanted:
        found = [place for place, of in names.items() if name == place or any(name in called for called in of)]
        if not found:
            stop(text(lang, "explain_unknown_place", place=name))
        places += found
    made = explain_plan(problem, read, places or None)
    if as_json:
        tables = {name: getattr(made, name).to_dict("records") for name in ("arrivals", "relaxations", "certificates")}
        tables["tiers"] = tier_table(problem, read).to_dict("records")
        click.echo(json.dumps(tables, ensure_ascii=False, indent=1))
        return
    for line in [*explanation_lines(made, problem, lang), *tier_lines(problem, read, lang)]:
        tell(line)
