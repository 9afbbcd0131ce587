"""The machinery of the family: each remedy is this with its `Kind`."""

from dataclasses import dataclass
from typing import Any

from torch import nn

from isograd.facts.treatment import Code, Settings
from isograd.model.surgery import Edit
from isograd.treatment.activation_uses import Use, activation_uses
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.activation import initial, source
from isograd.treatment.remedies.activation.exchange import exchange, to_exchange
from isograd.treatment.remedies.activation.kind import Kind
from isograd.treatment.remedies.remedy import Stage


@dataclass(frozen=True)
class ActivationRemedy:
    """Exchanges hidden activations for one kind and draws initial values that go with it."""

    kind: Kind
    """The activation that is put in."""
    stage: Stage = "model"
    """Before the optimizer is made: it may bring parameters."""

    @property
    def name(self) -> str:
        """See `Remedy`."""
        return f"activation:{self.kind.name}"

    def suits(self, patient: Patient) -> bool:
        """True if there is a hidden activation of another kind that can be exchanged."""
        return bool(to_exchange(patient.activations, self.kind))

    def choose(self, patient: Patient) -> Settings:
        """Initial values that go with the activation; `none` where the layers have such values, or none is fed by one.

        Layers with a normalisation behind them, recurrent and shared ones, sums and the output layer keep theirs.
        """
        wanted: dict[str, Any] = {"init": self.kind.initial, **self.kind.settings}
        paths = feeders(to_exchange(patient.activations, self.kind))
        layers = [patient.model.get_submodule(path) for path in paths]
        if all(initial.is_initialised(layer, self.kind, wanted) for layer in layers):
            return {"init": "none"}
        return wanted

    def make(self, patient: Patient, settings: Settings) -> Edit:
        """Modules first, as they come, then initial values."""
        return treated(patient.model, activation_uses(patient.model, patient.passes), self.kind, settings)

    def code(self, patient: Patient, settings: Settings) -> Code:
        """Other calls where they stand; lines before the optimizer for initial values."""
        chosen = to_exchange(patient.activations, self.kind)
        return source.code(patient, chosen, feeders(chosen), self.kind, settings)


def treated(model: nn.Module, uses: tuple[Use, ...], kind: Kind, settings: Settings) -> Edit:
    """Exchanges what can be and initialises the layers that feed it."""
    edit = Edit()
    chosen = exchange(edit, model, uses, kind)
    initial.initialise(edit, model, feeders(chosen), kind, settings)
    return edit


def feeders(uses: tuple[Use, ...]) -> tuple[str, ...]:
    """Paths of layers that feed the activations, each once."""
    return tuple(dict.fromkeys(path for use in uses for path in use.feeders))
