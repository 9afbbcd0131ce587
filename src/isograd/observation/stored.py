"""Checkpointing held off: for one pass, activations are stored instead of being computed again on the way back.

A change to the forward pass does not reach what is computed again later, and what is computed again cannot be read. One
batch has room for its activations more often than a training has; where it has not, torch says so.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
import torch.utils.checkpoint as checkpointing

_HOOKS: type[Any] | None = getattr(checkpointing, "_checkpoint_hook", None)
"""What stands around a checkpointed region that is not re-entrant; private, so that a torch may lack it."""


class Border:
    """The border of a region that would be checkpointed; whoever wants to know of it stands around these two."""

    @staticmethod
    def enter() -> None:
        """Called where a region begins."""

    @staticmethod
    def leave() -> None:
        """Called where it ends."""


@contextmanager
def activations_stored() -> Iterator[None]:
    """Makes `torch.utils.checkpoint` a plain call, of both kinds; one such block may stand in another.

    >>> with activations_stored():
    ...     out = checkpointing.checkpoint(torch.exp, torch.zeros(2, requires_grad=True), use_reentrant=True)
    >>> out.grad_fn.name()
    'ExpBackward0'
    """
    reentrant: Any = checkpointing.CheckpointFunction
    apply = reentrant.apply

    def plainly(function: Callable[..., Any], preserve: bool, *args: Any) -> Any:
        if any(isinstance(one, torch.Tensor) and one.requires_grad for one in args):
            Border.enter()
            try:
                return function(*args)
            finally:
                Border.leave()
        return apply(function, preserve, *args)  # no parameter in it gets a gradient: that is to be seen

    with ExitStack() as stack:
        stack.enter_context(_set(reentrant, "apply", staticmethod(plainly)))
        if _HOOKS is not None:
            stack.enter_context(_set(_HOOKS, "__enter__", lambda *_: Border.enter()))
            stack.enter_context(_set(_HOOKS, "__exit__", lambda *_: Border.leave()))
        yield


@contextmanager
def _set(owner: type[Any], name: str, value: object) -> Iterator[None]:
    """Gives a class an attribute of its own for a while."""
    own, kept = name in vars(owner), vars(owner).get(name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        if own:
            setattr(owner, name, kept)
        else:
            delattr(owner, name)
