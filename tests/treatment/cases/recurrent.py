"""Gated cells: a plain recurrence that has forgotten the first time step when it is asked for."""

from functools import partial

from tasks.recall import recall_task
from torch import nn

from cases.case import Case

CASES: tuple[Case, ...] = (
    Case(
        "recurrent:lstm",
        lambda: recall_task(partial(nn.RNN, 2, 12, batch_first=True), length=60, steps=75),
        success=0.9,
    ),
    Case("recurrent:gru", lambda: recall_task(partial(nn.RNN, 2, 8, batch_first=True), 20, 50, width=8), success=0.9),
)
