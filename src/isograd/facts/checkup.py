"""What `isograd check` found before the first step."""

from dataclasses import dataclass

from isograd.facts.finding import Diagnosis
from isograd.facts.forecast import Forecast
from isograd.facts.intervention import InterventionTable
from isograd.facts.record import Record
from isograd.facts.text import Text


@dataclass(frozen=True)
class Checkup:
    """A network before its first step: forecast, one batch measured, and the cause by intervention."""

    record: Record
    """The measurement, as a record of one step."""
    diagnosis: Diagnosis
    """What follows from it."""
    forecast: Forecast | None
    """What its initialisation alone led to expect; None where no forecast was possible."""
    interventions: tuple[InterventionTable, ...]
    """What was changed on the same batch, and what came of it; empty where nothing had to be explained."""
    advice: Text
    """One sentence: what to change, or that nothing need be."""
