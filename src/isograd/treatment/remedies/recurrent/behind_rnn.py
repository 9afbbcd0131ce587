"""An LSTM behind the interface of a plain recurrent layer: called with h alone, it gives back h alone."""

from typing import Any

import torch
from torch import Tensor, nn

from isograd.treatment.remedies.recurrent.carried import Carried


class LSTMBehindRNN(nn.LSTM):
    """An `nn.LSTM` that is made and called as `nn.RNN` is: `output, h_n = layer(input, h_0)`.

    Packed sequences, unbatched input, layers and directions as in `nn.LSTM`. The cell state begins at zero. If the
    caller hands back the h_n that the last call gave (itself, detached, or a clone), it goes on where it was; one that
    was changed begins at zero again.

    >>> layer = LSTMBehindRNN(3, 4, batch_first=True)
    >>> output, hidden = layer(torch.ones(2, 5, 3))
    >>> output.shape, hidden.shape
    (torch.Size([2, 5, 4]), torch.Size([1, 2, 4]))

    Source: Hochreiter and Schmidhuber 1997.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """As `nn.RNN`; the nonlinearity is kept for those who read it, and used nowhere."""
        nn.LSTM.__init__(
            self,
            input_size,
            hidden_size,
            num_layers,
            bias=bias,
            batch_first=batch_first,
            dropout=dropout,
            bidirectional=bidirectional,
            proj_size=proj_size,
            device=device,
            dtype=dtype,
        )
        self.nonlinearity = nonlinearity
        self.carried = Carried()

    @torch.compiler.disable  # type: ignore[untyped-decorator]  # torch does not type it; it breaks graphs at any LSTM
    def forward(self, input: Any, hx: Tensor | None = None) -> Any:
        """As `nn.RNN.forward`: (output, h_n)."""
        state = None if hx is None else (hx, self.carried.cell_for(hx, self.hidden_size))
        output, (hidden, cell) = nn.LSTM.forward(self, input, state)
        self.carried.keep(hidden, cell)
        return output, hidden


class LSTMCellBehindRNNCell(nn.LSTMCell):
    """An `nn.LSTMCell` that is made and called as `nn.RNNCell` is: `h = cell(input, h)`.

    The cell state goes along with the h that is handed back, as in `LSTMBehindRNN`; a loop that changes h between two
    calls (dropout, normalisation) loses it, and should use a GRU.

    >>> cell, h = LSTMCellBehindRNNCell(3, 4), None
    >>> for _ in range(5):
    ...     h = cell(torch.ones(2, 3), h)
    >>> h.shape, cell.carried.num_lost
    (torch.Size([2, 4]), 0)

    Source: Hochreiter and Schmidhuber 1997.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        *,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """As `nn.RNNCell`; the nonlinearity is kept for those who read it, and used nowhere."""
        nn.LSTMCell.__init__(self, input_size, hidden_size, bias, device=device, dtype=dtype)
        self.nonlinearity = nonlinearity
        self.carried = Carried()

    @torch.compiler.disable  # type: ignore[untyped-decorator]  # torch does not type it
    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """As `nn.RNNCell.forward`: h."""
        state = None if hx is None else (hx, self.carried.cell_for(hx, self.hidden_size))
        hidden, cell = nn.LSTMCell.forward(self, input, state)
        self.carried.keep(hidden, cell)
        return hidden
