"""What everything is called, in both languages: problems, causes, remedies, quantities, terms."""

from isograd.report.catalogue.causes import CAUSES
from isograd.report.catalogue.problems import HEALTHS, MEANINGS, PROBLEMS, SEVERITIES
from isograd.report.catalogue.quantities import QUANTITIES
from isograd.report.catalogue.remedies import REMEDIES, RemedyEntry
from isograd.report.catalogue.terms import TERMS
from isograd.report.catalogue.titles import (
    cause_title,
    health_title,
    problem_title,
    quantity_title,
    quantity_value,
    remedy_change,
    remedy_title,
    severity_title,
)

__all__ = [
    "CAUSES",
    "HEALTHS",
    "MEANINGS",
    "PROBLEMS",
    "QUANTITIES",
    "REMEDIES",
    "SEVERITIES",
    "TERMS",
    "RemedyEntry",
    "cause_title",
    "health_title",
    "problem_title",
    "quantity_title",
    "quantity_value",
    "remedy_change",
    "remedy_title",
    "severity_title",
]
