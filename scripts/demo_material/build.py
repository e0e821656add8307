"""Makes every item of the catalogue into a folder: one recipe a `make` word."""
import shutil
from pathlib import Path

from . import make_pictures, make_scans, make_sheets, make_sound, make_texts
from .layout_docx import save_docx
from .layout_slides import save_fodp
from .letter import read_letter
from .manifest import read_catalogue, row_of, save_manifest
from .settle import settle
from .tools import convert_office
from .units import save_units

OLD_FORMS = {"odt": "odt", "doc": "doc:MS Word 97"}  # saved by LibreOffice from the .docx


class Builder:
    """Builds into `out`, with scratch files under `work`."""

    def __init__(self, out, work):
        self.out, self.work = Path(out), Path(work)
        self.letters = self.work / "letters"
        self.letters.mkdir(parents=True, exist_ok=True)

    def set_letters(self, items):
        """Every letter once as .docx, then all of them as PDF and in the old forms that are asked for."""
        names = {item["from"] for item in items if "from" in item}
        names |= {part for item in items for name, part in item.get("parts", {}).items() if name.endswith(".docx")}
        names = sorted(names)
        for name in names:
            save_docx(read_letter(name), self.letters / f"{name}.docx")
        convert_office([self.letters / f"{name}.docx" for name in names], "pdf", self.letters)
        for name in names:
            settle(self.letters / f"{name}.docx")
        for make, target in OLD_FORMS.items():
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

    def make_deck(self, item, path):
        flat = self.work / f"{path.stem}.fodp"
        save_fodp(item["deck"], flat, self.scene_jpeg)
        convert_office([flat], path.suffix[1:], self.work)
        shutil.copyfile(self.work / path.name, path)
        return [item["file"]]

    def scene_jpeg(self, drawing):
        picture = self.work / f"{drawing}.jpg"
        make_pictures.paint(drawing, self.work, 0.6).save(picture, quality=76)
        return picture.read_bytes()

    def make_sheet(self, item, path):
        book = self.work / f"{path.stem}.xlsx"
        make_sheets.save_sheet(item["sheet"], book)
        if path.suffix != ".xlsx":
            convert_office([book], path.suffix[1:], self.work)
        shutil.copyfile(self.work / path.name, path)
        return [item["file"]]

    def make_other(self, item, path):
        makers = {
            "picture": lambda: make_pictures.save_picture(item, path, self.work),
            "bulletin": lambda: make_sound.save_bulletin(item, path, self.work),
            "film": lambda: make_sound.save_film(item, path, self.work),
            "page": lambda: make_texts.save_page(item, path, self.work),
            "copy": lambda: make_texts.save_copy(item, path),
            "tcvn3": lambda: make_texts.save_tcvn3(item, path),
            "zip": lambda: make_texts.save_zip(item, path, self.letters, self.work),
        }
        makers[item["make"]]()
        return [item["file"]]

    def build(self):
        items, rows = read_catalogue(), []
        self.set_letters(items)
        recipes = {**dict.fromkeys(("docx", "odt", "pdf", "doc"), self.make_letter),
                   "scan": self.make_scan, "deck": self.make_deck, "sheet": self.make_sheet}
        for item in items:
            path = self.out / item["file"]
            path.parent.mkdir(parents=True, exist_ok=True)
            for file in recipes.get(item["make"], self.make_other)(item, path):
                settle(self.out / file)
                rows.append(row_of(item, file))
            print(f"  {item['file']}", flush=True)
        save_manifest(rows, self.out / "manifest.csv")
        save_units(self.out / "units.jsonl")
