"""Patches of programs in many styles: each runs, does what the remedy says, and leaves all other lines alone."""

import builtins
import difflib
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch
from source_styles import FLAT, KEYWORDS, PROGRAMS, Program  # type: ignore[import-not-found]  # beside this file
from torch import nn
from torch.overrides import TorchFunctionMode

from isograd.facts.treatment import OPTIMIZER, Code, Places, Position, Swap
from isograd.treatment.patch.patching import patch
from isograd.treatment.patch.result import Patch
from isograd.treatment.patch.seen.births import swappable
from isograd.treatment.patch.seen.positions import position_of, user_frames
from isograd.treatment.patch.seen.recorder import Recorder

_SIGMOIDS = (torch.sigmoid, torch.sigmoid_, torch.Tensor.sigmoid, torch.Tensor.sigmoid_, nn.functional.sigmoid)

_MODULES = str(Path(nn.__file__).parent / "modules")


@dataclass
class Ran:
    """What a run left."""

    places: Places
    model: nn.Module
    optimizer: torch.optim.Optimizer
    births: dict[int, Position]
    calls: list[Position]
    trace: list[Any] = field(default_factory=list)


class _Sigmoids(TorchFunctionMode):
    """Positions of sigmoids that the program calls, not those of modules."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Position] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in _SIGMOIDS and not sys._getframe(1).f_code.co_filename.startswith(_MODULES):
            mine = [frame for frame in user_frames() if frame.f_code.co_filename != __file__]
            self.calls.append(position_of(mine[0]))
        return func(*args, **(kwargs or {}))


def run(path: Path, program: Program, monkeypatch: pytest.MonkeyPatch) -> Ran:
    """Runs a program as `isograd` does."""
    kept: list[Any] = []
    original = torch.optim.Optimizer.__init__
    module_original = nn.Module.__init__

    def keep(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        kept.append(self)

    def keep_module(self: Any, *args: Any, **kwargs: Any) -> None:
        module_original(self, *args, **kwargs)
        kept.append(self)

    monkeypatch.setattr(torch.optim.Optimizer, "__init__", keep)
    monkeypatch.setattr(nn.Module, "__init__", keep_module)
    trace: list[Any] = []
    monkeypatch.setattr(builtins, "TRACE", trace, raising=False)
    torch.manual_seed(0)
    scope: dict[str, Any] = {"__name__": "__main__", "__file__": str(path)}
    with Recorder() as recorder, _Sigmoids() as sigmoids:
        exec(compile(path.read_bytes(), str(path), "exec"), scope)
    monkeypatch.undo()
    optimizer = next(one for one in kept if isinstance(one, torch.optim.Optimizer))
    mine = {id(p) for group in optimizer.param_groups for p in group["params"]}
    roots = [one for one in kept if isinstance(one, nn.Module) and {id(p) for p in one.parameters()} == mine]
    model = max(roots, key=lambda one: len(list(one.modules())))
    places = recorder.places(optimizer, model, script=str(path))
    births = recorder.births()
    return Ran(places, model, optimizer, births, sigmoids.calls, trace)


@pytest.fixture(params=PROGRAMS, ids=lambda program: program.name)
def program(request: pytest.FixtureRequest) -> Program:
    return request.param


def written(program: Program, folder: Path) -> Path:
    path = folder / "the program.py"
    path.write_bytes(program.source.encode(program.encoding))
    return path


def again(made: Patch, path: Path, program: Program, monkeypatch: pytest.MonkeyPatch) -> Ran:
    """The patched program, run; its diff is applied by git and must give the same bytes."""
    root = path.parent
    copy = root.parent / "applied"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(root, copy)
    assert made.root == str(root)
    diff = made.diff.encode("utf-8", "surrogateescape")
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], input=diff, cwd=copy, check=True)
    assert (copy / path.name).read_bytes() == made.after[str(path)]
    path.write_bytes(made.after[str(path)])
    return run(path, program, monkeypatch)


def changed_lines(made: Patch) -> int:
    return sum(line.startswith("-") and not line.startswith("---") for line in made.diff.split("\n"))


AROUND = Code(
    imports=("import builtins", "from torch.nn.utils import parameters_to_vector as vector"),
    definitions='''def seen(what, module):
    """Notes
    what was seen."""
    builtins.TRACE.append((what, vector(module.parameters()).numel()))
''',
    before_optimizer="""for module in {model}.modules():
    for p in module.parameters(recurse=False):
        p.data.mul_(0.5)  # halved
seen("model", {model})""",
    after_optimizer="""counter = [0]
builtins.TRACE.append(("optimizer", type({optimizer}).__name__))""",
    before_step='builtins.TRACE.append(("before", all(p.grad is not None for p in {model}.parameters())))',
    after_step='counter[0] += 1\nbuiltins.TRACE.append(("after", counter[0]))',
)


def test_lines_around_optimizer_and_steps(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    path = written(program, folder)
    before = run(path, program, monkeypatch)
    made = patch([AROUND], before.places, str(folder))
    assert made.left == ()
    assert changed_lines(made) == program.changed, made.diff
    after = again(made, path, program, monkeypatch)
    size = sum(p.numel() for p in after.model.parameters())
    name = type(before.optimizer).__name__
    steps = [event for step in (1, 2, 3) for event in (("before", True), ("after", step))]
    assert after.trace == [("model", size), ("optimizer", name), *steps]


def test_swaps_of_activations(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    path = written(program, folder)
    before = run(path, program, monkeypatch)
    sigmoids = [module for module in before.model.modules() if isinstance(module, nn.Sigmoid)]
    swaps = [
        Swap(one, "nn.ELU", {"alpha": "0.5"}, drop_arguments=True) for one in swappable(before.births, sigmoids) or ()
    ]
    swaps += [Swap(one, "F.elu", {"alpha": "0.5"}, drop_arguments=True) for one in before.calls]
    assert swaps
    made = patch([Code(swaps=tuple(swaps))], before.places, str(folder))
    assert made.left == ()
    after = again(made, path, program, monkeypatch)
    assert not after.calls
    assert not any(isinstance(module, nn.Sigmoid) for module in after.model.modules())
    assert all(one.alpha == 0.5 for one in after.model.modules() if isinstance(one, nn.ELU))
    assert sum(isinstance(one, nn.ELU) for one in after.model.modules()) == len(sigmoids)


def test_learning_rate(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    path = written(program, folder)
    before = run(path, program, monkeypatch)
    made = patch([Code(swaps=(Swap(OPTIMIZER, "", {"lr": "{} * 0.5"}),))], before.places, str(folder))
    if program is KEYWORDS or made.left:
        assert made.left == ()
    after = again(made, path, program, monkeypatch)
    rates = [group["lr"] for group in before.optimizer.param_groups]
    assert [group["lr"] for group in after.optimizer.param_groups] == pytest.approx([rate * 0.5 for rate in rates])


def test_all_together(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    path = written(program, folder)
    before = run(path, program, monkeypatch)
    sigmoids = [module for module in before.model.modules() if isinstance(module, nn.Sigmoid)]
    places = swappable(before.births, sigmoids) or ()
    codes = [
        Code(swaps=tuple(Swap(one, "nn.ReLU", drop_arguments=True) for one in places)),
        AROUND,
        Code(swaps=(Swap(OPTIMIZER, "", {"lr": "{} * 0.5"}),)),
        Code(before_step='builtins.TRACE.append("second")', imports=("import builtins",)),
        Code(swaps=(Swap(OPTIMIZER, "", {"lr": "{} + 1"}),)),
    ]
    made = patch(codes, before.places, str(folder))
    assert made.left == ()
    after = again(made, path, program, monkeypatch)
    rates = [group["lr"] * 0.5 + 1 for group in before.optimizer.param_groups]
    assert [group["lr"] for group in after.optimizer.param_groups] == pytest.approx(rates)
    assert [event for event in after.trace if event == "second"] == ["second"] * 3
    assert after.trace[2:4] == [("before", True), "second"]


def test_untouched_lines_keep_their_bytes(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(program, tmp_path)
    ran = run(path, program, monkeypatch)
    made = patch([AROUND], ran.places, str(tmp_path))
    old, new = (content.split(b"\n") for content in (path.read_bytes(), made.after[str(path)]))
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    kept = sum(block.size for block in blocks)
    assert len(old) - kept == program.changed - (not program.source.endswith("\n"))
    if program.name == "crlf":
        assert made.after[str(path)].count(b"\n") == made.after[str(path)].count(b"\r\n")


def test_the_programs_are_what_they_are_called() -> None:
    assert len(PROGRAMS) >= 25
    assert FLAT.source.isascii()
