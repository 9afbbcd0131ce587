"""Frozen nouns that the parts hand to each other; they hold no behaviour and import nothing but numpy."""

from isograd.facts.finding import Cause, Diagnosis, Evidence, Finding, Health, Problem, Remedy, Severity
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
from isograd.facts.text import Language, Text
from isograd.facts.vitals import Vitals

__all__ = [
    "QUANTITIES",
    "Cause",
    "Diagnosis",
    "Event",
    "Evidence",
    "Finding",
    "Health",
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
    "SiteKind",
    "StepRow",
    "Steps",
    "Text",
    "TimeProfile",
    "Vitals",
]
