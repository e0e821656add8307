"""Makes every item of the catalogue into a folder: one recipe a `make` word."""
import shutil
from pathlib import Path

from . import make_scans
from .layout_docx import save_docx
from .letter import read_letter
from .manifest import read_catalogue, row_of, save_manifest
from .settle import settle
from .tools import convert_office
from .units import save_units

OFFICE = {"odt": "odt", "doc": "doc:MS Word 97"}


class Builder:
    """Builds into `out`, with scratch files under `work`."""

    def __init__(self, out, work):
        self.out, self.work = Path(out), Path(work)
        self.letters = self.work / "letters"
        self.letters.mkdir(parents=True, exist_ok=True)

    def set_letters(self, items):
        """Every letter once as .docx, then all of them as PDF and in the old forms that are asked for."""
        names = sorted({item["from"] for item in items if "from" in item})
        for name in names:
            save_docx(read_letter(name), self.letters / f"{name}.docx")
        convert_office([self.letters / f"{name}.docx" for name in names], "pdf", self.letters)
        for make, target in OFFICE.items():
            wanted = [self.letters / f"{item['from']}.docx" for item in items if item["make"] == make]
            convert_office(wanted, target, self.letters)

    def make_letter(self, item, path):
        shutil.copyfile(self.letters / f"{item['from']}.{item['make']}", path)
        return [item["file"]]

    def make_scan(self, item, path):
        pages = make_scans.scanned_pages(self.letters / f"{item['from']}.pdf", item["condition"], self.work)
        if path.suffix == ".pdf":
            make_scans.save_scan_pdf(pages, path)
        elif path.suffix == ".tif":
            make_scans.save_tiff(pages, path)
        elif path.suffix == ".png":
            pages[0].save(path, dpi=(200, 200))
        elif "{n}" in item["file"]:
            return self.save_sheets(item, path, pages)
        else:
            make_scans.save_jpeg(pages[0], path)
        return [item["file"]]

    def save_sheets(self, item, path, pages):
        files = [item["file"].replace("{n}", f"{number:03d}") for number in range(1, len(pages) + 1)]
        for page, file in zip(pages, files):
            make_scans.save_jpeg(page, self.out / file)
        return files

    def build(self):
        items, rows = read_catalogue(), []
        self.set_letters(items)
        recipes = {"docx": self.make_letter, "odt": self.make_letter, "pdf": self.make_letter,
                   "doc": self.make_letter, "scan": self.make_scan}
        for item in items:
            path = self.out / item["file"]
            path.parent.mkdir(parents=True, exist_ok=True)
            files = recipes[item["make"]](item, path)
            for file in files:
                settle(self.out / file)
                rows.append(row_of(item, file))
            print(f"  {item['file']}", flush=True)
        save_manifest(rows, self.out / "manifest.csv")
        save_units(self.out / "units.jsonl")
