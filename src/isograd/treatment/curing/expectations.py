"""Which plans are worth a training: those that suit the network and, where a gain is sick, restore it on one batch."""

import math
from collections.abc import Sequence
from itertools import combinations

from isograd.facts import Finding, Text
from isograd.facts.treatment import Plan
from isograd.facts.trial import Outlook
from isograd.facts.verdict import Attempt
from isograd.treatment.prescription import together

MOST_TRAINED = 6
"""Plans that are trained at all."""
HEALTHY = 2.0
"""Decades of |G| up to which a network of any kind trains."""
SICK = 1.3
"""Decades of |G| from which on a gain has something to be restored."""
WORTH = 0.75
"""A plan must take away a quarter of the decades."""
NOTHING_TO_CHANGE = Text("nothing for it to change", "바꿀 것이 없음")
"""Said of a plan that found nothing in the program that it could be made on."""
OF_THE_GAIN = ("IG101", "IG102", "IG201", "IG202")
_IN_TRAINING = ("lr", "clip", "precision", "loss")


def promising(outlooks: Sequence[Outlook], finding: Finding) -> tuple[list[Plan], list[Attempt]]:
    """The plans to train, those that restore the gain first, and the others with what speaks against them.

    Args:
        outlooks: What one batch said of each plan, in the order of the prescription.
        finding: What is to be cured.

    Returns:
        At most six plans, and an attempt for each of the others.
    """
    left_out: list[Attempt] = []
    kept: list[Outlook] = []
    for outlook in outlooks:
        why = _against(outlook, finding)
        if why is None:
            kept.append(outlook)
        else:
            left_out.append(Attempt(outlook.plan, 0, math.nan, why))
    kept.sort(key=lambda one: not _restores(one, finding))  # stable: the order of the prescription stays within
    enough = Text("others promised more", "다른 처방이 더 유망함")
    left_out += [Attempt(one.plan, 0, math.nan, enough) for one in kept[MOST_TRAINED:]]
    return [one.plan for one in kept[:MOST_TRAINED]], left_out


def combined(outlooks: Sequence[Outlook], finding: Finding) -> list[Plan]:
    """Pairs of the plans that restore most, where none restores the gain by itself; empty where one does."""
    if finding.rule not in OF_THE_GAIN:
        return []
    usable = [one for one in outlooks if one.suits and not one.error and len(one.plan.doses) == 1]
    if any(_restores(one, finding) for one in usable) or not usable or not _is_sick(usable[0]):
        return []
    best = sorted((one for one in usable if math.isfinite(one.plan.measured_gain)), key=_decades)[:3]
    pairs = (together(one.plan, other.plan) for one, other in combinations(best, 2) if _differ(one.plan, other.plan))
    return [pair for pair in pairs if len(pair.doses) == 2]


def _against(outlook: Outlook, finding: Finding) -> Text | None:
    if not outlook.suits:
        return NOTHING_TO_CHANGE
    if outlook.error:
        return Text("could not be made: {error}", "적용할 수 없음: {error}", {"error": outlook.error})
    if finding.rule in OF_THE_GAIN and _is_sick(outlook) and not _in_training(outlook.plan):
        after, before = _decades(outlook), abs(outlook.untreated_gain)
        if math.isfinite(after) and math.isfinite(before) and after > max(WORTH * before, HEALTHY):
            return Text("does not restore the gain", "이득을 회복하지 못함")
    return None


def _restores(outlook: Outlook, finding: Finding) -> bool:
    return finding.rule not in OF_THE_GAIN or not _is_sick(outlook) or _decades(outlook) <= HEALTHY


def _is_sick(outlook: Outlook) -> bool:
    return not abs(outlook.untreated_gain) <= SICK


def _decades(outlook: Outlook) -> float:
    """|G| as measured; infinite where it is none."""
    gain = abs(outlook.plan.measured_gain)
    return math.inf if math.isnan(gain) else gain


def _in_training(plan: Plan) -> bool:
    """True for plans that act while training goes on: one batch before it says nothing of them."""
    return any(dose.remedy.partition(":")[0] in _IN_TRAINING for dose in plan.doses)


def _differ(one: Plan, other: Plan) -> bool:
    """True if the two are of different families: two initialisations undo each other."""
    families = [dose.remedy.partition(":")[0] for plan in (one, other) for dose in plan.doses]
    return len(set(families)) == len(families)
