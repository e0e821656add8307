"""The programs and fonts that the demo is made with, and how each is called."""
import importlib.util
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

PACKAGES = {  # what must be there -> the Debian package that has it
    "soffice": "libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui",
    "chromium": "chromium",
    "espeak-ng": "espeak-ng",
    "ffmpeg": "ffmpeg",
    "pdftoppm": "poppler-utils",
    "qpdf": "qpdf",
    "fc-list": "fontconfig",
}
MODULES = {"docx": "python3-docx", "openpyxl": "python3-openpyxl", "PIL": "python3-pil", "numpy": "python3-numpy"}
FONTS = {  # Tinos and Arimo have the measures of Times New Roman and Arial, and all of Vietnamese;
    # Liberation 2.1 lacks the letters with two marks (ế, ộ, ữ)
    "Tinos": "fonts-croscore", "Inter": "fonts-inter"}
CROSCORE = Path("/usr/share/fonts/truetype/croscore")


def missing_packages():
    """The Debian packages that must be installed first."""
    missing = [package for program, package in PACKAGES.items() if not shutil.which(program)]
    missing += [package for module, package in MODULES.items() if not importlib.util.find_spec(module)]
    if shutil.which("fc-list"):
        families = subprocess.run(["fc-list", ":", "family"], capture_output=True, text=True).stdout
        missing += [package for family, package in FONTS.items() if family not in families]
    return sorted(set(" ".join(missing).split()))


def run(*command, **options):
    """Runs a program; its own words are shown only where it fails."""
    done = subprocess.run([str(part) for part in command], capture_output=True, **options)
    if done.returncode != 0:
        said = (done.stderr or b"")[-2000:].decode("utf-8", "replace")
        raise SystemExit(f"demo: {command[0]} failed ({done.returncode}): {said}")
    return done.stdout


def convert_office(sources, target, out_dir):
    """Has LibreOffice save `sources` in the format `target` ("pdf", "doc:MS Word 97") under `out_dir`."""
    if not sources:
        return
    with tempfile.TemporaryDirectory() as home:
        run("soffice", f"-env:UserInstallation=file://{home}", "--headless", "--convert-to", target,
            "--outdir", out_dir, *sources, env={**os.environ, "SOURCE_DATE_EPOCH": "1735689600", "TZ": "UTC"})


def render_html(page, picture, width, height, scale=1):
    """Has Chromium paint an HTML file as a PNG."""
    with tempfile.TemporaryDirectory() as home:
        run("chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            f"--user-data-dir={home}", f"--force-device-scale-factor={scale}",
            f"--window-size={width},{height}", f"--screenshot={picture}", f"file://{page}")


def print_html(page, pdf):
    """Has Chromium print an HTML file as a PDF."""
    with tempfile.TemporaryDirectory() as home:
        run("chromium", "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={home}",
            "--no-pdf-header-footer", f"--print-to-pdf={pdf}", f"file://{page}")


def pdf_to_pictures(pdf, prefix, dpi=300):
    """Each page of `pdf` as a PNG; returns their paths in page order."""
    run("pdftoppm", "-r", dpi, "-png", pdf, prefix)
    return sorted(Path(prefix).parent.glob(Path(prefix).name + "-*.png"))
