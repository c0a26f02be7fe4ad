"""Words of the command line's library (click) in Chinese: a compiled catalogue, as gettext reads it.

click asks gettext for its words at the moment it prints them. ``python -m dispatch.documents.click_words`` writes the
catalogue beside this file from ``messages/click.toml``; a test says when that was forgotten.
"""

from __future__ import annotations

import gettext
import os
import struct
import tomllib
from collections.abc import Mapping
from pathlib import Path

__all__ = ["CATALOGUE", "compiled", "speak", "words"]

_FOLDER = Path(__file__).parent / "locale"
CATALOGUE = _FOLDER / "zh" / "LC_MESSAGES" / "relief_dispatch.mo"
_MAGIC = 0x950412DE


def words() -> dict[str, str]:
    """Chinese by click's own English."""
    table = tomllib.loads((Path(__file__).parent / "messages" / "click.toml").read_text(encoding="utf-8"))
    return {row["en"]: row["zh"] for row in table.values()}


def compiled(found: Mapping[str, str]) -> bytes:
    """Catalogue in the format of GNU gettext (its manual, "The Format of GNU MO Files"), without a hash table."""
    rows = sorted({"": "Content-Type: text/plain; charset=UTF-8\n", **found}.items())
    texts = [[text.encode() for text in column] for column in zip(*rows, strict=True)]
    header = 28
    start = header + 16 * len(rows)
    tables, body = b"", b""
    for column in texts:
        for text in column:
            tables += struct.pack("<II", len(text), start + len(body))
            body += text + b"\0"
    return struct.pack("<7I", _MAGIC, 0, len(rows), header, header + 8 * len(rows), 0, start) + tables + body


def speak(lang: str) -> None:
    """Let the command line's library speak a language in this process."""
    os.environ["LANGUAGE"] = lang
    gettext.bindtextdomain("relief_dispatch", str(_FOLDER))
    gettext.textdomain("relief_dispatch")


if __name__ == "__main__":
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    CATALOGUE.write_bytes(compiled(words()))
