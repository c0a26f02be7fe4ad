"""``dispatch hazard``: what a scenario's hazard does, by the hour and place by place."""

from __future__ import annotations

import json
from pathlib import Path

import click

from dispatch.cli.common import (
    empty_folder,
    is_quiet,
    lang_option,
    print_problems,
    quiet_option,
    reports_problems,
    stop,
    tell,
    tell_written,
)
from dispatch.cli.language import say
from dispatch.documents.messages import Lang, text

__all__ = ["hazard"]


@click.command("hazard", help=say("hazard_help"), epilog=say("hazard_example"))
@click.argument("scenario")
@click.option("--vehicle", default="truck_5t", show_default=True, help=say("hazard_opt_vehicle"))
@click.option("--nights", type=click.IntRange(min=0), default=30, show_default=True, help=say("hazard_opt_nights"))
@click.option("--breaks", is_flag=True, help=say("hazard_opt_breaks"))
@click.option("--sorties", type=click.Path(path_type=Path, exists=True), default=None, help=say("hazard_opt_sorties"))
@click.option("--json", "as_json", is_flag=True, help=say("cli_opt_json"))
@click.option("--out", type=click.Path(path_type=Path), default=None, help=say("hazard_opt_out"))
@click.option("--overwrite", is_flag=True, help=say("cli_opt_overwrite"))
@lang_option
@quiet_option
@reports_problems
def hazard(
    scenario: str, vehicle: str, nights: int, breaks: bool, sorties: Path | None, as_json: bool, out: Path | None,
    overwrite: bool, lang: Lang,
) -> None:  # fmt: skip
    """Tables of a hazard: roads by the hour, places reached, warning times, outages."""
    from dataclasses import replace

    from dispatch.clock import SECOND_MS
    from dispatch.hazards.fire_breaks import break_gains
    from dispatch.hazards.fire_drops import write_water_drops
    from dispatch.hazards.fire_nights import FireNights
    from dispatch.hazards.summary import summary
    from dispatch.planning.plan_file import read_plan
    from dispatch.report.hazard_files import hazard_json, hazard_lines, write_burn_probability, write_hazard
    from dispatch.roads.profile_norms import read_profiles
    from dispatch.scenario_file import load_with_models
    from dispatch.studies.fire_water import planned_drops, water_gain

    problem, computed = load_with_models(scenario)
    profiles = {**read_profiles(), **problem.profiles}
    if vehicle not in profiles:
        stop(text(lang, "hazard_unknown_vehicle", vehicle=vehicle, known=", ".join(profiles)))
    profile = profiles[vehicle]
    if (breaks or sorties is not None) and computed.fire is None:
        stop(text(lang, "hazard_no_fire"))
    drops = () if sorties is None else planned_drops(read_plan(sorties), problem)
    if sorties is not None and not drops:
        stop(text(lang, "hazard_no_drops", plan=sorties.name))
    if out is not None:
        empty_folder(out, lang, overwrite=overwrite)
    found = summary(problem.network, problem.county, problem.disruption, computed.models, profile,
                    problem.end_ms / SECOND_MS, nights, problem.seed)  # fmt: skip
    if breaks and computed.fire is not None:
        found = replace(found, breaks=break_gains(computed.fire, problem.county))
    if drops and computed.fire is not None:
        found = replace(found, water=water_gain(computed.fire, drops))
    if as_json:
        click.echo(json.dumps(hazard_json(found, vehicle), ensure_ascii=False, indent=1))
    else:
        if not is_quiet():
            print_problems(problem.notes, lang)
        tell(problem.title_zh if lang == "zh" else problem.title_en)
        name = profile.name_zh if lang == "zh" else profile.name_en
        for line in hazard_lines(found, problem.county, problem.reference_time, name, lang):
            tell(line)
    if out is not None:
        maps = [write_burn_probability(fires, out) for fires in computed.models if isinstance(fires, FireNights)]
        if drops:
            write_water_drops(drops, out / "water_drops.csv")
            maps.append(out / "water_drops.csv")
        tell_written(lang, *write_hazard(found, problem.network, out), *maps, err=as_json)
