"""`isograd run` from end to end, in processes of their own."""

import json
import os
import pty
import signal
from pathlib import Path

import jsonschema
import pytest
from tests.faithful import Left, Twins

from isograd.cli.folder import RECORD
from isograd.record import read
from isograd.report.findings import schema

TRAIN = """
    import torch
    torch.manual_seed(0)
    layers = []
    for _ in range(8):
        layers += [torch.nn.Linear(16, 16), torch.nn.Sigmoid()]
    model = torch.nn.Sequential(*layers, torch.nn.Linear(16, 4))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for step in range(40):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(torch.randn(32, 16)), torch.randint(0, 4, (32,)))
        loss.backward()
        optimizer.step()
    print("trained", loss.item())
"""


def isograd(folder: Path, *arguments: str, **how: object) -> Left:
    command = [*Twins(folder).commands()[1][:-2], *arguments]
    process = Twins(folder).start(command, **how)
    stdout, stderr = process.communicate(timeout=120)
    return Left(process.returncode, stdout, stderr)


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> tuple[Path, Left]:
    """One run with all files asked for, beside modules that bear the names of libraries that isograd uses."""
    folder = tmp_path_factory.mktemp("trained")
    for name in ("rich", "jinja2", "click", "markdown_it", "difflib"):
        Twins(folder).write(f"src/{name}.py", "assert __name__ not in ('rich', 'jinja2'), 'the script imports no such'")
    lines = "    import click, difflib, os; print(click.__file__, difflib.__file__)\n"
    Twins(folder).write("src/train.py", TRAIN + lines + "    os.mkdir('elsewhere'); os.chdir('elsewhere')\n")
    command = ("run", "--json", "f.json", "--html", "r.html", "--fail-on", "error", "src/train.py", "--lang", "ko")
    return folder, isograd(folder, *command)


def test_a_failing_run_is_told_on_standard_error_only(trained) -> None:
    _, left = trained
    assert left.status == 3, left.stderr
    assert left.stdout.startswith("trained ")
    assert left.stdout.count("\n") == 2
    assert "Vanishing gradient" in left.stderr
    assert "Traceback" not in left.stderr


def test_a_module_beside_the_script_is_the_scripts_whatever_isograd_has_imported(trained) -> None:
    folder, left = trained
    assert left.stdout.splitlines()[1].split()[:2] == [
        str(folder / "src" / f"{name}.py") for name in ("click", "difflib")
    ]


def test_record_report_and_findings_are_where_the_run_says(trained) -> None:
    folder, left = trained
    (run,) = (folder / ".isograd" / "runs").iterdir()
    assert {path.name for path in run.iterdir()} == {RECORD, "report.html", "findings.json"}
    assert str(run.relative_to(folder) / "report.html") in left.stderr
    assert (folder / ".isograd" / ".gitignore").read_text() == "*\n"
    assert not list((folder / "elsewhere").iterdir())
    record = read(run)
    assert (record.run.status, record.run.command) == ("finished", ("src/train.py", "--lang", "ko"))
    assert len(record.observed[0].steps.step) == 40


def test_the_files_asked_for_hold_the_findings(trained) -> None:
    folder, _ = trained
    found = json.loads((folder / "f.json").read_text(encoding="utf-8"))
    jsonschema.validate(found, schema())
    assert (found["health"], found["steps"], found["findings"][0]["problem"]) == ("failing", 40, "vanishing")
    assert (folder / "r.html").read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html>")


def test_a_run_on_a_terminal_that_ends_by_ctrl_c_and_leaves_no_record(tmp_path) -> None:
    (tmp_path / ".isograd").write_text("in the way of the default folder")
    strikes = "    import signal, time; time.sleep(0.6); signal.raise_signal(signal.SIGINT)\n"
    Twins(tmp_path).write("train.py", TRAIN + strikes)
    terminal, end = pty.openpty()
    command = ["sh", "-c", 'stty rows 40 cols 100 <&2; exec "$@"', "sh", *Twins(tmp_path).commands()[1][:-2]]
    process = Twins(tmp_path).start([*command, "run", "train.py"], stderr=end, env={"TERM": "xterm-256color"})
    os.close(end)
    seen = b""
    while chunk := _read(terminal):
        seen += chunk
    assert process.stdout is not None
    assert process.stdout.read().startswith("trained ")
    assert process.wait(60) == -signal.SIGINT
    text = seen.decode()
    order = [text.find(part) for part in ("leaves no record", "steps/s", "KeyboardInterrupt", "Vanishing gradient")]
    assert order == sorted(order)
    assert order[0] >= 0
    assert "report.html" not in text
    assert (tmp_path / ".isograd").is_file()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other end is closed
        return b""


def test_a_rank_other_than_the_first_only_records(tmp_path) -> None:
    Twins(tmp_path).write("train.py", TRAIN + "    raise ValueError('no data')\n")
    how = {"env": {"RANK": "1", "WORLD_SIZE": "2"}}
    left = isograd(tmp_path, "run", "--out", "both", "--json", "f.json", "train.py", **how)
    assert left.status == 1
    assert left.stderr.endswith("ValueError: no data\n")
    assert "isograd" not in left.stderr
    assert [path.name for path in (tmp_path / "both").iterdir()] == ["rank-1"]
    run = read(tmp_path / "both" / "rank-1").run
    assert (run.status, run.error) == ("failed", "ValueError: no data")
    assert not (tmp_path / "f.json").exists()


def test_a_script_that_trains_nothing_takes_one_sentence_and_leaves_nothing(tmp_path) -> None:
    Twins(tmp_path).write("train.py", "import torch; print(torch.ones(1).sum().item())")
    left = isograd(tmp_path, "run", "--json", "-", "--fail-on", "warning", "train.py")
    assert left.status == 0
    assert left.stdout.startswith("1.0\n{")
    found = json.loads(left.stdout.partition("\n")[2])
    jsonschema.validate(found, schema())
    assert (found["health"], found["steps"]) == ("unknown", 0)
    assert left.stderr.startswith("isograd: saw no optimizer step in train.py: only training by torch.optim")
    assert left.stderr.count("\n") == 1
    assert not list((tmp_path / ".isograd" / "runs").iterdir())


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        ("en_GB.UTF-8", "isograd: train.py did not import torch: nothing to watch.\n"),
        ("ko_KR.UTF-8", "isograd: train.py에서 torch를 불러오지 않아 관찰할 것이 없었습니다.\n"),
    ],
)
def test_a_script_without_torch_takes_one_sentence(tmp_path, lang: str, sentence: str) -> None:
    Twins(tmp_path).write("train.py", "import os; os.environ['LC_ALL'] = 'de_DE'; print('nothing'); exit(4)")
    left = isograd(tmp_path, "run", "train.py", env={"LANG": lang})
    assert left == Left(4, "nothing\n", sentence)
    assert [path.name for path in tmp_path.iterdir()] == ["train.py"]


def test_a_child_that_runs_on_to_the_end_says_nothing(tmp_path) -> None:
    Twins(tmp_path).write("train.py", "import os; os.fork() and os.wait()")
    left = isograd(tmp_path, "run", "train.py")
    assert left == Left(0, "", "isograd: train.py did not import torch: nothing to watch.\n")


ZERO = """
    import warnings
    import numpy
    import torch
    LINE
    model = torch.nn.RNN(4, 8, batch_first=True)
    head = torch.nn.Linear(8, 2)
    optimizer = torch.optim.SGD([*model.parameters(), *head.parameters()], lr=0.1)
    for step in range(20):
        optimizer.zero_grad()
        out, _ = model(torch.randn(3, 6, 4))
        loss = (0.0 * head(out[:, -1])).square().sum() + 1.0
        loss.backward()
        optimizer.step()
"""


@pytest.mark.parametrize("line", ["numpy.seterr(all='raise')", "warnings.simplefilter('error', RuntimeWarning)", ""])
def test_a_gradient_of_zero_is_ordinary_whatever_the_script_told_numpy(tmp_path, line: str) -> None:
    Twins(tmp_path).write("train.py", ZERO.replace("LINE", line))
    left = isograd(tmp_path, "run", "train.py")
    assert left.status == 0, left.stderr
    assert "fault" not in left.stderr
    assert "Warning" not in left.stderr
    assert "failing" in left.stderr
