"""From a chart to bytes: SVG with real text for the page, PNG for slides, equal input giving equal bytes.

Matplotlib is imported on use, without pyplot and its global state. In SVG the text stays text and the reader's own
fonts draw it, so layout here never depends on the fonts of this machine: widths are estimated by :func:`em_width`.
"""

from __future__ import annotations

import io
import re
import unicodedata
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from dispatch.report.palette import LIGHT, as_variables

__all__ = [
    "FONT_STACK",
    "HALO",
    "WIDTH_IN",
    "Chart",
    "as_png",
    "as_png_and_pdf",
    "as_svg",
    "em_width",
    "inline_svg",
    "new_figure",
]

Chart = Callable[[], Any]
"""A function without arguments that draws and returns a matplotlib figure."""

WIDTH_IN = 9.4
"""Width of every figure, inches: 9 pt text is legible both in a page of 960 px and on A4."""

FONT_STACK = (
    '"Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", '
    '"WenQuanYi Micro Hei", system-ui, sans-serif'
)
"""Fonts asked of the reader's machine, for the page and its figures alike."""

HALO = "halo"
"""``gid`` of a text that is to stand out from what lies below it."""

_FONT_SIZE_PT = 9.0
_HALO_PT = 2.4
_LAYOUT_FONT = "DejaVu Sans"  # comes with matplotlib, so that SVG is the same on every machine
_FIRST_WIDE = 0x2E80  # from here on letters are East Asian, which Latin fonts lack
_LONG_PATH = 400


def em_width(text: str, size_pt: float = _FONT_SIZE_PT) -> float:
    """Width of a text in points, by character: 1 em for wide (East Asian) ones, 0.56 em for others."""
    ems = sum(1.0 if unicodedata.east_asian_width(letter) in "WFA" else 0.56 for letter in text)
    return ems * size_pt


def new_figure(height_in: float, width_in: float = WIDTH_IN) -> Any:
    """Empty figure of the house style (call it inside a chart)."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width_in, height_in))


@contextmanager
def _style(families: list[str]) -> Iterator[None]:
    """The house style with these fonts, without messages about letters that this machine's font lacks."""
    import matplotlib as mpl

    style = mpl.rc_params_from_file(str(files("dispatch.report") / "figure.mplstyle"), use_default_template=False)
    with warnings.catch_warnings(), mpl.rc_context():
        mpl.rcParams.update(mpl.rcParamsDefault)
        mpl.rcParams.update(style)
        mpl.rcParams["font.family"] = families
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        yield


def as_svg(chart: Chart, title: str) -> str:
    """A chart as a complete SVG document with real text and a title; the same bytes for the same chart.

    Ids carry a hash of the title, so that several figures fit on one page.
    """
    import hashlib

    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    out = io.BytesIO()
    with _style([_LAYOUT_FONT]):
        mpl.rcParams["svg.hashsalt"] = hashlib.sha256(title.encode()).hexdigest()[:16]
        FigureCanvasSVG(chart()).print_svg(out, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = out.getvalue().decode("utf-8")
    svg = svg.replace(f"'{_LAYOUT_FONT}'", FONT_STACK.replace('"', "'"))
    svg = re.sub(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<metadata>.*?</metadata>", "", svg, flags=re.DOTALL).strip()
    around = f"paint-order: stroke; stroke: {LIGHT['surface']}; stroke-width: {_HALO_PT}px; stroke-linejoin: round"
    svg = svg.replace(f'<g id="{HALO}">', f'<g style="{around}">')
    svg = _without_unused_ids(svg)
    svg = re.sub(r"(-?\d+\.\d\d)\d+", r"\1", svg)
    svg = re.sub(r' d="([^"]*)"', _shorter, svg)
    return svg.replace(">", f' role="img" aria-label="{escape(title)}">\n <title>{escape(title)}</title>', 1)


def _without_unused_ids(svg: str) -> str:
    """Drop ids that nothing in the figure refers to: on a page they would occur twice."""
    used = set(re.findall(r"#([\w-]+)", svg))
    return re.sub(r' id="([^"]+)"', lambda match: match.group() if match.group(1) in used else "", svg)


def _shorter(path: re.Match[str]) -> str:
    """Path data without superfluous blanks, long ones (roads) to a tenth of a point."""
    drawn = path.group(1)
    if len(drawn) > _LONG_PATH:
        drawn = re.sub(r"-?\d+\.\d+", lambda number: f"{float(number.group()):.1f}".removesuffix(".0"), drawn)
    drawn = re.sub(r"\s*([A-Za-z])\s*", r"\1", drawn.strip())
    return f' d="{drawn}"'


def inline_svg(svg: str) -> str:
    """An SVG document for use inside the page: as wide as its box, coloured by the page's variables."""
    svg = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", svg, flags=re.DOTALL)  # it would style the whole page
    svg = re.sub(r' (width|height)="[\d.]+pt"', "", svg, count=2)
    svg = re.sub(r"font-family: [^;\"]*;?\s*", "", svg)  # the page's own
    svg = svg.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "").replace(
        ' xmlns="http://www.w3.org/2000/svg"', ""
    )
    return as_variables(svg.replace("xlink:href=", "href="))


def as_png(chart: Chart, path: Path, lang: str, *, dpi: int = 160) -> bool:
    """Write a chart as PNG in the fonts of this machine.

    Returns
    -------
    bool
        False, and nothing is written, if the chart holds Chinese and no font here has it
        (:func:`dispatch.documents.fonts.missing_font` says what to install).
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    with _own_fonts(chart, lang) as figure:
        if figure is None:
            return False
        FigureCanvasAgg(figure).print_figure(path, dpi=dpi, metadata={"Software": None}, facecolor="white")
    return True


def as_png_and_pdf(charts: Mapping[Path, Chart], pdf: Path, lang: str, title: str, *, dpi: int = 160) -> list[Path]:
    """Write every chart as PNG to its path, and all of them as one PDF, a page each, with the letters they use inside.

    Each chart is drawn once for both. A chart that :func:`as_png` would leave out is left out, and the PDF with it.

    Returns
    -------
    list of Path
        What was written, the PDF last.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_pdf import PdfPages

    known = {"Title": title, "Creator": None, "Producer": None, "CreationDate": None}
    written = []
    with PdfPages(pdf, metadata=known) as pages:  # the fonts are cut to size once, not for every chart
        for path, chart in charts.items():
            with _own_fonts(chart, lang) as figure:
                if figure is not None:
                    FigureCanvasAgg(figure).print_figure(path, dpi=dpi, metadata={"Software": None}, facecolor="white")
                    pages.savefig(figure, facecolor="white")
                    written.append(path)
    if len(written) == len(charts) > 0:
        return [*written, pdf]
    pdf.unlink(missing_ok=True)
    return written


@contextmanager
def _own_fonts(chart: Chart, lang: str) -> Iterator[Any]:
    """The chart's figure in the fonts of this machine; None if none of them has its letters."""
    from matplotlib.patheffects import withStroke
    from matplotlib.text import Text

    from dispatch.documents.fonts import chinese_font, font_families

    families = font_families("zh")
    with _style(families if lang == "zh" else families[::-1]):
        figure = chart()
        words = "".join(part.get_text() for part in figure.findobj(Text))
        if chinese_font() is None and any(ord(letter) >= _FIRST_WIDE for letter in words):
            yield None
            return
        around = [withStroke(linewidth=_HALO_PT, foreground=LIGHT["surface"])]
        for part in figure.findobj(lambda artist: artist.get_gid() == HALO):
            part.set_path_effects(around)
        yield figure
