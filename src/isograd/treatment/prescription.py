"""From findings to a short list of plans: chosen by mechanism, the least invasive first, together where two are needed.

What a finding's causes ask for comes first, then what its problem generally asks for, unless the finding says that
something else has to be done first; remedies that do not suit the model are left out when the trial's own process has
seen it (see `trial`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from isograd.diagnosis.prescriptions import PRESCRIPTIONS
from isograd.facts import Cause, Diagnosis, Finding, Problem
from isograd.facts.treatment import Dose, Plan

MOST_PLANS = 12
"""More are not looked at on one batch; those that restore nothing there are not trained at all."""
WEIGHTY = 0.15
"""A cause of a smaller share is not given a remedy of its own in a combination."""
_THROUGH_TIME = ("IG102", "IG202")

_ONE_CHANGE = {"activation", "init"}
"""An activation brings the initial values that suit it."""
INVASIVENESS = ("lr", "clip", "scale", "init", "loss", "precision", "activation", "norm", "residual", "recurrent",
                "pretrain")  # fmt: skip
"""Families from the one that leaves most of the user's program as it is to the one that leaves least."""
_LIKE = {"residual:scale": "scale"}
"""A remedy that changes less than others of its family: it multiplies branches that are there by a number."""

FOR_PROBLEM: dict[Problem, tuple[str, ...]] = {
    "vanishing": ("init:he", "activation:relu", "activation:leaky-relu", "norm:batch", "residual:skip",
                  "init:orthogonal", "pretrain:dbn"),
    "exploding": ("clip:norm", "init:xavier", "init:he", "lr:lower", "norm:batch", "norm:layer", "scale:input"),
    "dead-units": ("init:he", "activation:leaky-relu", "lr:lower", "norm:batch", "scale:input"),
    "saturation": ("init:xavier", "scale:input", "activation:relu", "norm:batch", "lr:lower"),
    "non-finite": ("loss:stable", "clip:norm", "lr:lower", "scale:input", "precision:bf16"),
    "underflow": ("precision:loss-scale", "precision:bf16"),
    "instability": ("lr:lower", "clip:norm", "lr:warmup", "scale:target", "scale:input", "norm:batch"),
    "stalled": ("lr:raise", "scale:input", "scale:target", "norm:batch"),
}  # fmt: skip
"""What else is worth a trial, behind what the causes ask for."""
THROUGH_TIME: dict[Problem, tuple[str, ...]] = {
    "vanishing": ("init:orthogonal", "init:forget-bias", "init:chrono", "recurrent:gru", "recurrent:lstm",
                  "init:identity-recurrent"),
    "exploding": ("clip:norm", "init:orthogonal", "init:identity-recurrent", "lr:lower", "recurrent:gru",
                  "recurrent:lstm"),
}  # fmt: skip
"""The same for findings through time."""


@dataclass(frozen=True)
class Prescription:
    """What is to be tried against one finding."""

    finding: Finding
    """What is to be cured."""
    plans: tuple[Plan, ...]
    """What to try, the least invasive of equal promise first."""


def prescribe_plans(diagnosis: Diagnosis, allowed: Sequence[str] = ()) -> Prescription | None:
    """The gravest finding that a remedy of the vocabulary can be tried against, and the plans to try.

    Args:
        diagnosis: What is wrong with the untreated training.
        allowed: Remedies that the user asked for; empty for all.

    Returns:
        None if nothing is wrong, or nothing that a remedy could be tried against.

    >>> prescribe_plans(Diagnosis("healthy", ())) is None
    True
    """
    for finding in diagnosis.findings:
        if finding.severity == "note":
            continue
        plans = _asked_for(allowed) if allowed else plans_for(finding)
        if plans:
            return Prescription(finding, plans)
    return None


def plans_for(finding: Finding) -> tuple[Plan, ...]:
    """The plans for one finding, in the order in which they are tried; empty where no remedy is made for its causes."""
    if finding.advice and not finding.remedies:
        return ()  # what is to be done is no remedy, and one would only hide it
    named = _by_causes(finding)
    if not named and finding.causes:
        return ()  # the data, the labels, a cut graph: no remedy of the vocabulary would touch the cause
    table = THROUGH_TIME if finding.rule in _THROUGH_TIME else FOR_PROBLEM
    # Where no remedy removes the cause, what lowers the loss all the same would merely cover it.
    further = () if finding.advice else table.get(finding.problem, ())
    singles = list(dict.fromkeys((*named, *further)))
    pairs = _pairs(finding.causes)
    plans = [Plan((Dose(name),)) for name in singles[: MOST_PLANS - len(pairs)]]
    return (*plans, *(Plan(tuple(map(Dose, pair))) for pair in pairs))


def invasiveness(plan: Plan) -> tuple[int, int]:
    """How much of the user's program a plan changes, to sort by: how many remedies, then the deepest of their families.

    >>> invasiveness(Plan((Dose("init:he"),))) < invasiveness(Plan((Dose("norm:batch"),)))
    True
    """
    families = [_LIKE.get(dose.remedy, dose.remedy.partition(":")[0]) for dose in plan.doses]
    ranks = [INVASIVENESS.index(family) for family in families]
    return len(ranks), max(ranks, default=0)


def together(first: Plan, second: Plan) -> Plan:
    """Both plans at once: remedies of the model before those of the optimizer, each once."""
    doses = {dose.remedy: dose for dose in (*first.doses, *second.doses)}
    late = ("lr", "clip")
    ordered = sorted(doses.values(), key=lambda dose: dose.remedy.partition(":")[0] in late)
    return Plan(tuple(ordered))


def _asked_for(allowed: Sequence[str]) -> tuple[Plan, ...]:
    return tuple(Plan(tuple(Dose(name) for name in names.split("+"))) for names in allowed)


def _by_causes(finding: Finding) -> list[str]:
    """Remedies of all causes, the first of each cause before the second of any."""
    lines = [[line.remedy for line in PRESCRIPTIONS.get(cause.cause, ())] for cause in finding.causes]
    longest = max(map(len, lines), default=0)
    ordered = [column[place] for place in range(longest) for column in lines if place < len(column)]
    told = [remedy.remedy for remedy in finding.remedies]
    return list(dict.fromkeys((*told, *ordered)))


def _pairs(causes: Sequence[Cause]) -> list[tuple[str, str]]:
    """Where experiments found two causes to be necessary, the best remedy of each together."""
    weighty = [cause for cause in causes if cause.share >= WEIGHTY][:3]
    best = [lines[0].remedy for cause in weighty if (lines := PRESCRIPTIONS.get(cause.cause, ()))]
    plans = [together(Plan((Dose(one),)), Plan((Dose(other),))) for one, other in combinations(best, 2) if one != other]
    pairs = [(plan.doses[0].remedy, plan.doses[1].remedy) for plan in plans if len(plan.doses) == 2]
    return [pair for pair in pairs if {name.partition(":")[0] for name in pair} != _ONE_CHANGE]


def with_gains(plan: Plan, expected: float, measured: float) -> Plan:
    """The plan with what theory and one batch say of it."""
    return replace(plan, expected_gain=expected, measured_gain=measured)
