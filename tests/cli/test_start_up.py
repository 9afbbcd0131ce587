"""What the command line imports before it has anything to do."""

import subprocess
import sys

import pytest

HEAVY = ("torch", "numpy", "rich", "jinja2", "sqlite3", "asyncio", "multiprocessing", "json", "tempfile")


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["view", "--help"], ["explain", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = f"""
import sys
before = set(sys.modules)
import click
clicks = set(sys.modules)
sys.argv = ["isograd", *{arguments!r}]
from isograd.cli import main
try:
    main()
finally:
    print(sorted((set(sys.modules) - clicks) & set({HEAVY!r})), [m for m in {HEAVY!r} if m in before])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "[] []"


def test_what_precedes_a_script_imports_neither_torch_nor_numpy(tmp_path) -> None:
    script = tmp_path / "see.py"
    script.write_text(f"import sys; print([name for name in {HEAVY[:5]!r} if name in sys.modules])")
    command = [sys.executable, "-m", "isograd", "run", str(script)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, cwd=tmp_path)
    assert done.stdout == "[]\n"
