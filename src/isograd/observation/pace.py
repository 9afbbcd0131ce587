"""How long the steps of one network take, isograd's own time left out."""

import math
from collections import deque

RECENT = 32
"""Steps over which the usual one is told."""


class Pace:
    """Takes the time from step to step."""

    def __init__(self) -> None:
        self._ended_at = math.nan
        self._spent_seconds = 0.0
        self._recent: deque[float] = deque(maxlen=RECENT)

    def step_ended(self, at: float, spent: float) -> float:
        """Takes note of a step.

        Args:
            at: when it ended, by `time.perf_counter`.
            spent: seconds that isograd had taken in all by then.

        Returns:
            Seconds since the step before, those of isograd left out; nan at the first.

        >>> pace = Pace()
        >>> pace.step_ended(at=1.0, spent=0.0)
        nan
        >>> pace.step_ended(at=3.0, spent=0.5)
        1.5
        """
        seconds = at - self._ended_at - (spent - self._spent_seconds)
        self._ended_at, self._spent_seconds = at, spent
        if math.isfinite(seconds):
            self._recent.append(max(seconds, 0.0))
        return seconds

    def usual_seconds(self) -> float:
        """Median of the latest steps; nan before the second."""
        return sorted(self._recent)[len(self._recent) // 2] if self._recent else math.nan

    def paused(self) -> None:
        """The next step's duration is not known: in between, nobody listened."""
        self._ended_at = math.nan

    def steps_per_second(self) -> float:
        """Over the latest steps; 0 before there are any. May be called from another thread."""
        recent = list(self._recent)
        return len(recent) / sum(recent) if sum(recent) > 0 else 0.0
