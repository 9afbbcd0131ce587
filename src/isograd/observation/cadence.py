"""When to look: as often as the budget allows, closer at the start and after an alarm.

Step 0 and all powers of two are always read: the initial values matter most, and their number grows only with the
logarithm of the steps, so that they vanish from the cost of a run of some thousand steps. All others wait until the
time spent so far, with the reading to come, stays within the budget's share of the time that training took. Samples of
the gradient's size take half of what steps without any leave of the budget. All costs are those of the whole step.
"""

import math
from dataclasses import dataclass

KEPT_BACK = 0.1
"""Share of the budget that is not given out: the record's writer, and caches that training finds cold after us."""
ALARM_READINGS = 3
"""Readings taken in a row after an alarm."""
ALARM_BUDGETS = 3.0
"""Readings after an alarm stop at this many budgets."""
SENTINEL_SHARE = 0.5
"""Share that samples may take of what is left of the budget; the rest is for readings."""
RAREST_SENTINEL, RAREST_ON_LONG_STEPS = 16, 64
"""Samples are never further apart than this many steps, whatever they cost; the latter holds for long steps."""
LONG_STEP_SECONDS = 0.005
"""From here on the budget is kept; on shorter steps even the shortest way exceeds 1 %."""
MOST_QUIET = 64
"""Steps that may wait to be worked off."""
LONGEST_QUIET_SECONDS = 0.5
"""How long they may wait, where steps go on."""


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
    """What a step with a reading costs, a running mean; so with the next two."""
    sentinel_seconds: float = 0.0
    """What a step with a sample of the gradient's size costs."""
    idle_seconds: float = 0.0
    """What a step with neither costs."""
    alarm: int = 0
    """Readings still due after an alarm."""
    _sampled_at: int = -1

    def wants_reading(self, step: int, spent_seconds: float, training_seconds: float) -> bool:
        """True if the step that comes should be read in detail."""
        if self.budget_share >= 1.0 or is_milestone(step):
            return True
        allowed = self._given_out * training_seconds
        if self.alarm > 0:
            self.alarm -= 1
            allowed *= ALARM_BUDGETS
        return spent_seconds + self.reading_seconds <= allowed

    def wants_sentinel(self, step: int, step_seconds: float) -> bool:
        """True if the gradient's size should be sampled on the step that comes.

        Args:
            step: its number.
            step_seconds: how long a usual step takes; nan if unknown.
        """
        if step < self._sampled_at + self._steps_apart(step_seconds):
            return False
        self._sampled_at = step
        return True

    def quiet_steps(self, step: int, spent_seconds: float, training_seconds: float, step_seconds: float) -> int:
        """On how many steps, from the one that comes on, nothing will be due; asked when nothing is due on that one.

        Args:
            step: number of the step that comes.
            spent_seconds: what isograd has taken so far.
            training_seconds: what training has taken so far.
            step_seconds: how long a usual step takes; nan if unknown.
        """
        if self.alarm > 0 or not step_seconds > 0:
            return 1
        until_allowed = (spent_seconds + self.reading_seconds) / self._given_out - training_seconds
        return max(
            1,
            min(
                MOST_QUIET,
                (1 << step.bit_length()) - step,
                self._sampled_at + self._steps_apart(step_seconds) - step,
                math.ceil(min(until_allowed, LONGEST_QUIET_SECONDS) / step_seconds),
            ),
        )

    def _steps_apart(self, step_seconds: float) -> int:
        """From one sample to the next."""
        if self.budget_share >= 1.0 or math.isnan(step_seconds):
            return 1
        extra = max(self.sentinel_seconds - self.idle_seconds, 0.0)
        allowed = max(SENTINEL_SHARE * (self._given_out * step_seconds - self.idle_seconds), 0.0)
        rarest = RAREST_ON_LONG_STEPS if step_seconds >= LONG_STEP_SECONDS else RAREST_SENTINEL
        return rarest if extra >= rarest * allowed else max(1, math.ceil(extra / allowed))

    @property
    def _given_out(self) -> float:
        return (1.0 - KEPT_BACK) * self.budget_share

    def learn(self, seconds: float, *, read: bool, sampled: bool) -> None:
        """Takes note of what a step cost isograd.

        Args:
            seconds: isograd's own time.
            read: whether a reading was taken.
            sampled: whether the gradient's size was.
        """
        if read:
            self.reading_seconds = _mean(self.reading_seconds, seconds)
        elif sampled:
            self.sentinel_seconds = _mean(self.sentinel_seconds, seconds)
        else:
            self.idle_seconds = _mean(self.idle_seconds, seconds)

    def raise_alarm(self) -> None:
        """Asks for a closer look at the next steps."""
        self.alarm = ALARM_READINGS


def _mean(old: float, new: float) -> float:
    return new if old == 0.0 else 0.8 * old + 0.2 * new
