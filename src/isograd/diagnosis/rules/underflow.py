"""IG601, underflow: gradients so small that the number format, or the optimizer's epsilon, rounds them away."""

import numpy as np

from isograd.diagnosis import activations, attribution, evidence, levels
from isograd.diagnosis.gain import gain, late_median
from isograd.diagnosis.harm import Harm, harm
from isograd.diagnosis.layer_words import span
from isograd.diagnosis.outlook import outlook
from isograd.diagnosis.prescriptions import advise, prescribe
from isograd.diagnosis.progress import Progress, progress
from isograd.diagnosis.rules.rule import Rule
from isograd.facts import Cause, Evidence, Finding, Observed, Remedy, Run, Severity, Text

TINY_LOSS = 1e-2
"""A loss under which gradients may fall out of float16's range."""
BELOW_NORMAL = 0.3
"""Share of non-zero entries below the smallest normal number; own choice: float16 loses digits from there on."""
ZEROS = 0.5
"""Share of exact zeros beyond which they are no accident; a ReLU's own zeros are left out of the count."""
FLOOR = 0.5
"""Share of coordinates under ten epsilon at which Adam's step has shrunk for most of the weights."""

ENLARGE = (
    Remedy(
        "precision:loss-scale",
        Text(
            "Multiply the loss by a constant of its own, (1e4 * loss).backward(), without dividing the gradient again; "
            "or make the optimizer's eps as much smaller.",
            "손실에 상수를 곱하고((1e4 * loss).backward()) 기울기는 다시 나누지 않습니다. 또는 옵티마이저의 eps를 "
            "그만큼 줄입니다.",
        ),
        Text(
            "The gradient rises over epsilon, and the steps of Adam regain their size.",
            "기울기가 엡실론보다 커져 Adam의 갱신이 제 크기를 되찾습니다.",
        ),
    ),
)
"""What to do where epsilon swallows the gradient: a GradScaler would not help, it divides before the step."""


def judge(observed: Observed, run: Run) -> tuple[Finding, ...]:
    """Finds gradients that are rounded away.

    Args:
        observed: One network and what was seen of it.
        run: What was run.

    Returns:
        One finding, or none.
    """
    if observed.readings.step.size == 0:
        return _of_nothing(observed)
    done, hurt = progress(observed), harm(observed)
    sites = _rounded_sites(observed)
    floored = hurt.epsilon_floor if levels.adaptive(observed.network) else 0.0
    severity = _severity(observed, done, bool(sites), floored, hurt)
    if severity is None:
        return ()
    causes = _causes(observed, bool(sites))
    where = sites or gain(observed).names
    return (
        Finding(
            rule=RULE.code,
            problem="underflow",
            severity=severity,
            network=observed.network.name,
            sites=where,
            first_step=int(observed.readings.step[0]),
            last_step=int(observed.readings.step[-1]),
            summary=_summary(observed, where, bool(sites), floored, done),
            evidence=evidence.measured(
                (
                    *_of_sites(observed, sites),
                    evidence.share("epsilon_floor_share", hurt.epsilon_floor, levels.EPSILON_FLOOR),
                    *evidence.loss(done),
                )
            ),
            causes=causes,
            remedies=prescribe(observed, causes, where) if sites else ENLARGE,
            advice=advise(observed, causes, where),
        ),
    )


def _of_nothing(observed: Observed) -> tuple[Finding, ...]:
    """Gradients that reach every parameter and are exactly zero in all of them, of a loss that is tiny but not zero."""
    size = observed.steps.raw_log10[~np.isnan(observed.steps.raw_log10)]
    done = progress(observed)
    tiny = 0.0 < abs(done.end) < TINY_LOSS
    if size.size < levels.FEW_STEPS or not np.isneginf(size).all() or observed.network.unreached or not tiny:
        return ()
    causes = attribution.shares({"number-format": 0.7, "loss-reduction": 0.3})
    return (
        Finding(
            rule=RULE.code,
            problem="underflow",
            severity="error",
            network=observed.network.name,
            sites=(),
            first_step=int(observed.steps.step[0]),
            last_step=int(observed.steps.step[-1]),
            summary=Text(
                "Every gradient is exactly zero, of a loss that is not: {loss:.2g} is too small for the number format.",
                "손실은 0이 아닌데 모든 기울기가 정확히 0입니다. 손실 {loss:.2g}[은/는] 이 부동소수점 형식에 너무 "
                "작습니다.",
                {"loss": done.end},
            ),
            evidence=evidence.loss(done),
            causes=causes,
            # a smaller learning rate, the remedy of a loss that is too large, would do harm here
            remedies=prescribe(observed, causes[:1], ()),
            advice=advise(observed, causes, ()),
        ),
    )


def _rounded_sites(observed: Observed) -> tuple[str, ...]:
    """Sites whose gradient entries are mostly below the normal range of float16, or zero for no other reason."""
    if observed.network.number_format != "float16":
        return ()
    below = late_median(observed.readings.column("underflow_share"))
    zeros = late_median(observed.readings.column("zero_share"))
    found = []
    for s, site in enumerate(observed.network.sites):
        rectified = activations.is_rectifier(site.activation)
        own = 0.5 if rectified else 0.0
        lost = max(0.0, float(zeros[s]) - own) / (1.0 - own) if np.isfinite(zeros[s]) else 0.0
        if below[s] >= BELOW_NORMAL or lost >= ZEROS:
            found.append(site.name)
    return tuple(found)


def _severity(observed: Observed, done: Progress, rounded: bool, floored: float, hurt: Harm) -> Severity | None:
    if rounded:
        if done.poor:
            return "error"
        return "warning" if done.state in ("unknown", "unseen") else None
    if floored < FLOOR or not done.poor or done.seen < levels.ENOUGH_STEPS:
        return None
    # Layers that lie far apart in gradient size are a vanishing gradient; here all are small together.
    together = abs(gain(observed).late) < levels.gain_levels(observed.network).warning
    return "error" if together and hurt.travel < 1.0 and hurt.update_median < 1e-4 else None


def _causes(observed: Observed, rounded: bool) -> tuple[Cause, ...]:
    if rounded:
        return (Cause("number-format", 1.0),)
    return attribution.shares({"loss-reduction": 0.6, "number-format": 0.4})


def _of_sites(observed: Observed, sites: tuple[str, ...]) -> tuple[Evidence, ...]:
    below = late_median(observed.readings.column("underflow_share"))
    zeros = late_median(observed.readings.column("zero_share"))
    names = [site.name for site in observed.network.sites]
    found: list[Evidence] = []
    for site in sites[:6]:
        index = names.index(site)
        found.append(evidence.share("underflow_share", float(below[index]), BELOW_NORMAL, site))
        found.append(evidence.share("zero_share", float(zeros[index]), ZEROS, site))
    return tuple(found)


def _summary(observed: Observed, sites: tuple[str, ...], rounded: bool, floored: float, done: Progress) -> Text:
    if rounded:
        return Text(
            "In {format} most of the gradient at {where} lies below the smallest normal number, or is rounded to zero. "
            "{outlook}",
            "{format}에서 {where}의 기울기 대부분이 표현할 수 있는 최소 정규값보다 작거나 0으로 반올림됩니다. "
            "{outlook}",
            {"format": observed.network.number_format, "where": span(sites), "outlook": outlook(done)},
        )
    return Text(
        "{percent:.0f} % of the gradient is so small that the optimizer's epsilon swallows it: all layers alike, so "
        "that "
        "it is the scale of the loss and no decay over depth. {outlook}",
        "기울기의 {percent:.0f}%[이/가] 너무 작아 옵티마이저의 엡실론에 묻힙니다. 모든 층에서 똑같이 작으므로 깊이에 "
        "따른 감쇠가 아니라 손실의 크기가 원인입니다. {outlook}",
        {"percent": 100 * floored, "outlook": outlook(done)},
    )


RULE = Rule(
    code="IG601",
    name="underflow",
    problem="underflow",
    title=Text("Gradient underflow", "기울기 언더플로"),
    judge=judge,
)
