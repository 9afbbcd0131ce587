"""IG501, non-finite: a loss, gradient or parameter became nan or infinite; where first, and what led up to it."""

from dataclasses import dataclass

import numpy as np

from isograd.diagnosis import attribution, evidence
from isograd.diagnosis.layer_words import layer
from isograd.diagnosis.prescriptions import advise, prescribe
from isograd.diagnosis.progress import progress
from isograd.diagnosis.rules.rule import Rule
from isograd.diagnosis.runaway import bad_batches, growth_before, odd_inputs, plainly_high, rate_causes
from isograd.facts import Cause, Event, Evidence, Finding, Observed, Run, Severity, Text

LOSS, RAW, APPLIED, PARAMETER, SKIPPED = 1, 2, 4, 8, 16
"""Bits of `Steps.nonfinite`."""

SINGULAR = ("log", "log2", "log10", "log1p", "sqrt", "rsqrt", "div", "pow", "acos", "asin", "atanh", "norm", "tan",
            "reciprocal", "linalgvectornorm", "softmax", "std", "var", "binarycrossentropy", "ctcloss", "linalginvex",
            "cdist", "prod")  # fmt: skip
"""Operations whose value or slope is undefined at some finite input."""

GROWTH = 1.0
"""Decades that loss or gradient grew beforehand, beyond which a non-finite value did not come out of the blue."""


@dataclass(frozen=True)
class Breakdown:
    """The first non-finite value that a scaler did not catch."""

    step: int
    """Optimizer step."""
    last: int
    """The last step with one."""
    count: int
    """Steps with one."""
    lasting: bool
    """True if it never ended."""
    event: Event | None
    """What observation could tell of it."""


def judge(observed: Observed, run: Run) -> tuple[Finding, ...]:
    """Finds the first non-finite value of a run.

    Args:
        observed: One network and what was seen of it.
        run: What was run.

    Returns:
        One finding, or none. A step that a gradient scaler skipped is how a scaler works, and is none.
    """
    broken = _breakdown(observed)
    if broken is None:
        return ()
    causes = _causes(observed, broken)
    event = broken.event
    sites = (event.site,) if event is not None and event.site else ()
    return (
        Finding(
            rule=RULE.code,
            problem="non-finite",
            severity=_severity(broken),
            network=observed.network.name,
            sites=sites,
            first_step=broken.step,
            last_step=broken.last,
            summary=_summary(broken, observed.network.name),
            evidence=(
                Evidence("nonfinite_steps", float(broken.count), "steps", 0.0, None, broken.step),
                evidence.decades("growth_before_decades", growth_before(observed, broken.step), GROWTH),
            ),
            causes=causes,
            remedies=prescribe(observed, causes, sites),
            advice=advise(observed, causes, sites),
        ),
    )


def _breakdown(observed: Observed) -> Breakdown | None:
    flags = observed.steps.nonfinite
    skipped = (flags & SKIPPED) != 0
    bad = ((flags & (LOSS | RAW | APPLIED | PARAMETER)) != 0) & ~(skipped & ((flags & (LOSS | PARAMETER)) == 0))
    # A sentinel's alarm that the norm of the same step refutes, or that came without any gradient, is none.
    bad &= ~(((flags & (LOSS | PARAMETER)) == 0) & np.isfinite(observed.steps.applied_log10))
    events = [event for event in observed.events if event.kind == "non-finite" and _tells(event)]
    if not events and not (flags & (LOSS | PARAMETER)).any():
        bad[:] = False
    steps = observed.steps.step
    if not bad.any():
        unskipped = [event for event in events if event.step not in set(steps[skipped].tolist())]
        if not unskipped or (steps.size and unskipped[0].step < steps[0]):
            return None
        first = unskipped[0]
        return Breakdown(first.step, unskipped[-1].step, len(unskipped), first.step >= steps[-1:].max(initial=0), first)
    where = np.flatnonzero(bad)
    first_step = int(steps[where[0]])
    near = [event for event in events if event.step <= first_step + 1]
    event = near[-1] if near else (events[0] if events else None)
    return Breakdown(first_step, int(steps[where[-1]]), int(bad.sum()), bool(bad[-1]), event)


def _tells(event: Event) -> bool:
    """True if the event names anything at all."""
    detail = event.detail
    return bool(event.site or event.operation or detail.get("candidates") or detail.get("parameters"))


def _severity(broken: Breakdown) -> Severity:
    return "error" if broken.lasting or broken.count >= 3 else "warning"


def _causes(observed: Observed, broken: Breakdown) -> tuple[Cause, ...]:
    event = broken.event
    grown = growth_before(observed, broken.step)
    if event is not None and (event.detail.get("given") is True) and grown < GROWTH:
        return (Cause("data", 1.0),)
    if any(broken.step - 50 <= step <= broken.step for step in bad_batches(observed)) or odd_inputs(observed):
        return attribution.shares({"outlier-batch": 0.75, "learning-rate-too-high": 0.25})
    if observed.network.number_format == "float16":
        return attribution.shares({"number-format": 0.75, "learning-rate-too-high": 0.25})
    singular = event is not None and _singular(event)
    if broken.step <= 1 and not plainly_high(observed):
        return _causes_at_birth(observed, singular)
    if grown >= GROWTH or (plainly_high(observed) and not singular):
        return rate_causes(observed, progress(observed))
    if singular:
        return attribution.shares({"undefined-operation": 0.85, "learning-rate-too-high": 0.15})
    return attribution.shares({"undefined-operation": 0.5, "learning-rate-too-high": 0.5})


def _singular(event: Event) -> bool:
    """True if the operation, or one that may have been it, is undefined somewhere; a softmax only if it is named."""
    if event.operation:
        return event.operation.lower() in SINGULAR
    candidates = event.detail.get("candidates")
    named = [str(one).lower() for one in candidates] if isinstance(candidates, list | tuple) else []
    return any(name in SINGULAR and name != "softmax" for name in named)


def _causes_at_birth(observed: Observed, singular: bool) -> tuple[Cause, ...]:
    """At the first step nothing has been learned yet: the start itself overflowed, or an operation is undefined."""
    largest = observed.readings.column("input_max") if observed.readings.step.size else np.zeros((0, 0))
    seen = largest[~np.isnan(largest)]
    huge = bool(seen.size and (seen > 1e12).any())
    first = attribution.first_site(observed, "input_rms")
    if np.isnan(first) and not singular and not huge and not observed.readings.step.size:
        return attribution.shares({"undefined-operation": 0.5, "init-too-large": 0.5})
    if huge:
        return attribution.shares({"init-too-large": 0.8, "input-scale": 0.6 if first > 1e3 else 0.2})
    if singular:
        return (Cause("undefined-operation", 1.0),)
    return rate_causes(observed, progress(observed))


def _summary(broken: Breakdown, network: str) -> Text:
    event = broken.event
    values: dict[str, object] = {"step": broken.step, "count": broken.count}
    if event is None or not event.site:
        return Text(
            "At step {step} {network} had its first value that is no finite number; {count} steps are affected.",
            "{step} 스텝에 {network}에서 유한하지 않은 값(NaN 또는 Inf)이 처음 나타났고, {count}개 스텝이 영향을 "
            "받았습니다.",
            values | {"network": network},
        )
    values |= {"site": layer(event.site), "operation": event.operation or "?"}
    direction = {
        "forward": Text("forward pass", "순전파"),
        "backward": Text("backward pass", "역전파"),
        "update": Text("update", "갱신"),
    }
    values["direction"] = direction.get(event.direction, Text("training step", "학습 스텝"))
    if not event.operation:
        return Text(
            "At step {step} the first value that is no finite number appeared in the {direction} at {site}; {count} "
            "steps "
            "are affected.",
            "{step} 스텝의 {direction} 중 {site}에서 유한하지 않은 값(NaN 또는 Inf)이 처음 나타났고, {count}개 "
            "스텝이 영향을 받았습니다.",
            {name: value for name, value in values.items() if name != "operation"},
        )
    return Text(
        "At step {step} the first value that is no finite number came out of {operation} in the {direction}, at "
        "{site}; "
        "{count} steps are affected.",
        "{step} 스텝의 {direction} 중 {site}의 {operation} 연산에서 유한하지 않은 값(NaN 또는 Inf)이 처음 나타났고, "
        "{count}개 스텝이 영향을 받았습니다.",
        values,
    )


RULE = Rule(
    code="IG501",
    name="non-finite",
    problem="non-finite",
    title=Text("Values that are no finite numbers", "유한하지 않은 값 (NaN, Inf)"),
    judge=judge,
)
