"""Activations exchanged: what is put in, with which initial values, and how it is written."""

import gc
import importlib
import math
import sys

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from isograd.errors import UsageError
from isograd.observation.replay import Call
from isograd.theory import critical_initialisation, find_activation
from isograd.treatment.patch.patching import patch
from isograd.treatment.patch.seen.recorder import Recorder
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.activation import REMEDIES
from isograd.treatment.remedies.activation.by_hand import swap_activations

BY_NAME = {remedy.kind.name: remedy for remedy in REMEDIES}
FUNCTIONS = {
    "relu": torch.relu, "leaky-relu": F.leaky_relu, "elu": F.elu, "selu": F.selu, "gelu": F.gelu, "silu": F.silu,
    "prelu": lambda x: F.prelu(x, torch.tensor(0.25)), "tanh": torch.tanh,
}  # fmt: skip
X = torch.randn(16, 6, generator=torch.Generator().manual_seed(1))


class Net(nn.Module):
    """A gate, an output, a module used twice, calls in a loop and in place."""

    def __init__(self, act=torch.sigmoid):
        super().__init__()
        self.act, self.shared = act, nn.Sigmoid()
        self.layers = nn.ModuleList(nn.Linear(6, 6) for _ in range(5))
        self.gate, self.mix, self.out = nn.Linear(6, 6), nn.Linear(6, 6), nn.Linear(6, 2)

    def forward(self, x):
        for layer in self.layers[:2]:
            x = self.act(layer(x))
        x = self.shared(self.layers[3](self.shared(self.layers[2](x))))
        x = torch.sigmoid_(self.layers[4](x))
        return torch.sigmoid(self.out(self.mix(x) * torch.sigmoid(self.gate(x))))


def twin(net, phi):
    """The net with another hidden activation, written down again."""
    x = X
    for layer in net.layers:
        x = phi(layer(x))
    return torch.sigmoid(net.out(net.mix(x) * torch.sigmoid(net.gate(x))))


def patient_of(net, *arguments, births=None):
    return Patient(net, calls=(Call(arguments or (X,), {}),), births=births or {})


def made(name, seed=0):
    torch.manual_seed(seed)
    patient = patient_of(Net())
    remedy = BY_NAME[name]
    return patient.model, remedy.make(patient, remedy.choose(patient))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_hidden_activations_are_exchanged_and_gates_and_outputs_stay(name):
    net, edit = made(name)
    assert torch.equal(net(X), twin(net, FUNCTIONS[name]))
    assert len([change for change in edit.changes if change.before in ("sigmoid", "Sigmoid()")]) == 3
    edit.undo()
    assert torch.equal(net(X), twin(net, torch.sigmoid))
    assert type(net) is Net


@pytest.mark.parametrize("name", FUNCTIONS)
def test_initial_values_are_those_of_theory(name):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(512, 512), nn.Sigmoid(), nn.Linear(512, 2))
    kept = net[2].weight.clone()
    swap_activations(net, name, example=torch.randn(4, 512))
    critical = critical_initialisation(find_activation(name.replace("-", "_")), 1.0 if name == "elu" else None)
    wanted = {"selu": 1.0}.get(name, critical.sigma_w)
    assert float(net[0].weight.detach().std()) * math.sqrt(512) == pytest.approx(wanted, rel=0.01)
    assert float(net[0].bias.detach().std()) == pytest.approx(0.0 if name == "selu" else critical.sigma_b, abs=0.03)
    assert torch.equal(net[2].weight, kept), "the output layer keeps its values"


def test_values_that_suit_are_kept():
    net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
    nn.init.kaiming_normal_(net[0].weight)
    patient = patient_of(net, torch.randn(4, 64))
    assert BY_NAME["leaky-relu"].choose(patient) == {"init": "none"}
    assert BY_NAME["relu"].suits(patient) is False
    assert not BY_NAME["leaky-relu"].code(patient, {"init": "none"}).before_optimizer.count("init")


def test_a_place_of_mixed_roles_is_left_alone_and_named():
    class Loop(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList(nn.Linear(6, 6) for _ in range(3))

        def forward(self, x):
            for layer in self.layers:
                x = torch.sigmoid(layer(torch.tanh(x)))
            return x

    net = Loop()
    edit = BY_NAME["relu"].make(patient_of(net), {"init": "none"})
    left = "sigmoid, left as it is: some of its calls are hidden units and some are not"
    assert left in [change.after for change in edit.changes]
    assert torch.equal(net(X), Loop.forward(net, X)) is False, "the tanh before a layer is exchanged"


def test_a_second_exchange_lies_over_the_first_and_both_come_back():
    net, first = made("relu")
    second = BY_NAME["gelu"].make(patient_of(net), {"init": "none"})
    values = [change.after for change in second.changes]
    assert any("left as it is" in value for value in values), "GELU has no form that overwrites its input, but a result"
    second.undo()
    assert torch.equal(net(X), twin(net, torch.relu))
    first.undo()
    assert type(net) is Net


def test_prelu_brings_parameters_of_the_models_format():
    torch.manual_seed(0)
    net = Net().double()
    edit = BY_NAME["prelu"].make(patient_of(net, X.double()), {"init": "none"})
    new = {name: p for name, p in net.named_parameters() if "prelu" in name or "shared" in name}
    assert list(new) == ["shared.weight", "prelu.weight", "prelu2.weight"]
    assert {p.dtype for p in new.values()} == {torch.float64}
    net(X.double()).sum().backward()
    assert all(p.grad is not None and bool(p.grad.any()) for p in new.values())
    edit.undo()
    assert not [name for name, _ in net.named_parameters() if "prelu" in name]


@pytest.mark.parametrize("name", ["silu", "relu", "prelu"])
def test_the_fused_form_of_a_transformer_layer_follows(name):
    torch.manual_seed(0)
    net = nn.Sequential(nn.TransformerEncoderLayer(8, 2, 16, activation="gelu", batch_first=True), nn.Linear(8, 1))
    x = torch.randn(2, 3, 8)
    edit = swap_activations(net, name, example=x)
    net.eval()
    with torch.no_grad():
        fused = net(x)
    assert torch.allclose(fused, net(x), atol=1e-6)
    edit.undo()
    assert net[0].activation is F.gelu
    assert net[0].activation_relu_or_gelu == 2


def test_by_hand_without_an_example_the_last_module_stays():
    shared = nn.Tanh()
    net = nn.Sequential(nn.Linear(4, 4), shared, nn.Linear(4, 4), shared, nn.Linear(4, 4), nn.Tanh(), nn.Tanh())
    edit = swap_activations(net, "selu", initialise=False)
    assert [type(net[n]).__name__ for n in (1, 3, 5, 6)] == ["SELU", "SELU", "SELU", "Tanh"]
    assert net[1] is net[3]
    edit.undo()
    assert net[1] is net[3] is shared
    with pytest.raises(UsageError, match="no activation 'swish'"):
        swap_activations(net, "swish")


SOURCE = '''
import torch
from torch import nn
import torch.nn.functional as F

class Block(nn.Module):
    def __init__(this, width):
        super().__init__()
        this.fc, this.act = nn.Linear(width, width), nn.Sigmoid()

    def forward(this, x):
        return x + this.act(this.fc(x))

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.last, self.a, self.b = (nn.Linear(6, 6) for _ in range(4))
        self.blocks = nn.Sequential(*(Block(6) for _ in range(2)))
        self.out = nn.Sequential(nn.Linear(6, 1), nn.Sigmoid())

    def forward(self, x):
        x = (self.first(x)
             .sigmoid())
        for _ in range(1 if self.training else 2):
            x = self.blocks(x)
        h = self.a(x)
        h.sigmoid_()  # seen under its name only
        g = self.b(x)
        k = torch.sigmoid_(g)
        x = F.relu(self.last(h + g * 2 + k), inplace=True)
        return self.out(x)

def main(data, before=lambda net: None):
    torch.manual_seed(0)
    net = Net()
    before(net)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        net(data).square().mean().backward()
        optimizer.step()
    net.eval()
    return net, optimizer
'''  # fmt: skip


def module_of(text, name, folder, monkeypatch):
    (folder / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(str(folder))
    sys.modules.pop(name, None)
    importlib.invalidate_caches()
    return importlib.import_module(name)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_patched_source_trains_to_the_same_bits(name, known, tmp_path, monkeypatch):
    plain, remedy, said = module_of(SOURCE, "untreated", tmp_path, monkeypatch), BY_NAME[name], []
    with Recorder() as recorder:
        untreated, optimizer = plain.main(X)
        places = recorder.places(optimizer, untreated, script=plain.__file__)
        del untreated, optimizer
        gc.collect()

        def treat(net):
            patient = patient_of(net, births=recorder.births() if known else {})
            settings = remedy.choose(patient)
            said.append(remedy.code(patient, settings))
            remedy.make(patient, settings)

        injected, _ = plain.main(X, treat)
    made = patch(said, places, str(tmp_path))
    assert not made.left
    assert made.diff.count("+        this.fc, this.act") == known
    source = made.after[plain.__file__].decode()
    patched, _ = module_of(source, "treated", tmp_path, monkeypatch).main(X)
    assert list(dict(injected.named_parameters())) == list(dict(patched.named_parameters()))
    assert all(torch.equal(one, two) for one, two in zip(injected.parameters(), patched.parameters(), strict=True))
    assert torch.equal(injected(X), patched(X))


def test_positions_in_libraries_are_advice():
    class Wrapped(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.out = nn.Linear(6, 6), nn.Linear(6, 1)

        def forward(self, x):
            return self.out(torch.sigmoid(self.a(x)))

    patient = patient_of(Wrapped())
    from isograd.treatment.remedies.activation import source

    kept = source._LIBRARIES
    source._LIBRARIES = (__file__,)
    try:
        code = BY_NAME["relu"].code(patient, {"init": "none"})
    finally:
        source._LIBRARIES = kept
    assert not code.swaps
    assert "call torch.relu instead of sigmoid" in code.advice
