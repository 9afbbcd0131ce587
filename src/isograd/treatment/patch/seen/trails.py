"""The chain of calls that led to an optimizer's birth or step, and what was within reach of each."""

from dataclasses import dataclass
from types import FrameType
from typing import Any
from weakref import ReferenceType

import torch
from torch import nn
from torch.amp import GradScaler

from isograd.facts.treatment import Passage, Position
from isograd.treatment.patch.seen.expressions import Named, names_in
from isograd.treatment.patch.seen.positions import passed_through, position_of, user_frames
from isograd.treatment.patch.source.file import is_library


@dataclass(frozen=True)
class Trail:
    """One way in which a program came to its optimizer."""

    optimizer: "ReferenceType[torch.optim.Optimizer]"
    """Whose."""
    positions: tuple[Position, ...]
    """Calls, innermost first."""
    names: tuple[Named, ...]
    """Expressions of modules and optimizers in the frame of each."""
    scaled: bool
    """True if a loss scaler stood in between."""


def trail_to(optimizer: torch.optim.Optimizer, reference: Any) -> Trail:
    """Reads the frames that called a method of the optimizer."""
    frames = list(user_frames(optimizer))
    return Trail(reference, tuple(map(position_of, frames)), tuple(map(_names, frames)), passed_through(GradScaler))


def _names(frame: FrameType) -> Named:
    return [] if is_library(frame.f_code.co_filename) else names_in(frame)


def chain(trail: Trail, model: nn.Module, others: list[Trail]) -> tuple[Passage, ...]:
    """The trail as facts.

    Args:
        trail: Of a treated optimizer.
        model: The treated model.
        others: Trails of what is not treated.
    """
    elsewhere = {position for other in others for position in other.positions}
    return tuple(
        Passage(position, _called(model, named), _name(trail.optimizer(), named), position in elsewhere)
        for position, named in zip(trail.positions, trail.names, strict=True)
    )


def _called(model: nn.Module, named: Named) -> str:
    """An expression for the model; one that puts them together for modules that no single module holds."""
    if not isinstance(model, nn.ModuleDict) or _name(model, named):
        return _name(model, named)
    parts = {key: _name(part, named) for key, part in model.items()}
    if not parts or not all(parts.values()):
        return ""
    return "nn.ModuleDict({" + ", ".join(f'"{key}": {name}' for key, name in parts.items()) + "})"


def _name(wanted: Any, named: Named) -> str:
    return next((expression for expression, found in named if found() is wanted), "") if wanted is not None else ""
