"""What trials prove: the effect of a remedy on a metric that had no part in its choice, against three controls."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from isograd.facts.finding import Finding
from isograd.facts.text import Text
from isograd.facts.treatment import Change, Plan

Outcome = Literal["cured", "not-cured", "no-remedy-needed", "not-a-gradient-problem", "unknown", "interrupted"]
"""`unknown`: too little was seen of the unchanged training to say whether anything is wrong; `interrupted`: the user or
the budget broke the proof off; what was seen so far is told, and proves nothing."""
MetricKind = Literal["printed", "evaluate", "evaluation-loss", "training-loss"]
"""`printed`: what a pattern found in the script's output; `evaluate`: the task's own score; `evaluation-loss`: the loss
of the script's own evaluation passes; `training-loss`: over the last quarter of runs that were made after the
choice."""


@dataclass(frozen=True)
class Metric:
    """The metric that decides; it had no part in the choice of the remedy."""

    kind: MetricKind
    """Where it comes from."""
    higher_is_better: bool
    """Which way is better."""
    pattern: str = ""
    """The regular expression, where it was printed."""


@dataclass(frozen=True)
class Arm:
    """One way of training, over the seeds."""

    values: tuple[float, ...]
    """The metric by seed; nan where a run left none."""
    gains: tuple[float, ...]
    """The gain over depth or time at the end of each run, in decades; nan where none was seen."""
    sick: tuple[bool, ...]
    """Whether a run still showed the problem that was to be cured."""
    seconds: float
    """Median time of a run."""

    @property
    def mean(self) -> float:
        """Mean of the metric over the seeds; nan where a run left none."""
        return sum(self.values) / len(self.values) if self.values else float("nan")


@dataclass(frozen=True)
class Effect:
    """The mean difference of paired runs, positive where the treated ones are better, with its 95 % interval."""

    mean: float
    """In units of the metric."""
    low: float
    """Lower end."""
    high: float
    """Upper end."""
    unit: str = ""
    """`decades` where losses are compared by their logarithm; empty for units of the metric."""


@dataclass(frozen=True)
class Attempt:
    """One plan that was tried, and how far it came."""

    plan: Plan
    """The remedies."""
    steps: int
    """Steps of its longest run before the proof."""
    loss: float
    """Training loss at the end of that run; nan where it failed."""
    note: Text | None = None
    """Why it went no further."""


@dataclass(frozen=True)
class Reproducibility:
    """Whether the same run twice gives the same numbers."""

    exact: bool
    """True if two runs with one seed had the same losses to the bit."""
    noise: float
    """Difference of the metric between two such runs; 0 if exact."""


@dataclass(frozen=True)
class Verdict:
    """What `isograd cure` concludes."""

    outcome: Outcome
    """The verdict in a word."""
    finding: Finding | None
    """What was to be cured; None if nothing was wrong."""
    plan: Plan
    """The remedies that cured, else the best that was seen; empty if none was tried."""
    metric: Metric | None
    """What decided; None where nothing was to be decided."""
    baseline: Arm
    """The unchanged training."""
    treated: Arm
    """With the plan."""
    sham: Arm
    """With a change of like size that leaves the mechanism alone."""
    reseed: Arm
    """The unchanged training with another seed than that of its pair."""
    effect: Effect
    """Treated against baseline."""
    against_sham: Effect
    """Treated against sham."""
    against_reseed: Effect
    """Treated against reseed."""
    changes: tuple[Change, ...]
    """What the plan changed."""
    tried: tuple[Attempt, ...]
    """All plans that were tried, the best first."""
    steps: int
    """Optimizer steps of one run of the proof."""
    trials: int
    """How many trainings were run in all."""
    seconds: float
    """How long it took in all."""
    run_seconds: float
    """How long one unchanged run took."""
    patch: str = ""
    """Unified diff of the user's source; empty where nothing could be rewritten."""
    by_hand: tuple[str, ...] = ()
    """Lines to add by hand, where the source could not be rewritten."""
    patch_verified: bool | None = None
    """True if the patched source, run without isograd, gave the treated run's numbers to the bit; None if not tried."""
    reproducibility: Reproducibility | None = None
    """Of the unchanged training; None if it was not looked at."""
    reasons: tuple[Text, ...] = ()
    """Why it is not cured, or what limits the claim; empty if nothing does."""
    figures: Mapping[str, float] = field(default_factory=dict)
    """What the remedies did during the treated runs, means over the seeds, e.g. `{"clip:norm bound_share": 0.2}`."""

    @property
    def can_be_applied(self) -> bool:
        """True if the change may be written into the source: it cured, and was not seen to train otherwise.

        Where even the unchanged program does not repeat itself, a difference shows nothing.
        """
        repeats = self.reproducibility is None or self.reproducibility.exact
        return self.outcome == "cured" and bool(self.patch) and not (self.patch_verified is False and repeats)
