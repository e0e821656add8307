"""Small pieces of SVG that the scenes and posters are put together from."""
import math

SKIN = ("#e3b08c", "#d79f78", "#c98f68", "#eabd9b")
HAIR = ("#231a17", "#2d221d", "#1b1513")


def svg(width, height, body, defs=""):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'font-family="Inter">{f"<defs>{defs}</defs>" if defs else ""}{body}</svg>')


def rect(x, y, w, h, fill, r=0, more=""):
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" rx="{r}" fill="{fill}" {more}/>'


def circle(x, y, r, fill, more=""):
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="{fill}" {more}/>'


def path(d, fill="none", more=""):
    return f'<path d="{d}" fill="{fill}" {more}/>'


def line(x1, y1, x2, y2, colour, width=4, more=""):
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
            f'stroke-width="{width}" stroke-linecap="round" {more}/>')


def words(x, y, text, size, fill="#fff", weight=700, anchor="middle", more=""):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}" font-weight="{weight}" '
            f'text-anchor="{anchor}" {more}>{text}</text>')


def group(body, x=0, y=0, scale=1.0, more=""):
    return f'<g transform="translate({x:.1f} {y:.1f}) scale({scale:.3f})" {more}>{body}</g>'


def shade(name, *stops, down=True):
    """A linear gradient of (offset %, colour) stops."""
    end = 'x2="0" y2="1"' if down else 'x2="1" y2="0"'
    inner = "".join(f'<stop offset="{at}%" stop-color="{colour}"/>' for at, colour in stops)
    return f'<linearGradient id="{name}" x1="0" y1="0" {end}>{inner}</linearGradient>'


def glow(name, colour, strength=1.0):
    return (f'<radialGradient id="{name}"><stop offset="0%" stop-color="{colour}" stop-opacity="{strength}"/>'
            f'<stop offset="100%" stop-color="{colour}" stop-opacity="0"/></radialGradient>')


def star(x, y, radius, fill):
    points = []
    for corner in range(10):
        reach = radius if corner % 2 == 0 else radius * 0.382
        angle = math.pi * corner / 5
        points.append(f"{x + reach * math.sin(angle):.1f},{y - reach * math.cos(angle):.1f}")
    return f'<polygon points="{" ".join(points)}" fill="{fill}"/>'


def gear(x, y, radius, fill, teeth=14, hole=0.62):
    """A cog-wheel with a hole, as a path."""
    points = []
    for tooth in range(teeth):
        for part, reach in ((0.0, 0.86), (0.18, 0.86), (0.28, 1.0), (0.62, 1.0), (0.72, 0.86)):
            angle = 2 * math.pi * (tooth + part) / teeth
            points.append(f"{x + radius * reach * math.cos(angle):.1f} {y + radius * reach * math.sin(angle):.1f}")
    inner = radius * hole
    ring = (f"M{x - inner} {y}a{inner} {inner} 0 1 0 {2 * inner} 0a{inner} {inner} 0 1 0 {-2 * inner} 0Z")
    return path("M" + "L".join(points) + "Z" + ring, fill, 'fill-rule="evenodd"')


def helmet(colour, x=0.0, y=0.0, scale=1.0):
    """A safety helmet from the front over a head of radius 30 at the origin."""
    body = (path("M-34 -6 C-34 -48 34 -48 34 -6 Z", colour) + path("M-8 -38 C-6 -44 6 -44 8 -38 L8 -6 L-8 -6 Z", "#fff", 'opacity=".35"')
            + rect(-42, -9, 84, 9, colour, 4) + rect(-42, -3, 84, 3, "#000", 1, 'opacity=".18"'))
    return group(body, x, y, scale)


def blossom(x, y, radius, fill="#f7a8b8", heart="#f3d04e"):
    petals = "".join(
        circle(x + radius * 0.62 * math.cos(a), y + radius * 0.62 * math.sin(a), radius * 0.52, fill)
        for a in (math.pi * 2 * k / 5 - 0.3 for k in range(5)))
    return petals + circle(x, y, radius * 0.3, heart)


def lantern(x, y, scale=1.0):
    body = (line(0, -90, 0, -52, "#7a2a1d", 3) + rect(-22, -54, 44, 10, "#e9b949", 3)
            + '<ellipse cx="0" cy="0" rx="58" ry="46" fill="#d92b2b"/>'
            + '<ellipse cx="0" cy="0" rx="34" ry="46" fill="none" stroke="#f0c04c" stroke-width="2.5" opacity=".8"/>'
            + '<ellipse cx="0" cy="0" rx="12" ry="46" fill="none" stroke="#f0c04c" stroke-width="2.5" opacity=".8"/>'
            + '<ellipse cx="-22" cy="-14" rx="16" ry="20" fill="#fff" opacity=".13"/>'
            + rect(-22, 43, 44, 9, "#e9b949", 3) + "".join(line(k * 6, 54, k * 6, 86, "#e9b949", 3) for k in (-2, -1, 0, 1, 2)))
    return group(body, x, y, scale)


def banner(x, y, w, h, text, size, second="", fill="#c8202c", colour="#ffe08a"):
    """A cloth banner with one or two lines."""
    cloth = rect(x, y, w, h, fill, 6) + rect(x + 8, y + 8, w - 16, h - 16, "none", 3, f'stroke="{colour}" stroke-width="2" opacity=".7"')
    if not second:
        return cloth + words(x + w / 2, y + h / 2 + size * 0.36, text, size, colour, 800)
    return (cloth + words(x + w / 2, y + h * 0.46, text, size, colour, 800)
            + words(x + w / 2, y + h * 0.46 + size * 1.05, second, size * 0.6, "#fff", 600))
