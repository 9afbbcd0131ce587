"""A loss so small that its gradients underflow in float16."""

import torch
from torch import nn
from torch.nn import functional as F

from cases.case import Case
from isograd.facts import Task


def teacher(x):
    return torch.tanh(x[:, :1] - x[:, 1:2]) + 0.5 * x[:, 2:3]


def batches(seed):
    generator = torch.Generator().manual_seed(seed)
    while True:
        x = torch.randn(64, 8, generator=generator)
        yield x, teacher(x)


def evaluate(model):
    """Share of the variance that is explained."""
    x = torch.randn(400, 8, generator=torch.Generator().manual_seed(99))
    with torch.no_grad():
        return float(1 - F.mse_loss(model(x), teacher(x)) / teacher(x).var())


def loss(model, batch):
    with torch.autocast("cpu", dtype=torch.float16):
        outputs = model(batch[0])
    return F.mse_loss(outputs.float(), batch[1]) * 1e-7


def task():
    def build(seed):
        torch.manual_seed(seed)
        return nn.Sequential(nn.Linear(8, 32), nn.Tanh(), nn.Linear(32, 1))

    return Task(build, loss, batches, lambda p: torch.optim.Adam(p, lr=0.02, eps=1e-20), evaluate, 150)


CASES: tuple[Case, ...] = (
    Case("precision:loss-scale", task, success=0.8),
    Case("precision:bf16", task, success=0.8),
)
