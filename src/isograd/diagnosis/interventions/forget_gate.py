"""Forget gates of LSTM layers opened: their biases raised to 5, at which a cell keeps 99 % a time step."""

from contextlib import AbstractContextManager

import torch

from isograd.diagnosis.interventions.intervention import Subject, Trace
from isograd.diagnosis.interventions.rerouting import shifted, substituting
from isograd.facts import Text

OPEN = 5.0
"""Gers et al. (2000): a bias of 5 lets the cell behave like one without a forget gate."""


class ForgetGate:
    """The intervention `forget-gate`."""

    name = "forget-gate"

    def label(self, subject: Subject) -> Text:
        """See `Intervention`."""
        return Text("forget-gate biases to 5", "망각 게이트 편향을 5로 변경")

    def applies(self, subject: Subject) -> bool:
        """True if the gain through time is judged and there is an LSTM with biases."""
        return bool(subject.site) and bool(_biases(subject))

    def make(self, subject: Subject, trace: Trace) -> AbstractContextManager[object]:
        """See `Intervention`."""
        biases = _biases(subject)
        trace.touched = len(biases)
        return substituting({id(b): lambda b=b, to=to: shifted(b, _open(b, to)) for b, to in biases})  # type: ignore[misc]  # defaults bind the loop's variables

    def cause(self, subject: Subject, trace: Trace) -> str | None:
        """A gate that is opened cannot be what made a gradient grow."""
        return None if subject.gain > 0 else "forget-gate"


def _biases(subject: Subject) -> list[tuple[torch.Tensor, float]]:
    """The two biases of each layer and what their forget part is to be; gates come in the order i, f, g, o."""
    found: list[tuple[torch.Tensor, float]] = []
    for module in subject.modules.values():
        for part in module.modules():
            if isinstance(part, torch.nn.LSTM | torch.nn.LSTMCell):
                named = dict(part.named_parameters(recurse=False))
                found += [(p, OPEN if "ih" in name else 0.0) for name, p in named.items() if name.startswith("bias")]
    return found


def _open(bias: torch.Tensor, to: float) -> torch.Tensor:
    raised = bias.detach().clone()
    units = bias.numel() // 4
    raised[units : 2 * units] = to
    return raised
