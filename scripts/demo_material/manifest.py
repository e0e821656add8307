"""The manifest beside the files: read by `khochung ingest --manifest`, held against the files here."""
import csv
import re
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
VOCABULARIES = Path(__file__).parents[2] / "schemas" / "vocabularies"
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


def keys_of(vocabulary):
    """The keys of a vocabulary that the program is built with."""
    return set(re.findall(r'^ *\{"(\w+)",', (VOCABULARIES / vocabulary).read_text(encoding="utf-8"), re.MULTILINE))


def faults_of_row(row, folder, known):
    """What is wrong with one row; `known` maps a column to the values that it may have."""
    path = folder / row["file"]
    if not path.is_file() or path.stat().st_size == 0:
        yield f"{row['file']}: stands in the manifest but is missing or empty"
    for column, values in known.items():
        if row[column] and row[column] not in values:
            yield f"{row['file']}: {column} “{row[column]}” is not known"


def check(folder):
    """Every fault of the archive in `folder` in words, its rows, its size."""
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    known = {"unit": units.codes(), "visibility": VISIBILITIES, "state": STATES,
             "kind": keys_of("kinds.hpp"), "theme": keys_of("themes.hpp")}
    faults = [fault for row in rows for fault in faults_of_row(row, folder, known)]
    named = [row["file"] for row in rows]
    faults += [f"{name}: stands twice" for name in sorted(set(named)) if named.count(name) > 1]
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    beside = {*named, "manifest.csv", "units.jsonl"}
    names = (path.relative_to(folder).as_posix() for path in files)
    faults += [f"{name}: is not in the manifest" for name in names if name not in beside]
    total = sum(path.stat().st_size for path in files)
    if total > LIMIT_BYTES:
        faults.append(f"{total / 1e6:.1f} MB in all: more than {LIMIT_BYTES / 1e6:.0f} MB")
    return faults, rows, total
