"""Days and clock times as people write them: ``2023.5``, ``2023年5月1日``, a spreadsheet's serial number."""

from __future__ import annotations

import calendar
import math
import re
from datetime import date, datetime, timedelta, tzinfo

from dispatch.county.units import plain

__all__ = ["parse_day", "parse_moment"]

_EPOCH = datetime(1899, 12, 30)
_SERIALS = (20_000, 80_000)
_YEARS = (1900, 2199)
_CLOCK = r"(\d{1,2})[:时点](?:(\d{1,2})(?:分|:(\d{1,2})(?:\.\d+)?秒?)?)?"
_DAY = re.compile(
    r"(\d{4})\s*(?:[-/.年]\s*(\d{1,2})\s*(?:[-/.月]\s*(\d{1,2})\s*[日号]?|月)?|年)?(?:[T\s]+[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?"
)
_PACKED = re.compile(r"(\d{4})(\d{2})(\d{2})?")
_MOMENT = re.compile(
    rf"(\d{{4}})\s*[-/.年]\s*(\d{{1,2}})\s*[-/.月]\s*(\d{{1,2}})\s*日?[T\s]*{_CLOCK}\s*(Z|[+-]\d\d:?\d\d)?",
    re.IGNORECASE,
)


def parse_day(cell: str | float | date, *, last: bool) -> tuple[str, bool]:
    """Day in a cell, as YYYY-MM-DD.

    A month without a day (``2023.5``, ``2023年5月``, ``202305``) is its last day if ``last`` (an expiry), else its
    first (a production date); a year alone likewise.

    Parameters
    ----------
    cell : str, float, date or datetime
        A number is a year (1900 to 2199), ``YYYY.M``, ``YYYYMM``, ``YYYYMMDD`` or a spreadsheet's serial number
        (20000 to 80000).
    last : bool

    Returns
    -------
    day : str
    doubtful : bool
        True for ``2023.1``: a spreadsheet shows October (2023.10) as that too. January is returned.

    Raises
    ------
    ValueError
        If this is no day.
    """
    if isinstance(cell, date):
        return cell.strftime("%Y-%m-%d"), False
    if isinstance(cell, (int, float)):
        if not math.isfinite(cell):
            raise ValueError(cell)
        if _SERIALS[0] <= cell <= _SERIALS[1]:
            return (_EPOCH + timedelta(days=int(cell))).strftime("%Y-%m-%d"), False
        cell = repr(int(cell)) if cell == int(cell) else repr(cell)
    written = plain(cell)
    if re.fullmatch(r"\d{5}", written):
        return parse_day(int(written), last=last)
    match = _PACKED.fullmatch(written) or _DAY.fullmatch(written)
    if match is None:
        raise ValueError(cell)
    year, month, day = (int(part) if part else None for part in match.groups())
    if year is None or not _YEARS[0] <= year <= _YEARS[1]:
        raise ValueError(cell)
    doubtful = re.fullmatch(r"\d{4}\.1", written) is not None
    if month is None:
        month, day = (12, 31) if last else (1, 1)
    elif day is None:
        if not 1 <= month <= 12:
            raise ValueError(cell)
        day = calendar.monthrange(year, month)[1] if last else 1
    return date(year, month, day).isoformat(), doubtful


def parse_moment(cell: str | float | date, zone: tzinfo) -> str:
    """Clock time with its day, as ISO 8601 with zone; a time without zone is in ``zone``.

    Raises
    ------
    ValueError
        If this is no clock time with its day.
    """
    if isinstance(cell, datetime):
        return _iso(cell + timedelta(milliseconds=500), zone)
    if isinstance(cell, date):
        raise ValueError(cell)
    if isinstance(cell, (int, float)):
        if not _SERIALS[0] <= cell <= _SERIALS[1]:
            raise ValueError(cell)
        return _iso(_EPOCH + timedelta(seconds=round(cell * 86400)), zone)
    match = _MOMENT.fullmatch(plain(cell))
    if match is None:
        raise ValueError(cell)
    parts = [int(part) if part else 0 for part in match.groups()[:6]]
    if not _YEARS[0] <= parts[0] <= _YEARS[1]:
        raise ValueError(cell)
    moment = datetime(*parts)  # type: ignore[arg-type]  # six ints
    offset = match[7]
    if not offset:
        return _iso(moment, zone)
    if offset.upper() == "Z":
        offset = "+00:00"
    return datetime.fromisoformat(f"{moment.isoformat()}{offset[:3]}:{offset[-2:]}").isoformat()


def _iso(moment: datetime, zone: tzinfo) -> str:
    aware = moment.replace(microsecond=0)
    return (aware if aware.tzinfo else aware.replace(tzinfo=zone)).isoformat()
