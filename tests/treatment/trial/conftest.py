"""Lets the tests of this folder import `programs`; trials of one test share a folder."""

import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from isograd.facts.trial import Order, Result
from isograd.treatment.trial import Subject, run_trials

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def trials(tmp_path) -> Callable[..., list[Result]]:
    """Runs orders of a program, given as source, with one thread."""

    def run(source: str, *orders: Order, **how) -> list[Result]:
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        (home / "train.py").write_text(textwrap.dedent(source))
        subject = Subject("script", "train.py", (), str(home))
        return run_trials(subject, orders, tmp_path / "trials", threads=1, **how)

    return run
