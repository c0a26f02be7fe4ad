"""Nodes and ways as OSM XML 0.6."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from scenarios.qinshui.authoring.network import OsmNetwork

__all__ = ["osm_xml"]


def osm_xml(network: OsmNetwork) -> str:
    """Text of the file; its generator says that it is schematic."""
    lon = [at[0] for at in network.nodes.values()]
    lat = [at[1] for at in network.nodes.values()]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<osm version="0.6" generator="relief-dispatch schematic">',
        f'  <bounds minlat="{min(lat):.6f}" minlon="{min(lon):.6f}" maxlat="{max(lat):.6f}" maxlon="{max(lon):.6f}"/>',
    ]
    lines += [f'  <node id="{node}" lat="{y:.6f}" lon="{x:.6f}"/>' for node, (x, y) in network.nodes.items()]
    for way in network.ways:
        lines.append(f'  <way id="{way.way}">')
        lines += [f'    <nd ref="{node}"/>' for node in way.nodes]
        lines += [f"    <tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in way.tags]
        lines.append("  </way>")
    return "\n".join([*lines, "</osm>", ""])
