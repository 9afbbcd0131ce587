"""`activation:leaky-relu`: slope 0.01 below zero, with He initialisation for that slope."""

from torch import nn

from isograd.treatment.remedies.activation.kind import Kind, with_keyword
from isograd.treatment.remedies.activation.remedy import ActivationRemedy

_FUNCTION = "torch.nn.functional.leaky_relu"
LEAKY_RELU = ActivationRemedy(
    Kind("leaky-relu", "leaky_relu", nn.LeakyReLU, _FUNCTION, with_keyword(_FUNCTION), initial="he", slope=0.01)
)
"""Maas, Hannun and Ng 2013."""
