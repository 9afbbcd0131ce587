"""A stack of denoising autoencoders: the hidden layers of a network learn one after the other to restore their inputs.

Unlike a deep belief network it takes any activation, and convolutions: what a layer learns from is what the network
itself gives it, with the layers below as they were trained.

Sources: Bengio and others, Greedy layer-wise training of deep networks, 2007; Vincent and others, Stacked denoising
autoencoders, 2010.
"""

from collections.abc import Iterable
from typing import Any, Self

import torch
from torch import Tensor, nn

from isograd.errors import UsageError
from isograd.model.surgery import Edit
from isograd.treatment.remedies.pretrain.batches import as_call, as_rows, as_samples
from isograd.treatment.remedies.pretrain.chance import own_generator
from isograd.treatment.remedies.pretrain.denoising import (
    Denoising,
    DenoisingAutoencoder,
    Restoring,
    train_autoencoder,
)
from isograd.treatment.remedies.pretrain.hidden_chain import encoder_chain
from isograd.treatment.remedies.pretrain.layers import HiddenLayer
from isograd.treatment.remedies.pretrain.standardisation import Standardisation, in_unit
from isograd.treatment.remedies.pretrain.tracing import gather_inputs
from isograd.treatment.remedies.pretrain.unrolling import write


class AutoencoderStack:
    """The hidden layers of a model as encoders.

    >>> model = nn.Sequential(nn.Linear(6, 4), nn.ReLU(), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))
    >>> batches = [torch.rand(10, 6) for _ in range(4)]
    >>> edit = AutoencoderStack.of(model, batches[0]).fit(batches, epochs=2).unroll()
    >>> [change.site for change in edit.changes]
    ['0', '2']
    >>> edit.undo()
    """

    def __init__(self, model: nn.Module, layers: tuple[HiddenLayer, ...]) -> None:
        self.model = model
        self.layers = layers
        self.history: tuple[tuple[Restoring, ...], ...] = ()
        """Of each layer, from the data upwards: what was seen before its training and after each epoch."""
        self._trained: list[tuple[Tensor, Tensor]] = []

    @classmethod
    def of(cls, model: nn.Module, example: Any) -> Self:
        """The stack that a model's hidden layers make.

        Args:
            model: With two or more layers, linear or convolutions, one after the other from the data on, each with an
                activation right behind it.
            example: One batch as the model takes it: a tensor, a tuple of arguments or a mapping of them by name.

        Raises:
            UsageError: If there are no such layers.
        """
        layers = encoder_chain(model, as_call(example))
        if not layers:
            raise UsageError(
                "no chain of two or more layers, from the data on, each with an activation right behind it, was found "
                f"in {type(model).__name__}; layers that are frozen, shared or without a bias are not taken"
            )
        return cls(model, layers)

    def fit(self, batches: Iterable[Any], *, seed: int | None = None, **numbers: Any) -> Self:
        """Trains the layers one after the other, from their present weights; the model is not written.

        Args:
            batches: As the model takes them.
            seed: Of the random numbers; None to follow the seed that torch was given. Torch's own are left alone.
            **numbers: Fields of `Denoising`: `epochs`, `batch_size`, `learning_rate`, `noise`, `tied` ...

        Raises:
            UsageError: If the batches are empty or not finite.
        """
        calls = [as_call(batch) for batch in ([batches] if isinstance(batches, Tensor) else batches)]
        generator, chosen = own_generator(seed, self.layers[0].weight.device), Denoising(**numbers)
        instead: dict[int, Tensor] = {}
        self._trained, history = [], []
        for layer in self.layers:
            inputs = gather_inputs(self.model, calls, layer.weight, instead)
            (weight, bias), seen = _train(layer, inputs, chosen, generator)
            instead |= {id(layer.weight): weight.to(layer.weight.dtype), id(layer.bias): bias.to(layer.bias.dtype)}
            self._trained.append((weight, bias))
            history.append(seen)
        self.history = tuple(history)
        return self

    def unroll(self, edit: Edit | None = None) -> Edit:
        """Writes the trained weights and biases into the model's layers.

        Args:
            edit: Where changes are remembered; None for a new one. Its `undo` brings the old bits back.

        Raises:
            UsageError: If it was not fitted.
        """
        if not self._trained:
            raise UsageError("this stack was not trained; call fit first")
        edit = edit or Edit()
        for layer, values, seen in zip(self.layers, self._trained, self.history, strict=True):
            write(edit, self.model, layer, values, (f"denoising autoencoder {_size(layer)}", seen))
        return edit


def _train(
    layer: HiddenLayer, inputs: list[Tensor], numbers: Denoising, generator: torch.Generator
) -> tuple[tuple[Tensor, Tensor], tuple[Restoring, ...]]:
    """Weight and bias of a layer, trained on what it is given, and how that went.

    Inputs outside [0, 1] are standardised for the training, and the weights then written for the inputs as they are.
    """
    if layer.is_linear:
        x = as_rows(inputs, layer.training_dtype)
        scaling = Standardisation.none(x) if in_unit(x) else Standardisation.of(x)
        autoencoder = DenoisingAutoencoder(layer, scaling.apply(x), numbers.tied)
        seen = train_autoencoder(autoencoder, scaling.apply(x), numbers, generator)
        return scaling.fold(autoencoder.weight.detach(), autoencoder.bias.detach()), seen
    x = as_samples(inputs, layer.training_dtype, layer.weight.ndim - 2)
    rms = x.square().mean().sqrt()
    scale = torch.ones_like(rms) if in_unit(x) or not rms else rms  # no shift: padding is with zeros of x itself
    autoencoder = DenoisingAutoencoder(layer, x / scale, numbers.tied)
    seen = train_autoencoder(autoencoder, x / scale, numbers, generator)
    return (autoencoder.weight.detach() / scale, autoencoder.bias.detach()), seen


def _size(layer: HiddenLayer) -> str:
    """e.g. `784x256`, or `conv 3x16, 5x5`."""
    outputs, inputs, *kernel = layer.weight.shape
    if not kernel:
        return f"{inputs}x{outputs}"
    return f"conv {inputs * layer.geometry['groups']}x{outputs}, {'x'.join(map(str, kernel))}"
