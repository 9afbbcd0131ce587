"""The verdict, from all that a cure knows when it ends."""

import math
import time
from collections.abc import Sequence

from isograd.facts import Text
from isograd.facts.trial import Result
from isograd.facts.verdict import Outcome, Verdict
from isograd.treatment.curing.case import Case
from isograd.treatment.curing.changing import UNCHANGED, Changed
from isograd.treatment.curing.expectations import NOTHING_TO_CHANGE
from isograd.treatment.curing.log import Log
from isograd.treatment.curing.options import Cured
from isograd.treatment.proof.judgement import NO_PROOF

SPENT = Text(
    "the budget is spent; the same command with a larger one goes on from here",
    "주어진 예산을 다 썼습니다. 예산을 늘려 같은 명령을 실행하면 이어서 합니다",
)
BROKEN_OFF = Text("broken off; the same command goes on from here", "중단했습니다. 같은 명령을 실행하면 이어서 합니다")
_BY_HAND = Text(
    "{remedy}, which the cause asks for, found nothing that it could change from outside; by hand: {change}",
    "원인에 맞는 처방인 {remedy}[은/는] 밖에서 바꿀 곳을 찾지 못했습니다. 직접 하려면: {change}",
)
_FIRST = Text("what to do first, which no remedy does: {advice}", "처방과 별개로 먼저 할 일: {advice}")
_NOTHING_PROMISED = Text("no remedy promised anything on this network", "이 신경망에 도움이 될 처방이 없었습니다")


def conclude(
    case: Case, log: Log, outcome: Outcome, changed: Changed = UNCHANGED, reasons: tuple[Text, ...] = ()
) -> Cured:
    """The verdict.

    Args:
        case: What was seen before anything was tried.
        log: What was tried and proved.
        outcome: What it comes to.
        changed: The change in the user's source.
        reasons: What is to be said before the proof's own reasons.
    """
    best = log.best()
    proof, treated = (best.proof, best.treated) if best is not None else (NO_PROOF, ())
    verdict = Verdict(
        outcome=outcome,
        finding=case.finding,
        plan=log.best_plan(),
        metric=log.metric if best is not None else None,
        baseline=proof.baseline,
        treated=proof.treated,
        sham=proof.sham,
        reseed=proof.reseed,
        effect=proof.effect,
        against_sham=proof.against_sham,
        against_reseed=proof.against_reseed,
        changes=tuple(change for result in treated[:1] for made in result.made for change in made.changes),
        tried=tuple(log.attempts),
        steps=treated[0].steps if treated else case.steps,
        trials=case.series.count,
        seconds=time.monotonic() - case.series.started,
        run_seconds=case.base.seconds,
        patch=changed.patch.diff if changed.patch is not None else "",
        by_hand=changed.by_hand,
        patch_verified=changed.verified,
        reproducibility=log.repeated,
        reasons=(
            *reasons,
            *(() if case.by_hand else _reasons(log, outcome)),
            *_advice(case, log, outcome),
            *_doubts(case, log, outcome),
        ),
        figures=_figures(treated),
    )
    return Cured(verdict, case.record, case.diagnosis, changed.patch, case.options.folder)


def _figures(treated: Sequence[Result]) -> dict[str, float]:
    """What remedies did during the runs, each figure as its mean over the runs that tell it."""
    told: dict[str, list[float]] = {}
    for result in treated:
        for name, value in (item for made in result.made for item in made.figures.items()):
            told.setdefault(name, []).append(value)
    return {name: math.fsum(values) / len(values) for name, values in told.items()}


def _reasons(log: Log, outcome: Outcome) -> tuple[Text, ...]:
    best = log.best()
    if outcome != "not-cured":
        return ()
    return best.proof.reasons if best is not None else (_NOTHING_PROMISED,)


def _advice(case: Case, log: Log, outcome: Outcome) -> tuple[Text, ...]:
    """What the finding says beside what was tried: a cure may leave the cause where it is, and its best remedy may be
    out of reach for anything but the user's own hand."""
    if case.finding is None or outcome not in ("cured", "not-cured"):
        return ()
    first = [Text(_FIRST.en, _FIRST.ko, {"advice": one}) for one in case.finding.advice]
    beyond = {attempt.plan.name for attempt in log.attempts if attempt.note == NOTHING_TO_CHANGE}
    best = [one for one in case.finding.remedies[:1] if one.remedy in beyond and one.change is not None and not first]
    by_hand = [Text(_BY_HAND.en, _BY_HAND.ko, {"remedy": one.remedy, "change": one.change}) for one in best]
    return (*first, *by_hand)


def _doubts(case: Case, log: Log, outcome: Outcome) -> tuple[Text, ...]:
    """What limits every claim."""
    return tuple(
        one
        for one in (
            _failed(case),
            _left(log, outcome),
            _seldom(log, outcome),
            _other_metric(case, log),
            _without_number(log),
            _noise(log),
        )
        if one is not None
    )


def _failed(case: Case) -> Text | None:
    """The program ended with an error of its own: what would have followed was not run."""
    if case.base.status != "failed" or not case.base.error or case.by_hand:
        return None
    return Text(
        "{name} ends with an error by itself, after {steps} steps: {error}",
        "{name} 자체가 {steps}개 스텝 뒤에 오류로 끝납니다: {error}",
        {"name": case.subject.name, "steps": case.base.steps, "error": case.base.error},
    )


def _left(log: Log, outcome: Outcome) -> Text | None:
    """What a cure has left to be done."""
    best = log.best()
    return best.proof.mechanism.doubt if best is not None and outcome == "cured" else None


def _seldom(log: Log, outcome: Outcome) -> Text | None:
    """That the finding is gone says little where most unchanged runs of the proof do not have it either."""
    best = log.best()
    sick = best.proof.baseline.sick if best is not None else ()
    if outcome != "cured" or not sick or 2 * sum(sick) > len(sick):
        return None
    return Text(
        "on the seeds of the proof, {count} of {all} unchanged runs have this finding: what is proved is the better "
        "training",
        "증명에 쓴 시드에서는 그대로 한 {all}회 중 {count}회에만 이 문제가 있었습니다. 증명된 것은 학습이 더 "
        "나아졌다는 점입니다",
        {"count": sum(sick), "all": len(sick)},
    )


def _other_metric(case: Case, log: Log) -> Text | None:
    """The user asked for a metric that does not decide."""
    pattern = case.options.metric
    if pattern is None or log.metric is None or log.metric.kind == "printed":
        return None
    return Text(
        "no unchanged run printed a finite number that matches --metric {pattern}: something else had to decide",
        "그대로 한 학습은 --metric {pattern}에 맞는 유한한 숫자를 출력하지 않아 다른 기준으로 평가했습니다",
        {"pattern": pattern.pattern},
    )


def _without_number(log: Log) -> Text | None:
    """Unchanged runs that could not be judged."""
    best = log.best()
    values = best.proof.baseline.values if best is not None else ()
    count = sum(not math.isfinite(value) for value in values)
    if not count:
        return None
    return Text(
        "{count} of {all} unchanged runs diverged or failed and left no number: they count as no better than untrained",
        "그대로 한 {all}회 중 {count}회는 발산하거나 실패하여 값이 없으므로 학습하지 않은 것과 같다고 보았습니다",
        {"count": count, "all": len(values)},
    )


def _noise(log: Log) -> Text | None:
    """A program that does not repeat itself."""
    if log.repeated is None or log.repeated.exact:
        return None
    return Text(
        "two runs with one seed differ (training loss by {noise:.3g}): the program is not reproducible, and pairs are "
        "no closer than that",
        "같은 시드로 두 번 실행한 결과가 다릅니다(학습 손실 {noise:.3g}). 재현되지 않는 프로그램이므로 짝지은 비교도 "
        "그보다 정밀할 수 없습니다",
        {"noise": log.repeated.noise},
    )
