"""Four sigmoid layers as torch makes them, on real digits: no gradient reaches the first, with any seed."""

from functools import cache

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional

from cases.case import Case
from isograd.facts import Task

_ROWS, _BATCH = 1400, 100


@cache
def digits():
    """Images in [0, 1], shape (1797, 64), and their classes, in a fixed random order."""
    images, classes = load_digits(return_X_y=True)
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    return torch.tensor(images / 16, dtype=torch.float32)[order], torch.tensor(classes)[order]


def _build(seed):
    torch.manual_seed(seed)
    layers = []
    for _ in range(4):
        layers += [nn.Linear(64, 64), nn.Sigmoid()]
    return nn.Sequential(*layers, nn.Linear(64, 10))


def _batches(seed):
    images, classes = digits()
    generator = torch.Generator().manual_seed(seed)
    while True:
        for chosen in torch.randperm(_ROWS, generator=generator).split(_BATCH):
            yield images[chosen], classes[chosen]


@torch.no_grad()
def _accuracy(model):
    images, classes = digits()
    return float((model(images[_ROWS:]).argmax(dim=1) == classes[_ROWS:]).float().mean())


def _task():
    return Task(
        build=_build,
        loss=lambda model, batch: functional.cross_entropy(model(batch[0]), batch[1]),
        batches=_batches,
        optimizer=lambda parameters: torch.optim.SGD(parameters, lr=0.1, momentum=0.9),
        evaluate=_accuracy,
        steps=150,
    )


CASES = (
    Case("pretrain:dbn", _task, success=0.7, settings={"epochs": 7, "batch_size": 20}),
    Case("pretrain:autoencoder", _task, success=0.7, settings={"epochs": 5, "batch_size": 20}),
)
"""One for each way of pre-training."""
