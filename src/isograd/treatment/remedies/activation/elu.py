"""`activation:elu`: exp(z) - 1 below zero, at the edge of chaos for signals of variance 1."""

from torch import nn

from isograd.treatment.remedies.activation.kind import Kind, with_keyword
from isograd.treatment.remedies.activation.remedy import ActivationRemedy

_FUNCTION = "torch.nn.functional.elu"
ELU = ActivationRemedy(
    Kind(
        "elu",
        "elu",
        nn.ELU,
        _FUNCTION,
        with_keyword(_FUNCTION),
        initial="critical",
        settings={"sigma_w": 1.2234, "sigma_b": 0.1862},
    )
)
"""Clevert, Unterthiner and Hochreiter 2016; sigma_w^2 = 1 / E[phi'^2] and sigma_b^2 = 1 - sigma_w^2 E[phi^2]."""
