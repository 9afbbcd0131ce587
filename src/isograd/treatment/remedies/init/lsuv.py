"""LSUV: orthogonal weights, then each layer scaled to an output of variance one on the first batch.

The scales depend on the batch, and which batch comes first depends on random numbers that initialisation itself draws
(shuffling). So the rotations are drawn at once, and the scales are found when the model is first called: then a
training in which isograd made the edit and one whose source makes it see the same batch.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from isograd.facts.treatment import Code, Settings
from isograd.model.surgery import Edit
from isograd.theory import Activation
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.init.blocks import Block, blocks_of
from isograd.treatment.remedies.init.feed_forward import plan
from isograd.treatment.remedies.init.law import Law, orthogonal
from isograd.treatment.remedies.init.performing import perform
from isograd.treatment.remedies.init.spelling import MODEL
from isograd.treatment.remedies.init.statement import Program, in_groups
from isograd.treatment.remedies.init.unit_variance import scale_to_unit_variance
from isograd.treatment.remedies.numbers import number
from isograd.treatment.remedies.remedy import Stage


class OnFirstCall:
    """A hook that scales the layers when the model is first called, and then is gone."""

    def __init__(self, paths: Sequence[str], tolerance: float, max_iterations: int) -> None:
        self.paths = tuple(paths)
        """The layers."""
        self.tolerance = tolerance
        """|Var - 1| that is good enough."""
        self.max_iterations = max_iterations
        """Scalings of one layer at most."""
        self.told: dict[str, float] = {}
        """What was done, once it was."""

    @torch.compiler.disable  # type: ignore[untyped-decorator]  # torch does not type it
    def __call__(self, model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Scales, before the model's first pass."""
        self.remove(model)
        done = scale_to_unit_variance(model, self.paths, args, kwargs, self.tolerance, self.max_iterations)
        off = [one for one in done if abs(one.variance - 1) >= self.tolerance]
        passes = sum(one.num_passes for one in done)
        counts = {"layers": len(done), "passes": passes, "not at one": len(off)}
        self.told = {f"init:lsuv {name}": float(count) for name, count in counts.items()}

    def figures(self) -> Mapping[str, float]:
        """Layers that were scaled, passes that it took, layers that did not reach variance one; empty until then."""
        return self.told

    def remove(self, model: nn.Module) -> None:
        """Takes itself off the model, or off a copy of it."""
        for key, hook in list(model._forward_pre_hooks.items()):
            if hook is self:
                del model._forward_pre_hooks[key]
                model._forward_pre_hooks_with_kwargs.pop(key, None)


class Lsuv:
    """The remedy; its settings are `tolerance`, `max_iterations` and `biases`."""

    name: str = "init:lsuv"
    stage: Stage = "model"

    def suits(self, patient: Patient) -> bool:
        """True if there is a layer whose output can be scaled."""
        return bool(_scalable(patient.model))

    def choose(self, patient: Patient) -> Settings:
        """The paper's numbers."""
        return {"tolerance": 0.1, "max_iterations": 10, "biases": "zero"}

    def make(self, patient: Patient, settings: Settings) -> Edit:
        """Draws rotations now; scales when the model is first called, by the batch that it is called with."""
        model, settings = patient.model, {**self.choose(patient), **settings}
        edit = perform(model, _rotations(model, settings))
        most = int(number(settings, "max_iterations"))
        hook = OnFirstCall(_scalable(model), number(settings, "tolerance"), most)
        model.register_forward_pre_hook(hook, with_kwargs=True)
        edit.on_undo(lambda: hook.remove(model))
        edit.tells(hook.figures)
        return edit

    def code(self, patient: Patient, settings: Settings) -> Code:
        """A call of `lsuv_`: a data-dependent loop with hooks is too long to be written out."""
        changed = {k: v for k, v in settings.items() if v != self.choose(patient).get(k)}
        words = "".join(f", {name}={value!r}" for name, value in changed.items())
        return Code(
            imports=("from isograd.remedies import lsuv_",),
            before_optimizer=f"lsuv_({MODEL}{words})  # scales when the model is first called",
        )


LSUV = Lsuv()
"""Orthogonal weights of gain one, biases zero, then unit variance."""


def lsuv_(
    model: nn.Module, *args: Any, tolerance: float = 0.1, max_iterations: int = 10, biases: str = "zero", **kwargs: Any
) -> Edit:
    """Layer-sequential unit-variance initialisation, in place.

    Args:
        model: The model; its inputs should be standardised. Call this before wrapping it (DDP, `torch.compile`).
        *args: A batch: what the model is called with. Without one, the scales are found when it is first called.
        tolerance: |Var - 1| of a layer's output that is good enough.
        max_iterations: Scalings of one layer at most.
        biases: `zero`, or `keep`.
        **kwargs: More of the batch, by name.

    Returns:
        What was changed, with the way back.

    >>> model, x = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 8)), torch.randn(256, 8)
    >>> lsuv_(model, x).figures()["init:lsuv layers"]
    2.0
    >>> abs(model(x).var().item() - 1) < 0.11
    True

    Source: Mishkin and Matas 2016.
    """
    settings: Settings = {"tolerance": tolerance, "max_iterations": max_iterations, "biases": biases}
    edit = LSUV.make(Patient(model), settings)
    if args or kwargs:
        hook = next(hook for hook in reversed(model._forward_pre_hooks.values()) if isinstance(hook, OnFirstCall))
        hook(model, args, kwargs)
    return edit


def _rotation(block: Block, tensor: torch.Tensor, activation: Activation, settings: Settings) -> Law:
    return orthogonal(1.0, tensor.dtype)


def _rotations(model: nn.Module, settings: Settings) -> Program:
    """All weights; whatever follows, since the scale is measured afterwards."""
    return in_groups(model, plan(Patient(model), settings, _rotation, by_group=True, keep_outputs=False))


def _scalable(model: nn.Module) -> tuple[str, ...]:
    """Layers that are called as modules and give one tensor."""
    return tuple(block.path for block in blocks_of(model) if block.role == "layer")
