"""A normalisation put behind a layer, in front of its activation, and taken out again.

It becomes a child `norm` of the layer, called by a forward hook. The layer itself stays the object that it was: its
type, attributes and checkpoint keys, weights that it shares with others. New are the keys `<layer>.norm.*`, which come
in `model.parameters()` just behind the layer's own, where they would come in a model written so.

An exchange of the layer's class for a subclass, the other way that was tried, does the same, but changes `type(layer)`,
needs a class for every class of the user's own, and torch's fused paths, which look for hooks, would pass it by.
In the source it is a loop over the layers, not one more element of a `Sequential`: numbers of elements, by which the
rest of the program and its checkpoints may go, stay as they are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from torch import nn

from isograd.errors import UsageError
from isograd.facts.treatment import Code, Settings
from isograd.model.surgery import Edit
from isograd.observation.replay import Call, tensors_of
from isograd.treatment.layer_loops import loop_over
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.norm.hidden_layers import HiddenLayer, hidden_layers, layers_in_order
from isograd.treatment.remedies.norm.hooks import Written
from isograd.treatment.remedies.remedy import Stage
from isograd.treatment.wiring import any_seen, wire


@dataclass(frozen=True)
class Norm:
    """What is put behind one layer."""

    module: nn.Module
    """The normalisation, new, in float32 on the CPU."""
    source: str
    """The call that makes it, in which `layer` is the layer."""
    hook: Written
    """What applies it."""


@dataclass(frozen=True)
class Normalisation:
    """A remedy that puts one kind of normalisation behind layers; see `Remedy`."""

    name: str
    """Its name in the vocabulary."""
    build: Callable[[HiddenLayer, Settings], Norm]
    """Makes it for one layer; draws no random numbers."""
    numbers: Callable[[Sequence[HiddenLayer]], Settings]
    """The numbers that suit these layers."""
    admits: Callable[[HiddenLayer], bool]
    """Whether a layer can have it."""
    fewest_rows: int = 1
    """Batches of fewer examples do not allow it."""
    stage: Stage = "model"
    """When it is made."""

    def suits(self, patient: Patient) -> bool:
        """True if there is a hidden layer without normalisation, and batches are large enough."""
        return not self._too_small(patient) and any_seen(lambda: self.layers(patient))

    def choose(self, patient: Patient) -> Settings:
        """The numbers that suit the layers."""
        return self.numbers(self.layers(patient))

    def make(self, patient: Patient, settings: Settings) -> Edit:
        """Puts one behind each layer.

        Raises:
            UsageError: If there is no layer for it, or the batches are too small for it.
            ObservationError: If the model's outputs do not depend on its parameters.
        """
        if self._too_small(patient):
            raise UsageError(
                f"{self.name} needs batches of at least {self.fewest_rows} examples; got one of fewer: "
                "use norm:layer or norm:group, or larger batches"
            )
        layers = self.layers(patient)
        if not layers:
            raise UsageError(
                f"{self.name} finds no layer with a hidden activation and without normalisation"
                + ("" if patient.calls else "; give an example of the model's input, so that calls can be seen")
            )
        settings = {**self.numbers(layers), **settings}
        edit = Edit()
        for layer in layers:
            insert(edit, layer, self.build(layer, settings))
        return edit

    def code(self, patient: Patient, settings: Settings) -> Code:
        """The same in plain torch: the hook, and a loop over the layers."""
        layers = self.layers(patient)
        settings = {**self.numbers(layers), **settings}
        norms = [(layer, self.build(layer, settings)) for layer in layers]
        kinds = {norm.hook.name: norm.hook.source for _, norm in norms}
        return Code(
            imports=("from torch import nn",),
            definitions="\n\n".join(kinds.values()),
            before_optimizer="\n".join(_loops(patient.model, norms)),
        )

    def layers(self, patient: Patient) -> tuple[HiddenLayer, ...]:
        """The layers that it goes behind."""
        return tuple(layer for layer in layers_of(patient) if self.admits(layer))

    def _too_small(self, patient: Patient) -> bool:
        return any(_num_rows(call) < self.fewest_rows for call in patient.calls)


def layers_of(patient: Patient) -> tuple[HiddenLayer, ...]:
    """Hidden layers as a call shows them; without a call, those that the module tree shows."""
    wiring = wire(patient)
    return layers_in_order(patient.model) if wiring is None else hidden_layers(wiring)


def insert(edit: Edit, layer: HiddenLayer, norm: Norm) -> None:
    """Puts a normalisation behind one layer."""
    module, inner = layer.module, norm.module
    before = str(module)
    weight = next(module.parameters())
    inner.to(device=weight.device, dtype=weight.dtype).train(module.training)
    module.add_module("norm", inner)
    handle = module.register_forward_hook(norm.hook.hook)

    def back() -> None:
        handle.remove()
        del module.norm

    edit.note(layer.path, before, f"{before} + {inner}", back)


def _num_rows(call: Call) -> int:
    sizes = [tensor.shape[0] for tensor in tensors_of((call.args, dict(call.kwargs))) if tensor.ndim]
    return sizes[0] if sizes else 1


def _loops(model: nn.Module, norms: Sequence[tuple[HiddenLayer, Norm]]) -> list[str]:
    def kind(pair: tuple[HiddenLayer, Norm]) -> tuple[str, str, bool]:
        layer, norm = pair
        return norm.source, norm.hook.name, layer.module.training

    lines = []
    for (source, name, training), group in groupby(sorted(norms, key=kind), kind):
        body = [f"layer.norm = {source}.to(layer.weight)" + ("" if training else ".eval()"),
                f"layer.register_forward_hook({name})"]  # fmt: skip
        lines.append(loop_over(model, [layer.path for layer, _ in group], body))
    return lines
