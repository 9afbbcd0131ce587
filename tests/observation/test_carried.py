"""Gradients that a program forgot to empty are told from those that it empties anywhere between two steps."""

from collections.abc import Callable

import pytest
import torch
from sinks import watched
from torch import nn

STEPS = 12


def loop(before: str = "", between: str = "", after: str = "", passes: int = 1) -> Callable[[], None]:
    """A training that empties its gradients at one of three places, or nowhere."""

    def train() -> None:
        model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
        optimizer = torch.optim.SGD(model.parameters(), 0.01)
        empty = {"": lambda: None, "none": optimizer.zero_grad, "zero": lambda: optimizer.zero_grad(set_to_none=False)}
        for _ in range(STEPS):
            empty[before]()
            loss = model(torch.randn(6, 4)).square().mean()
            empty[between]()
            for _ in range(passes):
                loss.backward(retain_graph=True)
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            empty[after]()

    return train


def carried(train: Callable[[], None]) -> list[int]:
    """The networks that were told of."""
    return [index for index, event in watched(train).events if event.kind == "carried"]


def test_gradients_that_are_never_emptied() -> None:
    assert carried(loop()) == [0]
    assert carried(loop(passes=3)) == [0]


def test_a_program_that_carries_its_first_gradients_over_and_then_empties_them() -> None:
    def train() -> None:
        model = nn.Linear(4, 1)
        optimizer = torch.optim.SGD(model.parameters(), 0.01)
        for step in range(STEPS):
            if step > 5:
                optimizer.zero_grad()
            model(torch.randn(6, 4)).square().mean().backward()
            optimizer.step()

    assert carried(train) == []


def test_an_embedding_of_sparse_gradients_is_not_followed() -> None:
    def train() -> None:
        table = nn.Embedding(9, 3, sparse=True)
        optimizer = torch.optim.SGD(table.parameters(), 0.01)
        for _ in range(STEPS):
            table(torch.arange(3)).square().mean().backward()
            optimizer.step()

    assert carried(train) == []


@pytest.mark.parametrize("how", ["none", "zero"])
@pytest.mark.parametrize("place", ["before", "between", "after"])
@pytest.mark.parametrize("passes", [1, 3])
def test_gradients_that_are_emptied_somewhere(place: str, how: str, passes: int) -> None:
    assert carried(loop(**{place: how}, passes=passes)) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(("forgets", "told"), [(False, 0), (True, 1)])
def test_another_networks_backward_pass_in_between(forgets: bool, told: int) -> None:
    def train() -> None:
        generator, critic = nn.Linear(2, 3), nn.Linear(3, 1)
        opt_g, opt_c = (torch.optim.SGD(one.parameters(), 0.01) for one in (generator, critic))
        for _ in range(STEPS):
            fake = generator(torch.randn(5, 2))
            if not forgets:
                opt_c.zero_grad()
            critic(fake.detach()).square().mean().backward()
            opt_c.step()
            opt_g.zero_grad()
            (-critic(fake).mean()).backward()  # reaches the critic, whose gradients are emptied only later
            opt_g.step()

    assert len(carried(train)) == told


def test_a_step_without_gradients_proves_nothing() -> None:
    def train() -> None:
        model = nn.Linear(4, 1)
        optimizer = torch.optim.SGD(model.parameters(), 0.01)
        for _ in range(STEPS):
            (0.0 * model(torch.randn(6, 4)).mean()).backward()
            optimizer.step()

    assert carried(train) == []
