"""Word documents: headings, paragraphs, tables and pictures on A4, in fonts that Chinese offices have.

Equal content gives equal bytes: the file's times are those given, not the clock's.
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

__all__ = ["TEXT_CM", "Heading", "Lines", "PageBreak", "Paragraph", "Picture", "WordTable", "write_word"]

_LATIN, _CJK, _CJK_TITLE = "Times New Roman", "宋体", "黑体"
_MARGIN_CM = 2.2
TEXT_CM = (21.0 - 2 * _MARGIN_CM, 29.7 - 2 * _MARGIN_CM)
"""Width and height of the text on an upright page."""
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a ZIP entry can carry


@dataclass(frozen=True)
class Heading:
    """A heading; level 0 is the document's title."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; ``style`` is ``body``, ``lead`` (larger), ``note`` (small), ``notice`` (framed) or ``centre``."""

    text: str
    style: str = "body"
    bold: bool = False


@dataclass(frozen=True)
class Lines:
    """A list, with numbers or with dots."""

    items: tuple[str, ...]
    numbered: bool = False


@dataclass(frozen=True)
class WordTable:
    """A table with a header row that is repeated on every page.

    Attributes
    ----------
    header : tuple of str
        Empty: no header row (a form of labels and blanks).
    rows : sequence of rows of cells
    widths : tuple of float
        Share of the text's width by column; empty: equal.
    numbers : tuple of int
        Columns set flush right.
    """

    header: tuple[str, ...]
    rows: Sequence[Sequence[Any]] = field(repr=False)
    widths: tuple[float, ...] = ()
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A picture (PNG file or bytes), as wide as ``share`` of the text, at most ``most_cm`` tall, with a caption."""

    source: Path | bytes
    caption: str = ""
    share: float = 1.0
    most_cm: float = math.inf


@dataclass(frozen=True)
class PageBreak:
    """What follows begins on a new page."""


Part = Heading | Paragraph | Lines | WordTable | Picture | PageBreak


def write_word(
    path: Path, parts: Iterable[Part], *, title: str, created: datetime, footer: str = "", landscape: bool = False
) -> Path:
    """Write a document of parts.

    Parameters
    ----------
    path : Path
        ``.docx``; overwritten.
    parts : iterable of parts
    title : str
        In the file's properties.
    created : datetime
    footer : str
        On every page, before the page number.
    landscape : bool

    Raises
    ------
    OSError
        If the file cannot be written, for instance because another program has it open.
    """
    from docx import Document
    from docx.shared import Cm

    document = Document()
    section = document.sections[0]
    width, height = (29.7, 21.0) if landscape else (21.0, 29.7)
    section.page_width, section.page_height = Cm(width), Cm(height)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Cm(_MARGIN_CM))
    _set_fonts(document)
    _footer(section, footer)
    text_cm = width - 2 * _MARGIN_CM
    for part in parts:
        _add(document, part, text_cm)
    core = document.core_properties
    core.title, core.author, core.last_modified_by = title[:255], "relief-dispatch", "relief-dispatch"
    core.created = core.modified = created.replace(tzinfo=None, microsecond=0)
    core.revision = 1
    buffer = io.BytesIO()
    document.save(buffer)
    path.write_bytes(_without_clock(buffer.getvalue()))
    return path


def _without_clock(packed: bytes) -> bytes:
    """The same ZIP archive, its entries without the time of writing."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            copy = zipfile.ZipInfo(entry.filename, _EPOCH)
            copy.compress_type, copy.external_attr = zipfile.ZIP_DEFLATED, entry.external_attr
            new.writestr(copy, old.read(entry.filename))
    return out.getvalue()


def _set_fonts(document: Any) -> None:
    """Latin and Chinese fonts of every style in use; python-docx sets only the Latin one by itself."""
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    sizes = {"Normal": 10.5, "Title": 20, "Heading 1": 15, "Heading 2": 12.5, "Heading 3": 11, "List Bullet": 10.5,
             "List Number": 10.5, "Caption": 9}  # fmt: skip
    for name, size in sizes.items():
        style = document.styles[name]
        titled = name.startswith(("Title", "Heading"))
        style.font.name, style.font.size = _LATIN, Pt(size)
        style.font.color.rgb = RGBColor(0x1D, 0x23, 0x29)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(attribute), None)
        fonts.set(qn("w:eastAsia"), _CJK_TITLE if titled else _CJK)
        style.paragraph_format.space_after = Pt(4 if not titled else 6)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")  # else a program may put traditional forms in place of a missing font


def _footer(section: Any, words: str) -> None:
    """Words and the page's number at the foot of every page."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    paragraph = section.footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run(f"{words} · " if words else "")
    number = paragraph.add_run()
    for kind, content in (("begin", None), (None, "PAGE"), ("end", None)):
        element = OxmlElement("w:instrText" if content else "w:fldChar")
        if content:
            element.text = content
        else:
            element.set(qn("w:fldCharType"), kind)
        number._r.append(element)
    for piece in (run, number):
        piece.font.size = Pt(8)


def _add(document: Any, part: Part, text_cm: float) -> None:
    """Add one part."""
    match part:
        case Heading():
            document.add_heading(part.text, part.level)
        case Paragraph():
            _add_paragraph(document, part)
        case Lines():
            for item in part.items:
                document.add_paragraph(item, style="List Number" if part.numbered else "List Bullet")
        case WordTable():
            _add_table(document, part, text_cm)
        case Picture():
            _add_picture(document, part, text_cm)
        case PageBreak():
            document.add_page_break()


def _add_paragraph(document: Any, part: Paragraph) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt, RGBColor

    if part.style == "notice":
        table = document.add_table(rows=1, cols=1, style="Table Grid")
        paragraph = table.rows[0].cells[0].paragraphs[0]
    else:
        paragraph = document.add_paragraph()
    if part.style == "centre":
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run(part.text)
    run.bold = part.bold
    if part.style == "lead":
        run.font.size = Pt(13)
    elif part.style == "note":
        run.font.size = Pt(8.5)
        run.font.color.rgb = RGBColor(0x59, 0x63, 0x6E)


def _add_table(document: Any, part: WordTable, text_cm: float) -> None:
    """A table of fixed column widths, so that nothing is cut and nothing jumps between programs."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Cm

    count = len(part.header) or max((len(row) for row in part.rows), default=1)
    total = sum(part.widths) if part.widths else count
    widths = [Cm(text_cm * share / total) for share in (part.widths or (1.0,) * count)]
    rows = ([part.header] if part.header else []) + [tuple(row) for row in part.rows]
    table = document.add_table(rows=len(rows), cols=count, style="Table Grid")
    table.autofit = False
    for k, width in enumerate(widths):
        table.columns[k].width = width
    for line, (row, cells) in enumerate(zip(table.rows, rows, strict=True)):
        head = bool(part.header) and line == 0
        properties = row._tr.get_or_add_trPr()
        whole = OxmlElement("w:cantSplit")
        properties.append(whole)
        if head:
            mark = OxmlElement("w:tblHeader")
            mark.set(qn("w:val"), "true")
            properties.append(mark)
        for k, cell in enumerate(row.cells):
            cell.width = widths[k]
            value = cells[k] if k < len(cells) else ""
            _fill(cell, "" if value is None else str(value), head=head, right=not head and k in part.numbers)
    document.add_paragraph()


def _fill(cell: Any, value: str, *, head: bool, right: bool) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(1.5)
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    run = paragraph.add_run(value)
    run.font.size = Pt(9)
    run.bold = head
    if head:
        shade = OxmlElement("w:shd")
        shade.set(qn("w:val"), "clear")
        shade.set(qn("w:fill"), "EEF1F4")
        cell._tc.get_or_add_tcPr().append(shade)


def _add_picture(document: Any, part: Picture, text_cm: float) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm

    source = io.BytesIO(part.source) if isinstance(part.source, bytes) else str(part.source)
    shape = document.add_picture(source, width=Cm(text_cm * part.share))
    if shape.height.cm > part.most_cm:
        shape.width, shape.height = int(shape.width * part.most_cm / shape.height.cm), Cm(part.most_cm)
    document.paragraphs[-1].alignment = WD_ALIGN_PARAGRAPH.CENTER
    if part.caption:
        document.add_paragraph(part.caption, style="Caption").alignment = WD_ALIGN_PARAGRAPH.CENTER
