"""The overhead benchmark prints what others read, and its ratio sees rare costs."""

import importlib
import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

BENCH = Path(__file__).parents[2] / "bench"


def test_json_has_the_agreed_form() -> None:
    command = [sys.executable, str(BENCH / "overhead.py"), "--models", "lstm", "--methods", "none", "isograd"]
    command += ["--rounds", "2", "--block", "2", "--json", "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["machine"]["cores"] >= 1
    assert [(row["model"], row["method"]) for row in found["rows"]] == [("lstm", "none"), ("lstm", "isograd")]
    for row in found["rows"]:
        assert 0 < row["ratio"]["low"] <= row["ratio"]["median"] <= row["ratio"]["high"]
        assert row["peak_mib"] > 50
    assert found["rows"][0]["record_bytes_per_step"] == 0
    assert found["rows"][1]["record_bytes_per_step"] > 0
    assert found["rows"][0]["counted_share_settled"] is None
    assert found["rows"][1]["counted_share_settled"] > 0


def test_ratio_sees_a_cost_that_falls_on_few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCH))
    pairing = importlib.import_module("watching.pairing")
    plain = np.ones(40)
    watched = np.ones(40)
    watched[::4] = 1.4  # a reading in every fourth block: 10 % in all, nothing in the median block
    found = pairing.ratio(pairing.Measured(plain, watched, np.zeros(40), 0.0, 0))
    assert math.isclose(found["median"], 1.1, abs_tol=0.02)
    assert found["low"] < 1.1 < found["high"]


def test_ratio_leaves_the_start_out_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCH))
    pairing = importlib.import_module("watching.pairing")
    watched = np.ones(10)
    watched[:2] = 5.0
    measured = pairing.Measured(np.ones(10), watched, np.zeros(10), 0.0, 0)
    assert pairing.ratio(measured, skip=2) == {"median": 1.0, "low": 1.0, "high": 1.0}
    assert pairing.ratio(measured)["median"] > 1.3


def test_its_own_account_leaves_the_start_out_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCH))
    pairing = importlib.import_module("watching.pairing")
    account = np.array([3.0, 3.5, 4.0, 4.5])
    measured = pairing.Measured(np.full(4, 10.0), np.ones(4), account, 0.0, 0)
    assert pairing.counted_share(measured, skip=1) == pytest.approx(0.05)
    assert pairing.counted_share(measured, skip=0) == pytest.approx(0.1125)
    assert pairing.counted_share(pairing.Measured(np.ones(4), np.ones(4), account * math.nan, 0.0, 0), skip=0) is None
