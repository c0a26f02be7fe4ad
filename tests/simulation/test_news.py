"""Who knows what when: news by the medium that works, silent villages, orders passed on."""

from __future__ import annotations

import math
from dataclasses import replace

from dispatch.hazards.disruption import AREA_COLUMNS
from tests import tiny
from tests.simulation.nights import chain, night, of, surprise
from tests.simulation.plans import plan_of
from tests.simulation.responses import sure

RING = [(0, 1, 10), (1, 2, 10), (0, 3, 20), (3, 2, 10)]
NEEDS = [tiny.need("NA", "A", "quilt", 100, 100.0), tiny.need("NB", "B", "quilt", 900, 100.0)]
TOWN = [{"place": "T", "name": "T", "kind": "township", "lon": 112.0, "lat": 35.5},
        *({"place": p, "name": p, "kind": "village"} for p in "AB")]  # fmt: skip
"""A town at the depot, where the telephone works."""
KM = 0.01 * 111.195 * math.cos(math.radians(35.5))
"""Between neighbouring nodes."""


def silenced(hazard, *places, start=-60.0, end=math.inf, medium="network"):
    rows = [{"place": place, "medium": medium, "start_s": start * 60, "end_s": end * 60, "cause": "flood", "group": ""}
            for place in places]  # fmt: skip
    return replace(hazard, areas=tiny.frame(AREA_COLUMNS, rows))


def world(hazard, trucks=2, **other):
    other = {"needs": NEEDS, "roads": tiny.network(RING), "quilts": 5000,
             "sites": {"D": ("depot", 0), "A": ("place", 1), "B": ("place", 2)}, **other}  # fmt: skip
    return tiny.one_depot(hazard, trucks=trucks, **other)


def two_trucks(scenario):
    """V1 leaves at 48 and meets the closure at 58; V2 loads from 38 for 19.2 minutes and leaves at 67.2."""
    return plan_of(scenario, [("V1", "D", [("B", {"NB": 100})]), ("V2", "D", [("B", {"NB": 800})])])


SILENT = {"news_mobile": 1, "news_radio_share": 0, "news_satellite_share": 0, "news_messenger_kmh": 3}


def test_a_report_takes_the_time_of_its_medium():
    # telephone: 2 minutes; V2 leaves 7.2 minutes later and knows
    scenario = sure(world(surprise(("r12:1-2", 50, 300))), "news", **{**SILENT, "news_mobile": 2})
    log = night(scenario, two_trucks(scenario))
    assert log.loc[log["event"] == "news_received", ["time_s", "medium"]].to_numpy().tolist() == [[60 * 60.0, "mobile"]]
    assert of(log, "V2", ("depart", "reroute", "closure_met")) == [("depart", 67.2), ("reroute", 67.2)]
    assert chain(log, "news_received")[-3:] == ["closure_met", "closure_reported", "news_received"]


def test_where_no_telephone_works_a_messenger_walks_and_the_next_truck_does_not_know():
    # A silent: on foot to T or B, 1.3 × 0.9 km at 3 km/h = 23.5 minutes: known at 82.5, V2 has left at 67.2
    scenario = sure(world(silenced(surprise(("r12:1-2", 50, 300)), "A"), tables={"places": TOWN}), "news", **SILENT)
    log = night(scenario, two_trucks(scenario))
    told = log[(log["event"] == "news_received")].iloc[0]
    assert told["medium"] == "messenger"
    assert abs(told["time_s"] / 60 - (58 + 1.3 * KM / 3 * 60 + 1)) < 0.01
    assert of(log, "V2", ("depart", "closure_met", "reroute"))[:2] == [("depart", 67.2), ("closure_met", 77.2)]


def test_a_radio_or_a_satellite_phone_or_a_drone_shortens_it():
    hazard = silenced(surprise(("r12:1-2", 50, 300)), "A")

    def first(table, **own):
        scenario = sure(world(hazard, tables={"places": TOWN, "communications": table}), "news", **{**SILENT, **own})
        log = night(scenario, two_trucks(scenario))
        told = log[log["event"] == "news_received"]
        return told["medium"].iloc[0], round(told["time_s"].iloc[0] / 60, 2)

    base = {"communication": "C", "lon": 112.0, "lat": 35.5}
    walk = ("messenger", round(58 + 1.3 * KM / 3 * 60 + 1, 2))
    assert first([]) == walk
    assert first([{**base, "medium": "radio", "radius_km": 5}], news_radio_share=1, news_radio=0.5) == ("radio", 58.5)
    assert first([{**base, "medium": "radio", "radius_km": 0.1}], news_radio_share=1) == walk
    assert first([], news_satellite_share=1, news_satellite_phone=3) == ("satellite_phone", 61)
    assert first([{"communication": "C", "medium": "satellite_phone", "place": "A"}],
                 news_satellite_phone=4) == ("satellite_phone", 62)  # fmt: skip
    # the drone is up at 75
    assert first([{**base, "medium": "relay_drone"}], news_relay_drone=75) == ("relay_drone", 76)


def test_a_mast_without_power_lasts_as_long_as_its_battery():
    mast = {"communication": "C", "medium": "mobile", "place": "A", "lon": 112.01, "lat": 35.5, "radius_km": 9}
    hazard = silenced(surprise(("r12:1-2", 50, 300)), "A", "B", start=0, end=100, medium="power")
    for hours, minute in ((1.0, 59), (0.5, 101)):
        scenario = sure(world(hazard, tables={"communications": [{**mast, "backup_power_h": hours}]}), "news", **SILENT)
        log = night(scenario, two_trucks(scenario))
        assert (log.loc[log["event"] == "news_received", "time_s"] / 60).tolist()[:1] == [minute]


def test_a_silent_village_reports_with_its_first_visitor():
    """B reports at 10, but is silent; V1 comes for NB1 at 68, and V2 may load for NB2 from then on."""
    needs = [tiny.need("NA", "A", "quilt", 100, 100.0, report="R0", site="B"),
             tiny.need("NB", "B", "quilt", 100, 100.0, release_ms=10 * 60_000)]  # fmt: skip
    hazard = silenced(tiny.disruption(), "B")
    scenario = sure(world(hazard, needs=needs), "news", **SILENT)
    plan = plan_of(scenario, [("V1", "D", [("B", {"NA": 100})]), ("V2", "D", [("B", {"NB": 100})])])
    log = night(replace(scenario, county=scenario.county), plan)
    walk = 10 + 1.3 * KM / 3 * 60 + 1  # to A
    report = log[(log["event"] == "demand_reported") & (log["place"] == "B")].iloc[0]
    assert report["medium"] == "messenger"
    assert abs(report["time_s"] / 60 - walk) < 0.01
    slow = sure(world(hazard, needs=needs), "news", **{**SILENT, "news_messenger_kmh": 0.5})
    log = night(slow, plan)
    assert log.loc[(log["event"] == "demand_reported") & (log["place"] == "B"), ["time_s", "medium"]].to_numpy(
    ).tolist() == [[68 * 60.0, "visit"]]  # fmt: skip
    assert of(log, "V2", ("stock_wait", "load_start")) == [("stock_wait", 30), ("load_start", 68)]


def test_an_order_to_a_silent_depot_goes_by_what_it_has():
    # D stands at T, which has a satellite phone: 4 minutes later staff are called, and the trucks there too
    tables = {"places": [{"place": "T", "name": "T", "kind": "township", "lon": 112.0, "lat": 35.5}],
              "communications": [{"communication": "C", "medium": "satellite_phone", "place": "T"}]}  # fmt: skip
    scenario = sure(world(silenced(tiny.disruption(), "T"), trucks=1, tables=tables), "news",
                    **{**SILENT, "news_satellite_phone": 4})  # fmt: skip
    plan = plan_of(scenario, [("V1", "D", [("A", {"NA": 100})])])
    log = night(scenario, plan)
    assert (log.loc[log["event"] == "order_passed", "time_s"] / 60).tolist() == [4, 4]
    assert of(log, "V1", ("vehicle_ready", "load_start")) == [("vehicle_ready", 34), ("load_start", 34)]
