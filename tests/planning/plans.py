"""Plans for tests: one worked out by hand, and random tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from dispatch.planning.plan import Plan
from dispatch.planning.plan_rows import LARGEST, PLAN_TABLES
from tests import tiny

MINUTE = 60_000

KINDS: dict[str, Any] = {
    "str": st.one_of(
        st.text(max_size=12),
        st.sampled_from(
            ["", "合计", " x ", "a\r\nb", "\x00", "_x0041_", "=1+1", "json:", "1e5", "007", "棉被 ", "\ufeff", "'"]
        ),
    ),
    "int64": st.one_of(st.integers(-LARGEST, LARGEST), st.integers(-10, 10)),
    "float64": st.floats(allow_nan=True, allow_infinity=True),
    "object": st.lists(st.text(max_size=8), max_size=4).map(tuple),
}
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def _frame(columns: dict[str, str], rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    made = {}
    for i, (name, kind) in enumerate(columns.items()):
        made[name] = pd.Series([row[i] for row in rows], dtype=kind)
    return pd.DataFrame(made)


@st.composite
def random_plans(draw: Any) -> Plan:
    """Plans of any content that the tables' types allow, sensible or not."""
    tables = {
        name: _frame(columns, draw(st.lists(st.tuples(*(KINDS[kind] for kind in columns.values())), max_size=3)))
        for name, columns in PLAN_TABLES.items()
    }
    return Plan(**tables, meta=draw(st.dictionaries(st.text(max_size=6), JSON, max_size=3)))


def same(one: Plan, other: Plan) -> None:
    """Assert that two plans hold the same tables, dtypes and meta."""
    for name in PLAN_TABLES:
        a, b = getattr(one, name), getattr(other, name)
        assert list(a.columns) == list(b.columns)
        assert [str(kind) for kind in a.dtypes] == [str(kind) for kind in b.dtypes], name
        for column in a.columns:
            left, right = a[column].tolist(), b[column].tolist()
            if a[column].dtype == np.float64:
                assert np.array_equal(left, right, equal_nan=True), (name, column)
            else:
                assert left == right, (name, column)
    assert dict(one.meta) == dict(other.meta)


def by_hand() -> Plan:
    """Serve A and B of ``tiny.one_depot()`` in one trip; C is left out for lack of time.

    Order at 0. Call-up 30 min; 200 quilts are 600 kg or 4 m³: 0.12 of a reference truck, so the floor 0.2 of 40 min =
    8 min to load; convoy 10 min; A at 10 km = 10 min; 100 quilts: floor 0.2 of 30 min = 6 min to unload; B 10 min on.
    """
    start, loaded = 30 * MINUTE, 38 * MINUTE
    depart = 48 * MINUTE
    tables: dict[str, list[dict[str, Any]]] = {
        "trips": [{"trip": "T1", "vehicle": "V1", "sequence": 1, "depot": "D", "dock": 1, "start_site": "D",
                   "start_ms": start,
                   "to_depot_path": "P0", "at_depot_ms": start, "load_start_ms": start, "load_end_ms": loaded,
                   "depart_ms": depart, "return_site": "D", "return_path": "P3", "return_ms": 100 * MINUTE}],
        "stops": [
            {"trip": "T1", "stop": 1, "site": "A", "path": "P1", "leave_ms": depart, "arrive_ms": 58 * MINUTE,
             "unload_start_ms": 58 * MINUTE, "unload_end_ms": 64 * MINUTE},
            {"trip": "T1", "stop": 2, "site": "B", "path": "P2", "leave_ms": 64 * MINUTE, "arrive_ms": 74 * MINUTE,
             "unload_start_ms": 74 * MINUTE, "unload_end_ms": 80 * MINUTE},
        ],
        "loads": [
            {"trip": "T1", "stop": 1, "need": "NA", "item": "quilt", "lot": "L1", "quantity": 100},
            {"trip": "T1", "stop": 2, "need": "NB", "item": "quilt", "lot": "L1", "quantity": 100},
        ],
        "paths": [
            {"path": "P0", "from_site": "D", "to_site": "D", "vehicle_class": "truck_5t", "edges": (), "length_m": 0.0},
            {"path": "P1", "from_site": "D", "to_site": "A", "vehicle_class": "truck_5t", "edges": ("r01:0-1",),
             "length_m": 10000.0},
            {"path": "P2", "from_site": "A", "to_site": "B", "vehicle_class": "truck_5t", "edges": ("r12:1-2",),
             "length_m": 10000.0},
            {"path": "P3", "from_site": "B", "to_site": "D", "vehicle_class": "truck_5t",
             "edges": ("r12:2-1", "r01:1-0"), "length_m": 20000.0},
        ],
        "unmet": [{"need": "NC", "place": "C", "site": "C", "part": "first_batch", "item": "quilt", "quantity": 100,
                   "cause": "vehicle", "detail": "no vehicle left"}],
        "objective": [
            {"level": 1, "measure": "people_served_by_deadline", "sense": "max", "value": 200.0, "bound": 300.0,
             "gap": 0.5, "status": "feasible"},
            {"level": 2, "measure": "t_all_ms", "sense": "min", "value": 80.0 * MINUTE, "bound": np.nan,
             "gap": np.nan, "status": "feasible"},
        ],
    }  # fmt: skip
    frames = {name: tiny.frame(PLAN_TABLES[name], rows) for name, rows in tables.items()}
    return Plan(**frames, meta={"scenario": "tiny", "planner": "by hand", "seed": 1})
