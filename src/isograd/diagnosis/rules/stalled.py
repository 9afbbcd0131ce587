"""IG801, stalled: the gradient passes well, or never reaches the parameters, and the loss does not move."""

import math
import re

import numpy as np

from isograd.diagnosis import activations, attribution, evidence, levels
from isograd.diagnosis.gain import gain
from isograd.diagnosis.harm import Harm, clipping, harm
from isograd.diagnosis.layer_words import span
from isograd.diagnosis.outlook import outlook
from isograd.diagnosis.prescriptions import advise, prescribe
from isograd.diagnosis.progress import Progress, loss_family, progress
from isograd.diagnosis.rules.rule import Rule
from isograd.diagnosis.runaway import TARGET_LARGE
from isograd.facts import Cause, Evidence, Finding, Observed, Run, Severity, Text

MOST = 0.8
"""No spare head holds so large a share of the numbers that an optimizer was given."""
NOTHING = -30.0
"""log10 of a gradient norm under which nothing arrives in float32."""


def judge(observed: Observed, run: Run) -> tuple[Finding, ...]:
    """Finds training that gets nowhere although the gradients are healthy, or that no gradient reaches.

    Args:
        observed: One network and what was seen of it.
        run: What was run.

    Returns:
        One finding, or none.
    """
    done, hurt = progress(observed), harm(observed)
    cut = _cut(observed, done)
    severity = _severity(observed, done, hurt, cut)
    if severity is None:
        return ()
    causes = (Cause("detached", 1.0),) if cut else _causes(observed, done, hurt)
    where = cut if cut else ()
    steps = observed.steps.step
    return (
        Finding(
            rule=RULE.code,
            problem="stalled",
            severity=severity,
            network=observed.network.name,
            sites=where,
            first_step=int(steps[0]) if steps.size else 0,
            last_step=int(steps[-1]) if steps.size else 0,
            summary=_summary(observed, done, hurt, where),
            evidence=evidence.measured(
                (
                    *evidence.loss(done),
                    evidence.share("update_ratio", hurt.update_median, 1e-4),
                    Evidence("travel", hurt.travel, "", levels.TRAVEL_LOW),
                    evidence.decades("gain_decades", gain(observed).late, -levels.PLAIN.warning),
                    evidence.share("unreached_share", _unreached_share(observed), 0.0),
                )
            ),
            causes=causes,
            remedies=prescribe(observed, causes, where or _first_sites(observed)),
            advice=advise(observed, causes, where),
        ),
    )


def _severity(observed: Observed, done: Progress, hurt: Harm, cut: tuple[str, ...]) -> Severity | None:
    if cut:
        return "error" if done.state != "learned" else "warning"
    if _symmetric(observed) and done.state != "learned":
        return "error" if done.poor else "warning"
    if done.seen < levels.ENOUGH_STEPS or done.state not in ("stuck", "weak"):
        return None
    if not math.isnan(done.chance) and done.start < 0.6 * done.chance:
        return None  # it began below guessing: pretrained, and finished before it started
    if done.state == "stuck":
        return "error"
    if _moves_in_vain(observed, done, hurt):
        return "error"
    slow = hurt.travel < 2 * levels.TRAVEL_LOW or hurt.update_median < 1e-4 or _double_squash(observed)
    return "warning" if slow else None


def _symmetric(observed: Observed) -> bool:
    """True if most layers began with one and the same weight everywhere, so that their units cannot come apart."""
    weights = [site for site in observed.network.sites if site.kind in ("weight", "recurrent")]
    constant = attribution.constant_weights(observed)
    return len(constant) >= 2 and 2 * len(constant) >= len(weights)


def _moves_in_vain(observed: Observed, done: Progress, hurt: Harm) -> bool:
    """True if the weights moved by more than their size, and several classes are told apart no better than by guessing.

    With two classes a loss a little under guessing may be all that noisy labels allow.
    """
    several = loss_family(observed.network.loss) == "classes" and done.chance > 1.2
    return several and hurt.travel > 1.0 and done.share < 0.15


def _cut(observed: Observed, done: Progress) -> tuple[str, ...]:
    """Parameters that no gradient reaches, if that is a cut and no unused head; empty otherwise."""
    steps = observed.steps
    sampled = steps.raw_log10[~np.isnan(steps.raw_log10)]
    silent = bool(sampled.size and (sampled <= NOTHING).all())
    unreached = observed.network.unreached
    if not unreached or (silent and not observed.readings.step.size):
        return unreached
    share = _unreached_share(observed)
    if share >= 0.999:
        return unreached
    before = _comes_before(unreached, observed)
    if share >= MOST:
        return before or unreached
    if done.good:
        return before if share >= 0.1 else ()
    return before or (unreached if share >= 0.5 and done.poor else ())


def _unreached_share(observed: Observed) -> float:
    """Share of the optimizer's numbers that lie in no site which a gradient reached."""
    if not observed.network.unreached or not observed.network.num_parameters:
        return 0.0
    reached = sum(site.num_parameters for site in observed.network.sites)
    return max(0.0, 1.0 - reached / observed.network.num_parameters)


_TRUNK = ("encoder", "features", "backbone", "stem", "trunk", "body", "embed", "extract", "conv", "rnn", "lstm", "gru")
_NUMBER = re.compile(r"\d+")


def _comes_before(unreached: tuple[str, ...], observed: Observed) -> tuple[str, ...]:
    """Those that stand nearer the input than what was reached: named as a trunk, or numbered lower in one series.

    An unused head or a spare branch stands after or beside; a detached trunk stands before.
    """
    reached = [name for site in observed.network.sites for name in site.parameters]
    series = {_NUMBER.sub("#", name, count=1): math.inf for name in reached}
    for name in reached:
        number = _NUMBER.search(name)
        key = _NUMBER.sub("#", name, count=1)
        series[key] = min(series[key], int(number.group()) if number else math.inf)
    found = []
    for name in unreached:
        number = _NUMBER.search(name)
        lower = number is not None and int(number.group()) < series.get(_NUMBER.sub("#", name, count=1), -math.inf)
        if lower or any(word in name.lower() for word in _TRUNK):
            found.append(name)
    return tuple(found)


def _causes(observed: Observed, done: Progress, hurt: Harm) -> tuple[Cause, ...]:
    """The first of these that holds, the surest first; what is left when none does is the data."""
    bound, taken = clipping(observed)
    still = hurt.travel < levels.TRAVEL_LOW or hurt.update_median < 1e-5
    clipped = still and bound > 0.9 and taken > 1.0 and not levels.adaptive(observed.network)
    large_target = _large_target(observed, done)
    ordered: tuple[tuple[bool, str, str], ...] = (
        (_symmetric(observed), "zero-init", "data"),
        (hurt.travel == 0.0, "detached", "data"),  # gradients are there, yet no step has moved a weight
        (attribution.first_site(observed, "input_share") < 1e-6, "data", "input-scale"),
        (0.0 < attribution.first_site(observed, "input_rms") < levels.INPUT_SMALL, "input-scale", "data"),
        (_double_squash(observed), "loss-form", "data"),
        (clipped, "clipping-too-tight", "learning-rate-too-low"),
        (still and not large_target, "learning-rate-too-low", "data"),
        (attribution.decayed(observed), "weight-decay-too-large", "data"),
        (large_target, "target-scale", "learning-rate-too-low"),
        (attribution.first_site(observed, "input_rms") > levels.INPUT_LARGE, "input-scale", "data"),
        (hurt.collapsed, "rank-collapse", "data"),
        (hurt.travel < 0.3, "learning-rate-too-low", "data"),
        (hurt.travel > 1.0, "data", ""),  # weights that moved by more than their size are not told to move more
        (True, "data", "learning-rate-too-low"),
    )
    first, second = next((first, second) for holds, first, second in ordered if holds)
    return attribution.shares({first: 0.8, second: 0.2} if second else {first: 1.0})


def _large_target(observed: Observed, done: Progress) -> bool:
    return loss_family(observed.network.loss) == "regression" and done.start > TARGET_LARGE


def _double_squash(observed: Observed) -> bool:
    """True if the outputs are squashed before a loss that squashes them itself, or rectified before a class loss."""
    weights = [site for site in observed.network.sites if site.kind in ("weight", "recurrent")]
    if not weights:
        return False
    last = activations.canonical(weights[-1].activation)
    loss = observed.network.loss.lower()
    if loss_family(loss) == "classes":
        return last in ("softmax", "sigmoid", "relu", "tanh")
    return loss_family(loss) == "binary" and "logits" in loss and last in ("softmax", "sigmoid", "relu", "tanh")


def _first_sites(observed: Observed) -> tuple[str, ...]:
    weights = [site.name for site in observed.network.sites if site.kind in ("weight", "recurrent")]
    return (weights[-1],) if _double_squash(observed) else tuple(weights[:1])


def _summary(observed: Observed, done: Progress, hurt: Harm, cut: tuple[str, ...]) -> Text:
    if cut:
        return Text(
            "No gradient has ever reached {where}, although the optimizer holds them: the graph is cut before. "
            "{outlook}",
            "옵티마이저가 가진 {where}에 기울기가 한 번도 도달하지 않았습니다. 그곳에 이르기 전에 그래프가 끊겨 "
            "있습니다. "
            "{outlook}",
            {"where": span(cut), "outlook": outlook(done)},
        )
    if hurt.travel < levels.TRAVEL_LOW:
        return Text(
            "The gradient passes, but the weights have moved by only {travel:.2g} of their size in the whole run. "
            "{outlook}",
            "기울기는 전달되지만 학습 내내 가중치가 크기의 {travel:.2g}배밖에 움직이지 않았습니다. {outlook}",
            {"travel": hurt.travel, "outlook": outlook(done)},
        )
    return Text(
        "The gradients are healthy and the weights move, yet nothing is learned: look at labels, data, the form of "
        "the loss "
        "and the learning rate. {outlook}",
        "기울기는 정상이고 가중치도 움직이지만 학습이 되지 않습니다. 레이블, 데이터, 손실의 형태, 학습률을 "
        "살펴봅니다. {outlook}",
        {"outlook": outlook(done)},
    )


RULE = Rule(
    code="IG801",
    name="stalled",
    problem="stalled",
    title=Text("Training stalls", "학습 정체"),
    judge=judge,
)
