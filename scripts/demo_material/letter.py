"""An official document as its text file tells it: what stands in which cell of the fixed layout.

A text file is a head of `key: value` lines, a line `---`, and a body in which the first characters
of a line say what it is: `# ` heading, `= ` centred bold, `> ` addressee, `- ` and `+ ` items,
`| a | b |` a table row (the first one is its head), `~ ` italic, anything else a paragraph.
"""
from dataclasses import dataclass, field
from pathlib import Path

TEXTS = Path(__file__).parent / "texts"
SAMPLE_MARK = "VĂN BẢN MẪU"
SAMPLE_NOTE = "VĂN BẢN MẪU – tư liệu mẫu của Kho Chung, không có giá trị thi hành"


@dataclass
class Block:
    """One piece of a body: `style` is head, centre, address, item, subitem, italic, text or table."""
    style: str
    text: str = ""
    rows: list = field(default_factory=list)


@dataclass
class Letter:
    above: str       # the body above the issuer, as printed
    issuer: str
    number: str      # with its symbol: 12/KH-LĐLĐ
    place: str
    date: str        # ISO
    kind: str        # KẾ HOẠCH; empty in a letter (công văn), whose subject stands under its number
    subject: str
    authority: str   # TM. BAN THƯỜNG VỤ
    role: str        # PHÓ CHỦ TỊCH
    recipients: list
    blocks: list

    @property
    def spoken_date(self):
        year, month, day = self.date.split("-")
        # Nghị định 30/2020/NĐ-CP: a nought stands before days below 10 and months 1 and 2.
        month = month if int(month) < 3 else str(int(month))
        return f"{self.place}, ngày {day} tháng {month} năm {year}"


STYLES = {"# ": "head", "= ": "centre", "> ": "address", "- ": "item", "+ ": "subitem", "~ ": "italic"}


def parse_body(text):
    blocks = []
    for line in text.splitlines():
        line = line.strip()
        if not line:
            continue
        if line.startswith("|"):
            row = [cell.strip() for cell in line.strip("|").split("|")]
            if not blocks or blocks[-1].style != "table":
                blocks.append(Block("table"))
            blocks[-1].rows.append(row)
        elif line[:2] in STYLES:
            blocks.append(Block(STYLES[line[:2]], line[2:]))
        else:
            blocks.append(Block("text", line))
    return blocks


def read_letter(name):
    head, body = (TEXTS / f"{name}.txt").read_text(encoding="utf-8").split("\n---\n", 1)
    values = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
    return Letter(
        above=values.get("above", ""), issuer=values["issuer"], number=values.get("number", ""),
        place=values["place"], date=values["date"], kind=values.get("kind", ""),
        subject=values["subject"], authority=values["authority"], role=values.get("role", ""),
        recipients=[part.strip() for part in values["recipients"].split(";")],
        blocks=parse_body(body))
