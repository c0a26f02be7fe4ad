"""A drill's papers, opened with libraries other than those that wrote them."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import xml.etree.ElementTree as ET
import zipfile
from datetime import datetime

import openpyxl
import pytest

from dispatch.documents.fonts import chinese_font
from dispatch.drill.books import write_form
from dispatch.drill.make import DrillWish
from dispatch.drill.papers import WORD_PAPERS, write_papers
from dispatch.drill.points import score
from dispatch.drill.say import Say
from tests.drill import worlds

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module")
def drill():
    return worlds.drill(DrillWish(three_cuts=True, percentile=0.9))


@pytest.fixture(scope="module", params=["zh", "en"])
def written(request, drill, tmp_path_factory):
    if request.param == "zh":
        return request.getfixturevalue("chinese")
    return _papers(drill, "en", tmp_path_factory)


@pytest.fixture(scope="module")
def chinese(drill, tmp_path_factory):
    return _papers(drill, "zh", tmp_path_factory)


def _papers(drill, lang, tmp_path_factory):
    world, plan, _ = worlds.played(True, True)
    out = tmp_path_factory.mktemp(lang)
    return lang, out, write_papers(drill, world, plan, out, lang=lang)


def words_of(path):
    """Text of a Word document, by the XML itself."""
    with zipfile.ZipFile(path) as file:
        root = ET.fromstring(file.read("word/document.xml"))
    return "\n".join("".join(t.text or "" for t in p.iter(f"{WORD}t")) for p in root.iter(f"{WORD}p"))


def test_all_papers_are_there(written):
    _, out, paths = written
    assert len([path for path in paths if path.suffix == ".docx"]) == len(WORD_PAPERS)
    assert {"drill.json", "drill.gpkg", "drill.ics"} <= {path.name for path in paths}
    assert all(path.exists() and path.stat().st_size > 0 for path in paths)
    assert sorted(paths) == sorted(out.iterdir())


def test_script_holds_every_inject_and_action_and_narration_too(written, drill):
    lang, out, _ = written
    for number in ("03", "04"):
        text = words_of(next(out.glob(f"{number}_*.docx")))
        for inject in drill.injects:
            assert inject.text(lang) in text
    script = words_of(next(out.glob("03_*.docx")))
    for action in drill.actions:
        assert action.text(lang) in script


def test_no_paper_has_an_unfilled_placeholder_or_claims_conformity(written):
    lang, out, _ = written
    for path in out.glob("*.docx"):
        text = words_of(path)
        assert not re.search(r"\{\w*\}", text)
        assert "drill_" not in text
        if "GB/T" in text:
            assert ("不声明符合" if lang == "zh" else "no conformity") in text


def test_one_card_a_role_with_something_to_do(written, drill):
    lang, out, _ = written
    text = words_of(next(out.glob("06_*.docx")))
    say = Say(drill, lang)
    active = {action.role for action in drill.actions}
    for role in active:
        assert say("card_title", role=say.role(role)) in text
    assert text.count(say("card_stop")) == len(active)


def test_plan_says_who_takes_part_and_safety_has_a_stop_rule(written, drill):
    lang, out, _ = written
    plan, safety = (words_of(next(out.glob(f"{number}_*.docx"))) for number in ("01", "07"))
    say = Say(drill, lang)
    assert say("stop_word") in plan
    assert say("stop_word") in safety
    assert ("队伍类型3种" if lang == "zh" else "3 types of team") in plan


def test_workbook_lists_every_inject(written, drill):
    lang, out, _ = written
    book = openpyxl.load_workbook(next(out.glob("10_*.xlsx")))
    assert len(book.sheetnames) == 5
    rows = [row for row in book.worksheets[0].iter_rows(values_only=True) if isinstance(row[0], int)]
    assert [row[0] for row in rows] == [inject.number for inject in drill.injects]
    assert [row[7] for row in rows] == [inject.text(lang) for inject in drill.injects]


def test_calendar_and_geopackage_hold_the_injects(written, drill):
    _, out, _ = written
    calendar = (out / "drill.ics").read_text(encoding="utf-8")
    assert calendar.count("BEGIN:VEVENT") == len(drill.injects) + len(drill.timetable)
    starts = re.findall(r"DTSTART:(\d{8}T\d{6}Z)", calendar)
    first = datetime.strptime(starts[len(drill.timetable)], "%Y%m%dT%H%M%SZ")
    assert (drill.clock(drill.start_ms).replace(tzinfo=None) - first).total_seconds() == pytest.approx(8 * 3600, abs=60)
    with sqlite3.connect(out / "drill.gpkg") as base:
        assert base.execute("SELECT count(*) FROM injects").fetchone()[0] == sum(i.located for i in drill.injects)
        (style,) = base.execute("SELECT styleQML FROM layer_styles WHERE f_table_name = 'injects'").fetchone()
        assert ET.fromstring(style).find(".//layer").get("class") == "SimpleMarker"


def test_equal_drills_give_equal_papers(chinese, drill, tmp_path_factory):
    again = _papers(drill, "zh", tmp_path_factory)[2]
    for first, second in zip(chinese[2], again, strict=True):
        if first.suffix != ".gpkg":  # a database file's pages are not promised
            assert first.read_bytes() == second.read_bytes(), first.name


def test_form_adds_up_when_filled(drill, tmp_path):
    """Formulas evaluated by LibreOffice give the score that the code gives."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    path = write_form(Say(drill, "en"), tmp_path / "form.xlsx")
    book = openpyxl.load_workbook(path)
    sheet, taken = book.active, {}
    for k, row in enumerate(row for row in sheet.iter_rows(min_row=4) if str(row[0].value or "").startswith("A")):
        minutes = round(row[4].value * (0.5 + 0.25 * (k % 6)), 3)
        if k % 5:
            row[7].value, taken[row[0].value] = minutes, minutes * 60
    book.save(path)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    subprocess.run([office, profile, "--headless", "--convert-to", "csv", "--outdir", tmp_path, path], check=True,
                   capture_output=True, timeout=120)  # fmt: skip
    last = (tmp_path / "form.csv").read_text(encoding="utf-8").strip().splitlines()[-1].split(",")
    assert float(last[6]) == pytest.approx(100, abs=0.01)
    assert float(last[8]) == pytest.approx(score(drill, taken), abs=0.01)


def test_map_is_drawn_where_fonts_are(written):
    lang, out, _ = written
    if lang == "zh" and chinese_font() is None:
        pytest.skip("no CJK font")
    picture = next(out.glob("*.png"))
    assert picture.with_suffix(".pdf").read_bytes().startswith(b"%PDF")
