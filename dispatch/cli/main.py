"""The command ``dispatch`` and its groups; each command's module is imported when it is asked for."""

from __future__ import annotations

import gettext
import importlib
import sys

import click

from dispatch import __version__
from dispatch.cli.language import say, system_language
from dispatch.documents.click_words import speak

__all__ = ["main"]

COMMANDS: dict[str, str] = {
    "run": "dispatch.cli.run:run",
    "plan": "dispatch.cli.plan:plan",
    "check": "dispatch.cli.check:check",
    "explain": "dispatch.cli.explain:explain",
    "replan": "dispatch.cli.replan:replan",
    "passage": "dispatch.cli.passage:passage",
    "simulate": "dispatch.cli.run:simulate",
    "evacuate": "dispatch.cli.evacuate:evacuate",
    "teams": "dispatch.cli.teams:teams",
    "air": "dispatch.cli.air:air",
    "compare": "dispatch.cli.studies:compare",
    "sensitivity": "dispatch.cli.studies:sensitivity",
    "site": "dispatch.cli.site:site",
    "stock": "dispatch.cli.stock:stock",
    "cover": "dispatch.cli.cover:cover",
    "hazard": "dispatch.cli.hazard:hazard",
    "list": "dispatch.cli.plan:list_scenarios",
    "map": "dispatch.cli.county_map:county_map",
    "export": "dispatch.cli.export:export",
    "open": "dispatch.cli.export:open_page",
    "start": "dispatch.cli.start:start",
    "bundle": "dispatch.cli.bundle:bundle",
    "drill": "dispatch.cli.drill:drill",
    "county": "dispatch.cli.county:county",
    "roads": "dispatch.cli.roads:roads",
}
"""Command → where it lives."""


class _Lazy(click.Group):
    """Group whose commands are imported on use, so that ``--help`` loads no library."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(say("cli_commands")):
            formatter.write_dl([(name, say(f"cli_{name}_short")) for name in COMMANDS])


@click.group(
    cls=_Lazy, help=say("cli_help"), epilog=say("cli_epilog"), context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, "--version", "-V", prog_name="relief-dispatch", help=say("cli_version"))
def _dispatch() -> None:
    pass


def _name_kinds() -> None:
    """Kinds of values in usage lines, which click writes by their English names."""
    for kind in (click.STRING, click.INT, click.FLOAT, click.IntRange, click.FloatRange):
        kind.name = gettext.gettext(kind.name)


def main() -> None:
    """Run the command line; exit codes are 0 done, 1 the answer is no, 2 bad input, 130 interrupted."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    speak(system_language())
    _name_kinds()
    _dispatch(prog_name="dispatch")
