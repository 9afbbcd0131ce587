"""Records that no run made: small and large, sick and well, for the tests of the page."""

from dataclasses import replace

import numpy as np

from isograd.facts import (
    QUANTITIES,
    Cause,
    Diagnosis,
    Event,
    Evidence,
    Finding,
    Network,
    Observed,
    Readings,
    Record,
    Remedy,
    Run,
    Site,
    Steps,
    Text,
    TimeProfile,
)

NASTY = "</script><img src=x onerror=alert(1)>"
"""A name that ends a script element and starts code, if nobody escapes it."""


def site(name, activation="sigmoid", kind="weight", on_chain=True):
    return Site(name, kind, "Addmm", activation, (f"{name}.weight",), 4096, 64, 64, on_chain)


def network(names, **changes):
    plain = Network(
        name="model",
        type="Sequential",
        num_parameters=88_330,
        num_frozen=0,
        optimizer="SGD",
        settings={"lr": 0.1, "momentum": 0.9},
        sites=tuple(site(name) for name in names),
        depth=len(names),
        unreached=(),
        loss="NllLoss",
        number_format="float32",
        normalised=False,
        residual=False,
    )
    return replace(plain, **changes)


def steps_of(num_steps, gain=-9.0, seed=0, every=1):
    rng = np.random.default_rng(seed)
    step = np.arange(num_steps)
    raw = -1.2 + 0.15 * rng.standard_normal(num_steps) - 0.5 * step / max(1, num_steps)
    raw[step % every != 0] = np.nan
    gains = gain + 0.2 * rng.standard_normal(num_steps)
    gains[step % every != 0] = np.nan
    return Steps(
        step=step,
        loss=2.303 + 0.01 * rng.standard_normal(num_steps),
        raw_log10=raw,
        applied_log10=np.minimum(raw, -1.3),
        gain=gains,
        learning_rate=np.full(num_steps, 0.1),
        seconds=np.full(num_steps, 0.004),
        nonfinite=np.zeros(num_steps, dtype=np.int64),
    )


def readings_of(step, names, rho, seed=0):
    """Readings of a chain whose layers all have the gain `rho`, with the ledger of a sigmoid."""
    rng = np.random.default_rng(seed)
    shape = (len(step), len(names))
    values = np.full((*shape, len(QUANTITIES)), np.nan, dtype=np.float32)

    def put(quantity, column):
        values[:, :, QUANTITIES.index(quantity)] = column

    gains = rho + 0.06 * rng.standard_normal(shape)
    behind = np.cumsum(gains[:, ::-1], axis=1)[:, ::-1]
    put("gradient_log10", -1.5 + behind - behind[:, -1:])
    put("rho", gains)
    put("slope", np.full(shape, -0.6))
    put("gate", -0.1 + 0.05 * rng.standard_normal(shape))
    put("weight", gains + 0.7)
    put("norm", 0.0)
    put("skip", 0.0)
    put("other", 0.0)
    put("saturation_share", np.clip(0.3 + 0.2 * rng.standard_normal(shape), 0, 1))
    put("dead_share", np.clip(0.1 * rng.standard_normal(shape), 0, 1))
    put("nonfinite_share", 0.0)
    put("update_ratio", 10 ** (-3 + 0.4 * behind))
    return Readings(np.asarray(step), values)


def finding(names=("0", "2", "4", "6", "8", "10"), network_name="model", **changes):
    plain = Finding(
        rule="IG101",
        problem="vanishing",
        severity="error",
        network=network_name,
        sites=tuple(names),
        first_step=0,
        last_step=599,
        summary=Text(
            "Each layer passes on a seventh of the gradient: of what reaches layer {last}, one part in a billion "
            "arrives at layer {first}, and its weights move 10^-8 of their size a step.",
            "층마다 기울기가 7분의 1로 줄어듭니다. {last} 층에 닿은 기울기 가운데 10억분의 1만 {first} 층에 "
            "도착하며, 그 가중치는 한 스텝에 자기 크기의 10^-8만큼만 움직입니다.",
            {"first": names[0], "last": names[-1]},
        ),
        evidence=(
            Evidence("gain_decades", -9.02, "decades", -2.0, None, 0),
            Evidence("rho", -0.86, "decades", -0.15, names[2], 120),
            Evidence("update_ratio", 1.3e-8, "", 1e-6, names[0], 599),
            Evidence("saturation_share", 0.64, "share", 0.5, names[1]),
        ),
        causes=(Cause("saturating-activation", 0.64), Cause("init-too-small", 0.36)),
        remedies=(
            Remedy(
                "activation:relu",
                Text("Replace `nn.Sigmoid()` by `nn.ReLU()`.", "`nn.Sigmoid()` 대신 `nn.ReLU()`를 씁니다."),
                Text("a gain of -0.1 decades in all", "전체 이득이 10^-0.1배"),
            ),
            Remedy(
                "init:he",
                Text(
                    "Call `nn.init.kaiming_normal_(layer.weight)` for each linear layer.",
                    "선형 층마다 `nn.init.kaiming_normal_(layer.weight)`를 호출합니다.",
                ),
            ),
        ),
    )
    return replace(plain, **changes)


PAGE = """# IG101: vanishing gradient

What it sees: the gradient gain G of a network stays below its limit.

## Why it harms

| net | limit |
|---|--:|
| plain | 2.0 |
| normalised | 3.5 |

1. The first layers do not learn.
2. See [the paper](https://arxiv.org/abs/1611.01232) and `theory.md`.

```python
nn.Sequential(nn.Linear(64, 64), nn.ReLU())
```

<img src=x onerror=alert(2)>
"""


def run(**changes):
    plain = Run(
        name="mnist_sigmoid_mlp",
        command=("examples/mnist_sigmoid_mlp.py", "--epochs", "6"),
        started=1_795_000_000.0,
        seconds=41.7,
        status="finished",
        error="",
        versions={"isograd": "0.1.0", "torch": "2.13.0", "python": "3.11.9"},
        overhead_share=0.0081,
        notes=("A compiled region was seen from outside only.",),
    )
    return replace(plain, **changes)


def vanishing(num_steps=600):
    """A ten-layer sigmoid network that does not learn, with its finding."""
    names = [str(2 * index) for index in range(11)]
    at = np.unique(np.concatenate([np.arange(0, 40, 2), np.arange(40, num_steps, 12)]))
    observed = Observed(network(names), steps_of(num_steps), readings_of(at, names, -0.86))
    return Record(run(), (observed,)), Diagnosis("failing", (finding(names[:8]),))


def healthy():
    """A residual network that trains: loss falls, gain near 0."""
    names = [name for block in range(6) for name in (f"blocks.{block}.conv1", f"blocks.{block}.conv2")]
    steps = steps_of(900, gain=0.1, every=10)
    steps = replace(steps, loss=2.3 * np.exp(-steps.step / 200) + 0.02)
    observed = Observed(
        network(names, name="net", type="ResNet"), steps, readings_of(np.arange(0, 900, 10), names, 0.01)
    )
    reason = Text(
        "Gradients keep their size through all 12 layers: G = 0.1 decades.",
        "기울기가 12개 층을 지나도 크기를 지킵니다: G = 10^0.1배.",
    )
    return Record(run(name="healthy_cnn"), (observed,)), Diagnosis("healthy", (), reason)


def broken():
    """Two networks: an RNN that explodes into nan, and a critic that is cut off; names that attack the page."""
    names = [f"rnn.{NASTY}", "rnn.weight_hh", "head"]
    readings = readings_of(np.arange(0, 120, 3), names, 0.9)
    values = readings.values.copy()
    values[30:, :, QUANTITIES.index("nonfinite_share")] = 0.4
    values[10:20, 0, QUANTITIES.index("gradient_log10")] = -np.inf
    values[5, :, :] = np.nan
    steps = steps_of(120, gain=3.5)
    loss = 2.3 + np.exp(steps.step / 14)
    loss[90:] = np.nan
    flags = np.where(steps.step >= 90, 1 | 2, 0)
    steps = replace(steps, loss=loss, raw_log10=np.where(steps.step < 90, steps.step / 9, np.inf), nonfinite=flags)
    lag = np.arange(0, 64, 2)
    times = tuple(TimeProfile("rnn", at, 64, lag, 0.12 * lag * (1 + at / 90), "RNN", False) for at in (0, 87))
    events = (
        Event(90, "non-finite", f"rnn.{NASTY}", "forward", "Exp"),
        *(Event(step, "scaler-skip", "", "", "") for step in range(91, 110)),
    )
    first = Observed(
        network(names, name=NASTY, type="RNN", unreached=(f"{NASTY}.bias",)),
        steps,
        Readings(readings.step, values),
        times,
        events,
    )
    silent = replace(readings_of(np.arange(0), ["c"], 0.0))
    second = Observed(network(["critic.0"], name="critic", type="MLP"), steps_of(0), silent)
    diagnosis = Diagnosis(
        "failing",
        (
            finding(names, NASTY, rule="IG301", problem="non-finite", first_step=90, last_step=119),
            finding(names, NASTY, rule="IG201", problem="exploding", severity="warning", first_step=3, last_step=3),
            finding(("critic.0",) * 3, "critic", rule="IG801", problem="stalled", severity="note", sites=(), causes=()),
        ),
    )
    return Record(run(name=NASTY, status="failed", error=f"ValueError: {NASTY}"), (first, second)), diagnosis


def large(num_sites=200, num_steps=100_000, num_readings=5_000):
    """The largest run that the page promises to keep below a megabyte."""
    names = [f"transformer.blocks.{index}.mlp.dense_4h_to_h" for index in range(num_sites)]
    at = np.linspace(0, num_steps - 1, num_readings).astype(np.int64)
    observed = Observed(network(names), steps_of(num_steps, gain=-4.0), readings_of(at, names, -0.02))
    return Record(run(), (observed,)), Diagnosis("failing", (finding(names),))


def empty():
    """A script that trained nothing."""
    return Record(run(seconds=0.0, command=(), notes=()), ()), Diagnosis("unknown", ())
