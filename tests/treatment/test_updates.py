"""Around an update: what is left out leaves no mark, closures are looked at after each evaluation."""

import pytest
import torch

from isograd.treatment.updates import Around, Handle


def weight_and(kind, **settings):
    weight = torch.nn.Parameter(torch.ones(3))
    return weight, kind([weight], **settings)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1}),
        (torch.optim.Adam, {"lr": 0.1}),
        (torch.optim.RMSprop, {"lr": 0.1, "momentum": 0.5}),
    ],
)
def test_a_step_that_is_left_out_is_a_step_that_never_was(kind, settings):
    weight, optimizer = weight_and(kind, **settings)
    twin, plain = weight_and(kind, **settings)

    def before():
        if weight.grad.isnan().any():
            weight.grad = None

    Around(optimizer, before)
    for step in range(6):
        gradient = torch.full((3,), float("nan") if step % 2 else 0.5)
        weight.grad = gradient
        optimizer.step()
        assert weight.grad is gradient, "the program finds its gradient after the step"
        if not step % 2:
            twin.grad = torch.full((3,), 0.5)
            plain.step()
    assert torch.equal(weight, twin)


@pytest.mark.parametrize("by_name", [False, True])
def test_with_a_closure_gradients_are_looked_at_after_each_evaluation(by_name):
    weight, optimizer = weight_and(torch.optim.LBFGS, lr=0.1, max_iter=4)
    seen = []
    around = Around(optimizer, lambda: seen.append(weight.grad.clone()))

    def closure():
        optimizer.zero_grad()
        loss = weight.square().sum()
        loss.backward()
        return loss

    loss = optimizer.step(closure=closure) if by_name else optimizer.step(closure)
    assert loss.item() == 3.0
    assert len(seen) > 1
    assert torch.equal(seen[0], torch.full((3,), 2.0))
    around.remove()
    seen.clear()
    optimizer.step(closure)
    assert not seen


def test_after_a_step_that_raised_gradients_come_back():
    weight, optimizer = weight_and(torch.optim.SGD, lr=0.1)
    around = Around(optimizer, lambda: setattr(weight, "grad", None))
    gradient = torch.ones(3)

    def closure():
        weight.grad = gradient
        return torch.ones(())

    def fails():
        raise ZeroDivisionError

    optimizer.step(closure)
    assert weight.grad is gradient
    with pytest.raises(ZeroDivisionError):
        optimizer.step(fails)
    around.remove()
    around.remove()
    assert weight.grad is gradient


def test_a_handle_takes_back_once_the_last_first():
    order = []
    handle = Handle(lambda: order.append("first"), lambda: order.append("second"))
    handle.remove()
    handle.remove()
    assert order == ["second", "first"]
