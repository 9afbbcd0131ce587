"""What a verdict tells beside its proof."""

import math
from types import SimpleNamespace

import pytest

from isograd.facts import Diagnosis, Finding, Remedy, Text
from isograd.facts.treatment import Dose, Plan
from isograd.facts.verdict import Attempt
from isograd.treatment.curing.concluding import conclude
from isograd.treatment.curing.expectations import NOTHING_TO_CHANGE
from isograd.treatment.curing.log import Log

ADVICE = Text("look at the batch", "배치를 봅니다")
SCALE = Remedy("precision:loss-scale", Text("scale the loss", "손실을 키웁니다"))


def reasons(outcome, advice=(), remedies=(), attempts=()):
    finding = Finding("IG701", "instability", "error", "net", (), 0, 9, Text("", ""), (), (), remedies, advice)
    case = SimpleNamespace(
        finding=finding,
        series=SimpleNamespace(count=3, started=0.0),
        base=SimpleNamespace(seconds=1.0),
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
