"""Frozen nouns that the parts hand to each other; they hold no behaviour and import nothing but numpy."""

from isograd.facts.checkup import Checkup
from isograd.facts.finding import Cause, Diagnosis, Evidence, Finding, Health, Problem, Remedy, Severity
from isograd.facts.forecast import CriticalInitialisation, Forecast, SiteForecast
from isograd.facts.intervention import Intervened, InterventionTable
from isograd.facts.record import (
    QUANTITIES,
    Event,
    Network,
    Observed,
    Readings,
    Record,
    Run,
    RunStatus,
    StepRow,
    Steps,
    TimeProfile,
)
from isograd.facts.site import Site, SiteKind
from isograd.facts.task import Task
from isograd.facts.text import Language, Text
from isograd.facts.vitals import Vitals

__all__ = [
    "QUANTITIES",
    "Cause",
    "Checkup",
    "CriticalInitialisation",
    "Diagnosis",
    "Event",
    "Evidence",
    "Finding",
    "Forecast",
    "Health",
    "Intervened",
    "InterventionTable",
    "Language",
    "Network",
    "Observed",
    "Problem",
    "Readings",
    "Record",
    "Remedy",
    "Run",
    "RunStatus",
    "Severity",
    "Site",
    "SiteForecast",
    "SiteKind",
    "StepRow",
    "Steps",
    "Task",
    "Text",
    "TimeProfile",
    "Vitals",
]
