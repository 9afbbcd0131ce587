"""The verdict, from all that a cure knows when it ends."""

import time

from isograd.facts import Text
from isograd.facts.verdict import Outcome, Verdict
from isograd.treatment.curing.case import Case
from isograd.treatment.curing.changing import UNCHANGED, Changed
from isograd.treatment.curing.log import Log
from isograd.treatment.curing.options import Cured
from isograd.treatment.proof.judgement import NO_ARM, NOTHING

SPENT = Text(
    "the budget is spent; the same command with a larger one goes on from here",
    "주어진 예산을 다 썼습니다. 예산을 늘려 같은 명령을 실행하면 이어서 합니다",
)
BROKEN_OFF = Text("broken off; the same command goes on from here", "중단했습니다. 같은 명령을 실행하면 이어서 합니다")
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
    proof = best.proof if best is not None else None
    made = best.treated[0].made if best is not None and best.treated else ()
    verdict = Verdict(
        outcome=outcome,
        finding=case.finding,
        plan=log.best_plan(),
        metric=log.metric if proof is not None else None,
        baseline=proof.baseline if proof is not None else NO_ARM,
        treated=proof.treated if proof is not None else NO_ARM,
        sham=proof.sham if proof is not None else NO_ARM,
        reseed=proof.reseed if proof is not None else NO_ARM,
        effect=proof.effect if proof is not None else NOTHING,
        against_sham=proof.against_sham if proof is not None else NOTHING,
        against_reseed=proof.against_reseed if proof is not None else NOTHING,
        changes=tuple(change for one in made for change in one.changes),
        tried=tuple(log.attempts),
        steps=case.steps,
        trials=case.series.count,
        seconds=time.monotonic() - case.series.started,
        run_seconds=case.base.seconds,
        patch=changed.patch.diff if changed.patch is not None else "",
        by_hand=changed.by_hand,
        patch_verified=changed.verified,
        reproducibility=log.repeated,
        reasons=(*reasons, *_reasons(log, outcome), *_doubts(log)),
    )
    return Cured(verdict, case.record, case.diagnosis, changed.patch, case.options.folder)


def _reasons(log: Log, outcome: Outcome) -> tuple[Text, ...]:
    best = log.best()
    if outcome != "not-cured":
        return ()
    return best.proof.reasons if best is not None else (_NOTHING_PROMISED,)


def _doubts(log: Log) -> tuple[Text, ...]:
    """What limits every claim: a program that does not repeat itself."""
    if log.repeated is None or log.repeated.exact:
        return ()
    doubt = Text(
        "two runs with one seed differ (training loss by {noise:.3g}): the program is not reproducible, and pairs are "
        "no closer than that",
        "같은 시드로 두 번 실행한 결과가 다릅니다(학습 손실 {noise:.3g}). 재현되지 않는 프로그램이므로 짝지은 비교도 "
        "그보다 정밀할 수 없습니다",
        {"noise": log.repeated.noise},
    )
    return (doubt,)
