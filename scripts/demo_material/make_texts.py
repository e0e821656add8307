"""Plain files: copied texts, a text in the TCVN3 of old Windows, pages printed by Chromium, a ZIP."""
import shutil
import zipfile

from .letter import TEXTS
from .make_pictures import paint
from .settle import MOMENT
from .tools import print_html

PAGES = TEXTS.parent / "pages"

# TCVN 5712:1993, third set, as .VnTime uses it: a byte for both cases of a letter with a tone.
PLAIN_LETTERS = dict(zip("ĂÂÊÔƠƯĐăâêôơưđ", range(0xA1, 0xAF)))
TONED_LETTERS = (
    (0xB5, "àảãáạ"), (0xBB, "ằẳẵắ"), (0xC6, "ặầẩẫấậè"), (0xCE, "ẻẽéẹềểễếệìỉ"), (0xDC, "ĩíịò"), (0xE1, "ỏõóọồổỗốộờởỡớợù"),
    (0xF1, "ủũúụừửữứựỳỷỹýỵ"))
TCVN3 = {**PLAIN_LETTERS, **{letter: first + at for first, letters in TONED_LETTERS for at, letter in enumerate(letters)}}


def to_tcvn3(text):
    return bytes(TCVN3.get(letter, TCVN3.get(letter.lower(), ord(letter))) for letter in text)


def save_tcvn3(item, path):
    text = (TEXTS / f"{item['copy']}").read_text(encoding="utf-8")
    path.write_bytes(to_tcvn3(text).replace(b"\n", b"\r\n"))


def save_copy(item, path):
    shutil.copyfile(TEXTS / item["copy"], path)


def save_page(item, path, work):
    """A page of HTML with drawn pictures, printed as PDF."""
    for drawing in item.get("pictures", []):
        paint(drawing, work, 0.75).save(work / f"{drawing}.jpg", quality=72)
    shutil.copyfile(PAGES / f"{item['page']}.html", work / f"{item['page']}.html")
    print_html(work / f"{item['page']}.html", path)


def save_zip(item, path, letters, work):
    """`parts` maps a name inside to a text, a letter's docx or a drawing."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, source in item["parts"].items():
            if name.endswith(".docx"):
                data = (letters / f"{source}.docx").read_bytes()
            elif name.endswith(".jpg"):
                paint(source, work, 0.5).save(work / "part.jpg", quality=80)
                data = (work / "part.jpg").read_bytes()
            else:
                data = (TEXTS / source).read_bytes()
            entry = zipfile.ZipInfo(name, MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(entry, data)
