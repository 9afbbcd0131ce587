"""What a remedy is: an edit that can be made by hand, undone, tried by `cure`, and written into the user's source."""

from typing import Literal, Protocol

from isograd.facts.treatment import Code, Settings
from isograd.model.surgery import Edit
from isograd.treatment.patient import Patient

Stage = Literal["model", "optimizer"]
"""`model`: made on the model before its optimizer is; `optimizer`: made when the optimizer is there."""


class Remedy(Protocol):
    """One remedy; `REMEDIES` holds them. Its page is in `report/explained/remedy`."""

    @property
    def name(self) -> str:
        """Its name in the vocabulary, e.g. `activation:relu`."""

    @property
    def stage(self) -> Stage:
        """When it is made."""

    def suits(self, patient: Patient) -> bool:
        """Whether there is something for it to change; must not write to the patient."""

    def choose(self, patient: Patient) -> Settings:
        """The numbers that suit this patient, complete: `make` with them is the same on every equal patient."""

    def make(self, patient: Patient, settings: Settings) -> Edit:
        """Makes the edit.

        New parameters must come where `model.parameters()` finds them. Random numbers are drawn from torch's global
        generator in the order in which `code` draws them, so that the patched source trains to the same bits.
        """

    def code(self, patient: Patient, settings: Settings) -> Code:
        """How a user would write it; asked before `make`, on the untreated patient."""
