"""The remedy `pretrain:dbn`: hidden sigmoid layers are trained as a deep belief network before the training proper."""

from dataclasses import asdict

from isograd.facts.treatment import Code, Settings
from isograd.model.surgery import Edit
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.pretrain import lines
from isograd.treatment.remedies.pretrain.belief_network import DeepBeliefNetwork
from isograd.treatment.remedies.pretrain.budget import budget
from isograd.treatment.remedies.pretrain.hidden_chain import belief_chain
from isograd.treatment.remedies.remedy import Stage


class DeepBelief:
    """See `Remedy`. It learns from the recorded calls; its random numbers are its own."""

    name = "pretrain:dbn"
    stage: Stage = "model"

    def suits(self, patient: Patient) -> bool:
        """True for two or more linear layers with sigmoid or tanh, one after the other from the data on."""
        return bool(patient.calls) and bool(belief_chain(patient.model, patient.calls[0]))

    def choose(self, patient: Patient) -> Settings:
        """CD-1 for about as long as the user's training, weights from a normal distribution of deviation 0.01."""
        return {
            **asdict(budget(patient)),
            "learning_rate": 0.1,
            "k": 1,
            "persistent": False,
            "weight_decay": 2e-4,
            "visible": "auto",
            "seed": None,
        }

    def make(self, patient: Patient, settings: Settings) -> Edit:
        """See `Remedy`."""
        network = DeepBeliefNetwork.of(patient.model, patient.calls[0])
        return network.fit(patient.calls, **settings).unroll()  # type: ignore[arg-type]  # settings are of its own choice

    def code(self, patient: Patient, settings: Settings) -> Code:
        """See `Remedy`."""
        return lines.code("pretrain_dbn", patient, settings)
