"""A clipper as a remedy: made on an optimizer, undone, counted, and written into the source."""

from collections.abc import Callable
from dataclasses import dataclass

from isograd.facts.treatment import Code, Settings
from isograd.model.surgery import Edit
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.clip.clipper import Clipper
from isograd.treatment.remedies.clip.pool import pool
from isograd.treatment.remedies.remedy import Stage
from isograd.treatment.updates import Around


@dataclass(frozen=True)
class Clipping:
    """A remedy that clips before every update."""

    name: str
    """Its name in the vocabulary."""
    numbers: Callable[[Patient], Settings]
    """Chooses its numbers."""
    clipper: Callable[[Patient, Settings], Clipper]
    """Makes the clipper."""
    written: Callable[[Patient, Settings], Code]
    """Writes it."""
    stage: Stage = "optimizer"
    """Clippers act when the gradients are there, so they need the optimizer."""

    def suits(self, patient: Patient) -> bool:
        """True if there is a gradient to clip."""
        return any(p.requires_grad for p in pool(patient))

    def choose(self, patient: Patient) -> Settings:
        """The numbers for this patient."""
        return self.numbers(patient)

    def make(self, patient: Patient, settings: Settings) -> Edit:
        """Attaches a clipper to the optimizer."""
        assert patient.optimizer is not None, f"{self.name} is made on an optimizer"
        edit = Edit()
        clip(edit, self.name, self.clipper(patient, settings), patient, settings)
        return edit

    def code(self, patient: Patient, settings: Settings) -> Code:
        """Lines that clip."""
        return self.written(patient, settings)


def clip(edit: Edit, name: str, clipper: Clipper, patient: Patient, settings: Settings) -> Around:
    """Attaches a clipper, and lets the edit tell how often it bound."""
    assert patient.optimizer is not None, f"{name} is made on an optimizer"
    around = clipper.attach(patient.optimizer)
    numbers = ", ".join(f"{key} {value:g}" for key, value in settings.items() if isinstance(value, float))
    edit.note("", "raw gradients", f"{name}, {numbers}", around.remove)
    edit.tells(
        lambda: {
            f"{name} steps": float(clipper.steps),
            f"{name} bound_share": clipper.bound_share,
            f"{name} left_out_share": clipper.left_out / max(clipper.steps, 1),
        }
    )
    return around


def attached(kind: str, arguments: str) -> Code:
    """The lines that make a clipper of `isograd.remedies` and attach it.

    >>> attached("AutoClip", "{model}.parameters()").after_optimizer
    'AutoClip({model}.parameters()).attach({optimizer})'
    """
    return Code(
        imports=(f"from isograd.remedies import {kind.partition(chr(46))[0]}",),
        after_optimizer=f"{kind}({arguments}).attach({{optimizer}})",
    )


def plain(function: str, arguments: str) -> Code:
    """The line that calls a function of `torch.nn.utils` when the gradients are there.

    >>> plain("clip_grad_norm_", "{model}.parameters(), 1.0").before_step
    'torch.nn.utils.clip_grad_norm_({model}.parameters(), 1.0)'
    """
    return Code(imports=("import torch",), before_step=f"torch.nn.utils.{function}({arguments})")
