"""IG102, vanishing gradient through time: early inputs of a sequence leave no trace in the gradient, and it matters."""

import math

from isograd.diagnosis import activations, attribution, evidence, levels
from isograd.diagnosis.gain import late_median
from isograd.diagnosis.memory import RISK, Memory, lengths, memories
from isograd.diagnosis.outlook import outlook
from isograd.diagnosis.prescriptions import advise, prescribe
from isograd.diagnosis.progress import Progress, progress
from isograd.diagnosis.rules.rule import Rule
from isograd.diagnosis.runaway import plainly_high
from isograd.diagnosis.upstream import GRAVITY
from isograd.facts import Cause, Evidence, Finding, Observed, Run, Severity, Text

GATE_SHUT = -0.45
"""Decades a time step: an ordinary LSTM (forget bias 0) begins at -0.30, one with bias -1 at -0.57."""


def judge(observed: Observed, run: Run) -> tuple[Finding, ...]:
    """Finds a gradient that vanishes on its way back through time.

    Args:
        observed: One network and what was seen of it.
        run: What was run.

    Returns:
        At most one finding, about the recurrent site that forgets fastest.
    """
    done = progress(observed)
    judged = [(memory, _severity(memory, done)) for memory in memories(observed)]
    grave = [(memory, severity) for memory, severity in judged if severity is not None]
    if not grave:
        return ()
    worst, severity = min(grave, key=lambda pair: (GRAVITY[pair[1]], pair[0].late))
    causes = _causes(observed, worst)
    sites = tuple(memory.site for memory, _ in grave)
    return (
        Finding(
            rule=RULE.code,
            problem="vanishing",
            severity=severity,
            network=observed.network.name,
            sites=sites,
            first_step=worst.first_step,
            last_step=worst.last_step,
            summary=_summary(worst, done, severity),
            evidence=evidence.measured(
                (
                    evidence.decades("time_gain_decades", worst.late, -levels.PLAIN.error, worst.site),
                    evidence.decades("time_gain_at_start_decades", worst.early, -levels.PLAIN.error, worst.site),
                    evidence.decades("time_gain_per_step_decades", worst.per_step, None, worst.site),
                    *lengths(worst.site, worst.per_step, worst.forgotten),
                    Evidence("sequence_length", float(worst.length), "time steps", None, worst.site),
                    *evidence.loss(done),
                )
            ),
            causes=causes,
            remedies=prescribe(observed, causes, sites),
            advice=advise(observed, causes, sites),
        ),
    )


def _severity(memory: Memory, done: Progress) -> Severity | None:
    if math.isnan(memory.late) or memory.late > -levels.PLAIN.error:
        return None
    if memory.gated and done.seen < levels.ENOUGH_STEPS:
        return None if done.good else "note"  # at the start it is a risk, which training has yet to confirm
    if not done.poor:
        return None
    if not memory.gated:
        return "error"
    # In a gated cell a small gain is a risk: only where it stays and the loss stays too is it a verdict.
    if done.state == "weak":
        return "warning" if memory.per_step < GATE_SHUT else None
    return "error" if memory.per_step < GATE_SHUT or memory.late < -4 else "warning"


SPOILT_DECADES = 2.0
"""Where steps are far too large, a gain through time that lost so much since its start is their doing."""


def _causes(observed: Observed, memory: Memory) -> tuple[Cause, ...]:
    if memory.late < memory.early - SPOILT_DECADES and plainly_high(observed):
        return attribution.shares({"learning-rate-too-high": 1.0})
    if memory.cell == "LSTM":
        return attribution.shares({"forget-gate": 0.8, "recurrence-contracts": 0.2})
    weights = {"recurrence-contracts": 1.0}
    site = next((s for s, one in enumerate(observed.network.sites) if one.name == memory.site), None)
    if site is None or memory.gated:
        return attribution.shares(weights)
    if activations.canonical(observed.network.sites[site].activation) in activations.SHALLOW:
        weights["saturating-activation"] = 2.0
    saturated = _value(observed, "saturation_share", site)
    if saturated > 0.4:
        large_input = _value(observed, "input_rms", site) > levels.INPUT_LARGE
        weights["input-scale" if large_input else "init-too-large"] = 2.0
    return attribution.shares(weights)


def _value(observed: Observed, quantity: str, site: int) -> float:
    if observed.readings.step.size == 0:
        return math.nan
    return float(late_median(observed.readings.column(quantity))[site])


def _summary(memory: Memory, done: Progress, severity: Severity) -> Text:
    values: dict[str, object] = {"site": memory.site, "length": memory.length, "decades": -memory.late}
    if severity == "note":
        return Text(
            "Through the {length} time steps of {site} the gradient shrinks to one part in 10^{decades:.1f}.{risk}",
            "{site}의 {length}개 시점을 거슬러 가며 기울기가 10^{decades:.1f}분의 1로 줄어듭니다.{risk}",
            values | {"risk": RISK},
        )
    return Text(
        "Through the {length} time steps of {site} the gradient shrinks to one part in 10^{decades:.1f}: what came "
        "early in "
        "the sequence cannot be learned from. {outlook}",
        "{site}의 {length}개 시점을 거슬러 가며 기울기가 10^{decades:.1f}분의 1로 줄어들어, 시퀀스 앞부분은 학습에 "
        "쓰이지 못합니다. {outlook}",
        values | {"outlook": outlook(done)},
    )


RULE = Rule(
    code="IG102",
    name="vanishing-through-time",
    problem="vanishing",
    title=Text("Gradient vanishes through time", "시간에 따른 기울기 소실"),
    judge=judge,
)
