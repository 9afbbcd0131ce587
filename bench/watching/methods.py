"""Ways of watching training, each of which can be switched on and off between blocks of steps."""

import math
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from isograd.facts import Run
from isograd.observation.session import Session
from isograd.record import RecordWriter


class Nothing:
    """No watching at all; against itself it shows how far the clock can be trusted."""

    def __init__(self, model: nn.Module, folder: Path) -> None:
        self.model = model
        self.folder = folder

    def switch_on(self) -> None:
        """Before a watched block."""

    def switch_off(self) -> None:
        """After a watched block."""

    def after_backward(self, loss: Tensor) -> None:
        """On every step of a watched block, between backward and the optimizer."""

    def counted_seconds(self) -> float:
        """What it says that it has taken so far, if it counts."""
        return math.nan

    def close(self) -> None:
        """At the end; all that was recorded lies in the folder then."""


class TotalNorm(Nothing):
    """The gradient's norm on every step by torch's own function, read by the host."""

    def after_backward(self, loss: Tensor) -> None:
        """One norm of all gradients."""
        torch.nn.utils.get_total_norm([p.grad for p in self.model.parameters() if p.grad is not None]).item()


class PausableSession(Session):
    """A session whose clock stands still while it is switched off, so that pauses do not enlarge its budget."""

    def __init__(self, sink: RecordWriter, budget: float) -> None:
        super().__init__(sink, budget, run_name="overhead")
        self._paused_at = math.nan

    def pause(self) -> None:
        """Stops listening for a while."""
        self._taps.remove()
        self._paused_at = time.perf_counter()

    def resume(self) -> None:
        """Listens again."""
        if self._began is not None:
            self._began += time.perf_counter() - self._paused_at
        for tracker in self._trackers:
            tracker.pace.paused()
        self._taps.install()


class Isograd(Nothing):
    """isograd as it comes: sentinels on every step, detailed readings within 1 % of the time."""

    budget = 0.01

    def __init__(self, model: nn.Module, folder: Path) -> None:
        super().__init__(model, folder)
        run = Run("overhead", (), time.time(), 0.0, "running", "", {}, 0.0)
        self._writer = RecordWriter(folder / "run.isograd", run)
        self._session = PausableSession(self._writer, self.budget)

    def switch_on(self) -> None:
        """Listens."""
        self._session.resume()

    def switch_off(self) -> None:
        """Does not."""
        self._session.pause()

    def counted_seconds(self) -> float:
        """As reports tell it."""
        return self._session._guard.spent_seconds

    def close(self) -> None:
        """Ends the session and the record; a fault of isograd's would make its figures worthless."""
        self._session.stop("finished")
        self._writer.close()
        if self._session.fault or self._writer.fault:
            raise RuntimeError(f"isograd did not watch to the end: {self._session.fault or self._writer.fault}")


class IsogradAll(Isograd):
    """isograd with a detailed reading on every step."""

    budget = 1.0


class WandbWatch(Nothing):
    """`wandb.watch` with histograms of all gradients on every step, offline."""

    def __init__(self, model: nn.Module, folder: Path) -> None:
        super().__init__(model, folder)
        os.environ.update(WANDB_MODE="offline", WANDB_SILENT="true", WANDB_DIR=str(folder))
        import wandb

        self._wandb: Any = wandb
        self._run = wandb.init(project="overhead", dir=str(folder))

    def switch_on(self) -> None:
        """Hooks the gradients."""
        self._wandb.watch(self.model, log="gradients", log_freq=1)

    def switch_off(self) -> None:
        """Unhooks them."""
        self._wandb.unwatch(self.model)

    def after_backward(self, loss: Tensor) -> None:
        """Sends what the hooks have gathered."""
        self._run.log({"loss": loss.item()})

    def close(self) -> None:
        """Writes what is left."""
        self._run.finish()


class TensorBoard(Nothing):
    """TensorBoard histograms of all gradients on every step."""

    def __init__(self, model: nn.Module, folder: Path) -> None:
        super().__init__(model, folder)
        from torch.utils.tensorboard import SummaryWriter

        self._writer = SummaryWriter(str(folder))
        self._step = 0

    def after_backward(self, loss: Tensor) -> None:
        """One scalar and one histogram a parameter."""
        self._writer.add_scalar("loss", loss.item(), self._step)
        for name, parameter in self.model.named_parameters():
            if parameter.grad is not None:
                self._writer.add_histogram(f"gradients/{name}", parameter.grad, self._step)
        self._step += 1

    def close(self) -> None:
        """Writes what is left."""
        self._writer.close()


METHODS: dict[str, Callable[[nn.Module, Path], Nothing]] = {
    "none": Nothing,
    "isograd": Isograd,
    "isograd-all": IsogradAll,
    "total-norm": TotalNorm,
    "wandb-watch": WandbWatch,
    "tensorboard": TensorBoard,
}
"""By the names that contract readers know; each takes the model and a folder of its own to write to."""
