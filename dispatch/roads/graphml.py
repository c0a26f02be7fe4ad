"""GraphML files as OSMnx saves them."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import ParseError

from dispatch.roads.faults import fault
from dispatch.roads.network import RoadNetwork
from dispatch.roads.networkx_graph import from_networkx

__all__ = ["read_graphml"]


def read_graphml(path: Path) -> RoadNetwork:
    """Read a GraphML file of ``osmnx.save_graphml`` without loading OSMnx.

    Raises
    ------
    InputProblems
        If the file is damaged or not such a graph.
    """
    import networkx as nx

    try:
        graph = nx.read_graphml(path, force_multigraph=True)
    except (ParseError, nx.NetworkXError, OSError, EOFError, ValueError, LookupError, TypeError) as error:
        raise fault(path, "roads_graphml_damaged", value=f"{type(error).__name__}: {error}") from error
    if not graph.is_directed():
        raise fault(path, "roads_graphml_undirected")
    return from_networkx(nx.MultiDiGraph(graph), path.name)
