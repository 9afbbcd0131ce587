"""The recurrent cases of the theory's spike: 50 steps, 64 units, gain through time and verdict before any training."""

import pytest
import torch
from nets import Fused, Loop, classes_loss, sequences
from torch import nn

import isograd
from isograd.diagnosis.memory import through_time
from isograd.observation.probe import measure

CASES = {
    "contracts": (lambda: Loop(0.5), -15.73, "IG102"),
    "torch's default": (lambda: Fused(nn.RNN, hidden=64), -11.75, "IG102"),
    "a little more than it loses": (lambda: Loop(1.2), 0.48, ""),
    "expands twice": (lambda: Loop(2.0), 3.47, "IG202"),
    "expands four times": (lambda: Loop(4.0), 9.21, "IG202"),
    "sigmoid": (lambda: Loop(1.0, activation=torch.sigmoid), -31.2, "IG102"),
    "driven too hard": (lambda: Loop(0.95, drive=5.0), -26.5, "IG102"),
    "contracts and driven": (lambda: Loop(0.5, drive=1.0), -24.5, "IG102"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_gain_through_time_is_the_stated_one(name):
    build, stated, _ = CASES[name]
    gains = []
    for seed in range(3):
        torch.manual_seed(seed)
        model = build().double()
        (profile,) = measure({"m": model}, lambda model=model: classes_loss(model)(sequences())).profiles
        assert (profile.length, profile.quantity) == (50, "hidden")
        gains.append(through_time(profile))
    assert sum(gains) / 3 == pytest.approx(stated, abs=0.07 * abs(stated) + 0.5)


@pytest.mark.parametrize("name", CASES)
def test_the_verdict_at_the_start_is_the_stated_one(name):
    build, _, rule = CASES[name]

    def seeded(seed):
        torch.manual_seed(seed)
        return build().double()

    found = isograd.check(
        isograd.Task(
            build=seeded,
            loss=lambda model, batch: classes_loss(model)(batch),
            batches=lambda seed: [sequences()],
            optimizer=lambda parameters: torch.optim.SGD(parameters, lr=0.1),
        )
    )
    assert [(one.rule, one.severity) for one in found.diagnosis.findings] == ([(rule, "error")] if rule else [])
    assert found.diagnosis.health == ("failing" if rule else "healthy")
