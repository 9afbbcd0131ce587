"""Judges a record: rules, what explains what, and the health of the run."""

from isograd.diagnosis.engine import diagnose
from isograd.diagnosis.rules import RULES, Judge, Rule

__all__ = ["RULES", "Judge", "Rule", "diagnose"]
