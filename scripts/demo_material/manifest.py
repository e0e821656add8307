"""The manifest beside the files: read by `khochung ingest --manifest`, held against the files here."""
import csv
import tomllib
from pathlib import Path

from . import units
from .letter import read_letter

CATALOGUE = Path(__file__).parent / "catalogue.toml"
COLUMNS = ("file", "title", "description", "date", "unit", "visibility", "state", "embargo_until", "group", "kind",
           "language", "number", "issuer", "theme", "credit", "terms")
TERMS = "Được dùng tự do; ghi rõ “tư liệu mẫu”"
CREDIT = "Ảnh minh họa: Kho Chung (mẫu)"
LIMIT_BYTES = 25_000_000
VISIBILITIES = {"public", "press", "union", "branch", "unit", "private"}
STATES = {"draft", "submitted", "approved", "published", "withdrawn"}
KIND_KEYS = {
    "CHƯƠNG TRÌNH": "chuong_trinh", "KẾ HOẠCH": "ke_hoach", "QUYẾT ĐỊNH": "quyet_dinh", "THÔNG BÁO": "thong_bao",
    "BÁO CÁO": "bao_cao", "HƯỚNG DẪN": "huong_dan", "GIẤY MỜI": "giay_moi", "TỜ TRÌNH": "to_trinh",
    "NGHỊ QUYẾT": "nghi_quyet", "BIÊN BẢN": "bien_ban", "CÔNG ĐIỆN": "cong_dien", "QUY CHẾ": "quy_che",
    "THÔNG CÁO BÁO CHÍ": "thong_cao_bao_chi", "TRÍCH DẪN": "thong_cao_bao_chi", "TIỂU PHẨM": "khac", "": "cong_van"}


def read_catalogue():
    return tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))["item"]


def facts_of(item):
    """What a letter says of itself; nothing for a bare item and for anything else."""
    if "from" not in item or item.get("bare"):
        return {}
    letter = read_letter(item["from"])
    issuer = next(unit["name_vi"] for unit in units.rows() if unit["code"] == item["unit"])
    return {"date": letter.date, "kind": KIND_KEYS[letter.kind], "number": letter.number, "issuer": issuer}


def row_of(item, file):
    row = dict.fromkeys(COLUMNS, "")
    row.update(visibility="public", state="published", language="vi", terms=TERMS)
    row.update(facts_of(item))
    if "drawing" in item:
        row["credit"] = CREDIT
    row.update({key: str(value) for key, value in item.items() if key in COLUMNS})
    row["file"] = file
    return row


def save_manifest(rows, path):
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def check(folder):
    """Every fault of the archive in `folder`, in words."""
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    faults, known, total = [], units.codes(), 0
    named = [row["file"] for row in rows]
    for row in rows:
        path = folder / row["file"]
        if not path.is_file() or path.stat().st_size == 0:
            faults.append(f"{row['file']}: stands in the manifest but is missing or empty")
        if row["unit"] not in known:
            faults.append(f"{row['file']}: unit “{row['unit']}” is not in the tree")
        if row["visibility"] not in VISIBILITIES or row["state"] not in STATES:
            faults.append(f"{row['file']}: unknown visibility or state")
        if named.count(row["file"]) > 1:
            faults.append(f"{row['file']}: stands twice")
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        total += path.stat().st_size
        name = path.relative_to(folder).as_posix()
        if name not in named and name not in ("manifest.csv", "units.jsonl"):
            faults.append(f"{name}: is not in the manifest")
    if total > LIMIT_BYTES:
        faults.append(f"{total / 1e6:.1f} MB in all: more than {LIMIT_BYTES / 1e6:.0f} MB")
    return faults, rows, total
