"""Leaves a model as it was: random state, buffers, gradients and modes are put back exactly."""

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.modules.lazy import LazyModuleMixin


def _restore(part: nn.Module, kept: Mapping[str, Any]) -> None:
    """Lets the attributes of a module refer to what they did; lazy modules are not asked, they are made only once."""
    for name in part.__dict__.keys() - kept.keys():
        del part.__dict__[name]
    part.__dict__.update(kept)


@contextmanager
def undisturbed(modules: Sequence[nn.Module]) -> Iterator[None]:
    """Puts back, bit for bit, what a forward and backward pass may change.

    Random states of torch (CPU and CUDA), numpy and Python; buffers such as running statistics, also in place;
    `.grad` of every parameter, the same object with the same values; training or evaluation mode of every module, and
    what its attributes refer to, such as a hidden state that is carried from one call to the next.
    Parameters are not copied: what edits them undoes its own edits.
    """
    torch_state = torch.get_rng_state()
    cuda_states = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    python_state, numpy_state = random.getstate(), np.random.get_state()  # what scripts draw from
    buffers = {id(buffer): (buffer, buffer.detach().clone()) for module in modules for buffer in module.buffers()}
    parameters = {id(p): p for module in modules for p in module.parameters()}
    gradients = {key: (p.grad, None if p.grad is None else p.grad.detach().clone()) for key, p in parameters.items()}
    modes = [(part, part.training) for module in modules for part in module.modules()]
    attributes = [(part, dict(part.__dict__)) for part, _ in modes if not isinstance(part, LazyModuleMixin)]
    try:
        yield
    finally:
        with torch.no_grad():
            for buffer, kept in buffers.values():
                buffer.copy_(kept)
            for key, (gradient, values) in gradients.items():
                parameters[key].grad = gradient
                if gradient is not None and values is not None:
                    gradient.copy_(values)
        for part, kept_attributes in attributes:
            _restore(part, kept_attributes)
        for part, training in modes:
            part.training = training
        random.setstate(python_state)
        np.random.set_state(numpy_state)
        torch.set_rng_state(torch_state)
        if cuda_states:
            torch.cuda.set_rng_state_all(cuda_states)
