"""What a verdict says against itself."""

import math

import pytest

from isograd.facts import Finding, Text
from isograd.facts.treatment import Dose, Plan
from isograd.facts.trial import Order, Result
from isograd.facts.verdict import Metric
from isograd.treatment.curing.changing import UNCHANGED
from isograd.treatment.curing.concluding import _seldom
from isograd.treatment.curing.log import Log, Proved
from isograd.treatment.proof.judgement import judge

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
    assert not math.isnan(proof.effect.mean)
