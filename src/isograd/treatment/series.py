"""The trials of one cure: each order once, within what may be spent."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from isograd.facts.trial import Order, Result
from isograd.treatment.trial import run_trials
from isograd.treatment.trial.job import folder_of
from isograd.treatment.trial.subject import Subject


class Spent(Exception):  # noqa: N818  not an error: the budget that the user gave
    """The budget of trials or minutes is spent."""


class Series:
    """Runs orders and counts what they cost.

    Args:
        subject: The program or task.
        root: Where trials are kept; those that are there already are not run again.
        parallel: Runs at once.
        most_trials: How many runs may be made; None for no limit.
        most_minutes: How long all of them may take; None for no limit.
        tell: Told the stage, how many of its runs are done, and how many it has.
    """

    def __init__(
        self,
        subject: Subject,
        root: Path,
        parallel: int,
        most_trials: int | None,
        most_minutes: float | None,
        tell: Callable[[str, int, int], None],
    ) -> None:
        self.subject = subject
        self.count = 0
        """Runs so far, those of an earlier cure that were taken up included."""
        self._root = root
        self._parallel = parallel
        self._most = most_trials
        self._deadline = None if most_minutes is None else time.monotonic() + 60.0 * most_minutes
        self._tell = tell
        self._fingerprint = subject.fingerprint()

    def folder_of(self, order: Order) -> Path:
        """Where the trial of an order is kept."""
        return folder_of(self._root, self.subject, order, self._fingerprint)

    def run(self, stage: str, orders: Sequence[Order]) -> list[Result]:
        """The results of some orders, in their order.

        Raises:
            Spent: The budget does not allow them, or ended them.
            KeyboardInterrupt: The user ended them.
        """
        if self._most is not None and self.count + len(orders) > self._most:
            raise Spent
        done = 0
        self._tell(stage, done, len(orders))

        def ended(result: Result) -> None:
            nonlocal done
            done += 1
            self._tell(stage, done, len(orders))

        results = run_trials(
            self.subject, orders, self._root, parallel=self._parallel, ended=ended, deadline=self._deadline
        )
        self.count += len(results)
        if any(result.status == "interrupted" for result in results):
            raise Spent
        return results
