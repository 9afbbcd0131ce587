"""The sheet that terminal text is written on: its language, width, colours and signs."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from typing import TextIO

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text as Styled

from isograd.facts import Language
from isograd.report.catalogue.labels import label
from isograd.report.names import plain_name
from isograd.report.signs import Signs, encodable, language_for, signs_for

DEFAULT_WIDTH = 80
WIDEST = 120
NARROWEST = 40
ROOMY = 60  # below, labels beside the text would leave no room for it
HEALTH_STYLES = {"healthy": "bold green", "warning": "bold yellow", "failing": "bold red", "unknown": "bold"}


@dataclass(frozen=True)
class Paper:
    """How to write: nothing of what to write."""

    language: Language
    """Of all words."""
    width: int
    """Columns of the terminal, within what reads well."""
    colour: bool
    """True if colours may be used."""
    encoding: str
    """What the text must be encodable in."""
    signs: Signs
    """To draw with."""

    def say(self, name: str, **values: object) -> str:
        """One of the labels, in the paper's language."""
        return self.clean(label(name, self.language, **values))

    def clean(self, text: str) -> str:
        """Text without what would act on the terminal, and in characters that it can show; lines are joined."""
        return encodable(plain_name(" ".join(text.split())), self.encoding)

    def clean_line(self, line: str) -> str:
        """A line of source, its blanks kept, without what would act on the terminal."""
        blanks = len(line) - len(line.lstrip(" \t"))
        return line[:blanks] + encodable(plain_name(line[blanks:]), self.encoding)


def paper(
    language: Language, width: int | None, colour: bool | None, stream: TextIO, environ: Mapping[str, str]
) -> Paper:
    """A paper for that stream.

    Args:
        language: asked for; English is used where the stream cannot take Hangul.
        width: columns, or None to ask the terminal.
        colour: or None for colours on a terminal, unless `NO_COLOR` is set.
        stream: that will be written to.
        environ: environment variables.
    """
    encoding = getattr(stream, "encoding", None) or "ascii"
    return Paper(
        language_for(encoding, language),
        max(NARROWEST, min(WIDEST, width or _columns(stream))),
        wants_colour(stream, environ) if colour is None else colour,
        encoding,
        signs_for(encoding),
    )


def wants_colour(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """True on a terminal that is not dumb, unless `NO_COLOR` holds anything (no-color.org)."""
    return stream.isatty() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


def _columns(stream: TextIO) -> int:
    if not stream.isatty():
        return DEFAULT_WIDTH
    try:
        return os.get_terminal_size(stream.fileno()).columns or DEFAULT_WIDTH
    except OSError:
        return DEFAULT_WIDTH  # a terminal that does not tell its size


def written(renderables: list[RenderableType], sheet: Paper) -> str:
    """The renderables below each other as one string, without blanks at the ends of lines."""
    stream = StringIO()
    console = Console(
        file=stream,
        width=sheet.width,
        force_terminal=sheet.colour,
        color_system="256" if sheet.colour else None,
        no_color=not sheet.colour,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )
    for renderable in renderables:
        console.print(renderable)
    return "".join(f"{line.rstrip()}\n" for line in stream.getvalue().splitlines())


def columns(*rows: tuple[RenderableType, ...], wraps: int = 0, gap: int = 2) -> Table:
    """A table without lines.

    Args:
        rows: of cells; a row may be shorter than others.
        wraps: index of the column that gives way where the width does not suffice.
        gap: blanks between columns.
    """
    table = Table.grid(padding=(0, gap, 0, 0))
    for index in range(max((len(row) for row in rows), default=0)):
        table.add_column(no_wrap=index != wraps, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def styled(text: str, style: str = "") -> Styled:
    """Text that is shown as it is: brackets in a name are no markup."""
    return Styled(text, style=style, overflow="fold")
