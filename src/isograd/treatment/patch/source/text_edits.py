"""Changes of a text by offsets: what they do not touch stays as it is, to the byte."""

from collections.abc import Iterable
from dataclasses import dataclass

from isograd.treatment.patch.unplaced import Unplaced


@dataclass(frozen=True)
class Splice:
    """Text that takes the place of a part; of an empty part, it is put in."""

    start: int
    """First offset."""
    end: int
    """Offset behind the last character."""
    text: str
    """What is to stand there."""
    whole: bool = False
    """True if it also takes with it what is put in at its edges: the part itself is gone, or has moved."""
    order: int = 0
    """Of texts put in at one offset, the one with the lower number comes first."""


def spliced(text: str, splices: Iterable[Splice], start: int = 0, end: int | None = None) -> str:
    """A part of a text with changes made.

    A change within a part that is replaced goes with it. Texts put in at one offset keep their order.

    Args:
        text: All of it.
        splices: Changes, by offsets in `text`.
        start: Where the part begins.
        end: Where it ends; None for the end of the text.

    Raises:
        Unplaced: Two changes overlap.

    >>> spliced("a(b)", [Splice(0, 1, "c"), Splice(3, 3, ", d")])
    'c(b, d)'
    """
    end = len(text) if end is None else end
    inside = [one for one in splices if start <= one.start and one.end <= end]
    wide = [one for one in inside if one.end > one.start]
    top = [one for one in inside if not any(_holds(other, one) for other in wide if other is not one)]
    parts, at = [], start
    for one in sorted(top, key=lambda one: (one.start, one.end, one.order)):
        if one.start < at:
            raise Unplaced("two changes overlap")
        parts += [text[at : one.start], one.text]
        at = one.end
    return "".join([*parts, text[at:end]])


def _holds(outer: Splice, inner: Splice) -> bool:
    """Whether a change lies within a part that another replaces."""
    if not (outer.start <= inner.start and inner.end <= outer.end):
        return False
    if inner.start == inner.end and not outer.whole:
        return outer.start < inner.start < outer.end
    return (outer.start, outer.end) != (inner.start, inner.end)
