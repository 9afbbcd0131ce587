import math

from hypothesis import given, settings
from hypothesis import strategies as st

from isograd.observation.cadence import (
    ALARM_READINGS,
    KEPT_BACK,
    LONGEST_QUIET_SECONDS,
    MOST_QUIET,
    RAREST_ON_LONG_STEPS,
    RAREST_SENTINEL,
    SENTINEL_SHARE,
    Cadence,
    is_milestone,
)


def readings(cadence, steps, step_seconds, reading_seconds):
    """The steps read in a run of even steps, and what they cost in all."""
    taken, spent = [], 0.0
    for step in range(steps):
        if cadence.wants_reading(step, spent, step * step_seconds):
            cadence.learn(reading_seconds, read=True, sampled=True)
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
        cadence.learn(1.0, read=True, sampled=True)
    alarmed.raise_alarm()
    spent, training = 1.5, 100.0
    assert not quiet.wants_reading(1001, spent, training)
    assert all(alarmed.wants_reading(1001 + k, spent, training) for k in range(ALARM_READINGS - 1))
    alarmed.raise_alarm()
    assert not alarmed.wants_reading(1011, training, training)


def test_sentinels_are_rarer_on_short_steps_but_never_absent():
    cadence = Cadence(0.01)
    cadence.learn(1e-4, read=False, sampled=True)
    long = sum(cadence.wants_sentinel(step, 1.0) for step in range(160))
    short = sum(cadence.wants_sentinel(160 + step, 1e-5) for step in range(160))
    assert long == 160
    assert short == 160 // RAREST_SENTINEL


@settings(deadline=None)
@given(
    st.integers(1, 100_000),
    st.floats(1e-4, 0.1),
    st.floats(1e-6, 1e-2),
    st.floats(1e-6, 1e-2),
    st.floats(0.0, 0.02),
    st.sampled_from([0.001, 0.01, 0.1]),
)
def test_nothing_falls_due_while_it_is_quiet(step, step_seconds, reading, sample, spent_share, budget):
    cadence = Cadence(budget)
    cadence.learn(reading, read=True, sampled=True)
    cadence.learn(sample, read=False, sampled=True)
    cadence.wants_sentinel(step - 1, step_seconds)
    training = step * step_seconds
    spent = spent_share * training

    def is_due(later):
        wants_reading = cadence.wants_reading(step + later, spent, training + later * step_seconds)
        return wants_reading or cadence.wants_sentinel(step + later, step_seconds)

    if is_due(0):
        return
    quiet = cadence.quiet_steps(step, spent, training, step_seconds)
    assert 1 <= quiet <= MOST_QUIET
    assert quiet == 1 or (quiet - 1) * step_seconds <= LONGEST_QUIET_SECONDS
    assert not any(is_due(later) for later in range(quiet))


def test_samples_wait_for_what_other_steps_leave_of_the_budget():
    cadence = Cadence(0.01)
    cadence.learn(40e-6, read=False, sampled=False)
    cadence.learn(400e-6, read=False, sampled=True)
    left = (1 - KEPT_BACK) * 160e-6 - 40e-6  # of steps of 16 ms
    apart = math.ceil(360e-6 / (SENTINEL_SHARE * left))
    taken = [step for step in range(160) if cadence.wants_sentinel(step, 0.016)]
    assert taken == list(range(apart - 1, 160, apart))
    assert sum(cadence.wants_sentinel(1000 + step, 0.003) for step in range(160)) == 160 // RAREST_SENTINEL
    assert sum(cadence.wants_sentinel(2000 + step, 0.005) for step in range(640)) == 640 // RAREST_ON_LONG_STEPS
