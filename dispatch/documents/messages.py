"""Everything a user reads, in Chinese and English: one catalogue of TOML files in the folder ``messages``.

A file holds one room's entries: ``[key]`` with ``zh = "…"`` and ``en = "…"``; ``{name}`` stands for a value and takes a
format as in ``str.format`` (``{km:.1f}``). Keys are unique across the files: each begins with its room's name.
"""

from __future__ import annotations

import errno
import os
import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

__all__ = ["LANGUAGES", "Lang", "catalogue", "has", "text"]

Lang = Literal["zh", "en"]
LANGUAGES: tuple[str, ...] = get_args(Lang)
_SYSTEM = (
    "ENOENT", "EACCES", "EPERM", "EISDIR", "ENOTDIR", "EEXIST", "ENOSPC", "EROFS", "EBUSY", "ENAMETOOLONG", "EIO",
)  # fmt: skip
"""Errors of the operating system that a user's files can give; it says them in English."""


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Return every entry: key → language → template.

    Raises
    ------
    ValueError
        If two files define the same key.
    """
    entries: dict[str, dict[str, str]] = {}
    owner: dict[str, str] = {}
    folder = files("dispatch.documents") / "messages"
    for file in sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name):
        for key, entry in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if key in entries:
                msg = f"message {key!r} is defined in {owner[key]} and again in {file.name}"
                raise ValueError(msg)
            entries[key] = entry
            owner[key] = file.name
    return entries


def has(key: str) -> bool:
    """Whether the catalogue holds this key."""
    return key in catalogue()


def text(lang: str, key: str, /, **values: object) -> str:
    """Return one message.

    Parameters
    ----------
    lang : {"zh", "en"}
    key : str
    **values
        For the placeholders of the message. What the operating system says of a file ("No such file or directory") is
        said in the message's language.

    Raises
    ------
    KeyError
        If the catalogue has no such key, not in that language, or a placeholder is given no value.
    """
    try:
        template = catalogue()[key][lang]
    except KeyError:
        msg = f"the message catalogue has no entry {key!r} in language {lang!r}"
        raise KeyError(msg) from None
    try:
        return template.format(**{name: _of_system(lang, value) for name, value in values.items()})
    except KeyError as missing:
        msg = f"message {key!r} needs a value for {missing}"
        raise KeyError(msg) from None


@cache
def _system_keys() -> dict[str, str]:
    return {os.strerror(getattr(errno, name)): f"common_system_{name.lower()}" for name in _SYSTEM}


def _of_system(lang: str, value: object) -> object:
    """A value, or the entry for it where it is one of the operating system's own sentences."""
    key = _system_keys().get(value) if isinstance(value, str) else None
    return value if key is None else catalogue()[key][lang]
