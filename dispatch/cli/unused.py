"""Options that were typed but mean nothing for what is asked: said, never ignored."""

from __future__ import annotations

from collections.abc import Mapping

import click
from click.core import ParameterSource

from dispatch.cli.common import stop
from dispatch.documents.messages import Lang, text

__all__ = ["refuse_unused"]


def refuse_unused(asked: str, applies: Mapping[str, set[str]], lang: Lang) -> None:
    """Stop if an option was typed that does not apply to what is asked.

    Parameters
    ----------
    asked : str
        What the command does this time, in the words of ``applies``.
    applies : mapping of parameter name to set of str
        What each option applies to; an option that is not in it always applies.
    lang : str
    """
    context = click.get_current_context()
    typed = [name for name in applies if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    words = {one.name: one.opts[0] for one in context.command.params}
    wrong = [words[name] for name in typed if asked not in applies[name]]
    if wrong:
        stop(text(lang, "cli_option_unused", options=" ".join(wrong), asked=asked))
