"""Loss scaling around backward passes: the bits of `GradScaler`, true gradients in between, company of all kinds."""

import sys
from types import SimpleNamespace

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from isograd.errors import UsageError
from isograd.observation.guard import Guard
from isograd.observation.quiet import QuietPath
from isograd.observation.taps import Taps
from isograd.treatment.patient import Patient
from isograd.treatment.remedies import precision
from isograd.treatment.remedies.precision import LossScale

REMEDY = next(remedy for remedy in precision.REMEDIES if remedy.name == "precision:loss-scale")
ENGINE = torch.autograd._engine_run_backward
TINY = 1e-7


def net(kind=torch.optim.SGD, lr=1e5, **settings):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
    return Patient(model, kind(model.parameters(), lr=lr, **settings))


def data(step):
    x = torch.randn(16, 4, generator=torch.Generator().manual_seed(step))
    return x, x.sum(1, keepdim=True)


def loss_of(model, step, factor=TINY):
    x, y = data(step)
    with torch.autocast("cpu", dtype=torch.float16):
        outputs = model(x)
    return F.mse_loss(outputs.float(), y) * factor


def same(one, other):
    return all(torch.equal(a, b) for a, b in zip(one.model.parameters(), other.model.parameters(), strict=True))


@pytest.fixture(autouse=True)
def _nothing_stays():
    yield
    assert torch.autograd._engine_run_backward is ENGINE


@pytest.mark.parametrize("accumulate", [1, 3])
@pytest.mark.parametrize("adam", [False, True])
def test_it_trains_to_the_bits_of_a_grad_scaler(accumulate, adam):
    kind, settings = (torch.optim.Adam, {"lr": 0.01, "eps": 1e-20}) if adam else (torch.optim.SGD, {"lr": 1e5})
    ours, theirs = net(kind, **settings), net(kind, **settings)
    scale = LossScale(init_scale=2.0**45, growth_interval=4)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**45, growth_interval=4)
    handle = scale.attach(ours.optimizer)
    for step in range(36):
        factor = float("inf") if step == 20 else TINY
        loss_of(ours.model, step, factor).backward()
        scaler.scale(loss_of(theirs.model, step, factor)).backward()
        if step % accumulate == accumulate - 1:
            ours.optimizer.step()
            ours.optimizer.zero_grad()
            scaler.step(theirs.optimizer)
            scaler.update()
            theirs.optimizer.zero_grad()
            assert scale.scale == scaler.get_scale()
    assert same(ours, theirs)
    assert scale.left_out > 1, "it began too high and met an infinite loss"
    handle.remove()


def test_between_backward_and_step_gradients_are_true_to_size():
    ours, exact = net(), net()
    handle = LossScale().attach(ours.optimizer)
    loss_of(ours.model, 0).backward()
    x, y = data(0)
    (F.mse_loss(exact.model(x), y) * TINY).backward()
    for a, b in zip(ours.model.parameters(), exact.model.parameters(), strict=True):
        assert torch.allclose(a.grad, b.grad, rtol=0.05, atol=1e-10)
    ours.optimizer.zero_grad()
    handle.remove()
    loss_of(ours.model, 0).backward()
    assert not any(p.grad.any() for p in ours.model[0].parameters()), "without it they underflow"


def test_what_was_accumulated_before_is_kept():
    ours = net()
    for parameter in ours.model.parameters():
        parameter.grad = torch.ones_like(parameter)
    handle = LossScale().attach(ours.optimizer)
    loss_of(ours.model, 0).backward()
    assert all(torch.allclose(p.grad, torch.ones_like(p)) for p in ours.model.parameters())
    handle.remove()


def test_inputs_and_other_networks_get_true_gradients_too():
    ours = net()
    other = nn.Linear(4, 4)
    handle = LossScale().attach(ours.optimizer)
    x = torch.ones(2, 4, requires_grad=True)
    ours.model(other(x)).sum().backward()
    found = x.grad.clone(), other.weight.grad.clone()
    handle.remove()
    x.grad = other.weight.grad = None
    ours.model(other(x)).sum().backward()
    assert torch.equal(found[0], x.grad)
    assert torch.equal(found[1], other.weight.grad)


def test_what_does_not_reach_its_parameters_is_left_alone():
    ours, other = net(), nn.Linear(1, 1)
    scale = LossScale(init_scale=float(2**127))
    handle = scale.attach(ours.optimizer)
    (other(torch.ones(1, 1)) * 1e3).sum().backward()
    assert bool(other.weight.grad.isfinite().all())
    twin = ours.model(torch.ones(1, 4)).sum()
    (gradient,) = torch.autograd.grad(twin, ours.model[0].bias, create_graph=True)
    assert bool(gradient.isfinite().all())
    gradient.square().sum().backward(create_graph=True)
    assert bool(ours.model[0].weight.grad.isfinite().all())
    handle.remove()


@pytest.mark.parametrize("reentrant", [False, True])
def test_with_checkpointing(reentrant):
    ours, plain = net(), net()

    def gradients(model):
        x = torch.ones(2, 4, requires_grad=True)
        hidden = checkpoint(model[:2], x, use_reentrant=reentrant)
        model[2](hidden).sum().backward()
        return [p.grad for p in model.parameters()]

    handle = LossScale().attach(ours.optimizer)
    found = gradients(ours.model)
    handle.remove()
    assert all(torch.equal(a, b) for a, b in zip(found, gradients(plain.model), strict=True))


def test_inputs_that_are_asked_for():
    ours, plain = net(), net()
    handle = LossScale().attach(ours.optimizer)
    for one in (ours, plain):
        one.model(torch.ones(2, 4)).sum().backward(inputs=[one.model[0].weight])
    handle.remove()
    assert torch.equal(ours.model[0].weight.grad, plain.model[0].weight.grad)
    assert ours.model[2].weight.grad is None


class Ear:
    """An observer that counts."""

    def __init__(self, model):
        self.model, self.raw, self.begun = model, [], 0

    def backward_begins(self, roots):
        self.begun += 1

    def backward_ends(self):
        self.raw.append(float(torch.nn.utils.get_total_norm([p.grad for p in self.model.parameters()])))

    def step_begins(self, optimizer, args, kwargs):
        pass

    def step_ends(self, optimizer, args, kwargs):
        pass

    def loss_scaled(self, scale):
        pass

    def saving_hooked(self, start, end):
        pass


@pytest.mark.parametrize("taps_first", [True, False])
@pytest.mark.parametrize("taps_leave_first", [True, False])
def test_beside_isograds_own_watching_in_any_order(taps_first, taps_leave_first):
    before = torch.autograd.backward
    ours, exact = net(), net()
    ear = Ear(ours.model)
    taps, scale = Taps(ear, QuietPath(Guard())), LossScale()
    if taps_first:
        taps.install()
    handle = scale.attach(ours.optimizer)
    if not taps_first:
        taps.install()
    loss_of(ours.model, 0).backward()
    x, y = data(0)
    removers = [taps.remove, handle.remove]
    for remove in removers if taps_leave_first else reversed(removers):
        remove()
    (F.mse_loss(exact.model(x), y) * TINY).backward()
    true = float(torch.nn.utils.get_total_norm([p.grad for p in exact.model.parameters()]))
    assert ear.begun == 1
    assert ear.raw == [pytest.approx(true, rel=0.05)], "it hears gradients true to size"
    assert torch.autograd.backward is before


def test_two_networks_each_with_its_own_scale():
    one, two = net(), net()
    first, second = LossScale(init_scale=2.0**10), LossScale(init_scale=2.0**8)
    handles = [first.attach(one.optimizer), second.attach(two.optimizer)]
    (one.model(torch.ones(2, 4)) + two.model(torch.ones(2, 4))).sum().backward()
    found = [p.grad.clone() for net in (one, two) for p in net.model.parameters()]
    for handle in handles:
        handle.remove()
    for patient in (one, two):
        patient.optimizer.zero_grad()
    (one.model(torch.ones(2, 4)) + two.model(torch.ones(2, 4))).sum().backward()
    plain = [p.grad for net in (one, two) for p in net.model.parameters()]
    assert all(torch.equal(a, b) for a, b in zip(found, plain, strict=True))


def half_net(kind=torch.optim.SGD, **settings):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1)).half()
    return Patient(model, kind(model.parameters(), **settings))


@pytest.mark.parametrize(
    ("kind", "settings"),
    [(torch.optim.SGD, {"lr": 6e4, "momentum": 0.8}), (torch.optim.Adam, {"lr": 0.01, "eps": 1e-20})],
)
def test_a_model_in_float16_is_trained_through_float32_copies(kind, settings):
    ours = half_net(kind, **settings)
    objects = list(ours.model.parameters())

    def loss(model, step):
        x, y = data(step)
        return F.mse_loss(model(x.half()).float(), y)

    before = loss(ours.model, 99).item()
    handle = LossScale().attach(ours.optimizer)
    for step in range(100):
        ours.optimizer.zero_grad()
        (loss(ours.model, step) * 1e-7).backward()
        ours.optimizer.step()
    assert all(p is q and p.dtype == torch.float16 for p, q in zip(ours.model.parameters(), objects, strict=True))
    assert loss(ours.model, 99).item() < 0.5 * before
    state = ours.optimizer.state[objects[0]]
    assert all(v.dtype == torch.float32 for v in state.values() if isinstance(v, torch.Tensor))
    handle.remove()
    assert all(v.dtype == torch.float16 for v in state.values() if isinstance(v, torch.Tensor) and v.ndim)
    loss(ours.model, 0).backward()
    ours.optimizer.step()


def test_steps_too_small_for_a_float16_weight_add_up():
    def weight_after(steps, scaled):
        weight = nn.Parameter(torch.ones(1, dtype=torch.float16))
        optimizer = torch.optim.SGD([weight], lr=1.0)
        handle = LossScale().attach(optimizer) if scaled else None
        for _ in range(steps):
            optimizer.zero_grad()
            (weight.float() * 1e-8).sum().mul(1e3).backward()
            optimizer.step()
        if handle:
            handle.remove()
        return weight.item()

    assert weight_after(400, scaled=False) == 1.0
    assert weight_after(400, scaled=True) == pytest.approx(1 - 400e-5, abs=1e-3)


def test_float16_weights_that_somebody_loads_are_taken_over():
    ours = half_net(lr=1.0)
    handle = LossScale(init_scale=256.0).attach(ours.optimizer)
    for value in (0.0, 0.5):
        for parameter in ours.model.parameters():
            parameter.data.fill_(value)
            parameter.grad = None
        ours.model(torch.ones(1, 4, dtype=torch.float16)).sum().backward()
        ours.optimizer.step()
        assert ours.model[2].bias.item() == value - 1.0
    handle.remove()


def test_lbfgs_evaluates_float16_weights_within_its_step():
    ours = half_net(torch.optim.LBFGS)
    assert not REMEDY.suits(ours)
    with pytest.raises(UsageError, match="float16"):
        LossScale().attach(ours.optimizer)


def test_lbfgs_in_float32_works():
    ours, plain = net(torch.optim.LBFGS, lr=0.1), net(torch.optim.LBFGS, lr=0.1)
    handle = LossScale().attach(ours.optimizer)
    for one in (ours, plain):

        def closure(one=one):
            x, y = data(0)
            one.optimizer.zero_grad()
            loss = F.mse_loss(one.model(x), y)
            loss.backward()
            return loss

        one.optimizer.step(closure)
    handle.remove()
    assert same(ours, plain)


def test_state_goes_on_where_it_was():
    scale, again = LossScale(growth_interval=3), LossScale(growth_interval=3)
    handle = scale.attach((ours := net()).optimizer)
    loss_of(ours.model, 0).backward()
    ours.optimizer.step()
    again.load_state_dict(scale.state_dict())
    assert again.state_dict() == scale.state_dict()
    handle.remove()


def test_the_lines_train_to_the_bits_of_the_edit(monkeypatch):
    monkeypatch.setitem(sys.modules, "isograd.remedies", SimpleNamespace(LossScale=LossScale))
    injected, written = net(), net()
    settings = REMEDY.choose(injected)
    code = REMEDY.code(written, settings)
    made = []
    scope = {"optimizer": written.optimizer, "made": made}
    exec(
        "\n".join((*code.imports, "made.append(" + code.after_optimizer.replace("{optimizer}", "optimizer") + ")")),
        scope,
    )
    edit = REMEDY.make(injected, settings)
    assert edit.changes
    for step in range(10):
        for one in (injected, written):
            one.optimizer.zero_grad()
            loss_of(one.model, step).backward()
            one.optimizer.step()
    assert same(injected, written)
    assert edit.figures()["precision:loss-scale steps"] == 10
    edit.undo()
    edit.undo()
    made[0].remove()
    assert not injected.optimizer._optimizer_step_pre_hooks
