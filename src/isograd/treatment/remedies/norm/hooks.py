"""Forward hooks that normalise what a layer gives: `layer.norm` on it, with features where it wants them.

They are functions of a module, not closures, so that a model with them can be pickled and copied. The same lines are
written into the user's source.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

Hook = Callable[[Any, tuple[Any, ...], torch.Tensor], torch.Tensor]


def normalise(layer: nn.Module, args: tuple[Any, ...], output: torch.Tensor) -> torch.Tensor:
    """Normalises an output as it is."""
    return layer.norm(output)  # type: ignore[operator,no-any-return]  # the module that was put there


def normalise_features(layer: nn.Module, args: tuple[Any, ...], output: torch.Tensor) -> torch.Tensor:
    """Normalises features that stand last, whatever the dimensions before them (batch, time ...)."""
    rows = output.flatten(0, -2)
    return layer.norm(rows).view(output.shape)  # type: ignore[operator,no-any-return]  # as above


def normalise_channels(layer: nn.Module, args: tuple[Any, ...], output: torch.Tensor) -> torch.Tensor:
    """Normalises the channels of an image at each of its points."""
    return layer.norm(output.movedim(1, -1)).movedim(-1, 1)  # type: ignore[operator,no-any-return]  # as above


@dataclass(frozen=True)
class Written:
    """A hook and the same in the user's source."""

    hook: Hook
    """The function."""
    name: str
    """Its name in the source."""
    source: str
    """Its definition there."""


PLAIN = Written(
    normalise,
    "normalise",
    "def normalise(layer, args, output):\n    return layer.norm(output)\n",
)
FEATURES = Written(
    normalise_features,
    "normalise_features",
    "def normalise_features(layer, args, output):\n"
    "    rows = output.flatten(0, -2)\n"
    "    return layer.norm(rows).view(output.shape)\n",
)
CHANNELS = Written(
    normalise_channels,
    "normalise_channels",
    "def normalise_channels(layer, args, output):\n    return layer.norm(output.movedim(1, -1)).movedim(-1, 1)\n",
)
