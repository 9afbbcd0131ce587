"""What isograd offers, and what it costs to import."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import isograd

SOURCE = Path(isograd.__file__).parent
OFFERED = ["IsogradError", "Task", "__version__", "check", "diagnose", "forecast", "probe", "prove", "read",
           "singular_values", "watch"]  # fmt: skip
VAGUE = {"util", "utils", "helper", "helpers", "common", "misc"}

WITHOUT_TORCH = """
import importlib, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name == "torch" or name.startswith("torch."):
            raise ImportError(f"{name} was asked for")

sys.meta_path.insert(0, Blocked())
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def modules_below(*parts: str) -> list[str]:
    """Names of all modules of these parts."""
    found = []
    for part in parts:
        place = SOURCE.joinpath(*part.split("."))
        files = place.rglob("*.py") if place.is_dir() else [place.with_suffix(".py")]
        found += [".".join(("isograd", *file.relative_to(SOURCE).with_suffix("").parts)) for file in files]
    return sorted(name.removesuffix(".__init__") for name in found)


def run_python(code: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=120)


def test_the_surface_is_one_short_list() -> None:
    assert sorted(isograd.__all__) == OFFERED
    assert dir(isograd) == OFFERED
    assert all(getattr(isograd, name) is not None for name in OFFERED)


def test_what_is_not_offered_is_an_error_that_says_what_is() -> None:
    with pytest.raises(AttributeError, match=r"no attribute 'watcher'; it offers .*watch"):
        _ = isograd.watcher


def test_import_isograd_imports_neither_torch_nor_numpy() -> None:
    done = run_python("import sys, isograd; print(sorted({'torch', 'numpy', 'rich'} & set(sys.modules)))")
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.parametrize("part", ["errors", "facts", "theory", "record", "report", "diagnosis.rules"])
def test_what_reads_and_reports_does_without_torch(part) -> None:
    names = modules_below(part)
    assert names
    done = run_python(WITHOUT_TORCH, *names)
    assert done.returncode == 0, done.stderr


def test_the_block_on_torch_blocks() -> None:
    done = run_python(WITHOUT_TORCH, "isograd.verbs")
    assert done.returncode == 1
    assert "torch was asked for" in done.stderr


def test_no_module_has_a_name_that_says_nothing() -> None:
    words = {word for name in modules_below("") for part in name.split(".") for word in part.split("_")}
    assert "record" in words
    assert not words & VAGUE


def test_every_module_says_what_it_is() -> None:
    silent = [
        file.relative_to(SOURCE).as_posix()
        for file in SOURCE.rglob("*.py")
        if file.name != "__init__.py" and not ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
    ]
    assert silent == []
