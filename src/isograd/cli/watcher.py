"""Watches one script: waits for torch, starts the session, ends it, and hands over the record."""

import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from isograd.cli import sentences
from isograd.cli.closing import say
from isograd.cli.console import complain
from isograd.cli.folder import RECORD, OutFolder, make
from isograd.cli.options import Outputs
from isograd.observation.arming import after_import
from isograd.observation.own_imports import OwnImports
from isograd.observation.runner import Outcome
from isograd.observation.target import Target

if TYPE_CHECKING:
    from isograd.facts import Record, Run, RunStatus, Text
    from isograd.observation.session import Session
    from isograd.record import RecordWriter
    from isograd.report.live.view import LiveView


@dataclass(frozen=True)
class Plan:
    """What is to be watched and how."""

    target: Target
    """What runs."""
    folder: OutFolder
    """Where its record goes."""
    budget: float
    """Share of the run's time that watching may take (0..1)."""
    live: bool
    """Draw vitals while it trains."""
    outputs: Outputs
    """What is to be left behind."""


class Watcher:
    """One run from before the script's start to its record; everything that can fail says so and lets the run be.

    Args:
        plan: What to watch and how.
        own_imports: For what is imported after the script has started.
    """

    def __init__(self, plan: Plan, own_imports: OwnImports) -> None:
        self.folder: Path | None = None
        """Where the record is; None as long as there is none on disk that will stay."""
        self.saw_torch = False
        """Whether the script imported torch."""
        self._plan = plan
        self._stream: TextIO | None = sys.stderr
        self._own_imports = own_imports
        self._started = time.time()
        self._session: Session | None = None
        self._writer: RecordWriter | None = None
        self._live: LiveView | None = None
        self._disarm: Callable[[], None] = lambda: None

    def arm(self) -> None:
        """Waits for the script to import torch."""
        self._disarm = after_import("torch", self._begin)

    def hush(self) -> None:
        """Takes the live view off the terminal, so that a traceback has it for itself."""
        self._disarm()
        if self._live is not None:
            self._live.stop()
            self._live = None

    def finish(self, outcome: Outcome) -> "Record | None":
        """Ends the session.

        Returns:
            All that was seen; None if watching never started.
        """
        record = None
        if self._session is not None and self._writer is not None:
            self._session.stop(status_of(outcome), outcome.error)
            record = self._writer.snapshot()
            if not outcome.interrupted:  # who broke off waits for nothing
                record = self._experimented(record, self._session, self._writer)
        if self._writer is not None:
            self._writer.close()
            if self._writer.fault and self.folder is not None:
                from isograd.report.complaints import complaint

                complain(complaint(self._writer.fault, self._plan.outputs.language), self._stream)
        return record

    def _experimented(self, record: "Record", session: "Session", writer: "RecordWriter") -> "Record":
        """The record with experiments on passes that were kept of the run; without them if they fail."""
        from isograd.diagnosis.afterwards import experiments
        from isograd.facts.experiment import as_event

        try:
            for index, experiment in experiments(record, session.keepsakes()):
                writer.event(index, as_event(experiment))
        except Exception as fault:  # noqa: BLE001  ours, or the user's model under a change: causes stay inferred
            if self._plan.outputs.debug:
                traceback.print_exc(file=self._stream)
            self._say(sentences.no_experiments(f"{type(fault).__name__}: {fault}"))
        return writer.snapshot()

    def discard(self) -> None:
        """Removes the record of a run in which nothing was trained, unless the folder was asked for."""
        if self.folder is None or self._plan.folder.asked_for:
            return
        for name in (RECORD, f"{RECORD}-wal", f"{RECORD}-shm"):
            (self.folder / name).unlink(missing_ok=True)
        try:
            self.folder.rmdir()
        except OSError:
            return  # somebody else has put something there
        self.folder = None

    def _begin(self) -> None:
        """Starts to watch, in the thread that has just imported torch."""
        self.saw_torch = True
        self._guarded(self._open, sentences.no_watching)
        if self._session is not None and self._plan.live:
            self._guarded(self._draw, sentences.no_live)

    def _guarded(self, start: Callable[[], None], sentence: Callable[[str], "Text"]) -> None:
        try:
            with self._own_imports():
                start()
        except Exception as fault:  # noqa: BLE001  ours, whatever it is: the script must not see it
            if self._plan.outputs.debug:
                traceback.print_exc(file=self._stream)
            self._say(sentence(f"{type(fault).__name__}: {fault}"))

    def _say(self, text: "Text") -> None:
        say(text, self._plan.outputs, self._stream)

    def _open(self) -> None:
        from isograd.observation.session import Session
        from isograd.record import RecordWriter

        target = self._plan.target
        self._writer = RecordWriter(self._place() / RECORD, self._run())
        session = Session(self._writer, self._plan.budget, target.stem, target.command)
        session.start()
        self._session = session

    def _draw(self) -> None:
        from isograd.report.live.view import LiveView

        if self._session is not None and self._stream is not None:
            self._live = LiveView(self._session.vitals, self._stream, self._plan.outputs.language)
            self._live.start()

    def _place(self) -> Path:
        """The folder for the record. Where the default one cannot be made, the writer goes on in memory."""
        try:
            self.folder = make(self._plan.folder)
        except OSError as error:
            self._say(sentences.no_folder(str(self._plan.folder.run), error.strerror or type(error).__name__))
            return self._plan.folder.run
        return self.folder

    def _run(self) -> "Run":
        from isograd import __version__
        from isograd.facts import Run

        versions = {
            "isograd": __version__,
            "torch": str(getattr(sys.modules["torch"], "__version__", "")),
            "python": ".".join(map(str, sys.version_info[:3])),
        }
        target = self._plan.target
        return Run(target.stem, target.command, self._started, 0.0, "running", "", versions, 0.0)


def empty_record(target: Target, outcome: Outcome) -> "Record":
    """The record of a script in which there was nothing to watch."""
    from isograd.facts import Record, Run

    run = Run(target.stem, target.command, time.time(), 0.0, status_of(outcome), outcome.error, {}, 0.0)
    return Record(run, ())


def status_of(outcome: Outcome) -> "RunStatus":
    """How the run ended, in the record's words."""
    if outcome.interrupted:
        return "interrupted"
    return "failed" if outcome.status else "finished"
