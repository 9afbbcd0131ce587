"""Where modules were constructed."""

from collections.abc import Collection, Mapping
from typing import Any
from weakref import ref

from torch import nn

from isograd.facts.treatment import Position
from isograd.treatment.patch.seen.positions import is_made_by_isograd, position_of, user_frames


class Births:
    """Positions of constructor calls, by identity of the module while it lives."""

    def __init__(self) -> None:
        self._born: dict[int, tuple[Any, Position]] = {}

    def note(self, module: nn.Module) -> None:
        """Remembers where a module is being made; asked within its `__init__`. Modules of remedies have no place."""
        frame = None if is_made_by_isograd(module) else next(user_frames(module), None)
        if frame is not None:
            key, born = id(module), self._born
            born[key] = (ref(module, lambda gone: _forget(born, key, gone)), position_of(frame))

    def positions(self) -> dict[int, Position]:
        """By `id` of each module that lives, those outside the treated model as well."""
        return {key: position for key, (module, position) in list(self._born.items()) if module() is not None}


def _forget(born: dict[int, tuple[Any, Position]], key: int, gone: Any) -> None:
    if key in born and born[key][0] is gone:
        del born[key]


def swappable(births: Mapping[int, Position], chosen: Collection[nn.Module]) -> tuple[Position, ...] | None:
    """Where the constructors of modules can be exchanged in the source, if that exchanges these modules and no other.

    Args:
        births: Where all modules were made, e.g. `Patient.births`.
        chosen: The modules that are to become others.

    Returns:
        Each position once, in the order of the modules; None if one was made at an unknown place (a copy, say), or
        where another that is to stay was made, too.

    >>> place, elsewhere = Position("net.py", 1, 0, 1, 9), Position("net.py", 2, 0, 2, 9)
    >>> hidden, gate, last = nn.Sigmoid(), nn.Sigmoid(), nn.Sigmoid()
    >>> births = {id(hidden): place, id(gate): place, id(last): elsewhere}
    >>> swappable(births, [hidden, gate]) == (place,), swappable(births, [hidden])
    (True, None)
    """
    wanted = {id(module) for module in chosen}
    if not wanted <= births.keys():
        return None
    positions = tuple(dict.fromkeys(births[id(module)] for module in chosen))
    staying = {position for key, position in births.items() if key not in wanted}
    return None if staying & set(positions) or any(position.line == 0 for position in positions) else positions
