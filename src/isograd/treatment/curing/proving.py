"""The proof of one plan: unchanged, treated and sham runs on seeds that had no part in the choice."""

from isograd.errors import UsageError
from isograd.facts import Text
from isograd.facts.treatment import Plan
from isograd.treatment.curing.case import Case
from isograd.treatment.curing.log import Log, Proved
from isograd.treatment.proof.judgement import Proof, judge
from isograd.treatment.proof.metric import metric_of

FIRST_LOOK = 2
"""Seeds after which a proof is given up if nothing speaks for it."""
_FUTILE = Text("gave nothing on other seeds", "다른 시드에서 효과가 없음")


def prove(case: Case, plan: Plan, log: Log) -> Proof:
    """Runs the arms of one plan; a first look at two seeds saves the others where there is nothing to prove.

    Raises:
        UsageError: The unchanged program leaves nothing to judge by.
    """
    seeds = range(1, case.options.seeds + 1)
    proof = _look(case, plan, seeds[:FIRST_LOOK], log, with_sham=len(seeds) <= FIRST_LOOK)
    if len(seeds) > FIRST_LOOK and not (all(proof.treated.sick) or not proof.effect.mean > 0):
        log.proofs.pop()
        proof = _look(case, plan, seeds, log, with_sham=True)
    if not proof.restored or not proof.effect.mean > 0:
        log.note(plan, _FUTILE)
    return proof


def _look(case: Case, plan: Plan, seeds: range, log: Log, with_sham: bool) -> Proof:
    arms = [
        [case.order(seed=seed) for seed in seeds],
        [case.order(plan, seed=seed) for seed in seeds],
        [case.order(plan, arm="sham", seed=seed) for seed in seeds] if with_sham else [],
    ]
    results = iter(case.series.run("proof", [order for arm in arms for order in arm]))
    baseline, treated, sham = ([next(results) for _ in arm] for arm in arms)
    metric = log.metric or metric_of(baseline, case.options.metric)
    if metric is None:
        raise UsageError(f"{case.subject.name} takes too few steps to judge a remedy by; let it train longer")
    log.metric = metric
    assert case.finding is not None, "asked only where there is something to cure"
    proof = judge(case.finding, metric, baseline, treated, sham or baseline)
    log.proofs.append(Proved(plan, proof, tuple(treated)))
    return proof
