"""n_in and n_out against a count: what one output is a sum of, and what one input takes part in."""

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

from isograd.treatment.remedies.init.blocks import blocks_of, left_alone

LAYERS = [
    (nn.Linear(5, 7), (5,)),
    (nn.Conv1d(4, 6, 3), (4, 60)),
    (nn.Conv2d(4, 6, 3, groups=2), (4, 30, 30)),
    (nn.Conv2d(4, 8, (3, 5), stride=(1, 2), dilation=(2, 1)), (4, 40, 80)),
    (nn.Conv3d(2, 4, 3, groups=2), (2, 14, 14, 14)),
    (nn.ConvTranspose1d(4, 6, 4, stride=2), (4, 60)),
    (nn.ConvTranspose2d(4, 8, 4, stride=2, groups=2), (4, 30, 30)),
    (nn.ConvTranspose2d(3, 5, 3), (3, 30, 30)),
    (nn.Conv2d(4, 4, 3, groups=4), (4, 30, 30)),
]


@pytest.mark.parametrize(("layer", "shape"), LAYERS, ids=lambda item: str(item) if isinstance(item, nn.Module) else "")
def test_fans_are_what_counting_finds(layer, shape):
    with torch.no_grad():
        layer.weight.fill_(1.0)
        layer.bias.zero_()
    inputs = torch.ones(1, *shape, requires_grad=True)
    outputs = layer(inputs)
    (block,) = blocks_of(layer)
    assert inside(outputs) == pytest.approx(block.fan_in, rel=1e-5)
    (gradient,) = torch.autograd.grad(outputs.sum(), inputs)
    assert inside(gradient) == pytest.approx(block.fan_out, rel=1e-5)


def inside(tensor):
    """The mean away from the edges, over a whole number of strides."""
    for dim in range(2, tensor.ndim):
        cut = tensor.shape[dim] // 5
        tensor = tensor.narrow(dim, cut - cut % 2, 2 * (cut + 2))
    return tensor.detach().double().mean().item()


def test_bilinear_sums_over_both_inputs():
    (block,) = blocks_of(nn.Bilinear(3, 4, 5))
    assert (block.fan_in, block.fan_out) == (12, 20)


def test_gates_and_projections_are_layers_of_their_own():
    found = {b.attribute: (b.parts, b.fan_in, b.fan_out) for b in blocks_of(nn.LSTM(3, 8, 2, proj_size=5))}
    assert found == {
        "weight_ih_l0": (4, 3, 8),
        "weight_ih_l1": (4, 5, 8),
        "weight_hh_l0": (4, 5, 8),
        "weight_hh_l1": (4, 5, 8),
        "weight_hr_l0": (1, 8, 5),
        "weight_hr_l1": (1, 8, 5),
    }
    both = {b.attribute: b.fan_in for b in blocks_of(nn.GRU(3, 8, 2, bidirectional=True))}
    assert both["weight_ih_l1_reverse"] == 16
    assert [b.parts for b in blocks_of(nn.RNNCell(3, 4))] == [1, 1]
    assert [b.attribute for b in blocks_of(nn.MultiheadAttention(6, 2))] == ["in_proj_weight", "weight"]
    apart = [(b.attribute, b.fan_in) for b in blocks_of(nn.MultiheadAttention(6, 2, kdim=4, vdim=8))]
    assert apart == [("q_proj_weight", 6), ("k_proj_weight", 4), ("v_proj_weight", 8), ("weight", 6)]


def test_what_cannot_or_must_not_be_drawn_is_left_out():
    frozen = nn.Linear(2, 2).requires_grad_(False)
    model = nn.ModuleDict(
        {
            "embedding": nn.Embedding(4, 3),
            "head": nn.Linear(3, 4),
            "frozen": frozen,
            "lazy": nn.LazyLinear(3),
            "empty": nn.Linear(0, 3),
            "meta": nn.Linear(2, 2, device="meta"),
            "complex": nn.Linear(2, 2, dtype=torch.complex64),
            "norm": nn.LayerNorm(3),
            "plain": nn.Linear(3, 3),
        }
    )
    model["head"].weight = model["embedding"].weight
    assert [block.path for block in blocks_of(model)] == ["plain"]


def test_a_shared_weight_is_drawn_once():
    shared = nn.Linear(3, 3)
    tied = nn.Linear(3, 3)
    tied.weight = shared.weight
    assert [block.path for block in blocks_of(nn.Sequential(shared, nn.ReLU(), shared, tied))] == ["0"]


def test_weight_normalisation_can_be_turned_round_and_others_are_named():
    model = nn.Sequential(
        parametrizations.weight_norm(nn.Linear(3, 3)),
        parametrizations.orthogonal(nn.Linear(3, 3)),
        nn.Linear(3, 3),
    )
    assert [(block.path, block.computed) for block in blocks_of(model)] == [("0", True), ("2", False)]
    assert left_alone(model) == (("1.weight", "Orthogonal"),)
