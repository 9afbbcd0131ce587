import math
import re
import time
from dataclasses import replace

import numpy as np
import pytest
from rich.cells import cell_len

from isograd.facts import Language, Vitals
from isograd.report.live.frame import LINES, frame, verdict
from isograd.report.live.heat import BANDS, COLOURS, EDGES, LETTERS, UNSEEN, ZERO, banded, heat_lines, shades
from isograd.report.signs import ASCII, UNICODE
from isograd.report.terminal.paper import Paper

VITALS = Vitals(
    network="Sequential",
    step=1234,
    loss=2.3026,
    gain=-9.02,
    raw_log10=-1.2,
    applied_log10=-1.2,
    steps_per_second=132.4,
    overhead_share=0.008,
    sites=tuple(f"layers.{index}" for index in range(10)),
    strip=np.linspace(-9, 0, 10, dtype=np.float32) * np.linspace(0.2, 1, 30, dtype=np.float32)[:, None],
    alarm="",
)


def sheet(width: int = 80, language: Language = "en", colour: bool = True, plain: bool = False) -> Paper:
    return Paper(language, width, colour, "ascii" if plain else "utf-8", ASCII if plain else UNICODE)


def seen(line: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", line)


@pytest.mark.parametrize("colour", [True, False])
@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("width", [40, 63, 64, 80, 120, 250])
def test_a_frame_never_fills_a_line(width: int, language: Language, plain: bool, colour: bool) -> None:
    if plain and language == "ko":
        pytest.skip("paper() turns to English where Hangul cannot be shown")
    lines = frame(replace(VITALS, network="an_extremely_long_name_of_a_network"), sheet(width, language, colour, plain))
    assert len(lines) == LINES
    assert all(cell_len(seen(line)) < width for line in lines)
    if not colour:
        assert all("\x1b" not in line for line in lines)
    if plain:
        assert all(line.isascii() for line in lines)


def test_the_figures_are_told() -> None:
    words = seen(frame(VITALS, sheet(120))[0])
    assert words == (
        "isograd · Sequential · step 1,234 · loss 2.303 · gain ×10^-9.0 vanishing · 132.4 steps/s · overhead 0.8 %"
    )


def test_on_a_narrow_terminal_the_most_telling_figures_stay() -> None:
    words = seen(frame(VITALS, sheet(50))[0])
    assert "step 1,234" in words
    assert "gain ×10^-9.0 vanishing" in words
    assert "overhead" not in words


@pytest.mark.parametrize(
    ("gain", "alarm", "word"),
    [
        (math.nan, "", "unseen"),
        (0.4, "", "healthy"),
        (-1.3, "", "healthy"),
        (1.7, "", "watch"),
        (-9.0, "", "vanishing"),
        (-math.inf, "", "vanishing"),
        (3.0, "", "exploding"),
        (0.0, "non-finite", "non-finite"),
        (math.nan, "exploding", "exploding"),
    ],
)
def test_verdict(gain: float, alarm: str, word: str) -> None:
    vitals = replace(VITALS, gain=gain, alarm=alarm)
    assert verdict(vitals) == word
    for language in ("en", "ko"):
        assert "{" not in seen(frame(vitals, sheet(language=language))[0])


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (1, 1), (3, 2), (2, 5), (500, 1), (40, 300)])
def test_any_strip_can_be_drawn(shape: tuple[int, int]) -> None:
    strip = np.full(shape, np.nan, np.float32)
    strip.flat[::2] = -np.inf
    strip.flat[::3] = 2.5
    for colour in (True, False):
        lines = frame(replace(VITALS, strip=strip), sheet(colour=colour))
        assert all(cell_len(seen(line)) < 80 for line in lines)


def test_bands_hold_the_latest_readings_output_on_top_and_keep_the_extremes() -> None:
    strip = np.array([[9, 9, 9, 9, 9, 9, 9, 9], [-8, -7, -6, -5, 0.5, -2, 1, 0], [np.nan] * 8], np.float32)
    bands = banded(strip, 2)
    assert bands.shape == (BANDS, 2)
    assert bands[:, 0].tolist() == [1, -2, -6, -8]
    assert np.isnan(bands[:, 1]).all()


def test_shades_go_from_blue_over_grey_to_red() -> None:
    assert len(COLOURS) == len(LETTERS) == len(EDGES) + 1
    assert shades(np.array([-20.0, 0.0, 1.0, 20.0])).tolist() == [COLOURS[0], COLOURS[6], COLOURS[6], COLOURS[-1]]
    assert shades(np.array([math.nan, -math.inf, math.inf])).tolist() == [UNSEEN, ZERO, ZERO]


def test_without_colours_letters_tell_too_little_from_too_much() -> None:
    bands = np.array([[0.0, -9.0, 9.0, math.nan, -math.inf]] * 4)
    assert heat_lines(bands, colour=False, blocks=True) == [".#@ 0"] * 2


def test_a_frame_costs_less_than_two_milliseconds() -> None:
    vitals = replace(VITALS, strip=np.random.default_rng(0).normal(size=(300, 200)).astype(np.float32))
    frame(vitals, sheet(200))
    start = time.thread_time()
    for _ in range(50):
        frame(vitals, sheet(200))
    assert (time.thread_time() - start) / 50 < 2e-3
