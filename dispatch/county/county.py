"""A county in memory: its tables, typed, and who says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from dispatch.county.schema import SCHEMA

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["County"]


@dataclass(frozen=True, eq=False)
class County:
    """A county pack in memory.

    Attributes
    ----------
    code : str
        Administrative code, such as 140521.
    name_zh, name_en : str
    zone : str
        IANA time zone.
    sources : tuple of str
        Where the pack's figures come from, one statement each; printed in every report.
    tables : mapping of str to DataFrame
        Every table of ``SCHEMA`` (empty where the pack has none), columns as in the schema and in its order, index
        0 … n - 1. Ids and text are ``str`` ("" = not given), numbers ``float64`` (NaN = not known; also counts, since
        they may be unknown), flags ``bool``, dates ``str`` as YYYY-MM-DD, moments ``str`` as ISO 8601 with zone,
        lists ``str`` apart by ``;``.
    boundary_wkt : str
        Boundary polygon in lon/lat, "" if not given.
    """

    code: str
    name_zh: str
    name_en: str
    zone: str
    tables: Mapping[str, pd.DataFrame]
    sources: tuple[str, ...] = ()
    boundary_wkt: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "tables", MappingProxyType({name: self.tables[name] for name in SCHEMA}))

    def table(self, name: str) -> pd.DataFrame:
        """Return one table by its name in ``SCHEMA``."""
        return self.tables[name]
