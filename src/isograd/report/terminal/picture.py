"""A profile drawn for a terminal: columns with their scale at the left and the ends' names below."""

import math

import numpy as np
from rich.cells import cell_len
from rich.text import Text as Styled

from isograd.report.catalogue import quantity_title
from isograd.report.names import plain_name, shorten
from isograd.report.profile import Profile
from isograd.report.terminal.bars import chart, resample
from isograd.report.terminal.paper import Paper, styled

_ROWS = 3
_WIDEST_COLUMN = 8
_USUAL_COLUMNS = 56
_MOST_COLUMNS = 64


def picture(drawn: Profile, room: int, paper: Paper) -> list[Styled]:
    """The picture's lines.

    Args:
        drawn: what to draw.
        room: columns of the terminal that it may take.
        paper: how to write.
    """
    low, high = _range(drawn)
    marks = [_mark(value, drawn) for value in (high, (low + high) / 2, low)]
    margin = max(len(mark) for mark in marks) + 2
    space = min(room - margin - 1, _MOST_COLUMNS)
    values = resample(drawn.values, space)
    wide = max(1, min(_WIDEST_COLUMN, min(space, _USUAL_COLUMNS) // values.size))
    rows = chart(values.tolist(), low, high, _ROWS, paper.signs, wide)
    lines = [styled(_caption(drawn, paper), "dim")]
    for mark, row in zip(marks, rows, strict=True):
        line = styled("").append(f"{mark:>{margin - 2}} {paper.signs.axis}", "dim")
        line.append_text(_coloured(row, values.tolist(), wide, drawn))
        lines.append(line)
    lines.append(styled(" " * margin + _ends(drawn, values.size * wide, room - margin, paper), "dim"))
    return lines


def _range(drawn: Profile) -> tuple[float, float]:
    if drawn.kind == "share":
        return 0.0, 1.0
    finite = drawn.values[np.isfinite(drawn.values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (-1.0, 0.0)
    low, high = min(low, 0.0), max(high, 0.0)  # a healthy gradient is at 0, and belongs in the picture
    return (low, high) if high - low >= 1.0 else (low, low + 1.0)


def _mark(value: float, drawn: Profile) -> str:
    return f"{100 * value:.0f}%" if drawn.kind == "share" else f"{value + 0.0:.1f}"


def _caption(drawn: Profile, paper: Paper) -> str:
    step = f"{drawn.step:,}"
    if drawn.kind == "share":
        return paper.say("by_share", step=step, quantity=quantity_title(drawn.quantity, paper.language))
    caption = paper.say("by_layer" if drawn.kind == "depth" else "by_lag", step=step)
    zero = np.any(drawn.values == -math.inf)
    return f"{caption}; {paper.say('zero_is')}" if zero else caption


def _ends(drawn: Profile, columns: int, room: int, paper: Paper) -> str:
    """The names of the leftmost and the rightmost column, below them."""
    if drawn.kind == "lag":
        first, last = paper.say("lag", lag=drawn.first), paper.say("last_time")
    else:
        each = max(8, (room - 3) // 2)
        first, last = (
            shorten(paper.clean(plain_name(name)), each, paper.signs.ellipsis) for name in (drawn.first, drawn.last)
        )
    gap = max(3, columns - cell_len(first) - cell_len(last))
    return f"{first}{' ' * gap}{last}"


def _coloured(row: str, values: list[float], wide: int, drawn: Profile) -> Styled:
    line = Styled()
    for index, value in enumerate(values):
        line.append(row[index * wide : (index + 1) * wide], style=_style(value, drawn))
    return line


def _style(value: float, drawn: Profile) -> str:
    """Blue for too little, red for too much, as in the heat maps."""
    if drawn.kind == "share":
        return "red" if value >= 0.5 else ""
    if value <= -1.3:
        return "color(33)"
    return "red" if value >= 1.3 else ""
