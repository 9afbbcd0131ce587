"""The tables of a verdict on a terminal; what does not fit beside its row stands below it."""

from collections.abc import Sequence
from dataclasses import replace

from rich.cells import cell_len
from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text as Styled

from isograd.facts.verdict import Verdict
from isograd.report.names import shorten
from isograd.report.terminal.paper import Paper, columns, styled
from isograd.report.verdict.rows import TriedRow, arm_head, arm_rows, tried_rows
from isograd.report.verdict.words import word

_INDENT = 2
_GAP = 2
_NARROW = 72
"""Below so many columns the forecast is left out, since the gain on one batch says more, and of the arms what the lines
above tell."""
_SHORTEST_NAME = 16
_A_WORD = 9


def proof_table(verdict: Verdict, sheet: Paper) -> list[RenderableType]:
    """The arms with metric, gain and problem, and by how much the treated one is better; empty without a proof."""
    found = arm_rows(verdict, sheet.language)
    if not found:
        return []
    shown = [0, 1, 4] if sheet.width < _NARROW else [0, 1, 2, 3, 4]
    head = arm_head(verdict, sheet.language)
    rows: list[tuple[RenderableType, ...]] = [tuple(styled(head[index], "dim") for index in shown)]
    for row in found:
        cells = (row.name, row.mean, row.gain, row.sick, row.better)
        rows.append(tuple(styled(cells[index], "bold" if row.key == "treated" else "") for index in shown))
    title = styled(word("proof_title", sheet.language), "bold")
    return [title, Padding(columns(*rows, wraps=len(shown) - 1), (0, 0, 0, _INDENT))]


def tried_table(verdict: Verdict, sheet: Paper) -> list[RenderableType]:
    """Every plan with its gains, loss and steps, and why it went no further; empty if none was tried."""
    found = [_told_in_short(row) for row in tried_rows(verdict, sheet.language)]
    if not found:
        return []
    names = ("plan", "expected", "measured", "loss", "steps")
    head = tuple(word(name, sheet.language) for name in names)
    cells = [head, *((row.name, row.expected, row.measured, row.loss, row.steps) for row in found)]
    shown = [0, 2, 3, 4] if sheet.width < _NARROW else [0, 1, 2, 3, 4]
    rows = [tuple(sheet.clean(row[index]) for index in shown) for row in cells]
    widths = [max(cell_len(row[place]) for row in rows) for place in range(len(shown))]
    # Two blanks and the sign before the name, then the name gives way.
    room = sheet.width - _INDENT - 2 - sum(width + _GAP for width in widths[1:])
    widths[0] = max(_SHORTEST_NAME, min(widths[0], room))
    lines: list[RenderableType] = [styled(word("tried_title", sheet.language), "bold")]
    lines.append(styled(_line(" ", rows[0], widths, sheet), "dim"))
    for row, texts in zip(found, rows[1:], strict=True):
        lines += _tried(row, _line(_sign(row, verdict, sheet), texts, widths, sheet), sheet)
    return lines


def _told_in_short(row: TriedRow) -> TriedRow:
    """A word such as `diverged` stands where the loss would."""
    if row.loss or not row.steps or cell_len(row.note) > _A_WORD:
        return row
    return replace(row, loss=row.note, note="")


def _sign(row: TriedRow, verdict: Verdict, sheet: Paper) -> str:
    return sheet.signs.right if row.chosen and verdict.outcome == "cured" else " "


def _line(sign: str, cells: Sequence[str], widths: Sequence[int], sheet: Paper) -> str:
    """Names to the left, numbers to the right."""
    name = shorten(cells[0], widths[0], sheet.signs.ellipsis)
    numbers = (" " * (_GAP + width - cell_len(cell)) + cell for cell, width in zip(cells[1:], widths[1:], strict=True))
    return f"{' ' * _INDENT}{sign} {name}{' ' * (widths[0] - cell_len(name))}{''.join(numbers)}"


def _tried(row: TriedRow, line: str, sheet: Paper) -> list[RenderableType]:
    """The row with its note behind it, or below it where there is no room."""
    text = Styled(line, "bold" if row.chosen else "", overflow="fold")
    note = sheet.clean(row.note)
    if not note:
        return [text]
    if not row.loss and not row.steps:
        text = Styled(line.rstrip(), text.style, overflow="fold")
    if cell_len(text.plain) + _GAP + cell_len(note) <= sheet.width:
        return [text.append(f"{' ' * _GAP}{note}", "not bold dim")]
    return [text, Padding(styled(note, "dim"), (0, 0, 0, _INDENT + 4))]
