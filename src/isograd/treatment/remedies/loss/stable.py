"""`loss:stable`: losses computed in forms that neither overflow nor are undefined.

Logarithms of softmax and sigmoid are taken of the scores, the losses for probabilities become those for scores, and
roots, logarithms and divisions are kept off zero. The change is one of the process: what the script calls after the
model is there is exchanged as it is called.
"""

import weakref
from collections.abc import Mapping
from contextlib import suppress

from torch import nn

from isograd.errors import ObservationError
from isograd.facts.treatment import Code, Settings
from isograd.model.operations import RISKY
from isograd.model.surgery import Edit
from isograd.observation.passes import risky_operations
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.loss.interception import StableForms, switch_off, switch_on
from isograd.treatment.remedies.remedy import Stage

EPS = 1e-12
"""Its root is 1e-6, and 1 over its square, a division's slope, is still a float32."""
_ADVICE = """\
# log(softmax(x, 1))               write F.log_softmax(x, 1)
# log(sigmoid(x))                  write F.logsigmoid(x), and F.logsigmoid(-x) for log(1 - sigmoid(x))
# F.cross_entropy(softmax(x), y)   write F.cross_entropy(x, y)
# F.binary_cross_entropy(sigmoid(x), y)   write F.binary_cross_entropy_with_logits(x, y)
# sqrt(x), log(x), a / x           keep x off zero: x.clamp_min(1e-12)
"""


class StableLoss:
    """The remedy `loss:stable`."""

    name = "loss:stable"
    stage: Stage = "model"

    def suits(self, patient: Patient) -> bool:
        """True if an operation that can be undefined was seen in the loss or in the model, or nothing was seen."""
        names = set[str]()
        if patient.observed is not None:
            names.update(patient.observed.network.loss.split(" < "))
            names.update(event.operation for event in patient.observed.events)
        if patient.observed is None:
            return True
        with suppress(ObservationError):  # a model that cannot be measured says nothing against it
            if patient.measurement is not None:
                names.update(risky_operations(patient.measurement.read.graph))
        return bool(names & {*RISKY, "Sigmoid"})

    def choose(self, patient: Patient) -> Settings:
        """eps is always the same."""
        return {"eps": EPS}

    def make(self, patient: Patient, settings: Settings) -> Edit:
        """Turns the stable forms on until the edit is undone or the model is gone."""
        return stable_losses(patient.model, float(settings["eps"]))  # type: ignore[arg-type]  # a number, by `choose`

    def code(self, patient: Patient, settings: Settings) -> Code:
        """The same by one line; what to write in the loss itself as advice."""
        return Code(
            imports=("from isograd.remedies import stable_losses",),
            before_optimizer=f"stable_losses({{model}}, eps={settings['eps']})\n",
            advice=_ADVICE,
        )


def stable_losses(model: nn.Module, eps: float = EPS) -> Edit:
    """Turns calls of torch into their stable forms, in this thread, until it is undone or the model is gone.

    log(softmax), log(sigmoid) and what is made of them by picking, multiplying, dividing and summing become functions
    of the scores; `binary_cross_entropy` of a sigmoid that with logits. The results are the same where those are
    finite. `cross_entropy` of a softmax loses the softmax: that is another loss, the one that was meant. Roots,
    logarithms, powers and divisions of zero give finite values and no gradient, a softmax of nothing gives zeros.

    Args:
        model: As long as it lives, the forms stay on.
        eps: What stands for zero in roots and divisions.

    >>> import torch
    >>> x = torch.tensor([[0.0, 200.0]], requires_grad=True)
    >>> model = nn.Identity()
    >>> edit = stable_losses(model)
    >>> model(x).softmax(1).log()[0, 0].item()
    -200.0
    >>> edit.undo(); model(x).softmax(1).log()[0, 0].item()
    -inf

    Source: Goodfellow, Bengio and Courville, Deep learning, section 4.1, 2016.
    """
    mode, edit = StableForms(eps), Edit()
    switch_on(mode)
    off = weakref.finalize(model, switch_off, mode)
    off.atexit = False
    edit.note("", "losses as written", f"stable forms of softmax, sigmoid and their losses; eps {eps:g} for zero")
    edit.on_undo(off)
    edit.tells(lambda: _figures(mode))
    return edit


def _figures(mode: StableForms) -> Mapping[str, float]:
    return {f"loss:stable {form}": float(count) for form, count in sorted(mode.counts.items())}
