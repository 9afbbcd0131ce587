"""Puts gated layers in the place of plain recurrent ones, with their gates set to remember, and writes the same."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from isograd.facts.treatment import Code, Settings
from isograd.model.surgery import Edit
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.init.gates import chrono, constant
from isograd.treatment.remedies.init.scheme import imports_of
from isograd.treatment.remedies.init.sequence_length import longest
from isograd.treatment.remedies.init.spelling import expression
from isograd.treatment.remedies.init.statement import Statement
from isograd.treatment.remedies.numbers import number
from isograd.treatment.remedies.recurrent.effective_memory import memory_steps, note_memory
from isograd.treatment.remedies.recurrent.plain_layers import Plain, plain_layers
from isograd.treatment.remedies.remedy import Stage

LONG = 20
"""Time steps from which on a forget bias of 1, which keeps for 3 steps, is too little."""


@dataclass(frozen=True)
class Exchange:
    """One remedy: which classes take the place of `nn.RNN` and `nn.RNNCell`."""

    name: str
    """Its name in the vocabulary."""
    layer: type[nn.Module]
    """In the place of `nn.RNN`."""
    cell: type[nn.Module]
    """In the place of `nn.RNNCell`."""
    written: Callable[[Patient, type[nn.Module]], tuple[str, str, str]]
    """How one of these is written: its name, a line of import or nothing, a definition or nothing."""
    accepts: Callable[[Patient], bool] = lambda patient: True
    """False where the program calls the layers in a way that the new ones cannot serve."""
    stage: Stage = "model"
    """Made before the optimizer is."""

    def suits(self, patient: Patient) -> bool:
        """True if there is a plain recurrent layer or cell that can be exchanged."""
        return next(plain_layers(patient.model), None) is not None and self.accepts(patient)

    def choose(self, patient: Patient) -> Settings:
        """A forget bias of 1; for sequences of 20 time steps and more, chrono by their length."""
        length = longest(patient)
        return {"forget_bias": 1.0, "num_steps": length if length >= LONG else 0.0}

    def make(self, patient: Patient, settings: Settings) -> Edit:
        """Exchanges them; the new parameters stand where the old ones stood."""
        settings, edit = {**self.choose(patient), **settings}, Edit()
        plain = list(plain_layers(patient.model))
        paths = [one.paths[0] for one in plain]
        before = memory_steps(patient, paths)
        for one in plain:
            new = self._new(one)
            for statement in _gates(new, settings):
                statement.apply(new)
            for path in one.paths:
                edit.replace(patient.model, path, new)
            edit.note(one.paths[0], "no gate", _gates_in_words(settings))
        note_memory(edit, self.name, before, memory_steps(patient, paths) if before else {})
        return edit

    def code(self, patient: Patient, settings: Settings) -> Code:
        """The constructors' calls, before the optimizer: called elsewhere they would draw other random numbers."""
        settings = {**self.choose(patient), **settings}
        lines: list[str] = []
        imports: dict[str, None] = {}
        definitions: dict[str, None] = {}
        for one in plain_layers(patient.model):
            name, needed, definition = self.written(patient, self._kind(one))
            imports |= {needed: None} if needed else {}
            definitions |= {definition: None} if definition else {}
            lines += self._lines(patient.model, one, name, settings)
        text = "\n".join(lines)
        return Code(
            imports=(*imports_of("\n".join((*definitions, text))), *imports),
            definitions="\n\n\n".join(definitions),
            before_optimizer=text,
        )

    def _kind(self, plain: Plain) -> type[nn.Module]:
        return self.cell if plain.is_cell else self.layer

    def _new(self, plain: Plain) -> nn.Module:
        """Made on the default device, as the written line does, and moved."""
        sizes = [value for name, value in plain.arguments if not name]
        options: dict[str, Any] = {name: value for name, value in plain.arguments if name}
        if plain.weight.dtype != torch.get_default_dtype():
            options["dtype"] = plain.weight.dtype
        return self._kind(plain)(*sizes, **options).to(plain.weight.device)

    def _lines(self, model: nn.Module, plain: Plain, name: str, settings: Settings) -> list[str]:
        arguments = [repr(value) if not key else f"{key}={value!r}" for key, value in plain.arguments]
        if plain.weight.dtype != torch.get_default_dtype():
            arguments.append(f"dtype={plain.weight.dtype}")
        target, *others = (expression(model, path) for path in plain.paths)
        call = f"{name}({', '.join(arguments)})"
        if plain.weight.device != torch.empty(0).device:
            call += f".to({target}.{next(iter(plain.module._parameters))}.device)"
        call += "" if plain.module.training else ".eval()"
        lines = [f"{target} = {call}", *(f"{other} = {target}" for other in others)]
        with torch.random.fork_rng(devices=()):
            blueprint = self._new(plain)
        return [*lines, *(line for statement in _gates(blueprint, settings) for line in statement.lines(target))]


def _gates(new: nn.Module, settings: Settings) -> tuple[Statement, ...]:
    """What is done to the biases of the gate that keeps the state; nothing where there are no biases."""
    if number(settings, "num_steps") > 2:
        return chrono(new, number(settings, "num_steps"))
    return constant(new, number(settings, "forget_bias"))


def _gates_in_words(settings: Settings) -> str:
    steps = number(settings, "num_steps")
    return f"forget biases log U(1, {steps - 1:g})" if steps > 2 else f"forget bias {number(settings, 'forget_bias'):g}"


def imported(kind: type[nn.Module]) -> tuple[str, str, str]:
    """A class of isograd, imported."""
    return kind.__name__, f"from isograd.remedies import {kind.__name__}", ""


def of_torch(patient: Patient, kind: type[nn.Module]) -> tuple[str, str, str]:
    """A class of torch."""
    return f"nn.{kind.__name__}", "", ""
