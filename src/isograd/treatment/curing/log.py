"""What a cure knows so far; it stays when the cure is broken off."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from isograd.facts import Text
from isograd.facts.treatment import Plan
from isograd.facts.trial import Result
from isograd.facts.verdict import Attempt, Metric, Reproducibility
from isograd.treatment.curing.changing import Changed
from isograd.treatment.proof.judgement import Proof


@dataclass(frozen=True)
class Proved:
    """A plan with its proof."""

    plan: Plan
    """The remedies."""
    proof: Proof
    """What the runs say."""
    treated: tuple[Result, ...]
    """The treated runs."""
    changed: Changed
    """The plan in the user's source."""


@dataclass
class Log:
    """Filled stage by stage."""

    attempts: list[Attempt] = field(default_factory=list)
    """Every plan once, the most promising first."""
    proofs: list[Proved] = field(default_factory=list)
    """Plans that came to a proof, in that order."""
    metric: Metric | None = None
    """What decides; None before the first proof."""
    repeated: Reproducibility | None = None
    """Of the unchanged program."""

    def tried(self, attempts: Sequence[Attempt]) -> None:
        """Puts attempts in front, each in place of what was known of its plan."""
        names = {attempt.plan.name for attempt in attempts}
        self.attempts = [*attempts, *(old for old in self.attempts if old.plan.name not in names)]

    def note(self, plan: Plan, note: Text) -> None:
        """Adds why a plan went no further."""
        self.attempts = [replace(a, note=note) if a.plan.name == plan.name else a for a in self.attempts]

    def best(self) -> Proved | None:
        """Of the plans that came to a proof, the one that was proved, else the one with the largest effect."""
        return max(self.proofs, key=_merit, default=None)

    def best_plan(self) -> Plan:
        """The plan of `best`, else the most promising one that was trained; empty if none was."""
        proved = self.best()
        if proved is not None:
            return proved.plan
        return next((attempt.plan for attempt in self.attempts if math.isfinite(attempt.loss)), Plan(()))


def _merit(one: Proved) -> tuple[bool, bool, float]:
    return one.proof.cured, one.proof.restored, one.proof.effect.mean
