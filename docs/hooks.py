"""Pages that the documentation makes from the code, so that they cannot go stale, and pictures that the code draws.

MkDocs calls :func:`on_files`; ``mkdocs build`` works offline. Pictures are drawn into ``out/docs_pictures``, and drawn
anew when the code that draws them has changed.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dispatch.county.schema import SCHEMA  # noqa: E402
from dispatch.documents.messages import has, text  # noqa: E402
from dispatch.norms import NORMS, read_norm  # noqa: E402
from dispatch.planning.plan_rows import PLAN_TABLES  # noqa: E402
from dispatch.scenario_text import KEYS  # noqa: E402
from dispatch.simulation.log import EVENTS, LOG_COLUMNS, LOG_VERSION  # noqa: E402

LANGUAGES = ("zh", "en")
WORDS = tomllib.loads((Path(__file__).with_name("words.toml")).read_text(encoding="utf-8"))


def table(header: list[str], rows: Iterator[list[Any]] | list[list[Any]]) -> str:
    """A Markdown table; bars inside cells are escaped."""
    cells = [[str(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    lines = ["| " + " | ".join(row) + " |" for row in [header, ["---"] * len(header), *cells]]
    return "\n".join(lines) + "\n"


def county_page(lang: str) -> str:
    """All tables of ``SCHEMA``."""
    words = WORDS[lang]
    parts = [f"# {words['county']}\n\n{words['county_intro']}\n"]
    for name, schema in SCHEMA.items():
        parts.append(f"## {schema.zh} `{name}`\n\n{words['key']}: {', '.join(f'`{k}`' for k in schema.key)}\n")
        rows = []
        for column in schema.columns:
            values = "; ".join(f"{k} {v}" for k, v in (column.choices or {}).items()) or ", ".join(column.refers)
            mark = " *" if column.required else ""
            rows.append([f"`{column.name}`{mark}", column.zh, column.kind, column.unit, values])
        header = [words[key] for key in ("column", "header", "kind", "unit", "values")]
        parts.append(table(header, rows))
    return "\n".join(parts)


def scenario_page(lang: str) -> str:
    """All keys of a scenario with their meaning, and the figures of its sections."""
    from dispatch.scenario_text import REQUIRED

    words = WORDS[lang]
    parts = [f"# {words['scenario']}\n\n{words['scenario_intro']}\n"]
    rows, figures = [], []
    for key, kind in KEYS.items():
        message = f"scenario_key_{key.replace('.', '_')}"
        section, _, name = key.partition(".")
        if has(message):
            rows.append([f"`{key}`" + (" *" if key in REQUIRED else ""), kind, text(lang, message)])
        elif name == "enabled":
            rows.append([f"`{key}`", kind, text(lang, f"scenario_section_{section}")])
        else:
            figures.append((section, name, kind))
    parts.append(table([words["key"], words["type"], words["meaning"]], rows))
    parts.append(f"## {words['figures']}\n")
    default = {}
    for row in read_norm("response"):
        default.setdefault((row["section"], row["figure"]), row)
    found = []
    for section, name, _ in figures:
        row = default.get((section, name))
        if row is None:
            found.append([f"`{section}.{name}`", "", "", ""])
            continue
        value = " / ".join(dict.fromkeys(str(row[k]) for k in ("low", "mode", "high")))
        found.append([f"`{section}.{name}`", value, row["unit"], row["source"]])
    parts.append(table([words["key"], words["default"], words["unit"], words["source"]], found))
    return "\n".join(parts)


def plan_page(lang: str) -> str:
    """All tables of a plan."""
    words = WORDS[lang]
    parts = [f"# {words['plan']}\n\n{words['plan_intro']}\n"]
    for name, columns in PLAN_TABLES.items():
        rows = [
            [f"`{c}`", text(lang, f"plan_col_{c}") if has(f"plan_col_{c}") else "", kind] for c, kind in columns.items()
        ]
        parts.append(f"## `{name}`\n\n" + table([words["column"], words["meaning"], words["type"]], rows))
    return "\n".join(parts)


def log_page(lang: str) -> str:
    """Columns and the closed vocabulary of the event log."""
    words = WORDS[lang]
    columns = [[f"`{name}`", kind] for name, kind in LOG_COLUMNS.items()]
    events = [[f"`{name}`", *names] for name, names in EVENTS.items()]
    return "\n".join([
        f"# {words['log']}\n\n{words['log_intro'].format(version=LOG_VERSION)}\n",
        table([words["column"], words["type"]], columns),
        f"## {words['event']}\n",
        table([words["event"], "中文", "English"], events),
    ])  # fmt: skip


def norms_page(lang: str) -> str:
    """All norms, whole."""
    words = WORDS[lang]
    parts = [f"# {words['norms']}\n\n{words['norms_intro']}\n"]
    for name in NORMS:
        rows = read_norm(name)
        if rows:
            header = list(rows[0])
            parts.append(f"## `{name}`\n\n" + table(header, [[row[column] for column in header] for row in rows]))
    return "\n".join(parts)


PAGES = {"county": county_page, "scenario": scenario_page, "plan": plan_page, "log": log_page, "norms": norms_page}


def on_files(files: Any, config: Any) -> Any:
    """Add the generated pages and pictures to the site."""
    from mkdocs.structure.files import File

    sys.path.insert(0, str(Path(__file__).parent))
    from commands import commands_page
    from pictures import pictures

    for lang in LANGUAGES:
        files.append(File.generated(config, f"{lang}/reference/commands.md", content=commands_page(lang)))
        for name, page in PAGES.items():
            files.append(File.generated(config, f"{lang}/reference/{name}.md", content=page(lang)))
    for path in pictures(ROOT / "out" / "docs_pictures"):
        files.append(File.generated(config, f"pictures/{path.name}", abs_src_path=str(path)))
    return files
