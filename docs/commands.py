"""The page of all commands, made from the command line's own help texts, so that it cannot miss one.

``python docs/commands.py zh`` prints it; help texts take their language when they are imported, so each language needs
a process of its own.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import click

__all__ = ["commands_page"]

ROOT = Path(__file__).resolve().parent.parent


def commands_page(lang: str) -> str:
    """The page in one language."""
    surroundings = {**os.environ, "DISPATCH_LANG": lang, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, str(Path(__file__)), lang],
        env=surroundings, capture_output=True, encoding="utf-8", check=True, timeout=120,
    )  # fmt: skip
    return done.stdout


def _page(lang: str) -> str:
    from dispatch.cli.main import COMMANDS

    words = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))[lang]
    parts = [f"# {words['commands']}\n\n{words['commands_intro']}\n"]
    for name, where in COMMANDS.items():
        module, function = where.split(":")
        parts += _command(f"dispatch {name}", getattr(importlib.import_module(module), function), words)
    return "\n".join(parts)


def _command(name: str, command: click.Command, words: dict[str, str]) -> list[str]:
    """A command, and those of a group after it."""
    arguments = " ".join(
        argument.make_metavar(click.Context(command))
        for argument in command.params
        if isinstance(argument, click.Argument)
    )
    parts = [f"## `{name}`\n", (command.help or command.short_help or "").replace("\b", "").strip() + "\n"]
    if isinstance(command, click.Group):
        context = click.Context(command)
        for part in command.list_commands(context):
            inner = command.get_command(context, part)
            if inner is not None:
                parts += _command(f"{name} {part}", inner, words)
        return parts
    parts.append(f"```text\n{name} {arguments} [OPTIONS]\n```\n")
    rows = []
    for option in command.params:
        if isinstance(option, click.Option) and not option.hidden:
            shown = option.get_help_record(click.Context(command))
            if shown is not None:
                names, said = (cell.replace("|", "\\|").replace("\n", " ") for cell in shown)
                rows.append(f"| `{names}` | {said} |")
    if rows:
        parts.append("\n".join([f"| {words['option']} | {words['meaning']} |", "| --- | --- |", *rows]) + "\n")
    if command.epilog:
        parts.append(command.epilog.replace("\b", "").strip() + "\n")
    return parts


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    print(_page(sys.argv[1]))  # noqa: T201
