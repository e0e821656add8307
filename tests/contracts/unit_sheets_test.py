"""Units from Excel files: made by openpyxl, by LibreOffice, by hand; and files that mean no good."""
import datetime
import io
import pathlib
import shutil
import subprocess
import sys
import unittest
import zipfile

import openpyxl

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from archive import Archive  # noqa: E402

HEADING = ("code", "name_vi", "parent", "level", "valid_from", "members_2025")
TYPES = ('<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
         '<Default Extension="xml" ContentType="application/xml"/></Types>')
WORKBOOK = ('<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
            'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">{more}<sheets>'
            '<sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>')
RELATIONS = ('<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
             '<Relationship Id="r1" Type="sheet" Target="worksheets/s.xml"/></Relationships>')


def by_hand(sheet, **parts):
    """An xlsx of these parts alone."""
    parts = {"[Content_Types].xml": TYPES, "xl/workbook.xml": WORKBOOK.format(more=""), "xl/_rels/workbook.xml.rels": RELATIONS,
             "xl/worksheets/s.xml": sheet, **parts}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return file.getvalue()


def sheet_of(rows, after=""):
    """Rows of inline texts."""
    def cell(text):
        return f'<c t="inlineStr"><is><t>{text}</t></is></c>'
    return ('<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
            + "".join("<row>" + "".join(map(cell, row)) + "</row>" for row in rows) + f"</sheetData>{after}</worksheet>")


class UnitSheets(unittest.TestCase):
    def setUp(self):
        self.archive = Archive()
        self.addCleanup(self.archive.remove)

    def take(self, content, name="don-vi.xlsx"):
        return self.archive.run("unit", "import", self.archive.file(name, content), "--json")

    def book(self, rows, change=None):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        if change:
            change(book)
        file = io.BytesIO()
        book.save(file)
        return file.getvalue()

    def units(self):
        listed = self.archive.run("unit", "list", "--json").json["units"]
        return {unit["code"]: unit for unit in listed}

    def refused(self, content, *words):
        before = self.units()
        outcome = self.take(content)
        self.assertNotEqual(0, outcome.exit_code, outcome)
        said = outcome.complaint + str(outcome.output)
        for word in words:
            self.assertIn(word, said)
        self.assertEqual(before, self.units())

    def test_a_table_with_texts_numbers_and_days_becomes_units_and_again_changes_nothing(self):
        rows = [HEADING, ("ldld-a", "LĐLĐ tỉnh A", "tld", "tinh", datetime.date(2025, 7, 1), 1234567),
                ("cd-b", "CĐCS “B & Con”", "ldld-a", "co_so", "2024-02-29", 1.0e3), (None,) * 6,
                ("cd-c", "Công đoàn cơ sở <C>", "ldld-a", "co_so", datetime.datetime(2023, 1, 2), None)]
        content = self.book(rows)
        self.assertEqual({"units": 3, "created": 3, "changed": 0, "unchanged": 0}, self.take(content).json)
        units = self.units()
        self.assertEqual(("2025-07-01", "2024-02-29", "2023-01-02"),
                         tuple(units[code]["valid_from"] for code in ("ldld-a", "cd-b", "cd-c")))
        self.assertEqual("Công đoàn cơ sở <C>", units["cd-c"]["name_vi"])
        self.assertEqual(units["ldld-a"]["id"], units["cd-b"]["parent"])
        self.assertEqual(3, self.take(content).json["unchanged"])

    def test_titles_above_merged_cells_formulas_and_hidden_sheets_are_understood(self):
        def change(book):
            sheet = book.active
            sheet.merge_cells("A1:F1")
            sheet.merge_cells("C3:C4")
            sheet["B4"] = "=CONCATENATE(\"CĐCS\",\" Hai\")"
            hidden = book.create_sheet("ẩn", 0)
            hidden.sheet_state = "hidden"
            hidden["A1"] = "code"
        rows = [("DANH SÁCH ĐƠN VỊ",), HEADING, ("cd-1", "CĐCS Một", "tld", "co_so", None, 10), ("cd-2", None, None, "co_so", None, 20)]
        content = self.book(rows, change)
        # A formula that no program has reckoned yet has no value: its name is missing, and the row is named.
        self.refused(content, "row 4", "cd-2")
        shown = self.by_libreoffice(content, "xlsx")
        self.assertEqual(2, self.take(shown).json["created"])
        self.assertEqual("CĐCS Hai", self.units()["cd-2"]["name_vi"])
        self.assertEqual(self.units()["cd-1"]["parent"], self.units()["cd-2"]["parent"])

    def by_libreoffice(self, content, kind, ending="xlsx", filters=""):
        if shutil.which("soffice") is None:
            self.skipTest("no LibreOffice")
        folder = self.archive.file(f"lo-{ending}/in.{ending}", content).parent
        subprocess.run(["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", *([filters] if filters else []),
                        "--convert-to", kind, "--outdir", folder / "out", folder / f"in.{ending}"],
                       check=True, timeout=120, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return (folder / "out" / f"in.{kind}").read_bytes()

    def test_what_libreoffice_makes_of_a_csv_is_the_same_table(self):
        csv = "code,name_vi,parent,valid_from,members_2025\nldld-b,LĐLĐ tỉnh B,tld,2025-07-01,98765\ncd-001,Công đoàn 1,ldld-b,2024-12-31,7\n"
        content = self.by_libreoffice(csv.encode(), "xlsx", "csv", "--infilter=CSV:44,34,76,1")
        self.assertEqual(2, self.take(content).json["created"])
        self.assertEqual(("2025-07-01", "Công đoàn 1"), (self.units()["ldld-b"]["valid_from"], self.units()["cd-001"]["name_vi"]))

    def test_days_count_from_1900_or_1904_and_only_where_the_cell_shows_a_day(self):
        styles = ('<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts><numFmt numFmtId="164" '
                  'formatCode="dd\\/mm\\/yyyy"/><numFmt numFmtId="165" formatCode="[Red]0&quot; day&quot;"/></numFmts><cellStyleXfs>'
                  '<xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>')
        for more, day in (("", "2024-02-29"), ('<workbookPr date1904="1"/>', "2028-03-01")):
            sheet = ('<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
                     '<row r="3"><c r="B3" t="str"><v>code</v></c><c r="C3" t="str"><v>name_vi</v></c><c r="D3" t="str"><v>parent</v></c>'
                     '<c r="E3" t="str"><v>valid_from</v></c><c r="F3" t="str"><v>members_2025</v></c></row>'
                     f'<row r="5"><c r="B5" t="str"><v>u{len(more)}</v></c><c r="C5" t="inlineStr"><is><r><t>Đơn </t></r><r><t>vị</t></r>'
                     '<rPh><t>x</t></rPh></is></c><c r="D5" t="str"><v>tld</v></c><c r="E5" s="1"><v>45351</v></c>'
                     '<c r="F5" s="2"><v>1.2E3</v></c></row></sheetData></worksheet>')
            content = by_hand(sheet, **{"xl/styles.xml": styles, "xl/workbook.xml": WORKBOOK.format(more=more)})
            self.assertEqual(1, self.take(content).json["created"])
            unit = self.units()[f"u{len(more)}"]
            self.assertEqual((day, "Đơn vị"), (unit["valid_from"], unit["name_vi"]))

    def test_a_mistake_is_named_by_its_cell_as_people_count(self):
        good = ("cd-1", "Một", "tld", "co_so", None, None)
        for place, rows in (("cell G1", [HEADING + ("Ghi chú",), good]), ("cell G2", [HEADING, good + ("lạc",)]),
                            ("cell E3", [HEADING, good, ("cd-2", "Hai", "tld", "", "31/12/2024", None)]),
                            ("cell F2", [HEADING, good[:5] + ("nhiều",)]), ("cell F2", [HEADING, good[:5] + (1.5,)]),
                            ("cell A3", [HEADING, good, (None, "Không mã", "tld")]), ("cell B1", [("code", "code"), ("a", "b")]),
                            ("row 4, unit cd-3", [HEADING, good, (None,), ("cd-3", "Ba", "no-such")]), ("code", [("mã", "tên"), ("a", "b")])):
            self.refused(self.book(rows), place)

    def test_files_that_mean_no_good_change_nothing_and_cost_little(self):
        entity = ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY y "yyyyyyyyyy">]>' + sheet_of([("code", "name_vi"), ("a", "&x;&y;")]))
        self.refused(by_hand(entity))
        laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
        self.refused(by_hand(f'<!DOCTYPE a [<!ENTITY a0 "ha">{laughs}]>' + sheet_of([("code", "name_vi"), ("a", "&a9;")])))
        head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        self.refused(by_hand(head + "<row/>" * 10_000_000 + "</sheetData></worksheet>"))
        self.refused(by_hand(head + "<row><c><v>1</v></c></row>" * 300_000 + "</sheetData></worksheet>"), "sheet_too_large")
        self.refused(by_hand(head + " " * 250_000_000 + "</sheetData></worksheet>"), "too_many_parts")
        wide = '<row r="1"><c r="ZZZ1" t="str"><v>code</v></c></row>'
        self.refused(by_hand(head + wide + "</sheetData></worksheet>"), "sheet_too_large")
        merged = '<mergeCells>' + '<mergeCell ref="A1:IV1048576"/>' * 1000 + "</mergeCells>"
        self.refused(by_hand(sheet_of([("x" * 30_000,)] + [("a",)] * 2000, merged)), "sheet_too_large")
        for number in "-1", "0", "99999999999", "x":
            self.refused(by_hand(f'{head}<row r="{number}"><c t="s"><v>{number}</v></c></row></sheetData></worksheet>'))
        good = self.book([HEADING, ("cd-1", "Một", "tld")])
        for content in (b"", b"PK", good[:len(good) // 2], good[:300], b"code,name_vi\na,b\n", by_hand("<worksheet>"), by_hand("")):
            self.refused(content)
        self.assertNotEqual(0, self.archive.run("unit", "import", "/no/such.xlsx").exit_code)


if __name__ == "__main__":
    unittest.main()
