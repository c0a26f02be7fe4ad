"""Pieces of HTML: everything that is not markup of this package is escaped."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

__all__ = ["definition_list", "embedded_json", "escape", "items", "paragraph", "section", "table", "tall"]

_TABLE_REM, _ROW_REM = 38.0, 2.0  # a long table scrolls in a box of this height (page.css); height of a row
_SENTENCE = 40  # characters from which a cell is one


def paragraph(words: str, css: str = "") -> str:
    """One paragraph of plain text."""
    return f"<p{_class(css)}>{escape(words)}</p>"


def items(lines: Iterable[str], css: str = "") -> str:
    """A list of plain lines."""
    return f"<ul{_class(css)}>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def definition_list(pairs: Iterable[tuple[str, str]]) -> str:
    """Names and what they stand for."""
    return f"<dl>{''.join(f'<dt>{escape(name)}</dt><dd>{escape(words)}</dd>' for name, words in pairs)}</dl>"


def section(name: str, title: str, *parts: str) -> str:
    """A part of the page with its heading."""
    inside = "\n".join(part for part in parts if part)
    heading = f'<h2 id="{name}-title">{escape(title)}</h2>'
    return f'<section id="{name}" aria-labelledby="{name}-title">\n{heading}\n{inside}\n</section>'


def table(
    caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[int] = (), css: str = ""
) -> str:
    """A table of plain text; ``numbers`` are the columns set flush right, the first column heads its row."""
    head = "".join(
        f'<th{_class("n" if k in numbers else "")} scope="col">{escape(word)}</th>' for k, word in enumerate(heads)
    )
    body = []
    for row in rows:
        cells = [f'<th scope="row"{_class("n" if 0 in numbers else "")}>{escape(row[0])}</th>']
        cells += [f"<td{_class(_kind(cell, k in numbers))}>{escape(cell)}</td>" for k, cell in enumerate(row[1:], 1)]
        body.append(f"<tr>{''.join(cells)}</tr>")
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    lines = "\n".join(body)
    inside = f"<table{_class(css)}>{title}<thead><tr>{head}</tr></thead>\n<tbody>{lines}</tbody></table>"
    height = min(_TABLE_REM, _ROW_REM * (len(body) + 1))
    return f'<div class="scroll" tabindex="0" style="{tall(height)}">{inside}</div>'


def _kind(cell: str, number: bool) -> str:
    """CSS class of a cell: numbers flush right, sentences with room even where the window is narrow."""
    return "n" if number else "long" if len(cell) > _SENTENCE else ""


def tall(rem: float) -> str:
    """Style that tells how tall a part will be before it is drawn."""
    return f"contain-intrinsic-height: auto {rem:.0f}rem"


def embedded_json(value: Any) -> str:
    """JSON that can stand inside ``<script>``: nothing in it can close the element or open a comment."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, sort_keys=True)
    for letter in "<>&\u2028\u2029":
        written = written.replace(letter, f"\\u{ord(letter):04x}")
    return written


def _class(css: str) -> str:
    return f' class="{css}"' if css else ""
