"""The trials of one cure: each order once, within what may be spent."""

import time
from collections.abc import Sequence
from pathlib import Path

from isograd.facts.trial import Order, Result
from isograd.treatment.curing.now import Round, Tell
from isograd.treatment.curing.options import Options
from isograd.treatment.trial import run_trials
from isograd.treatment.trial.job import folder_of
from isograd.treatment.trial.subject import Subject


class Spent(Exception):  # noqa: N818  not an error: the budget that the user gave
    """The budget of trials or minutes is spent."""


class Series:
    """Runs orders and counts what they cost.

    Args:
        subject: The program or task.
        options: Where trials are kept, how many run at once, how much may be spent.
        tell: Told how it goes.
    """

    def __init__(self, subject: Subject, options: Options, tell: Tell) -> None:
        self.subject = subject
        self.started = time.monotonic()
        """When it began, by the monotonic clock."""
        self._seen: set[Path] = set()
        self._options = options
        self._deadline = None if options.minutes is None else self.started + 60.0 * options.minutes
        self._tell = tell
        self._whole = options.steps
        self._fingerprint = subject.fingerprint()

    @property
    def count(self) -> int:
        """Runs so far, those of an earlier cure that were taken up included."""
        return len(self._seen)

    def folder_of(self, order: Order) -> Path:
        """Where the trial of an order is kept."""
        return folder_of(self._options.folder, self.subject, order, self._fingerprint)

    def run(self, stage: str, orders: Sequence[Order]) -> list[Result]:
        """The results of some orders, in their order.

        Raises:
            Spent: The budget does not allow them, or ended them.
            KeyboardInterrupt: The user ended them.
        """
        folders = {self.folder_of(order) for order in orders}
        if self._options.trials is not None and len(self._seen | folders) > self._options.trials:
            raise Spent
        follower = Round(stage, orders, self._whole, self._tell)
        results = run_trials(
            self.subject,
            orders,
            self._options.folder,
            parallel=self._options.parallel,
            started=follower.started,
            progress=follower.progress,
            ended=follower.ended,
            deadline=self._deadline,
        )
        self._seen |= folders
        self._whole = self._whole or (results[0].steps if stage == "baseline" else None)
        if any(result.status == "interrupted" for result in results):
            raise Spent
        return results
