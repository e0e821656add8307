"""Any UTF-8 text as an office would have it: .docx, PDF, a clean scan and a bad one."""
import re
from pathlib import Path

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH as Align

from .layout_docx import FACE, set_footerless_page, write
from .make_scans import save_scan_pdf, scanned_pages
from .settle import settle
from .tools import convert_office

HEADING = re.compile(r"^(?:[IVX]+|\d+(?:\.\d+)*)\.\s")


def save_text_docx(text, path):
    """One paragraph a line; `**` marks, numbered short lines and lines in capitals are bold."""
    document = Document()
    document.styles["Normal"].font.name = FACE
    set_footerless_page(document)
    # Where two marked pieces stand on one line, they were two lines.
    lines = [line.strip() for line in re.sub(r"\*\*+", "\n", text).splitlines()]
    for number, line in enumerate(filter(None, lines)):
        is_title = number < 3 and len(line) < 90
        is_head = is_title or line.isupper() or (HEADING.match(line) is not None and len(line) < 220)
        write(document.add_paragraph(), line, Align.CENTER if is_title else Align.JUSTIFY, after=5, spacing=1.1,
              indent=0 if is_title else 10, bold=is_head)
    document.save(path)


def make_forms(source, out, work):
    out.mkdir(parents=True, exist_ok=True)
    name = Path(source).stem
    docx, pdf = out / f"{name}.docx", out / f"{name}.pdf"
    save_text_docx(Path(source).read_text(encoding="utf-8"), docx)
    convert_office([docx], "pdf", out)
    for condition, label in (("clean", "quet-sach"), ("skew", "quet-xau")):
        save_scan_pdf(scanned_pages(pdf, condition, work), out / f"{name}-{label}.pdf")
    for made in (docx, pdf, *out.glob(f"{name}-quet-*.pdf")):
        settle(made)
        print(f"  {made} {made.stat().st_size / 1e6:.2f} MB")
