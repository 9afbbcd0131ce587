"""Inputs and targets at unit scale: statistics, hooks, and the gradient of the standardised loss."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from isograd.observation.replay import Call
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.scale import REMEDIES
from isograd.treatment.remedies.scale.input_scale import standardise_input
from isograd.treatment.remedies.scale.moments import moments
from isograd.treatment.remedies.scale.target_scale import standardise_target

INPUT, TARGET = REMEDIES
G = torch.Generator().manual_seed(0)


def net(width=3):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(width, 8), nn.Tanh(), nn.Linear(8, 2))


def table(rows=64):
    return torch.randn(rows, 3, generator=G) * torch.tensor([1.0, 500.0, 0.01]) + torch.tensor([0.0, 3000.0, 7.0])


def patient_of(model, *batches, targets=(), observed=None):
    calls = tuple(batch if isinstance(batch, Call) else Call((batch,), {}) for batch in batches)
    return Patient(model, calls=calls, targets=targets, observed=observed)


def test_features_get_numbers_of_their_own_and_each_comes_out_standard():
    batches = [table(), table(32)]
    patient = patient_of(net(), *batches)
    assert INPUT.suits(patient)
    settings = INPUT.choose(patient)
    seen = []
    patient.model[0].register_forward_pre_hook(lambda module, args: seen.append(args[0]))
    edit = INPUT.make(patient, settings)
    for batch in batches:
        patient.model(batch)
    entered = torch.cat(seen).double()
    assert torch.allclose(entered.mean(0), torch.zeros(3).double(), atol=1e-3)
    assert torch.allclose(entered.std(0, correction=0), torch.ones(3).double(), atol=1e-3)
    edit.undo()
    assert not patient.model._forward_pre_hooks


def test_alike_features_and_very_many_share_one_number():
    alike = torch.rand(64, 3, generator=G) * 255
    many = torch.randn(8, 65, generator=G) * torch.linspace(1, 100, 65)
    assert isinstance(INPUT.choose(patient_of(net(), alike))["mean"], float)
    assert isinstance(INPUT.choose(patient_of(net(65), many))["std"], float)


def test_images_are_standardised_by_channel():
    images = torch.rand(16, 3, 4, 4, generator=G) * torch.tensor([255.0, 1.0, 20.0]).view(1, 3, 1, 1)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(16, 2))
    patient = patient_of(model, images)
    settings = INPUT.choose(patient)
    assert len(settings["std"]) == 3
    code = INPUT.code(patient, settings)
    expected = model(
        (images - images.mean((0, 2, 3), keepdim=True)) / images.std((0, 2, 3), correction=0, keepdim=True)
    )
    edit = INPUT.make(patient, settings)
    assert torch.allclose(model(images), expected, atol=1e-4)
    by_edit = model(images)
    edit.undo()
    scope = {"model": model}
    exec("\n".join((*code.imports, code.definitions, code.before_optimizer.replace("{model}", "model"))), scope)
    assert torch.equal(model(images), by_edit)


def test_constant_and_missing_values_do_no_harm():
    data = table()
    data[:, 1], data[0, 0] = 7.0, float("nan")
    found = moments([data])
    assert found.std[1] == 1.0
    assert all(abs(value) < float("inf") for value in (*found.mean, *found.std))
    assert moments([torch.full((4, 2), 3.0)]) is None
    assert moments([torch.full((4, 2), float("nan"))]) is None


@pytest.mark.parametrize(
    "batch",
    [torch.randint(0, 9, (4, 3)), torch.randn(64, 3, generator=G), Call(("a text",), {}), torch.zeros(0, 3)],
    ids=["tokens", "standard already", "no tensor", "empty"],
)
def test_what_needs_no_scaling_does_not_suit(batch):
    assert not INPUT.suits(patient_of(net(), batch))


@pytest.mark.parametrize("call", [Call((), {"x": table()}), Call((1, table(), 3), {})], ids=["by name", "second"])
def test_the_argument_is_found_and_written(call):
    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(3, 1)

        def forward(self, flag=0, x=None, other=0):
            return self.fc(x)

    model = Odd()
    patient = patient_of(model, call)
    settings = INPUT.choose(patient)
    code = INPUT.code(patient, settings)
    edit = INPUT.make(patient, settings)
    by_edit = model(*call.args, **call.kwargs)
    edit.undo()
    scope = {"model": model}
    exec("\n".join((*code.imports, code.definitions, code.before_optimizer.replace("{model}", "model"))), scope)
    assert torch.equal(model(*call.args, **call.kwargs), by_edit)
    assert by_edit.abs().max() < 10


@pytest.mark.parametrize(("power", "loss"), [(2, F.mse_loss), (1, F.l1_loss)])
@pytest.mark.parametrize("mean", [2000.0, [100.0, -3e5]], ids=["scalar", "columns"])
def test_the_gradient_is_that_of_the_standardised_loss(power, loss, mean):
    std = 300.0 if isinstance(mean, float) else [3.0, 2e4]
    means, stds = torch.tensor(mean, dtype=torch.float64), torch.tensor(std, dtype=torch.float64)
    model, x = net().double(), torch.randn(32, 3, generator=G).double()
    y = torch.randn(32, 2, generator=G).double() * stds + means
    loss(model(x), (y - means) / stds).backward()
    expected = [p.grad.clone() for p in model.parameters()]
    plain = model(x)
    model.zero_grad()
    edit = standardise_target(model, mean, std, power)
    with torch.no_grad():
        assert torch.allclose(model(x), plain * stds + means)
    loss(model(x), y).backward()
    assert all(torch.allclose(p.grad, g, rtol=1e-6) for p, g in zip(model.parameters(), expected, strict=True))
    edit.undo()
    assert torch.equal(model(x), plain)


@pytest.mark.parametrize(
    ("loss", "std", "power"),
    [
        ("MseLoss", 50.0, 2),
        ("Mean < Abs < Sub", 50.0, 1),
        ("SmoothL1Loss", 50.0, 1),
        ("SmoothL1Loss", 0.01, 2),
        ("", 9.0, 2),
    ],
)
def test_the_power_follows_from_the_loss(loss, std, power):
    targets = (torch.randn(64, 2, generator=G) * std,)
    observed = SimpleNamespace(network=SimpleNamespace(loss=loss)) if loss else None
    patient = patient_of(net(), table(), targets=targets, observed=observed)
    assert TARGET.suits(patient)
    assert TARGET.choose(patient)["power"] == power


def test_targets_at_unit_scale_classes_and_unknown_ones_do_not_suit():
    for targets in ((torch.randn(64, 2, generator=G),), (torch.randint(0, 2, (64,)),), ()):
        assert not TARGET.suits(patient_of(net(), table(), targets=targets))


def test_a_tuple_of_outputs_keeps_its_others():
    class Pair(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn, self.fc = nn.GRU(3, 4), nn.Linear(4, 1)

        def forward(self, x):
            h, state = self.rnn(x)
            return self.fc(h), state

    model, x = Pair(), torch.randn(5, 2, 3, generator=G)
    patient = patient_of(model, x, targets=(torch.randn(5, 2, 1, generator=G) * 1e4,))
    assert TARGET.suits(patient)
    settings, plain = TARGET.choose(patient), model(x)
    code = TARGET.code(patient, settings)
    edit = TARGET.make(patient, settings)
    out, state = model(x)
    assert torch.equal(state, plain[1])
    assert torch.allclose(out, plain[0] * settings["std"] + settings["mean"])
    edit.undo()
    scope = {"model": model}
    exec("\n".join((*code.imports, code.definitions, code.before_optimizer.replace("{model}", "model"))), scope)
    assert torch.equal(model(x)[0], out)


def test_half_precision_and_double_stay_what_they_are():
    for dtype in (torch.bfloat16, torch.float64):
        model = net().to(dtype)
        first = standardise_input(model, [0.0, 3000.0, 7.0], [1.0, 500.0, 0.01])
        second = standardise_target(model, [1.0, 2.0], [3.0, 4.0])
        assert model(table().to(dtype)).dtype == dtype
        second.undo()
        first.undo()
