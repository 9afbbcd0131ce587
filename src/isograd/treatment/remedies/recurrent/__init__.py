"""Cells with gates in place of plain ones."""

from isograd.treatment.remedies.recurrent.behind_rnn import LSTMBehindRNN, LSTMCellBehindRNNCell
from isograd.treatment.remedies.recurrent.gru import GRU, gru_for_rnn
from isograd.treatment.remedies.recurrent.lstm import LSTM, lstm_for_rnn
from isograd.treatment.remedies.remedy import Remedy

REMEDIES: tuple[Remedy, ...] = (LSTM, GRU)
"""Of this family, in the order of the vocabulary."""

__all__ = ["REMEDIES", "LSTMBehindRNN", "LSTMCellBehindRNNCell", "gru_for_rnn", "lstm_for_rnn"]
