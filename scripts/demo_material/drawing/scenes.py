"""The picture scenes: 1600 x 1067, each a function that gives one SVG."""
import random

from . import people
from .shapes import (banner, blossom, circle, glow, group, lantern, line, path, rect, shade, svg, words)

WIDTH, HEIGHT = 1600, 1067
BLUES = ("#2f6db5", "#3b7fc4", "#275d9d", "#4a8acb")
STYLES = ("short", "bun", "cap:#f2b91f", "long", "short", "cap:#f2b91f", "bun")


def label():
    """Says on the picture that it is one of the samples."""
    return (rect(WIDTH - 372, HEIGHT - 52, 352, 34, "#000", 6, 'opacity=".45"')
            + words(WIDTH - 196, HEIGHT - 29, "ẢNH MINH HỌA · VĂN BẢN MẪU", 18, "#fff", 600))


def hall(defs_name, wall=("#dfe8ec", "#b9c8cf"), floor="#a7a49c"):
    """A factory hall: windows, trusses, floor."""
    body = rect(0, 0, WIDTH, 690, f"url(#{defs_name})") + rect(0, 690, WIDTH, 377, floor)
    for k in range(6):
        x = 60 + k * 256
        body += rect(x, 190, 196, 250, "#f7fbff", 4) + rect(x, 190, 196, 250, "url(#sky)", 4)
        body += "".join(line(x + 65 * n, 190, x + 65 * n, 440, "#8fa3ad", 4) for n in range(1, 3))
        body += line(x, 315, x + 196, 315, "#8fa3ad", 4)
    body += rect(0, 60, WIDTH, 14, "#7c8f98") + rect(0, 140, WIDTH, 10, "#7c8f98")
    for k in range(17):
        x = k * 100
        body += line(x, 140, x + 50, 74, "#8b9da6", 6) + line(x + 50, 74, x + 100, 140, "#8b9da6", 6)
    for k in range(4):
        body += rect(150 + k * 370, 150, 190, 12, "#fffbe6", 4) + f'<ellipse cx="{245 + k * 370}" cy="170" rx="240" ry="90" fill="url(#lamp)"/>'
    return body


def hall_defs(name, *stops):
    return shade(name, *stops) + shade("sky", (0, "#bfe0f5"), (100, "#eef7fc")) + glow("lamp", "#fff6cf", 0.8)


def meeting():
    """A workers' conference in a factory."""
    pick = random.Random(7)
    body = hall("wall") + banner(300, 196, 1000, 140, "HỘI NGHỊ NGƯỜI LAO ĐỘNG", 58, "Công ty mẫu · Đoàn kết – Dân chủ – Phát triển")
    body += rect(240, 610, 1120, 92, "#8d6b4a", 6) + rect(240, 610, 1120, 16, "#a98560", 6)
    for k, (shirt, style) in enumerate((("#f4f4f2", "short"), ("#3b7fc4", "bun"), ("#f4f4f2", "long"), ("#3b7fc4", "short"))):
        body += people.seated(500 + k * 135, 590, 0.92, shirt, k, style)
    body += rect(420, 556, 570, 70, "#b5252f", 5) + rect(420, 556, 570, 12, "#d04a50", 5)
    body += "".join(rect(480 + k * 135, 538, 16, 22, "#bfe3ee", 3) + circle(540 + k * 135, 548, 10, "#f3d04e") for k in range(4))
    body += people.standing(1180, 668, 0.86, "#3b7fc4", 3, "short", ("hip", "wave"))
    body += rect(1120, 500, 118, 130, "#7a5738", 8) + rect(1112, 494, 134, 16, "#9a7350", 4) + line(1180, 494, 1168, 452, "#222", 5) + circle(1167, 448, 8, "#222")
    for row, (y, scale, count) in enumerate(((800, 0.72, 15), (905, 0.92, 12), (1040, 1.22, 10), (1205, 1.6, 8))):
        body += rect(0, y - 6, WIDTH, 300, "#000", 0, 'opacity=".05"')
        step = WIDTH / (count - 1)
        for k in range(count):
            shade_of = pick.choice(BLUES)
            body += people.from_behind(k * step + pick.uniform(-10, 10) + (row % 2) * step / 2 - step / 4, y, scale, shade_of,
                                       pick.randrange(9), pick.choice(STYLES), raised=(row, k) in ((1, 3), (2, 6), (0, 11)))
    return svg(WIDTH, HEIGHT, body + label(), hall_defs("wall", (0, "#e6edf0"), (100, "#bccad1")))


def blossom_branch(x, y, flip, seed, pink=("#f7a8b8", "#f48ba2", "#fbd0d8")):
    pick = random.Random(seed)
    body = path("M0 0 C90 30 170 100 300 110 M110 40 C140 90 150 150 210 190 M200 96 C250 60 300 40 350 46",
                "none", 'stroke="#5b3a2a" stroke-width="10" stroke-linecap="round"')
    for _ in range(46):
        t = pick.random()
        px, py = 20 + 320 * t + pick.uniform(-26, 26), 12 + 120 * t + pick.uniform(-46, 70)
        body += blossom(px, py, pick.uniform(9, 19), pick.choice(pink))
    return f'<g transform="translate({x} {y}) scale({flip} 1)">{body}</g>'


def rice_cake(x, y, scale=1.0):
    body = rect(-40, -30, 80, 60, "#3f7f3a", 8) + rect(-40, -30, 80, 14, "#5a9c50", 8)
    body += line(-14, -30, -14, 30, "#e8d9a0", 4) + line(14, -30, 14, 30, "#e8d9a0", 4) + line(-40, 0, 40, 0, "#e8d9a0", 4)
    return group(body, x, y, scale)


def new_year():
    """Tết Sum vầy: the year-end meal."""
    defs = shade("wall", (0, "#9e1b22"), (60, "#c5342c"), (100, "#d9573c")) + glow("warm", "#ffd27a", 0.75)
    body = rect(0, 0, WIDTH, HEIGHT, "url(#wall)") + '<ellipse cx="800" cy="430" rx="900" ry="430" fill="url(#warm)"/>'
    pick = random.Random(12)
    body += "".join(circle(pick.uniform(0, WIDTH), pick.uniform(0, 700), pick.uniform(3, 15), "#ffe3a0", f'opacity="{pick.uniform(.1, .4):.2f}"') for _ in range(70))
    body += words(800, 210, "TẾT SUM VẦY", 112, "#ffe08a", 900, more='letter-spacing="6"')
    body += words(800, 292, "Xuân ấm tình Công đoàn", 48, "#fff6dc", 600)
    body += "".join(lantern(x, y, s) for x, y, s in ((150, 330, 1.1), (310, 250, 0.8), (1450, 330, 1.1), (1290, 250, 0.8)))
    body += blossom_branch(-30, 10, 1, 3) + blossom_branch(1630, 10, -1, 4)
    shirts = ("#f1c232", "#2f8f6b", "#3b7fc4", "#f4f4f2", "#d0587e", "#3b7fc4", "#2f8f6b", "#f1c232")
    styles = ("long", "short", "bun", "short", "long", "short", "bun", "short")
    for k, (shirt, style) in enumerate(zip(shirts, styles)):
        body += people.seated(150 + k * 186, 742, 1.38, shirt, k, style, ("front", "wave") if k in (2, 5) else ("front", "front"))
    body += rect(0, 730, WIDTH, 337, "#7d1f1f") + rect(0, 724, WIDTH, 40, "#f6e7c8") + path(
        "M0 764" + "".join(f"q40 34 80 0" for _ in range(20)) + "L1600 764Z", "#f6e7c8")
    for k in range(6):
        x = 160 + k * 256
        body += f'<ellipse cx="{x}" cy="724" rx="92" ry="20" fill="#fff"/>' + rice_cake(x - 26, 696, 0.82) + rice_cake(x + 36, 700, 0.72)
        body += circle(x + 118, 708, 19, "#e5672c") + circle(x + 148, 712, 17, "#f0a02c") + circle(x + 133, 690, 16, "#e5842c")
    body += banner(360, 850, 880, 130, "KHÔNG AI BỊ BỎ LẠI PHÍA SAU", 46, fill="#a1161f")
    return svg(WIDTH, HEIGHT, body + label(), defs)


def bus_home():
    """The union's coach takes workers home."""
    defs = shade("dawn", (0, "#7fb2e0"), (55, "#fbd9a5"), (100, "#f9c38a")) + glow("sun", "#fff3c4", 1)
    body = rect(0, 0, WIDTH, 760, "url(#dawn)") + circle(1180, 440, 340, "url(#sun)") + circle(1180, 440, 76, "#fff1b8")
    body += path("M0 600 C220 470 360 560 560 500 C760 440 900 560 1100 510 C1300 460 1450 520 1600 480 L1600 800 L0 800Z", "#8fae9a")
    body += path("M0 680 C260 590 420 660 700 610 C980 570 1250 660 1600 600 L1600 820 L0 820Z", "#6b9479")
    body += rect(0, 760, WIDTH, 307, "#6c6f76") + rect(0, 760, WIDTH, 16, "#c9c6bb")
    body += "".join(rect(40 + k * 240, 990, 130, 12, "#f3e9c9", 3) for k in range(7))
    coach = rect(0, 0, 940, 330, "#d8262f", 40) + rect(0, 196, 940, 134, "#b51c26", 26) + rect(0, 188, 940, 14, "#f6d46b")
    coach += rect(36, 40, 640, 126, "#24364a", 16) + rect(700, 40, 86, 250, "#24364a", 12) + rect(806, 36, 112, 158, "#24364a", 20)
    coach += "".join(rect(36 + k * 128, 40, 8, 126, "#d8262f") for k in range(1, 5)) + path("M820 50 L900 50 L860 186 L820 186Z", "#fff", 'opacity=".12"')
    coach += words(352, 244, "CHUYẾN XE CÔNG ĐOÀN · XUÂN 2026", 34, "#fff3c9", 800)
    coach += rect(900, 250, 34, 22, "#fff2b0", 8) + rect(0, 320, 940, 18, "#3a3d44", 8)
    for k in range(5):
        coach += group(people.face(("#e3b08c", "#d79f78", "#c98f68")[k % 3], "#231a17", ("short", "long", "bun")[k % 3]), 100 + k * 128, 122, 1.0)
    for x in (200, 740):
        coach += circle(x, 336, 62, "#24262b") + circle(x, 336, 30, "#b9bec6") + circle(x, 336, 10, "#555")
    body += f'<ellipse cx="720" cy="925" rx="520" ry="22" fill="#000" opacity=".25"/>' + group(coach, 250, 520, 1.03)
    bag = rect(72, 176, 62, 92, "#e0a526", 10) + rect(88, 156, 30, 24, "none", 6, 'stroke="#8a6413" stroke-width="7"')
    gift = rect(-36, 92, 72, 58, "#f1c232", 5) + rect(-6, 92, 12, 58, "#c8202c") + rect(-36, 112, 72, 10, "#c8202c")
    body += people.standing(150, 1020, 1.12, "#3b7fc4", 1, "short", ("wave", "down"), extra=bag)
    body += people.standing(1330, 1000, 1.1, "#2f8f6b", 0, "long", ("front", "front"), "#57415e", extra=gift)
    body += people.standing(1490, 1010, 1.16, "#f2f2ef", 2, "bun", ("down", "wave"), "#34405a")
    body += people.standing(1420, 1040, 0.74, "#f08a3c", 3, "short", ("down", "up"), "#3f5f8a")
    return svg(WIDTH, HEIGHT, body + label(), defs)


def sewing_line():
    """A sewing line seen along the hall."""
    body = hall("wall", floor="#c9c3b6")
    body += banner(470, 448, 660, 66, "CHUYỀN MAY AN TOÀN – XANH – SẠCH", 30, fill="#1e7a5a", colour="#fff6d0")
    pick = random.Random(5)
    for y, scale, count in ((700, 0.78, 8), (850, 1.05, 6), (1050, 1.42, 5)):
        step = WIDTH / count
        for k in range(count):
            x = step * (k + 0.5)
            body += people.seated(x - 50 * scale, y - 40 * scale, scale, pick.choice(("#f0a3b5", "#8fc3e8", "#f7d98b")), k + count, pick.choice(("bun", "long", "bun", "short")))
            machine = rect(-150, -46, 300, 18, "#d9b98c", 5) + rect(-140, -28, 10, 90, "#8a8f95") + rect(130, -28, 10, 90, "#8a8f95")
            machine += path("M10 -46 L10 -118 L118 -118 L118 -92 L46 -92 L46 -46Z", "#f4f6f7", 'stroke="#b9c0c5" stroke-width="3"')
            machine += circle(122, -104, 16, "#5d6b75") + line(28, -92, 28, -56, "#6b747b", 5) + path("M-130 -46 C-90 -80 -20 -60 30 -50 L60 -46Z", pick.choice(("#3b7fc4", "#d0587e", "#2f8f6b")))
            body += group(machine, x, y, scale)
    return svg(WIDTH, HEIGHT, body + label(), hall_defs("wall", (0, "#f3efe4"), (100, "#d8cfbe")))


def legal_advice():
    """A stall of legal advice among workers' lodgings in the evening."""
    defs = shade("dusk", (0, "#27365f"), (60, "#5a5f92"), (100, "#c98a7a")) + glow("bulb", "#ffe9a8", 0.85)
    body = rect(0, 0, WIDTH, HEIGHT, "url(#dusk)") + rect(0, 800, WIDTH, 267, "#6a625c")
    for k in range(5):
        x = k * 330 - 20
        body += rect(x, 330, 316, 480, ("#e2c79c", "#c9d3b0", "#dcb79f")[k % 3]) + path(f"M{x - 12} 330 L{x + 328} 330 L{x + 300} 286 L{x + 16} 286Z", "#8a4b3a")
        body += rect(x + 40, 520, 90, 290, "#5f4a3a", 4) + rect(x + 170, 500, 104, 130, "#ffe7a8", 4) + line(x + 222, 500, x + 222, 630, "#8a6a4a", 5)
    body += "".join(f'<circle cx="{60 + k * 134}" cy="{262 + (k % 3) * 16}" r="70" fill="url(#bulb)"/>' + circle(60 + k * 134, 262 + (k % 3) * 16, 9, "#fff6d0") for k in range(12))
    body += path("M0 250 Q400 330 800 262 T1600 250", "none", 'stroke="#2b2b38" stroke-width="4"')
    body += banner(330, 380, 940, 130, "TƯ VẤN PHÁP LUẬT LƯU ĐỘNG", 56, "Miễn phí cho đoàn viên, người lao động", fill="#1d5fa8", colour="#fff3c9")
    for k, (shirt, style) in enumerate((("#3b7fc4", "short"), ("#3b7fc4", "long"), ("#3b7fc4", "short"))):
        body += people.seated(480 + k * 320, 820, 1.36, shirt, k + 1, style)
    body += rect(300, 806, 1000, 30, "#d9c29a", 6) + rect(320, 836, 960, 170, "#1d5fa8", 4) + words(800, 896, "CÔNG ĐOÀN ĐỒNG HÀNH CÙNG NGƯỜI LAO ĐỘNG", 34, "#fff3c9", 700)
    body += "".join(rect(400 + k * 320, 786, 70, 22, "#fff", 2) + rect(560 + k * 320, 776, 40, 32, "#c8202c", 3) for k in range(3))
    for x, scale, shirt, style, number in ((120, 1.7, "#8c5a9e", "long", 4), (660, 1.5, "#4d7f52", "short", 2), (1010, 1.55, "#b5563c", "bun", 6), (1480, 1.75, "#39708f", "cap:#f2b91f", 3)):
        body += people.from_behind(x, 1215, scale, shirt, number, style)
    return svg(WIDTH, HEIGHT, body + label(), defs)


SCENES = {f.__name__: f for f in (meeting, new_year, bus_home, sewing_line, legal_advice)}
