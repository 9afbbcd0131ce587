"""Recall: what stood at the first time step is asked for after the last."""

from collections.abc import Callable, Iterator

import torch
from torch import nn

from isograd.facts import Task

Batch = tuple[torch.Tensor, torch.Tensor]


class Reader(nn.Module):
    """A recurrent layer whose last output is read."""

    def __init__(self, rnn: nn.Module, width: int) -> None:
        super().__init__()
        self.rnn = rnn
        self.head = nn.Linear(width, 2)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        outputs: torch.Tensor = self.rnn(inputs)[0]
        return self.head(outputs[:, -1])


def sequences(length: int, seed: int, size: int = 32) -> Iterator[Batch]:
    generator = torch.Generator().manual_seed(seed)
    while True:
        inputs = 0.1 * torch.randn(size, length, 2, generator=generator)
        labels = torch.randint(0, 2, (size,), generator=generator)
        inputs[:, :, 1] = 0.0
        inputs[:, 0, 0], inputs[:, 0, 1] = 2.0 * labels - 1.0, 1.0
        yield inputs, labels


def recall_task(
    make: Callable[[], nn.Module], length: int, steps: int = 60, forget: float | None = None, width: int = 12
) -> Task:
    """`forget` plants a bias in the forget gates of an LSTM."""

    def build(seed: int) -> nn.Module:
        torch.manual_seed(seed)
        model = Reader(make(), width)
        if forget is not None:
            model.rnn.bias_ih_l0.data.chunk(4)[1].fill_(forget)
        return model

    def evaluate(model: nn.Module) -> float:
        inputs, labels = next(sequences(length, 10**6, 256))
        with torch.no_grad():
            return float((model(inputs).argmax(1) == labels).float().mean())

    return Task(
        build=build,
        loss=lambda model, batch: nn.functional.cross_entropy(model(batch[0]), batch[1]),
        batches=lambda seed: sequences(length, seed),
        optimizer=lambda parameters: torch.optim.Adam(parameters, lr=0.01),
        evaluate=evaluate,
        steps=steps,
    )
