"""A GRU in the place of a plain recurrent layer: the same interface, the update gate biased towards keeping."""

from torch import nn

from isograd.model.surgery import Edit
from isograd.observation.replay import Call
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.recurrent.exchange import Exchange, of_torch

GRU = Exchange("recurrent:gru", nn.GRU, nn.GRUCell, of_torch)
"""`nn.RNN` becomes `nn.GRU`, `nn.RNNCell` becomes `nn.GRUCell`."""


def gru_for_rnn(model: nn.Module, *args: object, forget_bias: float = 1.0, num_steps: float | None = None) -> Edit:
    """Puts a GRU in the place of every `nn.RNN` and `nn.RNNCell` below the model.

    Options, attribute names and the place among the model's parameters stay; make the optimizer afterwards.

    Args:
        model: The model.
        *args: A batch: what the model is called with, to measure its memory before and after.
        forget_bias: Bias of the update gates.
        num_steps: T, for chrono initialisation of these gates instead; None for that where the batch shows sequences
            of 20 time steps and more, 0 for never.

    Returns:
        What was changed, with the way back.

    >>> model = nn.Sequential(nn.RNN(2, 3, batch_first=True))
    >>> _ = gru_for_rnn(model); model[0]
    GRU(2, 3, batch_first=True)

    Source: Cho et al. 2014; Tallec and Ollivier 2018 for the gates.
    """
    patient = Patient(model, calls=(Call(args, {}),) if args else ())
    steps = {} if num_steps is None else {"num_steps": num_steps}
    return GRU.make(patient, {"forget_bias": forget_bias, **steps})
