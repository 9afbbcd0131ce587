"""Outlooks: what plans do to the untrained network on one batch, found on copies when the run has ended."""

import copy
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import nn

from isograd.facts.treatment import Change, Dose, Plan, Position
from isograd.facts.trial import Outlook
from isograd.observation.forecast import forecast
from isograd.observation.replay import Call
from isograd.observation.undisturbed import undisturbed
from isograd.treatment.patient import Patient
from isograd.treatment.remedies import REMEDIES, Remedy
from isograd.treatment.trial.injection.dosing import remedy_named

MOST_PARAMETERS = 50_000_000
"""Models with more numbers are not copied."""


class Untrained:
    """The network as it was when its optimizer was made.

    Args:
        model: Copied.
        births: Where its modules were made, by `id`.
    """

    def __init__(self, model: nn.Module, births: Mapping[int, Position]) -> None:
        self._model, self._births = model, dict(births)
        self._model, self._births = self.fresh()

    def fresh(self) -> tuple[nn.Module, dict[int, Position]]:
        """A copy to be changed, and where its modules were made."""
        twin = copy.deepcopy(self._model)
        pairs = zip(self._model.modules(), twin.modules(), strict=True)
        births = {id(new): self._births[id(old)] for old, new in pairs if id(old) in self._births}
        return twin, births


def outlooks(
    untrained: Untrained, plans: Sequence[Plan], patient: Patient, remedies: Sequence[Remedy] = REMEDIES
) -> tuple[Outlook, ...]:
    """What each plan does to the untrained network, measured on the first call that is known of it.

    Args:
        untrained: The network.
        plans: What to look at.
        patient: What is known of the network; its model is not touched.
        remedies: Where names are looked up.
    """
    with undisturbed(()):
        model, births = untrained.fresh()
        before = _gain(replace(patient, model=model, births=births))
        return tuple(_outlook(untrained, plan, patient, before, remedies) for plan in plans)


def _outlook(untrained: Untrained, plan: Plan, patient: Patient, before: float, remedies: Sequence[Remedy]) -> Outlook:
    model, births = untrained.fresh()
    doses: list[Dose] = []
    changes: list[Change] = []
    suits = True
    try:
        for dose in plan.doses:
            remedy = remedy_named(dose.remedy, remedies)
            here = replace(patient, model=model, births=births)
            suits = suits and remedy.suits(here)
            if not suits:
                return Outlook(plan, False, before)
            if remedy.stage == "optimizer":
                doses.append(dose)  # its numbers are chosen when the optimizer is there
                continue
            settings = {**remedy.choose(here), **dose.settings}
            doses.append(Dose(dose.remedy, settings))
            changes.extend(remedy.make(here, settings).changes)
        expected = _forecast(model, patient.calls)
        measured = _gain(replace(patient, model=model, births=births))
    except Exception as error:  # noqa: BLE001  a remedy's fault on a copy: told, and the other plans go on
        return Outlook(plan, suits, before, tuple(changes), f"{type(error).__name__}: {error}")
    return Outlook(Plan(tuple(doses), expected, measured), True, before, tuple(changes))


def _gain(patient: Patient) -> float:
    measurement = patient.measurement
    return math.nan if measurement is None else measurement.gain


def _forecast(model: nn.Module, calls: Sequence[Call]) -> float:
    """The forecast gain; nan where there is no rule for the model."""
    call = calls[0] if calls else None
    arguments = call.args if call is not None and not call.kwargs else ()
    example = arguments[0] if len(arguments) == 1 else arguments or None
    try:
        rms = float(example.float().square().mean().sqrt()) if isinstance(example, torch.Tensor) else 1.0
        return forecast(model, input_rms=rms if 0 < rms < math.inf else 1.0, example=example).gain
    except Exception:  # noqa: BLE001  a forecast runs any model on the meta device: where that fails there is none
        return math.nan
