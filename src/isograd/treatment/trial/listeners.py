"""Who is told how trials go."""

from collections.abc import Callable
from dataclasses import dataclass

from isograd.facts.trial import Result


@dataclass(frozen=True)
class Listeners:
    """Who is told what happens."""

    started: Callable[[int], None] = lambda place: None
    """Told the place among the orders of a trial that starts."""
    progress: Callable[[int, int], None] = lambda place, steps: None
    """Told the place of a running trial and how many optimizer steps it has taken, a few times a second."""
    ended: Callable[[Result], None] = lambda result: None
    """Told each result as it comes, also those that were there already."""
