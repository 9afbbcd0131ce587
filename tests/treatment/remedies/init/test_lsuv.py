"""LSUV: variances at the end, layers in the order in which they run, nothing else moved, once and then gone."""

import copy
import io

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

from isograd.treatment.patient import Patient
from isograd.treatment.remedies.init import lsuv_
from isograd.treatment.remedies.init.lsuv import LSUV, OnFirstCall
from isograd.treatment.remedies.init.unit_variance import scale_to_unit_variance


class Odd(nn.Module):
    """Layers that run in another order than they are listed, twice, or never; dropout; a carried state."""

    def __init__(self):
        super().__init__()
        self.last = nn.Linear(16, 4)
        self.never = nn.Linear(16, 16)
        self.twice = nn.Linear(16, 16)
        self.normed = parametrizations.weight_norm(nn.Linear(16, 16))
        self.first = nn.Conv1d(3, 16, 5)
        self.norm = nn.BatchNorm1d(16)
        self.drop = nn.Dropout(0.5)
        self.state = None
        self.calls = 0

    def forward(self, inputs, scale=1.0):
        self.calls += 1
        hidden = self.drop(self.norm(self.first(scale * inputs)).relu()).mean(-1)
        hidden = self.twice(torch.tanh(self.twice(hidden)))
        self.state = hidden if self.state is None else hidden + self.state
        inputs.mul_(2)
        return self.last(self.normed(hidden.relu()))


def outputs_of(model, inputs, **kwargs):
    found = {}
    names = {module: name for name, module in model.named_children()}
    hooks = [
        layer.register_forward_hook(lambda m, args, out: found.setdefault(names[m], []).append(out.detach().flatten()))
        for layer in names
    ]
    model(inputs, **kwargs)
    for hook in hooks:
        hook.remove()
    return {name: torch.cat(parts) for name, parts in found.items()}


def test_each_layer_that_runs_ends_at_variance_one():
    torch.manual_seed(0)
    model, inputs = Odd().eval(), 3.0 * torch.randn(64, 3, 20)
    never = model.never.weight.clone()
    edit = lsuv_(model, inputs.clone(), scale=0.5)
    found = outputs_of(model, inputs.clone(), scale=0.5)
    for name in ("first", "twice", "normed", "last"):
        assert abs(found[name].var(unbiased=False).item() - 1) < 0.1, name
    assert edit.figures() == {
        "init:lsuv layers": 4.0,
        "init:lsuv passes": pytest.approx(10, abs=6),
        "init:lsuv not at one": 0.0,
    }
    assert torch.allclose(model.never.weight @ model.never.weight.T, torch.eye(16), atol=1e-5)
    assert not torch.equal(never, model.never.weight)


def test_nothing_but_weights_and_biases_is_moved():
    torch.manual_seed(0)
    model, inputs = Odd(), torch.randn(8, 3, 20)
    given, buffers = inputs.clone(), {name: b.clone() for name, b in model.named_buffers()}
    paths = ("first", "twice", "normed", "last")
    state = torch.get_rng_state()
    scale_to_unit_variance(model, paths, (inputs,), {})
    assert torch.equal(state, torch.get_rng_state())
    assert torch.equal(given, inputs), "the batch was written into"
    assert all(torch.equal(buffers[name], b) for name, b in model.named_buffers())
    assert model.training
    assert (model.state, model.calls) == (None, 0)
    assert not any(module._forward_hooks for module in model.modules())


def test_a_layer_whose_output_does_not_heed_its_weight_keeps_it():
    class Normalised(nn.Linear):
        def forward(self, inputs):
            return 5 * nn.functional.normalize(super().forward(inputs))

    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4), Normalised(4, 4, bias=False), nn.Linear(4, 4))
    model[0].bias.data.fill_(-1e6)
    before = [p.clone() for p in model[2:4].parameters()]
    found = {one.path: one for one in scale_to_unit_variance(model, ("0", "2", "3", "4"), (torch.randn(8, 4),), {})}
    assert all(torch.equal(a, b) for a, b in zip(before, model[2:4].parameters(), strict=True))
    assert (found["2"].num_passes, found["3"].num_passes) == (2, 2)


def test_it_stops_after_so_many_scalings():
    class Slow(nn.Linear):
        def forward(self, inputs):
            outputs = super().forward(inputs)
            return outputs.sign() * outputs.abs() ** 0.1

    found = scale_to_unit_variance(Slow(4, 4), ("",), (1e9 * torch.randn(8, 4),), {}, max_iterations=3)
    assert found[0].num_passes == 4
    assert found[0].variance > 2
    assert found[0].variance_before > found[0].variance


def test_without_a_batch_it_scales_on_the_first_call_and_is_gone():
    torch.manual_seed(0)
    model, inputs = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 64)), 10 * torch.randn(256, 8)
    before = {name: p.clone() for name, p in model.named_parameters()}
    edit = lsuv_(model)
    assert edit.figures() == {}
    copied = copy.deepcopy(model)
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    loaded = torch.load(file, weights_only=False)
    first = model(inputs)
    assert abs(first.var().item() - 1) < 0.1
    assert edit.figures()["init:lsuv layers"] == 2.0
    assert torch.equal(first, model(inputs))
    assert torch.equal(first, copied(inputs))
    assert torch.equal(first, loaded(inputs))
    for one in (model, copied, loaded):
        assert not one._forward_pre_hooks
        assert not one._forward_pre_hooks_with_kwargs
    edit.undo()
    assert all(torch.equal(p, before[name]) for name, p in model.named_parameters())


def test_undone_before_the_first_call_nothing_is_left():
    model = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8))
    edit = LSUV.make(Patient(model), {})
    assert [type(hook) for hook in model._forward_pre_hooks.values()] == [OnFirstCall]
    edit.undo()
    assert not model._forward_pre_hooks
    assert not LSUV.suits(Patient(nn.Sequential(nn.ReLU())))


def test_the_pass_that_finds_the_scales_has_a_gradient_as_any_other():
    model = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1))
    lsuv_(model)
    model(torch.randn(16, 8)).sum().backward()
    assert all(p.grad is not None for p in model.parameters())
