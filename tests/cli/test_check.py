"""`isograd check`: what is printed, written and returned."""

import json
import sys

import jsonschema
import pytest

from isograd.report.findings import schema

SCRIPT = """
import torch
from torch import nn
from torch.nn import functional as F
import isograd

def network(activation, depth=14):
    def build(seed):
        torch.manual_seed(seed)
        return nn.Sequential(*(m for _ in range(depth) for m in (nn.Linear(24, 24), activation())), nn.Linear(24, 3))
    return build

def batches(seed):
    generator = torch.Generator().manual_seed(seed)
    while True:
        yield torch.randn(32, 24, generator=generator), torch.randint(0, 3, (32,), generator=generator)

fields = dict(
    loss=lambda model, batch: F.cross_entropy(model(batch[0]), batch[1]),
    batches=batches,
    optimizer=lambda parameters: torch.optim.SGD(parameters, lr=0.1),
)

def sick():
    return isograd.Task(build=network(nn.Sigmoid), **fields)

healthy = dict(build=network(nn.ReLU, 2), **fields)
not_a_task = 3

def raises():
    raise FileNotFoundError("no data in ./data\\nsecond line")

detached = dict(healthy, loss=lambda model, batch: model(batch[0]).detach().sum().requires_grad_())
each = dict(healthy, loss=lambda model, batch: F.cross_entropy(model(batch[0]), batch[1], reduction="none"))
apart = dict(healthy, batches=lambda seed: [(torch.randn(4, 24, device="meta"), torch.zeros(4, dtype=torch.long))])
"""


@pytest.fixture
def script(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in ("tasks", "broken_tasks", "leaving_tasks"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    (tmp_path / "tasks.py").write_text(SCRIPT)
    (tmp_path / "broken_tasks.py").write_text("import isograd\n1 / 0\n")
    (tmp_path / "leaving_tasks.py").write_text("raise SystemExit(0)\n")
    return tmp_path


def test_a_sick_task_on_the_terminal(isograd, script):
    status, out, err = isograd("check", "tasks.py:sick")
    assert (status, out) == (0, "")
    for words in ("failing · before the first step", "IG101", "sigmoid to tanh alone: -", "both: ", "restored",
                  "Forecast against measured", "change  Replace the activation"):  # fmt: skip
        assert words in err


def test_the_same_in_korean(isograd, script):
    _, _, err = isograd("check", "tasks.py:sick", "--lang", "ko")
    for words in ("첫 스텝 전", "기울기 소실", "sigmoid 대신 tanh", "회복", "예측과 측정", "바꿀 것"):
        assert words in err


def test_the_findings_file(isograd, script):
    status, out, _ = isograd("check", "tasks.py:sick", "--json", "-", "--quiet")
    found = json.loads(out)
    jsonschema.validate(found, schema())
    assert (status, found["source"], found["steps"], found["health"]) == (0, "check", 0, "failing")
    assert found["findings"][0]["causes"][0]["how"] == "intervention"
    assert ["weight-scale", "activation"] in found["interventions"][0]["sufficient"]
    assert found["forecast"]["low"] < found["forecast"]["gain"] < found["forecast"]["high"]


def test_the_page(isograd, script):
    _, _, err = isograd("check", "tasks.py:sick", "--html", "page.html")
    page = (script / "page.html").read_text(encoding="utf-8")
    assert "page.html" in err
    for words in ("One thing changed, on the same batch", "sigmoid to tanh alone", "Forecast against measured",
                  "What to change", "http-equiv=\"Content-Security-Policy\""):  # fmt: skip
        assert words in page


def test_a_healthy_task_from_a_module(isograd, script):
    status, _, err = isograd("check", "tasks:healthy", "--fail-on", "warning")
    assert status == 0
    assert "Nothing need be changed" in err
    assert "One thing changed" not in err


def test_fail_on(isograd, script):
    assert isograd("check", "tasks.py:sick", "--fail-on", "error", "--quiet")[0] == 3


SENTENCES = {
    "tasks.py": "SPEC must be path/to/file.py:name or package.module:name; got 'tasks.py'; did you mean tasks.py:task?",
    "tasks.py:helthy": "tasks.py has no 'helthy'; did you mean tasks.py:healthy?",
    "nowhere.py:task": "nowhere.py: no such file; SPEC is path/to/file.py:name",
    "nowhere_at_all:task": "no module named nowhere_at_all; SPEC is path/to/file.py:name or package.module:name",
    "tasks.py:raises": "raises() of tasks.py raised FileNotFoundError: no data in ./data (tasks.py:31)",
    "tasks.py:not_a_task": "a task must be an isograd.Task or a mapping with its fields; got int",
    "tasks.py:detached": "the loss does not depend on any parameter of the model; is it detached on the way?",
    "tasks.py:each": "the loss must be a scalar tensor; got one of shape (32,): reduce it",
    "tasks.py:apart": "a part of the batch is on meta and the model on cpu; move one of them, e.g. batch.to('cpu')",
    "broken_tasks.py:task": "broken_tasks.py could not be loaded: ZeroDivisionError: division by zero (broken_tasks.py",
    "leaving_tasks.py:task": "leaving_tasks.py ended the program while it was loaded; guard it with if __name__",
}


@pytest.mark.parametrize("spec", SENTENCES)
def test_bad_input_costs_one_sentence_and_status_two(isograd, script, spec):
    status, out, err = isograd("check", spec)
    assert (status, out) == (2, "")
    assert err.startswith(f"isograd: {SENTENCES[spec]}")
    assert err.count("\n") == 1
