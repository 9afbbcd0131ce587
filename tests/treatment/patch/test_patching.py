"""What is placed where, what is left to the user, and that no patch is wrong."""

import builtins
import os
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from isograd.errors import IsogradError
from isograd.facts import Task
from isograd.facts.treatment import CLIPPING, OPTIMIZER, Code, Places, Position, Swap
from isograd.treatment.patch.patching import patch
from isograd.treatment.patch.result import Patch
from isograd.treatment.patch.seen.births import swappable
from isograd.treatment.patch.seen.recorder import Recorder
from isograd.treatment.patch.writing import write
from isograd.treatment.patient import Patient
from isograd.treatment.trial.injection.dosing import remedy_named

MODEL_LINES = Code(before_optimizer="for p in {model}.parameters():\n    p.data.zero_()")
CLIP = Code(before_step="torch.nn.utils.clip_grad_norm_({model}.parameters(), 1.0)", imports=("import torch",))


def run(path: Path, source: str) -> tuple[dict[str, Any], Recorder]:
    path.write_text(textwrap.dedent(source).lstrip("\n"))
    scope: dict[str, Any] = {"__name__": "__main__"}
    with Recorder() as recorder:
        exec(compile(path.read_text(), str(path), "exec"), scope)
    return scope, recorder


def again(path: Path) -> dict[str, Any]:
    scope: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(path.read_bytes(), str(path), "exec"), scope)
    return scope


def changed(made: Patch) -> list[str]:
    """Lines of the diff that are not context."""
    return [line for line in made.diff.split("\n")[2:] if line.startswith(("+", "-"))]


def places_of(scope: dict[str, Any], recorder: Recorder, path: Path, **kwargs: Any) -> Places:
    return recorder.places(scope["optimizer"], scope["net"], script=str(path), **kwargs)


PLAIN = """
    import torch
    from torch import nn
    net = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 2), nn.Sigmoid())
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    net(torch.ones(1, 2)).sum().backward()
    optimizer.step()
"""


def test_a_file_that_changed_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "t.py"
    scope, recorder = run(path, PLAIN)
    places = places_of(scope, recorder, path)
    path.write_text("# new\n" + path.read_text())
    made = patch([MODEL_LINES], places, str(tmp_path))
    assert (made.diff, dict(made.files)) == ("", {})
    assert made.left[0].endswith("t.py has changed since it was run")
    assert "    p.data.zero_()" in made.left


@pytest.mark.parametrize(
    "position",
    [
        Position("t.py", 3, 6, 3, 40),  # no call
        Position("t.py", 99, 0, 99, 9),
        Position("t.py", 0, 0, 0, 0),
        Position("t.py", 3, 0, 3, 82),
        Position("<string>", 1, 0, 1, 9),
        Position("/nowhere/at/all.py", 1, 0, 1, 9),
        Position(nn.__file__, 1, 0, 1, 9),
        Position(os.__file__, 1, 0, 1, 9),
    ],
)
def test_unknown_positions_are_left(position: Position, tmp_path: Path) -> None:
    path = tmp_path / "t.py"
    scope, recorder = run(path, PLAIN)
    position = replace(position, file=str(path)) if position.file == "t.py" else position
    made = patch([Code(swaps=(Swap(position, "nn.ReLU"),))], places_of(scope, recorder, path), str(tmp_path))
    assert not made.files
    assert made.left[0].startswith("# not placed: ")
    assert "call nn.ReLU" in made.left[1]


def test_lines_stand_for_swaps_that_cannot_be_made(tmp_path: Path) -> None:
    path = tmp_path / "t.py"
    scope, recorder = run(path, PLAIN)
    good = recorder.births()[id(scope["net"][1])]
    bad = Position(str(path), 1, 0, 1, 3)
    code = Code(
        swaps=(Swap(good, "nn.ReLU"), Swap(bad, "nn.ReLU")),
        before_optimizer="{model}[1] = torch.nn.ReLU()",
        beside_swaps="print('beside')",
    )
    made = patch([code], places_of(scope, recorder, path), str(tmp_path))
    assert made.left == ()
    assert changed(made) == ["+net[1] = torch.nn.ReLU()"]
    made = patch([replace(code, swaps=code.swaps[:1])], places_of(scope, recorder, path), str(tmp_path))
    assert "+print('beside')" in made.diff
    assert "+net[1]" not in made.diff


CLIPPED = """
    import torch
    from torch.nn.utils import clip_grad_norm_ as cut
    def clip(net, limit):
        cut(net.parameters(), max_norm=limit)
    net, other = torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)
    optimizer, second = [torch.optim.SGD(one.parameters(), lr=0.1) for one in (net, other)]
    for _ in range(2):
        (net(torch.ones(1, 2)) + other(torch.ones(1, 2))).sum().backward()
        clip(net, 1e-5)
        torch.nn.utils.clip_grad_norm_(list(net.parameters()), 1e-5, norm_type=2.0)
        torch.nn.utils.clip_grad_norm_(other.parameters(), 1e-5)
        optimizer.step(), second.step()
"""
HIGHER = Code(swaps=(Swap(CLIPPING, "", {"max_norm": "0.5"}),), advice="raise the limit")


def test_the_limit_of_the_calls_that_clip_what_is_treated_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "t.py"
    scope, recorder = run(path, CLIPPED)
    made = patch([HIGHER], places_of(scope, recorder, path), str(tmp_path))
    assert [line for line in changed(made) if line.startswith("+")] == [
        "+    cut(net.parameters(), max_norm=0.5)",
        "+    torch.nn.utils.clip_grad_norm_(list(net.parameters()), 0.5, norm_type=2.0)",
    ]
    assert again_works(made, path)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("clip(net, 1e-5)", "clip(net, 1e-5), clip(other, 1e-5)", "also clips what is to stay as it is"),
        ("clip(net, 1e-5)", "[f(net.parameters(), 1e-5) for f in (cut,)]", "clips through a function of its own"),
        ("net, other =", "cut = torch.nn.utils.clip_grad_norm_ = lambda *_, **__: 0\n    net, other =", "no call"),
    ],
)
def test_clipping_that_serves_others_or_is_not_torchs_is_left(old: str, new: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "t.py"
    torchs = torch.nn.utils.clip_grad_norm_
    try:
        scope, recorder = run(path, CLIPPED.replace(old, new))
    finally:
        torch.nn.utils.clip_grad_norm_ = torchs
    made = patch([HIGHER], places_of(scope, recorder, path), str(tmp_path))
    assert not made.files
    assert why in made.left[0]
    assert made.left[1:] == ("raise the limit",)


def again_works(made: Patch, path: Path) -> bool:
    write(made)
    return bool(again(path)["net"].weight.isfinite().all())


def test_one_code_that_fails_leaves_the_others(tmp_path: Path) -> None:
    path = tmp_path / "t.py"
    scope, recorder = run(path, PLAIN)
    codes = [MODEL_LINES, Code(before_optimizer="this is no python"), Code(after_step="{optimizer}.zero_grad()")]
    made = patch(codes, places_of(scope, recorder, path), str(tmp_path))
    assert "+    p.data.zero_()" in made.diff
    assert "+optimizer.zero_grad()" in made.diff
    assert "this is no python" in made.left
    assert not any("p.data" in line for line in made.left)


def test_steps_in_a_library_become_hooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = tmp_path / "site-packages"
    library.mkdir()
    (library / "trainer_lib.py").write_text(
        "def fit(net, optimizer, x):\n"
        "    for _ in range(2):\n"
        "        optimizer.zero_grad()\n"
        "        (1e3 * net(x).sum()).backward()\n"
        "        optimizer.step()\n"
    )
    monkeypatch.syspath_prepend(str(library))
    path = tmp_path / "t.py"
    source = """
        import torch, trainer_lib
        class Net(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.a = torch.nn.Linear(2, 2)
            def forward(self, x):
                return self.a(x)
            def configure(self):
                return {"optimizer": torch.optim.SGD(self.parameters(), lr=0.1), "interval": 1}
        torch.manual_seed(0)
        net = Net()
        optimizer = net.configure()["optimizer"]
        trainer_lib.fit(net, optimizer, torch.ones(1, 2))
    """
    scope, recorder = run(path, source)
    made = patch([CLIP, MODEL_LINES], places_of(scope, recorder, path), str(tmp_path))
    assert made.left == ()
    assert "register_step_pre_hook(before_step)" in made.diff
    write(made)
    treated = again(path)
    gradient = treated["net"].a.weight.grad
    assert gradient.norm() <= 1.0 < scope["net"].a.weight.grad.norm()
    assert treated["net"].a.weight.abs().max() <= 0.2


def test_a_library_that_steps_with_a_closure_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = tmp_path / "site-packages"
    library.mkdir()
    (library / "closing_lib.py").write_text(
        "def fit(net, optimizer, x):\n"
        "    def closure():\n"
        "        loss = net(x).sum()\n"
        "        loss.backward()\n"
        "        return loss\n"
        "    optimizer.step(closure)\n"
    )
    monkeypatch.syspath_prepend(str(library))
    path = tmp_path / "t.py"
    scope, recorder = run(
        path,
        """
        import torch, closing_lib
        net = torch.nn.Linear(2, 2)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        closing_lib.fit(net, optimizer, torch.ones(1, 2))
        """,
    )
    made = patch([CLIP], places_of(scope, recorder, path), str(tmp_path))
    assert not made.files
    assert "gradients are computed within the step" in made.left[0]


def test_another_network_is_not_treated_along(tmp_path: Path) -> None:
    path = tmp_path / "gan.py"
    scope, recorder = run(
        path,
        """
        import torch
        def make(module, lr):
            return torch.optim.SGD(module.parameters(), lr=lr)
        net, other = torch.nn.Linear(1, 1), torch.nn.Linear(1, 1)
        optimizer = make(net, 0.1)
        second = make(other, lr=0.2)
        """,
    )
    made = patch([MODEL_LINES], places_of(scope, recorder, path), str(tmp_path))
    added = changed(made)
    assert added == ["+for p in net.parameters():", "+    p.data.zero_()"]
    rate = patch(
        [Code(swaps=(Swap(OPTIMIZER, "", {"lr": "{} * 2"}),))], places_of(scope, recorder, path), str(tmp_path)
    )
    assert not rate.files
    fallback = Code(
        swaps=(Swap(OPTIMIZER, "", {"lr": "{} * 2"}),),
        after_optimizer='{optimizer}.param_groups[0]["lr"] *= 2',
    )
    made = patch([fallback], places_of(scope, recorder, path), str(tmp_path))
    assert '+optimizer.param_groups[0]["lr"] *= 2' in made.diff


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ("net.parameters()", "+optimizer = torch.optim.Adam(net.parameters(), lr=0.001 * 0.1)"),
        ("net.parameters(), lr=rate", "+optimizer = torch.optim.Adam(net.parameters(), lr=rate * 0.1)"),
        ("net.parameters(), rate / 3", "+optimizer = torch.optim.Adam(net.parameters(), (rate / 3) * 0.1)"),
        ("net.parameters(), **settings", '+    settings_2["lr"] = settings_2["lr"] * 0.1'),
        ("groups", '+    settings_2["lr"] = settings_2["lr"] * 0.1'),
    ],
)
def test_a_lower_rate_is_written_where_the_rate_is_given(given: str, line: str, tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    scope, recorder = run(
        path,
        f"""
        import torch
        rate, settings, net = 0.15, {{"lr": 0.15}}, torch.nn.Linear(1, 1)
        groups = [{{"params": net.parameters(), "lr": 0.2}}]
        optimizer = torch.optim.Adam({given})
        """,
    )
    patient = Patient(scope["net"], scope["optimizer"])
    code = remedy_named("lr:lower").code(patient, {"factor": 0.1, "each_step": False})
    made = patch([code], places_of(scope, recorder, path), str(tmp_path))
    assert line in changed(made)
    before = scope["optimizer"].param_groups[0]["lr"]
    path.write_bytes(made.after[str(path)])
    assert again(path)["optimizer"].param_groups[0]["lr"] == before * 0.1


@pytest.mark.parametrize(
    ("body", "outside"),
    [
        ("for epoch in range(2):\n    optimizer = SGD(net.parameters(), lr=0.1)", True),
        ("for fold in range(2):\n    for epoch in range(2):\n        optimizer = SGD(net.parameters(), lr=0.1)", True),
        ("for fold in range(2):\n    net = Linear(1, 1)\n    optimizer = SGD(net.parameters(), lr=0.1)", False),
        ("for net in [Linear(1, 1)]:\n    optimizer = SGD(net.parameters(), lr=0.1)", False),
        ("for fold in range(2):\n    net: Linear = Linear(1, 1)\n    optimizer = SGD(net.parameters(), lr=0.1)", False),
        ("epoch = 0\nwhile epoch < 2:\n    epoch += 1\n    optimizer = SGD(net.parameters(), lr=0.1)", True),
        (
            "net, rate = net, 0.1\nfor e in range(2):\n    if e < 9:\n        optimizer = SGD(net.parameters(), 0.1)",
            True,
        ),
    ],
)
def test_an_optimizer_that_is_made_each_epoch_is_no_place_for_what_is_done_once(
    body: str, outside: bool, tmp_path: Path
) -> None:
    path = tmp_path / "train.py"
    head = "from torch.nn import Linear\nfrom torch.optim import SGD\nnet = Linear(1, 1)\n"
    scope, recorder = run(path, head + body + "\n")
    made = patch([MODEL_LINES], places_of(scope, recorder, path), str(tmp_path))
    indent = "" if outside else "    "
    assert changed(made) == [f"+{indent}for p in net.parameters():", f"+{indent}    p.data.zero_()"]
    path.write_bytes(made.after[str(path)])
    again(path)


def test_a_function_that_makes_an_optimizer_at_each_call_is_treated_before_the_calls(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    scope, recorder = run(
        path,
        """
        import torch
        def fit(model):
            global optimizer
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        net = torch.nn.Linear(1, 1)
        for epoch in range(3):
            fit(net)
        """,
    )
    made = patch([MODEL_LINES], places_of(scope, recorder, path), str(tmp_path))
    assert changed(made) == ["+for p in net.parameters():", "+    p.data.zero_()"]
    assert made.after[str(path)].decode().index("p.data.zero_()") < made.after[str(path)].decode().index("for epoch")


def test_networks_of_a_comprehension_cannot_be_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "many.py"
    scope, recorder = run(
        path,
        """
        import torch
        nets = [torch.nn.Linear(1, 1) for _ in range(2)]
        optimizers = [torch.optim.SGD(net.parameters(), lr=0.1) for net in nets]
        optimizer, net = optimizers[0], nets[0]
        """,
    )
    made = patch([MODEL_LINES], places_of(scope, recorder, path), str(tmp_path))
    assert "+for p in nets[0].parameters():" in made.diff or not made.files


def test_modules_of_which_one_stays_are_no_swap(tmp_path: Path) -> None:
    path = tmp_path / "t.py"
    scope, recorder = run(
        path,
        """
        import torch
        from torch import nn
        def act():
            return nn.Sigmoid()
        net = nn.Sequential(nn.Linear(1, 1), act(), nn.Linear(1, 1), act())
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        """,
    )
    births = recorder.births()
    assert swappable(births, [scope["net"][1]]) is None
    assert swappable(births, [scope["net"][1], scope["net"][3]]) == (births[id(scope["net"][1])],)


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        ("def build(seed):\n    net = nn.Linear(2, 2)\n    return net\n", ["+    for p in net.parameters():"]),
        (
            "def build(seed):\n    if seed: return nn.Linear(2, 2)  # odd\n    return nn.Linear(2, 2).float()\n",
            ["-    if seed: return nn.Linear(2, 2)  # odd", "+        return model  # odd"],
        ),
        ("build = lambda seed: nn.Linear(2, 2)\n", ["+build = lambda seed: treated(nn.Linear(2, 2))"]),
    ],
)
@pytest.mark.parametrize(
    "optimizer",
    [
        "make = lambda parameters: torch.optim.SGD(parameters, lr=0.1)\n",
        "def make(parameters):\n    return torch.optim.SGD(parameters, 0.1)\n",
    ],
)
def test_tasks(build: str, expected: list[str], optimizer: str, tmp_path: Path) -> None:
    path = tmp_path / "task.py"
    scope, recorder = run(path, "import torch\nfrom torch import nn\n\n" + build + optimizer)
    task = Task(scope["build"], lambda model, batch: model(batch).sum(), lambda seed: [], scope["make"])
    with recorder:
        net = task.build(0)
        made_optimizer = eval("task.optimizer(net.parameters())", {"task": task, "net": net, "__name__": "torch.x"})
    places = recorder.places(made_optimizer, net, task=task)
    codes = [
        MODEL_LINES,
        CLIP,
        Code(after_optimizer="{optimizer}.mark = [0]", after_step="{optimizer}.mark[0] += 1"),
        Code(swaps=(Swap(OPTIMIZER, "", {"lr": "{} * 2"}),)),
        Code(before_optimizer="print('two')"),
    ]
    made = patch(codes, places, str(tmp_path))
    assert made.left == ()
    lines = made.diff.split("\n")
    assert all(any(line.startswith(one) for line in lines) for one in expected), made.diff
    write(made)
    treated = again(path)
    net = treated["build"](0)
    assert all(not p.any() for p in net.parameters())
    optimizer_made = treated["make"](net.parameters())
    assert optimizer_made.param_groups[0]["lr"] == 0.2
    (1e3 * net(torch.ones(1, 2)).sum()).backward()
    optimizer_made.step()
    assert optimizer_made.mark == [1]
    assert torch.nn.utils.get_total_norm([p.grad for p in net.parameters()]) <= 1.001


def test_several_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "parts"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "loop.py").write_text(
        "def train(net, opt, x):\n    for _ in range(2):\n        net(x).sum().backward()\n        opt.step()\n"
    )
    (package / "net.py").write_text(
        "from torch.nn import Linear, Sequential, Sigmoid\n\n\n"
        "def build():\n    return Sequential(Linear(2, 2), Sigmoid())"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    path = tmp_path / "t.py"
    scope, recorder = run(
        path,
        """
        import torch
        from parts.loop import train
        from parts.net import build
        net = build()
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        train(net, optimizer, torch.ones(1, 2))
        """,
    )
    births = recorder.births()
    places = places_of(scope, recorder, path)
    codes = [
        Code(swaps=(Swap(births[id(scope["net"][1])], "nn.Softplus", {"beta": "2.0"}, drop_arguments=True),)),
        Code(
            definitions="def grow(optimizer):\n    optimizer.param_groups[0]['lr'] *= 2",
            after_optimizer="calls = []",
            before_step="grow({optimizer})\ncalls.append(math.pi)",
        ),
    ]
    made = patch(codes, places, str(tmp_path))
    assert made.left == ()
    assert sorted(os.path.relpath(file, tmp_path) for file in made.files) == ["parts/loop.py", "parts/net.py", "t.py"]
    assert "+from torch.nn import Softplus\n" in made.diff
    assert "+import math\n" in made.diff
    write(made)
    for name in [name for name in sys.modules if name.split(".")[0] == "parts"]:
        del sys.modules[name]
    treated = again(path)
    assert len(treated["optimizer"].calls) == 2
    assert treated["optimizer"].param_groups[0]["lr"] == 0.4
    assert treated["net"][1].beta == 2.0
    for name in [name for name in sys.modules if name.split(".")[0] == "parts"]:
        del sys.modules[name]


def test_random_numbers_come_in_the_same_order(tmp_path: Path) -> None:
    path = tmp_path / "t.py"
    scope, recorder = run(
        path,
        """
        import torch
        torch.manual_seed(0)
        net = torch.nn.Linear(1, 1)
        weights = list(net.parameters())
        noise = torch.rand(3)
        optimizer = torch.optim.SGD(weights, lr=0.1)
        """,
    )
    lines = "{model}.extra = torch.nn.Parameter(torch.rand(1))"
    made = patch([Code(before_optimizer=lines)], places_of(scope, recorder, path), str(tmp_path))
    write(made)
    treated = again(path)
    assert torch.equal(treated["noise"], scope["noise"])
    assert len(treated["optimizer"].param_groups[0]["params"]) == 3


def test_what_is_executed_from_a_string_is_left(tmp_path: Path) -> None:
    path = tmp_path / "t.py"
    scope, recorder = run(
        path,
        """
        import torch
        exec("net = torch.nn.Linear(1, 1); optimizer = torch.optim.SGD(net.parameters(), lr=.1)")
        """,
    )
    places = places_of(scope, recorder, path)
    made = patch([Code(swaps=(Swap(OPTIMIZER, "", {"lr": "1.0"}),))], places, str(tmp_path))
    assert not made.files
    assert made.left


def test_advice_and_nothing(tmp_path: Path) -> None:
    assert patch([Code()], Places(), str(tmp_path)).left == ()
    made = patch([Code(advice="# do this:\nstart({model})")], Places(), str(tmp_path))
    assert made.left[1:] == ("# do this:", "start(model)")
    assert patch([], Places(), str(tmp_path)).diff == ""


def test_arguments_that_the_new_function_lacks(tmp_path: Path) -> None:
    path = tmp_path / "t.py"
    scope, recorder = run(
        path,
        """
        import torch
        net = torch.nn.Linear(1, 1)
        y = torch.sigmoid(torch.ones(1), out=torch.zeros(1))
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        """,
    )
    position = Position(str(path), 3, 4, 3, 52)
    made = patch([Code(swaps=(Swap(position, "torch.relu"),))], places_of(scope, recorder, path), str(tmp_path))
    assert not made.files
    made = patch(
        [Code(swaps=(Swap(position, "torch.relu", drop_arguments=True),))],
        places_of(scope, recorder, path),
        str(tmp_path),
    )
    assert "+y = torch.relu(torch.ones(1))" in made.diff


def test_elements_before_others(tmp_path: Path) -> None:
    path = tmp_path / "t.py"
    scope, recorder = run(
        path,
        """
        import torch
        from torch import nn
        layers = []
        layers.append(nn.Linear(1, 1))
        layers.append(nn.Sigmoid())
        layers += [
            nn.Linear(1, 1),
            nn.Sigmoid(),  # second
        ]
        net = nn.Sequential(*layers, nn.Sigmoid())
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        """,
    )
    births = recorder.births()
    sigmoids = [module for module in scope["net"] if isinstance(module, nn.Sigmoid)]
    swaps = tuple(Swap(births[id(one)], "", before="nn.BatchNorm1d(1)") for one in sigmoids)
    made = patch([Code(swaps=swaps)], places_of(scope, recorder, path), str(tmp_path))
    added = changed(made)
    assert added == [
        "+layers.append(nn.BatchNorm1d(1))",
        "+    nn.BatchNorm1d(1),",
        "-net = nn.Sequential(*layers, nn.Sigmoid())",
        "+net = nn.Sequential(*layers, nn.BatchNorm1d(1), nn.Sigmoid())",
    ]


def test_writing(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    real = elsewhere / "real.py"
    path = folder / "t.py"
    real.write_text("")
    path.symlink_to(real)
    scope, recorder = run(path, PLAIN)
    real.chmod(0o750)
    places = places_of(scope, recorder, path)
    made = patch([MODEL_LINES], places, str(tmp_path))
    assert write(made) == (str(path),)
    assert path.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o750
    assert "p.data.zero_()" in real.read_text()
    assert sorted(os.listdir(elsewhere)) == ["real.py"]
    with pytest.raises(IsogradError, match="has changed since it was read"):
        write(made)
    assert sorted(os.listdir(elsewhere)) == ["real.py"]


def test_a_file_that_cannot_be_written_costs_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.py"
    scope, recorder = run(path, PLAIN)
    made = patch([MODEL_LINES], places_of(scope, recorder, path), str(tmp_path))
    old = path.read_bytes()

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(IsogradError, match="cannot be written: Permission denied"):
        write(made)
    assert path.read_bytes() == old
    assert os.listdir(tmp_path) == ["t.py"]


def test_only_the_patch_needs_libcst() -> None:
    script = (
        "import sys\n"
        "import isograd.treatment.patch.seen.recorder, isograd.treatment.patch.seen.births\n"
        "import isograd.treatment.patch.writing\n"
        "import isograd.treatment.remedies\n"
        "assert 'libcst' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_the_trace_is_not_left_behind() -> None:
    assert not hasattr(builtins, "TRACE")
