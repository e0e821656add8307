"""Turns a clean page picture into what a scanner, a fax or a phone makes of it."""
import math

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from .tools import CROSCORE

RED = (196, 24, 38)
INK = (28, 52, 140)


def as_picture(array):
    return Image.fromarray(array.clip(0, 255).astype("uint8"))


def blur(image, radius):
    return image.filter(ImageFilter.GaussianBlur(radius))


def clouds(rng, size, cell, strength):
    """Slow unevenness of paper and lamp, around nought."""
    width, height = size
    small = rng.normal(0, strength, (height // cell + 2, width // cell + 2)).astype("float32")
    return np.asarray(Image.fromarray(small).resize(size, Image.BICUBIC))


def on_paper(image, rng, tone=(250, 247, 238)):
    """The page printed on paper that is not quite white nor quite even."""
    page = np.asarray(image.convert("RGB"), "float32")
    paper = np.array(tone, "float32") + clouds(rng, image.size, 160, 2.0)[..., None]
    return page / 255 * (paper - 24) + 24


def turn(image, degrees, fill):
    return image.rotate(degrees, resample=Image.BICUBIC, fillcolor=fill)


def ring_text(layer, text, centre, radius, font, colour):
    """Letters along a circle, the text's middle on top."""
    step = math.radians(360 / (len(text) + 2))
    for number, letter in enumerate(text):
        angle = (number - (len(text) - 1) / 2) * step
        tile = Image.new("RGBA", (140, 140), (0, 0, 0, 0))
        ImageDraw.Draw(tile).text((70, 70), letter, font=font, fill=colour, anchor="mm")
        tile = tile.rotate(-math.degrees(angle), resample=Image.BICUBIC)
        x, y = centre[0] + radius * math.sin(angle), centre[1] - radius * math.cos(angle)
        layer.alpha_composite(tile, (round(x - 70), round(y - 70)))


def draw_stamp(image, centre, rng):
    """A round red stamp that says that it is a sample, uneven as ink is."""
    size, middle, colour = 520, (260, 260), (*RED, 215)
    layer = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    for radius, width in ((216, 9), (134, 5)):
        draw.ellipse((260 - radius, 260 - radius, 260 + radius, 260 + radius), outline=colour, width=width)
    bold = str(CROSCORE / "Arimo-Bold.ttf")
    ring_text(layer, "VĂN BẢN MẪU · KHO CHUNG ·", middle, 175, ImageFont.truetype(bold, 42), colour)
    draw.text((260, 240), "CÔNG ĐOÀN", font=ImageFont.truetype(bold, 36), fill=colour, anchor="mm")
    draw.text((260, 285), "DẤU MẪU", font=ImageFont.truetype(bold, 36), fill=colour, anchor="mm")
    wear = (235 + clouds(rng, (size, size), 14, 45)).clip(90, 255).astype("uint8")
    layer.putalpha(ImageChops.multiply(layer.getchannel("A"), Image.fromarray(wear)))
    layer = layer.rotate(float(rng.uniform(-14, 14)), resample=Image.BICUBIC)
    page = image.convert("RGBA")
    page.alpha_composite(layer, (round(centre[0] - 260), round(centre[1] - 260)))
    return page.convert("RGB")


def draw_signature(image, centre, rng):
    """A pen's flourish that is nobody's name."""
    layer = Image.new("RGBA", image.size, (0, 0, 0, 0))
    draw, points = ImageDraw.Draw(layer), []
    phase, width = rng.uniform(0, 6), 300
    for t in np.linspace(0, 1, 260):
        swing = math.sin(t * 19 + phase) * 62 * (1 - 0.6 * t) + math.sin(t * 7) * 24
        points.append((centre[0] - width / 2 + t * width + math.cos(t * 19 + phase) * 34, centre[1] + swing - 30 * t))
    draw.line(points, fill=(*INK, 235), width=6, joint="curve")
    draw.line([points[-1], (centre[0] - 120, centre[1] + 70), (centre[0] + 190, centre[1] + 42)], fill=(*INK, 225), width=5)
    return Image.alpha_composite(image.convert("RGBA"), blur(layer, 0.8)).convert("RGB")


def clean(image, rng):
    """A good office scanner: straight within a quarter of a degree, faint paper tone."""
    page = as_picture(on_paper(image, rng, (253, 252, 249)) + rng.normal(0, 1.2, (image.height, image.width, 1)))
    return blur(turn(page, 0.15, (252, 251, 248)), 0.5)


def skew(image, rng):
    """Laid in askew, the lid's shadow on one side."""
    page = as_picture(on_paper(image, rng, (246, 243, 235)))
    page = np.asarray(blur(turn(page, float(rng.choice([-2.3, 2.1])), (196, 194, 190)), 0.9), "float32")
    shadow = 1 - 0.55 * np.exp(-np.arange(image.width) / 38.0)
    return as_picture(page * shadow[None, :, None] + rng.normal(0, 5, page.shape[:2])[..., None])


def noise(image, rng):
    """An old machine: soft, grainy, specks and a streak of the glass."""
    page = np.asarray(blur(turn(image.convert("L"), 0.9, 255), 1.2), "float32") * 0.78 + 34
    page += clouds(rng, image.size, 240, 5) + rng.normal(0, 11, page.shape)
    dots = np.asarray(blur(as_picture((rng.random(page.shape) < 0.0012) * 255.0), 1.1), "float32")
    page -= dots * 2.2
    page[:, 1730:1734] -= 34
    return as_picture(page)


def uneven(image, rng):
    """A sheet that does not lie flat: dark toward the gutter, one corner in the light."""
    page = blur(as_picture(on_paper(image, rng, (240, 234, 218))), 1.0)
    y, x = np.mgrid[0:image.height, 0:image.width].astype("float32")
    far = ((x / image.width - 0.72) ** 2 + (y / image.height - 0.25) ** 2) * 1.7
    light = 0.5 + 0.5 * np.exp(-far) - 0.25 * np.exp(-x / 150)
    return as_picture(np.asarray(turn(page, -0.8, (200, 196, 184)), "float32") * light[..., None]
                      + rng.normal(0, 4, page.size[::-1])[..., None])


def fax(image, rng):
    """A fax of a photocopy: 200 dpi, black and white, speckled."""
    small = blur(turn(image.convert("L"), -0.6, 255), 1.1).resize((1654, 2339), Image.BOX)
    bits = np.asarray(small, "float32") + rng.normal(0, 20, (2339, 1654)) > 150
    bits &= rng.random(bits.shape) > 0.0008
    return Image.fromarray((bits * 255).astype("uint8")).convert("1")


def perspective(corners, size):
    """Coefficients that lay a picture of `size` onto four corners (clockwise from top left)."""
    width, height = size
    flat = [(0, 0), (width, 0), (width, height), (0, height)]
    rows, values = [], []
    for (x, y), (u, v) in zip(corners, flat):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return np.linalg.solve(np.array(rows, float), np.array(values, float))


def wooden_table(rng, size):
    width, height = size
    grain = np.sin(np.arange(height)[:, None] / 23.0 + clouds(rng, size, 300, 2.2)) * 9 + clouds(rng, size, 90, 7)
    return np.array([128, 88, 56], "float32") + grain[..., None] * np.array([1.0, 0.8, 0.6])


def photo(image, rng):
    """A phone's view: the sheet on a table, from a slant, a shadow of the hand, soft focus."""
    size = (2700, 3700)
    corners = [(300, 210), (2390, 330), (2610, 3480), (120, 3390)]
    page = as_picture(on_paper(image, rng, (248, 243, 230)))
    laid = page.transform(size, Image.PERSPECTIVE, perspective(corners, page.size), Image.BICUBIC)
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).polygon(corners, fill=255)
    drop = np.asarray(blur(ImageChops.offset(mask, 22, 26), 26), "float32")[..., None] / 255
    table = wooden_table(rng, size) * (1 - 0.55 * drop)
    seen = Image.composite(laid, as_picture(table), blur(mask, 1.2))
    y, x = np.mgrid[0:size[1], 0:size[0]].astype("float32")
    light = 0.62 + 0.38 * np.exp(-(((x / size[0] - 0.3) ** 2 + (y / size[1] - 0.3) ** 2) * 1.6))
    hand = 1 - 0.30 / (1 + np.exp(-((x * 0.8 + y - 5150) / 120)))
    lit = np.asarray(blur(seen, 1.3), "float32") * (light * hand)[..., None] * np.array([1.03, 1.0, 0.93])
    return as_picture(lit + rng.normal(0, 5, size[::-1])[..., None])


CONDITIONS = {f.__name__: f for f in (clean, skew, noise, uneven, fax, photo)}


def degrade(image, condition, rng, signed_at=None):
    """The page as `condition` shows it; stamped and signed first where it carries a signature."""
    if signed_at:
        image = draw_signature(image, signed_at, rng)
        image = draw_stamp(image, (signed_at[0] - 290, signed_at[1] + 50), rng)
    return CONDITIONS[condition](image, rng)
