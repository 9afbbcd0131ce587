"""Small made-up runs, each with the diagnosis that it deserves; figures follow a rule and no chance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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


@dataclass(frozen=True)
class Scene:
    """One run and what the rules say about it."""

    record: Record
    diagnosis: Diagnosis


def run(name: str, **changes: object) -> Run:
    fields: dict[str, object] = {
        "name": name,
        "command": (f"{name}.py",),
        "started": 1.7e9,
        "seconds": 41.2,
        "status": "finished",
        "error": "",
        "versions": {"isograd": "0.1.0", "torch": "2.6.0", "python": "3.11.7"},
        "overhead_share": 0.008,
    }
    return Run(**{**fields, **changes})  # type: ignore[arg-type]  # a test's shorthand


def sites(names: list[str], activation: str, operation: str = "Addmm", kind: str = "weight") -> tuple[Site, ...]:
    return tuple(
        Site(name, kind, operation, activation, (f"{name}.weight", f"{name}.bias"), 8833, 96, 96, True)  # type: ignore[arg-type]
        for name in names
    )


def network(sites_: tuple[Site, ...], **changes: object) -> Network:
    fields: dict[str, object] = {
        "name": "model",
        "type": "Sequential",
        "num_parameters": 88330,
        "num_frozen": 0,
        "optimizer": "SGD",
        "settings": {"lr": 0.1, "momentum": 0.9},
        "sites": sites_,
        "depth": len(sites_),
        "unreached": (),
        "loss": "NllLoss",
        "number_format": "float32",
        "normalised": False,
        "residual": False,
    }
    return Network(**{**fields, **changes})  # type: ignore[arg-type]  # a test's shorthand


def steps(loss: NDArray[np.float64], raw: float, gain: float, nonfinite_from: int | None = None) -> Steps:
    number = np.arange(loss.size)
    bad = number >= (loss.size if nonfinite_from is None else nonfinite_from)
    return Steps(
        number,
        loss,
        np.full(loss.size, raw),
        np.full(loss.size, raw),
        np.full(loss.size, gain),
        np.full(loss.size, 0.1),
        np.full(loss.size, 0.07),
        np.where(bad, 3, 0),
    )


def readings(at: list[int], num_sites: int, **columns: NDArray[np.float64]) -> Readings:
    values = np.full((len(at), num_sites, len(QUANTITIES)), np.nan, np.float32)
    for name, column in columns.items():
        values[:, :, QUANTITIES.index(name)] = column
    return Readings(np.array(at), values)


def vanishing() -> Scene:
    """A sigmoid MLP of ten layers: each layer passes on a seventh, the first one learns nothing."""
    place = sites([f"layers.{2 * index}" for index in range(10)], "sigmoid")
    profile = np.linspace(-9.02, 0.0, 10) - 1.5
    observed = Observed(
        network(place),
        steps(2.303 + 0.004 * np.sin(np.arange(600) / 7), -1.2, -9.02),
        readings([0, 200, 400, 599], 10, gradient_log10=np.tile(profile, (4, 1))),
    )
    finding = Finding(
        rule="IG101",
        problem="vanishing",
        severity="error",
        network="model",
        sites=tuple(site.name for site in place[:8]),
        first_step=0,
        last_step=599,
        summary=Text(
            "Of the gradient that reaches {last}, {part} arrives at {first}; each layer passes on {each}. "
            "The loss has not left {loss:.3f}, the value of guessing.",
            "{last}에 닿은 기울기 가운데 {first}[으로/로] 전달되는 것은 {part}입니다. 층마다 {each}만 전달됩니다. "
            "손실은 무작위 추측 수준인 {loss:.3f}[을/를] 벗어나지 못했습니다.",
            {
                "last": "layers.18",
                "first": "layers.0",
                "part": Text("one part in 1 billion", "10억분의 1"),
                "each": Text("one tenth", "10분의 1"),
                "loss": 2.3026,
            },
        ),
        evidence=(
            Evidence("gain_decades", -9.02, "decades", -2.0),
            Evidence("update_ratio", 1.1e-9, "", 1e-4, "layers.0", 599),
            Evidence("saturation_share", float("nan"), "share", 0.6, "layers.0"),
        ),
        causes=(
            Cause("saturating-activation", 0.64),
            Cause("init-too-small", 0.36),
            Cause("input-scale", 0.0, "intervention"),
        ),
        remedies=(
            Remedy("activation:relu", expected=Text("a gain near ×1 in all", "전체 이득이 1배에 가까워집니다")),
            Remedy("init:he"),
            Remedy("norm:batch"),
            Remedy("residual:skip"),
        ),
    )
    return Scene(Record(run("mnist_sigmoid_mlp"), (observed,)), Diagnosis("failing", (finding,)))


def exploding_rnn() -> Scene:
    """A recurrent net whose gradient grows through time, and whose loss jumps."""
    place = sites(["rnn"], "tanh", "Rnn", "recurrent") + sites(["head"], "")
    lag = np.arange(28)
    observed = Observed(
        network(place, name="RowRNN", type="RowRNN", num_parameters=12810, optimizer="Adam", settings={"lr": 0.01}),
        steps(2.3 + np.where(np.arange(300) % 40 == 20, 6.0, 0.2 * np.cos(np.arange(300))), 4.1, 0.3),
        readings([0, 299], 2, gradient_log10=np.array([[2.0, -0.5], [2.1, -0.5]])),
        times=(TimeProfile("rnn", 280, 28, lag, -0.4 + 0.16 * lag, "RNN", False),),
    )
    finding = Finding(
        "IG102",
        "exploding",
        "error",
        "RowRNN",
        ("rnn",),
        3,
        280,
        Text(
            "Through {length} time steps the gradient of {site} grows {times:,.0f} times.",
            "{site}의 기울기가 {length}개 시점을 거슬러 {times:,.0f}배로 커집니다.",
            {"length": 28, "site": "rnn", "times": 20893},
        ),
        (Evidence("rho", 0.16, "decades", 0.05, "rnn", 280), Evidence("raw_log10", 4.1, "decades", None, None, 280)),
        (Cause("recurrence-expands", 0.9),),
        (Remedy("clip:norm"), Remedy("init:orthogonal"), Remedy("recurrent:lstm")),
    )
    return Scene(Record(run("digit_rows_rnn", seconds=12.0), (observed,)), Diagnosis("failing", (finding,)))


def dead_relu() -> Scene:
    """A ReLU net two of whose layers die at step 50; its names are made to be awkward."""
    names = [
        "encoder.first",
        "encoder.[bold]evil[/bold]",
        "encoder.third\x1b[31m",
        "decoder.a_rather_long_name.of.it.out",
    ]
    place = sites(names, "relu")
    dead = np.array([[0.1, 0.0, 0.0, np.nan], [0.2, 0.97, 1.0, np.nan]])
    observed = Observed(
        network(place, type="Autoencoder"),
        steps(np.linspace(2.0, 1.1, 120), -0.5, -0.4),
        readings([0, 119], 4, dead_lasting_share=dead, gradient_log10=np.zeros((2, 4))),
    )
    finding = Finding(
        "IG103",
        "dead-units",
        "warning",
        "model",
        tuple(names[1:3]),
        50,
        119,
        Text(
            "{share:.0%} of the units of {site} are silent on every example.",
            "{site}의 뉴런 {share:.0%}[이/가] 모든 샘플에서 0만 출력합니다.",
            {"share": 0.97, "site": names[1]},
        ),
        (Evidence("dead_lasting_share", 0.97, "share", 0.5, names[1], 119),),
        (Cause("learning-rate-too-high", 0.7), Cause("negative-bias", 0.3)),
        (Remedy("lr:lower"), Remedy("activation:leaky-relu")),
    )
    return Scene(Record(run("autoencoder"), (observed,)), Diagnosis("warning", (finding,)))


def non_finite() -> Scene:
    """The logarithm of a zero at step 12, in the second of two networks."""
    place = sites(["features.0", "features.3", "head"], "relu", "Convolution")
    fine = Observed(
        network(place, name="generator", type="Generator"),
        steps(np.linspace(1.0, 0.8, 13), 0.0, 0.1),
        readings([0], 3, gradient_log10=np.zeros((1, 3))),
    )
    loss = np.array([0.7, 0.6, 0.9, 0.4, 0.5, 0.3, 0.2, 0.2, 0.1, 0.1, 0.1, 0.05, np.nan])
    broken = Observed(
        network(place, name="critic", type="Critic", num_parameters=1201),
        steps(loss, -0.1, 0.2, 12),
        readings([0], 3, gradient_log10=np.full((1, 3), np.nan)),
        events=(Event(12, "non-finite", "head", "forward", "Log"),),
    )
    finding = Finding(
        "IG105",
        "non-finite",
        "error",
        "critic",
        ("head",),
        12,
        12,
        Text(
            "The loss became NaN at step {step}: {operation} of zero in {site}.",
            "{step} 스텝에서 손실이 NaN이 되었습니다. {site}[이/가] 0의 {operation}[을/를] 계산했습니다.",
            {"step": 12, "operation": "Log", "site": "head"},
        ),
        (Evidence("loss", float("nan"), "", None, None, 12),),
        (Cause("undefined-operation", 1.0),),
        (Remedy("loss:stable"),),
    )
    note = Finding(
        "IG106",
        "saturation",
        "note",
        "generator",
        ("features.0",),
        0,
        12,
        Text("Half of {site} is saturated.", "{site}의 절반이 포화되었습니다.", {"site": "features.0"}),
        (),
    )
    record = Record(
        run("gan", status="failed", error="ValueError: loss is NaN", notes=("A compiled region was not observed.",)),
        (fine, broken),
    )
    return Scene(record, Diagnosis("failing", (finding, note)))


def healthy() -> Scene:
    """A small CNN that learns."""
    place = sites(["features.0", "features.3", "head"], "relu", "Convolution")
    observed = Observed(
        network(place, type="Net", num_parameters=20490),
        steps(np.linspace(2.3, 0.1, 600), 0.1, -0.2),
        readings([0, 599], 3, gradient_log10=np.array([[0.1, 0.2, 0.0], [0.1, 0.1, 0.0]])),
    )
    reason = Text(
        "The gradient keeps {share:.0%} of its size through {depth} layers.",
        "기울기가 {depth}개 층을 지나며 크기의 {share:.0%}[을/를] 유지합니다.",
        {"share": 0.63, "depth": 3},
    )
    return Scene(Record(run("mnist_cnn"), (observed,)), Diagnosis("healthy", (), reason))


def too_short() -> Scene:
    """A script that stops after one step."""
    scene = healthy()
    observed = scene.record.observed[0]
    short = Observed(observed.network, steps(np.array([2.3]), 0.1, -0.2), observed.readings)
    reason = Text("Only {steps} step was seen.", "{steps}개 스텝만 관측했습니다.", {"steps": 1})
    return Scene(Record(run("stub"), (short,)), Diagnosis("unknown", (), reason))


def untrained() -> Scene:
    """A script that trains nothing."""
    reason = Text("No optimizer took a step.", "옵티마이저가 한 스텝도 진행하지 않았습니다.")
    return Scene(Record(run("nothing"), ()), Diagnosis("unknown", (), reason))


SCENES = {
    "vanishing": vanishing,
    "exploding_rnn": exploding_rnn,
    "dead_relu": dead_relu,
    "non_finite": non_finite,
    "healthy": healthy,
    "too_short": too_short,
    "untrained": untrained,
}
