"""The remedy `pretrain:autoencoder`: hidden layers are trained as denoising autoencoders before the training proper."""

from dataclasses import asdict

from isograd.facts.treatment import Code, Settings
from isograd.model.surgery import Edit
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.pretrain import lines
from isograd.treatment.remedies.pretrain.autoencoder_stack import AutoencoderStack
from isograd.treatment.remedies.pretrain.budget import budget
from isograd.treatment.remedies.pretrain.hidden_chain import encoder_chain
from isograd.treatment.remedies.remedy import Stage


class StackedAutoencoder:
    """See `Remedy`. It learns from the recorded calls; its random numbers are its own."""

    name = "pretrain:autoencoder"
    stage: Stage = "model"

    def suits(self, patient: Patient) -> bool:
        """True for two or more layers with an activation right behind, one after the other from the data on."""
        return bool(patient.calls) and bool(encoder_chain(patient.model, patient.calls[0]))

    def choose(self, patient: Patient) -> Settings:
        """Three entries in ten masked, for about as long as the user's training."""
        return {**asdict(budget(patient)), "learning_rate": 0.01, "noise": 0.3, "tied": True, "seed": None}

    def make(self, patient: Patient, settings: Settings) -> Edit:
        """See `Remedy`."""
        stack = AutoencoderStack.of(patient.model, patient.calls[0])
        return stack.fit(patient.calls, **settings).unroll()  # type: ignore[arg-type]  # settings are of its own choice

    def code(self, patient: Patient, settings: Settings) -> Code:
        """See `Remedy`."""
        return lines.code("pretrain_autoencoder", patient, settings)
