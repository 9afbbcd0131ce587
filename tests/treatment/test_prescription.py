"""Plans are chosen by cause, few, known, together where two causes are necessary; one batch thins them out."""

import math
from dataclasses import replace

import pytest

from isograd.facts import Cause, Diagnosis, Finding, Remedy, Text
from isograd.facts.treatment import Dose, Plan
from isograd.facts.trial import Outlook
from isograd.facts.vocabulary import CAUSES, REMEDIES
from isograd.treatment.curing.expectations import MOST_TRAINED, combined, promising
from isograd.treatment.prescription import (
    FOR_PROBLEM,
    INVASIVENESS,
    MOST_PLANS,
    THROUGH_TIME,
    invasiveness,
    plans_for,
    prescribe_plans,
    together,
)


def finding(*causes, problem="vanishing", rule="IG101", severity="error"):
    told = tuple(Cause(name, share, "intervention") for name, share in causes)
    return Finding(rule, problem, severity, "net", (), 0, 9, Text("", ""), (), told)


def names(plans):
    return [plan.name for plan in plans]


def test_the_tables_name_remedies_of_the_vocabulary():
    told = {name for table in (FOR_PROBLEM, THROUGH_TIME) for line in table.values() for name in line}
    assert told <= set(REMEDIES)
    assert {name.partition(":")[0] for name in REMEDIES} == set(INVASIVENESS)


def test_what_the_cause_asks_for_comes_first():
    assert names(plans_for(finding(("init-too-small", 1.0))))[0] == "init:he"
    assert names(plans_for(finding(("saturating-activation", 1.0))))[0] == "activation:relu"
    assert names(plans_for(finding(("forget-gate", 1.0), rule="IG102")))[0] == "init:forget-bias"


def test_two_necessary_causes_are_also_treated_together():
    plans = plans_for(
        finding(("learning-rate-too-high", 0.5), ("init-too-large", 0.5), problem="exploding", rule="IG201")
    )
    assert "init:xavier + lr:lower" in names(plans)


def test_nothing_is_tried_where_no_remedy_touches_the_cause():
    assert plans_for(finding(("data", 1.0), problem="stalled", rule="IG801")) == ()
    assert plans_for(finding(("detached", 1.0), problem="stalled", rule="IG801")) == ()


def test_nothing_is_tried_where_all_that_is_to_be_done_is_advice():
    unstable = finding(("learning-rate-too-high", 1.0), problem="instability", rule="IG701")
    assert plans_for(unstable)
    assert plans_for(replace(unstable, advice=(Text("empty the gradients", ""),))) == ()


def test_where_no_remedy_removes_the_cause_only_what_it_asks_for_is_tried():
    decayed = finding(("weight-decay-too-large", 1.0))
    assert "residual:skip" in names(plans_for(decayed))
    told = replace(decayed, advice=(Text("lower it", ""),), remedies=(Remedy("norm:batch"),))
    assert names(plans_for(told)) == ["norm:batch"]


@pytest.mark.parametrize("cause", CAUSES)
def test_plans_of_every_cause_are_few_and_known(cause):
    for problem, rule in (("vanishing", "IG101"), ("exploding", "IG202"), ("non-finite", "IG501")):
        plans = plans_for(finding((cause, 0.6), ("init-too-large", 0.4), problem=problem, rule=rule))
        assert len(plans) <= MOST_PLANS
        assert len(set(names(plans))) == len(plans)
        assert {dose.remedy for plan in plans for dose in plan.doses} <= set(REMEDIES)


def test_notes_and_healthy_runs_need_nothing():
    assert prescribe_plans(Diagnosis("healthy", (finding(("depth", 1.0), severity="note"),))) is None
    assert prescribe_plans(Diagnosis("failing", (finding(("depth", 1.0)),))).finding.rule == "IG101"


def test_what_the_user_asked_for_is_all_that_is_tried():
    asked = prescribe_plans(Diagnosis("failing", (finding(("depth", 1.0)),)), ("norm:layer", "init:he+clip:norm"))
    assert names(asked.plans) == ["norm:layer", "init:he + clip:norm"]


def test_remedies_of_the_optimizer_come_last_and_each_once():
    both = together(Plan((Dose("clip:norm"), Dose("lr:lower"))), Plan((Dose("init:he"), Dose("clip:norm"))))
    assert [dose.remedy for dose in both.doses] == ["init:he", "clip:norm", "lr:lower"]
    assert invasiveness(Plan((Dose("init:he"),))) < invasiveness(both)


def test_a_factor_on_branches_changes_less_than_a_layer_or_a_path_more():
    factor, layer, path = (Plan((Dose(name),)) for name in ("residual:scale", "norm:batch", "residual:skip"))
    assert invasiveness(factor) < invasiveness(layer) < invasiveness(path)


def outlook(name, measured, suits=True, error="", before=-9.0):
    return Outlook(Plan(tuple(map(Dose, name.split("+"))), measured_gain=measured), suits, before, error=error)


def test_one_batch_leaves_out_what_does_not_suit_fails_or_restores_nothing():
    kept, out = promising(
        [
            outlook("norm:layer", -8.0),
            outlook("init:he", -0.2),
            outlook("activation:gelu", math.nan, suits=False),
            outlook("residual:skip", math.nan, error="shapes"),
            outlook("activation:relu", -3.0),
            outlook("clip:norm", -9.0),
        ],
        finding(("init-too-small", 1.0)),
    )
    assert names(kept) == ["init:he", "activation:relu", "clip:norm"]
    assert {attempt.plan.name for attempt in out} == {"norm:layer", "activation:gelu", "residual:skip"}
    assert all(attempt.note is not None for attempt in out)


def test_at_most_six_are_trained():
    many = [outlook(name, 0.0) for name in REMEDIES[:10]]
    kept, out = promising(many, finding(("depth", 1.0)))
    assert len(kept) == MOST_TRAINED
    assert len(kept) + len(out) == 10


def test_where_the_gain_was_never_sick_one_batch_says_nothing():
    kept, out = promising(
        [outlook("lr:lower", -0.3, before=-0.3)], finding(("learning-rate-too-high", 1.0), rule="IG701")
    )
    assert names(kept) == ["lr:lower"]
    assert not out


def test_pairs_are_made_where_no_single_plan_restores():
    sick = [outlook("init:he", -5.0), outlook("norm:layer", -6.0), outlook("init:xavier", -7.0)]
    assert names(combined(sick, finding(("depth", 1.0)))) == ["init:he + norm:layer", "norm:layer + init:xavier"]
    assert combined([*sick, outlook("activation:relu", -0.1)], finding(("depth", 1.0))) == []
    assert combined(sick, finding(("depth", 1.0), rule="IG301")) == []
