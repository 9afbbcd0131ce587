"""The first cause that a finding names, and what is told when one finding explains another."""

import numpy as np
import pytest
from builders import falling, flat, observed, record, through_time

from isograd.diagnosis import diagnose
from isograd.facts import Event, Finding, Observed

LN10 = float(np.log(10))
AT_END = np.where(np.arange(200) < 150, 0, 15)


def told(*seen: Observed) -> list[Finding]:
    return [finding for finding in diagnose(record(*seen)).findings if finding.severity != "note"]


def first(*seen: Observed) -> tuple[str, str]:
    finding = told(*seen)[0]
    return finding.problem, finding.causes[0].cause


def broken(loss: np.ndarray, event: Event, **others: object) -> Observed:  # type: ignore[type-arg]
    return observed(
        loss=np.where(AT_END > 0, np.nan, loss),
        applied=np.where(AT_END > 0, np.nan, 0.0),
        nonfinite=AT_END,
        events=(event,),
        **others,  # type: ignore[arg-type]
    )


SIGMOID = {"slope": -0.602, "gate": -0.01, "weight": -0.24}
CASES: dict[str, tuple[Observed, tuple[str, str]]] = {
    "sigmoid": (
        observed(depth=10, rho=-0.85, activation="sigmoid", loss=flat(LN10), readings=SIGMOID),
        ("vanishing", "saturating-activation"),
    ),
    "small weights": (observed(depth=10, rho=-0.8, loss=flat(LN10)), ("vanishing", "init-too-small")),
    "weight decay": (
        observed(
            depth=8,
            rho=-0.8,
            loss=flat(LN10),
            settings={"weight_decay": 0.5},
            readings={"weight_scale": np.linspace(1, 0.05, 12)[:, None]},
        ),
        ("vanishing", "weight-decay-too-large"),
    ),
    "large inputs": (
        observed(
            depth=4,
            rho=[0, -2.5, -0.1, -0.1],
            loss=flat(LN10),
            readings={"gate": [0, -2.5, 0, 0], "weight": -0.1, "input_rms": 300.0, "saturation_share": [1, 0, 0, 0]},
        ),
        ("saturation", "input-scale"),
    ),
    "large weights": (observed(depth=10, rho=0.75, loss=flat(40.0)), ("exploding", "init-too-large")),
    "large weights behind a clip": (
        observed(depth=10, rho=0.3, loss=flat(LN10), raw=3.0, applied=0.0),
        ("exploding", "init-too-large"),
    ),
    "large inputs into an exponential": (
        observed(
            depth=3, rho=[0, 16.0, 0.0], loss=flat(40.0), readings={"weight": 0.0, "other": 16.0, "input_rms": 80.0}
        ),
        ("exploding", "input-scale"),
    ),
    "residual sums": (
        observed(depth=20, rho=0.3, loss=flat(40.0), residual=True, readings={"skip": 0.3, "weight": 0.0}),
        ("exploding", "residual-scale"),
    ),
    "sums over the time steps of a loop are no residual branches": (
        observed(
            depth=6, rho=0.8, loss=flat(40.0), kind="recurrent", residual=True, readings={"skip": 0.8, "weight": 0.0}
        ),
        ("exploding", "recurrence-expands"),
    ),
    "the same, shrinking": (
        observed(
            depth=6, rho=-0.8, loss=flat(LN10), kind="recurrent", residual=True, readings={"skip": -0.8, "weight": 0.0}
        ),
        ("vanishing", "recurrence-contracts"),
    ),
    "shut forget gate": (
        observed(
            loss=flat(LN10),
            kind="recurrent",
            times=(through_time(-1.0, cell="LSTM"), through_time(-1.0, cell="LSTM", step=150)),
        ),
        ("vanishing", "forget-gate"),
    ),
    "shut by a rate far too high": (
        observed(
            loss=flat(2 * LN10),
            kind="recurrent",
            optimizer="Adam",
            rate=1.0,
            times=(through_time(-0.3, cell="LSTM"), through_time(-1.0, cell="LSTM", step=150)),
        ),
        ("vanishing", "learning-rate-too-high"),
    ),
    "driven up by a rate far too high": (
        observed(
            loss=flat(2 * LN10),
            kind="recurrent",
            optimizer="Adam",
            rate=1.0,
            times=(through_time(0.0), through_time(0.2, step=150)),
        ),
        ("exploding", "learning-rate-too-high"),
    ),
    "a rate far too high also where the gradient then grows through time": (
        observed(
            loss=np.concatenate([flat(LN10, 5), flat(9.0, 195)]),
            kind="recurrent",
            optimizer="Adam",
            rate=1.0,
            readings={"update_ratio": 13.0},
            times=(through_time(0.0), through_time(0.2, step=150)),
        ),
        ("instability", "learning-rate-too-high"),
    ),
    "dead from birth by bias": (
        observed(activation="relu", loss=flat(LN10), readings={"dead_share": 0.99}),
        ("dead-units", "negative-bias"),
    ),
    "killed by the rate": (
        observed(
            activation="relu",
            loss=flat(LN10),
            readings={"dead_share": np.where(np.arange(12) < 2, 0.1, 1.0)[:, None]},
        ),
        ("dead-units", "learning-rate-too-high"),
    ),
    "log of zero": (
        broken(falling(LN10, 0.5), Event(150, "non-finite", "layers.5", "backward", "Log")),
        ("non-finite", "undefined-operation"),
    ),
    "nan in the data": (
        broken(falling(LN10, 0.5), Event(150, "non-finite", "layers.0", "forward", "", {"given": True})),
        ("non-finite", "data"),
    ),
    "rate, up to nan": (
        broken(
            np.concatenate([flat(1.0, 100), 10 ** np.linspace(0, 20, 100)]),
            Event(150, "non-finite", "layers.3", "forward", "Addmm"),
        ),
        ("non-finite", "learning-rate-too-high"),
    ),
    "float16 overflow": (
        broken(falling(LN10, 0.5), Event(150, "non-finite", "layers.3", "forward", "Addmm"), number_format="float16"),
        ("non-finite", "number-format"),
    ),
    "rate": (
        observed(loss=np.concatenate([flat(LN10, 5), flat(9.0, 195)]), readings={"update_ratio": 0.3}),
        ("instability", "learning-rate-too-high"),
    ),
    "large target": (
        observed(
            classes=1,
            loss_name="MseLoss",
            loss=np.concatenate([flat(4e4, 5), 10 ** np.linspace(5, 9, 195)]),
            readings={"update_ratio": 0.3},
        ),
        ("instability", "target-scale"),
    ),
    "outlying batch": (
        observed(
            loss=np.concatenate([falling(LN10, 0.5, 100), [4000.0], flat(5.0, 99)]), readings={"update_ratio": 0.01}
        ),
        ("instability", "outlier-batch"),
    ),
    "low rate": (observed(loss=flat(LN10), readings={"update_ratio": 1e-7}), ("stalled", "learning-rate-too-low")),
    "tight clip": (
        observed(loss=flat(LN10), raw=0.0, applied=-3.0, readings={"update_ratio": 1e-6}),
        ("stalled", "clipping-too-tight"),
    ),
    "labels": (observed(loss=flat(LN10)), ("stalled", "data")),
    "memorised labels": (observed(loss=falling(LN10, 2.1)), ("stalled", "data")),
    "softmax twice": (observed(loss=flat(LN10), output="softmax"), ("stalled", "loss-form")),
    "zeros": (
        observed(
            loss=flat(LN10), gain=-np.inf, readings={"weight_scale": 0.0, "weight_max": 0.0, "update_ratio": np.nan}
        ),
        ("stalled", "zero-init"),
    ),
    "cut": (
        observed(unreached=("encoder.0.weight", "encoder.0.bias"), num_parameters=6 * 64 * 64 + 50_000),
        ("stalled", "detached"),
    ),
    "a tiny loss under Adam": (
        observed(optimizer="Adam", loss=flat(2e-9), readings={"epsilon_floor_share": 1.0, "update_ratio": 1e-6}),
        ("underflow", "loss-reduction"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_first_problem_and_first_cause(case: str) -> None:
    seen, expected = CASES[case]
    assert first(seen) == expected


def test_an_explosion_that_killed_units_is_the_explosion() -> None:
    seen = observed(
        depth=10, rho=0.75, activation="relu", loss=flat(40.0), readings={"dead_share": 0.97, "saturation_share": 0.9}
    )
    diagnosis = diagnose(record(seen))
    assert [(one.rule, one.severity) for one in diagnosis.findings] == [("IG201", "error"), ("IG301", "note")]


def test_saturation_is_a_symptom_of_vanishing_by_small_weights() -> None:
    seen = observed(depth=10, rho=-0.8, loss=flat(LN10), readings={"saturation_share": 0.9})
    assert [one.rule for one in told(seen)] == ["IG101"]


def test_stalled_is_silent_where_a_mechanism_was_found() -> None:
    assert [one.rule for one in told(CASES["sigmoid"][0])] == ["IG101"]


def test_the_loser_of_a_game() -> None:
    winner = observed(
        name="D", depth=4, classes=1, loss_name="BinaryCrossEntropyWithLogits", loss=falling(1.4, 1e-6, 300)
    )
    fading = np.linspace(0, -5, 300)
    loser = observed(name="G", classes=2, loss_name="Mean < Log", loss=-flat(0.01, 300), raw=fading, applied=fading)
    (finding,) = told(winner, loser)
    assert (finding.network, finding.problem, finding.causes[0].cause) == ("G", "vanishing", "adversary")


@pytest.mark.parametrize(("update", "lost"), [(1e-7, True), (1e-3, False)])
def test_a_game_that_was_lost_before_it_began(update: float, lost: bool) -> None:
    winner = observed(
        name="D", depth=4, classes=1, loss_name="BinaryCrossEntropyWithLogits", loss=falling(0.04, 1e-6, 300)
    )
    faint = -4.0 * np.ones(300)
    readings = {"update_ratio": update}
    loser = observed(
        name="G", classes=2, loss_name="Mean < Log", loss=-flat(1e-5, 300), raw=faint, applied=faint, readings=readings
    )
    found = told(winner, loser)
    assert [(one.network, one.causes[0].cause) for one in found] == ([("G", "adversary")] if lost else [])


def test_the_same_fault_in_like_networks_is_told_once() -> None:
    seeds = [observed(name=f"model{i}", depth=10, rho=-0.85, loss=flat(LN10, seed=i)) for i in range(3)]
    (finding,) = told(*seeds)
    assert finding.evidence[-1].quantity == "networks"
    assert finding.evidence[-1].value == 3


def test_the_lower_layers_are_the_sites_of_a_vanishing_gradient() -> None:
    (finding,) = told(CASES["small weights"][0])
    assert finding.sites[0] == "layers.0"
    assert "layers.9" not in finding.sites


@pytest.mark.parametrize("carried", [True, False])
def test_gradients_that_are_never_emptied_come_before_any_remedy(carried: bool) -> None:
    events = (Event(7, "carried", "", "", ""),) if carried else ()
    (finding,) = told(observed(loss=np.linspace(2.3, 40.0, 200), events=events))
    assert finding.problem == "instability"
    assert (finding.remedies == ()) == carried
    assert any("zero_grad" in text.en for text in finding.advice) == carried
    vanishing = told(observed(depth=10, rho=-0.85, loss=flat(LN10), events=events))[0]
    assert vanishing.remedies  # no sum of gradients makes them vanish


def test_gravest_first() -> None:
    warned = observed(name="b", depth=12, rho=-0.15, loss=flat(LN10))
    failed = observed(name="a", depth=10, rho=-0.85, loss=flat(LN10))
    assert [one.severity for one in diagnose(record(warned, failed)).findings][:1] == ["error"]


@pytest.mark.parametrize(("raw", "advised"), [(3.0, False), (0.0, True)])
def test_clipping_is_no_advice_to_those_who_clip_every_step(raw: float, advised: bool) -> None:
    found = told(observed(depth=3, loss=flat(LN10), raw=raw, applied=0.0, times=(through_time(0.12),)))[0]
    assert found.problem == "exploding"
    assert any(remedy.remedy.startswith("clip:") for remedy in found.remedies) == advised
