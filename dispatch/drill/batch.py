"""A pack for every township and village of a county, all from one ensemble of nights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from dispatch.county.county import County
from dispatch.documents.workbook import Column, Sheet, write_workbook
from dispatch.drill.model import Drill
from dispatch.drill.place_papers import file_word, write_place_pack
from dispatch.drill.say import Say
from dispatch.drill.village import CountyBasis, make_place_drill

__all__ = ["drill_places", "write_batch"]


def drill_places(county: County) -> list[str]:
    """Townships and villages, each township before its villages."""
    places = county.table("places")
    townships = places.loc[places["kind"] == "township", "place"].tolist()
    villages = places[places["kind"] == "village"]
    known = set(townships)
    found = [place for town in townships for place in (town, *villages.loc[villages["parent"] == town, "place"])]
    others: list[str] = villages.loc[~villages["parent"].isin(known), "place"].tolist()
    return found + others


def write_batch(
    basis: CountyBasis,
    places: Sequence[str],
    out: Path,
    *,
    lang: str,
    seed: int,
    four_plans: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> list[Drill]:
    """Write ``TOWNSHIP/CODE_NAME/`` for each place, and ``index.xlsx``.

    Parameters
    ----------
    basis : CountyBasis
    places : sequence of str
    out : Path
    lang : {"zh", "en"}
    seed : int
    four_plans : bool
        Also the duty system and four plans (一制四案).
    progress : callable (done, of), optional

    Returns
    -------
    list of Drill
        In the order of ``places``.
    """
    out.mkdir(parents=True, exist_ok=True)
    county = basis.scenario.county
    parents = dict(zip(county.table("places")["place"], county.table("places")["parent"], strict=True))
    kinds = dict(zip(county.table("places")["place"], county.table("places")["kind"], strict=True))
    drills, rows = [], []
    for k, place in enumerate(places, 1):
        drill = make_place_drill(basis, place, seed)
        town = place if kinds[place] == "township" else parents[place]
        folder = Path(f"{town}_{file_word(basis.facts.name(town))}") / f"{place}_{file_word(drill.place_name)}"
        write_place_pack(drill, out / folder, lang=lang, four_plans=four_plans)
        drills.append(drill)
        rows.append((drill, folder))
        if progress is not None:
            progress(k, len(places))
    if rows:
        _write_index(rows, out / "index.xlsx", lang)
    return drills


def _write_index(rows: list[tuple[Drill, Path]], path: Path, lang: str) -> None:
    say = Say(rows[0][0], lang)
    labels = list(dict.fromkeys(label(lang) for drill, _ in rows for label, _ in drill.facts))
    table = []
    for drill, folder in rows:
        facts = {label(lang): value(lang) for label, value in drill.facts}
        table.append((drill.place, drill.place_name(lang), say(f"level_{drill.level}"), len(drill.injects),
                      *(facts.get(label, "") for label in labels), folder.as_posix()))  # fmt: skip
    names = ["place", "name", "level", "injects", *(f"fact{k}" for k in range(len(labels))), "folder"]
    titles = [say("c_number"), say("c_place"), say("f_level"), say("s_injects"), *labels, say("papers_folder")]
    columns = tuple(
        Column(name, title, "id" if name == "place" else "exact" if name == "injects" else "text", 40)
        for name, title in zip(names, titles, strict=True)
    )
    frame = pd.DataFrame(table, columns=names, dtype=object)
    title = say("index_title", county=rows[0][0].county_name(lang), count=len(rows))
    sheet = Sheet(say("index"), title, columns, frame, (say("footer"),), printed=len(names) - 1)
    write_workbook(path, [sheet], title=title, created=rows[0][0].clock(0), footer=say("footer"))
