"""Notes, while a program runs, where it makes its modules and optimizers, and where it clips and takes its steps.

It stands around `nn.Module.__init__`, `torch.optim.Optimizer.__init__` and `clip_grad_norm_` and in torch's global hook
before a step. It
reads frames, holds nothing but weak references, and a fault of its own never reaches the program.
"""

import hashlib
import inspect
import os
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from functools import wraps
from types import CodeType, TracebackType
from typing import Any, Self
from weakref import ref

import torch
from torch import nn
from torch.optim.optimizer import register_optimizer_step_pre_hook

from isograd.facts import Task
from isograd.facts.treatment import Places, Position
from isograd.treatment.patch.seen.births import Births
from isograd.treatment.patch.seen.clippings import CLIPPING_PLACE, Clippings
from isograd.treatment.patch.seen.positions import position_of, user_frames
from isograd.treatment.patch.seen.trails import Trail, chain, trail_to

_MAX_TRAILS = 256


class Recorder:
    """A context: while it is on, positions are noted.

    >>> with Recorder() as recorder:
    ...     net = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid())
    ...     optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    ...     optimizer.step()
    >>> recorder.births()[id(net[1])].column
    41
    >>> places = recorder.places(optimizer, net)
    >>> places.optimizer[0].position.line, places.optimizer[0].model, places.steps[0][0].position.line
    (3, 'net', 4)
    """

    def __init__(self) -> None:
        self._births = Births()
        self._clippings = Clippings()
        self._made: list[Trail] = []
        self._stepped: dict[tuple[int, Position], Trail] = {}
        self._settings: dict[int, tuple[Any, dict[str, Any]]] = {}
        self._closures = set[int]()
        self._digests: dict[str, str] = {}
        self._undo: list[Callable[[], None]] = []

    def __enter__(self) -> Self:
        self._after(nn.Module, lambda module, _: self._births.note(module))
        self._after(torch.optim.Optimizer, self._optimizer_made)
        self._undo.append(register_optimizer_step_pre_hook(self._step_begins).remove)
        self._undo.append(CLIPPING_PLACE.enter(self._clippings.note))
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        while self._undo:
            self._undo.pop()()

    def births(self) -> dict[int, Position]:
        """By `id` of each module that lives: the call of its constructor; for `Patient.births`."""
        positions = self._births.positions()
        self._digest(positions.values())
        return positions

    def places(
        self,
        optimizer: torch.optim.Optimizer,
        model: nn.Module,
        treated: Collection[torch.optim.Optimizer] | None = None,
        task: Task | None = None,
        script: str = "",
    ) -> Places:
        """Where changes can be written.

        Args:
            optimizer: That of the network that is treated, made while this was on.
            model: The network's root module.
            treated: All optimizers at which the change is made, if the program makes several; None for those that came
                to be by the very same calls, as in a loop over seeds.
            task: The task, if a task was run and not a script.
            script: Path of the program.
        """
        made = next((trail for trail in self._made if trail.optimizer() is optimizer), None)
        ours = self._ours(optimizer, made, treated)
        foreign = [trail for trail in self._made if not ours(trail)]
        walked = [trail for trail in self._stepped.values() if not ours(trail)]
        steps = [trail for trail in self._stepped.values() if trail.optimizer() is optimizer]
        functions = [] if task is None else [task.build, task.optimizer]
        groups = [group for one in (optimizer, *(treated or ())) for group in one.param_groups]
        clippings = self._clippings.passages([parameter for group in groups for parameter in group["params"]])
        self._digest(passage.position for passage in clippings)
        build, build_optimizer = [extent(function) for function in functions] or [None, None]
        self._digest(position for position in (build, build_optimizer) if position is not None)
        return Places(
            optimizer=chain(made, model, foreign) if made else (),
            **self._settings.get(id(optimizer), (None, {}))[1],
            steps=tuple(chain(trail, model, walked) for trail in steps),
            clippings=clippings,
            scaled=any(trail.scaled for trail in steps),
            closure=id(optimizer) in self._closures,
            build=build,
            build_optimizer=build_optimizer,
            script=os.path.abspath(script) if script else "",
            digests=dict(self._digests),
        )

    def _ours(
        self,
        optimizer: torch.optim.Optimizer,
        made: Trail | None,
        treated: Collection[torch.optim.Optimizer] | None,
    ) -> Callable[[Trail], bool]:
        known = {id(one) for one in treated or ()} | {id(optimizer)}
        same_way = {id(trail.optimizer()) for trail in self._made if made and trail.positions == made.positions}

        def ours(trail: Trail) -> bool:
            one = trail.optimizer()
            return one is None or id(one) in known or (treated is None and id(one) in same_way)

        return ours

    def _after(self, owner: type, note: Callable[[Any, set[str]], None]) -> None:
        """Lets `note` see each new object when `owner.__init__` has run, and what groups of parameters brought."""
        original: Callable[..., None] = owner.__init__  # type: ignore[misc]  # of a class that we hold, to put it back

        @wraps(original)
        def replacement(instance: Any, *args: Any, **kwargs: Any) -> None:
            given = _keys(args[0]) if args and owner is torch.optim.Optimizer else set()
            original(instance, *args, **kwargs)
            with suppress(Exception):  # a fault of ours costs a position, never the program
                note(instance, given)

        owner.__init__ = replacement  # type: ignore[misc]  # undone on leaving

        def restore() -> None:
            if owner.__init__ is replacement:  # type: ignore[misc]  # who wrapped it after us keeps his wrapper
                owner.__init__ = original  # type: ignore[misc]

        self._undo.append(restore)

    def _optimizer_made(self, optimizer: torch.optim.Optimizer, given: set[str]) -> None:
        trail = trail_to(optimizer, ref(optimizer))
        self._made = [one for one in self._made if one.optimizer() is not None or one.positions != trail.positions]
        self._made = [*self._made, trail][-_MAX_TRAILS:]
        self._settings[id(optimizer)] = (ref(optimizer), settings_of(optimizer, given))
        self._closures.discard(id(optimizer))  # of an earlier one, which had the same identity
        self._digest(trail.positions)

    def _step_begins(self, optimizer: torch.optim.Optimizer, args: Any, kwargs: Any) -> None:
        with suppress(Exception):  # as above
            frame = next(user_frames(optimizer), None)
            if frame is None:
                return
            key = (id(optimizer), position_of(frame))
            known = key in self._stepped and self._stepped[key].optimizer() is optimizer
            if not known and len(self._stepped) < _MAX_TRAILS:
                self._stepped[key] = trail = trail_to(optimizer, ref(optimizer))
                self._closures |= {id(optimizer)} if any(map(callable, (*args[1:], *kwargs.values()))) else set()
                self._digest(trail.positions)

    def _digest(self, positions: Iterable[Position]) -> None:
        for file in {position.file for position in positions} - self._digests.keys():
            if os.path.isfile(file):
                with open(file, "rb") as opened:
                    self._digests[file] = hashlib.sha256(opened.read()).hexdigest()


def _keys(groups: Any) -> set[str]:
    """Settings that groups of parameters name, before torch fills in those that they do not."""
    named = [set(one) for one in groups if type(one) is dict] if isinstance(groups, list | tuple) else []
    return set().union(*named) - {"params"}


def settings_of(optimizer: torch.optim.Optimizer, given: Collection[str] = ()) -> dict[str, Any]:
    """What `Places` tells of an optimizer's constructor.

    Args:
        optimizer: It, just made.
        given: Settings that groups of parameters named.

    >>> optimizer = torch.optim.SGD(nn.Linear(1, 1).parameters(), lr=0.5)
    >>> settings = settings_of(optimizer)
    >>> settings["order"][:2], settings["defaults"]["lr"], settings["grouped"]
    (('params', 'lr'), '0.001', ())
    """
    parameters = list(inspect.signature(type(optimizer)).parameters.values())
    plain = (int, float, bool, str, tuple, type(None))
    return {
        "order": tuple(p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)),
        "defaults": {p.name: repr(p.default) for p in parameters if isinstance(p.default, plain)},
        "grouped": tuple(
            name
            for name, value in optimizer.defaults.items()
            if name in given or any(group.get(name, value) is not value for group in optimizer.param_groups)
        ),
    }


def extent(function: Any) -> Position | None:
    """From the first to the last expression of a function; None for what is no plain function.

    >>> extent(lambda seed: nn.Linear(seed, 1)).column
    20
    >>> extent(print) is None
    True
    """
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType):
        return None
    spans = [
        (line, column, end_line, end_column)
        for line, end_line, column, end_column in code.co_positions()
        if None not in (line, end_line, column, end_column) and (line, column) != (end_line, end_column)
    ]
    first, last = min(span[:2] for span in spans), max(span[2:] for span in spans)
    return Position(code.co_filename, first[0] or 0, first[1] or 0, last[0] or 0, last[1] or 0)
