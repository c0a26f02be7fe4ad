"""The language of everything printed: ``--lang``, else ``DISPATCH_LANG``, else the system's, else Chinese."""

from __future__ import annotations

import os
import sys

from dispatch.documents.messages import text

__all__ = ["LANGUAGES", "say", "system_language"]

LANGUAGES = ("zh", "en")


def system_language() -> str:
    """Language for help texts and as the default of ``--lang``; help is printed before options are parsed."""
    words = sys.argv[1:]
    for word, following in zip(words, [*words[1:], ""], strict=False):
        if word == "--lang" and following in LANGUAGES:
            return following
        if word.startswith("--lang=") and word[7:] in LANGUAGES:
            return word[7:]
    chosen = os.environ.get("DISPATCH_LANG", "")
    if chosen in LANGUAGES:
        return chosen
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(variable):
            return "en" if os.environ[variable].lower().startswith("en") else "zh"
    return "zh"


def say(key: str, **values: object) -> str:
    """Message in the system's language, for help texts."""
    return text(system_language(), key, **values)
