"""What a cure is given, and what it gives back."""

from dataclasses import dataclass
from pathlib import Path

from isograd.facts import Diagnosis, Record
from isograd.facts.trial import MetricPattern
from isograd.facts.verdict import Verdict
from isograd.treatment.patch.result import Patch


@dataclass(frozen=True)
class Options:
    """How much may be spent, and by what is judged."""

    folder: Path
    """Where trials are kept; a cure that was broken off goes on from there."""
    metric: MetricPattern | None = None
    """What to look for in the program's output; None for the best that it offers."""
    seeds: int = 5
    """Seeds of the proof, at least 2."""
    steps: int | None = None
    """Steps of one run; None for all that the program takes."""
    minutes: float | None = None
    """Stop after so many minutes."""
    trials: int | None = None
    """Stop after so many runs."""
    parallel: int = 1
    """Runs at once."""
    remedies: tuple[str, ...] = ()
    """Plans to try, such as `init:he` or `init:he+clip:norm`; empty to choose by mechanism."""


@dataclass(frozen=True)
class Cured:
    """The verdict, and what it stands on."""

    verdict: Verdict
    """What was concluded."""
    record: Record
    """Of the untreated run."""
    diagnosis: Diagnosis
    """What was wrong with it."""
    patch: Patch | None
    """The change in the user's source; None where none was made."""
    folder: Path
    """Where everything is kept."""
