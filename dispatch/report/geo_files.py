"""Layers as files: one GeoPackage that QGIS opens with colours, or one GeoJSON file a layer.

Colours are kept in the GeoPackage's table ``layer_styles``, where QGIS looks for a layer's default style (QML).
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np
import pandas as pd
import shapely

from dispatch.report.layers import Layer
from dispatch.report.palette import colour

__all__ = ["write_geojson", "write_geopackage"]

_STYLES: dict[str, tuple[str, float]] = {
    "roads": ("road_middle", 0.4),
    "closures": ("closed", 0.9),
    "routes": ("route", 0.6),
    "depots": ("depot", 3.4),
    "places": ("served", 2.8),
    "shelters": ("other_stop", 2.2),
    "points": ("depot", 3.4),
    "bridges": ("closed", 2.6),
}
"""Layer → colour role, and width or size in mm."""
_BY_VALUE: dict[str, tuple[str, tuple[str, ...]]] = {
    "closures": ("state", ("closed", "partial", "slowed")),
    "places": ("verdict", ("served", "late", "missed")),
}
"""Layers coloured by a column; the values' roles in the order in which ``values`` gives their words."""
_MISSED = "ink"
_STYLE_TABLE = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT '1970-01-01T00:00:00.000Z'
)"""


def write_geopackage(layers: Sequence[Layer], path: Path, values: dict[str, Sequence[str]]) -> Path:
    """Write layers with default styles; layers without features are left out.

    Parameters
    ----------
    layers : sequence of Layer
    path : Path
        Overwritten.
    values : mapping of layer to words
        Words of the column by which it is coloured (``closures``: closed, partial, slowed; ``places``: served, late,
        missed).
    """
    import pyogrio.raw

    path.unlink(missing_ok=True)
    written = [layer for layer in layers if len(layer.geometry)]
    for k, layer in enumerate(written):
        pyogrio.raw.write(
            path,
            geometry=shapely.to_wkb(layer.geometry),
            field_data=[_field(layer.table[name]) for name in layer.table.columns],
            fields=np.array(list(layer.table.columns), dtype=object),
            layer=layer.name,
            driver="GPKG",
            geometry_type=layer.kind,
            crs="EPSG:4326",
            append=k > 0,
        )
    with sqlite3.connect(path) as base:
        base.execute(_STYLE_TABLE)
        base.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, "
            "styleQML, styleSLD, useAsDefault, description, owner) VALUES ('', '', ?, 'geom', ?, ?, '', 1, '', '')",
            [(layer.name, layer.name, _qml(layer, values.get(layer.name, ()))) for layer in written],
        )
        base.execute(
            "INSERT OR IGNORE INTO gpkg_contents (table_name, data_type, identifier, last_change) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles', '1970-01-01T00:00:00.000Z')"
        )
        base.execute("UPDATE gpkg_contents SET last_change = '1970-01-01T00:00:00.000Z'")
    base.close()
    return path


def _field(column: pd.Series) -> Any:
    """A column as the writer takes it: text as objects, empty text as no value."""
    if column.dtype.kind in "biuf":
        return column.to_numpy()
    return np.array([None if value in (None, "") or value is pd.NA else str(value) for value in column], dtype=object)


def _qml(layer: Layer, words: Sequence[str]) -> str:
    """QGIS style: one symbol, or one a value of a column."""
    role, size = _STYLES[layer.name]
    column, roles = _BY_VALUE.get(layer.name, ("", ()))
    if not column or len(words) != len(roles):
        return _document("singleSymbol", "", "", [_symbol(layer, "0", colour(role), size)])
    colours = [colour(_MISSED if value == "missed" else value) for value in roles]
    categories = "".join(
        f'<category render="true" symbol="{k}" value={quoteattr(word)} label={quoteattr(word)} type="string"/>'
        for k, word in enumerate(words)
    )
    symbols = [_symbol(layer, str(k), value, size) for k, value in enumerate(colours)]
    return _document("categorizedSymbol", f' attr="{column}"', f"<categories>{categories}</categories>", symbols)


def _document(kind: str, attribute: str, categories: str, symbols: Sequence[str]) -> str:
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        '<qgis version="3.28.0" styleCategories="Symbology">'
        f'<renderer-v2 type="{kind}"{attribute} forceraster="0" symbollevels="0" enableorderby="0">'
        f"{categories}<symbols>{''.join(symbols)}</symbols></renderer-v2></qgis>"
    )


def _symbol(layer: Layer, name: str, value: str, size: float) -> str:
    red, green, blue = (int(value[k : k + 2], 16) for k in (1, 3, 5))
    rgb = f"{red},{green},{blue},255"
    if layer.kind == "LineString":
        options = {"line_color": rgb, "line_width": f"{size}", "line_width_unit": "MM", "capstyle": "round"}
        kind, piece = "line", "SimpleLine"
    else:
        options = {
            "color": rgb,
            "name": "circle",
            "size": f"{size}",
            "size_unit": "MM",
            "outline_color": "29,35,41,255",
        }
        kind, piece = "marker", "SimpleMarker"
    written = "".join(f'<Option type="QString" name="{key}" value="{option}"/>' for key, option in options.items())
    return (
        f'<symbol type="{kind}" name="{name}" alpha="1" clip_to_extent="1" force_rhr="0">'
        f'<layer class="{piece}" enabled="1" locked="0" pass="0"><Option type="Map">{written}</Option></layer></symbol>'
    )


def write_geojson(layers: Sequence[Layer], folder: Path) -> list[Path]:
    """Write one GeoJSON file (RFC 7946) a layer; coordinates to six decimals, about a decimetre."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for layer in layers:
        shapes = shapely.to_geojson(shapely.set_precision(layer.geometry, 1e-6, mode="pointwise"))
        features = [
            {"type": "Feature", "geometry": json.loads(shape), "properties": {k: _plain(v) for k, v in row.items()}}
            for shape, row in zip(shapes, layer.table.to_dict("records"), strict=True)
        ]
        path = folder / f"{layer.name}.geojson"
        lines = ",\n".join(json.dumps(feature, ensure_ascii=False, allow_nan=False) for feature in features)
        head = f'{{"type": "FeatureCollection", "name": "{layer.name}", "features": ['
        path.write_text(f"{head}\n{lines}\n]}}\n", encoding="utf-8", newline="\n")
        paths.append(path)
    return paths


def _plain(value: Any) -> Any:
    """Value as JSON holds it: no NaN, no empty text."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return None if value == "" else value.item() if isinstance(value, np.generic) else value
