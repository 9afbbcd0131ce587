"""Gradients that are never emptied between steps: each step then repeats all earlier ones, and that comes first."""

from dataclasses import replace

from isograd.diagnosis.prescriptions.advice import ADVICE, EMPTY
from isograd.facts import Finding, Problem, Record

FOLLOW: tuple[Problem, ...] = ("instability", "exploding", "non-finite", "dead-units", "saturation", "stalled")
"""What steps that add up lead to."""


def empty_first(record: Record, finding: Finding) -> Finding:
    """The finding, with what is to be done before anything else, and no remedy beside it, where that was seen.

    A clipped or smaller step may well train, and would only hide that each one repeats those before it.

    Args:
        record: Of the run.
        finding: One of its findings.
    """
    if finding.problem not in FOLLOW or finding.severity == "note":
        return finding
    seen = (one for one in record.observed if one.network.name == finding.network)
    carried = any(event.kind == "carried" for one in seen for event in one.events)
    return replace(finding, remedies=(), advice=ADVICE[EMPTY]) if carried else finding
