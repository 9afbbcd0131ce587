"""Each clipper against torch or the paper's formula in float64, and what they do where float32 ends."""

import copy
import math
import pickle

import numpy as np
import pytest
import torch
from torch import nn

from isograd.treatment.remedies.clip import AdaptiveClip, AutoClip, ClipNorm, ClipValue, ZClip

SHAPES = ((5, 3), (5,), (2, 3, 4), ())


def parameters(scale=1.0, seed=0, dtype=torch.float32):
    generator = torch.Generator().manual_seed(seed)
    made = [nn.Parameter(torch.randn(shape, generator=generator).to(dtype)) for shape in SHAPES]
    for parameter in made:
        parameter.grad = (scale * torch.randn(parameter.shape, generator=generator, dtype=torch.float64)).to(dtype)
    return made


def gradients(made):
    return [p.grad.detach().double().clone() for p in made]


def norm(found):
    return math.sqrt(sum(float(g.square().sum()) for g in found))


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_by_norm_it_is_torchs_to_the_bit(scale, dtype):
    ours, theirs = parameters(scale, dtype=dtype), parameters(scale, dtype=dtype)
    before = float(torch.nn.utils.clip_grad_norm_(theirs, 1.0))
    clip = ClipNorm(ours, 1.0)
    assert clip.clip_() == before
    assert all(torch.equal(a.grad, b.grad) for a, b in zip(ours, theirs, strict=True))
    assert clip.bound == (before > 1.0)


@pytest.mark.parametrize("scale", [1e22, 1e30, 1e36])
def test_by_norm_where_torchs_norm_is_infinite(scale):
    made = parameters(scale)
    before = gradients(made)
    assert ClipNorm(made, 2.0).clip_() == pytest.approx(norm(before), rel=1e-5)
    for found, true in zip(gradients(made), before, strict=True):
        assert torch.allclose(found, true * 2.0 / norm(before), rtol=1e-4, atol=0)


@pytest.mark.parametrize("scale", [1e-25, 1e-32])
def test_by_norm_where_torchs_norm_is_zero(scale):
    made = parameters(scale)
    before = gradients(made)
    limit = norm(before) / 10
    assert ClipNorm(made, limit).clip_() == pytest.approx(norm(before), rel=1e-5)
    for found, true in zip(gradients(made), before, strict=True):
        assert torch.allclose(found, true / 10, rtol=1e-4, atol=1e-44)


def test_half_gradients_whose_squares_overflow():
    made = [nn.Parameter(torch.ones(4, dtype=torch.float16)), nn.Parameter(torch.ones(4))]
    made[0].grad = torch.full((4,), 30000.0, dtype=torch.float16)
    made[1].grad = torch.full((4,), 40000.0)
    assert ClipNorm(made, 1.0).clip_() == pytest.approx(100000.0)
    assert made[0].grad.tolist() == pytest.approx([0.3] * 4, rel=1e-3)
    assert made[1].grad.tolist() == pytest.approx([0.4] * 4, rel=1e-3)


def sparse_pair():
    """The same uncoalesced gradient, sparse and dense."""
    table, dense = (nn.Embedding(6, 3, sparse=s) for s in (True, False))
    dense.load_state_dict(table.state_dict())
    for embedding in (table, dense):
        (embedding(torch.tensor([0, 0, 4])) * torch.tensor([1.0, 2.0, 3.0])).sum().backward()
    return table.weight, dense.weight


@pytest.mark.parametrize(
    "kind",
    [
        lambda p: ClipNorm(p, 1.0),
        lambda p: ClipValue(p, 2.5),
        AdaptiveClip,
        lambda p: AutoClip(p, 10.0),
        lambda p: ZClip(p, max_norm=1.0),
    ],
    ids=["norm", "value", "adaptive", "auto", "zscore"],
)
def test_sparse_gradients_are_clipped_as_dense_ones(kind):
    sparse, dense = sparse_pair()
    ours, theirs = kind([sparse]), kind([dense])
    for _ in range(2):
        assert ours.clip_() == pytest.approx(theirs.clip_(), rel=1e-6)
        assert sparse.grad.is_sparse
        assert torch.allclose(sparse.grad.to_dense(), dense.grad, rtol=1e-5)
    assert ours.bound == theirs.bound


def test_by_value_it_is_torchs_to_the_bit():
    ours, theirs = parameters(), parameters()
    torch.nn.utils.clip_grad_value_(theirs, 0.5)
    clip = ClipValue(ours, 0.5)
    assert clip.clip_() == pytest.approx(norm(gradients(parameters())), rel=1e-6)
    assert all(torch.equal(a.grad, b.grad) for a, b in zip(ours, theirs, strict=True))
    assert clip.bound == 1
    clip.clip_()
    assert clip.bound_share == 0.5


def test_complex_gradients():
    made = [nn.Parameter(torch.ones(2, dtype=torch.complex64))]
    made[0].grad = torch.tensor([3 + 4j, 0])
    assert ClipNorm(made, 1.0).clip_() == pytest.approx(5.0)
    assert made[0].grad[0].item() == pytest.approx(0.6 + 0.8j, rel=1e-5)
    made[0].grad = torch.tensor([3 + 0.4j, 0])
    ClipValue(made, 1.0).clip_()
    assert made[0].grad[0].item() == pytest.approx(1 + 0.4j)


def slow_adaptive(weight, gradient, unit, clipping=0.01, eps=1e-3):
    """Equation 3 of Brock and others in float64, unit by unit."""
    weight, gradient = weight.detach().double(), gradient.double().clone()
    if weight.ndim < 2:
        limit = clipping * max(float(weight.norm()), eps)
        return gradient * min(1.0, limit / float(gradient.norm()))
    for index in range(weight.shape[unit]):
        row = gradient.select(unit, index)
        limit = clipping * max(float(weight.select(unit, index).norm()), eps)
        row *= min(1.0, limit / float(row.norm()))
    return gradient


@pytest.mark.parametrize("scale", [1e-7, 1.0, 1e25])
def test_adaptive_is_the_papers_formula(scale):
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv1d(2, 4, 3), nn.ConvTranspose1d(4, 3, 2), nn.Linear(3, 5), nn.LSTM(5, 4), nn.Linear(4, 2)
    )
    with torch.no_grad():
        model[2].weight[1] = 0.0  # a unit that begins at zero
    for parameter in model.parameters():
        parameter.grad = scale * torch.randn_like(parameter)
    expected = {
        name: p.grad.double() if name.startswith("4.") else slow_adaptive(p, p.grad, int(name == "1.weight"))
        for name, p in model.named_parameters()
    }
    clip = AdaptiveClip.of(model)
    clip.clip_()
    for name, parameter in model.named_parameters():
        assert torch.allclose(parameter.grad.double(), expected[name], rtol=1e-5, atol=0), name
    assert clip.bound_share == float(scale > 1e-3)


def test_adaptive_leaves_out_the_last_layer_only_if_it_is_linear():
    def held(model):
        for parameter in model.parameters():
            parameter.grad = torch.ones_like(parameter)
        AdaptiveClip.of(model).clip_()
        return {name for name, p in model.named_parameters() if not torch.equal(p.grad, torch.ones_like(p))}

    assert held(nn.Sequential(nn.Linear(2, 2), nn.Conv1d(2, 1, 1))) == {"0.weight", "0.bias", "1.weight", "1.bias"}
    assert held(nn.Sequential(nn.Conv1d(2, 2, 1), nn.Linear(2, 1), nn.LayerNorm(1))) == {
        "0.weight", "0.bias", "2.weight", "2.bias",
    }  # fmt: skip
    named = nn.Sequential(nn.Linear(2, 2), nn.utils.parametrizations.weight_norm(nn.Linear(2, 1)))
    assert held(named) == {"0.weight", "0.bias"}
    tied = nn.Sequential(nn.Embedding(3, 2), nn.Linear(2, 3, bias=False))
    tied[1].weight = tied[0].weight
    assert held(tied) == {"0.weight"}
    assert held(nn.Sequential(nn.Linear(2, 1))) == {"0.weight", "0.bias"}, "all there is"


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda thing: pickle.loads(pickle.dumps(thing))])
def test_adaptive_copies_know_their_units(copied):
    model = nn.Sequential(nn.ConvTranspose1d(4, 3, 2), nn.Linear(3, 1))
    clip = AdaptiveClip.of(model)
    twin = copied(clip)
    torch.manual_seed(0)
    for parameter, own in zip(clip._parameters, twin._parameters, strict=True):
        parameter.grad = torch.randn_like(parameter)
        own.grad = parameter.grad.clone()
    clip.clip_()
    twin.clip_()
    assert all(torch.equal(p.grad, own.grad) for p, own in zip(clip._parameters, twin._parameters, strict=True))


def test_adaptive_leaves_a_step_out_whose_last_layer_alone_is_not_finite():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    model[1].bias.grad[0] = math.nan
    AdaptiveClip.of(model).clip_()
    assert all(p.grad is None for p in model.parameters())


def test_auto_is_the_percentile_of_all_norms_so_far():
    weight, rng = nn.Parameter(torch.zeros(3)), np.random.default_rng(0)
    clip, norms = AutoClip([weight], percentile=30.0), []
    for size in np.exp(2 * rng.standard_normal(60)):
        gradient = rng.standard_normal(3) * size
        weight.grad = torch.tensor(gradient, dtype=torch.float64).float()
        true = weight.grad.double().numpy()
        norms.append(float(np.linalg.norm(true)))
        clip.clip_()
        expected = true * min(1.0, np.percentile(norms, 30.0) / norms[-1])
        np.testing.assert_allclose(weight.grad.numpy(), expected, rtol=1e-5)
    assert 0.5 < clip.bound_share < 0.9
    assert clip.norms == pytest.approx(sorted(norms), rel=1e-6)


def slow_zclip(norms, alpha=0.97, z_thresh=2.5, warmup=25):
    """The authors' code, on norms alone: what each is clipped to."""
    buffer, mean, variance, out = [], None, None, []
    for n in norms:
        if mean is None:
            buffer.append(n)
            out.append(n)
            if len(buffer) == warmup:
                mean, variance = float(np.mean(buffer)), float(np.var(buffer))
            continue
        z = (n - mean) / (variance**0.5 + 1e-6)
        n = mean + z_thresh * variance**0.5 / (z / z_thresh) if z > z_thresh else n
        out.append(n)
        mean = alpha * mean + (1 - alpha) * n
        variance = alpha * variance + (1 - alpha) * (n - mean) ** 2
    return out


@pytest.mark.parametrize("unit", [1.0, 1e-9])
def test_zscore_is_the_authors_code_whatever_the_unit(unit):
    rng = np.random.default_rng(1)
    norms = 3 + 0.3 * rng.standard_normal(200)
    norms[[10, 60, 61, 150]] *= (1.5, 30, 30, 4)
    weight, found = nn.Parameter(torch.zeros(1, dtype=torch.float64)), []
    clip = ZClip([weight])
    for n in norms:
        weight.grad = torch.tensor([n * unit], dtype=torch.float64)
        assert clip.clip_() == pytest.approx(n * unit)
        found.append(weight.grad.item() / unit)
    np.testing.assert_allclose(found, slow_zclip(norms), rtol=1e-5)
    assert clip.bound_share == pytest.approx(np.mean(np.array(found) < norms * (1 - 1e-7)))


ALL = {
    "norm": lambda p: ClipNorm(p, 1.0),
    "value": lambda p: ClipValue(p, 0.5),
    "adaptive": AdaptiveClip,
    "auto": AutoClip,
    "zscore": lambda p: ZClip(p, warmup=3),
}


@pytest.fixture(params=ALL, ids=list(ALL))
def kind(request):
    return ALL[request.param]


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_step_that_is_not_finite_is_left_out_and_not_remembered(kind, bad):
    weight, twin = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2))
    ours, theirs = kind([weight]), kind([twin])
    for step in range(12):
        if step % 3 == 2:
            weight.grad = torch.tensor([1.0, bad])
            assert not math.isfinite(ours.clip_())
            assert weight.grad is None
        gradient = torch.tensor([step + 1.0, -3.0])
        weight.grad, twin.grad = gradient.clone(), gradient.clone()
        ours.clip_()
        theirs.clip_()
        assert torch.equal(weight.grad, twin.grad)
    assert ours.left_out == 4
    assert ours.bound == theirs.bound


def test_state_goes_on_where_it_was(kind):
    weight = nn.Parameter(torch.ones(2))
    clip = kind([weight])

    def step(clipper, size):
        weight.grad = torch.tensor([size, 1.0])
        clipper.clip_()
        return weight.grad.clone()

    for size in (1.0, 2.0, 0.5, 3.0, 8.0):
        step(clip, size)
    pickled, copied, loaded = pickle.loads(pickle.dumps(clip)), copy.deepcopy(clip), kind([weight])
    loaded.load_state_dict(pickle.loads(pickle.dumps(clip.state_dict())))
    expected = step(clip, 30.0)
    assert torch.equal(step(loaded, 30.0), expected)
    for twin in (pickled, copied):
        own = twin._parameters[0]
        own.grad = torch.tensor([30.0, 1.0])
        twin.clip_()
        assert torch.equal(own.grad, expected)
    assert loaded.state_dict() == clip.state_dict()


def test_nothing_to_clip(kind):
    clip = kind([nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(0))])
    assert clip.clip_() == 0.0
    assert clip.steps == 0
    clip._parameters[1].grad = torch.ones(0)
    clip._parameters[0].grad = torch.zeros(2)
    assert clip.clip_() == 0.0
    assert clip._parameters[0].grad.tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    "make",
    [
        lambda: ClipNorm([], 0.0),
        lambda: ClipValue([], -1.0),
        lambda: AdaptiveClip([], 0.0),
        lambda: AutoClip([], 101.0),
        lambda: ZClip([], warmup=1),
    ],
)
def test_numbers_out_of_range_are_said(make):
    with pytest.raises(ValueError, match=r"must be .*Got"):
        make()
