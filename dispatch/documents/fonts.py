"""A font for Chinese text in figures: one that is installed, in its simplified-Chinese face, or what to install.

Matplotlib draws an empty box for a character that its font lacks; nothing here lets that happen unsaid.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dispatch.documents.messages import text

__all__ = ["SIMPLIFIED", "ChineseFont", "chinese_font", "font_families", "missing_font"]

SIMPLIFIED: tuple[str, ...] = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "Noto Sans SC", "Microsoft YaHei", "PingFang SC",
    "Hiragino Sans GB", "DengXian", "SimHei", "HarmonyOS Sans SC", "MiSans", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei",
    "Heiti SC", "STHeiti", "Noto Serif CJK SC", "Source Han Serif SC", "SimSun", "FangSong", "KaiTi", "AR PL UMing CN",
    "Droid Sans Fallback",
)  # fmt: skip
"""Font families with simplified-Chinese letter forms, the one to prefer first. The Japanese face of a font collection
is not among them: its forms of 沁, 复 or 应 differ."""
_PROBE = "沁水县首批物资调拨，。（）"
_LATIN = "DejaVu Sans"


@dataclass(frozen=True)
class ChineseFont:
    """An installed font: family as matplotlib knows it, file, and number of the face in it."""

    family: str
    path: Path
    face: int


@cache
def chinese_font() -> ChineseFont | None:
    """Find the installed font that figures use for Chinese, None if there is none.

    A family counts only if its file has the characters: some files carry the name of a font that they hold in part.
    """
    from matplotlib.font_manager import fontManager

    entries = sorted(fontManager.ttflist, key=lambda entry: (abs(int(entry.weight) - 400), entry.style != "normal"))
    for family in SIMPLIFIED:
        for entry in entries:
            if entry.name != family:
                continue
            font = ChineseFont(family, Path(entry.fname), int(getattr(entry, "index", 0)))
            if _has_probe(font):
                return font
    return None


def _has_probe(font: ChineseFont) -> bool:
    from matplotlib.ft2font import FT2Font

    try:
        face = FT2Font(str(font.path), face_index=font.face) if font.face else FT2Font(str(font.path))
    except (OSError, RuntimeError):  # uninstalled since matplotlib last looked, or damaged
        return False
    return set(map(ord, _PROBE)) <= set(face.get_charmap())


def font_families(lang: str) -> list[str]:
    """Value of matplotlib's ``font.family`` for figures in a language.

    Returns
    -------
    list of str
        For Chinese the font found and one for Latin letters; for Chinese without a font only the latter: the caller
        says :func:`missing_font` then.
    """
    font = chinese_font() if lang == "zh" else None
    return [_LATIN] if font is None else [font.family, _LATIN]


def missing_font(lang: str) -> str:
    """What to install so that figures can hold Chinese."""
    return text(lang, "documents_font_missing")
