"""Routing over arrays: arrival times or distance, time windows, several trips, release dates, split deliveries."""

from models.routing.instance import RoutingInstance, routing_instance
from models.routing.search import RoutingSolution, solve
from models.routing.split import SplitSolution, solve_split

__all__ = ["RoutingInstance", "RoutingSolution", "SplitSolution", "routing_instance", "solve", "solve_split"]
