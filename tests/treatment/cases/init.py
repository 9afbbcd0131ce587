"""Initial values: deep networks whose signal or gradient vanishes by their weights' scale, recurrences that forget."""

from functools import partial

from tasks.deep import deep_task
from tasks.recall import recall_task
from torch import nn

from cases.case import Case

CASES: tuple[Case, ...] = (
    Case("init:xavier", lambda: deep_task(nn.Tanh, 32, rate=0.02, steps=60, sigma_w=0.3), success=0.75),
    Case("init:he", lambda: deep_task(nn.ReLU, 64, rate=0.002, steps=100), success=0.75),
    Case("init:lecun", lambda: deep_task(nn.SELU, 32, rate=0.01, steps=60, sigma_w=0.3), success=0.75),
    Case("init:orthogonal", lambda: deep_task(nn.Tanh, 32, rate=0.02, steps=60), success=0.75),
    Case("init:lsuv", lambda: deep_task(nn.ReLU, 64, rate=0.003, steps=90, sigma_w=0.3), success=0.75),
    Case(
        "init:identity-recurrent",
        lambda: recall_task(partial(nn.RNN, 2, 12, batch_first=True), length=40),
        success=0.9,
    ),
    Case(
        "init:forget-bias",
        lambda: recall_task(partial(nn.LSTM, 2, 12, batch_first=True), length=25, forget=-5.0),
        success=0.9,
    ),
    Case(
        "init:chrono",
        lambda: recall_task(partial(nn.LSTM, 2, 12, batch_first=True), length=40, forget=-5.0),
        success=0.9,
    ),
)
