"""Makes the pictures of the documentation from a real run: `python docs/pictures.py`.

It runs `isograd run` and `isograd cure` on `examples/mnist_sigmoid_mlp.py` in a folder of its own and draws what came
out, in both languages: the terminal's text as SVG by rich, the HTML report as PNG by a headless Chromium, made small by
Pillow. Times and overhead in the pictures are those of these runs, so make them on an idle machine. The change that the
cure makes in the source is printed: the README shows it below its picture.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape, unescape
from io import BytesIO, TextIOWrapper
from pathlib import Path

from PIL import Image
from rich.cells import cell_len
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

import isograd
from isograd.facts import Language, Record
from isograd.facts.trial import MetricPattern
from isograd.facts.verdict import Verdict
from isograd.observation.target import Target
from isograd.report.page.document import render_html
from isograd.report.terminal.run import render_terminal
from isograd.report.verdict.terminal import render_verdict
from isograd.report.verdict.words import word
from isograd.treatment.curing.cure import cure
from isograd.treatment.curing.options import Options
from isograd.treatment.trial.process.concurrency import runs_at_once
from isograd.treatment.trial.subject import Subject

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
SCRIPT = Path("examples", "mnist_sigmoid_mlp.py")
LANGUAGES: tuple[Language, ...] = ("en", "ko")
METRIC = r"test accuracy (\S+)"
COLUMNS = 88
CELL_WIDTH = 12.2
"""Of one character in rich's SVG, 20 units high."""
PAGE_WIDTH = 1180
PARTS = {"report": ("body", "#finding-1 .evidence"), "map": ("#network-1", "#network-1-ledger")}
"""Pictures of the page: from the top of one element to the bottom of another."""
MARGIN = 24
NUM_COLOURS = 96
"""The report is drawn with few colours; a palette makes the file a third as large."""

# As rich's own, but with the reader's fonts: a picture in a README must load nothing from elsewhere.
SVG = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", "D2Coding", monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: system-ui, sans-serif; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" /></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
COLOURS = [
    (38, 41, 48), (235, 106, 106), (126, 196, 126), (222, 178, 92), (110, 160, 235), (200, 140, 220), (98, 196, 204),
    (222, 224, 229),
]  # fmt: skip
THEME = TerminalTheme((24, 26, 31), (222, 224, 229), COLOURS, COLOURS)


def run_example(folder: Path) -> Path:
    """Runs the example as a user would, from a folder that holds it; the folder of its record."""
    (folder / SCRIPT.parent).mkdir()
    shutil.copy(ROOT / SCRIPT, folder / SCRIPT)
    command = [sys.executable, "-m", "isograd", "run", "--quiet", str(SCRIPT)]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return next(Path(folder, ".isograd", "runs").iterdir())


def cure_example(folder: Path) -> Verdict:
    """Cures the example as a user would, in the same folder."""
    subject = Subject.of(Target.script(str(folder / SCRIPT), ()))
    os.chdir(folder)
    metric = MetricPattern(METRIC)
    return cure(subject, Options(folder / ".isograd" / "cures", metric, parallel=runs_at_once())).verdict


def draw_run(record: Record, language: Language, report: str) -> None:
    """What `isograd run` prints."""
    stream = TextIOWrapper(BytesIO(), "utf-8")
    text = render_terminal(record, isograd.diagnose(record), language, COLUMNS, True, report, stream)
    draw_terminal(text, f"isograd run {SCRIPT.as_posix()}", PICTURES / f"terminal.{language}.svg")


def draw_verdict(verdict: Verdict, language: Language) -> None:
    """What `isograd cure` prints, to the end of the proof."""
    stream = TextIOWrapper(BytesIO(), "utf-8")
    text = render_verdict(verdict, language, COLUMNS, True, stream=stream)
    shown = text[: text.index(next(line for line in text.splitlines() if word("tried_title", language) in line))]
    title = f"isograd cure --metric '{METRIC}' {SCRIPT.as_posix()}"
    draw_terminal(shown, title, PICTURES / f"verdict.{language}.svg")


def draw_terminal(text: str, title: str, picture: Path) -> None:
    """The text that a terminal shows, as a vector picture."""
    console = Console(record=True, width=COLUMNS, file=TextIOWrapper(BytesIO(), "utf-8"), force_terminal=True)
    console.print(Text.from_ansi(text.rstrip("\n") + "\n"))  # the empty line keeps the last one whole
    svg = _in_true_columns(console.export_svg(title=title, theme=THEME, code_format=SVG, unique_id="isograd"))
    picture.write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n", encoding="utf-8")


def _in_true_columns(svg: str) -> str:
    """Puts each word of Hangul where its cells are: rich gives every character one, and Hangul takes two."""

    def by_words(found: re.Match[str]) -> str:
        content, x = unescape(found["content"]).replace("\N{NO-BREAK SPACE}", " "), float(found["x"])
        if cell_len(content) == len(content):
            return found[0]
        words = [
            f'<text {found["class"]} x="{x + cell_len(content[: word.start()]) * CELL_WIDTH:g}" {found["y"]} '
            f"{found['clip']}>{escape(word[0])}</text>"
            for word in re.finditer(r"\S+", content)
        ]
        return "".join(words)

    text = r'<text (?P<class>class="[^"]*") x="(?P<x>[^"]*)" (?P<y>y="[^"]*") textLength="[^"]*" (?P<clip>[^>]*)>'
    return re.sub(text + r"(?P<content>[^<]*)</text>", by_words, svg)


@contextmanager
def browser(folder: Path) -> Iterator[webdriver.Chrome]:
    """A headless Chromium with a profile of its own."""
    options = webdriver.ChromeOptions()
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={folder}"):
        options.add_argument(flag)
    options.binary_location = shutil.which("chromium") or ""
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        driver.set_window_size(PAGE_WIDTH, 1000)
        yield driver
    finally:
        driver.quit()


def draw_page(record: Record, language: Language, folder: Path) -> None:
    """Parts of the HTML report in a light theme, as Chromium shows them."""
    page = folder / f"{language}.html"
    page.write_text(render_html(record, isograd.diagnose(record), language), encoding="utf-8")
    with browser(folder / f"profile-{language}") as driver:
        driver.get(page.as_uri())
        for part, (first, last) in PARTS.items():
            top = driver.find_element(By.CSS_SELECTOR, first).rect["y"]
            end = driver.find_element(By.CSS_SELECTOR, last).rect
            clip = {"x": 0, "y": max(0, top - MARGIN), "width": PAGE_WIDTH, "scale": 1}
            clip["height"] = end["y"] + end["height"] + MARGIN - clip["y"]
            wanted = {"clip": clip, "captureBeyondViewport": True}
            shot = driver.execute_cdp_cmd("Page.captureScreenshot", wanted)["data"]
            with Image.open(BytesIO(b64decode(shot))) as image:
                small = image.convert("RGB").quantize(NUM_COLOURS, dither=Image.Dither.NONE)
                small.save(PICTURES / f"{part}.{language}.png", optimize=True)


def main() -> None:
    """Runs the example once and writes the pictures."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="isograd-pictures-") as name:
        folder = Path(name)
        run = run_example(folder)
        record, report = isograd.read(run), (run / "report.html").relative_to(folder).as_posix()
        for language in LANGUAGES:
            draw_run(record, language, report)
            draw_page(record, language, folder)
        verdict = cure_example(folder)  # the last, since it goes into the folder as a user would
        for language in LANGUAGES:
            draw_verdict(verdict, language)
        print(verdict.patch)
    for picture in sorted(PICTURES.iterdir()):
        print(f"{picture.relative_to(ROOT)}  {picture.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
