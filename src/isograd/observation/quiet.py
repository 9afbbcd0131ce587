"""Quiet steps: those on which nothing is due, taken a short way.

Between two steps of a program all that is ours falls out of the processor's caches, and what runs there once takes
several times as long as it would in a loop. So a quiet step is only looked at for a loss that is not finite or jumps;
its figures wait, and are worked off together when a step comes that is not quiet.
"""

import math
from threading import get_ident
from time import perf_counter
from typing import Any, NamedTuple

from torch._C import _current_graph_task_id as running_pass

from isograd.observation.guard import UNSEEN_SECONDS, Guard

_OUTSIDE = -1
"""What torch gives as the number of the backward pass that runs, where none does."""


class QuietStep(NamedTuple):
    """What a quiet step leaves to be worked off."""

    loss: float
    """As it was back-propagated last, scaled."""
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
        self._waiting: list[tuple[float, float, float, float]] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def expect(self, steps: int, loudest: float) -> None:
        """Nothing is due for so many steps; the last of them is not quiet, so that the others are worked off.

        Args:
            steps: how many, 0 for none.
            loudest: a loss of larger magnitude, scaled, has jumped.
        """
        self._left, self._loudest = steps, loudest

    @property
    def expected(self) -> bool:
        """True while nothing is due on the next step."""
        return self._left > 0

    def lets_wait(self, loss: float | None, learning_rate: Any, spent_seconds: float) -> bool:
        """Lets a step that has just ended wait, unless it is the last that was expected, or its loss calls for more.

        Returns:
            False if the step is to be looked at now.
        """
        if self._left <= 1 or loss is None or abs(loss) > self._loudest:
            return False
        self._left -= 1
        self._waiting.append((loss, float(learning_rate), perf_counter(), spent_seconds))
        return True

    def take(self) -> list[QuietStep]:
        """All that wait, in order; they wait no more."""
        taken, self._waiting = self._waiting, []
        return [QuietStep(*step) for step in taken]


class QuietPath:
    """The short way through a backward pass, open while nothing is due on any network."""

    def __init__(self, guard: Guard) -> None:
        self.open = False
        """True while nothing is due."""
        self.loss: float | None = None
        """What was back-propagated last; None if it was no single real number."""
        self._guard = guard

    def passes(self, roots: Any) -> bool:
        """Before a backward pass: takes note of its loss.

        Args:
            roots: what `backward` was called on.

        Returns:
            False if the pass must be looked at: the way is shut, or the loss is not one finite number.
        """
        guard = self._guard
        if not self.open or get_ident() != guard.thread:
            return False
        began = perf_counter()
        if running_pass() != _OUTSIDE:
            return True  # within another pass, which was seen
        try:
            loss = roots.item()
            if not math.isfinite(loss):
                return False
        except (AttributeError, RuntimeError, TypeError):  # several roots, or several or complex numbers
            return False
        self.loss = loss
        guard.spent_seconds += perf_counter() - began + 2 * UNSEEN_SECONDS  # this call, and one before the step
        return True
