"""What paired runs prove: the mechanism restored, a held-out metric better than without, than a sham, than a reseed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from isograd.facts import Finding, Text
from isograd.facts.trial import Result
from isograd.facts.verdict import Arm, Effect, Metric
from isograd.treatment.proof.comparison import compare
from isograd.treatment.proof.mechanism import Mechanism, is_sick, mechanism_of
from isograd.treatment.proof.metric import value_of
from isograd.treatment.proof.statistics import ERROR

NOTHING = Effect(math.nan, math.nan, math.nan)
OF_TIME = ("IG102", "IG202")
"""Rules about the gain through time; that over the layers says nothing of their findings."""
NO_ARM = Arm((), (), (), math.nan)


@dataclass(frozen=True)
class Proof:
    """What the runs of one plan say; runs of all arms in the order of the same seeds."""

    baseline: Arm
    """The unchanged training."""
    treated: Arm
    """With the plan."""
    sham: Arm
    """With a change that leaves the mechanism alone."""
    reseed: Arm
    """The unchanged training under the seed of the next pair: what another seed alone brings."""
    effect: Effect
    """Treated against baseline."""
    against_sham: Effect
    """Treated against sham."""
    against_reseed: Effect
    """Treated against reseed."""
    mechanism: Mechanism
    """What the treated runs still show."""
    reasons: tuple[Text, ...]
    """Why it is no cure; empty if it is one."""

    @property
    def restored(self) -> bool:
        """Whether the mechanism is."""
        return self.mechanism.restored

    @property
    def cured(self) -> bool:
        """True if nothing speaks against it, and a sham was held against it."""
        return not self.reasons and bool(self.sham.values)


NO_PROOF = Proof(NO_ARM, NO_ARM, NO_ARM, NO_ARM, NOTHING, NOTHING, NOTHING, Mechanism(0, 0, 0, ()), ())
"""Where nothing came to one."""


def judge(
    finding: Finding,
    metric: Metric,
    baseline: Sequence[Result],
    treated: Sequence[Result],
    sham: Sequence[Result],
    error: float = ERROR,
) -> Proof:
    """Judges one plan.

    Args:
        finding: What was to be cured.
        metric: What decides.
        baseline: Runs of the unchanged training, one a seed.
        treated: Runs with the plan on the same seeds.
        sham: Runs with the sham on the same seeds; none at a first look, which proves nothing.
        error: What each interval may miss.

    Returns:
        The proof, with the reasons why it is none where it is none.
    """
    arms = [arm_of(results, finding, metric) for results in (baseline, treated, sham)]
    reseed = turned(arms[0])
    controls = (baseline, sham, (*baseline[1:], *baseline[:1]))
    effects = [compare(metric, treated, control, error) if control else NOTHING for control in controls]
    mechanism = mechanism_of(treated, finding)
    reasons = _reasons(treated, mechanism, effects)
    return Proof(arms[0], arms[1], arms[2], reseed, effects[0], effects[1], effects[2], mechanism, reasons)


def turned(arm: Arm) -> Arm:
    """The same runs, each beside the seed before its own."""

    def turn(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return (*values[1:], *values[:1])

    return Arm(turn(arm.values), turn(arm.gains), turn(arm.sick), arm.seconds)


def arm_of(results: Sequence[Result], finding: Finding, metric: Metric) -> Arm:
    """What the runs of one arm left; the gain is that of the finding, over the layers or through time."""
    through_time = finding.rule in OF_TIME
    return Arm(
        values=tuple(value_of(result, metric) for result in results),
        gains=tuple(result.gains.through_time if through_time else result.gains.last for result in results),
        sick=tuple(is_sick(result, finding) for result in results),
        seconds=sorted(result.seconds for result in results)[len(results) // 2] if results else math.nan,
    )


def _reasons(treated: Sequence[Result], mechanism: Mechanism, effects: Sequence[Effect]) -> tuple[Text, ...]:
    reasons = []
    failed = next((result.error for result in treated if result.status == "failed"), "")
    if failed:
        reasons.append(Text("a treated run failed: {error}", "처방한 실행이 실패했습니다: {error}", {"error": failed}))
    if mechanism.reason is not None:
        reasons.append(mechanism.reason)
    names = (
        Text("the unchanged training", "그대로 한 학습"),
        Text("a sham change", "가짜 처방"),
        Text("a new seed", "시드만 바꾼 학습"),
    )
    for name, effect in zip(names, effects, strict=True):
        if not math.isnan(effect.mean) and not effect.low > 0:  # not above the first: the others add nothing
            reasons.append(
                Text(
                    "no better than {control}: the interval of the effect, {low:+.3g} to {high:+.3g}, does not lie "
                    "above zero",
                    "{control}보다 낫다고 할 수 없습니다. 효과의 신뢰구간 {low:+.3g}~{high:+.3g}[이/가] 0보다 위에 "
                    "있지 않습니다",
                    {"control": name, "low": effect.low, "high": effect.high},
                )
            )
            break
    return tuple(reasons)
