"""What a verdict tells beside its proof, and against itself."""

import math
from types import SimpleNamespace

import pytest

from isograd.facts import Diagnosis, Finding, Remedy, Text
from isograd.facts.treatment import Dose, Plan
from isograd.facts.trial import Order, Result
from isograd.facts.verdict import Attempt, Metric
from isograd.treatment.curing.changing import UNCHANGED
from isograd.treatment.curing.concluding import _seldom, conclude
from isograd.treatment.curing.expectations import NOTHING_TO_CHANGE
from isograd.treatment.curing.log import Log, Proved
from isograd.treatment.proof.judgement import judge

ADVICE = Text("look at the batch", "배치를 봅니다")
SCALE = Remedy("precision:loss-scale", Text("scale the loss", "손실을 키웁니다"))


def reasons(outcome, advice=(), remedies=(), attempts=()):
    finding = Finding("IG701", "instability", "error", "net", (), 0, 9, Text("", ""), (), (), remedies, advice)
    case = SimpleNamespace(
        finding=finding,
        by_hand=False,
        series=SimpleNamespace(count=3, started=0.0),
        base=SimpleNamespace(seconds=1.0, status="finished"),
        options=SimpleNamespace(folder=None, metric=None),
        steps=10,
        record=None,
        diagnosis=Diagnosis("failing", (finding,)),
    )
    verdict = conclude(case, Log(list(attempts)), outcome).verdict
    return [str(reason.values["advice" if "advice" in reason.values else "change"].en) for reason in verdict.reasons
            if {"advice", "change"} & set(reason.values)]  # fmt: skip


@pytest.mark.parametrize("outcome", ["cured", "not-cured"])
def test_what_no_remedy_does_is_told_beside_a_cure(outcome):
    assert reasons(outcome, advice=(ADVICE,)) == ["look at the batch"]
    assert reasons(outcome) == []


def test_the_best_remedy_is_told_by_hand_where_it_found_nothing_to_change():
    plan = Plan((Dose("precision:loss-scale"),))
    beyond = Attempt(plan, 0, math.nan, NOTHING_TO_CHANGE)
    assert reasons("not-cured", remedies=(SCALE,), attempts=(beyond,)) == ["scale the loss"]
    assert reasons("not-cured", remedies=(SCALE,), attempts=(Attempt(plan, 9, 0.1),)) == []
    assert reasons("not-cured", (ADVICE,), (SCALE,), (beyond,)) == ["look at the batch"]


FINDING = Finding("IG202", "exploding", "error", "net", (), 0, 9, Text("", ""), ())


def run(score: float, sick: bool) -> Result:
    found = [{"rule": "IG202", "problem": "exploding", "severity": "error"}] if sick else []
    return Result(Order(), "finished", score=score, findings={"findings": found}, metric_kinds=("evaluate",))


@pytest.mark.parametrize(("sick", "told"), [(0, True), (1, True), (2, False), (3, False)])
def test_a_finding_that_other_seeds_do_not_have_was_hardly_cured(sick: int, told: bool) -> None:
    baseline = [run(0.1, place < sick) for place in range(3)]
    treated = [run(0.9 + 0.01 * place, False) for place in range(3)]
    proof = judge(FINDING, Metric("evaluate", True), baseline, treated, baseline)
    log = Log(proofs=[Proved(Plan((Dose("lr:lower"),)), proof, tuple(treated), UNCHANGED)])
    doubt = _seldom(log, "cured")
    assert (doubt is not None) == told
    assert doubt is None or doubt.values == {"count": sick, "all": 3}
    assert _seldom(log, "not-cured") is None
    assert not math.isnan(proof.effect.mean)
