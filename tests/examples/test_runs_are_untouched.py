"""Losses, final parameters and random state of every example are bit for bit those of a run without isograd."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
STEPS = {
    "mnist_sigmoid_mlp": 25,
    "digits_rnn_exploding": 20,
    "clipped_rnn_hidden_explosion": 8,
    "relu_dies": 40,
    "healthy_cnn": 20,
    "healthy_transformer": 10,
    "lbfgs_regression": 5,
}
FINGERPRINT = """"An example that tells its end."
import atexit, gc, hashlib, random, sys
import numpy, torch

random.seed(5)
numpy.random.seed(5)

def fingerprint():
    digest = hashlib.sha256()
    for state in (torch.get_rng_state().numpy().tobytes(), repr(random.getstate()), repr(numpy.random.get_state())):
        digest.update(state if isinstance(state, bytes) else state.encode())
    for values in kept:
        digest.update(b"".join(p.detach().numpy().tobytes() for p in values))
    print("fingerprint", len(kept), digest.hexdigest())

kept = []
original = torch.optim.Optimizer.add_param_group

def add_param_group(self, group):
    original(self, group)
    kept.append(list(group["params"]))

torch.optim.Optimizer.add_param_group = add_param_group
atexit.register(fingerprint)
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", STEPS)
def test_bit_for_bit(name, tmp_path):
    script = tmp_path / f"{name}.py"
    script.write_text(FINGERPRINT + (EXAMPLES / f"{name}.py").read_text())
    arguments = [str(script), "--seed", "3", "--steps", str(STEPS[name])]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    plain, watched = (
        subprocess.run(
            [sys.executable, *way, *arguments], env=environment, cwd=tmp_path, capture_output=True, text=True
        )
        for way in ([], ["-m", "isograd", "run", "--budget", "100%"])
    )
    assert plain.returncode == watched.returncode == 0, watched.stderr
    assert "fingerprint" in plain.stdout
    assert watched.stdout == plain.stdout
