"""`isograd cure`: what is wrong, what could help, which of it does, and the proof.

One run of the unchanged training says what is wrong and keeps batches of it. On one of them every plan is forecast and
measured before any training. Those that promise something are trained on few steps, the better half on more; the choice
rests on training losses under the program's own seed. The proof rests on other seeds and on another metric: unchanged,
treated, and sham runs of equal seeds and steps.
"""

from isograd.errors import UsageError
from isograd.facts import Text
from isograd.facts.verdict import Outcome
from isograd.treatment.curing.case import Case, take_up
from isograd.treatment.curing.choice import choose, look_ahead
from isograd.treatment.curing.concluding import BROKEN_OFF, SPENT, conclude
from isograd.treatment.curing.log import Log
from isograd.treatment.curing.now import Tell
from isograd.treatment.curing.options import Cured, Options
from isograd.treatment.curing.proving import prove
from isograd.treatment.curing.series import Series, Spent
from isograd.treatment.prescription import Prescription, prescribe_plans
from isograd.treatment.proof.halving import ERROR_SHARES
from isograd.treatment.trial.subject import Subject

UPDATED_BY_HAND = Text(
    "parameters are updated by hand, and remedies are tried where an optimizer is made: let one of torch.optim take "
    "the steps, and cure again. Until then, what is found asks for:",
    "매개변수를 직접 갱신하는 스크립트입니다. 처방은 옵티마이저가 만들어지는 곳에서 시험하므로, torch.optim의 "
    "옵티마이저로 갱신하도록 바꾼 뒤 다시 실행하십시오. 그때까지 진단이 권하는 것은 다음과 같습니다.",
)
"""What is said where nothing can be tried."""


def cure(subject: Subject, options: Options, tell: Tell = lambda now: None) -> Cured:
    """Finds what cures a training, and proves it.

    Args:
        subject: The program or task.
        options: How much may be spent, and by what is judged.
        tell: Told how it goes.

    Returns:
        The verdict; after Ctrl-C or a spent budget one that proves nothing and tells what was seen.

    Raises:
        UsageError: The program does not train: it fails by itself or never takes a step; or the budget does not last
            for the unchanged training.
    """
    case, log = _taken_up(subject, options, tell), Log()
    prescription = prescribe_plans(case.diagnosis, options.remedies)
    if prescription is None:
        return _without_remedy(case)
    if case.by_hand:
        return _by_hand(case, prescription)
    case = case.about(prescription.finding)
    try:
        return _treated(case, prescription, log)
    except Spent:
        return conclude(case, log, "interrupted", reasons=(SPENT,))
    except KeyboardInterrupt:
        return conclude(case, log, "interrupted", reasons=(BROKEN_OFF,))


def _taken_up(subject: Subject, options: Options, tell: Tell) -> Case:
    try:
        return take_up(subject, options, Series(subject, options, tell))
    except Spent:
        minutes = f"{options.minutes:g} minutes"
        raise UsageError(
            f"{minutes} do not last for the unchanged training alone; give more, or fewer --steps"
        ) from None


def _treated(case: Case, prescription: Prescription, log: Log) -> Cured:
    plans = choose(case, look_ahead(case, prescription.plans, log), log)
    for plan, share in zip(plans, ERROR_SHARES if len(plans) > 1 else (1.0,), strict=False):
        proved = prove(case, plan, log, share)
        if proved.proof.cured:
            return conclude(case, log, "cured", proved.changed)
    finding = prescription.finding
    if finding.problem == "stalled":  # gradients are healthy, and what could be tried gave nothing
        return conclude(case, log, "not-a-gradient-problem", reasons=finding.advice)
    return conclude(case, log, "not-cured")


def _by_hand(case: Case, prescription: Prescription) -> Cured:
    """Nothing can be tried; what was found and what asks to be done about it is told all the same."""
    finding = prescription.finding
    changes = tuple(remedy.change for remedy in finding.remedies if remedy.change is not None)
    return conclude(case.about(finding), Log(), "not-cured", reasons=(UPDATED_BY_HAND, *finding.advice, *changes))


def _without_remedy(case: Case) -> Cured:
    """Nothing is wrong, or nothing that a remedy would touch: then what is to be done stands in the finding."""
    sick = [finding for finding in case.diagnosis.findings if finding.severity != "note"]
    well: Outcome = "unknown" if case.diagnosis.health == "unknown" else "no-remedy-needed"
    outcome: Outcome = "not-a-gradient-problem" if sick else well
    reasons = (*(sick[0].advice if sick else ()), *([case.diagnosis.reason] if case.diagnosis.reason else []))
    return conclude(case.about(sick[0]) if sick else case, Log(), outcome, reasons=reasons)
