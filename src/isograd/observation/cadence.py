"""When to look: as often as the budget allows, closer at the start and after an alarm.

Step 0 and all powers of two are always read: the initial values matter most, and their number grows only with the
logarithm of the steps, so that they vanish from the cost of a run of some thousand steps. All others wait until the
time spent so far, with the reading to come, stays within the budget's share of the time that training took.
"""

import math
from dataclasses import dataclass, field

ALARM_READINGS = 3
"""Readings taken in a row after an alarm."""
ALARM_BUDGETS = 3.0
"""Readings after an alarm stop at this many budgets."""
SENTINEL_SHARE = 0.5
"""Share of the budget that the sentinels may take; the rest is for readings."""
RAREST_SENTINEL = 16
"""Sentinels are never further apart than this many steps."""


def is_milestone(step: int) -> bool:
    """True for 0 and the powers of two.

    >>> [step for step in range(50) if is_milestone(step)]
    [0, 1, 2, 4, 8, 16, 32]
    """
    return step & (step - 1) == 0


@dataclass
class Cadence:
    """Decides step by step whether to take a detailed reading and whether to sample the gradient's size."""

    budget_share: float
    """Share of training time that watching may take; at least 1 means: look at every step."""
    reading_seconds: float = 0.0
    """What a reading costs, a running mean."""
    sentinel_seconds: float = 0.0
    """What sampling the gradient's size costs, a running mean."""
    alarm: int = 0
    """Readings still due after an alarm."""
    _every: int = 1
    _since: int = field(default=0)

    def wants_reading(self, step: int, spent_seconds: float, training_seconds: float) -> bool:
        """True if the step that comes should be read in detail."""
        if self.budget_share >= 1.0 or is_milestone(step):
            return True
        allowed = self.budget_share * training_seconds
        if self.alarm > 0:
            self.alarm -= 1
            allowed *= ALARM_BUDGETS
        return spent_seconds + self.reading_seconds <= allowed

    def wants_sentinel(self, step_seconds: float) -> bool:
        """True if the gradient's size should be sampled on the step that comes.

        Args:
            step_seconds: how long a usual step takes; nan if unknown.
        """
        if self.budget_share >= 1.0 or math.isnan(step_seconds):
            return True
        allowed = SENTINEL_SHARE * self.budget_share * max(step_seconds, 1e-9)
        self._every = min(max(1, round(self.sentinel_seconds / allowed + 0.49)), RAREST_SENTINEL)
        self._since += 1
        if self._since >= self._every:
            self._since = 0
            return True
        return False

    def learn_reading(self, seconds: float) -> None:
        """Takes note of what a reading cost."""
        self.reading_seconds = _mean(self.reading_seconds, seconds)

    def learn_sentinel(self, seconds: float) -> None:
        """Takes note of what a sample of the gradient's size cost."""
        self.sentinel_seconds = _mean(self.sentinel_seconds, seconds)

    def raise_alarm(self) -> None:
        """Asks for a closer look at the next steps."""
        self.alarm = ALARM_READINGS


def _mean(old: float, new: float) -> float:
    return new if old == 0.0 else 0.8 * old + 0.2 * new
