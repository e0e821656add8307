"""Flat figures: people from the front, from behind and at a table. They are nobody."""
from .shapes import HAIR, SKIN, circle, group, helmet, line, path, rect


def face(skin, hair, style, smile=True):
    """A head of radius 30 at the origin; `style` is short, bun, long or cap:<colour>."""
    body = ""
    if style == "long":
        body += path("M-35 -4 C-38 -46 38 -46 35 -4 L38 48 C20 58 -20 58 -38 48 Z", hair)
    if style == "bun":
        body += circle(0, -38, 14, hair)
    body += rect(-11, 20, 22, 26, skin, 8) + rect(-11, 22, 22, 8, "#000", 4, 'opacity=".08"')
    body += circle(-30, 4, 6, skin) + circle(30, 4, 6, skin) + f'<ellipse cx="0" cy="2" rx="29" ry="32" fill="{skin}"/>'
    body += circle(-11, 3, 3, "#2a1e1a") + circle(11, 3, 3, "#2a1e1a")
    body += path("M-16 -6 q5 -4 10 0 M6 -6 q5 -4 10 0", "none", 'stroke="#2a1e1a" stroke-width="2.2" stroke-linecap="round"')
    if smile:
        body += path("M-9 15 Q0 25 9 15", "none", 'stroke="#8f4434" stroke-width="3" stroke-linecap="round"')
    body += circle(-18, 12, 5, "#e0705c", 'opacity=".28"') + circle(18, 12, 5, "#e0705c", 'opacity=".28"')
    if style.startswith("cap:"):
        return body + helmet(style[4:], 0, -4)
    return body + path("M-32 2 C-36 -46 36 -46 32 2 C28 -14 14 -20 -2 -19 C-16 -19 -28 -12 -32 2 Z", hair)


def torso(shirt, collar="#fff", vest=""):
    body = path("M-62 150 C-64 82 -52 62 -22 54 L22 54 C52 62 64 82 62 150 Z", shirt)
    body += path("M-20 54 L0 78 L20 54 L10 46 L-10 46 Z", collar)
    if vest:
        body += path("M-46 62 L-24 56 L-12 150 L-50 150 Z M46 62 L24 56 L12 150 L50 150 Z", vest)
        body += rect(-50, 108, 38, 9, "#f5f2df") + rect(12, 108, 38, 9, "#f5f2df")
    return body


def arm(side, pose, shirt, skin):
    """One arm of a standing figure; `side` is -1 or 1, `pose` is down, up, wave, front or hip."""
    hands = {"down": (72, 172), "up": (86, -22), "wave": (112, 12), "front": (22, 128), "hip": (52, 142)}
    elbows = {"down": (70, 122), "up": (88, 44), "wave": (86, 74), "front": (66, 124), "hip": (88, 108)}
    (hx, hy), (ex, ey) = hands[pose], elbows[pose]
    sleeve = path(f"M{side * 50} 76 L{side * ex} {ey} L{side * (ex * 0.45 + hx * 0.55)} {ey * 0.45 + hy * 0.55}",
                  "none", f'stroke="{shirt}" stroke-width="27" stroke-linecap="round" stroke-linejoin="round"')
    return line(side * ex, ey, side * hx, hy, skin, 17) + sleeve + circle(side * hx, hy, 11.5, skin)


def legs(colour, shoes="#2b2b30"):
    return (path("M-54 146 L54 146 L50 296 L10 296 L0 186 L-10 296 L-50 296 Z", colour)
            + rect(-56, 292, 48, 15, shoes, 7) + rect(8, 292, 48, 15, shoes, 7))


def standing(x, y, scale, shirt, number=0, style="short", poses=("down", "down"), trousers="#34405a", vest="", extra=""):
    """A person from the front; (x, y) is where the feet stand."""
    skin, hair = SKIN[number % len(SKIN)], HAIR[number % len(HAIR)]
    body = '<ellipse cx="0" cy="306" rx="74" ry="11" fill="#000" opacity=".16"/>' + legs(trousers)
    behind = [arm(side, pose, shirt, skin) for side, pose in zip((-1, 1), poses) if pose != "front"]
    before = [arm(side, pose, shirt, skin) for side, pose in zip((-1, 1), poses) if pose == "front"]
    body += "".join(behind) + torso(shirt, vest=vest) + face(skin, hair, style) + "".join(before) + extra
    return group(body, x, y - 306 * scale, scale)


def seated(x, y, scale, shirt, number=0, style="short", poses=("front", "front"), vest=""):
    """Head to waist, for behind a table; (x, y) is where the table's edge cuts the figure."""
    skin, hair = SKIN[number % len(SKIN)], HAIR[number % len(HAIR)]
    body = "".join(arm(side, pose, shirt, skin) for side, pose in zip((-1, 1), poses) if pose != "front")
    body += torso(shirt, vest=vest) + face(skin, hair, style)
    body += "".join(arm(side, pose, shirt, skin) for side, pose in zip((-1, 1), poses) if pose == "front")
    return group(body, x, y - 146 * scale, scale)


def from_behind(x, y, scale, shirt, number=0, style="short", raised=False):
    """Head and shoulders seen from behind; (x, y) is the lower edge."""
    skin, hair = SKIN[number % len(SKIN)], HAIR[number % len(HAIR)]
    body = path("M-74 140 C-76 70 -56 48 -20 42 L20 42 C56 48 76 70 74 140 Z", shirt)
    body += path("M0 46 L0 140", "none", 'stroke="#000" stroke-width="2" opacity=".10"')
    body += rect(-12, 18, 24, 32, skin, 8) + circle(-30, 4, 6, skin) + circle(30, 4, 6, skin)
    if raised:
        body += line(60, 80, 84, -40, shirt, 26) + line(82, -30, 86, -66, skin, 17) + circle(86, -74, 13, skin)
    body += f'<ellipse cx="0" cy="0" rx="30" ry="33" fill="{hair}"/>'
    if style == "bun":
        body += circle(0, -14, 15, hair, 'stroke="#fff" stroke-opacity=".14" stroke-width="3"')
    if style == "long":
        body += path("M-30 0 C-32 60 -18 78 0 78 C18 78 32 60 30 0 Z", hair)
    if style.startswith("cap:"):
        body += helmet(style[4:], 0, 2)
    return group(body, x, y - 140 * scale, scale)
