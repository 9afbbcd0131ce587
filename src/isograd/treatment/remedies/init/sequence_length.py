"""How many time steps each recurrent layer works through on the patient's batches."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_pre_hook
from torch.nn.utils.rnn import PackedSequence

from isograd.observation.undisturbed import undisturbed
from isograd.treatment.patient import Patient

_SHORTEST = 3.0
"""Chrono initialisation needs T - 1 > 1."""


def sequence_lengths(patient: Patient) -> dict[str, int]:
    """The longest sequence of each recurrent layer or cell, by path; empty where the model cannot be called.

    >>> from isograd.observation.replay import Call
    >>> model = nn.Sequential(nn.LSTM(2, 3, batch_first=True))
    >>> sequence_lengths(Patient(model, calls=(Call((torch.ones(4, 7, 2),), {}),)))
    {'0': 7}
    """
    found: Counter[str] = Counter()
    for call in patient.calls[:1]:
        with undisturbed((patient.model,)), torch.no_grad(), _counted(patient.model) as counted:
            patient.model(*call.args, **call.kwargs)
        found |= Counter(counted)
    return dict(found)


def longest(patient: Patient) -> float:
    """The longest sequence that any recurrent layer works through, else the longest that was seen in training.

    Returns:
        In time steps, at least 3; zero if it is not known.
    """
    seen = [float(length) for length in sequence_lengths(patient).values()]
    if not seen and patient.observed is not None:
        seen = [float(profile.length) for profile in patient.observed.times]
    return max(_SHORTEST, *seen) if seen else 0.0


@contextmanager
def _counted(model: nn.Module) -> Iterator[Mapping[str, int]]:
    """Counts while the model is called: time steps of layers, calls of cells."""
    paths = {id(m): path for path, m in model.named_modules() if isinstance(m, nn.RNNBase | nn.RNNCellBase)}
    counted: dict[str, int] = {}

    def count(module: nn.Module, args: tuple[Any, ...]) -> None:
        path = paths.get(id(module))
        if path is not None:
            before = counted.get(path, 0)
            counted[path] = before + 1 if isinstance(module, nn.RNNCellBase) else max(before, _length(module, args))

    handle = register_module_forward_pre_hook(count)
    try:
        yield counted
    finally:
        handle.remove()


def _length(module: nn.Module, args: tuple[Any, ...]) -> int:
    data = args[0] if args else None
    if isinstance(data, PackedSequence):
        return len(data.batch_sizes)
    if not isinstance(data, torch.Tensor):
        return 0
    return data.shape[1 if getattr(module, "batch_first", False) and data.ndim == 3 else 0]
