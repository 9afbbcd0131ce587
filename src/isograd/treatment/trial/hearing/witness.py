"""All that is heard of one trial's training, from torch's import to the program's end."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from torch import nn
from torch.optim import Optimizer

from isograd.facts.trial import Order, Result
from isograd.observation.session import Session
from isograd.record import RecordWriter
from isograd.treatment.patch.seen.recorder import Recorder
from isograd.treatment.trial.hearing import loss_functions
from isograd.treatment.trial.hearing.evaluations import Evaluations, mode_dependent
from isograd.treatment.trial.hearing.ledger import Ledger
from isograd.treatment.trial.hearing.samples import MOST_CALLS, Samples
from isograd.treatment.trial.hearing.steps import Steps
from isograd.treatment.trial.injection.constructors import Constructors
from isograd.treatment.trial.injection.parts import in_training
from isograd.treatment.trial.injection.prospects import MOST_PARAMETERS, Untrained
from isograd.treatment.trial.injection.roll import Network, Roll, alive
from isograd.treatment.trial.injection.told import Told, tell
from isograd.treatment.trial.injection.treating import Injection, Surroundings
from isograd.treatment.trial.job import RESULT
from isograd.treatment.trial.process import carrying


class Witness:
    """Watches and, where the order says so, treats.

    Args:
        order: What is to be done.
        writer: Where the record goes.
        session: Makes the session that watches, given its sink.
        tell_steps: Called a few times a second with the number of steps taken.
        modules: Models that are in no variable of the program, by name.
    """

    def __init__(
        self,
        order: Order,
        writer: RecordWriter,
        session: Callable[[Ledger], Session],
        tell_steps: Callable[[int], None],
        modules: Mapping[str, nn.Module] | None = None,
    ) -> None:
        self.order = order
        self.writer = writer
        self.ledger = Ledger(writer)
        self.session = session(self.ledger)
        self.roll = Roll(modules)
        self.recorder = Recorder()
        around = Surroundings(self.tell, self.recorder.births, self.session.aside, self._seen)
        self.injection = Injection(order, self.roll, around)
        self.steps = Steps(self.roll, self.injection.is_ordered, order.max_steps, tell_steps)
        self.evaluations = Evaluations(lambda: self.steps.taken, self._in_evaluation)
        self.samples = Samples(MOST_CALLS if order.keep_samples else 1)
        self.untrained: Untrained | None = None
        """The network as it was, where outlooks are wanted."""
        self.uncopied = ""
        """Why it could not be copied."""
        self.indices: dict[str, list[int]] = {}
        """By key of a network, its numbers in the record: several where it was built again."""
        self.treated: tuple[Optimizer, nn.Module] | None = None
        """The latest that stepped the network of the order; kept alive where places in the source are asked for."""
        self._modes: dict[int, bool] = {}
        self._constructors = Constructors(self.injection)
        self._deafen: Callable[[], None] = lambda: None

    @property
    def records(self) -> bool:
        """Whether positions in the source are of use: not in a program that is patched or untreated."""
        return self.order.arm == "treated" and not self.order.patched

    def start(self) -> None:
        """Begins; torch has just been imported, and the program has not yet used it."""
        self._deafen = loss_functions.listen(self._loss_heard)
        if self.records:
            self.recorder.__enter__()
        self._constructors.__enter__()
        self.session.start()
        self.steps.start()
        self.steps.stepped.append(self._stepped)
        if self.order.keep_samples or self.order.outlooks:
            self.samples.start(self._is_ordered_root)

    def stop(self) -> None:
        """Ends what would disturb a later program in the same process."""
        self._deafen()
        self.samples.stop()
        self.steps.stop()
        self._constructors.__exit__()
        if self.records:
            self.recorder.__exit__()

    def ordered(self) -> Network | None:
        """The network of the order, if it was made."""
        return next((one for one in self.roll.networks.values() if self.injection.is_ordered(one)), None)

    def _loss_heard(self, name: str, result: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        with suppress(Exception):  # a fault of ours costs a number, never the program
            inputs = loss_functions.argument(args, kwargs, 0, "input", "input1", "anchor", "log_probs")
            self.evaluations.heard(name, result, inputs, kwargs.get("reduction", "mean"))
            if self.order.keep_samples and name in loss_functions.REGRESSION:
                self.samples.compared(loss_functions.argument(args, kwargs, 1, "target"))

    def _in_evaluation(self) -> bool:
        models = [model for network in self.roll.networks.values() if (model := network.model()) is not None]
        return any(not in_training(model) or not self._has_modes(model) for model in models)

    def _has_modes(self, model: nn.Module) -> bool:
        if id(model) not in self._modes:
            self._modes[id(model)] = mode_dependent(model)
        return self._modes[id(model)]

    def _is_ordered_root(self, module: nn.Module) -> bool:
        network = self.ordered()
        return network is not None and (module is network.model() or any(m is module for m in alive(network.wrappers)))

    def _seen(self, network: Network, root: nn.Module) -> None:
        """Before the network is treated: keeps it as it is, where outlooks are wanted."""
        if not self.order.outlooks or self.untrained is not None or self.uncopied:
            return
        if sum(parameter.numel() for parameter in root.parameters()) > MOST_PARAMETERS:
            self.uncopied = f"the network has more than {MOST_PARAMETERS:,} parameters"
            return
        try:
            self.untrained = Untrained(root, {})
        except Exception as error:  # noqa: BLE001  a model that cannot be copied is the user's right
            self.uncopied = f"{type(error).__name__}: {error}"

    def _stepped(self, network: Network, optimizer: Optimizer) -> None:
        if self.records and self.injection.is_ordered(network) and (model := network.model()) is not None:
            self.treated = (optimizer, model)
        index = self.session.index_of(optimizer)
        known = self.indices.setdefault(network.key, [])
        if index is not None and index not in known:
            known.append(index)

    def tell(self, network: Network) -> Told:
        """What is known of the untreated network."""
        if not self.order.untreated:
            return Told()
        folder = Path(self.order.untreated)
        try:
            trained = carrying.read(Result, folder / RESULT).networks
        except (OSError, ValueError):
            trained = ()
        name = next((one.name for one in trained if one.key == network.key), network.name)
        return tell(folder, name)
