"""Identity recurrence (IRNN): the recurrent matrix starts at the identity, biases at zero.

The paper draws W_ih with a standard deviation of 0.001, for thousands of steps of training. Over the first hundred that
is a signal too small to learn from (recall over 40 steps: 1 of 3 seeds, against 3 of 3), so W_ih stays as it is unless
it is asked for.

Also for a recurrence written by hand, `h = act(self.w_x(x) + self.w_h(h))`: there the square layer that is fed what it
gave before is set, if no gate says otherwise.
"""

import re
from collections.abc import Iterator

from torch import nn

from isograd.facts.treatment import Settings
from isograd.model.surgery import Edit
from isograd.observation.replay import Call
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.init.blocks import Block, blocks_of
from isograd.treatment.remedies.init.following import measured
from isograd.treatment.remedies.init.law import ZERO, Named
from isograd.treatment.remedies.init.scheme import Scheme
from isograd.treatment.remedies.init.statement import Draw, Program, Statement, Verse
from isograd.treatment.remedies.numbers import number

_IDENTITY = Named("eye_")
_LOWEST = re.compile(r"weight_ih(_l0(_reverse)?)?")


def _plan(patient: Patient, settings: Settings) -> Program:
    blocks = blocks_of(patient.model)
    plain = [block for block in blocks if isinstance(patient.model.get_submodule(block.path), nn.RNN | nn.RNNCell)]
    paths = dict.fromkeys(block.path for block in plain if block.role == "recurrent")
    verses = [
        Verse(path, _statements(patient.model, [block for block in plain if block.path == path], settings))
        for path in paths
    ]
    return (*verses, *_by_hand(patient, blocks))


def _statements(model: nn.Module, blocks: list[Block], settings: Settings) -> tuple[Statement, ...]:
    """The identity, no biases, and the inputs of the lowest layer if they are to be small."""
    layer = model.get_submodule(blocks[0].path)
    statements: list[Statement] = []
    for block in blocks:
        if block.role == "recurrent":
            statements.append(Draw(block.attribute, _IDENTITY))
        elif settings["input_std"] is not None and _LOWEST.fullmatch(block.attribute):
            statements.append(Draw(block.attribute, Named("normal_", (("std", number(settings, "input_std")),))))
    biases = [name for name, p in layer._parameters.items() if name.startswith("bias") and p is not None]
    return (*statements, *(Draw(name, ZERO) for name in biases if layer.get_parameter(name).requires_grad))


def _by_hand(patient: Patient, blocks: tuple[Block, ...]) -> Iterator[Verse]:
    """Square linear layers that are called in a loop on what they gave, without gates."""
    recurrent = _ungated_loops(patient)
    for block in blocks:
        layer = patient.model.get_submodule(block.path)
        if isinstance(layer, nn.Linear) and id(layer.weight) in recurrent and layer.in_features == layer.out_features:
            bias = (Draw("bias", ZERO),) if layer.bias is not None and layer.bias.requires_grad else ()
            yield Verse(block.path, (Draw("weight", _IDENTITY), *bias))


def _ungated_loops(patient: Patient) -> set[int]:
    """Weights of layers that are the recurrence of a loop; a cell with gates has a way of its own to remember."""
    seen = measured(patient)
    if seen is None:
        return set()
    plain = {profile.site for profile in seen.profiles if not profile.gated}
    return {id(entry.weight) for entry in seen.seen if entry.site.kind == "recurrent" and entry.site.name in plain}


def _choose(patient: Patient) -> Settings:
    return {"input_std": None}


IDENTITY_RECURRENT = Scheme("init:identity-recurrent", _plan, _choose)
"""Plain recurrent layers and cells, ReLU or tanh, and recurrences written by hand."""


def identity_recurrent_(model: nn.Module, *args: object, input_std: float | None = None) -> Edit:
    """Sets W_hh of every plain recurrent layer to the identity and its biases to zero, in place.

    Args:
        model: The model.
        *args: A batch: what the model is called with, to find recurrences that are written by hand.
        input_std: Standard deviation of W_ih of the lowest layer, 0.001 in the paper; None to leave it.

    Returns:
        What was changed, with the way back.

    >>> model = nn.RNN(2, 3, nonlinearity="relu")
    >>> [change.after for change in identity_recurrent_(model).changes]
    ['identity', 'all 0', 'all 0']

    Source: Le, Jaitly and Hinton 2015.
    """
    return IDENTITY_RECURRENT.make(Patient(model, calls=(Call(args, {}),) if args else ()), {"input_std": input_std})
