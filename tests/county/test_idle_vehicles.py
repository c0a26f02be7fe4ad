"""Vehicles without payload: a slip is named, a bus is not."""

from __future__ import annotations

from dispatch.county.idle_vehicles import idle_vehicles, unloadable
from dispatch.county.problem_text import problem_text
from dispatch.planning.plan import empty_plan
from dispatch.planning.plan_view import PlanView
from dispatch.planning.summary_page import assumption_page
from tests import tiny


def _vehicle(name: str, of: str, kg: float, m3: float) -> dict[str, object]:
    return {"vehicle": name, "base": "D", "class": of, "payload_kg": kg, "volume_m3": m3}


FLEET = [
    _vehicle("V1", "truck_5t", 5000, 38), _vehicle("V2", "truck_5t", 0, 38), _vehicle("V3", "pickup", 0, 0),
    _vehicle("V4", "bus", 0, 0), _vehicle("V5", "ambulance", 0, 0), _vehicle("V6", "tractor", 800, 0),
    _vehicle("V7", "car", 0, 0),
]  # fmt: skip


def test_what_may_be_a_slip_is_named_by_class() -> None:
    """A truck without mass, a pickup with nothing, a tractor without volume; not the bus, ambulance and car."""
    county = tiny.county(vehicles=FLEET)
    assert idle_vehicles(county)["vehicle"].tolist() == ["V2", "V3", "V4", "V5", "V6", "V7"]
    warned = unloadable(county)
    assert [(problem.value, problem.severity) for problem in warned] == [
        ("V2", "warning"), ("V3", "warning"), ("V6", "warning")
    ]  # fmt: skip
    for lang in ("zh", "en"):
        assert "V3" in problem_text(warned[1], lang) and "pickup" in problem_text(warned[1], lang)


def test_the_workbook_lists_every_vehicle_that_the_plan_cannot_use() -> None:
    scenario = tiny.one_depot(tables={"vehicles": FLEET})
    rows = assumption_page(PlanView(empty_plan(), scenario, "zh")).rows
    listed = rows[rows["figure"].str.contains("不装运物资")]
    assert sorted(listed["value"]) == ["V2", "V3", "V4", "V5", "V6", "V7"]
