"""Takes the hour and the chance out of files that office programs write, so that a second run of the
generator gives the same bytes: times, random identifiers, the order and dates inside ZIP containers."""
import re
import zipfile
from pathlib import Path

from .tools import run

MOMENT = (2026, 1, 1, 0, 0, 0)
PDF_TIME = rb"/((?:CreationDate|ModDate)\s?)\(D:\d{14}"
XML_TIMES = re.compile(
    rb"(<(?:meta:creation-date|dc:date|dcterms:created[^>]*|dcterms:modified[^>]*)>)\d{4}-\d\d-\d\dT[0-9:.]+Z?(</)")


def settle_zip(path):
    with zipfile.ZipFile(path) as source:
        parts = [(info, source.read(info)) for info in source.infolist()]
    with zipfile.ZipFile(path, "w") as target:
        for info, data in parts:
            if info.filename.endswith((".xml", ".rels")):
                data = XML_TIMES.sub(rb"\g<1>2026-01-01T00:00:00Z\g<2>", data)
                data = re.sub(rb'(config:name="Rsid(?:Root)?" config:type="int">)\d+', rb"\g<1>1", data)
                data = re.sub(rb'(<a:fld id="\{)[0-9A-F-]{36}', rb"\g<1>00000000-0000-4000-8000-000000000001", data)
                data = re.sub(rb"<meta:editing-duration>[^<]*", b"<meta:editing-duration>PT0S", data)
            entry = zipfile.ZipInfo(info.filename, MOMENT)
            entry.compress_type, entry.external_attr = info.compress_type, 0o644 << 16
            target.writestr(entry, data)


def without_digits(found):
    """The same bytes with noughts in place of each hexadecimal number: offsets stay."""
    return re.sub(rb"<[0-9A-Fa-f]{32}>", b"<" + b"0" * 32 + b">", found.group(0))


def settle_pdf(path):
    """Fixed times, then qpdf with an identifier made from the content."""
    data = Path(path).read_bytes()
    data = re.sub(PDF_TIME, rb"/\1(D:20260101000000", data)
    data = re.sub(rb"/DocChecksum\s*/[0-9A-F]{32}", b"/DocChecksum /" + b"0" * 32, data)
    data = re.sub(rb"/ID\s*\[\s*<[0-9A-Fa-f]{32}>\s*<[0-9A-Fa-f]{32}>", without_digits, data)
    Path(path).write_bytes(data)
    run("qpdf", "--deterministic-id", "--object-streams=generate", "--replace-input", path)


def settle(path):
    suffix = Path(path).suffix.lower()
    if suffix in (".docx", ".odt", ".xlsx", ".ods", ".pptx", ".odp", ".zip"):
        settle_zip(path)
    elif suffix == ".pdf":
        settle_pdf(path)
