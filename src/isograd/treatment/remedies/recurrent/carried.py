"""The cell state of an LSTM whose caller knows of the hidden state alone, from one call to the next.

Legend: h and c, hidden and cell state, as the last call left them. A caller that hands h back goes on with the
sequence, and gets c with it; with any other initial state a new sequence begins, and c is zero.
"""

from typing import Any

import torch
from torch import Tensor

_CELL = "_cell_state"
"""Name under which a hidden state carries its cell state; so the graph behind c lives as long as that behind h."""


class Carried:
    """What one layer or cell handed out last; a copy of it, and what is loaded from a file, has nothing yet."""

    def __init__(self) -> None:
        self._hidden: Tensor | None = None
        self._cell: Tensor | None = None
        self._version = 0
        self.num_lost = 0
        """Calls with an initial state that is neither zero nor the one that was handed out."""

    def __reduce__(self) -> tuple[type["Carried"], tuple[()]]:
        return Carried, ()

    def keep(self, hidden: Tensor, cell: Tensor) -> None:
        """Remembers c for the h that is handed out; without its graph, which h itself keeps."""
        self._hidden, self._cell, self._version = hidden.detach(), cell.detach(), _version(hidden)
        setattr(hidden, _CELL, (cell, self._version))

    def cell_for(self, hidden: Tensor, size: int) -> Tensor:
        """The c that belongs to an initial h; zero if h is not what was handed out, or was written into since.

        Args:
            hidden: The initial state that the caller gives, shape (..., H).
            size: Units of the cell state.

        Returns:
            Shape (..., size). It has a graph only where h itself has: after `h.detach()`, c is cut off as well.
        """
        live = getattr(hidden, _CELL, None)
        if live is not None and live[1] == _version(hidden):
            cell: Tensor = live[0]
            return cell if hidden.requires_grad else cell.detach()
        if self._cell is not None and self._is_the_same(hidden):
            return self._cell
        self.num_lost += bool(hidden.detach().any())
        return hidden.new_zeros(*hidden.shape[:-1], size)

    def _is_the_same(self, hidden: Tensor) -> bool:
        """True for the h that was handed out, detached, as `.data`, or as a clone."""
        kept: Any = self._hidden
        if hidden.shape != kept.shape or hidden.dtype != kept.dtype or hidden.device != kept.device:
            return False
        if _version(kept) != self._version:  # written into since, e.g. zeroed where an episode ended
            return False
        return hidden.data_ptr() == kept.data_ptr() or torch.equal(hidden, kept)


def _version(tensor: Tensor) -> int:
    """How often a tensor was written in place; tensors of inference mode do not count."""
    return 0 if tensor.is_inference() else tensor._version
