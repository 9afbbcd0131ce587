"""The remedy against gradients that underflow in float16: the loss is scaled."""

from typing import final

import torch

from isograd.facts.treatment import Code, Settings
from isograd.model.surgery import Edit
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.numbers import number
from isograd.treatment.remedies.precision.loss_scale import LossScale, available
from isograd.treatment.remedies.precision.number_format import computes_in_half
from isograd.treatment.remedies.remedy import Stage

_SCALE = 2.0**16

_ADVICE = """\
# In plain torch, by changing the loop:
scaler = torch.amp.GradScaler({device!r})
scaler.scale(loss).backward()
scaler.step({optimizer})
scaler.update()"""


@final
class ScaledLosses:
    """The remedy."""

    name = "precision:loss-scale"
    stage: Stage = "optimizer"

    def suits(self, patient: Patient) -> bool:
        """True where float16 is, or may be, computed in."""
        evaluates = isinstance(patient.optimizer, torch.optim.LBFGS)
        half = any(p.dtype == torch.float16 for p in patient.model.parameters())
        return available() and computes_in_half(patient) and not (evaluates and half)

    def choose(self, patient: Patient) -> Settings:
        """torch's own first scale; it finds the right one by itself."""
        return {"init_scale": _SCALE}

    def make(self, patient: Patient, settings: Settings) -> Edit:
        """Stands around backward passes and the optimizer's step."""
        assert patient.optimizer is not None, "precision:loss-scale is made on an optimizer"
        edit, scale = Edit(), LossScale(number(settings, "init_scale"))
        edit.note("", "loss", f"loss * {scale.scale:g}, dynamic", scale.attach(patient.optimizer).remove)
        edit.tells(
            lambda: {
                "precision:loss-scale steps": float(scale.steps),
                "precision:loss-scale scale": scale.scale,
                "precision:loss-scale left_out_share": scale.left_out / max(scale.steps, 1),
            }
        )
        return edit

    def code(self, patient: Patient, settings: Settings) -> Code:
        """One line, as `backward` and `step` may be called anywhere; the advice says how it is usually written."""
        scale = number(settings, "init_scale")
        told = "" if scale == _SCALE else f"init_scale={scale}"
        device = next((p.device.type for p in patient.model.parameters()), "cpu")
        return Code(
            imports=("from isograd.remedies import LossScale",),
            after_optimizer=f"LossScale({told}).attach({{optimizer}})",
            advice=_ADVICE.replace("{device!r}", f'"{device}"'),
        )


REMEDY = ScaledLosses()
"""See there."""
