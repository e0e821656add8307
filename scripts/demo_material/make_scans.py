"""Letters as scans: pages of a PDF painted at 300 dpi, signed, stamped, degraded and saved."""
import re
import zlib

import numpy as np
from PIL import Image

from .scan import degrade
from .tools import pdf_to_pictures, run

DPI = 300
SIGNED = re.compile(r'<page width="[\d.]+" height="[\d.]+">|<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">\(đã')


def signature_places(pdf):
    """Page number -> middle of its “(đã ký)” in pixels."""
    page, places = -1, {}
    for found in SIGNED.finditer(run("pdftotext", "-bbox", pdf, "-").decode("utf-8")):
        if found.group(1) is None:
            page += 1
            continue
        left, top, right, bottom = (float(value) * DPI / 72 for value in found.groups())
        places[page] = (round(right + 10), round((top + bottom) / 2))
    return places


def scanned_pages(pdf, condition, work):
    """The pages of `pdf` as pictures in `condition`; the same input gives the same pixels."""
    rng = np.random.default_rng(zlib.crc32(f"{pdf.stem}:{condition}".encode()))
    places = signature_places(pdf)
    pages = []
    for number, path in enumerate(pdf_to_pictures(pdf, work / f"{pdf.stem}-{condition}", DPI)):
        with Image.open(path) as page:
            pages.append(degrade(page.convert("RGB"), condition, rng, places.get(number)))
        path.unlink()
    return pages


def save_jpeg(page, path, quality=60):
    page.convert("L" if page.mode in ("1", "L") else "RGB").save(path, quality=quality, dpi=(DPI, DPI), optimize=True)


def save_tiff(pages, path):
    """Black and white in CCITT group 4, as fax servers keep them."""
    first, *others = [page.convert("1") for page in pages]
    first.save(path, compression="group4", dpi=(200, 200), save_all=True, append_images=others)


def save_scan_pdf(pages, path, quality=50):
    """A PDF of pictures without a word of text, as office scanners make it."""
    first, *others = [page.convert("L") for page in pages]
    first.save(path, "PDF", resolution=DPI, quality=quality, save_all=True, append_images=others)
