"""What is drawn, against the papers' definitions: variances by layer and fan, rotations, biases."""

import math

import pytest
import torch
from torch import nn

from isograd.errors import UsageError
from isograd.theory import ACTIVATIONS, critical_initialisation
from isograd.treatment.remedies.init import critical_, he_, lecun_, orthogonal_, xavier_
from isograd.treatment.remedies.init.scales import critical_scale

WIDE = [
    (lambda: nn.Linear(300, 200), 300, 200),
    (lambda: nn.Conv2d(32, 64, 3), 32 * 9, 64 * 9),
    (lambda: nn.Conv2d(64, 64, 3, groups=4, stride=2), 16 * 9, 16 * 9 / 4),
    (lambda: nn.ConvTranspose2d(64, 64, 4, stride=2), 64 * 4, 64 * 16),
    (lambda: nn.Bilinear(20, 30, 40), 600, 1200),
]


def variance(tensor):
    return tensor.detach().double().var(unbiased=False).item()


def hidden(layer, activation=None):
    return nn.ModuleList([layer, activation or nn.ReLU(), nn.Linear(1, 1)])


@pytest.mark.parametrize(("make", "fan_in", "fan_out"), WIDE)
def test_variances(make, fan_in, fan_out):
    torch.manual_seed(0)
    layer = make()
    model = hidden(layer)
    he_(model)
    assert variance(layer.weight) == pytest.approx(2 / fan_in, rel=0.05)
    he_(model, mode="fan_out")
    assert variance(layer.weight) == pytest.approx(2 / fan_out, rel=0.05)
    he_(model, nonlinearity="leaky_relu", negative_slope=0.5)
    assert variance(layer.weight) == pytest.approx(2 / (1.25 * fan_in), rel=0.05)
    lecun_(model)
    assert variance(layer.weight) == pytest.approx(1 / fan_in, rel=0.05)
    for distribution in ("uniform", "normal"):
        xavier_(model, gain=1.5, distribution=distribution)
        assert variance(layer.weight) == pytest.approx(2.25 * 2 / (fan_in + fan_out), rel=0.05)
    xavier_(model)
    bound = math.sqrt(6 / (fan_in + fan_out))
    assert layer.weight.abs().max().item() == pytest.approx(bound, rel=0.01)
    assert layer.weight.abs().max().item() <= bound
    assert not layer.bias.any()


def test_q_k_and_v_are_drawn_apart():
    attention = nn.MultiheadAttention(64, 4)
    xavier_(nn.ModuleList([attention, nn.Linear(64, 64)]))
    for part in attention.in_proj_weight.chunk(3):
        assert variance(part) == pytest.approx(2 / 128, rel=0.1)
        assert part.abs().max().item() > 0.99 * math.sqrt(6 / 128)


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_gates_are_drawn_apart(kind):
    layer = kind(48, 64, 2, bidirectional=True)
    biases = {name: p.clone() for name, p in layer.named_parameters() if "bias" in name}
    xavier_(layer)
    gates = {nn.LSTM: 4, nn.GRU: 3, nn.RNN: 1}[kind]
    for part in layer.weight_ih_l0_reverse.chunk(gates):
        assert variance(part) == pytest.approx(2 / (48 + 64), rel=0.1)
    for part in layer.weight_hh_l1.chunk(gates):
        assert torch.allclose(part @ part.T, torch.eye(64), atol=1e-5)
    assert all(torch.equal(p, layer.get_parameter(name)) for name, p in biases.items()), "forget biases are not ours"


@pytest.mark.parametrize(
    ("layer", "gain"),
    [(nn.Linear(20, 30), 2**0.5), (nn.Conv2d(8, 16, 3), 2**0.5), (nn.ConvTranspose2d(16, 4, 2), 2**0.5)],
)
def test_all_singular_values_are_the_gain(layer, gain):
    orthogonal_(hidden(layer))
    values = torch.linalg.svdvals(layer.weight.detach().flatten(1))
    assert torch.allclose(values, torch.full_like(values, gain), atol=1e-5)


def test_groups_are_rotations_of_their_own():
    layer = nn.Conv1d(8, 8, 3, groups=2)
    orthogonal_(hidden(layer), gain=1.0)
    for part in layer.weight.detach().flatten(1).chunk(2):
        assert torch.allclose(part @ part.T, torch.eye(4), atol=1e-6)


@pytest.mark.parametrize("format_", [torch.float16, torch.bfloat16, torch.float64])
def test_rotations_in_other_formats(format_):
    layer = nn.Linear(16, 16, dtype=format_)
    orthogonal_(hidden(layer, nn.Tanh()))
    assert layer.weight.dtype == format_
    assert torch.allclose(layer.weight.double() @ layer.weight.double().T, torch.eye(16).double(), atol=0.02)


@pytest.mark.parametrize(
    ("activation", "name"),
    [(nn.GELU(), "gelu"), (nn.SiLU(), "silu"), (nn.Mish(), "mish"), (nn.ELU(), "elu"), (nn.Sigmoid(), "sigmoid")],
)
def test_critical_values_keep_the_gradient_over_many_layers(activation, name):
    torch.manual_seed(0)
    sigma_w, sigma_b = critical_scale(ACTIVATIONS[name])
    model = nn.Sequential(*(part for _ in range(15) for part in (nn.Linear(256, 256), activation)), nn.Linear(256, 1))
    inputs = torch.randn(64, 256)
    critical_(model, inputs)
    weights = torch.cat([layer.weight.flatten() for layer in model if isinstance(layer, nn.Linear)][:-1])
    assert 256 * variance(weights) == pytest.approx(sigma_w**2, rel=0.01)
    if sigma_b:
        biases = torch.cat([layer.bias for layer in model if isinstance(layer, nn.Linear)][:-1])
        assert variance(biases) == pytest.approx(sigma_b**2, rel=0.1)
    at_rest = critical_initialisation(ACTIVATIONS[name], 1.0 if name == "elu" else None).q
    first = (at_rest**0.5 * torch.randn(64, 256)).requires_grad_()
    last = model[2:27](activation(first))
    sent = torch.randn_like(last)
    (come,) = torch.autograd.grad((last * sent).sum(), first)
    assert abs(math.log10(come.norm() / sent.norm())) < 0.3


def test_selu_is_known_from_the_graph_and_gets_lecun():
    model = nn.Sequential(nn.Linear(256, 256), nn.SELU(), nn.Linear(256, 256), nn.SELU(), nn.Linear(256, 2))
    he_(model, torch.randn(8, 256))
    assert 256 * variance(model[2].weight) == pytest.approx(1.0, rel=0.03)
    assert not model[2].bias.any()


def test_each_layer_gets_the_variance_of_the_activation_that_follows_it():
    class Mixed(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList(nn.Linear(256, 256) for _ in range(4))

        def forward(self, inputs):
            hidden = self.layers[0](inputs).relu()
            hidden = nn.functional.leaky_relu(self.layers[1](hidden), 0.5)
            return self.layers[3](hidden + torch.tanh(self.layers[2](hidden)))

    torch.manual_seed(0)
    model = Mixed()
    before = model.layers[3].weight.clone()
    he_(model, torch.randn(8, 256))
    found = [256 * variance(layer.weight) for layer in model.layers[:3]]
    assert found == pytest.approx([2.0, 1.6, 1.0], rel=0.03)
    assert torch.equal(before, model.layers[3].weight)


@pytest.mark.parametrize(("factor", "drawn"), [(1.0, False), (0.0, False), (0.02, True), (30.0, True)])
def test_an_output_layer_is_drawn_only_where_it_is_far_off(factor, drawn):
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64))
    model[2].weight.data.mul_(factor)
    before = model[2].weight.clone()
    he_(model)
    assert torch.equal(before, model[2].weight) != drawn
    if drawn:
        assert 64 * variance(model[2].weight) == pytest.approx(1.0, rel=0.1)


def test_a_network_of_zeros_is_drawn_whole():
    model = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8))
    for parameter in model.parameters():
        nn.init.zeros_(parameter)
    he_(model)
    assert bool(model[0].weight.any())
    assert bool(model[2].weight.any())


def test_biases_can_be_kept_and_unknown_names_are_refused():
    model = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8))
    before = model[0].bias.clone()
    for initialise in (he_, xavier_, lecun_, orthogonal_):
        initialise(model, biases="keep")
    assert torch.equal(before, model[0].bias)
    with pytest.raises(UsageError, match=r"nonlinearity must be one of .*; got 'swash'"):
        he_(model, nonlinearity="swash")
    with pytest.raises(UsageError, match="biases must be"):
        he_(model, biases="none")
