"""A trial's folder: what stands in it, and how it is named."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from isograd.facts.trial import Order, Result
from isograd.treatment.trial.process import carrying
from isograd.treatment.trial.subject import Subject

JOB, RESULT, RECORD, LOG = "job.json", "result.json", "record.sqlite", "log.txt"
SAMPLES, OUTPUT, ERRORS, FILES, PROGRESS = "samples.pt", "stdout.txt", "stderr.txt", "files", "progress"


@dataclass(frozen=True)
class Job:
    """What the child reads: the program and the order."""

    subject: Subject
    """What is trained."""
    order: Order
    """What is to be done with it."""
    scratch: str = ""
    """Folder for the program's temporary files, emptied afterwards; empty for the system's own."""


def folder_of(root: Path, subject: Subject, order: Order, fingerprint: str) -> Path:
    """The folder of a trial below the root; the same for the same program under the same order.

    Args:
        root: Of all trials.
        subject: The program.
        order: The order.
        fingerprint: `subject.fingerprint()`, asked once for many orders.
    """
    words = json.dumps(dataclasses.asdict(order), sort_keys=True)
    name = hashlib.sha256(f"{fingerprint}\0{words}".encode()).hexdigest()[:16]
    return root / f"{order.arm}-{order.seed}-{name}"


def finished(folder: Path) -> Result | None:
    """The result of a trial that has ended by itself; None if it is still to be run."""
    try:
        found = carrying.read(Result, folder / RESULT)
    except (OSError, ValueError):
        return None
    return None if found.status == "interrupted" else found
