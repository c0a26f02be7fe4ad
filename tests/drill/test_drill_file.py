"""A drill's JSON: round trip, the published schema, faults said."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from dispatch.drill.drill_file import drill_schema, read_drill, write_drill
from dispatch.drill.make import DrillWish
from dispatch.problems import InputProblems
from tests.drill import worlds

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "schema" / "drill.schema.json"


@pytest.fixture(scope="module")
def drill():
    return worlds.drill(DrillWish(three_cuts=True, difficulty="hard"))


def test_round_trip_and_equal_bytes(drill, tmp_path):
    path = write_drill(drill, tmp_path / "drill.json")
    assert read_drill(path) == drill
    assert write_drill(read_drill(path), tmp_path / "again.json").read_bytes() == path.read_bytes()


def test_published_schema_is_that_of_the_code():
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == drill_schema()


def test_file_fits_its_schema_and_a_changed_one_does_not(drill, tmp_path):
    content = json.loads(write_drill(drill, tmp_path / "drill.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(drill_schema())
    assert validator.is_valid(content)
    content["injects"][0]["type"] = "surprise"
    assert not validator.is_valid(content)


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        (lambda c: c["injects"][0].update(type="surprise"), "drill_field", "injects[0]/type"),
        (lambda c: c["actions"][1]["standard"].update(p50_s="soon"), "drill_field", "actions[1]/standard/p50_s"),
        (lambda c: c["roles"][0].pop("unit"), "drill_field", "roles[0]"),
        (lambda c: c.update(version=99), "drill_version", "version"),
        (lambda c: c.update(format="plan"), "drill_not_a_drill", ""),
    ],
)
def test_faults_name_their_place(drill, tmp_path, change, code, where):
    path = write_drill(drill, tmp_path / "drill.json")
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputProblems) as raised:
        read_drill(path)
    assert [(problem.code, problem.column) for problem in raised.value.problems] == [(code, where)]


def test_no_json_and_no_file(tmp_path):
    (tmp_path / "x.json").write_text("{", encoding="utf-8")
    for name, code in (("x.json", "drill_not_json"), ("y.json", "drill_unreadable")):
        with pytest.raises(InputProblems) as raised:
            read_drill(tmp_path / name)
        assert raised.value.problems[0].code == code
