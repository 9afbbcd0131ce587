"""`activation:tanh`: slope 1 at zero, with Xavier initialisation."""

from torch import nn

from isograd.treatment.remedies.activation.kind import Kind
from isograd.treatment.remedies.activation.remedy import ActivationRemedy

TANH = ActivationRemedy(Kind("tanh", "tanh", nn.Tanh, "torch.tanh", ("torch.tanh_", ()), initial="xavier"))
"""LeCun and others 1998; Glorot and Bengio 2010 for the initial values."""
