"""A pass of a running training, made again: the same gradients, and the run does not notice."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from isograd.diagnosis.experiment import explain
from isograd.errors import ObservationError
from isograd.observation.probe import measure
from isograd.observation.replay import awaited


class Pair(nn.Module):
    """Two outputs in a dictionary, keyword arguments, dropout."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(*(m for _ in range(3) for m in (nn.Linear(16, 16), nn.Dropout(), nn.ReLU())))
        self.mean, self.spread = nn.Linear(16, 1), nn.Linear(16, 1)

    def forward(self, x, *, shift=None):
        hidden = self.body(x if shift is None else x + shift)
        return {"mean": self.mean(hidden), "spread": self.spread(hidden), "n": 3}


def deep(activation=nn.Sigmoid):
    torch.manual_seed(0)
    layers = [m for _ in range(14) for m in (nn.Linear(32, 32), nn.Dropout(0.1), activation())]
    return nn.Sequential(*layers, nn.Linear(32, 4))


def train(model, watch, steps=4):
    torch.manual_seed(1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    kept = None
    for step in range(steps):
        data, target = torch.randn(24, 32), torch.randint(0, 4, (24,))
        if watch and step == 1:
            with awaited(model) as kept:
                loss = F.cross_entropy(model(data), target)
                loss.backward()
            explain({"model": model}, kept.loss, kept.call)
        else:
            F.cross_entropy(model(data), target).backward()
        optimizer.step()
        optimizer.zero_grad()
    return kept, [p.detach().clone() for p in model.parameters()], torch.get_rng_state()


def test_the_run_is_bit_for_bit_the_same_with_experiments_in_its_midst():
    _, seen, state = train(deep(), watch=True)
    _, unseen, other = train(deep(), watch=False)
    assert all(torch.equal(a, b) for a, b in zip(seen, unseen, strict=True))
    assert torch.equal(state, other)


def test_gradients_are_those_of_the_run():
    torch.manual_seed(0)
    model = Pair()
    data, shift = torch.randn(8, 16), torch.randn(8, 16)
    with awaited(model) as kept:
        out = model(data, shift=shift)
        (out["mean"].square() + out["spread"].exp()).mean().backward()
    wanted = [p.grad.clone() for p in model.parameters()]
    found = torch.autograd.grad(kept.loss(kept.call), list(model.parameters()))
    for a, b in zip(found, wanted, strict=True):
        torch.testing.assert_close(a, b)


def test_the_gain_and_its_cause_are_those_of_the_run():
    model = deep(nn.ReLU)
    data, target = torch.randn(24, 32), torch.randint(0, 4, (24,))
    state = torch.get_rng_state()
    whole = measure({"m": model}, lambda: F.cross_entropy(model(data), target))
    torch.set_rng_state(state)
    with awaited(model) as kept:
        F.cross_entropy(model(data), target).backward()
    found = explain({"m": model}, kept.loss, kept.call)
    assert found.gauge.gain == pytest.approx(whole.gain, abs=1e-4)
    assert [cause.cause for cause in found.causes] == ["init-too-small"]


def test_autocast_is_that_of_the_run():
    model = deep(nn.ReLU)
    data, target = torch.randn(8, 32), torch.randint(0, 4, (8,))
    with awaited(model) as kept:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            out = model(data)
        F.cross_entropy(out.float(), target).backward()
    assert kept.autocast == ("cpu", torch.bfloat16)
    assert measure({"m": model}, lambda: kept.loss(kept.call)).read.number_format() == "bfloat16"


def test_no_hook_stays():
    from torch.nn.modules import module

    before = len(module._global_forward_hooks), len(module._global_forward_pre_hooks)
    model = nn.Linear(2, 2)
    with awaited(model):
        model(torch.ones(1, 2)).sum().backward()
    assert (len(module._global_forward_hooks), len(module._global_forward_pre_hooks)) == before
    assert not model._forward_hooks
    assert not model._forward_pre_hooks


def test_inputs_that_were_overwritten_are_not_used():
    model, data = nn.Linear(2, 2), torch.ones(1, 2)
    with awaited(model) as kept:
        model(data).sum().backward()
    data.zero_()
    with pytest.raises(ObservationError, match="overwritten"):
        kept.loss(kept.call)


def test_a_model_that_is_called_twice_is_not_replayed():
    model = nn.Linear(2, 2)
    with awaited(model) as kept:
        (model(torch.ones(1, 2)) + model(torch.zeros(1, 2))).sum().backward()
    assert not kept.complete
    with pytest.raises(ObservationError, match="called twice"):
        kept.loss(kept.call)


def test_a_pass_without_gradients_is_not_taken_for_training():
    model = nn.Linear(2, 2)
    with awaited(model) as kept:
        with torch.no_grad():
            model(torch.ones(1, 2))
        model(torch.full((1, 2), 2.0)).sum().backward()
    assert kept.complete
    assert kept.call.args[0][0, 0] == 2.0


def test_a_fault_goes_to_the_guard():
    faults = []

    def guard(function, *args):
        try:
            raise RuntimeError("ours")
        except RuntimeError as fault:
            faults.append(fault)

    model = nn.Linear(2, 2)
    with awaited(model, guard) as kept:
        model(torch.ones(1, 2)).sum().backward()
    assert faults
    assert not kept.complete


def test_a_pass_can_be_made_again_in_double_precision():
    model = deep(nn.Sigmoid).half()
    data, target = torch.randn(24, 32).half(), torch.randint(0, 4, (24,))
    with awaited(model) as kept:
        F.cross_entropy(model(data).float(), target).backward()
    gradients = [p.grad for p in model.parameters()]
    found = explain({"m": model}, kept.loss, kept.call)
    assert found.gauge.gain == float("-inf")
    assert {cause.cause for cause in found.causes} == {"saturating-activation", "init-too-small"}
    assert all(a is p.grad for a, p in zip(gradients, model.parameters(), strict=True))
    assert {data.dtype, *(p.dtype for p in model.parameters())} == {torch.float16}
