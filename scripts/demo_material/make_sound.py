"""Loudspeaker bulletins and a short film: espeak-ng speaks, ffmpeg joins and packs."""
import wave

import numpy as np

from .drawing import film
from .letter import TEXTS
from .tools import render_html, run

RATE = 22050
PLAIN = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact")
CODECS = {".mp3": ("-c:a", "libmp3lame", "-b:a", "40k", "-ar", "22050"),
          ".ogg": ("-c:a", "libvorbis", "-q:a", "1", "-ar", "22050")}


def chime():
    """Four tones before the words, as a factory's loudspeaker has them."""
    tones = []
    for frequency in (784.0, 659.3, 587.3, 784.0):
        t = np.arange(int(RATE * 0.55)) / RATE
        tones.append(np.sin(2 * np.pi * frequency * t) * np.exp(-4.5 * t) * (1 - np.exp(-60 * t)) * 0.4)
    return np.concatenate([*tones, np.zeros(RATE // 2)])


def speak(text, work, speed=150):
    """The words as samples of -1 to 1."""
    said = work / "said.wav"
    run("espeak-ng", "-v", "vi", "-s", speed, "-g", "2", "-w", said, input=text.encode("utf-8"))
    with wave.open(str(said)) as source:
        return np.frombuffer(source.readframes(source.getnframes()), "<i2") / 32768


def save_wave(samples, path):
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes((samples.clip(-1, 1) * 32000).astype("<i2").tobytes())


def tags(item):
    return ("-metadata", f"title={item['title']}", "-metadata", "artist=Kho Chung (mẫu)",
            "-metadata", "comment=VĂN BẢN MẪU")


def save_bulletin(item, path, work):
    text = (TEXTS / f"{item['speech']}.txt").read_text(encoding="utf-8")
    sound = work / "bulletin.wav"
    save_wave(np.concatenate([chime(), speak(text, work) * 0.95, np.zeros(RATE // 2), chime() * 0.7]), sound)
    run("ffmpeg", "-y", "-i", sound, *PLAIN, *CODECS[path.suffix], *tags(item), path)


def save_film(item, path, work):
    """Each frame stands while its sentence is spoken, drawing slowly nearer."""
    parts = []
    for number, (svg, sentence) in enumerate(film.frames()):
        sheet, picture, sound = (work / f"film{number}.{kind}" for kind in ("html", "png", "wav"))
        sheet.write_text(film.PAGE + svg, encoding="utf-8")
        render_html(sheet, picture, 1280, 720)
        samples = np.concatenate([np.zeros(RATE // 3), speak(sentence, work, 160), np.zeros(RATE // 2)])
        save_wave(samples, sound)
        count = round(len(samples) / RATE * 15)
        part = work / f"film{number}.mkv"
        run("ffmpeg", "-y", "-i", picture, "-i", sound, "-filter_complex",
            f"[0:v]scale=2560:1440,zoompan=z='1+0.04*on/{count}':x='iw/2-iw/zoom/2':y='ih/2-ih/zoom/2':d={count}:s=960x540:fps=15[v]",
            "-map", "[v]", "-map", "1:a", "-c:v", "libx264", "-threads", "1", "-crf", "27", "-preset", "slow",
            "-pix_fmt", "yuv420p", "-c:a", "pcm_s16le", *PLAIN, part)
        parts.append(part)
    listing = work / "film.txt"
    listing.write_text("".join(f"file '{part}'\n" for part in parts))
    run("ffmpeg", "-y", "-f", "concat", "-safe", "0", "-i", listing, *PLAIN, "-c:v", "copy", "-c:a", "aac",
        "-b:a", "48k", "-movflags", "+faststart", *tags(item), path)
