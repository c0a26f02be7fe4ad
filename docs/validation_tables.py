"""Tables of the validation and benchmark pages: numbers of ``validation.json``, of the tests and of the benchmarks.

``python docs/validation_tables.py`` writes them between the marks ``<!-- topic -->`` and ``<!-- /topic -->`` of both
languages; a test says when that has to be done again.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

__all__ = ["BENCHMARKS", "CASES", "filled", "filled_rivals", "rivals_of", "table_of"]

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
CASES: dict[str, Any] = tomllib.loads((DOCS / "validation.toml").read_text(encoding="utf-8"))
BENCHMARKS: dict[str, Any] = tomllib.loads((DOCS / "benchmarks.toml").read_text(encoding="utf-8"))
EXACT = 1e-12
SMALL = 1e-5
WHOLE = 1e15


def filled(page: str, lang: str) -> str:
    """A validation page with the table of every topic between its marks; what stood there goes."""
    for topic in CASES["topic"]:
        page = _between(page, topic["name"], table_of(topic, lang))
    return page


def filled_rivals(page: str, lang: str) -> str:
    """The overview of the benchmarks with its table."""
    return _between(page, "rivals", rivals_of(lang))


def _between(page: str, name: str, table: str) -> str:
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    if page.count(start) != 1 or page.count(end) != 1:
        raise ValueError(f"the page needs the marks of {name} once")
    before, _, rest = page.partition(start)
    return f"{before}{start}\n{table}\n{end}{rest.partition(end)[2]}"


def rivals_of(lang: str) -> str:
    """One row for each floor."""
    verdict = CASES["head"][lang]
    rows = [BENCHMARKS["head"][lang], ["---", "---", "---:", "---:", "---", "---"]]
    for row in BENCHMARKS["row"]:
        what, beside, floor = row[lang]
        name = Path(row["page"]).stem
        result = verdict["reached" if row["good"] else "short"]
        rows.append([what, beside, floor, _quoted(row), result, f"[{name}](../benchmarks/{name}.md)"])
    return "\n" + "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"


def table_of(topic: dict[str, Any], lang: str) -> str:
    """One topic: a row per case, and where it is shown."""
    words = CASES["head"][lang]
    columns = ("case", "measure", "published", "ours", "distance", "verdict")
    rows = [[words[column] for column in columns], ["---", "---", "---:", "---:", "---:", "---"]]
    rows += [_computed(row, lang) for row in _recorded() if row["case"].startswith(f"{topic['name']}: ")]
    rows += [_page_row(row, lang) for row in topic.get("row", [])]
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    shown = ", ".join(f"`{path}`" for path in topic["shown"])
    return f"\n{table}\n\n{words['shown']} {shown}\n"


def _recorded() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((DOCS / "validation.json").read_text(encoding="utf-8"))
    return found


def _computed(row: dict[str, Any], lang: str) -> list[str]:
    """A row of the benchmark."""
    case = row["case"].partition(": ")[2]
    if lang == "zh":
        for english, chinese in CASES["words"].items():
            case = case.replace(english, chinese)
    unit = f", {row['unit']}" if row["unit"] else ""
    distance = "" if row["reference"] == 0 else _distance(row["gap"])
    return [case, _measure(row["measure"], lang) + unit, _number(row["reference"]), _number(row["ours"]), distance,
            _verdict(row, lang)]  # fmt: skip


def _page_row(row: dict[str, Any], lang: str) -> list[str]:
    """A row whose number stands in a test or on a benchmark page."""
    words = CASES["head"][lang]
    verdict = words["reached" if row["good"] else "short"]
    return [row[lang], _measure(row["measure"], lang), row["published"], _quoted(row), "", verdict]


def _quoted(row: dict[str, Any]) -> str:
    """Our number as it stands there.

    Raises
    ------
    ValueError
        If it does not stand there any more.
    """
    match = re.search(row["find"], (ROOT / row["page"]).read_text(encoding="utf-8"))
    if match is None:
        raise ValueError(f"{row['page']} does not hold {row['find']}: correct the row in docs/*.toml")
    quoted: str = row["ours"].format(*(group.strip() for group in match.groups()))
    return quoted


def _measure(name: str, lang: str) -> str:
    return CASES["measures"][name] if lang == "zh" else name


def _verdict(row: dict[str, Any], lang: str) -> str:
    words = CASES["head"][lang]
    limit = row["note"]
    if limit.startswith("±"):
        return words["interval" if row["agrees"] else "outside"].format(limit=limit)
    if row["gap"] <= EXACT or _printed(row["ours"], row["reference"]):
        return words["equal"]
    number, _, absolute = limit.partition(" ")
    shown = number if absolute else f"{100 * float(number):g} %"
    return words["within" if row["agrees"] else "missed"].format(limit=shown)


def _printed(ours: float, published: float) -> bool:
    """Whether ours, rounded as the published value is printed, is that value."""
    decimals = len(repr(published).partition(".")[2]) if "e" not in repr(published) else 0
    return decimals > 1 and round(ours, decimals) == published


def _number(value: float) -> str:
    """Whole numbers in full, others with six figures."""
    if value == round(value) and abs(value) < WHOLE:
        return f"{value:,.0f}"
    return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.2f}"


def _distance(gap: float) -> str:
    return "0" if gap <= EXACT else "< 0.001 %" if gap < SMALL else f"{100 * gap:.2g} %"


if __name__ == "__main__":
    for language in ("zh", "en"):
        for file, fill in (("validation.md", filled), ("benchmarks.md", filled_rivals)):
            path = DOCS / language / file
            path.write_text(fill(path.read_text(encoding="utf-8"), language), encoding="utf-8", newline="\n")
