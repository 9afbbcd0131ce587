"""Deep plain networks on four clusters that a healthy one tells apart within a hundred steps."""

from collections.abc import Callable, Iterator
from itertools import pairwise

import torch
from torch import nn

from isograd.facts import Task

CENTRES = 1.2 * torch.randn(4, 16, generator=torch.Generator().manual_seed(7))
Batch = tuple[torch.Tensor, torch.Tensor]


def clusters(seed: int, size: int = 64) -> Iterator[Batch]:
    generator = torch.Generator().manual_seed(seed)
    while True:
        labels = torch.randint(0, 4, (size,), generator=generator)
        yield (CENTRES[labels] + 0.6 * torch.randn(size, 16, generator=generator)) / 1.3, labels


def network(activation: Callable[[], nn.Module], width: int, depth: int, sigma_w: float | None) -> nn.Module:
    """With torch's own initial values, or with weights of variance sigma_w^2 / n_in."""
    widths = (16, *(depth * [width]))
    parts: list[nn.Module] = []
    for inputs, outputs in pairwise(widths):
        parts += [nn.Linear(inputs, outputs), activation()]
    model = nn.Sequential(*parts, nn.Linear(width, 4))
    for layer in model:
        if sigma_w is not None and isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, std=sigma_w / layer.in_features**0.5)
            nn.init.zeros_(layer.bias)
    return model


def deep_task(
    activation: Callable[[], nn.Module], width: int, rate: float, steps: int, sigma_w: float | None = None
) -> Task:
    def build(seed: int) -> nn.Module:
        torch.manual_seed(seed)
        return network(activation, width, 20, sigma_w)

    def evaluate(model: nn.Module) -> float:
        inputs, labels = next(clusters(10**6, 512))
        with torch.no_grad():
            return float((model(inputs).argmax(1) == labels).float().mean())

    return Task(
        build=build,
        loss=lambda model, batch: nn.functional.cross_entropy(model(batch[0]), batch[1]),
        batches=clusters,
        optimizer=lambda parameters: torch.optim.SGD(parameters, lr=rate, momentum=0.9),
        evaluate=evaluate,
        steps=steps,
    )
