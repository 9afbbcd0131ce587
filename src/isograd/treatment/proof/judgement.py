"""What paired runs prove: the mechanism restored, a held-out metric better than without, than a sham, than a reseed."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from isograd.facts import Finding, Text
from isograd.facts.trial import Result
from isograd.facts.verdict import Arm, Effect, Metric
from isograd.treatment.proof.comparison import compare
from isograd.treatment.proof.metric import value_of

WELL_SHARE = 0.8
"""Share of the treated runs in which the finding must be gone: four of five."""
_GRADIENTS = ("vanishing", "exploding", "dead-units", "non-finite", "underflow")
NOTHING = Effect(math.nan, math.nan, math.nan)
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
    restored: bool
    """Whether the mechanism is: the finding is gone in four of five treated runs."""
    reasons: tuple[Text, ...]
    """Why it is no cure; empty if it is one."""

    @property
    def cured(self) -> bool:
        """True if nothing speaks against it, and a sham was held against it."""
        return not self.reasons and bool(self.sham.values)


def judge(
    finding: Finding,
    metric: Metric,
    baseline: Sequence[Result],
    treated: Sequence[Result],
    sham: Sequence[Result],
    looks: int = 1,
) -> Proof:
    """Judges one plan.

    Args:
        finding: What was to be cured.
        metric: What decides.
        baseline: Runs of the unchanged training, one a seed.
        treated: Runs with the plan on the same seeds.
        sham: Runs with the sham on the same seeds; none at a first look, which proves nothing.
        looks: How often the runs may be looked at before the proof ends.

    Returns:
        The proof, with the reasons why it is none where it is none.
    """
    arms = [arm_of(results, finding, metric) for results in (baseline, treated, sham)]
    reseed = turned(arms[0])
    controls = (baseline, sham, (*baseline[1:], *baseline[:1]))
    effects = [compare(metric, treated, control, looks) if control else NOTHING for control in controls]
    well = sum(not sick for sick in arms[1].sick)
    restored = well >= WELL_SHARE * len(arms[1].sick)
    reasons = _reasons(treated, arms[1], well, restored, effects)
    return Proof(arms[0], arms[1], arms[2], reseed, effects[0], effects[1], effects[2], restored, reasons)


def turned(arm: Arm) -> Arm:
    """The same runs, each beside the seed before its own."""

    def turn(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return (*values[1:], *values[:1])

    return Arm(turn(arm.values), turn(arm.gains), turn(arm.sick), arm.seconds)


def arm_of(results: Sequence[Result], finding: Finding, metric: Metric) -> Arm:
    """What the runs of one arm left."""
    return Arm(
        values=tuple(value_of(result, metric) for result in results),
        gains=tuple(result.gains.last for result in results),
        sick=tuple(is_sick(result, finding) for result in results),
        seconds=sorted(result.seconds for result in results)[len(results) // 2] if results else math.nan,
    )


def is_sick(result: Result, finding: Finding) -> bool:
    """Whether a run still shows the problem, another error of its gradients, or failed by itself."""
    if result.status == "failed":
        return True
    found: Sequence[Mapping[str, Any]] = result.findings.get("findings", ())
    return any(
        (one["problem"] == finding.problem and one["severity"] in ("error", "warning"))
        or (one["problem"] in _GRADIENTS and one["severity"] == "error")
        for one in found
    )


def _reasons(
    treated: Sequence[Result], arm: Arm, well: int, restored: bool, effects: Sequence[Effect]
) -> tuple[Text, ...]:
    reasons = []
    failed = next((result.error for result in treated if result.status == "failed"), "")
    if failed:
        reasons.append(Text("a treated run failed: {error}", "처방한 실행이 실패했습니다: {error}", {"error": failed}))
    if not restored:
        reasons.append(
            Text(
                "the finding is gone in {well} of {all} treated runs only",
                "처방한 {all}회 중 {well}회에서만 문제가 사라졌습니다",
                {"well": well, "all": len(arm.sick)},
            )
        )
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
