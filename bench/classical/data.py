"""Real digits and made-up sequences, as batches."""

from collections.abc import Callable, Iterator
from functools import cache

import torch
from sklearn.datasets import load_digits
from torch import Tensor
from torch.nn import functional

Batch = tuple[Tensor, Tensor]


@cache
def digits() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """scikit-learn's 1,797 digits of 8 x 8 pixels in 0..1: 1,300 to train, 497 to test."""
    table = load_digits()
    images = torch.tensor(table.data, dtype=torch.float32) / 16.0
    labels = torch.tensor(table.target)
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    images, labels = images[order], labels[order]
    return images[:1300], labels[:1300], images[1300:], labels[1300:]


def digit_batches(size: int, standardised: bool = False) -> Callable[[int], Iterator[Batch]]:
    """Endless batches of training digits, shuffled anew each epoch."""

    def batches(seed: int) -> Iterator[Batch]:
        images, labels = digits()[:2]
        images = standardise(images) if standardised else images
        generator = torch.Generator().manual_seed(seed)
        while True:
            for index in torch.randperm(len(images), generator=generator).split(size):
                if len(index) == size:
                    yield images[index], labels[index]

    return batches


def standardise(images: Tensor) -> Tensor:
    """With mean and deviation of the training digits."""
    train = digits()[0]
    return (images - train.mean()) / train.std()


def accuracy_on_test(standardised: bool = False) -> Callable[[torch.nn.Module], float]:
    """Share of right answers on the test digits."""

    @torch.no_grad()
    def evaluate(model: torch.nn.Module) -> float:
        images, labels = digits()[2:]
        model.eval()
        found = model(standardise(images) if standardised else images).argmax(dim=1)
        model.train()
        return float((found == labels).float().mean())

    return evaluate


def recall_batches(length: int, symbols: int, size: int) -> Callable[[int], Iterator[Batch]]:
    """Sequences of random symbols, one-hot; to be told is the first one. Shape (size, length, symbols)."""

    def batches(seed: int) -> Iterator[Batch]:
        generator = torch.Generator().manual_seed(seed)
        while True:
            sequence = torch.randint(symbols, (size, length), generator=generator)
            yield functional.one_hot(sequence, symbols).float(), sequence[:, 0]

    return batches
