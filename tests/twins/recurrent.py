"""Recurrent layers worked out one sequence, one time step at a time, every state keeping its own gradient.

Written from the equations of torch's documentation and independently of what isograd reads: sequences have their own
length, directions their own order, and so lag is just the place in a list.
"""

from dataclasses import dataclass

import torch


@dataclass
class Twin:
    """What a recurrent layer gives, and its states."""

    outputs: list[torch.Tensor]
    """For each sequence, shape (its length, outputs)."""
    last_hidden: torch.Tensor
    """Shape (layers * directions, batch, outputs of a direction)."""
    last_cell: torch.Tensor
    """The same for the cell state; that of a layer without one is its hidden state."""
    states: dict[str, list[list[tuple[torch.Tensor, torch.Tensor]]]]
    """By suffix such as `l0_reverse`, by sequence, by its own time: (h_t, c_t)."""

    def by_lag(self, suffix, which):
        """Root of the summed squares of the gradients at each lag from each sequence's own end."""
        sequences = self.states[suffix]
        squares = [0.0] * max(map(len, sequences))
        for states in sequences:
            for lag, state in enumerate(reversed(states)):
                squares[lag] += float(state[which].grad.double().square().sum())
        return [square**0.5 for square in squares]


def recurrent_twin(layer, sequences, hidden, cell, masks):
    """Works `nn.RNN`, `nn.LSTM` or `nn.GRU` out.

    `sequences`: one tensor (length, inputs) each; `hidden`, `cell`: initial states (layers * directions, batch, units);
    `masks`: for each layer but the last, for each sequence, what dropout multiplies its outputs with.
    """
    weights = {name: value.detach().double().requires_grad_() for name, value in layer.named_parameters()}
    states, last, flow = {}, [], [sequence.double() for sequence in sequences]
    for number in range(layer.num_layers):
        directions = []
        for reverse in range(2 if layer.bidirectional else 1):
            suffix = f"l{number}" + "_reverse" * reverse
            row = len(last)
            ways = [
                _walk(layer, weights, suffix, data.flip(0) if reverse else data, hidden[row, b], cell[row, b])
                for b, data in enumerate(flow)
            ]
            states[suffix] = ways
            last.append(([way[-1][0] for way in ways], [way[-1][1] for way in ways]))
            given = [torch.stack([h for h, _ in way]) for way in ways]
            directions.append([h.flip(0) if reverse else h for h in given])
        flow = [torch.cat(parts, -1) for parts in zip(*directions, strict=True)]
        if number < layer.num_layers - 1:
            flow = [data * mask for data, mask in zip(flow, masks[number], strict=True)]
    hiddens, cells = ([torch.stack(side[which]) for side in last] for which in (0, 1))
    return Twin(flow, torch.stack(hiddens), torch.stack(cells), states)


def _walk(layer, weights, suffix, data, hidden, cell):
    states = []
    hidden, cell = hidden.double(), cell.double()
    for entry in data:
        from_input = weights[f"weight_ih_{suffix}"] @ entry
        from_hidden = weights[f"weight_hh_{suffix}"] @ hidden
        if layer.bias:
            from_input = from_input + weights[f"bias_ih_{suffix}"]
            from_hidden = from_hidden + weights[f"bias_hh_{suffix}"]
        hidden, cell = STEPS[type(layer).__name__](layer, from_input, from_hidden, hidden, cell)
        if f"weight_hr_{suffix}" in weights:
            hidden = weights[f"weight_hr_{suffix}"] @ hidden
        hidden.retain_grad()
        cell.retain_grad()
        states.append((hidden, cell))
    return states


def _rnn(layer, from_input, from_hidden, hidden, cell):
    total = from_input + from_hidden
    new = torch.tanh(total) if layer.nonlinearity == "tanh" else torch.relu(total)
    return new, new


def _lstm(layer, from_input, from_hidden, hidden, cell):
    enter, forget, new, out = (from_input + from_hidden).chunk(4)
    cell = torch.sigmoid(forget) * cell + torch.sigmoid(enter) * torch.tanh(new)
    return torch.sigmoid(out) * torch.tanh(cell), cell


def _gru(layer, from_input, from_hidden, hidden, cell):
    reset_x, update_x, new_x = from_input.chunk(3)
    reset_h, update_h, new_h = from_hidden.chunk(3)
    update = torch.sigmoid(update_x + update_h)
    new = torch.tanh(new_x + torch.sigmoid(reset_x + reset_h) * new_h)
    hidden = (1 - update) * new + update * hidden
    return hidden, hidden


STEPS = {"RNN": _rnn, "LSTM": _lstm, "GRU": _gru}
