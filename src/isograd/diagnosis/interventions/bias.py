"""Biases set to zero, those of normalisations too; gates keep theirs, which are meant."""

import re
from contextlib import AbstractContextManager

import torch

from isograd.diagnosis.interventions.intervention import Subject, Trace
from isograd.diagnosis.interventions.rerouting import substituting
from isograd.facts import Text

_SHORT = re.compile(r"b(_?[a-z0-9]{1,2})?")
_GATED = (torch.nn.LSTM, torch.nn.GRU, torch.nn.LSTMCell, torch.nn.GRUCell)


class Bias:
    """The intervention `bias`."""

    name = "bias"

    def label(self, subject: Subject) -> Text:
        """See `Intervention`."""
        return Text("biases to zero", "편향을 0으로 변경")

    def applies(self, subject: Subject) -> bool:
        """True if a bias is not zero."""
        return any(bool(bias.detach().any()) for bias in _biases(subject))

    def make(self, subject: Subject, trace: Trace) -> AbstractContextManager[object]:
        """See `Intervention`."""
        biases = _biases(subject)
        trace.touched = len(biases)
        return substituting({id(bias): lambda bias=bias: torch.zeros_like(bias) for bias in biases})  # type: ignore[misc]  # a default binds the loop's variable

    def cause(self, subject: Subject, trace: Trace) -> str | None:
        """`negative-bias` where they lie below zero on the whole, else they are part of weights drawn too large."""
        biases = [bias.detach().double() for bias in _biases(subject)]
        total = sum(bias.numel() for bias in biases)
        mean = sum(float(bias.sum()) for bias in biases) / total
        size = (sum(float(bias.square().sum()) for bias in biases) / total) ** 0.5
        return "negative-bias" if mean < -0.3 * size else "init-too-large"


def _biases(subject: Subject) -> list[torch.Tensor]:
    found: list[torch.Tensor] = []
    for module in subject.modules.values():
        for part in module.modules():
            if not isinstance(part, _GATED):
                found += [p for name, p in part.named_parameters(recurse=False) if is_bias(name, p)]
    return found


def is_bias(name: str, parameter: torch.Tensor) -> bool:
    """True for a parameter that is added, by its name and its shape.

    >>> is_bias("bias_hh_l0", torch.zeros(3)), is_bias("b2", torch.zeros(1, 3)), is_bias("weight", torch.zeros(3))
    (True, True, False)
    """
    return ("bias" in name or _SHORT.fullmatch(name) is not None) and parameter.numel() == max(
        parameter.shape, default=1
    )
