"""Sets a deck of slides as a flat OpenDocument presentation, which LibreOffice saves as .odp or .pptx.

A deck file is `key: value` lines, `---`, then slides: `## ` begins one with its title, `- ` an item,
`! ` the name of a scene to show beside the items. Items of one slide stand in one box.
"""
import base64
from xml.sax.saxutils import escape

from .letter import SAMPLE_MARK, TEXTS

NAMESPACES = " ".join(f'xmlns:{short}="{name}"' for short, name in (
    ("office", "urn:oasis:names:tc:opendocument:xmlns:office:1.0"),
    ("style", "urn:oasis:names:tc:opendocument:xmlns:style:1.0"),
    ("text", "urn:oasis:names:tc:opendocument:xmlns:text:1.0"),
    ("draw", "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"),
    ("fo", "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"),
    ("svg", "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"),
    ("meta", "urn:oasis:names:tc:opendocument:xmlns:meta:1.0"),
    ("dc", "http://purl.org/dc/elements/1.1/"),
    ("presentation", "urn:oasis:names:tc:opendocument:xmlns:presentation:1.0")))


def text_style(name, size, colour, bold=False, align="start"):
    weight = "bold" if bold else "normal"
    return (f'<style:style style:name="{name}" style:family="paragraph"><style:paragraph-properties fo:text-align="{align}" '
            f'fo:margin-bottom="0.22cm" fo:line-height="115%"/><style:text-properties fo:font-family="Inter" fo:font-size="{size}pt" '
            f'fo:font-weight="{weight}" fo:color="{colour}" fo:language="vi" fo:country="VN"/></style:style>')


def shape_style(name, fill):
    paint = f'draw:fill="solid" draw:fill-color="{fill}"' if fill else 'draw:fill="none"'
    return (f'<style:style style:name="{name}" style:family="graphic"><style:graphic-properties {paint} draw:stroke="none" '
            'draw:auto-grow-height="false" fo:padding="0.1cm" fo:wrap-option="wrap"/></style:style>')


STYLES = (
    '<office:automatic-styles><style:page-layout style:name="wide"><style:page-layout-properties fo:page-width="28cm" '
    'fo:page-height="15.75cm" fo:margin="0cm" style:print-orientation="landscape"/></style:page-layout>'
    '<style:style style:name="paper" style:family="drawing-page"><style:drawing-page-properties draw:fill="solid" draw:fill-color="#fffaf0"/></style:style>'
    + shape_style("red", "#a6121f") + shape_style("gold", "#f2b91f") + shape_style("none", "")
    + text_style("cover", 38, "#ffffff", True) + text_style("under", 21, "#ffe08a") + text_style("title", 28, "#ffffff", True)
    + text_style("item", 25, "#2b2b2b") + text_style("note", 11, "#8a7a66", align="center")
    + "</office:automatic-styles>"
    '<office:master-styles><style:master-page style:name="plain" style:page-layout-name="wide" draw:style-name="paper"/></office:master-styles>')


def box(x, y, width, height, shape, paragraphs=()):
    """A rectangle of centimetres with (style, text) paragraphs."""
    inner = "".join(f'<text:p text:style-name="{style}">{escape(text)}</text:p>' for style, text in paragraphs)
    place = f'svg:x="{x}cm" svg:y="{y}cm" svg:width="{width}cm" svg:height="{height}cm"'
    if paragraphs:
        return f'<draw:frame draw:style-name="{shape}" {place}><draw:text-box>{inner}</draw:text-box></draw:frame>'
    return f'<draw:rect draw:style-name="{shape}" {place}/>'


def picture(x, y, width, height, jpeg):
    data = base64.b64encode(jpeg).decode()
    return (f'<draw:frame draw:style-name="none" svg:x="{x}cm" svg:y="{y}cm" svg:width="{width}cm" svg:height="{height}cm">'
            f'<draw:image><office:binary-data>{data}</office:binary-data></draw:image></draw:frame>')


def read_deck(name):
    head, body = (TEXTS / f"{name}.txt").read_text(encoding="utf-8").split("\n---\n", 1)
    slides = []
    for line in filter(None, map(str.strip, body.splitlines())):
        if line.startswith("## "):
            slides.append({"title": line[3:], "items": [], "scene": ""})
        elif line.startswith("! "):
            slides[-1]["scene"] = line[2:]
        else:
            slides[-1]["items"].append(line.removeprefix("- "))
    return dict(row.split(": ", 1) for row in head.splitlines()), slides


def slide_xml(number, slide, issuer, scene_jpeg):
    if number == 1:
        body = box(0, 0, 28, 15.75, "red") + box(0, 14.6, 28, 0.3, "gold")
        body += picture(15, 2.6, 12, 8.0, scene_jpeg(slide["scene"])) if slide["scene"] else ""
        body += box(1.2, 3.0, 13.2, 6.4, "none", [("cover", slide["title"])])
        body += box(1.2, 9.6, 13.2, 4, "none", [("under", text) for text in slide["items"]])
    else:
        width = 15.2 if slide["scene"] else 25.4
        body = box(0, 0, 28, 2.5, "red") + box(0, 2.5, 28, 0.14, "gold") + box(1.2, 0.45, 25.6, 1.8, "none", [("title", slide["title"])])
        body += box(1.2, 3.3, width, 10.8, "none", [("item", f"•  {text}") for text in slide["items"]])
        body += picture(17, 4.2, 10, 6.67, scene_jpeg(slide["scene"])) if slide["scene"] else ""
    body += box(1.2, 14.9, 25.6, 0.7, "none", [("note", f"{SAMPLE_MARK} · {issuer} · {number}")])
    return f'<draw:page draw:name="{number}" draw:style-name="paper" draw:master-page-name="plain">{body}</draw:page>'


def save_fodp(name, path, scene_jpeg):
    head, slides = read_deck(name)
    pages = "".join(slide_xml(number, slide, head["issuer"], scene_jpeg) for number, slide in enumerate(slides, 1))
    path.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?><office:document {NAMESPACES} office:version="1.3" '
        'office:mimetype="application/vnd.oasis.opendocument.presentation"><office:meta>'
        f'<dc:title>{escape(head["title"])}</dc:title><dc:creator>{escape(head["issuer"])}</dc:creator></office:meta>'
        f'{STYLES}<office:body><office:presentation>{pages}</office:presentation></office:body></office:document>',
        encoding="utf-8")
