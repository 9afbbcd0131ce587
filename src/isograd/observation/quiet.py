"""Quiet steps: those on which nothing is due.

Between two steps of a program all that is ours falls out of the processor's caches, and what runs there once takes
several times as long as it would in a loop. So a quiet step is only looked at for a loss that jumps and a gradient that
is not finite; its figures wait, and are worked off together when a step comes that is not quiet.
"""

import math
from typing import NamedTuple


class QuietStep(NamedTuple):
    """What a quiet step leaves to be worked off."""

    loss: float
    """Unscaled; nan if it was no single number."""
    learning_rate: float
    """Of the first group."""
    ended_at: float
    """By `time.perf_counter`."""
    spent_seconds: float
    """What isograd had taken in all by then."""


class QuietSteps:
    """The quiet steps of one network that wait."""

    def __init__(self) -> None:
        self._left = 0
        self._loudest = math.inf
        self._waiting: list[QuietStep] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def expect(self, steps: int, loudest: float) -> None:
        """Nothing is due for so many steps; the last of them is not quiet, so that the others are worked off.

        Args:
            steps: how many, 0 for none.
            loudest: a loss of larger magnitude has jumped.
        """
        self._left, self._loudest = steps, loudest

    @property
    def expected(self) -> bool:
        """True while nothing is due on the next step."""
        return self._left > 0

    def admits(self, loss: float) -> bool:
        """True if a step with this loss may wait."""
        return self._left > 1 and not abs(loss) > self._loudest

    def add(self, step: QuietStep) -> None:
        """Lets a step wait."""
        self._left -= 1
        self._waiting.append(step)

    def take(self) -> list[QuietStep]:
        """All that wait, in order; they wait no more."""
        taken, self._waiting = self._waiting, []
        return taken
