"""Sets a Letter as .docx in the layout of Nghị định 30/2020/NĐ-CP, Phụ lục I."""
import datetime

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as Align
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from .letter import SAMPLE_MARK, SAMPLE_NOTE

FACE = "Times New Roman"  # fontconfig gives Tinos, which has its measures
TEXT_POINTS = 13.5


def set_run(run, points=TEXT_POINTS, bold=False, italic=False, colour=None):
    run.font.name, run.font.size, run.bold, run.italic = FACE, Pt(points), bold, italic
    run._element.rPr.rFonts.set(qn("w:eastAsia"), FACE)
    if colour:
        run.font.color.rgb = RGBColor(*colour)


def write(paragraph, text, align=Align.LEFT, before=0, after=0, spacing=1.0, indent=0.0, **face):
    shape = paragraph.paragraph_format
    shape.alignment, shape.line_spacing = align, spacing
    shape.space_before, shape.space_after = Pt(before), Pt(after)
    shape.first_line_indent = Mm(indent) if indent else None
    set_run(paragraph.add_run(text), **face)
    return paragraph


def rule(paragraph, left, right):
    """A thin line as wide as the cell less its two sides: the one under names of bodies."""
    write(paragraph, "", points=2, before=2)
    paragraph.paragraph_format.left_indent, paragraph.paragraph_format.right_indent = Mm(left), Mm(right)
    borders = OxmlElement("w:pBdr")
    line = OxmlElement("w:top")
    for key, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        line.set(qn(f"w:{key}"), value)
    borders.append(line)
    paragraph._p.get_or_add_pPr().append(borders)


def plain_table(document, widths):
    table = document.add_table(rows=1, cols=len(widths))
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, widths):
        column.width = column.cells[0].width = Mm(width)
    keep_whole(table.rows[0])
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        none = OxmlElement(f"w:{side}")
        none.set(qn("w:w"), "0")
        none.set(qn("w:type"), "dxa")
        margins.append(none)
    table._tbl.tblPr.append(margins)
    return table.rows[0].cells


def keep_whole(row):
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def add_page_number(paragraph):
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        run = paragraph.add_run()
        set_run(run, 13)
        mark = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark.text = text
        run._r.append(mark)


def set_footerless_page(document):
    """A4 with the margins of the decree; a page number from the second page."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(18)
    section.header_distance = section.footer_distance = Mm(9)
    section.different_first_page_header_footer = True
    later = section.header.paragraphs[0]
    later.alignment = Align.CENTER
    add_page_number(later)
    return section


def set_page(document):
    """The same, marked as a sample on every page."""
    section = set_footerless_page(document)
    mark = section.first_page_header.paragraphs[0]
    write(mark, SAMPLE_MARK, Align.CENTER, points=11, bold=True, colour=(150, 30, 30))
    for footer in (section.first_page_footer, section.footer):
        write(footer.paragraphs[0], SAMPLE_NOTE, Align.CENTER, points=9.5, italic=True, colour=(90, 90, 90))


def set_head(document, letter):
    left, right = plain_table(document, (74, 92))
    first = left.paragraphs[0]
    if letter.above:
        write(first, letter.above, Align.CENTER, points=10.5)
        first = left.add_paragraph()
    write(first, letter.issuer.replace(" / ", "\n"), Align.CENTER, points=12, bold=True)
    rule(left.add_paragraph(), 23, 23)
    if letter.number:
        write(left.add_paragraph(), f"Số: {letter.number}", Align.CENTER, before=3, points=13)
    if not letter.kind:
        write(left.add_paragraph(), f"V/v {letter.subject}", Align.CENTER, before=3, points=12)
    write(right.paragraphs[0], "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", Align.CENTER, points=12, bold=True)
    write(right.add_paragraph(), "Độc lập - Tự do - Hạnh phúc", Align.CENTER, points=13, bold=True)
    rule(right.add_paragraph(), 16, 16)
    write(right.add_paragraph(), letter.spoken_date, Align.CENTER, before=6, points=13, italic=True)


def set_title(document, letter):
    if not letter.kind:
        return
    write(document.add_paragraph(), letter.kind, Align.CENTER, before=14, points=14.5, bold=True)
    write(document.add_paragraph(), letter.subject, Align.CENTER, points=14, bold=True)
    rule(document.add_paragraph(), 60, 60)


def set_table(document, rows):
    table = document.add_table(rows=len(rows), cols=len(rows[0]))
    table.style, table.alignment = "Table Grid", WD_TABLE_ALIGNMENT.CENTER
    for number, row in enumerate(rows):
        keep_whole(table.rows[number])
        for cell, text in zip(table.rows[number].cells, row):
            is_figure = text.replace(".", "").replace(",", "").replace("%", "").strip().isdigit()
            align = Align.CENTER if number == 0 or is_figure else Align.LEFT
            write(cell.paragraphs[0], text, align, before=2, after=2, points=12, bold=number == 0)
            cell.paragraphs[0].paragraph_format.keep_with_next = number < len(rows) - 1
    write(document.add_paragraph(), "", points=4)


BODY = {  # how each style of block is set
    "head": dict(align=Align.JUSTIFY, before=4, after=4, indent=10, bold=True),
    "centre": dict(align=Align.CENTER, before=6, after=6, bold=True),
    "address": dict(align=Align.CENTER, before=6, after=8),
    "italic": dict(align=Align.JUSTIFY, after=3, indent=10, italic=True),
    "item": dict(align=Align.JUSTIFY, after=4, indent=10, spacing=1.12),
    "subitem": dict(align=Align.JUSTIFY, after=4, indent=10, spacing=1.12),
    "text": dict(align=Align.JUSTIFY, after=5, indent=10, spacing=1.12),
}
BULLETS = {"item": "- ", "subitem": "+ "}


def set_body(document, blocks):
    write(document.add_paragraph(), "", points=5)
    for block in blocks:
        if block.style == "table":
            set_table(document, block.rows)
            continue
        paragraph = write(document.add_paragraph(), BULLETS.get(block.style, "") + block.text, **BODY[block.style])
        paragraph.paragraph_format.keep_with_next = block.style in ("head", "centre")
        paragraph.paragraph_format.widow_control = True


def set_signature(document, letter):
    write(document.add_paragraph(), "", points=6)
    left, right = plain_table(document, (78, 84))
    write(left.paragraphs[0], "Nơi nhận:", points=12, bold=True, italic=True)
    last = len(letter.recipients) - 1
    for number, name in enumerate(letter.recipients):
        write(left.add_paragraph(), f"- {name}{'.' if number == last else ';'}", points=11)
    write(right.paragraphs[0], letter.authority, Align.CENTER, points=13, bold=True)
    if letter.role:
        write(right.add_paragraph(), letter.role, Align.CENTER, points=13, bold=True)
    write(right.add_paragraph(), "(đã ký)", Align.CENTER, before=32, after=20, points=13, italic=True)


def set_properties(document, letter):
    about = document.core_properties
    about.title, about.author, about.last_modified_by = letter.subject, letter.issuer, "Kho Chung (mẫu)"
    about.created = about.modified = datetime.datetime.fromisoformat(letter.date)
    about.comments, about.revision = SAMPLE_NOTE, 1


def save_docx(letter, path):
    document = Document()
    document.styles["Normal"].font.name = FACE
    set_page(document)
    set_head(document, letter)
    set_title(document, letter)
    set_body(document, letter.blocks)
    set_signature(document, letter)
    write(document.add_paragraph(), "", points=1)
    set_properties(document, letter)
    document.save(path)
