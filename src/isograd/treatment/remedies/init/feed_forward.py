"""What an initialisation of whole networks draws: hidden weights by its law, recurrent ones orthogonal, biases zero.

The output layer keeps the values that it was given: its scale is a choice of its own (a small or zero head is often
meant), and no product over layers runs through it twice. Only where it is far off is it drawn as a linear layer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

import torch
from torch import nn

from isograd.errors import UsageError
from isograd.facts.treatment import Settings
from isograd.theory import Activation
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.init.blocks import Block, blocks_of
from isograd.treatment.remedies.init.following import LINEAR, Following, following
from isograd.treatment.remedies.init.law import ZERO, Law, orthogonal
from isograd.treatment.remedies.init.scales import known_name
from isograd.treatment.remedies.init.statement import Draw, Program, Verse

_FAR_OFF = (0.01, 10.0)
"""sigma_w^2 of an output layer outside of this is taken for a mistake; torch's own is 1/3, He's 2."""


class LawOf(Protocol):
    """How a weight is drawn."""

    def __call__(self, block: Block, tensor: torch.Tensor, activation: Activation, settings: Settings) -> Law:
        """The law of one of the weights that are stacked in a tensor.

        Args:
            block: Which weight.
            tensor: One part of it.
            activation: What follows, as far as it is known; `LINEAR` for none.
            settings: The remedy's numbers.
        """


class BiasOf(Protocol):
    """How the biases of a hidden layer are drawn."""

    def __call__(self, activation: Activation, settings: Settings) -> Law:
        """The law, by the activation that follows."""


def zero_biases(activation: Activation, settings: Settings) -> Law:
    """Biases of zero, whatever follows."""
    return ZERO


def plan(
    patient: Patient,
    settings: Settings,
    law_of: LawOf,
    bias_of: BiasOf = zero_biases,
    usual: Activation = LINEAR,
    needs_hidden: bool = False,
    by_group: bool = False,
    keep_outputs: bool = True,
) -> Program:
    """What is drawn, layer by layer.

    Args:
        patient: The model, and its batch if there is one.
        settings: Complete settings; `biases` is `zero` or `keep`.
        law_of: How a weight of a feed-forward layer, or W_ih, is drawn.
        bias_of: How the biases of a hidden layer are drawn.
        usual: What is taken to follow a layer where it could not be told.
        needs_hidden: True if recurrent layers alone are no reason to draw anything.
        by_group: True if the groups of a convolution are drawn one by one.
        keep_outputs: False if output layers are drawn as all others are.

    Raises:
        UsageError: If a setting is none of those that there are.
    """
    if settings["biases"] not in ("zero", "keep"):
        raise UsageError(f"biases must be 'zero' or 'keep'; got {settings['biases']!r}")
    model, after = patient.model, following(patient)
    if not keep_outputs:
        after = replace(after, outputs=frozenset())
    blocks = blocks_of(model)
    hidden = [block for block in blocks if block.role == "layer" and block.site not in after.outputs]
    if needs_hidden and not hidden:
        return ()
    drawn = [block for block in blocks if block.site not in after.outputs or _is_off(model, block, hidden)]
    uneven = _uneven(model, blocks)
    verses: dict[str, list[Draw]] = {}
    for block in drawn:
        activation = _activation(block, after, usual)
        statements = verses.setdefault(block.path, [])
        draw = _weight(model, block, activation, law_of, settings)
        statements.append(replace(draw, parts=draw.parts * block.groups) if by_group else draw)
        kind = type(model.get_submodule(block.path))
        if block.bias and settings["biases"] == "zero" and _is_free(model, block, kind in uneven):
            statements.append(Draw(block.bias, bias_of(activation, settings), where_there=kind in uneven))
    return tuple(Verse(path, tuple(statements)) for path, statements in verses.items())


def hidden_activations(patient: Patient) -> tuple[Activation, ...]:
    """The activations that follow hidden layers, each once; for choosing settings."""
    after = following(patient)
    sites = {block.site for block in blocks_of(patient.model) if block.role == "layer"} - after.outputs
    followed = (a for site, a in after.activations.items() if site in sites and a.name != LINEAR.name)
    found = {known_name(activation) or activation.name: activation for activation in followed}
    return tuple(found.values())


def part_of(block: Block, tensor: torch.Tensor) -> torch.Tensor:
    """The first of the weights that are stacked in a tensor."""
    return tensor.detach()[: tensor.shape[0] // block.parts]


def torch_fans(tensor: torch.Tensor) -> tuple[int, int]:
    """(n_in, n_out) as `torch.nn.init` counts them, blind to strides, groups and transposition."""
    rest = tensor[0, 0].numel() if tensor.ndim > 2 else 1
    return tensor.shape[1] * rest, tensor.shape[0] * rest


def _activation(block: Block, after: Following, usual: Activation) -> Activation:
    """Layers inside a cell are taken to be linear: their gates work around zero."""
    if block.role != "layer" or block.site in after.outputs:
        return LINEAR
    return after.activations.get(block.site, usual)


def _weight(model: nn.Module, block: Block, activation: Activation, law_of: LawOf, settings: Settings) -> Draw:
    tensor = getattr(model.get_submodule(block.path), block.attribute)
    if block.role == "recurrent":
        law = orthogonal(1.0, tensor.dtype)
    else:
        law = law_of(block, part_of(block, tensor), activation, settings)
    return Draw(block.attribute, law, parts=block.parts, computed=block.computed)


def _is_off(model: nn.Module, block: Block, hidden: Sequence[Block]) -> bool:
    """True if an output layer's weights are far from any usual scale; zero is meant, if no hidden layer is zero."""
    size = _sigma_w2(model, block)
    if size == 0:
        return any(_sigma_w2(model, other) == 0 for other in hidden)
    return not _FAR_OFF[0] <= size <= _FAR_OFF[1]


def _sigma_w2(model: nn.Module, block: Block) -> float:
    weight = getattr(model.get_submodule(block.path), block.attribute).detach().double()
    return float(weight.square().mean()) * block.fan_in


def _is_free(model: nn.Module, block: Block, uneven: bool) -> bool:
    """True if there is a bias to draw; where only some layers of a kind have one, also if this one has none."""
    bias = getattr(model.get_submodule(block.path), block.bias)
    return uneven if bias is None else isinstance(bias, nn.Parameter) and bias.requires_grad


def _uneven(model: nn.Module, blocks: Iterable[Block]) -> set[type[nn.Module]]:
    """Kinds of layers of which some have biases and some have none."""
    found: dict[type[nn.Module], set[bool]] = {}
    for block in blocks:
        if block.bias:
            layer = model.get_submodule(block.path)
            found.setdefault(type(layer), set()).add(getattr(layer, block.bias) is None)
    return {kind for kind, absent in found.items() if len(absent) == 2}
