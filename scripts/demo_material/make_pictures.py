"""Drawn pictures as JPEG, PNG or WebP, with their caption and credit written into the file."""
from PIL import Image

from .drawing.posters import POSTERS
from .drawing.scenes import SCENES
from .tools import render_html

PAGE = '<!doctype html><meta charset="utf-8"><style>body{margin:0}svg{display:block}</style>'
CREDIT = "Ảnh minh họa: Kho Chung (mẫu)"
XP_TITLE, DESCRIPTION, ARTIST, COPYRIGHT, DATE = 0x9C9B, 0x010E, 0x013B, 0x8298, 0x0132


def paint(drawing, work, scale=1.0):
    """The drawing of that name as an RGB picture."""
    sheet, picture = work / f"{drawing}.html", work / f"{drawing}.png"
    svg = {**SCENES, **POSTERS}[drawing]()
    sheet.write_text(PAGE + svg, encoding="utf-8")
    width, height = (int(float(part)) for part in svg.split('viewBox="0 0 ', 1)[1].split('"', 1)[0].split())
    render_html(sheet, picture, width, height, scale)
    with Image.open(picture) as painted:
        return painted.convert("RGB")


def exif_of(item):
    facts = Image.Exif()
    facts[DESCRIPTION] = item.get("description", item.get("title", ""))
    facts[ARTIST] = facts[COPYRIGHT] = CREDIT
    facts[DATE] = item.get("date", "2026-01-01").replace("-", ":") + " 08:00:00"
    facts[XP_TITLE] = (item.get("title", "") + "\0").encode("utf-16-le")
    return facts


def save_picture(item, path, work):
    picture = paint(item["drawing"], work, item.get("scale", 1.0))
    if path.suffix == ".png":
        picture.quantize(160, dither=Image.Dither.NONE).save(path, optimize=True)
    elif path.suffix == ".webp":
        picture.save(path, quality=82, method=6)
    else:
        picture.save(path, quality=84, optimize=True, progressive=True, exif=exif_of(item), subsampling=1)
