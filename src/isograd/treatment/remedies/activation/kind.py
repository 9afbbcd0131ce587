"""What one activation is called as a module and as a function, and which initial values it wants."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from torch import nn

Initial = Literal["he", "lecun", "xavier", "critical", "none"]


@dataclass(frozen=True)
class Kind:
    """One activation."""

    name: str
    """Behind `activation:`, e.g. `leaky-relu`."""
    plain: str
    """Plain name of the function in torch, e.g. `leaky_relu`."""
    build: Callable[..., nn.Module]
    """The module's class."""
    function: str
    """The function, as source with `torch` imported; empty if it needs a parameter and so a module."""
    overwriting: tuple[str, tuple[tuple[str, bool], ...]] | None
    """The form that overwrites its input, and its keywords; None if there is none."""
    initial: Initial
    """Initial values that go with it."""
    slope: float = 0.0
    """Slope on the negative side, for `he`."""
    settings: dict[str, Any] = field(default_factory=dict)
    """Numbers of `critical`: `sigma_w`, `sigma_b`."""

    @property
    def module(self) -> str:
        """The module's class as source with `nn` imported."""
        return f"nn.{self.build.__name__}"

    @property
    def may_overwrite(self) -> bool:
        """True if the module takes `inplace`."""
        return self.overwriting is not None and self.build is not nn.Tanh

    def new(self, in_place: bool, **where: Any) -> nn.Module:
        """A module; in place where it can be and that is asked for."""
        return self.build(**({"inplace": True} if in_place and self.may_overwrite else {}), **where)


def with_keyword(function: str) -> tuple[str, tuple[tuple[str, bool], ...]]:
    """The overwriting form that is asked for by a keyword."""
    return function, (("inplace", True),)
