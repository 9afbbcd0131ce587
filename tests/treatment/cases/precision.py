"""Losses so small that the gradient of each output underflows in float16."""

import torch
from torch import nn
from torch.nn import functional as F

from cases.case import Case
from isograd.facts import Task


def teacher(x):
    return torch.tanh(x[:, :1] - x[:, 1:2]) + 0.5 * x[:, 2:3]


def stream(size):
    def batches(seed):
        generator = torch.Generator().manual_seed(seed)
        while True:
            x = torch.randn(size, 8, generator=generator)
            yield x, teacher(x)

    return batches


def evaluate(model):
    """Share of the variance that is explained."""
    x = torch.randn(400, 8, generator=torch.Generator().manual_seed(99))
    with torch.no_grad():
        return float(1 - F.mse_loss(model(x), teacher(x)) / teacher(x).var())


def task(size, factor):
    """The gradient of each output is about 2 factor / size; float16 ends at 3e-8."""

    def build(seed):
        torch.manual_seed(seed)
        return nn.Sequential(nn.Linear(8, 32), nn.Tanh(), nn.Linear(32, 1))

    def loss(model, batch):
        with torch.autocast("cpu", dtype=torch.float16):
            outputs = model(batch[0])
        return F.mse_loss(outputs.float(), batch[1]) * factor

    return Task(build, loss, stream(size), lambda p: torch.optim.Adam(p, lr=0.02, eps=1e-20), evaluate, 100)


CASES: tuple[Case, ...] = (
    Case("precision:loss-scale", lambda: task(64, 1e-7), success=0.8),
    Case("precision:bf16", lambda: task(1024, 2.5e-6), success=0.8),
)
