"""Every example gets its verdict on five seeds; the findings file is valid; figures agree with an independent twin."""

import json
import math
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from tests.twins.mlp import total_gain, twin_gains, twin_run

from isograd.record import read
from isograd.report.findings import schema

EXAMPLES = Path(__file__).parents[2] / "examples"
SEEDS = range(5)
VERDICTS = {
    "mnist_sigmoid_mlp": ("failing", "vanishing", 120),
    "digits_rnn_exploding": ("failing", "exploding", 80),
    "clipped_rnn_hidden_explosion": ("failing", "exploding", 40),
    "relu_dies": ("failing", "dead-units", 300),
    "healthy_cnn": ("healthy", None, 100),
    "healthy_transformer": ("healthy", None, 80),
    "lbfgs_regression": ("healthy", None, 20),
}


@lru_cache
def run(name, seed, folder):
    """The findings of one example under `isograd run`, fewer steps than a user would take."""
    steps, file = str(VERDICTS[name][2]), folder.with_suffix(".json")
    command = [sys.executable, "-m", "isograd", "run", "--quiet", "--out", str(folder), "--json", str(file)]
    subprocess.run(
        [*command, str(EXAMPLES / f"{name}.py"), "--seed", str(seed), "--steps", steps],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        check=True,
        capture_output=True,
        cwd=folder.parent,
    )
    return json.loads(file.read_text())


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", VERDICTS)
def test_verdict(name, seed, tmp_path):
    health, problem, _ = VERDICTS[name]
    found = run(name, seed, tmp_path / "out")
    jsonschema.validate(found, schema())
    assert found["health"] == health, [(f["rule"], f["severity"], f["summary"]) for f in found["findings"]]
    if problem is not None:
        assert found["findings"][0]["problem"] == problem
        assert found["findings"][0]["severity"] == "error"
        assert found["findings"][0]["causes"]
        assert found["findings"][0]["remedies"]


@pytest.mark.slow
def test_vanishing_names_the_lower_layers_and_agrees_with_the_float64_twin(tmp_path):
    found = run("mnist_sigmoid_mlp", 0, tmp_path / "out")
    assert {"layers.0", "layers.1", "layers.2", "layers.3"} <= set(found["findings"][0]["sites"])
    assert "layers.9" not in found["findings"][0]["sites"]
    twin = twin_gains(EXAMPLES / "mnist_sigmoid_mlp.py", 0)
    record = read(tmp_path / "out")
    observed = record.observed[0]
    names = [site.name for site in observed.network.sites]
    sizes = observed.readings.column("gradient_log10")[0]
    for name, size in twin.items():
        assert 10 ** (sizes[names.index(name)] - size) == pytest.approx(1.0, rel=0.01), name
    assert 10 ** (observed.steps.gain[0] - total_gain(twin)) == pytest.approx(1.0, rel=0.01)
    evidence = {entry["quantity"]: entry["value"] for entry in found["findings"][0]["evidence"]}
    seen = np.flatnonzero(~np.isnan(observed.steps.gain))
    gains = np.array(twin_run(EXAMPLES / "mnist_sigmoid_mlp.py", 0, len(observed.steps.step)))[
        observed.steps.step[seen]
    ]
    for quantity, expected in {
        "gain_decades": np.median(gains[len(gains) // 2 :]),
        "gain_at_start_decades": np.median(gains[: math.ceil(len(gains) / 10)]),
        "gain_per_layer_decades": np.median(gains[len(gains) // 2 :]) / (len(twin) - 1),
    }.items():
        assert 10 ** (evidence[quantity] - expected) == pytest.approx(1.0, rel=0.01), quantity
