"""`sham:shuffle`: a change as large as a remedy's that leaves the mechanism alone.

The rows of every weight (what one output unit is made of) change places, and so do the entries of every bias, drawn
from a generator of its own. The entries, the norm and the singular values of each tensor stay; so do the blocks of
gated and attention layers, so that a forget gate's bias stays with the forget gate. What differs is the luck of the
draw: which function the network starts from. The program's own random state is not touched.

The same sham stands against remedies of the optimizer alone. A clip that never binds or a learning rate times one
would change no bit and control for nothing; what has to be ruled out is that any disturbance of the run helps.
"""

import torch
from torch import nn
from torch.nn.parameter import UninitializedParameter

from isograd.model.surgery import Edit

NAME = "sham:shuffle"


@torch.no_grad()
def shuffle(model: nn.Module, seed: int) -> Edit:
    """Shuffles all parameters of a model, row by row.

    Args:
        model: Changed in place.
        seed: Of the sham's own generator.

    >>> layer = nn.Linear(2, 64)
    >>> before = layer.weight.clone()
    >>> edit = shuffle(layer, 0)
    >>> torch.equal(layer.weight, before), torch.equal(layer.weight.sort(0).values, before.sort(0).values)
    (False, True)
    >>> edit.undo(); torch.equal(layer.weight, before)
    True
    """
    edit, generator = Edit(), torch.Generator().manual_seed(seed)
    done: set[int] = set()
    for path, module in model.named_modules():
        for name, parameter in module.named_parameters(recurse=False):
            if id(parameter) in done or not parameter.requires_grad or not _rows(parameter):
                continue
            done.add(id(parameter))
            order = _order(parameter.shape[0], _blocks(module), generator).to(parameter.device)
            site = f"{path}.{name}" if path else name
            edit.assign(parameter, parameter[order].clone(), site, "rows as drawn", "rows shuffled")
    return edit


def _rows(parameter: torch.Tensor) -> bool:
    return not isinstance(parameter, UninitializedParameter) and parameter.ndim > 0 and len(parameter) > 1


def _blocks(module: nn.Module) -> int:
    """How many blocks of rows of different meaning a module's tensors have: its gates; queries, keys and values."""
    if isinstance(module, nn.LSTM | nn.LSTMCell):
        return 4
    return 3 if isinstance(module, nn.GRU | nn.GRUCell | nn.MultiheadAttention) else 1


def _order(rows: int, blocks: int, generator: torch.Generator) -> torch.Tensor:
    size = rows // blocks if rows % blocks == 0 else rows
    return torch.cat([torch.randperm(size, generator=generator) + start for start in range(0, rows, size)])
