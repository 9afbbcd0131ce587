"""Every gradient size equals that of an independent autograd computation in float64."""

import math

import numpy as np
import pytest
import torch
from sinks import watched
from torch import nn
from torch.nn import functional as F

from isograd.facts import QUANTITIES
from isograd.observation.ledger import COLUMNS

LEDGER = [QUANTITIES.index(name) for name in COLUMNS]
RHO = QUANTITIES.index("rho")


def step_once(model, loss_of):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    loss_of(model).backward()
    optimizer.step()


def twin(model, loss_of, kinds=(nn.Linear, nn.Conv1d, nn.Conv2d)):
    """log10 ||dL/d(output)|| of every layer, by a hook on its output tensor before anything changes it in place."""
    gradients = {}

    def listen(name):
        def on_forward(_module, _inputs, output):
            output.register_hook(lambda gradient: gradients.__setitem__(name, gradient.double().norm()))

        return on_forward

    layers = [(name, module) for name, module in model.named_modules() if isinstance(module, kinds)]
    handles = [module.register_forward_hook(listen(name)) for name, module in layers]
    loss_of(model).backward()
    for handle in handles:
        handle.remove()
    return {name: math.log10(float(gradients[name])) for name, _ in layers}


class Functional(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(12, 20), nn.Linear(20, 20), nn.Linear(20, 4)

    def forward(self, x):
        return self.fc3(torch.tanh(self.fc2(F.dropout(F.relu(self.fc1(x)), 0.2, self.training))))


class Block(nn.Module):
    def __init__(self, width, norm):
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        self.norm = nn.BatchNorm2d(width) if norm else nn.Identity()

    def forward(self, x):
        return F.relu_(x + self.conv2(torch.relu_(self.norm(self.conv1(x)))))


def sigmoid_mlp():
    layers = [layer for _ in range(6) for layer in (nn.Linear(12, 12), nn.Sigmoid())]
    return nn.Sequential(*layers, nn.Linear(12, 4))


def in_place_cnn():
    return nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(inplace=True), nn.MaxPool2d(2), nn.Conv2d(8, 8, 3),
        nn.ReLU(inplace=True), nn.Flatten(), nn.LazyLinear(4),
    )  # fmt: skip


def residual_net():
    return nn.Sequential(
        nn.Conv2d(3, 6, 3), Block(6, True), Block(6, False), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 4)
    )


class SharedTwice(nn.Module):
    """A layer used twice in one pass: its gradient size is that of both calls together."""

    def __init__(self):
        super().__init__()
        self.shared, self.out = nn.Linear(12, 12), nn.Linear(12, 4)

    def forward(self, x):
        return self.out(torch.tanh(self.shared(torch.tanh(self.shared(x)))))


CASES = {
    "sigmoid": (sigmoid_mlp, (16, 12)),
    "functional": (Functional, (16, 12)),
    "cnn": (in_place_cnn, (8, 3, 12, 12)),
    "residual": (residual_net, (8, 3, 8, 8)),
}


@pytest.fixture(params=CASES)
def case(request):
    build, shape = CASES[request.param]
    torch.manual_seed(3)
    model = build().double()
    data = torch.randn(shape, dtype=torch.float64)
    target = torch.randint(0, 4, shape[:1])
    model(data)
    state = {name: value.clone() for name, value in model.state_dict().items()}

    def loss_of(model):
        model.load_state_dict(state)
        torch.manual_seed(5)
        return F.cross_entropy(model(data), target)

    return model, loss_of


def test_output_gradients_equal_the_twin(case):
    model, loss_of = case
    expected = twin(model, loss_of)
    sink = watched(lambda: step_once(model, loss_of))
    for name, size in expected.items():
        assert sink.value("gradient_log10", name) == pytest.approx(size, abs=1e-5), name


def test_ledger_adds_up_to_rho_on_the_chain(case):
    model, loss_of = case
    sink = watched(lambda: step_once(model, loss_of))
    values = sink.readings[0][2]
    chained = np.isfinite(values[:, RHO])
    assert chained.sum() >= 2
    np.testing.assert_allclose(values[chained][:, LEDGER].sum(axis=1), values[chained][:, RHO], atol=1e-5)


def test_gain_is_from_last_layer_to_first(case):
    model, loss_of = case
    sizes = list(twin(model, loss_of).values())
    sink = watched(lambda: step_once(model, loss_of))
    assert sink.steps[0][1].gain == pytest.approx(sizes[0] - sizes[-1], abs=1e-5)


def test_sigmoid_slope_is_a_quarter_each_layer():
    torch.manual_seed(0)
    model = sigmoid_mlp()
    sink = watched(lambda: step_once(model, lambda m: F.cross_entropy(m(torch.randn(16, 12)), torch.zeros(16).long())))
    slopes = [sink.value("slope", name) for name in sink.names()[1:]]
    assert slopes == pytest.approx([math.log10(0.25)] * 6)


def test_a_layer_called_twice_counts_both_calls():
    torch.manual_seed(0)
    model = SharedTwice().double()
    data = torch.randn(8, 12, dtype=torch.float64)
    outputs = []
    handle = model.shared.register_forward_hook(lambda _m, _i, out: outputs.append(out) or out.retain_grad())
    F.cross_entropy(model(data), torch.zeros(8).long()).backward()
    handle.remove()
    both = math.log10(math.hypot(*(float(out.grad.norm()) for out in outputs)))
    sink = watched(lambda: step_once(model, lambda m: F.cross_entropy(m(data), torch.zeros(8).long())))
    assert sink.value("gradient_log10", "shared") == pytest.approx(both, abs=1e-5)


def test_gradients_far_below_float32_squares_are_not_zero():
    model = nn.Sequential(*[nn.Linear(8, 8, bias=False) for _ in range(12)])
    with torch.no_grad():
        for layer in model:
            layer.weight.copy_(1e-3 * torch.eye(8))
    data = torch.ones(4, 8)
    sink = watched(lambda: step_once(model, lambda m: m(data).sum()))
    assert sink.value("gradient_log10", "0") == pytest.approx(math.log10(math.sqrt(32)) - 33, abs=1e-4)
    assert sink.steps[0][1].gain == pytest.approx(-33.0, abs=1e-4)
