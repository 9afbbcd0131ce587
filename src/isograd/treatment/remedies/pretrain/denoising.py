"""A denoising autoencoder: one layer learns to restore its input from a copy of which entries are missing.

Legend: x input, x~ masked input, W and b the layer's weight and bias, d bias of the decoder, V its weight.

    h = act(W x~ + b),   x' = V^T h + d,   V = W where weights are tied

The loss is the cross-entropy of x against sigmoid(x') for inputs in [0, 1], else the squared error. The layer starts
from its own weights, the decoder from the transposed ones. Updates are Adam's, written out: what isograd watches are
the user's optimizers, and this is none.

Sources: Vincent and others, Extracting and composing robust features with denoising autoencoders, 2008, and Stacked
denoising autoencoders, 2010; Kingma and Ba, Adam, 2015, algorithm 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from isograd.errors import UsageError
from isograd.treatment.remedies.pretrain.layers import HiddenLayer
from isograd.treatment.remedies.pretrain.monitoring import split_rows
from isograd.treatment.remedies.pretrain.standardisation import in_unit

_MOST_ROWS = 256
_FIRST_DECAY, _SECOND_DECAY, _EPSILON = 0.9, 0.999, 1e-8


@dataclass(frozen=True)
class Denoising:
    """Numbers of one training."""

    epochs: int = 10
    """Passes through the inputs, at least 1."""
    batch_size: int = 20
    """Inputs of one update."""
    learning_rate: float = 1e-2
    """Of Adam."""
    noise: float = 0.3
    """Share of entries that are set to 0, 0 to below 1."""
    tied: bool = True
    """True if the decoder's weight is the encoder's; False for one of its own that starts there."""
    held_out: float = 0.1
    """Share of inputs that is kept to see overfitting, 0 to below 1."""

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size"):
            if getattr(self, name) < 1:
                raise UsageError(f"{name} must be at least 1; got {getattr(self, name)}")
        for name in ("noise", "held_out"):
            if not 0 <= getattr(self, name) < 1:
                raise UsageError(f"{name} is a share from 0 to below 1; got {getattr(self, name)}")


@dataclass(frozen=True)
class Restoring:
    """One look at the training."""

    epoch: int
    """How many epochs were done; 0 before the first."""
    reconstruction: float
    """Mean of (x - x')² over inputs that are trained on, x' restored from x without noise."""
    held_out_reconstruction: float
    """The same of inputs that are not; nan if none were held out."""


class DenoisingAutoencoder:
    """A layer of the user's as encoder, with a decoder; holds copies, the layer itself is not written.

    Args:
        layer: The layer.
        x: Inputs, shape (N, D) or (N, C, ...).
        tied: See `Denoising`.
    """

    def __init__(self, layer: HiddenLayer, x: Tensor, tied: bool) -> None:
        self.layer = layer
        self.binary = in_unit(x)
        """True for inputs in [0, 1], which are restored through a sigmoid."""
        dtype = layer.training_dtype
        self.weight = layer.weight.detach().to(dtype, copy=True)
        self.bias = layer.bias.detach().to(dtype, copy=True)
        mean = x.mean(dim=[n for n in range(x.ndim) if n != 1])
        self.decoder_bias = mean.clamp(0.01, 0.99).logit() if self.binary else mean
        self.decoder_weight = self.weight if tied else self.weight.clone()
        self.parameters = [self.weight, self.bias, self.decoder_bias, *([] if tied else [self.decoder_weight])]

    def restore(self, x: Tensor) -> Tensor:
        """x' before the sigmoid, of the shape of x."""
        h = self.layer.encode(x, self.weight, self.bias)
        bias = self.decoder_bias.reshape(-1, *[1] * (x.ndim - 2))
        return self.layer.restore(h, self.decoder_weight, x.shape) + bias

    def loss(self, x: Tensor, masked: Tensor) -> Tensor:
        """Of restoring x from its masked copy, a scalar: summed over one input, averaged over inputs."""
        drive = self.restore(masked)
        if self.binary:
            return functional.binary_cross_entropy_with_logits(drive, x, reduction="sum") / len(x)
        return (drive - x).square().sum() / (2 * len(x))

    @torch.no_grad()
    def look(self, epoch: int, trained: Tensor, held_out: Tensor) -> Restoring:
        """Measures on at most 256 inputs of each kind."""
        return Restoring(epoch, self._error(trained), self._error(held_out))

    def _error(self, x: Tensor) -> float:
        x = x[:_MOST_ROWS]
        drive = self.restore(x)
        return float(((torch.sigmoid(drive) if self.binary else drive) - x).square().mean())


def train_autoencoder(
    autoencoder: DenoisingAutoencoder, x: Tensor, numbers: Denoising, generator: torch.Generator
) -> tuple[Restoring, ...]:
    """Trains an autoencoder in place.

    Args:
        autoencoder: What is trained.
        x: Inputs, shape (N, D) or (N, C, ...).
        numbers: Of the training.
        generator: All random numbers come from it, on the inputs' device.

    Returns:
        One look before the training and one after every epoch.
    """
    trained, held_out = split_rows(x, numbers.held_out, generator)
    adam = _Adam(autoencoder.parameters, numbers.learning_rate)
    history = [autoencoder.look(0, trained, held_out)]
    for epoch in range(numbers.epochs):
        order = torch.randperm(len(trained), generator=generator, device=x.device)
        for chosen in torch.split(order, numbers.batch_size):
            batch = trained[chosen]
            kept = torch.rand(batch.shape, generator=generator, device=x.device, dtype=x.dtype) >= numbers.noise
            with torch.enable_grad():
                for parameter in autoencoder.parameters:
                    parameter.requires_grad_()
                gradients = torch.autograd.grad(autoencoder.loss(batch, batch * kept), autoencoder.parameters)
            adam.step(gradients)
        history.append(autoencoder.look(epoch + 1, trained, held_out))
    return tuple(history)


class _Adam:
    """Adam's updates; it registers nowhere."""

    def __init__(self, parameters: Sequence[Tensor], learning_rate: float) -> None:
        self._parameters, self._learning_rate, self._steps = parameters, learning_rate, 0
        self._means = [torch.zeros_like(p) for p in parameters]
        self._squares = [torch.zeros_like(p) for p in parameters]

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor]) -> None:
        """One update."""
        self._steps += 1
        size = self._learning_rate / (1 - _FIRST_DECAY**self._steps)
        unbias = 1 - _SECOND_DECAY**self._steps
        for p, g, mean, square in zip(self._parameters, gradients, self._means, self._squares, strict=True):
            mean.lerp_(g, 1 - _FIRST_DECAY)
            square.mul_(_SECOND_DECAY).addcmul_(g, g, value=1 - _SECOND_DECAY)
            p.addcdiv_(mean, (square / unbias).sqrt_().add_(_EPSILON), value=-size)
