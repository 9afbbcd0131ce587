"""A remedy that draws initial values anew: what differs from one to the next is which values, layer by layer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from isograd.facts.treatment import Code, Settings
from isograd.model.surgery import Edit
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.init.blocks import left_alone
from isograd.treatment.remedies.init.performing import perform
from isograd.treatment.remedies.init.spelling import spell
from isograd.treatment.remedies.init.statement import Program, in_groups

Planner = Callable[[Patient, Settings], Program]
"""From a patient and complete settings to what is to be drawn."""
Chooser = Callable[[Patient], Settings]
"""The settings that suit a patient."""


@dataclass(frozen=True)
class Scheme:
    """One remedy of the family; values are drawn in place, so that every parameter stays the same object."""

    name: str
    """Its name in the vocabulary."""
    plan: Planner
    """What it draws; nothing where it does not suit."""
    choose: Chooser
    """Its numbers for a patient."""
    stage: Literal["model"] = "model"
    """Made before the optimizer is."""

    def suits(self, patient: Patient) -> bool:
        """True if there is a weight for it to draw."""
        return bool(self._program(patient, {}))

    def make(self, patient: Patient, settings: Settings) -> Edit:
        """Draws the values; what is missing in the settings is chosen."""
        edit = perform(patient.model, self._program(patient, settings))
        for site, how in left_alone(patient.model):
            edit.note(site, f"computed by {how}", "left alone")
        return edit

    def code(self, patient: Patient, settings: Settings) -> Code:
        """Plain torch, as loops over the layers."""
        lines = spell(patient.model, self._program(patient, settings))
        return Code(imports=imports_of(lines), before_optimizer=lines)

    def _program(self, patient: Patient, settings: Settings) -> Program:
        return in_groups(patient.model, self.plan(patient, {**self.choose(patient), **settings}))


def imports_of(lines: str) -> tuple[str, ...]:
    """The imports that lines of plain torch need."""
    return tuple(line for line, name in (("import torch", "torch."), ("from torch import nn", "nn.")) if name in lines)
