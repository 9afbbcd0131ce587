"""`activation:selu`: the self-normalising ELU, with LeCun initialisation."""

from torch import nn

from isograd.treatment.remedies.activation.kind import Kind, with_keyword
from isograd.treatment.remedies.activation.remedy import ActivationRemedy

SELU = ActivationRemedy(
    Kind("selu", "selu", nn.SELU, "torch.selu", with_keyword("torch.nn.functional.selu"), initial="lecun")
)
"""Klambauer and others 2017."""
