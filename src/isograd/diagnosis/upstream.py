"""What follows from what: where one finding explains another, only the cause is counted and the rest becomes a note."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from isograd.facts import Finding, Severity

GRAVITY: dict[Severity, int] = {"error": 0, "warning": 1, "note": 2}
"""The lower the graver."""

Holds = Callable[[Finding, Finding], bool]


def _always(cause: Finding, effect: Finding) -> bool:
    return True


def first_cause(finding: Finding) -> str:
    """Name of the largest cause; empty if none is named."""
    return finding.causes[0].cause if finding.causes else ""


def _by_rate(cause: Finding, effect: Finding) -> bool:
    return first_cause(effect) in ("learning-rate-too-high", "loss-reduction", "target-scale", "outlier-batch")


def _by_gate(cause: Finding, effect: Finding) -> bool:
    """The gradient is lost in saturation: large inputs or weights, no slope that is small by nature."""
    return first_cause(effect) in ("input-scale", "init-too-large", "learning-rate-too-high")


def _not_by_gate(cause: Finding, effect: Finding) -> bool:
    return not _by_gate(effect, cause)


EXPLAINS: tuple[tuple[str, str, Holds], ...] = (
    ("IG202", "IG201", _always),  # a chain through a Python loop holds the time steps too
    ("IG102", "IG101", _always),
    ("IG401", "IG101", _by_gate),  # pushed to the flat ends, it passes no gradient
    ("IG601", "IG101", _always),  # rounded to zero on the way
    ("IG601", "IG301", _always),
    ("IG701", "IG101", _by_rate),  # it began well and training spoilt it
    ("IG701", "IG102", _by_rate),
    ("IG701", "IG202", _by_rate),
    ("IG701", "IG201", _by_rate),
    ("IG701", "IG401", _by_rate),
    ("IG701", "IG301", _by_rate),
    ("IG201", "IG101", _always),  # its start exploded; what vanishes later is what the explosion left
    ("IG101", "IG401", _not_by_gate),
    ("IG101", "IG301", _always),
    ("IG201", "IG301", _always),
    ("IG202", "IG301", _always),
    ("IG201", "IG401", _always),
    ("IG202", "IG401", _always),
    ("IG201", "IG701", _always),
    ("IG202", "IG701", _always),
    ("IG301", "IG701", _always),
    ("IG501", "IG701", _always),
    ("IG501", "IG301", _always),  # nan compares false with zero: every unit looks silent
    ("IG501", "IG601", _always),
)
"""(rule that explains, rule that is explained, on what condition)."""

OVERRULED = "IG801"
"""Stalled is what remains when nothing else explains it."""


def resolve(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Keeps the causes and turns what they explain into notes.

    Args:
        findings: Those of one network.

    Returns:
        The same findings; the explained ones as notes, each cause at the gravity of the gravest thing it explains.
    """
    live = {finding.rule: finding for finding in findings}
    for upper, lower, holds in EXPLAINS:
        cause, effect = live.get(upper), live.get(lower)
        if cause is None or effect is None or "note" in (cause.severity, effect.severity) or not holds(cause, effect):
            continue
        live[upper] = replace(cause, severity=min(cause.severity, effect.severity, key=GRAVITY.__getitem__))
        live[lower] = replace(effect, severity="note")
    return tuple(_without_overruled(live))


def _without_overruled(live: dict[str, Finding]) -> Iterable[Finding]:
    stalled = live.get(OVERRULED)
    graver = [one for code, one in live.items() if code != OVERRULED and one.severity != "note"]
    if stalled is None or not graver:
        return live.values()
    sure = first_cause(stalled) == "zero-init"  # seen in the weights themselves: all else follows from it
    firm = sure or (first_cause(stalled) in FIRM and all(one.severity == "warning" for one in graver))
    if first_cause(stalled) == "detached" and stalled.sites:
        return live.values()
    if firm and stalled.severity == "error":
        return [stalled, *(replace(one, severity="note") for one in live.values() if one is not stalled)]
    return [one for code, one in live.items() if code != OVERRULED]


FIRM = ("loss-form", "learning-rate-too-low", "zero-init", "clipping-too-tight")
"""Causes of a stall that were seen and not inferred by exclusion: they outweigh another rule's mere warning."""
