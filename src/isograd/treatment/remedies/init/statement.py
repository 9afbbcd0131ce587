"""What is done to the tensors of one layer: as a function on the layer, and as lines of source that do the same."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import nn

from isograd.treatment.remedies.init.law import Law


class Statement(Protocol):
    """One thing done to a layer; equal statements on several layers are written as a loop."""

    def apply(self, layer: nn.Module) -> None:
        """Does it in place; parameters stay the same objects."""

    def lines(self, layer: str) -> tuple[str, ...]:
        """The same as source; `layer` is an expression."""


@dataclass(frozen=True)
class Draw:
    """A tensor of a layer, or equal parts of it, drawn anew.

    >>> from isograd.treatment.remedies.init.law import Named
    >>> Draw("weight_hh_l0", Named("orthogonal_"), parts=4).lines("layer")
    ('for part in layer.weight_hh_l0.data.chunk(4):', '    nn.init.orthogonal_(part)')
    """

    attribute: str
    """Name of the parameter in its layer, e.g. `weight`."""
    law: Law
    """How it is drawn."""
    parts: int = 1
    """Blocks of rows, each of them drawn by itself: the gates of a cell, or q, k and v."""
    only: int | None = None
    """The only block that is drawn; None for all."""
    where_there: bool = False
    """True if some of the layers that the statement is for have no such parameter."""
    computed: bool = False
    """True if the tensor is computed from others (weight normalisation) and is drawn by assigning to it."""

    def apply(self, layer: nn.Module) -> None:
        """Draws it."""
        tensor = getattr(layer, self.attribute)
        if tensor is None:
            return
        if self.computed:
            fresh = torch.empty_like(tensor)
            self.law.fill(fresh)
            setattr(layer, self.attribute, fresh)
        elif self.parts == 1:
            self.law.fill(tensor)
        else:
            blocks = tensor.data.chunk(self.parts)
            for part in blocks if self.only is None else (blocks[self.only],):
                self.law.fill(part)

    def lines(self, layer: str) -> tuple[str, ...]:
        """The same as source."""
        tensor = (
            f"{layer}.{self.attribute}" if self.attribute.isidentifier() else f"getattr({layer}, {self.attribute!r})"
        )
        lines = self.lines_for(tensor)
        return (f"if {tensor} is not None:", *(f"    {line}" for line in lines)) if self.where_there else lines

    def lines_for(self, tensor: str) -> tuple[str, ...]:
        """The same for any tensor that is treated alike; `tensor` is an expression."""
        if self.computed:
            return f"fresh = torch.empty_like({tensor})", self.law.source("fresh"), f"{tensor} = fresh"
        if self.parts == 1:
            return (self.law.source(tensor),)
        blocks = f"{tensor}.data.chunk({self.parts})"
        if self.only is not None:
            return (self.law.source(f"{blocks}[{self.only}]"),)
        return f"for part in {blocks}:", f"    {self.law.source('part')}"


@dataclass(frozen=True)
class Verse:
    """All that is done to one layer."""

    path: str
    """Of the layer in the model."""
    statements: tuple[Statement, ...]
    """In order."""


Program = tuple[Verse, ...]
"""What an initialisation does, in the order in which it draws random numbers: equal verses stand together."""


def in_groups(model: nn.Module, verses: Program) -> Program:
    """The same verses with equal ones together, in the order in which each kind first comes.

    So a loop over all layers of one kind draws the same random numbers as going from verse to verse.
    """
    settled = {verse.path: verse for kind in _kinds(verses) for verse in _settled(model, kind)}
    return tuple(verse for kind in _kinds([settled[verse.path] for verse in verses]) for verse in kind)


def _kinds(verses: Sequence[Verse]) -> list[list[Verse]]:
    """Equal verses together, in the order of each kind's first."""
    kinds: dict[tuple[Statement, ...], list[Verse]] = {}
    for verse in verses:
        kinds.setdefault(verse.statements, []).append(verse)
    return list(kinds.values())


def _settled(model: nn.Module, verses: list[Verse]) -> list[Verse]:
    """Equal verses without "where there" if all of their layers have the parameter, or none has."""
    layers = [model.get_submodule(verse.path) for verse in verses]
    statements: list[Statement] = []
    for statement in verses[0].statements:
        if isinstance(statement, Draw) and statement.where_there:
            there = {getattr(layer, statement.attribute) is not None for layer in layers}
            if there == {False}:
                continue
            statement = replace(statement, where_there=len(there) == 2)
        statements.append(statement)
    return [replace(verse, statements=tuple(statements)) for verse in verses]
