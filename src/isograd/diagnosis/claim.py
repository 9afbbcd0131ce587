"""What a check claims of a network, before causes and remedies are added."""

from dataclasses import dataclass

from isograd.facts import Problem, Severity, Text


@dataclass(frozen=True)
class Claim:
    """What kind of finding it is."""

    rule: str
    """Code of the rule, e.g. `IG101`."""
    problem: Problem
    """What is wrong."""
    severity: Severity
    """How grave it is."""
    summary: Text
    """The finding in a sentence."""
