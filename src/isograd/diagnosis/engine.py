"""All rules on a record: findings, what explains what, and the health of the run."""

from collections.abc import Sequence

from isograd.diagnosis.carried import empty_first
from isograd.diagnosis.company import in_company, outplayed, spare
from isograd.diagnosis.experiments import with_experiments
from isograd.diagnosis.merge import merge
from isograd.diagnosis.rules import RULES, Rule
from isograd.diagnosis.upstream import GRAVITY, resolve
from isograd.diagnosis.verdict import health_of, reason_for
from isograd.facts import Diagnosis, Finding, Record


def diagnose(record: Record, rules: Sequence[Rule] = RULES) -> Diagnosis:
    """Judges a run.

    Args:
        record: All that was seen of it.
        rules: Which rules to ask; add one of your own with `rules=(*RULES, mine)`.

    Returns:
        The findings, gravest first, and the health that follows from them, see `verdict.health_of`.

    >>> from isograd import probe
    >>> from torch import nn, ones
    >>> model = nn.Linear(2, 1)
    >>> diagnose(probe(model, lambda: model(ones(3, 2)).square().mean())).health  # one step is no run
    'unknown'
    """
    order = {rule.code: place for place, rule in enumerate(rules)}
    game = in_company(record)
    told: list[Finding] = []
    lost = outplayed(record) if game else {}
    for seen in record.observed:
        if seen.network.name in lost:
            told.append(lost[seen.network.name])
            continue
        own = tuple(finding for rule in rules for finding in rule.judge(seen, record.run))
        told.extend(resolve(spare(own) if game else own))
    merged = [empty_first(record, one) for one in merge(record, with_experiments(record, told))]
    findings = tuple(sorted(merged, key=lambda one: (GRAVITY[one.severity], order.get(one.rule, len(order)))))
    health = health_of(record, findings)
    return Diagnosis(health, findings, reason_for(record, health))
