"""Stable forms: equal where the plain form is finite, finite where it is not, gone when undone."""

import gc

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode, _get_current_function_mode_stack
from torch.utils.checkpoint import checkpoint

from isograd.treatment.patient import Patient
from isograd.treatment.remedies.loss import REMEDIES
from isograd.treatment.remedies.loss.stable import stable_losses
from isograd.treatment.trial.hearing import loss_functions

REMEDY = REMEDIES[0]
Y = torch.tensor([0, 2, 1])
HOT = F.one_hot(Y, 3).float()
BITS = torch.tensor([[1.0, 0.0, 1.0], [0.0, 0.0, 1.0], [1.0, 1.0, 0.0]])


def hand_softmax(x):
    powers = torch.exp(x)
    return powers / powers.sum(1, keepdim=True)


LOSSES = {
    "log of softmax": lambda x: -(HOT * torch.log(torch.softmax(x, 1))).sum(),
    "method": lambda x: -(HOT * x.softmax(dim=-1).log()).sum(),
    "nll of log": lambda x: F.nll_loss(torch.log(F.softmax(x, dim=1)), Y),
    "module": lambda x: nn.NLLLoss()(torch.log(nn.Softmax(1)(x)), Y),
    "picked": lambda x: -torch.softmax(x, 1)[torch.arange(3), Y].log().mean(),
    "gathered": lambda x: -torch.softmax(x, 1).gather(1, Y[:, None]).squeeze(1).log().mean(),
    "masked sum": lambda x: -(torch.softmax(x, 1)[:, :2]).sum(1).log().mean(),
    "by hand": lambda x: -(HOT * hand_softmax(x).log()).sum(),
    "log of sigmoid": lambda x: -(BITS * torch.log(torch.sigmoid(x))).sum(),
    "bce by hand": lambda x: -(BITS * x.sigmoid().log() + (1 - BITS) * (1 - x.sigmoid()).log()).mean(),
    "bce": lambda x: F.binary_cross_entropy(torch.sigmoid(x), BITS.to(x.dtype)),
    "bce module": lambda x: nn.BCELoss(reduction="sum")(nn.Sigmoid()(x), BITS.to(x.dtype)),
    "kl": lambda x: F.kl_div(torch.softmax(x, 1).log(), HOT, reduction="batchmean"),
    "logsumexp by hand": lambda x: torch.log(torch.exp(x).sum(1)).mean(),
    "entropy": lambda x: (torch.softmax(x, 1) * torch.softmax(x, 1).log()).sum(),
    "perplexity in double": lambda x: -(HOT * torch.softmax(x, 1).double().log()).sum(),
}
SMALL = torch.tensor([[0.3, -1.2, 2.0], [1.0, 0.0, -0.5], [-2.0, 0.7, 0.1]])
LARGE = SMALL * 300


def value_and_gradient(loss, x):
    x = x.clone().requires_grad_()
    value = loss(x)
    value.backward()
    return value.detach(), x.grad


@pytest.fixture
def model():
    model = nn.Identity()
    yield model
    del model
    gc.collect()


@pytest.mark.parametrize("name", LOSSES)
def test_equal_where_the_plain_form_is_finite_and_finite_where_it_is_not(name, model):
    plain = value_and_gradient(LOSSES[name], SMALL)
    exact = value_and_gradient(LOSSES[name], LARGE.double() / 30)
    edit = stable_losses(model)
    stable = value_and_gradient(LOSSES[name], SMALL)
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(plain, stable, strict=True))
    again = value_and_gradient(LOSSES[name], LARGE / 30)
    assert all(torch.allclose(a.float(), b.float(), rtol=1e-4, atol=1e-5) for a, b in zip(exact, again, strict=True))
    assert all(bool(part.isfinite().all()) for part in value_and_gradient(LOSSES[name], LARGE))
    edit.undo()
    assert all(torch.equal(a, b) for a, b in zip(plain, value_and_gradient(LOSSES[name], SMALL), strict=True))


def test_a_confident_mistake_keeps_its_gradient(model):
    loss = LOSSES["bce"]
    assert value_and_gradient(loss, torch.full((3, 3), -200.0))[1].abs().max() == 0
    edit = stable_losses(model)
    gradient = value_and_gradient(loss, torch.full((3, 3), -200.0))[1]
    assert torch.allclose(gradient, -BITS / 9)
    assert edit.figures()["loss:stable binary_cross_entropy"] == 1


def test_cross_entropy_of_a_softmax_loses_the_softmax(model):
    edit = stable_losses(model)
    assert torch.equal(F.cross_entropy(SMALL.softmax(1), Y), F.cross_entropy(SMALL, Y))
    other = SMALL.softmax(0)  # not over classes
    kept = F.cross_entropy(other, Y)
    edit.undo()
    assert torch.equal(F.cross_entropy(other, Y), kept)


UNDEFINED = {
    "sqrt": torch.sqrt, "method": lambda x: x.sqrt(), "power": lambda x: x**0.5, "pow": lambda x: torch.pow(x, 0.25),
    "inverse": lambda x: x**-1, "inverse root": lambda x: x**-0.5, "rsqrt": torch.rsqrt, "log": torch.log,
    "log2": torch.log2, "log1p": lambda x: torch.log1p(x - 1), "division": lambda x: x / x,
    "under one": lambda x: 1 / x, "reciprocal": torch.reciprocal, "p log p": lambda x: x * x.log(),
    "distance": lambda x: ((x - x.detach()) ** 2).sum().sqrt(), "div": lambda x: torch.div(2.0, x),
    "mean of none": lambda x: x.sum() / torch.zeros(()),
}  # fmt: skip


@pytest.mark.parametrize("name", UNDEFINED)
def test_at_zero_value_and_slope_are_finite_and_elsewhere_the_same_bits(name, model):
    function = UNDEFINED[name]
    away = torch.tensor([0.5, 2.0, 9.0])
    plain = value_and_gradient(lambda x: function(x).sum(), away)
    edit = stable_losses(model)
    for dtype in (torch.float32, torch.float64, torch.bfloat16):
        found = value_and_gradient(lambda x: function(x).sum(), torch.zeros(3, dtype=dtype))
        assert all(bool(part.isfinite().all()) for part in found)
    stable = value_and_gradient(lambda x: function(x).sum(), away)
    if name not in ("distance", "mean of none"):
        assert all(torch.equal(a, b) for a, b in zip(plain, stable, strict=True))
    edit.undo()


def test_a_softmax_of_nothing_gives_zeros(model):
    x = torch.tensor([[1.0, 2.0], [-torch.inf, -torch.inf]])
    plain = x.softmax(1)
    edit = stable_losses(model)
    _, gradient = value_and_gradient(lambda x: x.softmax(1).square().sum(), x)
    assert bool(gradient.isfinite().all())
    assert torch.equal(x.softmax(1)[0], plain[0])
    assert torch.equal(x.softmax(1)[1], torch.zeros(2))
    edit.undo()
    assert bool(x.softmax(1)[1].isnan().all())


def test_what_was_overwritten_is_forgotten(model):
    edit = stable_losses(model)
    p = SMALL.softmax(1)
    p[0, 0] = 0.5
    assert torch.equal(p.log(), torch.tensor(p.tolist()).log())
    x = SMALL.clone()
    p = x.softmax(1)
    x.zero_()
    assert torch.allclose(p.log(), SMALL.log_softmax(1), atol=1e-6)
    edit.undo()


def test_optimizers_and_data_are_left_alone(model):
    def trained():
        torch.manual_seed(0)
        net = nn.Linear(3, 3)
        optimizer = torch.optim.Adam(net.parameters(), foreach=False)
        for _ in range(3):
            optimizer.zero_grad()
            (net(SMALL).square().sum() * torch.tensor([0.0, 1.0])[1]).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1e-3)
            optimizer.step()
        return [p.detach() for p in net.parameters()]

    plain = trained()
    edit = stable_losses(model)
    assert all(torch.equal(a, b) for a, b in zip(plain, trained(), strict=True))
    assert torch.log(torch.zeros(1)).item() == -torch.inf, "data in which no gradient flows is the user's"
    edit.undo()


@pytest.mark.parametrize("reentrant", [True, False])
def test_recomputation_in_the_backward_pass_sees_the_same_forms(reentrant, model):
    def loss(x):
        return -(HOT * torch.softmax(x * 1.0, 1).log()).sum()

    edit = stable_losses(model)
    expected = value_and_gradient(loss, LARGE)
    found = value_and_gradient(lambda x: checkpoint(loss, x, use_reentrant=reentrant), LARGE)
    assert all(torch.equal(a, b) for a, b in zip(expected, found, strict=True))
    edit.undo()


def test_backward_takes_all_its_arguments(model):
    edit = stable_losses(model)
    x = SMALL.clone().requires_grad_()
    (x * 2).backward(gradient=torch.ones(3, 3), retain_graph=True)
    torch.autograd.backward([x.sum()], inputs=[x])
    assert torch.equal(x.grad, torch.full((3, 3), 3.0))
    edit.undo()


def test_it_ends_with_the_model_and_leaves_other_modes_in_order():
    class Other(TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            return func(*args, **(kwargs or {}))

    before = list(_get_current_function_mode_stack())
    model = nn.Linear(1, 1)
    edit = stable_losses(model)
    with Other() as other:
        assert len(_get_current_function_mode_stack()) == len(before) + 2
        del model
        gc.collect()
        assert _get_current_function_mode_stack() == [*before, other]
    edit.undo()
    assert _get_current_function_mode_stack() == before


def test_it_suits_where_something_can_be_undefined_or_nothing_is_known():
    assert REMEDY.suits(Patient(nn.Linear(1, 1)))
    code = REMEDY.code(Patient(nn.Linear(1, 1)), {"eps": 1e-12})
    assert code.before_optimizer == "stable_losses({model}, eps=1e-12)\n"
    assert "log_softmax" in code.advice


@pytest.mark.parametrize("loss", [F.cross_entropy, lambda x, y: nn.CrossEntropyLoss()(x, y)])
def test_losses_are_exchanged_also_while_a_trial_listens_to_them(model, loss):
    heard = []
    deafen = loss_functions.listen(lambda name, *_: heard.append(name))
    try:
        edit = stable_losses(model)
        assert torch.equal(F.cross_entropy(torch.softmax(SMALL, 1), Y), F.cross_entropy(SMALL, Y))
        assert torch.equal(loss(torch.softmax(SMALL, 1), Y), loss(SMALL, Y))
        edit.undo()
    finally:
        deafen()
    assert heard == ["cross_entropy"] * 4
