"""What the live view shows: one line of vitals over two of heat."""

import math

from rich.cells import cell_len

from isograd.facts import Vitals
from isograd.report.live.heat import RESET, banded, heat_lines, scale
from isograd.report.names import shorten
from isograd.report.numbers import count, factor, percent, plain
from isograd.report.signs import UNICODE
from isograd.report.terminal.paper import Paper

LINES = 3
"""Lines of a frame."""
_SCALE_COLUMNS = 19
_ROOM_FOR_SCALE = 64
_HEALTHY, _BAD = 1.3, 2.0
"""|G| up to 1.3 decades trains in plain networks (Schoenholz's depth line), beyond 2 it mostly did not (own sweep)."""
_STYLES = {"healthy": "32", "watch": "33", "vanishing": "38;5;33;1", "exploding": "31;1", "non-finite": "31;1"}


def verdict(vitals: Vitals) -> str:
    """One word on the gain: `unseen`, `healthy`, `watch`, or the alarm that a sentinel has raised."""
    if vitals.alarm:
        return vitals.alarm
    if math.isnan(vitals.gain):
        return "unseen"
    if abs(vitals.gain) <= _HEALTHY:
        return "healthy"
    if abs(vitals.gain) <= _BAD:
        return "watch"
    return "vanishing" if vitals.gain < 0 else "exploding"


def frame(vitals: Vitals, paper: Paper) -> list[str]:
    """The lines of one frame, none wider than the paper, with their colours.

    Args:
        vitals: the latest snapshot.
        paper: its width is that of the terminal; the last column stays free, so that no line wraps.
    """
    return [_words(vitals, paper), *_heat(vitals, paper)]


def _words(vitals: Vitals, paper: Paper) -> str:
    """As many of the figures as there is room for, the most telling first to stay."""
    room = paper.width - 1
    name = shorten(paper.clean(vitals.network), 20, paper.signs.ellipsis)
    rate = paper.say("live_rate", rate=plain(round(vitals.steps_per_second, 1)))
    share = paper.say("overhead", share=percent(vitals.overhead_share, paper.language))
    parts = [
        ("isograd", "1", 5),
        (name, "", 3),
        (paper.say("live_step", step=count(vitals.step)), "", 0),
        (paper.say("live_loss", loss=_loss(vitals.loss)), "", 1),
        (*_gain(vitals, paper), 0),
        (rate if math.isfinite(vitals.steps_per_second) else "", "", 4),
        (share if math.isfinite(vitals.overhead_share) else "", "2", 6),
    ]
    shown = [part for part in parts if part[0]]
    separator = f" {paper.signs.dot} "
    while _width([text for text, _, _ in shown], separator) > room and len(shown) > 1:
        shown.remove(max(shown, key=lambda part: part[2]))
    if _width([text for text, _, _ in shown], separator) > room:
        return ""
    return separator.join(_painted(text, style, paper) for text, style, _ in shown)


def _width(parts: list[str], separator: str) -> int:
    return sum(cell_len(part) for part in parts) + len(separator) * max(0, len(parts) - 1)


def _loss(loss: float) -> str:
    return f"{loss:#.4g}" if 1e-3 < abs(loss) < 1e4 else plain(loss)


def _gain(vitals: Vitals, paper: Paper) -> tuple[str, str]:
    word = verdict(vitals)
    said = paper.say(f"verdict_{word}")
    if math.isnan(vitals.gain):
        return (paper.say("live_gain", gain=said), _STYLES.get(word, ""))
    gain = "0" if vitals.gain == -math.inf else factor(vitals.gain, paper.language)
    return f"{paper.say('live_gain', gain=gain)} {said}", _STYLES.get(word, "")


def _painted(text: str, style: str, paper: Paper) -> str:
    return f"\x1b[{style}m{text}{RESET}" if style and paper.colour else text


def _heat(vitals: Vitals, paper: Paper) -> list[str]:
    ends = [paper.say("live_output"), paper.say("live_input")]
    margin = max(cell_len(end) for end in ends) + 1
    with_scale = paper.width >= _ROOM_FOR_SCALE
    columns = paper.width - 1 - margin - (_SCALE_COLUMNS + 2 if with_scale else 0)
    bands = banded(vitals.strip, columns)
    rows = heat_lines(bands, paper.colour, paper.signs == UNICODE)
    beside = ["", ""]
    if with_scale:
        gap = " " * (columns - bands.shape[1] + 2)
        beside = [gap + scale(paper.colour), gap + "log10"]
    return [
        f"{end}{' ' * (margin - cell_len(end))}{row}{right}" for end, row, right in zip(ends, rows, beside, strict=True)
    ]
