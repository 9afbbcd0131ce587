"""Findings whose causes experiments have found: these stand in place of what the rules inferred."""

from collections.abc import Iterable
from dataclasses import replace

from isograd.diagnosis.prescriptions import advise, prescribe
from isograd.facts import Finding, Record
from isograd.facts.experiment import experiments_of

_BY_DEPTH, _THROUGH_TIME = ("IG101", "IG201"), ("IG102", "IG202")
_BY_TRAINING = ("learning-rate-too-high", "weight-decay-too-large")
"""Causes that the run's history shows: it began well. An experiment on a later pass sees what they left behind, weights
too small or units too flat, and would lay it on initial values."""


def with_experiments(record: Record, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings, with causes, remedies and advice by experiment where the record holds one for them."""
    kept = {
        (observed.network.name, bool(one.table.site)): (observed, one)
        for observed in record.observed
        for one in experiments_of(observed)
    }
    told = []
    for finding in findings:
        found = kept.get((finding.network, finding.rule in _THROUGH_TIME))
        if found is not None and found[1].causes and _is_open(finding):
            observed, experiment = found
            remedies = prescribe(observed, experiment.causes, finding.sites)
            advice = advise(observed, experiment.causes, finding.sites)
            finding = replace(finding, causes=experiment.causes, remedies=remedies, advice=advice)
        told.append(finding)
    return tuple(told)


def _is_open(finding: Finding) -> bool:
    """True if an experiment may name the causes."""
    by_training = bool(finding.causes) and finding.causes[0].cause in _BY_TRAINING
    return finding.rule in (*_BY_DEPTH, *_THROUGH_TIME) and not by_training
