"""Figures with Chinese text use a simplified-Chinese face, or say what to install."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from dispatch.documents.fonts import SIMPLIFIED, chinese_font, font_families, missing_font


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    """What one test finds, with fonts taken away, is not what the next one has."""
    chinese_font.cache_clear()
    yield
    chinese_font.cache_clear()


def _installed() -> str:
    font = chinese_font()
    if font is None:
        pytest.skip("no Chinese font is installed here (fonts-noto-cjk)")
    return font.family


def test_the_font_is_a_simplified_chinese_face() -> None:
    """Of a collection, the SC face: the first face of Noto's is the Japanese one."""
    from matplotlib.ft2font import FT2Font

    family = _installed()
    font = chinese_font()
    assert font is not None
    assert family in SIMPLIFIED
    assert FT2Font(str(font.path), face_index=font.face).family_name == family


def test_chinese_is_drawn_without_boxes() -> None:
    """Matplotlib warns about every glyph that it has to draw as a box."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    _installed()
    import matplotlib as mpl

    with mpl.rc_context({"font.family": font_families("zh")}), warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = Figure()
        figure.text(0.1, 0.5, "沁水县首批物资 6 小时到位 – ≤ 95 %")
        FigureCanvasAgg(figure).draw()


def test_without_a_font_the_message_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib import font_manager

    monkeypatch.setattr(font_manager.fontManager, "ttflist", [])
    assert chinese_font() is None
    assert font_families("zh") == font_families("en") == ["DejaVu Sans"]
    assert "fonts-noto-cjk" in missing_font("zh")
    assert "fonts-noto-cjk" in missing_font("en")


def test_a_font_that_lacks_the_characters_or_is_gone_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """DejaVu Sans under the name of a Chinese font, and a file that was removed."""
    from matplotlib import font_manager

    latin = font_manager.findfont("DejaVu Sans")
    entries = [
        SimpleNamespace(name="SimHei", fname=fname, weight=400, style="normal") for fname in (latin, "/gone.ttf")
    ]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", entries)
    assert chinese_font() is None
