"""Standing around a function of a library while edits last, in any number, and gone without a trace after the last."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, final

Around = Callable[..., Any]
"""Called with what it stands around, then with the arguments of the call."""


@final
class Place:
    """One function, by its name in a module or a class.

    Others may wrap the same name before or after and take themselves off in any order: a wrapper of ours that is buried
    under theirs stays, and passes calls on.

    >>> import math
    >>> place = Place(math, "floor")
    >>> leave = place.enter(lambda original, x: original(x) + 1)
    >>> math.floor(1.5), leave(), math.floor(1.5)
    (2, None, 1)
    """

    def __init__(self, owner: Any, name: str) -> None:
        self._owner, self._name = owner, name
        self._original: Callable[..., Any] | None = None
        self._wrapper: Callable[..., Any] | None = None
        self._around: list[Around] = []

    def enter(self, around: Around) -> Callable[[], None]:
        """Stands around the function from now on; what comes later stands outside.

        Returns:
            What leaves again; a second call does nothing.
        """
        if not self._stands():
            self._original = getattr(self._owner, self._name)
            self._wrapper = self._wrapped(self._original)
            setattr(self._owner, self._name, self._wrapper)
        self._around.append(around)

        def leave() -> None:
            if around in self._around:
                self._around.remove(around)
            if not self._around and getattr(self._owner, self._name) is self._wrapper:
                setattr(self._owner, self._name, self._original)

        return leave

    def _wrapped(self, original: Callable[..., Any]) -> Callable[..., Any]:
        around = self._around

        @wraps(original)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            call = original
            for one in around:
                call = partial(one, call)
            return call(*args, **kwargs)

        return wrapper

    def _stands(self) -> bool:
        """True if our wrapper is what is called, or is somewhere below what is called."""
        found = getattr(self._owner, self._name)
        while found is not None and found is not self._wrapper:
            found = getattr(found, "__wrapped__", None)
        return found is not None
