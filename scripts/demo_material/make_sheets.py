"""Spreadsheets with sample figures: members by unit, and a small union's income and spending."""
import datetime

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.properties import PageSetupProperties

from . import units

HEAD = PatternFill("solid", fgColor="A6121F")
BAND = PatternFill("solid", fgColor="FBF3E4")
THIN = Border(*[Side(style="thin", color="C9BDA5")] * 4)
NOTE = "VĂN BẢN MẪU – mọi số liệu trong bảng là số liệu mẫu, không phải số liệu thật"


def sheet_with_head(book, title, columns, widths):
    sheet = book.active
    sheet.title = title[:31]
    sheet["A1"], sheet["A2"] = title.upper(), NOTE
    sheet["A1"].font, sheet["A2"].font = Font(bold=True, size=14, color="A6121F"), Font(italic=True, color="666666")
    for number, (name, width) in enumerate(zip(columns, widths), 1):
        cell = sheet.cell(4, number, name)
        cell.font, cell.fill, cell.border = Font(bold=True, color="FFFFFF"), HEAD, THIN
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        sheet.column_dimensions[cell.column_letter].width = width
    sheet.freeze_panes = "A5"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr = 0, PageSetupProperties(fitToPage=True)
    return sheet


def add_rows(sheet, rows):
    for at, row in enumerate(rows, 5):
        for number, value in enumerate(row, 1):
            cell = sheet.cell(at, number, value)
            cell.border = THIN
            if at % 2:
                cell.fill = BAND
            if not isinstance(value, str) or value.startswith("="):
                cell.number_format = "0.0%" if "/" in str(value) else "#,##0"
    return 4 + len(rows)


def members_by_unit():
    """Members of each open upper-level unit, with sums and a chart."""
    book = Workbook()
    columns = ("STT", "Mã đơn vị", "Đơn vị", "CĐCS", "Người lao động", "Đoàn viên", "Đoàn viên nữ", "Tỷ lệ đoàn viên")
    sheet = sheet_with_head(book, "Đoàn viên theo đơn vị (30-6-2026)", columns, (6, 18, 44, 10, 16, 14, 14, 14))
    open_units = [unit for unit in units.rows() if unit["level"] == units.UPPER and not unit["valid_to"]]
    rows = []
    for number, unit in enumerate(open_units):
        at, workers = 5 + number, 1_000 * (120 + 97 * ((number * 5 + 3) % 8))
        members = workers * (78 + number * 2) // 100
        rows.append((number + 1, unit["code"], unit["name_vi"], 400 + 310 * ((number * 3 + 1) % 7), workers, members,
                     members * (46 + number * 3) // 100, f"=F{at}/E{at}"))
    last = 4 + len(rows)
    rows.append(("", "", "Cộng", *(f"=SUM({c}5:{c}{last})" for c in "DEFG"), f"=F{last + 1}/E{last + 1}"))
    add_rows(sheet, rows)
    for cell in sheet[last + 1]:
        cell.font = Font(bold=True)
    chart = BarChart()
    chart.type, chart.title, chart.height, chart.width = "bar", "Đoàn viên theo đơn vị (số liệu mẫu)", 9, 22
    chart.add_data(Reference(sheet, min_col=6, min_row=4, max_row=last), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=3, min_row=5, max_row=last))
    sheet.add_chart(chart, f"B{last + 4}")
    return book


def income_and_spending():
    """A grassroots union's year."""
    book = Workbook()
    columns = ("STT", "Nội dung", "Dự toán (đồng)", "Thực hiện (đồng)", "Tỷ lệ")
    sheet = sheet_with_head(book, "Thu chi công đoàn cơ sở 2025", columns, (6, 56, 20, 20, 12))
    lines = [("Thu đoàn phí công đoàn (phần để lại cơ sở)", 186_000_000, 181_400_000),
             ("Thu kinh phí công đoàn được phân phối", 412_000_000, 420_750_000),
             ("Chi thăm hỏi ốm đau, thai sản, hiếu hỉ", 120_000_000, 117_300_000),
             ("Chi Tết Sum vầy, Chuyến xe Công đoàn", 150_000_000, 158_600_000),
             ("Chi Tháng Công nhân, đối thoại, hội thi an toàn vệ sinh viên", 86_000_000, 79_250_000),
             ("Chi truyền thông: loa, bảng tin, áp phích", 24_000_000, 21_900_000),
             ("Chi bồi dưỡng cán bộ tổ công đoàn", 32_000_000, 30_400_000)]
    add_rows(sheet, [(number, *row, f"=D{number + 4}/C{number + 4}") for number, row in enumerate(lines, 1)])
    return book


SHEETS = {f.__name__: f for f in (members_by_unit, income_and_spending)}


def save_sheet(name, path):
    book = SHEETS[name]()
    book.properties.creator = "Kho Chung (mẫu)"
    book.properties.created = book.properties.modified = datetime.datetime(2026, 1, 1)
    book.save(path)
