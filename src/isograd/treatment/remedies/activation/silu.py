"""`activation:silu`: z sigmoid(z), at its critical point."""

from torch import nn

from isograd.treatment.remedies.activation.kind import Kind, with_keyword
from isograd.treatment.remedies.activation.remedy import ActivationRemedy

_FUNCTION = "torch.nn.functional.silu"
SILU = ActivationRemedy(
    Kind(
        "silu",
        "silu",
        nn.SiLU,
        _FUNCTION,
        with_keyword(_FUNCTION),
        initial="critical",
        settings={"sigma_w": 1.41, "sigma_b": 0.7451},
    )
)
"""Elfwing, Uchibe and Doya 2017; Roberts, Yaida and Hanin 2022 for the initial values."""
