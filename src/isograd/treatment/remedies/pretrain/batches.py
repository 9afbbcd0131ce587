"""The user's own batches as what pre-training learns from."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from isograd.errors import UsageError
from isograd.observation.replay import Call
from isograd.observation.undisturbed import undisturbed

MOST_ROWS = 60_000
"""Rows beyond it are left out evenly."""


def as_call(given: Any) -> Call:
    """How a model is called with what it was given.

    Args:
        given: A tensor; a tuple or list of all positional arguments; a mapping of arguments by name; or a `Call`.

    >>> as_call(torch.ones(2)).args, as_call({"x": 1}).kwargs
    ((tensor([1., 1.]),), {'x': 1})
    """
    if isinstance(given, Call):
        return given
    if isinstance(given, Mapping):
        return Call((), given)
    return Call(tuple(given), {}) if isinstance(given, tuple | list) else Call((given,), {})


def first_batches(loader: Iterable[Any], count: int) -> list[Any]:
    """The batches that a loader gives first; whoever goes through it next gets the same ones.

    A loader draws random numbers when it shuffles. They are put back here, so that a training that begins after this
    call sees its data in the order in which it would have seen them without it.

    Args:
        loader: A `DataLoader`, or anything that can be gone through again.
        count: How many batches.

    Raises:
        UsageError: If it is an iterator, which would lack these batches afterwards.

    >>> from torch.utils.data import DataLoader
    >>> loader = DataLoader(torch.arange(8.0), batch_size=2, shuffle=True)
    >>> early = first_batches(loader, 2)
    >>> torch.equal(early[0], next(iter(loader)))
    True
    """
    if isinstance(loader, Iterator):
        raise UsageError(f"a loader that can be gone through again is wanted; got {type(loader).__name__}, an iterator")
    parts = (loader, getattr(loader, "sampler", None), getattr(loader, "batch_sampler", None))
    own = {id(g): g for g in (getattr(part, "generator", None) for part in parts) if isinstance(g, torch.Generator)}
    states = [(generator, generator.get_state()) for generator in own.values()]
    with undisturbed(()):
        batches = list(itertools.islice(loader, count))
    for generator, state in states:
        generator.set_state(state)
    return batches


def as_rows(inputs: Iterable[Tensor], dtype: torch.dtype) -> Tensor:
    """Inputs of a linear layer, shape (..., D) each, as rows of one matrix (N, D).

    Raises:
        UsageError: If there are none, or some are not finite.
    """
    rows = [tensor.detach().reshape(-1, tensor.shape[-1]).to(dtype) for tensor in inputs]
    return _thinned(_finite(torch.cat(rows) if rows else torch.empty(0)))


def as_samples(inputs: Iterable[Tensor], dtype: torch.dtype, num_dimensions: int) -> Tensor:
    """Inputs of a convolution in one batch; of batches whose images differ in size, those of the first size.

    Raises:
        UsageError: If there are none, or some are not finite.
    """
    batches = [x.detach().to(dtype) if x.ndim == num_dimensions + 2 else x.detach()[None].to(dtype) for x in inputs]
    alike = [batch for batch in batches if batch.shape[1:] == batches[0].shape[1:]]
    return _thinned(_finite(torch.cat(alike) if alike else torch.empty(0)))


def _finite(rows: Tensor) -> Tensor:
    if not len(rows):
        raise UsageError("pre-training needs inputs; got none")
    if not bool(rows.isfinite().all()):
        raise UsageError("pre-training needs finite inputs; got some that are infinite or not a number")
    return rows


def _thinned(rows: Tensor) -> Tensor:
    return rows[:: -(-len(rows) // MOST_ROWS)]


def device_of(model: nn.Module) -> torch.device:
    """Where the model's first parameter is."""
    return next((p.device for p in model.parameters()), torch.device("cpu"))
