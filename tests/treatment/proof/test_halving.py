"""Weak plans cost little, and of equally good ones the least invasive comes first."""

import itertools
import math

from hypothesis import given
from hypothesis import strategies as st

from isograd.facts.treatment import Dose, Plan
from isograd.treatment.proof.halving import FINALISTS, ranked, rungs, tail_loss

HE, CLIP, BATCH, LSTM = (Plan((Dose(name),)) for name in ("init:he", "clip:norm", "norm:batch", "recurrent:lstm"))
BOTH = Plan((Dose("init:he"), Dose("clip:norm")))


@given(st.integers(1, 100_000), st.integers(0, 12))
def test_rungs_grow_and_thin_out(total, number):
    found = rungs(total, number)
    assert (number < 2) == (not found)
    for before, after in itertools.pairwise(found):
        assert before.steps < after.steps <= total
        assert before.survivors > after.survivors
    assert all(FINALISTS <= rung.survivors <= max(number, FINALISTS) for rung in found)


@given(st.integers(200, 100_000), st.integers(2, 12))
def test_the_choice_costs_at_most_two_whole_runs_for_six_plans_and_less_than_each_plan_whole(total, number):
    left, spent = number, 0
    for rung in rungs(total, number):
        spent += left * rung.steps
        left = rung.survivors
    assert spent <= total * (0.35 * number + 0.5)


def test_of_equals_the_least_invasive_comes_first():
    losses = {"init:he": 0.31, "norm:batch": 0.30, "recurrent:lstm": 1.5, "init:he + clip:norm": 0.30}
    found = ranked((LSTM, BATCH, BOTH, HE), losses, untreated=2.3)
    assert found == [HE, BATCH, BOTH, LSTM]


def test_of_equals_what_takes_the_cause_away_comes_before_all():
    losses = {"init:he": 0.31, "norm:batch": 0.30, "recurrent:lstm": 1.5, "init:he + clip:norm": 0.30}
    assert ranked((LSTM, BATCH, BOTH, HE), losses, 2.3, at_root="norm:batch") == [BATCH, HE, BOTH, LSTM]
    assert ranked((LSTM, BATCH, BOTH, HE), losses, 2.3, at_root="recurrent:lstm")[-1] is LSTM, "it is not near the best"


def test_a_clear_winner_wins_whatever_it_changes():
    assert ranked((HE, LSTM), {"init:he": 2.0, "recurrent:lstm": 0.1}, 2.3)[0] is LSTM


def test_what_a_gain_is_worth_is_told_by_where_a_network_begins():
    losses = {"init:he": 0.15, "norm:batch": 0.11}
    assert ranked((BATCH, HE), losses, 2.3) == [HE, BATCH]
    assert ranked((BATCH, HE), losses, 1e6, untrained=2.3) == [HE, BATCH]
    assert ranked((BATCH, HE), {"init:he": 170.0, "norm:batch": 0.11}, 2011.0, untrained=2.4) == [BATCH, HE]
    assert ranked((BATCH, HE), losses, math.nan, untrained=0.2) == [BATCH, HE]


def test_a_plan_that_diverged_comes_last():
    assert ranked((CLIP, HE), {"clip:norm": math.nan, "init:he": 2.0}, 2.3) == [HE, CLIP]
    assert ranked((CLIP, HE), {}, 2.3) == [CLIP, HE]
    assert ranked((CLIP, HE), {"clip:norm": 0.5, "init:he": 0.1}, math.nan)[0] is HE


def test_the_tail_is_a_median_and_knows_nan():
    assert tail_loss([9.0] * 8 + [1.0, 3.0]) == 3.0
    assert math.isnan(tail_loss([1.0] * 9 + [math.inf]))
    assert math.isnan(tail_loss([]))
