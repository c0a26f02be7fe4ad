"""What commands share: options, the printing of problems, exit codes."""

from __future__ import annotations

import errno
import functools
import json
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from dispatch.cli import filled
from dispatch.cli.language import LANGUAGES, say, system_language
from dispatch.county.problem_text import problem_text
from dispatch.documents.messages import Lang, text
from dispatch.problems import InputProblems, Problem, errors

if TYPE_CHECKING:
    from dispatch.planning.violation import Violation
    from dispatch.scenario import Scenario

__all__ = [
    "BAD_INPUT",
    "NO",
    "empty_folder",
    "is_quiet",
    "lang_option",
    "new_file",
    "overwrite_option",
    "print_problems",
    "quiet_option",
    "reports_problems",
    "stop",
    "tell",
    "tell_written",
]

NO = 1
"""Exit code: the command ran, and the answer is no (violations, a pack with errors)."""
BAD_INPUT = 2
"""Exit code: the input cannot be used."""

_QUIET = "dispatch.quiet"
_MADE = "dispatch.made"
_SHOWN = 8
"""So many names of files in a line."""
Command = TypeVar("Command", bound=Callable[..., Any])


def lang_option(command: Command) -> Command:
    """``--lang zh|en``."""
    return click.option(
        "--lang", type=click.Choice(LANGUAGES), default=system_language, show_default="zh", help=say("cli_opt_lang")
    )(command)


def quiet_option(command: Command) -> Command:
    """``--quiet``: only errors are printed, and what ``--json`` asks for."""

    def remember(context: click.Context, _option: click.Parameter, value: bool) -> None:
        context.meta[_QUIET] = value or context.meta.get(_QUIET, False)

    return click.option(
        "--quiet", "-q", is_flag=True, expose_value=False, callback=remember, help=say("cli_opt_quiet")
    )(command)


def is_quiet() -> bool:
    """Whether the command that runs was told ``--quiet``."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(_QUIET, False))


def tell(line: str, *, err: bool = False) -> None:
    """Print a line, unless told to be quiet."""
    if not is_quiet():
        click.echo(line, err=err)


def tell_written(lang: str, *paths: Path, err: bool = False) -> None:
    """Say which files were written, unless told to be quiet, and note them on the list of the folder being filled."""
    filled.record(paths)
    for path in paths:
        tell(text(lang, "cli_written", path=path), err=err)


def _renew(lang: str) -> None:
    """Remove what earlier runs of the command left in the folder it filled and this one does not have, and say so."""
    filling = filled.current()
    if filling is None or not filling.written:
        return
    made = filling.close()
    comma = text(lang, "common_list_comma")
    for key, names in (("cli_removed", made.removed), ("cli_changed_kept", made.kept)):
        if names:
            shown = comma.join(names[:_SHOWN]) + ("…" if len(names) > _SHOWN else "")
            tell(text(lang, key, count=len(names), path=filling.out, names=shown), err=key == "cli_changed_kept")


def print_problems(problems: Iterable[Problem], lang: str, *, as_json: bool = False) -> None:
    """Print each problem on a line of its own, errors first, to standard error (as JSON: to standard output).

    Warnings are left out where the command is to be quiet.
    """
    ordered = sorted(problems, key=lambda p: (p.severity != "error", p.file, p.row or 0, p.column))
    if as_json:
        rows = [{"file": p.file, "row": p.row, "column": p.column, "value": p.value, "expected": p.expected,
                 "severity": p.severity, "code": p.code, "text": problem_text(p, lang)} for p in ordered]  # fmt: skip
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for problem in errors(ordered) if is_quiet() else ordered:
        mark = text(lang, f"cli_{problem.severity}")
        click.echo(f"{mark} {problem_text(problem, lang)}", err=True)


def stop(message: str, code: int = BAD_INPUT) -> NoReturn:
    """Say why on standard error and leave with an exit code."""
    _leave_nothing()
    click.echo(message, err=True)
    sys.exit(code)


def stop_at_violations(violations: Iterable[Violation], scenario: Scenario, lang: Lang) -> None:
    """Where a plan of our own breaks a rule: say each violation on stderr and end with exit code 3."""
    from dispatch.planning.violation import violation_text

    broken = list(violations)
    for violation in broken:
        click.echo(violation_text(violation, scenario, lang), err=True)
    if broken:
        stop(text(lang, "cli_internal_violations"), 3)


def reports_problems(command: Command) -> Command:
    """Turn ``InputProblems``, and a file that cannot be read or written, into one report and exit code 2."""

    @functools.wraps(command)
    def wrapped(*args: Any, **options: Any) -> Any:
        lang = options.get("lang") or system_language()
        try:
            try:
                return command(*args, **options)
            finally:
                _renew(lang)
        except InputProblems as found:
            print_problems(found.problems, lang)
            stop(text(lang, "cli_input_bad", count=len(errors(found.problems))))
        except BrokenPipeError:
            raise
        except OSError as error:
            if error.filename is None:
                raise
            stop(text(lang, "cli_system", path=error.filename, reason=error.strerror or str(error)))
        except KeyboardInterrupt:
            stop(text(lang, "cli_interrupted"), 130)
        except SystemError as error:  # Ctrl-C inside a compiled function comes out of it so
            if not isinstance(error.__cause__ or error.__context__, KeyboardInterrupt):
                raise
            stop(text(lang, "cli_interrupted"), 130)

    return wrapped  # type: ignore[return-value]


def overwrite_option(command: Command) -> Command:
    """``--overwrite``."""
    return click.option("--overwrite", is_flag=True, help=say("cli_opt_overwrite"))(command)


def _leave_nothing() -> None:
    """Take away folders made for results that nothing was written into."""
    context = click.get_current_context(silent=True)
    for folder in reversed(context.meta.get(_MADE, []) if context is not None else []):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def new_file(out: Path, lang: str, endings: tuple[str, ...] = ()) -> None:
    """Before the work: refuse a file that exists or has another ending, and make the folder that it goes into."""
    if out.exists():
        stop(text(lang, "cli_exists", path=out))
    if endings and out.suffix.lower() not in endings:
        known = text(lang, "common_list_comma").join(ending or text(lang, "cli_folder") for ending in endings)
        stop(text(lang, "cli_out_ending", path=out, known=known))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        stop(text(lang, "cli_out_unwritable", path=out.parent, reason=error.strerror))
    if not os.access(out.parent, os.W_OK):
        stop(text(lang, "cli_out_unwritable", path=out.parent, reason=os.strerror(errno.EACCES)))


def empty_folder(out: Path, lang: str, *, overwrite: bool, task: str = "", renewed: tuple[str, ...] = ()) -> None:
    """Make the folder for results; refuse one that holds files, unless told to overwrite.

    ``task`` and ``renewed``: as for ``filled.begin``.
    """
    if out.exists() and not out.is_dir():
        stop(text(lang, "cli_out_is_file", path=out))
    if out.is_dir() and any(out.iterdir()) and not overwrite:
        stop(text(lang, "cli_out_not_empty", path=out))
    missing = [folder for folder in (out, *out.parents) if not folder.exists()]
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        stop(text(lang, "cli_out_unwritable", path=out, reason=error.strerror))
    if not os.access(out, os.W_OK):
        stop(text(lang, "cli_out_unwritable", path=out, reason=os.strerror(errno.EACCES)))
    context = click.get_current_context(silent=True)
    if context is not None:
        context.meta.setdefault(_MADE, []).extend(reversed(missing))
    filled.begin(out, task, renewed)
