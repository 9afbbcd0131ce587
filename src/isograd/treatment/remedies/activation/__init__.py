"""Activations exchanged: modules and functional calls; gates and outputs stay."""

from isograd.treatment.remedies.activation.elu import ELU
from isograd.treatment.remedies.activation.gelu import GELU
from isograd.treatment.remedies.activation.leaky_relu import LEAKY_RELU
from isograd.treatment.remedies.activation.prelu import PRELU
from isograd.treatment.remedies.activation.relu import RELU
from isograd.treatment.remedies.activation.selu import SELU
from isograd.treatment.remedies.activation.silu import SILU
from isograd.treatment.remedies.activation.tanh import TANH
from isograd.treatment.remedies.remedy import Remedy

REMEDIES: tuple[Remedy, ...] = (RELU, LEAKY_RELU, ELU, SELU, GELU, SILU, PRELU, TANH)
"""Of this family, best first."""
