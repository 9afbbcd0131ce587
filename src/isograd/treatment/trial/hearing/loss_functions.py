"""Hears every call of torch's loss functions, from right after torch was imported.

The wrappers stand in `torch.nn.functional`, before the program can take a name from there; loss modules call them too.
What they return is what torch returns, and in a region that is being compiled they are not there.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import torch
from torch.nn import functional

NAMES = (
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "cosine_embedding_loss", "cross_entropy", "ctc_loss",
    "gaussian_nll_loss", "hinge_embedding_loss", "huber_loss", "kl_div", "l1_loss", "margin_ranking_loss", "mse_loss",
    "multi_margin_loss", "multilabel_margin_loss", "multilabel_soft_margin_loss", "nll_loss", "poisson_nll_loss",
    "smooth_l1_loss", "soft_margin_loss", "triplet_margin_loss",
)  # fmt: skip
REGRESSION = ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "gaussian_nll_loss")
"""Those whose second argument is a target on a scale of its own."""

Heard = Callable[[str, Any, tuple[Any, ...], dict[str, Any]], None]
"""Called with the function's name, its result and its arguments."""


def listen(heard: Heard) -> Callable[[], None]:
    """Wraps all loss functions; they raise nothing of ours.

    Returns:
        What takes the wrappers away again.
    """
    depth = [0]
    originals = {name: getattr(functional, name) for name in NAMES if hasattr(functional, name)}
    for name, original in originals.items():
        setattr(functional, name, _wrapped(name, original, heard, depth))

    def undo() -> None:
        for name, original in originals.items():
            setattr(functional, name, original)

    return undo


def _wrapped(name: str, original: Callable[..., Any], heard: Heard, depth: list[int]) -> Callable[..., Any]:
    @wraps(original)
    def function(*args: Any, **kwargs: Any) -> Any:
        if torch.compiler.is_compiling():
            return original(*args, **kwargs)
        depth[0] += 1
        try:
            result = original(*args, **kwargs)
        finally:
            depth[0] -= 1
        if depth[0] == 0:
            heard(name, result, args, kwargs)
        return result

    return function


def argument(args: tuple[Any, ...], kwargs: dict[str, Any], place: int, *names: str) -> Any:
    """An argument by its place or one of its names; None if it was not given."""
    if len(args) > place:
        return args[place]
    return next((kwargs[name] for name in names if name in kwargs), None)
