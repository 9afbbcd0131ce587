"""Remedies by name, made on a patient one after the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from torch import nn

from isograd.errors import UsageError
from isograd.facts.treatment import Code, Dose
from isograd.facts.trial import Made
from isograd.model.surgery import Edit
from isograd.treatment.patient import Patient
from isograd.treatment.remedies import REMEDIES, Remedy, Stage


@dataclass
class Given:
    """One remedy that was made in a running program."""

    dose: Dose
    """With all its numbers."""
    edit: Edit
    """What it did."""
    code: Code | None
    """How a user would write it."""

    def told(self) -> Made:
        """As a fact, with what it did since."""
        return Made(self.dose, self.edit.changes, self.code, self.edit.figures())


def remedy_named(name: str, remedies: Sequence[Remedy] = REMEDIES) -> Remedy:
    """The remedy of a name.

    Raises:
        UsageError: There is none.
    """
    for remedy in remedies:
        if remedy.name == name:
            return remedy
    raise UsageError(f"there is no remedy {name!r}; isograd explain lists them")


def of_stage(doses: Sequence[Dose], stage: Stage, remedies: Sequence[Remedy] = REMEDIES) -> list[Dose]:
    """The doses that are made at a stage, in order."""
    return [dose for dose in doses if remedy_named(dose.remedy, remedies).stage == stage]


def give(dose: Dose, patient: Patient, remedies: Sequence[Remedy] = REMEDIES) -> Given:
    """Chooses the numbers that the dose leaves open, asks for the code, and makes the remedy."""
    remedy = remedy_named(dose.remedy, remedies)
    settings: Mapping[str, object] = {**remedy.choose(patient), **dose.settings}
    code = remedy.code(patient, settings)  # type: ignore[arg-type]  # of settings, merged
    before = _parameters(patient.model)
    edit = remedy.make(patient, settings)  # type: ignore[arg-type]  # as above
    code = replace(code, keeps_parameters=_parameters(patient.model) == before)
    return Given(replace(dose, settings=dict(settings)), edit, code)  # type: ignore[arg-type]  # as above


def _parameters(model: nn.Module) -> list[tuple[str, int]]:
    return [(name, id(parameter)) for name, parameter in model.named_parameters()]
