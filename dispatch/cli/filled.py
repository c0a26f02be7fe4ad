"""The list of the files that a command wrote into a folder, and what becomes of those of an earlier run.

A command that fills a folder leaves ``.dispatch-files.json`` in it: each file with its SHA-256 and the command. When
the folder is filled again, a file of that list that the new run no longer has is removed, unless somebody changed it
since. Whatever is not on the list is never touched.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import click

__all__ = ["LIST", "Filling", "Renewed", "begin", "current", "record"]

LIST = ".dispatch-files.json"
_FILLING = "dispatch.filling"
_FORMAT = "relief-dispatch files"
_PART = 1 << 20


@dataclass(frozen=True)
class Renewed:
    """What became of files of earlier runs that the new run does not have, as paths within the folder."""

    removed: tuple[str, ...]
    kept: tuple[str, ...]
    """Changed since they were written."""


@dataclass(frozen=True)
class Filling:
    """A folder on its way to being filled.

    Parameters
    ----------
    out : Path
    by : str
        Command, with the task where one command has several: an earlier run of the same is replaced.
    renewed : tuple of str
        Folders within ``out`` that are replaced whoever filled them.
    before : dict
        Size and time of change of each file that was there.
    """

    out: Path
    by: str
    renewed: tuple[str, ...]
    before: dict[str, tuple[int, int]]
    written: set[str] = field(default_factory=set)

    def add(self, path: Path) -> None:
        """Note a file, or of a folder the files written since the beginning."""
        found = _files(path) if path.is_dir() else [path] if path.is_file() else []
        root = self.out.resolve()
        for file in found:
            full = file.resolve()
            if full.is_relative_to(root):
                name = full.relative_to(root).as_posix()
                if file == path or self.before.get(name) != _stamp(file):
                    self.written.add(name)

    def close(self) -> Renewed:
        """Remove what earlier runs left and this one does not have, and write the list."""
        listed = _listed(self.out)
        removed: list[str] = []
        kept: list[str] = []
        for name, (digest, by) in sorted(listed.items()):
            if name in self.written or not self._replaces(name, by):
                continue
            file = self.out / name
            if not _plain(self.out, name):
                continue
            if not file.is_file():
                del listed[name]
            elif _digest(file) == digest:
                file.unlink()
                _drop_empty(file.parent, self.out)
                del listed[name]
                removed.append(name)
            else:
                kept.append(name)
        for name in self.written:
            if (self.out / name).is_file():
                listed[name] = (_digest(self.out / name), self.by)
        _write(self.out, listed)
        return Renewed(tuple(removed), tuple(kept))

    def _replaces(self, name: str, by: str) -> bool:
        return by == self.by or PurePosixPath(name).parts[0] in self.renewed


def begin(out: Path, task: str = "", renewed: tuple[str, ...] = ()) -> None:
    """Begin to fill a folder, which is there; ``task``: what the command was asked for, where that is not one thing."""
    context = click.get_current_context(silent=True)
    if context is None:
        return
    words = [context.info_name or ""]
    above = context.parent
    while above is not None and above.parent is not None:
        words.insert(0, above.info_name or "")
        above = above.parent
    before = {file.relative_to(out).as_posix(): _stamp(file) for file in _files(out)}
    context.meta[_FILLING] = Filling(out, " ".join([*words, *([task] if task else [])]), renewed, before)


def record(paths: Iterable[Path]) -> None:
    """Note files and folders that the command wrote."""
    filling = current()
    for path in paths:
        if filling is not None:
            filling.add(path)


def current() -> Filling | None:
    """The folder that the command fills; None if it fills none."""
    context = click.get_current_context(silent=True)
    return None if context is None else context.meta.get(_FILLING)


def _files(folder: Path) -> list[Path]:
    return [file for file in sorted(folder.rglob("*")) if file.is_file() and not file.is_symlink()]


def _stamp(file: Path) -> tuple[int, int]:
    about = file.stat()
    return about.st_size, about.st_mtime_ns


def _digest(file: Path) -> str:
    found = hashlib.sha256()
    with file.open("rb") as opened:
        while part := opened.read(_PART):
            found.update(part)
    return found.hexdigest()


def _plain(out: Path, name: str) -> bool:
    """Whether a name of the list is that of a file within the folder, without links on the way."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        return False
    return (out / path).resolve() == out.resolve() / path


def _drop_empty(folder: Path, out: Path) -> None:
    while folder != out and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _listed(out: Path) -> dict[str, tuple[str, str]]:
    """The list of a folder: name → (SHA-256, command); a list that cannot be read is none."""
    try:
        read: Any = json.loads((out / LIST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    rows = read.get("files") if isinstance(read, dict) and read.get("format") == _FORMAT else None
    if not isinstance(rows, dict):
        return {}
    return {
        name: (str(row["sha256"]), str(row["by"]))
        for name, row in rows.items()
        if isinstance(row, dict) and {"sha256", "by"} <= row.keys()
    }


def _write(out: Path, listed: dict[str, tuple[str, str]]) -> None:
    rows = {name: {"sha256": digest, "by": by} for name, (digest, by) in sorted(listed.items())}
    shown = json.dumps({"format": _FORMAT, "files": rows}, ensure_ascii=False, indent=1)
    (out / LIST).write_text(shown + "\n", encoding="utf-8", newline="\n")
