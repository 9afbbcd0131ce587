"""`activation:relu`: max(0, z), with He initialisation."""

from torch import nn

from isograd.treatment.remedies.activation.kind import Kind, with_keyword
from isograd.treatment.remedies.activation.remedy import ActivationRemedy

RELU = ActivationRemedy(
    Kind("relu", "relu", nn.ReLU, "torch.relu", with_keyword("torch.nn.functional.relu"), initial="he")
)
"""Nair and Hinton 2010; He and others 2015 for the initial values."""
