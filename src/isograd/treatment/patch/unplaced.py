"""Why a change has no place in the source."""

import os

from isograd.facts.treatment import Position


class Unplaced(Exception):  # noqa: N818  # a reason, not a fault: it never leaves this package
    """`str` is a clause that says why, e.g. `train.py has changed since it was run`."""


def told(position: Position) -> str:
    """A position in words.

    >>> told(Position("/home/me/train.py", 3, 0, 3, 9))
    'line 3 of train.py'
    """
    return f"line {position.line} of {os.path.basename(position.file)}"
