"""A run that is killed at a random moment leaves a record that `isograd view` reads."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from isograd.record import read

SCRIPT = """
import torch
from torch import nn

model = nn.Sequential(nn.Linear(8, 8), nn.Sigmoid(), nn.Linear(8, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(10**9):
    optimizer.zero_grad()
    model(torch.randn(16, 8)).square().mean().backward()
    optimizer.step()
    print(step, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_kill_9_leaves_a_readable_record(seed, tmp_path):
    (tmp_path / "train.py").write_text(SCRIPT)
    run = subprocess.Popen(
        [sys.executable, "-m", "isograd", "run", "--quiet", "--out", "out", "train.py"],
        cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    while int(run.stdout.readline()) < 50:
        pass
    time.sleep(random.Random(seed).uniform(0.5, 1.5))
    run.send_signal(signal.SIGKILL)
    run.stdout.close()
    assert run.wait() == -signal.SIGKILL
    record = read(tmp_path / "out")
    assert record.run.status == "running"
    assert len(record.observed[0].steps.step) >= 10
    view = subprocess.run(
        [sys.executable, "-m", "isograd", "view", "--lang", "en", "out"], cwd=tmp_path, capture_output=True, text=True
    )
    assert view.returncode == 0, view.stderr
    assert "isograd" in view.stdout
