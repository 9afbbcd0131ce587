"""An LSTM in the place of a plain recurrent layer: the same interface, the forget gate biased towards keeping."""

from typing import Any

import torch
from torch import Tensor, nn

from isograd.model.surgery import Edit
from isograd.observation.replay import Call
from isograd.observation.undisturbed import undisturbed
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.recurrent.behind_rnn import LSTMBehindRNN, LSTMCellBehindRNNCell
from isograd.treatment.remedies.recurrent.exchange import Exchange, imported
from isograd.treatment.remedies.recurrent.plain_layers import plain_layers

_SHORT = '''class LSTMBehindRNN(nn.LSTM):
    """An LSTM that is called as nn.RNN is: its cell state begins at zero and is not given back."""

    def forward(self, input, hx=None):
        if hx is not None:
            hx = hx, hx.new_zeros(*hx.shape[:-1], self.hidden_size)
        output, (hidden, _) = super().forward(input, hx)
        return output, hidden'''
"""Does what isograd's class does as long as no state is handed back."""


def _written(patient: Patient, kind: type[nn.Module]) -> tuple[str, str, str]:
    """In full where the program is known to begin every sequence anew; else imported."""
    if kind is LSTMBehindRNN and patient.calls and not _states_handed_in(patient):
        return "LSTMBehindRNN", "", _SHORT
    return imported(kind)


def _states_handed_in(patient: Patient) -> bool:
    """True if a plain layer is called with an initial state that is not zero."""
    plain = [one.module for one in plain_layers(patient.model)]
    found: list[bool] = []

    def look(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        state = args[1] if len(args) > 1 else kwargs.get("hx")
        found.append(isinstance(state, Tensor) and bool(state.any()))

    hooks = [module.register_forward_pre_hook(look, with_kwargs=True) for module in plain]
    try:
        _call(patient)
    finally:
        for hook in hooks:
            hook.remove()
    return any(found)


def _keeps_cells(patient: Patient) -> bool:
    """False if a loop of cells changes h between two calls, so that the cell state would be lost at each of them."""
    cells = [one for one in plain_layers(patient.model) if one.is_cell]
    if not cells or not patient.calls:
        return True
    edit, tried = Edit(), []
    for one in cells:
        with torch.random.fork_rng(devices=()):
            new = LSTMCellBehindRNNCell(one.module.input_size, one.module.hidden_size, bool(one.module.bias))
        tried.append(new.to(one.weight))
        for path in one.paths:
            edit.replace(patient.model, path, new)
    try:
        _call(patient)
        return not any(new.carried.num_lost for new in tried)
    finally:
        edit.undo()


def _call(patient: Patient) -> None:
    """Two passes, one upon the other, as in training."""
    with undisturbed((patient.model,)):
        for call in patient.calls[:2]:
            patient.model(*call.args, **call.kwargs)


LSTM = Exchange("recurrent:lstm", LSTMBehindRNN, LSTMCellBehindRNNCell, _written, _keeps_cells)
"""`nn.RNN` becomes an LSTM that gives back h alone, `nn.RNNCell` its cell."""


def lstm_for_rnn(model: nn.Module, *args: object, forget_bias: float = 1.0, num_steps: float | None = None) -> Edit:
    """Puts an LSTM in the place of every `nn.RNN` and `nn.RNNCell` below the model.

    It is called as the plain layer was: with h alone, giving back h alone. Options, attribute names and the place among
    the model's parameters stay; make the optimizer afterwards.

    Args:
        model: The model.
        *args: A batch: what the model is called with, to measure its memory before and after.
        forget_bias: Bias of the forget gates.
        num_steps: T, for chrono initialisation of the gates instead; None for that where the batch shows sequences of
            20 time steps and more, 0 for never.

    Returns:
        What was changed, with the way back.

    >>> model = nn.Sequential(nn.RNN(2, 3, batch_first=True))
    >>> _ = lstm_for_rnn(model); model[0]
    LSTMBehindRNN(2, 3, batch_first=True)

    Source: Hochreiter and Schmidhuber 1997; Gers, Schmidhuber and Cummins 2000.
    """
    patient = Patient(model, calls=(Call(args, {}),) if args else ())
    steps = {} if num_steps is None else {"num_steps": num_steps}
    return LSTM.make(patient, {"forget_bias": forget_bias, **steps})
