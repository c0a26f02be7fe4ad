"""Where depots should stand: covering, median, center, dispersion, capacities, scenarios; value, bound and proof."""

from models.siting.capacitated import Flows, capacitated_location
from models.siting.frontier import Efficient, cover_cost_frontier, time_cost_frontier
from models.siting.hierarchy import Tier, Tiers, tiered_median
from models.siting.layout import Choice, Layout, choice
from models.siting.max_cover import cover_curve, max_backup_cover, max_cover
from models.siting.p_center import p_center, p_dispersion
from models.siting.p_median import p_median, uncapacitated_location
from models.siting.road_cuts import tables_under_cuts
from models.siting.scenarios import depot_losses, robust_median, surest_cover, times_under
from models.siting.server_location import ServerLayout, server_location
from models.siting.set_cover import cheapest_cover, fewest_sites

__all__ = [
    "Choice",
    "Efficient",
    "Flows",
    "Layout",
    "ServerLayout",
    "Tier",
    "Tiers",
    "capacitated_location",
    "cheapest_cover",
    "choice",
    "cover_cost_frontier",
    "cover_curve",
    "depot_losses",
    "fewest_sites",
    "max_backup_cover",
    "max_cover",
    "p_center",
    "p_dispersion",
    "p_median",
    "robust_median",
    "server_location",
    "surest_cover",
    "tables_under_cuts",
    "tiered_median",
    "time_cost_frontier",
    "times_under",
    "uncapacitated_location",
]
