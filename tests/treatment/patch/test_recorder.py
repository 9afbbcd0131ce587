"""Positions that a run leaves: births, makings and steps, under the names that the program uses."""

import json
import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch

import isograd
from isograd.facts import Task
from isograd.facts.treatment import Places, Position
from isograd.treatment.patch.seen.births import swappable
from isograd.treatment.patch.seen.recorder import Recorder, extent


def run(path: Path, source: str, name: str = "__main__") -> tuple[dict[str, Any], Recorder]:
    path.write_text(textwrap.dedent(source))
    scope: dict[str, Any] = {"__name__": name}
    with Recorder() as recorder:
        exec(compile(path.read_text(), str(path), "exec"), scope)
    return scope, recorder


def text(position: Position) -> str:
    """The source at a position."""
    lines = Path(position.file).read_bytes().splitlines(keepends=True)[position.line - 1 : position.end_line]
    lines[-1] = lines[-1][: position.end_column]
    lines[0] = lines[0][position.column :]
    return b"".join(lines).decode()


MAIN = """
    import torch
    from torch import nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.hidden = nn.ModuleList(nn.Linear(4, 4) for _ in range(3))
            self.act = nn.Tanh()

        def forward(self, x):
            for layer in self.hidden:
                x = self.act(layer(x))
            return x

    class Trainer:
        def __init__(self):
            self.net = Net()
            self.optimizer = self.configure()

        def configure(self):
            return torch.optim.Adam(self.net.parameters(), 1e-2)

        def fit(self):
            for _ in range(3):
                self.optimizer.zero_grad()
                self.net(torch.ones(2, 4)).sum().backward()
                self.optimizer.step()

    def main():
        trainer = Trainer()
        trainer.fit()
        return trainer

    kept = main()
"""


def test_positions_of_a_trainer(tmp_path: Path) -> None:
    scope, recorder = run(tmp_path / "t.py", MAIN)
    trainer = scope["kept"]
    births = recorder.births()
    assert text(births[id(trainer.net)]) == "Net()"
    assert text(births[id(trainer.net.act)]) == "nn.Tanh()"
    assert {text(births[id(layer)]) for layer in trainer.net.hidden} == {"nn.Linear(4, 4)"}
    places = recorder.places(trainer.optimizer, trainer.net, script=str(tmp_path / "t.py"))
    assert [text(p.position) for p in places.optimizer[:4]] == [
        "torch.optim.Adam(self.net.parameters(), 1e-2)",
        "self.configure()",
        "Trainer()",
        "main()",
    ]
    assert [p.model for p in places.optimizer[:4]] == ["self.net", "self.net", "", ""]
    assert len(places.steps) == 1
    assert text(places.steps[0][0].position) == "self.optimizer.step()"
    assert places.steps[0][0].model == "self.net"
    assert [p.model for p in places.steps[0][1:3]] == ["trainer.net", ""]
    assert places.order[:2] == ("params", "lr")
    assert places.defaults["lr"] == "0.001"
    assert places.grouped == ()
    assert Places.read(json.loads(json.dumps(asdict(places)))) == places
    assert set(places.digests) >= {str(tmp_path / "t.py")}


def test_the_same_call_for_two_networks_is_shared(tmp_path: Path) -> None:
    scope, recorder = run(
        tmp_path / "gan.py",
        """
        import torch
        def make(net):
            return torch.optim.SGD(net.parameters(), lr=.1)
        def update(optimizer):
            optimizer.step()
        one, two = torch.nn.Linear(1, 1), torch.nn.Linear(1, 1)
        first = make(one)
        second = make(two)
        update(first)
        update(second)
        """,
    )
    places = recorder.places(scope["first"], scope["one"])
    assert [(p.model, p.shared) for p in places.optimizer[:2]] == [("net", True), ("one", False)]
    assert [(p.model, p.shared) for p in places.steps[0][:2]] == [("one", True), ("one", False)]
    both = recorder.places(scope["first"], scope["one"], treated=[scope["first"], scope["second"]])
    assert not any(p.shared for p in both.optimizer)


def test_a_loop_over_seeds_is_one_place(tmp_path: Path) -> None:
    scope, recorder = run(
        tmp_path / "seeds.py",
        """
        import torch
        kept = []
        for seed in range(3):
            net = torch.nn.Linear(1, 1)
            optimizer = torch.optim.SGD([{"params": net.weight, "lr": 1.0}, {"params": net.bias}], lr=.1)
            kept.append((net, optimizer))
        """,
    )
    net, optimizer = scope["kept"][-1]
    places = recorder.places(optimizer, net)
    assert (places.optimizer[0].model, places.optimizer[0].shared) == ("net", False)
    assert places.grouped == ("lr",)
    assert swappable(recorder.births(), [net]) is None
    assert swappable(recorder.births(), [one for one, _ in scope["kept"]]) is not None


def test_a_task_tells_its_functions(tmp_path: Path) -> None:
    scope, recorder = run(
        tmp_path / "task.py",
        """
        import torch
        def build(seed):
            net = torch.nn.Linear(1, 1)
            return net
        optimizer = lambda parameters: torch.optim.SGD(parameters, lr=.1)
        """,
    )
    build, optimizer = scope["build"], scope["optimizer"]
    assert build is not None
    place = extent(build)
    assert place is not None
    assert text(place) == "net = torch.nn.Linear(1, 1)\n    return net"
    with recorder:
        net = build(0)
        made = optimizer(net.parameters())
    task = Task(build, lambda model, batch: 0.0, lambda seed: [], optimizer)
    places = recorder.places(made, net, task=task)
    assert places.build == place
    assert places.build_optimizer is not None
    assert text(places.build_optimizer) == "torch.optim.SGD(parameters, lr=.1)"
    assert places.optimizer[0].model == ""


def test_nothing_is_left_behind() -> None:
    before = torch.nn.Module.__init__, torch.optim.Optimizer.__init__
    with Recorder():
        assert torch.nn.Module.__init__ is not before[0]
    assert (torch.nn.Module.__init__, torch.optim.Optimizer.__init__) == before


def test_a_custom_optimizer_and_exec_ed_code(tmp_path: Path) -> None:
    scope, recorder = run(
        tmp_path / "mine.py",
        """
        import torch
        class Mine(torch.optim.SGD):
            def __init__(self, params, rate=0.5):
                super().__init__(params, lr=rate)
        net = torch.nn.Linear(1, 1)
        optimizer = Mine(net.parameters())
        exec("other = torch.nn.Tanh()")
        """,
    )
    places = recorder.places(scope["optimizer"], scope["net"])
    assert text(places.optimizer[0].position) == "Mine(net.parameters())"
    assert (places.order, places.defaults) == (("params", "rate"), {"rate": "0.5"})
    assert recorder.births()[id(scope["other"])].file == "<string>"


def test_the_running_program_keeps_its_random_numbers(tmp_path: Path) -> None:
    source = textwrap.dedent(MAIN)
    torch.manual_seed(3)
    plain: dict[str, Any] = {}
    exec(compile(source, "plain", "exec"), plain)
    torch.manual_seed(3)
    scope, _ = run(tmp_path / "t.py", MAIN)
    for one, two in zip(plain["kept"].net.parameters(), scope["kept"].net.parameters(), strict=True):
        assert torch.equal(one, two)


def test_a_broken_object_in_reach_does_no_harm(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        run(
            tmp_path / "odd.py",
            """
            import torch
            class Odd:
                __slots__ = ()
                def __getattr__(self, name):
                    raise KeyError(name)
            odd = Odd()
            net = torch.nn.Linear(1, 1)
            torch.optim.SGD(net.parameters(), lr=1).step()
            1 / 0
            """,
        )


def test_modules_that_isograd_makes_have_no_place(tmp_path: Path) -> None:
    scope, recorder = run(tmp_path / "t.py", "import torch\nnet = torch.nn.Sequential(torch.nn.Tanh())\n")
    ours: dict[str, Any] = {}
    file = Path(isograd.__file__).parent / "remedy.py"
    exec(compile("def build(kind):\n    return kind()\n", str(file), "exec"), ours)
    with recorder:
        made = ours["build"](torch.nn.ReLU)
    births = recorder.births()
    assert id(scope["net"][0]) in births
    assert id(made) not in births
