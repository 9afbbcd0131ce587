"""A further section of the page: a heading, a few words, facts, a figure, a table that stands open, code."""

from dataclasses import dataclass

from isograd.report.figures.seed_dots import SeedDots


@dataclass(frozen=True)
class DiffLine:
    """A line of a unified diff."""

    kind: str
    """`added`, `removed`, `at` (a file or a place in it) or `context`."""
    text: str
    """The line with its sign, without its end."""


@dataclass(frozen=True)
class Section:
    """What stands between the findings and the networks, or before both."""

    anchor: str
    """Its place on the page."""
    title: str
    """Its heading."""
    text: str
    """What it says or shows, in a sentence."""
    head: tuple[str, ...] = ()
    """Names of the table's columns; empty for no table."""
    rows: tuple[tuple[str, ...], ...] = ()
    """Cells; the first of each row names it."""
    marked: frozenset[int] = frozenset()
    """Rows that matter."""
    worded: frozenset[int] = frozenset()
    """Columns of words, which may take several lines; the others hold numbers."""
    facts: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Labels, each with the lines that belong to it."""
    figure: SeedDots | None = None
    """A drawing of the table's numbers."""
    diff: tuple[DiffLine, ...] = ()
    """A diff, shown as it is."""
    code: str = ""
    """Lines of source, shown as they are."""
    note: str = ""
    """What the command below is for."""
    command: str = ""
    """A command to copy."""
    leads: bool = False
    """True if it stands before the findings."""
