"""An empty template reads back as an empty pack: all that is wrong with it is that it is empty."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from dispatch.county.describe import describe_column
from dispatch.county.read import read_county
from dispatch.county.schema import SCHEMA
from dispatch.county.template import write_template
from dispatch.problems import InputProblems
from dispatch.scenario_text import REQUIRED as KEYS_NEEDED
from tests.county.pack import SETTINGS, assert_same_county, good, write_csv_pack

REQUIRED = {name for name, table in SCHEMA.items() if table.required}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_empty_template_says_what_to_fill_in(tmp_path: Path, lang: str, form: str) -> None:
    path = tmp_path / ("new.xlsx" if form == "xlsx" else "new")
    write_template(path, "沁水县", lang, form)
    with pytest.raises(InputProblems) as caught:
        read_county(path)
    found = {(problem.code, problem.severity) for problem in caught.value.problems}
    assert found == {("county_setting_missing", "error"), ("county_empty_table", "error")}
    empty = [dict(problem.detail)["en"] for problem in caught.value.problems if problem.code == "county_empty_table"]
    assert set(empty) == REQUIRED


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_workbook_template_filled_in_is_a_county(tmp_path: Path, lang: str) -> None:
    """A person types the good pack into the template, column by column."""
    path = tmp_path / "new.xlsx"
    write_template(path, "沁水县", lang, "xlsx")
    book = openpyxl.load_workbook(path)
    titles = {name: table.zh if lang == "zh" else name for name, table in SCHEMA.items()}
    in_chinese = {"代码": "140521", "英文名": "Qinshui", "来源": "hand-made for tests"}
    settings = book["县域" if lang == "zh" else "county"]
    for row in range(2, settings.max_row + 1):
        key = settings.cell(row, 1).value
        value = dict(SETTINGS).get(key) or in_chinese.get(key)
        if value:
            settings.cell(row, 2).value = value
    tables = good()
    del tables["contacts"]
    for name, (header, *rows) in tables.items():
        columns = [column.name for column in SCHEMA[name].columns]
        for i, row in enumerate(rows, 2):
            for column, cell in zip(header, row, strict=True):
                book[titles[name]].cell(i, columns.index(column) + 1).value = None if cell == "" else cell
    book.save(path)
    county, warnings = read_county(path)
    assert warnings == ()
    listed = county.table("scenario")
    assert set(KEYS_NEEDED) - {"county"} <= set(listed["key"]), "keys stand there to be filled in"
    assert (listed["value"] == "").all()
    county = replace(county, tables={**county.tables, "scenario": listed.iloc[:0]})
    assert_same_county(county, read_county(write_csv_pack(tmp_path / "same", tables))[0])


def test_every_column_is_explained_at_its_header(tmp_path: Path) -> None:
    write_template(tmp_path / "new.xlsx", "沁水县", "zh", "xlsx")
    book = openpyxl.load_workbook(tmp_path / "new.xlsx")
    assert book.sheetnames[0] == "说明"
    explained = [row[1].value for row in book["说明"].iter_rows() if row[1].value]
    for table in SCHEMA.values():
        if table.private:
            assert table.zh not in book.sheetnames
            continue
        for j, column in enumerate(table.columns, 1):
            cell = book[table.zh].cell(1, j)
            assert cell.comment.text.strip() == describe_column(table, column, "zh")
            assert cell.value in explained
    drop_downs = {str(v.sqref): v.formula1 for v in book["储备库"].data_validations.dataValidation}
    tier = chr(ord("A") + [column.name for column in SCHEMA["depots"].columns].index("tier"))
    assert drop_downs[f"{tier}2:{tier}3001"] == '"省级,市级,县级,乡镇级,村级"'


def test_the_readme_of_a_folder_lists_columns_units_and_choices(tmp_path: Path) -> None:
    write_template(tmp_path / "new", "Qinshui", "en", "csv")
    readme = (tmp_path / "new" / "README.md").read_text(encoding="utf-8")
    for table in SCHEMA.values():
        assert f"## {table.name}.csv" in readme
        for column in table.columns:
            assert f"| {column.name} | " in readme
    assert "| payload_kg | Required. A number in kg, at least 0." in readme
    assert "One of: physical, agreement, capacity." in readme
    assert "# IANA time zone" in (tmp_path / "new" / "county.toml").read_text(encoding="utf-8")


def test_templates_write_over_nothing_and_refuse_other_forms(tmp_path: Path) -> None:
    (tmp_path / "new.xlsx").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        write_template(tmp_path / "new.xlsx", "x", "zh", "xlsx")
    assert (tmp_path / "new.xlsx").read_bytes() == b"mine"
    with pytest.raises(ValueError, match="ods"):
        write_template(tmp_path / "a", "x", "zh", "ods")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_choices_fit_into_a_drop_down(tmp_path: Path, lang: str) -> None:
    """Excel takes lists of up to 255 characters; a longer one makes it call the workbook damaged."""
    for table in SCHEMA.values():
        for column in table.columns:
            words = (column.choices or {}).values() if lang == "zh" else (column.choices or {})
            assert len(",".join(words)) <= 255
    write_template(tmp_path / "t.xlsx", "x", lang, "xlsx")
    with zipfile.ZipFile(tmp_path / "t.xlsx") as archive:
        assert archive.testzip() is None


def test_whoever_fills_in_the_scenario_sheet_finds_the_keys_it_cannot_do_without() -> None:
    """They once were five of many, and a required one was said only when a run failed."""
    for lang in ("zh", "en"):
        said = describe_column(SCHEMA["scenario"], SCHEMA["scenario"].column("key"), lang)
        assert [key for key in KEYS_NEEDED if key != "county" and key not in said] == []
