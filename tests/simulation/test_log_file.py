"""The log as a file: loss-free, equal bytes for equal logs, a closed vocabulary, and the published schema."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dispatch.documents.messages import text
from dispatch.problems import InputProblems
from dispatch.simulation.ensemble import simulate
from dispatch.simulation.log import EVENTS, LOG_COLUMNS, LOG_VERSION
from dispatch.simulation.log_file import check_log, read_log, write_log
from dispatch.simulation.spans import SPAN_STEPS
from tests import tiny
from tests.simulation.plans import plan_of

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "schema" / "event_log.schema.json"


@pytest.fixture(scope="module")
def log():
    scenario = tiny.one_depot(trucks=2)
    trips = [("V1", "D", [("A", {"NA": 100}), ("B", {"NB": 100})]), ("V2", "D", [("C", {"NC": 90})])]
    return simulate(scenario, plan_of(scenario, trips), replications=3).log


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_written_and_read_again_it_is_the_same(log, tmp_path, suffix):
    log = log.assign(detail=log["detail"].where(log["event"] != "end", '引号 " 逗号 , 换行 \n 空'))
    write_log(log, tmp_path / f"log.{suffix}")
    pd.testing.assert_frame_equal(read_log(tmp_path / f"log.{suffix}"), log, check_exact=True)


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_equal_logs_make_equal_bytes(log, tmp_path, suffix):
    write_log(log, tmp_path / f"a.{suffix}")
    write_log(read_log(tmp_path / f"a.{suffix}"), tmp_path / f"b.{suffix}")
    assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()


def test_csv_opens_in_a_spreadsheet(log, tmp_path):
    write_log(log, tmp_path / "log.csv")
    content = (tmp_path / "log.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfreplication,event_id,time_s,event,")
    assert b"\r\n0,0,0.000,order_received," in content


def test_event_outside_the_vocabulary_is_not_written(log, tmp_path):
    strange = log.assign(event=log["event"].where(log["event"] != "end", "the_end"))
    with pytest.raises(InputProblems) as problems:
        write_log(strange, tmp_path / "log.parquet")
    assert {(p.column, p.value) for p in problems.value.problems} == {("event", "the_end")}
    assert not (tmp_path / "log.parquet").exists()


def test_every_kind_of_damage_is_found_with_its_row(log, tmp_path):
    write_log(log, tmp_path / "log.csv")
    lines = (tmp_path / "log.csv").read_text(encoding="utf-8-sig").splitlines()
    cells = [line.split(",") for line in lines]
    cells[4][0] = "two"
    cells[6][2] = "soon"
    (tmp_path / "log.csv").write_text("\n".join(",".join(row) for row in cells), encoding="utf-8")
    with pytest.raises(InputProblems) as problems:
        read_log(tmp_path / "log.csv")
    assert [(p.row, p.column, p.value) for p in problems.value.problems] == [
        (5, "replication", "two"), (7, "time_s", "soon"),
    ]  # fmt: skip


def test_causes_must_come_before_their_effects(log):
    later = log.copy()
    later.loc[3, "cause"] = 3
    missing = log[log["event_id"] != log["cause"].max()]
    assert [p.row for p in check_log(later)] == [5]
    assert {p.column for p in check_log(missing)} == {"cause"}
    twice = log.copy()
    twice.loc[3, "event_id"] = 2
    assert {p.column for p in check_log(twice)} >= {"event_id"}


def test_missing_columns_are_named(log, tmp_path):
    log.drop(columns=["cause", "milestone"]).to_csv(tmp_path / "log.csv", index=False)
    with pytest.raises(InputProblems) as problems:
        read_log(tmp_path / "log.csv")
    assert [p.column for p in problems.value.problems] == ["cause", "milestone"]


def test_other_suffix_is_refused(log, tmp_path):
    with pytest.raises(ValueError, match="parquet"):
        write_log(log, tmp_path / "log.xlsx")


def test_other_version_is_refused(log, tmp_path):
    import pyarrow.parquet as pq

    write_log(log, tmp_path / "log.parquet")
    table = pq.read_table(tmp_path / "log.parquet")
    key = b"relief-dispatch event log version"
    pq.write_table(table.replace_schema_metadata({key: b"99"}), tmp_path / "new.parquet")
    with pytest.raises(InputProblems, match="99"):
        read_log(tmp_path / "new.parquet")


def test_published_schema_is_that_of_the_code():
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    kinds = {"int32": "integer", "float64": "number", "str": "string"}
    assert schema["x-version"] == LOG_VERSION
    assert list(schema["properties"]) == list(LOG_COLUMNS)
    assert schema["required"] == list(LOG_COLUMNS)
    for name, kind in LOG_COLUMNS.items():
        allowed = schema["properties"][name]["type"]
        assert kinds[kind] in ([allowed] if isinstance(allowed, str) else allowed), name
    assert schema["properties"]["event"]["enum"] == list(EVENTS)
    assert {event: tuple(of["name"].values()) for event, of in schema["x-events"].items()} == EVENTS


def test_every_row_of_a_real_log_fits_the_schema(log):
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))["properties"]
    for row in log.head(200).to_dict("records"):
        for name, value in row.items():
            allowed = schema[name]["type"]
            is_number = isinstance(value, (int, float, np.number))
            assert is_number == ("string" not in allowed), (name, value)
            if "minimum" in schema[name]:
                assert value >= schema[name]["minimum"]
            if "enum" in schema[name]:
                assert value in schema[name]["enum"]


def test_vocabulary_and_steps_have_names_in_both_languages():
    assert all(zh.strip() and en.strip() for zh, en in EVENTS.values())
    assert len({zh for zh, _ in EVENTS.values()}) == len({en for _, en in EVENTS.values()}) == len(EVENTS)
    for step in SPAN_STEPS:
        assert text("zh", f"simulation_step_{step}") != text("en", f"simulation_step_{step}")
