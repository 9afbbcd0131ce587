"""Networks that train against or beside each other: there a loss that rises or stays is no sign of harm."""

from collections.abc import Iterable

from isograd.diagnosis.progress import loss_family
from isograd.diagnosis.upstream import first_cause
from isograd.facts import Finding, Observed, Record

MOVING_GOAL = ("IG701", "IG801")
"""Rules that read a loss as something that should fall."""


def in_company(record: Record) -> bool:
    """True for a game between networks: two or more of different make, each trained about as long as the other."""
    if len(record.observed) < 2:
        return False
    lengths = [seen.steps.step.size for seen in record.observed]
    sizes = {seen.network.num_parameters for seen in record.observed}
    games = [_has_moving_goal(seen) for seen in record.observed]
    return len(sizes) > 1 and any(games) and min(lengths) * 20 >= max(lengths)


def _has_moving_goal(seen: Observed) -> bool:
    signed = bool((seen.steps.loss < 0).any())
    return signed or loss_family(seen.network.loss) in ("binary", "other")


def spare(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Leaves out what only a loss with a fixed goal could show; a cut graph is a cut graph in any company."""
    return tuple(one for one in findings if one.rule not in MOVING_GOAL or first_cause(one) == "detached")
