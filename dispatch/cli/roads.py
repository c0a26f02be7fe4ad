"""``dispatch roads``: what a road file holds, and real roads from OpenStreetMap."""

from __future__ import annotations

from pathlib import Path

import click

from dispatch.cli.common import lang_option, new_file, quiet_option, reports_problems, stop, tell_written
from dispatch.cli.language import say
from dispatch.documents.messages import Lang, text

__all__ = ["roads"]

PATH = click.Path(path_type=Path)


@click.group(help=say("cli_roads_help"))
def roads() -> None:
    """Group of the commands about roads."""


@roads.command("show", help=say("cli_roads_show_help"), epilog=say("cli_roads_show_example"))
@click.argument("file", type=PATH)
@click.option("--crs", default=None, help=say("cli_opt_crs"))
@click.option("--columns", type=PATH, default=None, help=say("cli_opt_columns"))
@lang_option
@reports_problems
def show(file: Path, crs: str | None, columns: Path | None, lang: Lang) -> None:
    """Print nodes, edges, kilometres by class and how far the network hangs together."""
    import numpy as np

    from dispatch.roads.components import component_sizes
    from dispatch.roads.network import ROAD_CLASSES
    from dispatch.roads.read import read_network

    network = read_network(file, crs=crs, columns=columns)
    click.echo(text(lang, "cli_roads_size", nodes=network.graph.n, edges=network.graph.m,
                    km=float(network.length_m.sum()) / 1000))  # fmt: skip
    km = np.bincount(network.road_class, weights=network.length_m, minlength=len(ROAD_CLASSES)) / 1000
    for name, length in zip(ROAD_CLASSES, km, strict=True):
        if length > 0:
            said = text(lang, f"plan_road_{name}")
            click.echo(f"  {name:<16}{length:>10.1f} km  {said}")
    for connection in ("weak", "strong"):
        sizes = component_sizes(network, connection)
        click.echo(text(lang, f"cli_roads_{connection}", count=len(sizes), largest=int(sizes[0])))
    if network.schematic:
        click.echo(text(lang, "cli_roads_schematic"))


@roads.command("download", help=say("cli_roads_download_help"), epilog=say("cli_roads_download_example"))
@click.argument("out", type=PATH)
@click.option("--place", default=None, help=say("cli_opt_place"))
@click.option("--bbox", type=(float, float, float, float), default=None, help=say("cli_opt_bbox"))
@lang_option
@quiet_option
@reports_problems
def download(out: Path, place: str | None, bbox: tuple[float, float, float, float] | None, lang: Lang) -> None:
    """Download roads by the name of a place or a bounding box, where there is internet."""
    from dispatch.roads.download import download_roads

    if (place is None) == (bbox is None):
        stop(text(lang, "cli_place_or_bbox"))
    new_file(out, lang)
    download_roads(out, place=place, bbox=bbox)
    tell_written(lang, out)
