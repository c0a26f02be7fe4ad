"""The published schemas: as written by the code, obeyed by every bundled scenario and by real indicators."""

from __future__ import annotations

import copy
import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from dispatch.report.schemas import KINDS, indicators_schema, scenario_schema
from dispatch.scenario_file import bundled_scenarios
from dispatch.scenario_text import KEYS
from dispatch.simulation.summary import indicators_json

PUBLISHED = Path(__file__).resolve().parents[2] / "docs" / "schema"
AGAIN = (
    "python -c \"from pathlib import Path; from dispatch.report.schemas import *; write_schemas(Path('docs/schema'))\""
)


@pytest.mark.parametrize(("name", "schema"), [("scenario", scenario_schema), ("indicators", indicators_schema)])
def test_the_published_schema_is_the_codes_own(name, schema):
    published = json.loads((PUBLISHED / f"{name}.schema.json").read_text(encoding="utf-8"))
    assert published == schema(), f"write it again: {AGAIN}"
    jsonschema.Draft202012Validator.check_schema(schema())


def test_every_kind_of_value_has_a_schema():
    assert set(KEYS.values()) <= set(KINDS)


def plain(scenario: Path) -> dict:
    """The file's values as JSON has them."""
    return json.loads(json.dumps(tomllib.loads(scenario.read_text(encoding="utf-8")), default=str))


@pytest.mark.parametrize("name", list(bundled_scenarios()))
def test_every_bundled_scenario_obeys_it(name):
    jsonschema.validate(plain(bundled_scenarios()[name]), scenario_schema())


@pytest.mark.parametrize(
    ("key", "value"),
    [("deadline_h", 0), ("deadline_h", "6"), ("dedline_h", 6), ("reference_time", "tonight"), ("seed", 1.5),
     ("pace", {"nite": True}), ("steps", {"loading": [25, 60]}), ("county", ""), ("statements", [{"zh": "x"}])],
)  # fmt: skip
def test_a_slip_is_refused(key, value):
    scenario = plain(bundled_scenarios()["qinshui/flash_flood"])
    wrong = copy.deepcopy(scenario)
    wrong[key] = value
    checker = jsonschema.Draft202012Validator(scenario_schema())
    assert checker.is_valid(scenario)
    assert not checker.is_valid(wrong)


def test_indicators_of_nights_obey_it_and_others_do_not(ran):
    said = json.loads(json.dumps(indicators_json(ran.ensemble.summary)))
    checker = jsonschema.Draft202012Validator(indicators_schema())
    assert list(checker.iter_errors(said)) == []
    for table in ("places", "townships", "curve", "times"):
        assert not checker.is_valid({key: value for key, value in said.items() if key != table})
    said["p_on_time"]["value"] = 1.2
    assert not checker.is_valid(said)
