"""`activation:gelu`: z times the probability that a standard normal variable is below z, at its critical point."""

from torch import nn

from isograd.treatment.remedies.activation.kind import Kind
from isograd.treatment.remedies.activation.remedy import ActivationRemedy

GELU = ActivationRemedy(
    Kind(
        "gelu",
        "gelu",
        nn.GELU,
        "torch.nn.functional.gelu",
        None,
        initial="critical",
        settings={"sigma_w": 1.4082, "sigma_b": 0.4158},
    )
)
"""Hendrycks and Gimpel 2016; Roberts, Yaida and Hanin 2022 for the initial values."""
