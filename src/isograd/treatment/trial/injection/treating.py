"""Treats a network at the moment when the program makes its optimizer.

Remedies of the model are made before the optimizer takes the parameters, and it takes those of the treated model;
remedies of the optimizer are made when its constructor has ended, before the program sees it. A model that is built
again is treated again; an optimizer that only wraps another, or is made anew for a treated model, is not treated twice.
"""

import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from torch import nn
from torch.optim import Optimizer

from isograd.facts.treatment import Dose, Position
from isograd.facts.trial import Order
from isograd.observation.wrapping import one_network
from isograd.treatment.patient import Patient
from isograd.treatment.remedies import Stage
from isograd.treatment.trial.injection import dosing, sham
from isograd.treatment.trial.injection.dosing import Given
from isograd.treatment.trial.injection.parameters import Given as Parameters
from isograd.treatment.trial.injection.parameters import Homes
from isograd.treatment.trial.injection.parts import Parts
from isograd.treatment.trial.injection.rewrapping import rewrap
from isograd.treatment.trial.injection.roll import Network, Roll, alive
from isograd.treatment.trial.injection.told import Told
from isograd.treatment.trial.process.leaving import Untreatable


@dataclass(frozen=True)
class Surroundings:
    """What the injection needs of the trial around it."""

    tell: Callable[[Network], Told]
    """What is known of the untreated network."""
    births: Callable[[], Mapping[int, Position]]
    """Where modules were made, by `id`."""
    aside: Callable[[], AbstractContextManager[None]]
    """Within it, what is done is not seen as the program's training."""
    seen: Callable[[Network, nn.Module], None]
    """Told of each network of the order before it is treated."""


class Injection:
    """Attends the making of optimizers, see `constructors.Attendant`."""

    def __init__(self, order: Order, roll: Roll, surroundings: Surroundings) -> None:
        self.made_here: list[Given] = []
        """What was made in the network of the order, in its latest form."""
        self.untreatable = ""
        """Why the network could not be treated; empty if it could."""
        self._order = order
        self._roll = roll
        self._around = surroundings
        self._treated: weakref.WeakSet[nn.Module] = weakref.WeakSet()
        self._dosed: weakref.WeakSet[Optimizer] = weakref.WeakSet()
        self._pending: dict[int, Network] = {}
        self._busy = False
        self._found = False

    @property
    def found(self) -> bool:
        """Whether the network of the order was there."""
        return self._found

    def taken(self, optimizer: Optimizer, params: Any) -> Any:
        """See `constructors.Attendant`."""
        if self._busy:
            return params
        params = list(params) if isinstance(params, Iterator) else params
        given = Parameters.of(params)
        if given is None or not given.tensors():
            return params
        network = self._roll.wraps_known(given.tensors()) or self._roll.enter(given.tensors())
        self._pending[id(optimizer)] = network
        if not self.is_ordered(network):
            return params
        self._found = True
        with self._alone():
            return self._treat(network, given, params)

    def made(self, optimizer: Optimizer) -> None:
        """See `constructors.Attendant`."""
        network = self._pending.pop(id(optimizer), None)
        if network is None or self._busy:
            return
        network.optimizers.add(optimizer)
        network.groups = optimizer.param_groups
        inner = bool(self._pending)  # made within another's constructor, which will be told of next
        if inner or not self.is_ordered(network) or any(one_network(optimizer, known) for known in self._dosed):
            return
        self._dosed.add(optimizer)
        if self._order.arm == "treated" and not self._order.patched:
            with self._alone():
                self._dose(network, self._model(network), "optimizer", optimizer)

    def is_ordered(self, network: Network) -> bool:
        """Whether it is the network that the order means."""
        if not self._order.network:
            return network.key == "0"
        return self._order.network in (network.key, network.name)

    def _treat(self, network: Network, given: Parameters, params: Any) -> Any:
        root = network.model()
        if root is not None and root not in self._treated:
            self._around.seen(network, root)
        arm = self._order.arm
        if self._order.patched or arm not in ("treated", "sham"):
            return params
        root = self._model(network)
        if root in self._treated:
            return params
        homes, before = Homes(given, root), _identities(root)
        self.made_here = []
        if arm == "sham":
            self.made_here.append(Given(Dose(sham.NAME), sham.shuffle(root, 1 + self._order.seed), None))
        else:
            self._dose(network, root, "model", None)
        if isinstance(root, Parts) and root.exchanged():
            raise self._refused(
                f"{self._order.doses[0].remedy} would put another module in the place of {root.exchanged()}, which the"
                " program holds in a variable of its own; put the modules that the optimizer trains into one"
            )
        self._treated.add(root)
        if _identities(root) == before:
            return params
        for wrapper in alive(network.wrappers):
            rewrap(wrapper)
        return homes.refreshed(root).argument()

    def _model(self, network: Network) -> nn.Module:
        root = network.model()
        if root is None:
            raise self._refused(
                f"what the optimizer of {network.name} trains is gone, so no remedy could be made; keep the model in a"
                " variable"
            )
        return root

    def _refused(self, why: str) -> Untreatable:
        self.untreatable = why
        return Untreatable()

    def _dose(self, network: Network, root: nn.Module, stage: Stage, optimizer: Optimizer | None) -> None:
        doses = dosing.of_stage(self._order.doses, stage)
        if not doses:
            return
        told = self._around.tell(network)
        for dose in doses:
            patient = Patient(root, optimizer, told.calls, told.targets, told.finding, told.observed)
            patient.births = self._around.births()
            try:
                self.made_here.append(dosing.give(dose, patient))
            except Exception as error:  # a remedy's fault on a model of the user's: this trial ends, and says why
                raise self._refused(f"{dose.remedy} could not be made: {type(error).__name__}: {error}") from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._busy = True
        try:
            with self._around.aside():
                yield
        finally:
            self._busy = False


def _identities(root: nn.Module) -> Sequence[int]:
    return [id(parameter) for parameter in root.parameters()]
