"""A further section of the page: a heading, a few words, and a table that stands open."""

from dataclasses import dataclass


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
    code: str = ""
    """Lines of source or a diff, shown as they are."""
    leads: bool = False
    """True if it stands before the findings."""
