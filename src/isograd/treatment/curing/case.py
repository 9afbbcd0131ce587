"""The case: a program, what its unchanged training showed, and orders for further trainings of it."""

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from isograd.diagnosis import diagnose
from isograd.errors import UsageError
from isograd.facts import Diagnosis, Finding, Record
from isograd.facts.treatment import Plan
from isograd.facts.trial import Order, Result
from isograd.record import read
from isograd.treatment.curing.options import Options
from isograd.treatment.curing.series import Series
from isograd.treatment.trial.conclusion import NO_OPTIMIZER, NO_STEP
from isograd.treatment.trial.job import RECORD
from isograd.treatment.trial.subject import Subject

BEYOND, AT_LEAST = 2.0, 100
"""A program that failed by itself is known so far only: treated ones are looked at for twice as many steps, and for
as many at least."""


@dataclass(frozen=True)
class Case:
    """What was seen before anything was tried."""

    subject: Subject
    """The program or task."""
    options: Options
    """How much may be spent."""
    series: Series
    """Runs trainings."""
    base: Result
    """Its unchanged training under its own seed."""
    folder: Path
    """Of that training; it kept batches there."""
    record: Record
    """All that was seen of it."""
    diagnosis: Diagnosis
    """What is wrong with it."""
    finding: Finding | None = None
    """What is to be cured; None as long as nothing is."""

    @property
    def steps(self) -> int:
        """Optimizer steps of a whole run; of one that failed on the way, enough to see whether others do."""
        if self.base.status == "failed":
            return self.options.steps or max(AT_LEAST, math.ceil(BEYOND * self.base.steps))
        return self.base.steps

    @property
    def by_hand(self) -> bool:
        """True if the program updates its parameters itself: remedies are made where an optimizer is made."""
        return not self.base.steps

    @property
    def network(self) -> str:
        """Which network of the program the finding is about."""
        name = self.finding.network if self.finding is not None else ""
        return next((one.key for one in self.base.networks if one.name == name), "")

    def order(self, plan: Plan | None = None, **others: Any) -> Order:
        """An order for the unchanged program, or for a plan.

        Args:
            plan: What to treat it with; None for nothing.
            others: Further fields of the order.
        """
        order = Order(
            arm="baseline" if plan is None else "treated",
            doses=() if plan is None else plan.doses,
            network=self.network,
            metric=self.options.metric,
            max_steps=self.options.steps,
            untreated=str(self.folder),
        )
        return replace(order, **others)

    def about(self, finding: Finding) -> "Case":
        """The same case with what is to be cured."""
        return replace(self, finding=finding)


def take_up(subject: Subject, options: Options, series: Series) -> Case:
    """Runs the unchanged program once.

    Raises:
        UsageError: It does not train: it fails by itself or never takes a step; or it does not print what is to decide.
    """
    order = Order(keep_samples=True, explain=True, metric=options.metric, max_steps=options.steps)
    base = series.run("baseline", [order])[0]
    if not base.steps and base.status == "failed" and base.error not in (NO_STEP, NO_OPTIMIZER):
        raise UsageError(f"{subject.name} failed before its first optimizer step: {base.error}; make it run first")
    folder = series.folder_of(order)
    record = read(folder) if base.steps or (folder / RECORD).exists() else None
    if record is None or not any(seen.steps.step.size for seen in record.observed):
        raise UsageError(f"{subject.name} took no optimizer step: there is no training to cure")
    if options.metric is not None and not base.metrics and base.status == "finished":
        raise UsageError(f"--metric {options.metric.pattern} matches no number in what {subject.name} prints")
    return Case(subject, options, series, base, folder, record, diagnose(record))
