"""Activations exchanged: what is put in, with which initial values, and how it is written."""

import math
import re
import sys
import textwrap

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from isograd.errors import UsageError
from isograd.facts.treatment import Position
from isograd.observation.replay import Call
from isograd.theory import critical_initialisation, find_activation
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
        self.first, self.last = nn.Linear(6, 6), nn.Linear(6, 6)
        self.blocks = nn.Sequential(*(Block(6) for _ in range(2)))
        self.out = nn.Sequential(nn.Linear(6, 1), nn.Sigmoid())

    def forward(self, x):
        x = (self.first(x)
             .sigmoid())
        for _ in range(1 if self.training else 2):
            x = self.blocks(x)
        x = F.relu(self.last(x), inplace=True)
        return self.out(x)
'''  # fmt: skip


def trained(net):
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        net(X).square().mean().backward()
        optimizer.step()
    net.eval()
    return [*(p.detach() for p in net.parameters()), net(X).detach()]


def module_of(text, name, folder, monkeypatch):
    (folder / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(str(folder))
    sys.modules.pop(name, None)
    return __import__(name)


def patched(text, swaps):
    """The source with calls exchanged, by plain cutting: what the patch does with more care."""
    lines = text.split("\n")
    starts = [sum(len(line) + 1 for line in lines[:number]) for number in range(len(lines))]
    for swap in sorted(swaps, key=lambda swap: (swap.position.line, swap.position.column), reverse=True):
        place = swap.position
        begin, end = starts[place.line - 1] + place.column, starts[place.end_line - 1] + place.end_column
        said = text[begin:end]
        inner = re.sub(r"\s*\.sigmoid\(\)$", "", said) if said.endswith(".sigmoid()") else said.partition("(")[2][:-1]
        kept = "" if swap.function.startswith("nn.") else inner.split(", inplace")[0]
        words = [*([kept] if kept else []), *(f"{name}={value}" for name, value in swap.keywords.items())]
        text = f"{text[:begin]}{swap.function}({', '.join(words)}){text[end:]}"
    return text


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_patched_source_trains_to_the_same_bits(name, known, tmp_path, monkeypatch):
    plain = module_of(textwrap.dedent(SOURCE), "untreated", tmp_path, monkeypatch)
    lines = SOURCE.split("\n")
    born = next(n for n, line in enumerate(lines, 1) if "nn.Sigmoid()" in line)
    column = lines[born - 1].index("nn.Sigmoid()")
    torch.manual_seed(0)
    net = plain.Net()
    position = Position(plain.__file__, born, column, born, column + len("nn.Sigmoid()"))
    births = {id(block.act): position for block in net.blocks} if known else {}
    patient = patient_of(net, births=births)
    remedy = BY_NAME[name]
    settings = remedy.choose(patient)
    code = remedy.code(patient, settings)
    remedy.make(patient, settings)
    injected = trained(net)

    other = module_of(patched(SOURCE, code.swaps), "treated", tmp_path, monkeypatch)
    torch.manual_seed(0)
    scope = {"model": other.Net()}
    exec("\n".join((*code.imports, code.beside_swaps.replace("{model}", "model"))), scope)
    found = trained(scope["model"])
    assert len(injected) == len(found)
    assert all(torch.equal(one, two) for one, two in zip(injected, found, strict=True))
    assert len(code.swaps) == (2 if name == "relu" else 3) - (not known)


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
