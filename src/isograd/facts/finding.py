"""What the rules say: a claim with its evidence, its causes and what to do."""

from dataclasses import dataclass
from typing import Literal

from isograd.facts.text import Text

Problem = Literal[
    "vanishing", "exploding", "dead-units", "saturation", "non-finite", "underflow", "instability", "stalled"
]
Severity = Literal["error", "warning", "note"]
Health = Literal["healthy", "warning", "failing", "unknown"]
How = Literal["intervention", "forecast", "rule"]


@dataclass(frozen=True)
class Evidence:
    """One number that was measured, beside the limit that it is held against."""

    quantity: str
    """Name of the quantity, snake case with its unit, e.g. `gain_decades`."""
    value: float
    """What was measured."""
    unit: str = ""
    """e.g. `decades`, `share`, `steps`."""
    limit: float | None = None
    """The level beyond which it counts against the run."""
    site: str | None = None
    """Where it was measured, if at one site."""
    step: int | None = None
    """When it was measured, if at one step."""


@dataclass(frozen=True)
class Cause:
    """A likely cause, by its name in the vocabulary."""

    cause: str
    """One of `vocabulary.CAUSES`."""
    share: float
    """Its share of the harm, 0..1; the shares of a finding add to at most one."""
    how: How = "rule"
    """How it was found."""


@dataclass(frozen=True)
class Remedy:
    """Something to do about it, by its name in the vocabulary."""

    remedy: str
    """One of `vocabulary.REMEDIES`."""
    change: Text | None = None
    """What to change in the user's code, in one sentence."""
    expected: Text | None = None
    """What that is expected to do."""


@dataclass(frozen=True)
class Finding:
    """One claim about one network of a run."""

    rule: str
    """Code of the rule, e.g. `IG101`."""
    problem: Problem
    """What is wrong."""
    severity: Severity
    """How grave it is."""
    network: str
    """Name of the network."""
    sites: tuple[str, ...]
    """Where, in execution order."""
    first_step: int
    """The first step at which it was seen."""
    last_step: int
    """The last step at which it was seen."""
    summary: Text
    """The finding in one or two sentences."""
    evidence: tuple[Evidence, ...]
    """The numbers behind it."""
    causes: tuple[Cause, ...] = ()
    """Likely causes, largest share first."""
    remedies: tuple[Remedy, ...] = ()
    """What to do, best first."""
    advice: tuple[Text, ...] = ()
    """What to do that is no remedy of the vocabulary, such as looking at the data; to be done before the remedies."""


@dataclass(frozen=True)
class Diagnosis:
    """All findings of a run, gravest first, and the health that follows from them."""

    health: Health
    """`failing` if there is an error, `warning` if a warning, `unknown` if too little was seen, else `healthy`."""
    findings: tuple[Finding, ...]
    """Gravest first."""
    reason: Text | None = None
    """Why the health is unknown, or in a healthy run the one line that says how healthy."""
