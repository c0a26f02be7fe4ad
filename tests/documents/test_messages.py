"""The catalogue is complete: a user never meets a missing word, a stray placeholder or the wrong language."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from dispatch.documents import messages
from dispatch.documents.messages import LANGUAGES, catalogue, has, text

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "dispatch" / "documents" / "messages").glob("*.toml"))


def _placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def _values(template: str) -> frozenset[str]:
    """What a template shows; ``{names_zh}`` and ``{names_en}`` are one value in its two languages."""
    return frozenset(re.sub(r"(^|_)(zh|en)$", "", name) for name in _placeholders(template))


def _calls() -> list[tuple[str, str]]:
    """(where, key) of every call ``text(lang, "key", …)`` in the package with a literal key."""
    found: list[tuple[str, str]] = []
    for folder in ("dispatch", "scenarios"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call) or len(node.args) < 2:
                    continue
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                key = node.args[1]
                if name == "text" and isinstance(key, ast.Constant) and isinstance(key.value, str):
                    found.append((f"{path.relative_to(ROOT)}:{node.lineno}", key.value))
    return found


def test_keys_are_unique_across_files() -> None:
    """Two rooms with one key would show each other's words."""
    counts = Counter(key for file in FILES for key in tomllib.loads(file.read_text(encoding="utf-8")))
    assert [key for key, n in counts.items() if n > 1] == []
    assert set(counts) == set(catalogue())


def test_every_entry_has_both_languages_and_nothing_else() -> None:
    assert {key for key, entry in catalogue().items() if set(entry) != set(LANGUAGES)} == set()
    assert {key for key, entry in catalogue().items() for words in entry.values() if not words.strip()} == set()


def test_placeholders_are_the_same_in_both_languages() -> None:
    """A value given for one language must be shown in the other as well."""
    differing = {
        key: [sorted(_placeholders(entry[lang])) for lang in LANGUAGES]
        for key, entry in catalogue().items()
        if len({_values(entry[lang]) for lang in LANGUAGES}) > 1
    }
    assert differing == {}


def test_placeholders_are_named() -> None:
    """``{}`` and ``{0}`` would need positional values, which ``text`` does not take."""
    bad = {key for key, entry in catalogue().items() for words in entry.values()
           if any(not name.isidentifier() for name in _placeholders(words))}  # fmt: skip
    assert bad == set()


def test_every_key_used_in_the_code_exists() -> None:
    assert [f"{where}: {key}" for where, key in _calls() if not has(key)] == []


def test_a_message_in_two_languages() -> None:
    assert text("zh", "common_yes") == "是"
    assert text("en", "common_yes") == "yes"
    assert text("en", "common_file_not_found", path="a.toml") == "no such file: a.toml"


@pytest.mark.parametrize(("lang", "key"), [("zh", "no_such_key_at_all"), ("fr", "common_yes")])
def test_unknown_key_or_language_is_named(lang: str, key: str) -> None:
    with pytest.raises(KeyError, match=f"{key}.*{lang}"):
        text(lang, key)


def test_missing_value_is_named() -> None:
    with pytest.raises(KeyError, match=r"common_file_not_found.*path"):
        text("zh", "common_file_not_found")


def test_a_duplicate_key_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loader itself refuses, so that no entry silently replaces another."""
    (tmp_path / "messages").mkdir()
    for name in "ab":
        (tmp_path / "messages" / f"{name}.toml").write_text('[x_y]\nzh = "一"\nen = "one"\n', encoding="utf-8")
    monkeypatch.setattr(messages, "files", lambda _: tmp_path)
    with pytest.raises(ValueError, match=r"x_y.*a\.toml.*b\.toml"):
        catalogue.__wrapped__()


def test_what_the_system_says_of_a_file_is_said_in_the_readers_language(tmp_path: Path) -> None:
    """The system's own words are English; a Chinese message must not hold them."""
    with pytest.raises(OSError, match="nowhere") as missing:
        (tmp_path / "nowhere").open()
    assert text("zh", "drill_unreadable", reason=missing.value.strerror) == (
        f"可读取的演练文件 drill.json（{text('zh', 'common_system_enoent')}）"
    )
