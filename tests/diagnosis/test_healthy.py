"""A healthy run gets no error and no warning, wherever in the healthy ranges it lies."""

import numpy as np
import pytest
from builders import falling, flat, observed, record, through_time
from hypothesis import given, settings
from hypothesis import strategies as st

from isograd.diagnosis import diagnose
from isograd.facts import Diagnosis, Observed
from isograd.report.language import render

LN10 = float(np.log(10))


def verdict(*seen: Observed) -> Diagnosis:
    return diagnose(record(*seen))


@settings(max_examples=60, deadline=None)
@given(
    depth=st.integers(2, 30),
    gain=st.floats(-1.2, 1.2),
    end=st.floats(0.0, 0.8),
    noise=st.floats(0.0, 0.2),
    activation=st.sampled_from(["relu", "tanh", "gelu", "sigmoid", ""]),
    optimizer=st.sampled_from(["SGD", "Adam", "AdamW", "RMSprop"]),
    update=st.floats(3e-4, 3e-2),
    dead=st.floats(0.0, 0.4),
    saturated=st.floats(0.0, 0.4),
    clip=st.floats(0.0, 3.0),
    seed=st.integers(0, 10),
)
def test_what_learns_with_a_healthy_gain_is_healthy(
    depth: int, gain: float, end: float, noise: float, activation: str, optimizer: str, update: float, dead: float,
    saturated: float, clip: float, seed: int,
) -> None:  # fmt: skip
    seen = observed(
        depth=depth,
        rho=gain / (depth - 1),
        loss=falling(LN10, end, noise=noise, seed=seed),
        activation=activation,
        optimizer=optimizer,
        applied=-clip,
        readings={
            "update_ratio": update,
            "dead_share": dead,
            "dead_lasting_share": dead / 2,
            "saturation_share": saturated,
        },
    )
    diagnosis = verdict(seen)
    assert (diagnosis.health, diagnosis.findings) == ("healthy", ())
    assert diagnosis.reason is not None
    assert "decades" in render(diagnosis.reason, "en")


@settings(max_examples=30, deadline=None)
@given(gain=st.floats(-5, 4), steps=st.integers(30, 400), noise=st.floats(0, 0.1))
def test_what_learns_well_in_spite_of_its_gain_is_left_alone(gain: float, steps: int, noise: float) -> None:
    assert verdict(observed(depth=8, rho=gain / 7, loss=falling(LN10, 0.02, steps, noise))).health == "healthy"


def test_a_gain_that_recovers_is_no_finding() -> None:
    gain = np.where(np.arange(200) < 30, -5.0, -0.3)
    assert verdict(observed(depth=10, gain=gain)).health == "healthy"


def test_small_because_finished() -> None:
    raw = np.linspace(0, -4, 200)
    assert verdict(observed(loss=falling(LN10, 1e-3), raw=raw, applied=raw)).health == "healthy"


def test_a_zero_initialised_branch_or_head() -> None:
    gain = np.where(np.arange(200) < 1, -np.inf, -0.2)
    assert verdict(observed(gain=gain, residual=True)).health == "healthy"


def test_an_unused_head_is_no_cut() -> None:
    seen = observed(unreached=("aux.weight", "aux.bias"), num_parameters=6 * 64 * 64 + 20_000)
    assert verdict(seen).health == "healthy"


def test_pretrained_and_finished_before_it_began() -> None:
    assert verdict(observed(loss=flat(0.08, noise=0.3), readings={"update_ratio": 1e-6})).health == "healthy"


def test_a_sum_over_the_batch_is_no_giant_loss() -> None:
    assert verdict(observed(loss=falling(64 * LN10, 64 * 0.3))).health == "healthy"


def test_regression_with_a_noise_floor() -> None:
    seen = observed(classes=1, loss_name="MseLoss", loss=np.concatenate([falling(1.4, 0.9, 60), flat(0.9, 300, 0.1)]))
    assert verdict(seen).health == "healthy"


def test_noisy_labels_of_two_classes() -> None:
    seen = observed(classes=1, loss_name="BinaryCrossEntropyWithLogits", loss=falling(0.7, 0.6, noise=0.08))
    assert verdict(seen).health == "healthy"


def test_a_policy_whose_loss_hovers_about_zero() -> None:
    loss = 0.05 * np.random.default_rng(1).standard_normal(300)
    assert verdict(observed(loss=loss, loss_name="Neg < Mean < Mul")).health == "healthy"


def test_a_critic_whose_goal_moves() -> None:
    loss = np.linspace(0.1, 0.4, 300) * (1 + 0.1 * np.random.default_rng(1).standard_normal(300))
    assert verdict(observed(loss=loss, loss_name="SmoothL1Loss", classes=2)).health == "healthy"


def test_a_game_between_two_networks() -> None:
    judge = observed(name="D", depth=4, classes=1, loss_name="Add < BinaryCrossEntropyWithLogits", loss=flat(1.38, 300))
    artist = observed(name="G", depth=5, classes=2, loss_name="BinaryCrossEntropyWithLogits", loss=flat(0.8, 300, 0.1))
    assert verdict(judge, artist).health == "healthy"


def test_a_gated_cell_that_begins_with_a_small_gain() -> None:
    profiles = (through_time(-0.3, cell="LSTM"), through_time(-0.2, cell="LSTM", step=150))
    assert verdict(observed(kind="recurrent", times=profiles)).health == "healthy"


def test_clipping_every_step_is_none_of_our_business() -> None:
    assert verdict(observed(raw=1.0, applied=0.0, normalised=True, residual=True, rho=0.2)).health == "healthy"


def test_skips_of_a_scaler_are_how_it_works() -> None:
    skipped = np.where(np.arange(200) < 5, 2 + 16, 0)
    assert verdict(observed(nonfinite=skipped, number_format="float16")).health == "healthy"


@pytest.mark.parametrize(("steps", "told"), [(20, False), (200, True)])
def test_a_few_noisy_steps_do_not_confirm_a_gain_that_some_networks_bear(steps: int, told: bool) -> None:
    seen = observed(depth=4, rho=-0.6, loss=flat(8.0, steps, noise=0.05), classes=3000)
    found = [finding.rule for finding in diagnose(record(seen)).findings if finding.severity != "note"]
    assert ("IG101" in found) == told


def test_too_few_steps_are_no_verdict() -> None:
    diagnosis = verdict(observed(loss=flat(LN10, 2), num_readings=1))
    assert diagnosis.health == "unknown"
    assert diagnosis.reason is not None
    assert "Optimizer steps seen: 2;" in render(diagnosis.reason, "en")


def test_nothing_trained_is_unknown() -> None:
    diagnosis = verdict()
    assert diagnosis.health == "unknown"
    assert diagnosis.reason is not None


@pytest.mark.parametrize("num_readings", [0, 1, 2])
def test_few_readings_are_enough_to_be_healthy(num_readings: int) -> None:
    assert verdict(observed(num_readings=num_readings)).health == "healthy"
