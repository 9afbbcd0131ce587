"""One trial of an unmodified script or module, in this process."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from isograd.errors import ScriptError
from isograd.facts import Run
from isograd.facts.trial import Result, TrialStatus
from isograd.observation.arming import after_import
from isograd.observation.calm_numbers import calm_numbers
from isograd.observation.runner import Outcome, run_script
from isograd.treatment.trial.hearing.output import Output
from isograd.treatment.trial.injection.replaced import Replaced
from isograd.treatment.trial.job import RECORD, SAMPLES, Job
from isograd.treatment.trial.seeds import RESEED, Seeds

if TYPE_CHECKING:
    from isograd.observation.own_imports import OwnImports
    from isograd.treatment.trial.hearing.witness import Witness

BUDGET = 0.01
"""Share of training time that watching may take."""


@dataclass
class ScriptRun:
    """From before the script's first line to its result.

    torch is left for the script to import, as in `isograd run`, unless this process was forked from one that has it.
    """

    job: Job
    """What is to be done."""
    folder: Path
    """The trial's."""
    own_imports: "OwnImports"
    """Keeps our modules and the script's apart."""
    tell_steps: Callable[[int], None]
    """Told how many steps were taken."""
    witness: "Witness | None" = field(default=None, init=False)
    """There when torch was imported."""
    error: str = field(default="", init=False)
    """Why watching could not start."""

    def run(self, output: Output) -> Result:
        """Runs it to its end."""
        order, subject = self.job.order, self.job.subject
        seeds = Seeds(order.seed + (RESEED if order.arm == "reseed" else 0))
        sources = Replaced(order.patched)
        try:
            target = sources.target(subject.target())
        except ScriptError as error:
            return Result(order, "failed", str(error))
        self.own_imports.step_aside()
        seeds.start()
        disarm = after_import("torch", lambda: self._begin(seeds))
        with sources:
            outcome = run_script(target)
        disarm()
        with self.own_imports(), calm_numbers():
            return self._result(outcome, output)

    def _begin(self, seeds: Seeds) -> None:
        """When torch has just been imported."""
        try:
            with self.own_imports():
                from isograd.observation.session import Session
                from isograd.record import RecordWriter
                from isograd.treatment.trial.hearing.witness import Witness

                seeds.after_torch()
                subject = self.job.subject
                run = Run(subject.stem, subject.command, time.time(), 0.0, "running", "", {}, 0.0)
                writer = RecordWriter(self.folder / RECORD, run)
                self.witness = Witness(
                    self.job.order,
                    writer,
                    lambda sink: Session(sink, BUDGET, subject.stem, subject.command),
                    self.tell_steps,
                )
                self.witness.start()
        except Exception as fault:  # noqa: BLE001  ours: the trial is worth nothing without it, and says so
            self.error = f"isograd could not watch: {type(fault).__name__}: {fault}"

    def steps(self) -> int:
        """Optimizer steps taken so far."""
        return self.witness.steps.taken if self.witness is not None else 0

    def _result(self, outcome: Outcome, output: Output) -> Result:
        from isograd.treatment.trial.conclusion import conclude
        from isograd.treatment.trial.injection.told import write_samples

        if self.witness is None:
            why = self.error or outcome.error or "the script never imported torch"
            return Result(self.job.order, "failed", why)
        status, error = _ending(outcome, self.witness)
        if self.job.order.keep_samples:
            samples = self.witness.samples
            write_samples(samples.calls, samples.targets, self.folder / SAMPLES)
        script = "" if self.job.subject.kind == "module" else os.path.abspath(self.job.subject.name)
        return conclude(self.witness, status, error, output.matches(), script=script)


def _ending(outcome: Outcome, witness: "Witness") -> tuple[TrialStatus, str]:
    untreatable = witness.injection.untreatable
    if untreatable:
        return "failed", untreatable
    if outcome.interrupted:
        return "interrupted", outcome.error
    if outcome.status:
        return "failed", outcome.error
    return ("stopped" if witness.steps.enough else "finished"), ""
