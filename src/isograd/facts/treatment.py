"""What is done about a finding: remedies with their numbers, what they changed, and how a user would write it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Setting = float | int | str | bool | Sequence[float] | None
"""A number that a remedy was given, as JSON can carry it."""
Settings = Mapping[str, Setting]
"""Numbers of one remedy by name, e.g. `{"max_norm": 1.0}`."""


@dataclass(frozen=True)
class Change:
    """One thing that an edit did."""

    site: str
    """Path of the module or parameter, e.g. `layers.3`; empty for the optimizer, the data or the loss."""
    before: str
    """What was there, e.g. `Sigmoid()` or `std 0.036`."""
    after: str
    """What is there now."""


@dataclass(frozen=True)
class Dose:
    """One remedy with its numbers."""

    remedy: str
    """One of `vocabulary.REMEDIES`, or `sham:shuffle`, the control that changes nothing of the mechanism."""
    settings: Settings = field(default_factory=dict)
    """Its numbers; what is missing is chosen by the remedy for the model at hand."""


@dataclass(frozen=True)
class Plan:
    """Remedies that are tried together, in the order in which they are made."""

    doses: tuple[Dose, ...]
    """At least one; empty for the unchanged training."""
    expected_gain: float = float("nan")
    """The gain that theory forecasts with them, in decades; nan without a forecast."""
    measured_gain: float = float("nan")
    """The gain that one batch showed with them before any training, in decades; nan if not measured."""

    @property
    def name(self) -> str:
        """e.g. `activation:relu + init:he`."""
        return " + ".join(dose.remedy for dose in self.doses) or "unchanged"


@dataclass(frozen=True)
class Position:
    """Where an expression stands in a source file: lines from 1, columns in UTF-8 bytes from 0, as `ast` counts."""

    file: str
    """Absolute path."""
    line: int
    """First line."""
    column: int
    """First column."""
    end_line: int
    """Last line."""
    end_column: int
    """Column behind the last byte."""


OPTIMIZER = Position("", 0, 0, 0, 0)
"""Stands in a `Swap` for the call of the optimizer's constructor, wherever it is."""
CLIPPING = Position("", 0, 0, 0, 1)
"""Stands in a `Swap` for every call of `torch.nn.utils.clip_grad_norm_` that clips the treated network's gradients."""


@dataclass(frozen=True)
class Swap:
    """A call in the user's source that becomes another."""

    position: Position
    """Of the whole call expression, e.g. `torch.sigmoid(layer(x))` or `nn.Sigmoid()`; or `OPTIMIZER` or `CLIPPING`."""
    function: str
    """What is to be called instead, e.g. `torch.relu` or `nn.ReLU`; empty to keep the function."""
    keywords: Mapping[str, str] = field(default_factory=dict)
    """Arguments to set, as source; `{}` stands for what is there, e.g. `{"lr": "{} * 0.1"}`."""
    drop_arguments: bool = False
    """True if the arguments that are there do not belong to the new function (module constructors); for a function or
    a method call the first argument, or what the method is called on, is kept."""
    before: str = ""
    """An expression to put before it where it is an element of a list or an argument, e.g. `nn.BatchNorm1d(64)`."""


@dataclass(frozen=True)
class Code:
    """How a user would write a remedy. Placeholders: `{model}`, `{optimizer}`, their names where the lines go."""

    swaps: tuple[Swap, ...] = ()
    """Calls to exchange; if there are any and all can be made, `before_optimizer` is not used."""
    imports: tuple[str, ...] = ()
    """Lines such as `from torch import nn`, each needed by the lines below."""
    definitions: str = ""
    """Classes and functions at the top of the module."""
    before_optimizer: str = ""
    """Lines before the optimizer is made, when the model is there."""
    beside_swaps: str = ""
    """Lines at the same place that belong to the swaps, e.g. initial values, and are written where all swaps are made;
    `before_optimizer` then holds all lines that stand for swaps and these together, empty if no lines can."""
    after_optimizer: str = ""
    """Lines after the optimizer is made; if all swaps are of `OPTIMIZER`, written only where they cannot be made."""
    before_step: str = ""
    """Lines before `optimizer.step()`, when the gradients are there."""
    after_step: str = ""
    """Lines after `optimizer.step()`."""
    keeps_parameters: bool = False
    """True if the model has the same parameters afterwards, in the same order: what was collected of them before stays
    good. Found out when the remedy is made."""
    advice: str = ""
    """What to write where no place in the source could be found, as lines with a comment."""


@dataclass(frozen=True)
class Passage:
    """A call that a frame of a running program stood in, and what that frame calls the treated model.

    Passages come as chains: the call of interest first, then the call in the frame that called that function, and so
    on outwards.
    """

    position: Position
    """Of the call; `line` is 0 if Python kept no columns (`-X no_debug_ranges`)."""
    model: str = ""
    """An expression that gives the treated model in that frame, e.g. `self.net`; empty if none was found."""
    optimizer: str = ""
    """The same for the treated optimizer; empty in frames that it has not reached yet."""
    shared: bool = False
    """True if something that is not treated went through the same call, e.g. the optimizer of another network."""


@dataclass(frozen=True)
class Places:
    """Where a change of a program can be written: positions that a run of it left. JSON can carry it."""

    optimizer: tuple[Passage, ...] = ()
    """How the treated optimizer came to be: its constructor's call first; frames of torch and isograd left out."""
    order: tuple[str, ...] = ()
    """Names of the constructor's positional parameters, e.g. `("params", "lr", "momentum")`."""
    defaults: Mapping[str, str] = field(default_factory=dict)
    """Defaults of the constructor's parameters that can be written as source, e.g. `{"lr": "0.001"}`."""
    grouped: tuple[str, ...] = ()
    """Settings that groups of parameters brought with them, e.g. `("lr",)`."""
    steps: tuple[tuple[Passage, ...], ...] = ()
    """Each place that called the optimizer's `step`, as a chain; the call of `step`, or of a scaler's, first."""
    clippings: tuple[Passage, ...] = ()
    """Calls that clipped the treated network's gradients by their norm; only `position` and `shared` are told."""
    scaled: bool = False
    """True if a loss scaler of torch called the optimizer's `step`: gradients are unscaled within."""
    closure: bool = False
    """True if `step` was given a function that computes the gradients."""
    build: Position | None = None
    """From the first to the last expression of the function that builds the model, if a `Task` names it."""
    build_optimizer: Position | None = None
    """The same of the function that makes the optimizer, if a `Task` names it."""
    script: str = ""
    """Absolute path of the program that was run; files around it are the user's own."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of each file when it was run, by path."""

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Places":
        """What `dataclasses.asdict` made, also after a way through JSON.

        >>> from dataclasses import asdict
        >>> places = Places(optimizer=(Passage(Position("train.py", 3, 0, 3, 20), "net"),), order=("params", "lr"))
        >>> Places.read(asdict(places)) == places
        True
        """
        return cls(
            optimizer=_chain(kept["optimizer"]),
            order=tuple(kept["order"]),
            defaults=dict(kept["defaults"]),
            grouped=tuple(kept["grouped"]),
            steps=tuple(map(_chain, kept["steps"])),
            clippings=_chain(kept["clippings"]),
            scaled=kept["scaled"],
            closure=kept["closure"],
            build=None if kept["build"] is None else Position(**kept["build"]),
            build_optimizer=None if kept["build_optimizer"] is None else Position(**kept["build_optimizer"]),
            script=kept["script"],
            digests=dict(kept["digests"]),
        )


def _chain(kept: Sequence[Mapping[str, Any]]) -> tuple[Passage, ...]:
    return tuple(Passage(**{**one, "position": Position(**one["position"])}) for one in kept)
