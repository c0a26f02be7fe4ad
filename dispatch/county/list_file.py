"""A list in a file of its own: rows of a CSV file or a workbook's first sheet, by the header naming most columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from dispatch.county.csv_file import read_csv
from dispatch.county.files import WORKBOOKS, read_bytes, workbook_grids
from dispatch.county.grid import Grid
from dispatch.county.problem_text import found
from dispatch.county.reading import clean_text
from dispatch.county.table import Column
from dispatch.problems import Problem

__all__ = ["list_rows"]

_HEADER_ROWS = 10


def list_rows(path: Path, columns: Sequence[Column], problems: list[Problem]
              ) -> Iterator[tuple[int, dict[str, object]]]:  # fmt: skip
    """Rows below the header, which is the row among the first ones that names most columns.

    Parameters
    ----------
    path : Path
        A CSV file or a workbook.
    columns : sequence of Column
        Known by their names in either language.
    problems : list of Problem
        Extended with what is wrong.

    Yields
    ------
    (row number, cells by header)
    """
    headers = {name.casefold() for column in columns for name in (column.name, column.zh, *column.zh_also)}

    def known(cells: Sequence[object]) -> int:
        return sum(clean_text(str(cell)).casefold() in headers for cell in cells)

    if path.suffix.lower() in WORKBOOKS:
        grids, _, wrong = workbook_grids(path, lambda titles: titles[:1])
        problems += wrong
        grid: Grid | None = next(iter(grids.values()), None)
    else:
        content, wrong = read_bytes(path)
        problems += wrong
        grid = None
        if content is not None:
            grid, wrong = read_csv(content, path.name, path.stem, lambda rows: max(map(known, rows), default=0))
            problems += wrong
    if grid is None:
        return
    heads = grid.rows[:_HEADER_ROWS]
    scores = [known(cells) for _, cells in heads]
    if not any(scores):
        problems.append(found("hazards_no_header", path.name, columns=", ".join(column.name for column in columns)))
        return
    at = scores.index(max(scores))
    header = [clean_text(str(cell)) if cell is not None else "" for cell in heads[at][1]]
    for number, cells in grid.rows[at + 1 :]:
        yield number, {name: cell for name, cell in zip(header, cells, strict=False) if name}
