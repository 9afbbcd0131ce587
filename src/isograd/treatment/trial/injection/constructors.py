"""Stands around the making of optimizers: before parameters are taken, and after the outermost constructor ended."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol

from torch.optim import Optimizer


class Attendant(Protocol):
    """Who is asked and told."""

    def taken(self, optimizer: Optimizer, params: Any) -> Any:
        """Before an optimizer takes its parameters; returns what it is to take instead."""

    def made(self, optimizer: Optimizer) -> None:
        """After the constructor of an optimizer ended, that of its subclass included."""


class Constructors:
    """A context: while it is on, `attendant` hears of every optimizer.

    `torch.optim.Optimizer.__init__` is where all take their parameters. The constructors of subclasses are wrapped too,
    and those of subclasses to come, for they go on when it has returned.
    """

    def __init__(self, attendant: Attendant) -> None:
        self._attendant = attendant
        self._inside: list[int] = []
        self._undo: list[Callable[[], None]] = []

    def __enter__(self) -> "Constructors":
        self._around(Optimizer, self._base(Optimizer.__init__))
        for kind in _subclasses(Optimizer):
            self._wrap(kind)
        original = Optimizer.__dict__.get("__init_subclass__")

        def init_subclass(cls: type, /, **kwargs: Any) -> None:
            super(Optimizer, cls).__init_subclass__(**kwargs)  # type: ignore[misc]  # a subclass, as Python calls it
            self._wrap(cls)

        Optimizer.__init_subclass__ = classmethod(init_subclass)  # type: ignore[assignment]  # undone on leaving
        assert original is None, "torch's Optimizer has got an __init_subclass__ of its own: call it in ours"
        self._undo.append(lambda: delattr(Optimizer, "__init_subclass__"))
        return self

    def __exit__(self, *_: object) -> None:
        while self._undo:
            self._undo.pop()()

    def _wrap(self, kind: type) -> None:
        if "__init__" in vars(kind):
            self._around(kind, self._outermost(vars(kind)["__init__"]))

    def _around(self, kind: Any, replacement: Callable[..., None]) -> None:
        original = vars(kind)["__init__"]
        kind.__init__ = replacement

        def restore() -> None:
            if vars(kind).get("__init__") is replacement:  # who wrapped it after us keeps his wrapper
                kind.__init__ = original

        self._undo.append(restore)

    def _base(self, original: Callable[..., None]) -> Callable[..., None]:
        attendant = self._attendant

        @wraps(original)
        def init(optimizer: Optimizer, params: Any, *args: Any, **kwargs: Any) -> None:
            original(optimizer, attendant.taken(optimizer, params), *args, **kwargs)

        return self._outermost(init)

    def _outermost(self, original: Callable[..., None]) -> Callable[..., None]:
        attendant, inside = self._attendant, self._inside

        @wraps(original)
        def init(optimizer: Optimizer, *args: Any, **kwargs: Any) -> None:
            if id(optimizer) in inside:
                return original(optimizer, *args, **kwargs)
            inside.append(id(optimizer))
            try:
                original(optimizer, *args, **kwargs)
            finally:
                inside.remove(id(optimizer))
            attendant.made(optimizer)
            return None

        return init


def _subclasses(kind: type) -> list[type]:
    found: list[type] = list(kind.__subclasses__())
    return list(dict.fromkeys([*found, *(below for one in found for below in _subclasses(one))]))
