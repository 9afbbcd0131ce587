"""The rules, in the order in which their findings are told where they are equally grave."""

from isograd.diagnosis.rules import (
    dead_units,
    exploding,
    exploding_through_time,
    instability,
    non_finite,
    saturation,
    stalled,
    underflow,
    vanishing,
    vanishing_through_time,
)
from isograd.diagnosis.rules.rule import Judge, Rule

RULES: tuple[Rule, ...] = (
    exploding_through_time.RULE,
    exploding.RULE,
    vanishing_through_time.RULE,
    vanishing.RULE,
    dead_units.RULE,
    saturation.RULE,
    underflow.RULE,
    non_finite.RULE,
    instability.RULE,
    stalled.RULE,
)
"""Every rule; a caller adds one of its own with `rules=(*RULES, mine)`."""

__all__ = ["RULES", "Judge", "Rule"]
