from hypothesis import given, settings
from hypothesis import strategies as st

from isograd.observation.cadence import ALARM_READINGS, RAREST_SENTINEL, Cadence, is_milestone


def readings(cadence, steps, step_seconds, reading_seconds):
    """The steps read in a run of even steps, and what they cost in all."""
    taken, spent = [], 0.0
    for step in range(steps):
        if cadence.wants_reading(step, spent, step * step_seconds):
            cadence.learn_reading(reading_seconds)
            taken.append(step)
            spent += reading_seconds
    return taken, spent


@settings(max_examples=50, deadline=None)
@given(st.floats(1e-3, 1.0), st.floats(0.1, 5.0), st.sampled_from([0.003, 0.01, 0.05]))
def test_cost_stays_within_budget_and_milestones(step_seconds, relative_cost, budget):
    steps, cost = 3000, relative_cost * step_seconds
    taken, spent = readings(Cadence(budget), steps, step_seconds, cost)
    milestones = sum(is_milestone(step) for step in range(steps))
    assert spent <= budget * steps * step_seconds + milestones * cost + 1e-9
    assert set(taken) >= {step for step in range(steps) if is_milestone(step)}


def test_a_large_budget_reads_every_step():
    assert readings(Cadence(1.0), 50, 0.01, 0.1)[0] == list(range(50))


def test_an_alarm_brings_readings_forward_but_not_without_bound():
    quiet, alarmed = Cadence(0.01), Cadence(0.01)
    for cadence in (quiet, alarmed):
        cadence.learn_reading(1.0)
    alarmed.raise_alarm()
    spent, training = 1.5, 100.0
    assert not quiet.wants_reading(1001, spent, training)
    assert all(alarmed.wants_reading(1001 + k, spent, training) for k in range(ALARM_READINGS - 1))
    alarmed.raise_alarm()
    assert not alarmed.wants_reading(1011, training, training)


def test_sentinels_are_rarer_on_short_steps_but_never_absent():
    cadence = Cadence(0.01)
    cadence.learn_sentinel(1e-4)
    long = sum(cadence.wants_sentinel(1.0) for _ in range(160))
    short = sum(cadence.wants_sentinel(1e-5) for _ in range(160))
    assert long == 160
    assert short == 160 // RAREST_SENTINEL
