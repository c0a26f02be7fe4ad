"""What a pack says of the county itself: ``county.toml`` of a folder, or the sheet ``county`` (县域) of a workbook."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from dispatch.county.coordinates import is_system
from dispatch.county.csv_file import decode
from dispatch.county.grid import Grid
from dispatch.county.problem_text import found
from dispatch.county.reading import clean_text, digits
from dispatch.county.schema import SCHEMA
from dispatch.county.units import plain
from dispatch.problems import Problem

__all__ = ["KEYS", "SHEET", "Settings", "settings_from_grid", "settings_from_toml"]

KEYS = {
    "code": "代码",
    "name_zh": "名称",
    "name_en": "英文名",
    "zone": "时区",
    "coordinates": "坐标系",
    "boundary": "边界",
    "sources": "来源",
}
"""Keys of ``county.toml`` and their Chinese names in a workbook's sheet."""
SHEET = ("county", "县域")
_ALSO = {
    "县域代码": "code", "行政区划代码": "code", "name": "name_zh", "县名": "name_zh", "中文名": "name_zh",
    "source": "sources", "数据来源": "sources", "资料来源": "sources",
}  # fmt: skip
_SYSTEMS_ALSO = {
    "cgcs2000": "epsg:4490", "国家2000": "epsg:4490", "2000国家大地坐标系": "epsg:4490", "gps": "wgs84",
    "火星坐标": "gcj02", "火星坐标系": "gcj02", "高德": "gcj02", "腾讯": "gcj02", "百度": "bd09",
}  # fmt: skip
_REQUIRED = ("code", "name_zh", "zone")
_TOML_PLACE = re.compile(r"\(at (?:line (\d+)|end of document)")


@dataclass
class Settings:
    """What holds for the whole pack; what is missing or wrong is "" (or UTC) here, and a problem.

    Attributes
    ----------
    code, name_zh, name_en, zone : str
    sources : tuple of str
    coordinates : dict of str
        Table name (or ``boundary``, or ``default``) → coordinate system.
    boundary : str
        Name of a GeoJSON file in the pack, or WKT.
    file : str
    rows : dict
        Key → row where it stands.
    """

    file: str
    code: str = ""
    name_zh: str = ""
    name_en: str = ""
    zone: str = ""
    sources: tuple[str, ...] = ()
    coordinates: dict[str, str] = field(default_factory=dict)
    boundary: str = ""
    rows: dict[str, int] = field(default_factory=dict)

    def system(self, table: str) -> str:
        """Coordinate system of a table (or of the ``boundary``)."""
        return self.coordinates.get(table) or self.coordinates.get("default") or "wgs84"

    def zone_info(self) -> ZoneInfo:
        """Time zone; UTC where none was given (which is a problem of its own)."""
        return ZoneInfo(self.zone or "UTC")


def settings_from_toml(content: bytes, file: str) -> tuple[Settings, list[Problem]]:
    """Read ``county.toml``.

    Keys ``code``, ``name_zh``, ``zone`` (IANA name) are required; ``name_en`` is the Chinese name where not given;
    ``sources`` is a list of statements; ``coordinates`` a system (``wgs84``, ``gcj02``, ``bd09``, ``EPSG:xxxx``) for
    every table and the boundary, or a table of systems by table name with ``default`` for the rest; ``boundary`` a
    GeoJSON file of the pack.
    """
    try:
        text, encoding = decode(content)
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        return Settings(file), [found("county_encoding", file, row, "", f"0x{content[error.start]:02x}")]
    if encoding == "gb18030":
        return Settings(file), [found("county_toml_encoding", file)]
    try:
        raw = tomllib.loads(text.replace("\r\n", "\n").removeprefix("\ufeff"))
    except ValueError as error:  # TOMLDecodeError, or a number of thousands of digits
        place = _TOML_PLACE.search(str(error))
        row = int(place[1]) if place and place[1] else text.count("\n") + 1
        return Settings(file), [found("county_toml_syntax", file, row, "", str(error))]
    except RecursionError:
        return Settings(file), [found("county_toml_syntax", file, None, "", "nested too deeply")]
    return _settings(raw, file, _toml_rows(text), {})


def settings_from_grid(grid: Grid) -> tuple[Settings, list[Problem]]:
    """Read a sheet with keys in one column and values in the next.

    Keys are those of ``county.toml`` or their Chinese names. A key may stand in several rows: ``sources`` are then
    several, a ``boundary`` is the pieces of one WKT. ``coordinates.depots`` (``坐标系.储备库``) is the system of one
    table.
    """
    raw: dict[str, Any] = {}
    rows: dict[str, int] = {}
    keys: dict[str, str] = {}
    known = {_key(word): name for name, zh in KEYS.items() for word in (name, zh)} | {
        _key(k): v for k, v in _ALSO.items()
    }
    problems: list[Problem] = []
    for number, cells in grid.rows:
        given = [i for i, cell in enumerate(cells) if cell is not None and str(cell).strip() != ""]
        merged = len(given) > 1 and all(cells[i] == cells[given[0]] for i in given)
        if not given or merged or _key(str(cells[given[0]])) in {"key", "项目", "键"}:
            continue
        written = clean_text(str(cells[given[0]]))
        after = next((i for i in range(given[0] + 1, len(cells)) if (number, i) not in grid.filled), len(cells))
        value = _as_text(cells[after]) if after < len(cells) else ""
        word, _, table = written.partition(".")
        name = known.get(_key(word))
        if name is None:
            if value:
                problems.append(found("county_unknown_setting", grid.file, number, written, value, "warning",
                                      keys_en=", ".join(KEYS), keys_zh="、".join(KEYS.values())))  # fmt: skip
            continue
        rows.setdefault(f"{name}.{_table_name(table)}" if table else name, number)
        keys.setdefault(name, word)
        if name == "sources":
            raw.setdefault("sources", []).extend([value] if value else [])
        elif name == "boundary":
            raw["boundary"] = raw.get("boundary", "") + value
        elif name == "coordinates":
            raw.setdefault("coordinates", {})[_table_name(table) if table else "default"] = value
        elif name in raw:
            problems.append(found("county_setting_twice", grid.file, number, written, value))
        else:
            raw[name] = value
    if any(keys.get(name) == zh for name, zh in KEYS.items()):
        keys = {**KEYS, **keys}
    settings, more = _settings(raw, grid.file, rows, keys)
    return settings, problems + more


def _as_text(cell: object) -> str:
    if cell is None:
        return ""
    return digits(cell) if isinstance(cell, (int, float)) and not isinstance(cell, bool) else clean_text(str(cell))


def _key(word: str) -> str:
    return re.sub(r"[\s*:]+", "", plain(word)).casefold()


def _table_name(word: str) -> str:
    return next((name for name, table in SCHEMA.items() if word.strip() in {name, table.zh}), word.strip())


def _toml_rows(text: str) -> dict[str, int]:
    """Key → row of its first line; keys of a table with its name before them."""
    rows: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if (match := re.match(r"\s*\[([\w.]+)\]", line)) is not None:
            table = f"{match[1]}."
            rows.setdefault(match[1], number)
        elif (match := re.match(r"\s*([\w.\"-]+)\s*=", line)) is not None:
            rows.setdefault(table + match[1].strip('"'), number)
    return rows


def _settings(
    raw: Mapping[str, Any], file: str, rows: dict[str, int], keys: Mapping[str, str]
) -> tuple[Settings, list[Problem]]:
    """Check the values; ``rows`` says where each key stands and ``keys`` how it is written, for the problems."""
    settings = Settings(file, rows=rows)
    problems: list[Problem] = []

    def wrong(key: str, value: object, code: str, **detail: str) -> None:
        name, dot, table = key.partition(".")
        written = f"{keys.get(name, name)}{dot}{table}"
        problems.append(found(code, file, rows.get(key), written, value, "error", **detail))

    for key, value in raw.items():
        if key not in KEYS:
            problems.append(found("county_unknown_setting", file, rows.get(key), key, value, "warning",
                                  keys_en=", ".join(KEYS), keys_zh="、".join(KEYS)))  # fmt: skip
    for key in ("code", "name_zh", "name_en", "zone", "boundary"):
        value = raw.get(key, "")
        if isinstance(value, int) and not isinstance(value, bool) and key == "code":
            value = str(value)
        if not isinstance(value, str):
            wrong(key, value, "county_setting_text")
            continue
        setattr(settings, key, clean_text(value))
        if key in _REQUIRED and not clean_text(value):
            wrong(key, "", "county_setting_missing")
    settings.name_en = settings.name_en or settings.name_zh
    sources = raw.get("sources", [])
    sources = [sources] if isinstance(sources, str) else sources
    if isinstance(sources, list) and all(isinstance(source, str) for source in sources):
        settings.sources = tuple(filter(None, map(clean_text, sources)))
    else:
        wrong("sources", sources, "county_setting_list")
    if settings.zone and not _is_zone(settings.zone):
        wrong("zone", settings.zone, "county_zone")
        settings.zone = ""
    _coordinates(settings, raw.get("coordinates", {}), wrong)
    return settings, problems


def _coordinates(settings: Settings, given: object, wrong: Any) -> None:
    systems = {"default": given} if isinstance(given, str) else given
    if not isinstance(systems, dict):
        wrong("coordinates", systems, "county_setting_text")
        return
    placed = [name for name, table in SCHEMA.items() if any(c.name == "lon" or c.kind == "wkt" for c in table.columns)]
    for table, system in systems.items():
        key = "coordinates" if table == "default" else f"coordinates.{table}"
        if table not in {"default", "boundary", *placed}:
            wrong(key, system, "county_coordinates_table", tables=", ".join(placed))
        elif not isinstance(system, str) or not is_system(_system(system)):
            wrong(key, system, "county_system")
        else:
            settings.coordinates[table] = _system(system)


def _system(word: str) -> str:
    """Name of a coordinate system as ``to_wgs84`` takes it; nothing written is WGS 84."""
    name = re.sub(r"[\s_-]+", "", plain(word)).casefold()
    return _SYSTEMS_ALSO.get(name, name or "wgs84")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, LookupError):  # unknown, malformed, or a folder of the zone database
        return False
    return True
