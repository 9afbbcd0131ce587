"""How modules are joined on one call, and what stands between a layer and its activation."""

import contextlib

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from isograd.errors import ObservationError
from isograd.observation.replay import Call
from isograd.treatment.layer_loops import loop_over
from isograd.treatment.patient import Patient
from isograd.treatment.wiring import wire


def wired(model, *args):
    return wire(Patient(model, calls=(Call(args, {}),)))


class Caught(nn.Module):
    """A part that fails, and is done without."""

    def __init__(self):
        super().__init__()
        self.first, self.fails, self.last = nn.Linear(4, 4), nn.Linear(3, 3), nn.Linear(4, 2)

    def forward(self, x):
        x = torch.relu(self.first(x))
        with contextlib.suppress(RuntimeError):
            x = self.fails(x)
        return self.last(x)


def test_a_call_that_failed_and_was_caught_leaves_the_others_in_order():
    assert [call.path for call in wired(Caught(), torch.ones(2, 4)).calls] == ["first", "last", ""]


def test_nothing_is_left_on_the_model_and_nothing_of_it_changes():
    model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.ReLU(), nn.Linear(4, 2))
    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    random = torch.get_rng_state()
    wired(model, torch.randn(8, 4, generator=torch.Generator().manual_seed(1)))
    assert torch.equal(random, torch.get_rng_state())
    assert all(torch.equal(tensor, state[name]) for name, tensor in model.state_dict().items())
    assert all(not module._forward_hooks and not module._forward_pre_hooks for module in model.modules())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_checkpointed_regions_are_told_apart():
    class Regions(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList(nn.Linear(4, 4) for _ in range(3))

        def forward(self, x):
            x = self.layers[0](x)
            x = checkpoint(lambda y: self.layers[1](torch.tanh(y)), x, use_reentrant=False)
            return checkpoint(lambda y: self.layers[2](torch.tanh(y)), x, use_reentrant=False)

    regions = {call.path: call.region for call in wired(Regions(), torch.ones(2, 4)).calls}
    assert regions["layers.0"] == 0
    assert len(set(regions.values())) == 3
    assert torch.autograd.graph.saved_tensors_hooks.__enter__.__module__ == "torch.autograd.graph"


def test_without_a_call_nothing_is_known_and_a_detached_output_is_said():
    model = nn.Linear(2, 2)
    assert wire(Patient(model)) is None

    class Detached(nn.Linear):
        def forward(self, x):
            return super().forward(x).detach()

    with pytest.raises((ObservationError, RuntimeError)):
        wired(Detached(2, 2), torch.ones(1, 2))


def test_a_compiled_model_is_read_without_compiling():
    model = nn.Sequential(nn.Linear(4, 4), nn.Sigmoid(), nn.Linear(4, 2))
    compiled = torch.compile(model, backend="eager")
    assert list(wired(compiled, torch.ones(2, 4)).hidden.values()) == ["sigmoid"]


class Images(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2, self.head = nn.Conv2d(1, 4, 3), nn.Conv2d(4, 4, 3), nn.Linear(4, 3)

    def forward(self, x):
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        return self.head(F.gelu(self.conv2(x)).mean((2, 3)))


def test_loops_are_short_where_the_layers_are_regular_and_right_where_not():
    net = nn.ModuleDict({"a": nn.ModuleList(nn.Sequential(nn.Linear(2, 2), nn.ReLU()) for _ in range(4)),
                         "b": nn.Linear(2, 2)})  # fmt: skip
    cases = (["a.0.0", "a.1.0", "a.2.0", "a.3.0"], ["a.1.0", "a.2.0", "a.3.0"], ["a.3.0", "b"], ["a.0", "a.1", "a.2"])
    heads = (
        "for layer in [m for",
        "for number in range(1, 4):",
        'for path in ["a.3.0", "b"]:',
        "for number in range(3)",
    )
    for paths, head in zip(cases, heads, strict=True):
        lines = loop_over(net, paths, ["found.append(layer)"])
        assert lines.startswith(head)
        found = []
        exec(lines.replace("{model}", "net"), {"net": net, "nn": nn, "found": found})
        assert [id(module) for module in found] == [id(net.get_submodule(path)) for path in paths]
