"""Getting people out in time: flows of least cost, flows over time on roads that take only so many, buses in trips."""

from models.evacuation.bus_trips import BusTask, BusTrip, plan_bus_trips
from models.evacuation.min_cost_flow import Flow, min_cost_flow
from models.evacuation.road_bound import RoadsOut, most_arrived
from models.evacuation.time_expanded import FlowOverTime, Stream, flow_over_time
from models.evacuation.upper_bound import people_bound

__all__ = [
    "BusTask",
    "BusTrip",
    "Flow",
    "FlowOverTime",
    "RoadsOut",
    "Stream",
    "flow_over_time",
    "min_cost_flow",
    "most_arrived",
    "people_bound",
    "plan_bus_trips",
]
