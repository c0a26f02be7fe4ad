"""Every problem that the code can name has its words, in both languages, with the same values in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import dispatch.county
from dispatch.county.schema import SCHEMA
from dispatch.county.settings import KEYS
from dispatch.documents.messages import catalogue, has

ROOM = Path(dispatch.county.__file__).parent
CODES = sorted(
    set().union(*(re.findall(r'"(county_[a-z_0-9]+)"', file.read_text(encoding="utf-8")) for file in ROOM.glob("*.py")))
    - {"county_from_osm"}
)


@pytest.mark.parametrize("code", CODES)
def test_every_code_in_the_room_is_in_the_catalogue(code: str) -> None:
    assert has(code)


def test_the_catalogue_holds_nothing_that_nobody_says() -> None:
    made = {f"county_table_{name}" for name in SCHEMA} | {f"county_about_setting_{key}" for key in KEYS}
    made |= {f"county_kind_{c.kind}" for table in SCHEMA.values() for c in table.columns}
    made |= {f"county_about_{table.name}_{c.name}" for table in SCHEMA.values() for c in table.columns}
    made |= {f"county_about_{c.name}" for table in SCHEMA.values() for c in table.columns}
    own = {key for key in catalogue() if key.startswith("county_")}
    assert own - made - set(CODES) == set()
    assert {key for key in made if not key.startswith("county_about_")} <= own


def test_both_languages_use_the_same_values() -> None:
    for key, entry in catalogue().items():
        if key.startswith("county_"):
            zh, en = (set(re.findall(r"{(\w+)", entry[lang])) for lang in ("zh", "en"))
            assert {re.sub("_?(zh|en)$", "", name) for name in zh} == {re.sub("_?(zh|en)$", "", name) for name in en}
