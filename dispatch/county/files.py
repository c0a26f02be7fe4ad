"""Open a pack's files: a locked, damaged, encrypted or foreign one is a problem with a remedy, not a traceback."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from xml.parsers.expat import ExpatError

from dispatch.county.grid import Grid
from dispatch.county.problem_text import found
from dispatch.county.xlsx import TooLargeError, Workbook, read_workbook
from dispatch.problems import Problem

__all__ = ["WORKBOOKS", "contacts_path", "lock_warnings", "read_bytes", "workbook_grids"]

WORKBOOKS = (".xlsx", ".xlsm")
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, ExpatError, struct.error, EOFError, LookupError, ValueError, TypeError,
    NotImplementedError, RuntimeError, OverflowError, RecursionError,
)  # fmt: skip
"""What the standard library raises over damaged, encrypted or unusually compressed archives and XML."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def read_bytes(path: Path) -> tuple[bytes | None, list[Problem]]:
    """Content of a file, or why it cannot be had."""
    try:
        return path.read_bytes(), []
    except FileNotFoundError:
        return None, [found("county_no_file", path.name)]
    except PermissionError:
        return None, [found("county_locked", path.name)]
    except OSError as error:
        return None, [found("county_unreadable", path.name, value=error.strerror or str(error))]


def contacts_path(path: Path) -> Path:
    """Workbook with the contacts that belong to a pack workbook."""
    return path.with_name(f"{path.stem}.contacts.xlsx")


def lock_warnings(path: Path) -> list[Problem]:
    """Warning if another program has the file open (its lock file stands beside it): unsaved changes are not seen."""
    names = (f"~${path.name}", f".~{path.name}", f".~lock.{path.name}#")
    if any(path.with_name(name).exists() for name in names):
        return [found("county_open_elsewhere", path.name, severity="warning")]
    return []


def workbook_grids(
    path: Path, wanted: Callable[[list[str]], Iterable[str]]
) -> tuple[dict[str, Grid], list[str], list[Problem]]:
    """Rows of some sheets of a workbook.

    Parameters
    ----------
    path : Path
    wanted : callable
        Of the titles of all sheets, those to read.

    Returns
    -------
    grids : dict
        By title; a damaged sheet is left out and does not hold up the others.
    titles : list of str
        Of all sheets; empty if the file is no workbook.
    problems : list of Problem
    """
    head, problems = _head(path)
    if head is None:
        return {}, [], problems
    if head.startswith(_OLE):
        whole, problems = read_bytes(path)
        encrypted = whole is not None and _ENCRYPTED in whole
        return {}, [], problems or [found("county_encrypted" if encrypted else "county_old_xls", path.name)]
    grids: dict[str, Grid] = {}
    if not head.startswith(b"PK"):
        return {}, [], [found("county_not_xlsx", path.name)]
    try:
        with read_workbook(path) as book:
            if not book.titles:
                return {}, [], [found("county_not_xlsx", path.name)]
            for title in wanted(book.titles):
                grid, missing = _sheet(book, title, path.name)
                problems += missing
                if grid is not None:
                    grids[title] = grid
            return grids, book.titles, problems
    except _DAMAGED as error:
        return {}, [], [found("county_damaged", path.name, value=f"{type(error).__name__}: {error}")]
    except PermissionError:
        return {}, [], [found("county_locked", path.name)]
    except OSError as error:
        return {}, [], [found("county_unreadable", path.name, value=error.strerror or str(error))]


def _sheet(book: Workbook, title: str, file: str) -> tuple[Grid | None, list[Problem]]:
    try:
        return book.grid(title), []
    except TooLargeError:
        return None, [found("county_too_large", f"{file}!{title}")]
    except _DAMAGED as error:
        return None, [found("county_damaged", f"{file}!{title}", value=f"{type(error).__name__}: {error}")]


def _head(path: Path) -> tuple[bytes | None, list[Problem]]:
    try:
        with path.open("rb") as stream:
            return stream.read(8), []
    except FileNotFoundError:
        return None, [found("county_no_file", path.name)]
    except PermissionError:
        return None, [found("county_locked", path.name)]
    except OSError as error:
        return None, [found("county_unreadable", path.name, value=error.strerror or str(error))]
