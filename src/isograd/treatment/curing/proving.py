"""The proof of one plan: unchanged, treated and sham runs on seeds that had no part in the choice.

It goes in looks. The first, at two seeds, only gives up where nothing speaks for the plan. The second ends the proof if
three seeds are clear; else the last one takes all. The two looks that can prove share the error that is allowed, and so
do the plans that may come to a proof one after the other.
"""

from collections.abc import Sequence

from isograd.errors import UsageError
from isograd.facts import Text
from isograd.facts.treatment import Plan
from isograd.facts.trial import Order, Result
from isograd.treatment.curing.case import Case
from isograd.treatment.curing.changing import Changed, draft_of
from isograd.treatment.curing.log import Log, Proved
from isograd.treatment.proof.judgement import judge
from isograd.treatment.proof.metric import metric_of
from isograd.treatment.proof.statistics import ERROR

FIRST_LOOK = 2
"""Seeds after which a proof is given up if nothing speaks for it."""
EARLY_LOOK = 3
"""Seeds that suffice where the interval is clear."""
_FUTILE = Text("gave nothing on other seeds", "다른 시드에서 효과가 없음")


def prove(case: Case, plan: Plan, log: Log, share: float = 1.0) -> Proved:
    """Runs the arms of one plan, and beside them the program with the plan written into its source.

    Args:
        case: What is to be cured.
        plan: The remedies.
        log: What is known so far.
        share: Of the error that is allowed, from 0 to 1; the rest is left to other plans.

    Returns:
        The proof at the last look.

    Raises:
        UsageError: The unchanged program leaves nothing to judge by.
    """
    most = case.options.seeds
    looks = sorted({min(EARLY_LOOK, most), most})
    error = share * ERROR / len(looks)
    found = _look(case, plan, min(FIRST_LOOK, most), log, (), error)
    if most <= FIRST_LOOK:
        found = _look(case, plan, most, log, ("sham", "patch"), error)
    elif not (all(found.proof.treated.sick) or not found.proof.effect.mean > 0):
        for count in looks:
            found = _look(case, plan, count, log, ("sham", "patch"), error)
            if found.proof.cured:
                break
    log.proofs.append(found)
    if not found.proof.restored or not found.proof.effect.mean > 0:
        log.note(plan, _FUTILE)
    return found


def _look(case: Case, plan: Plan, count: int, log: Log, further: Sequence[str], error: float) -> Proved:
    """All arms on the first seeds; what has been run before is taken up."""
    seeds = range(1, count + 1)
    baseline, treated = ([case.order(one, seed=seed) for seed in seeds] for one in (None, plan))
    sham = [case.order(plan, arm="sham", seed=seed) for seed in seeds] if "sham" in further else []
    draft = draft_of(_run(case, treated[:1])[0], case) if "patch" in further else None
    patched = [draft.order] if draft is not None and draft.order is not None else []
    results = _run(case, [*baseline, *treated, *sham, *patched])
    arms = [results[:count], results[count : 2 * count], results[2 * count : 2 * count + len(sham)]]
    metric = log.metric or metric_of(arms[0], case.options.metric)
    if metric is None:
        raise UsageError(f"{case.subject.name} takes too few steps to judge a remedy by; let it train longer")
    log.metric = metric
    assert case.finding is not None, "asked only where there is something to cure"
    proof = judge(case.finding, metric, arms[0], arms[1], arms[2], error)
    changed = draft.changed(results[-1] if patched else None) if draft is not None else Changed(None, (), None)
    return Proved(plan, proof, tuple(arms[1]), changed)


def _run(case: Case, orders: Sequence[Order]) -> list[Result]:
    return case.series.run("proof", orders)
