"""From one measured batch and its experiments to findings: what will go wrong before the first step is taken."""

import math
from dataclasses import replace

import numpy as np

from isograd.diagnosis import broken, evidence, levels
from isograd.diagnosis.claim import Claim
from isograd.diagnosis.experiment import Explanation
from isograd.diagnosis.first_step import Throw, throw_of
from isograd.diagnosis.gain import gain
from isograd.diagnosis.layer_words import layer, span
from isograd.diagnosis.memory import forgotten, lengths
from isograd.diagnosis.prescriptions import advise, prescribe
from isograd.diagnosis.size_words import summary_of
from isograd.facts import Diagnosis, Evidence, Finding, Health, Network, Observed, Severity, Text
from isograd.observation.reading import INDEX

TOO_SMALL_FOR_ADAM = 12.0
"""Decades of decay beyond which float32 itself runs out, whatever the optimizer divides by."""
_WHERE_DEAD = 0.9
_HEEDS_INPUT = 0.1


def examine(observed: Observed, found: Explanation) -> tuple[Diagnosis, Text]:
    """Judges a network before its first step.

    Args:
        observed: The measurement as one step.
        found: The experiments on the same batch.

    Returns:
        The diagnosis, and one sentence that says what to change.
    """
    claim = _claim(observed, found)
    if broken.is_broken(found.base) and not found.causes:
        found = replace(found, causes=broken.causes_by_rule(found.base))
    if claim is None and found.subject is not None:
        thrown = throw_of(found.subject, observed.network)
        if thrown is not None:
            claim = _of_throw(thrown, observed.network)
            found = replace(found, causes=thrown.causes)
    if claim is None:
        kept = _healthy(found)
        known = bool(np.isfinite(found.base.values[:, INDEX["gradient_log10"]]).any())
        return Diagnosis("healthy" if known else "unknown", (), kept), kept
    finding = _finding(claim, observed, found)
    health: Health = {"error": "failing", "warning": "warning"}.get(claim.severity, "healthy")  # type: ignore[assignment]  # the values are of the kind
    reason = _healthy(found) if health == "healthy" else None
    return Diagnosis(health, (finding,), reason), _advice(finding, observed, found)


def _claim(observed: Observed, found: Explanation) -> Claim | None:
    size = found.gauge.gain
    if broken.is_broken(found.base):
        return broken.claim_of(found.base)
    if math.isnan(size):
        return _of_no_gradient(found)
    if size == -math.inf:
        return None if _opens(found) else _of_exact_zero(found)
    if abs(size) <= found.gauge.tolerance:
        return _of_rounding(found)
    return _of_size(observed, found)


def _of_no_gradient(found: Explanation) -> Claim | None:
    """A loss whose gradient is zero everywhere is satisfied, unless only the number format made it so."""
    if not any(cause.cause == "number-format" for cause in found.causes):
        return None
    summary = Text(
        "The whole gradient is smaller than the smallest number of {format}: every parameter receives exactly zero.",
        "기울기 전체가 {format}의 가장 작은 수보다 작아 모든 매개변수의 기울기가 정확히 0이 됩니다.",
        {"format": found.base.read.number_format()},
    )
    return Claim("IG601", "underflow", "error", summary)


def _of_rounding(found: Explanation) -> Claim | None:
    """A gain that is healthy by what is left, of a gradient much of which is rounded to zero."""
    lost = found.culprits.get("number-format", ())
    if not lost:
        return None
    summary = Text(
        "In {format} much of the gradient at {where} is rounded to zero; in float64, on the same batch, it is not.",
        "{format}에서 {where}의 기울기 상당 부분이 0으로 반올림됩니다. 같은 배치를 float64로 계산하면 0이 아닙니다.",
        {"format": found.base.read.number_format(), "where": span(lost)},
    )
    return Claim("IG601", "underflow", "warning", summary)


def _of_throw(thrown: Throw, network: Network) -> Claim:
    summary = Text(
        "The gradient keeps its size over the layers, but the first step of {optimizer} at a learning rate of "
        "{rate:.3g} is 10^{decades:.1f} times as large as the weights that it changes.",
        "기울기는 층을 지나며 크기를 유지하지만, 학습률 {rate:.3g}인 {optimizer}의 첫 갱신이 가중치 자체의 "
        "10^{decades:.1f}배나 됩니다.",
        {"optimizer": network.optimizer, "rate": network.settings["lr"], "decades": math.log10(thrown.ratio)},
    )
    return Claim("IG701", "instability", "warning", summary)


def _opens(found: Explanation) -> bool:
    """True if layers that start at zero are all that holds the gradient back, and each of them gets a gradient itself:
    after one step they do so no more. Residual branches, heads and low-rank adapters begin like this by design."""
    if found.gauge.gain != -math.inf or not found.table or found.table.sufficient != (("zero-weights",),):
        return False
    base = found.base
    zero = [
        base.values[index, INDEX["weight_gradient_log10"]]
        for index, entry in enumerate(base.seen)
        if entry.site.on_chain and entry.weight is not None and not entry.weight.detach().any()
    ]
    return bool(zero) and bool(np.isfinite(zero).all())


def _of_exact_zero(found: Explanation) -> Claim:
    site = found.table.dead_site if found.table else ""
    share = found.table.dead_share if found.table else math.nan
    if share >= _WHERE_DEAD:
        summary = Text(
            "No gradient passes {site}: {share:.0%} of its units are silent on every example of this batch.",
            "{site}[을/를] 지나는 기울기가 없습니다. 뉴런의 {share:.0%}[이/가] 이 배치의 어떤 샘플에도 반응하지 "
            "않습니다.",
            {"site": layer(site), "share": share},
        )
        return Claim("IG301", "dead-units", "error", summary)
    summary = Text(
        "No gradient at all arrives below {site}: it is exactly zero there.",
        "{site} 아래로는 기울기가 전혀 도달하지 않습니다(정확히 0).",
        {"site": layer(site) if site else found.base.naming.name},
    )
    return Claim("IG101", "vanishing", "error", summary)


def _of_size(observed: Observed, found: Explanation) -> Claim:
    gauge = found.gauge
    shrinks = gauge.gain < 0
    rule = ("IG102" if shrinks else "IG202") if gauge.site else ("IG101" if shrinks else "IG201")
    return Claim(rule, "vanishing" if shrinks else "exploding", _severity(observed, found), summary_of(found))


def _severity(observed: Observed, found: Explanation) -> Severity:
    gauge = found.gauge
    if gauge.gated:
        return "note"  # theory of gated cells: a GRU at -18.7 decades learnt all the same
    small = levels.adaptive(observed.network) and -TOO_SMALL_FOR_ADAM < gauge.gain < 0 and not gauge.site
    if abs(gauge.gain) <= gauge.levels.error:
        return "note" if small and _input_share(found) > levels.COLLAPSED_SHARE else "warning"
    # A large loss of scale leaves an adaptive optimizer something to divide only while outputs heed the input.
    return "warning" if small and _input_share(found) > _HEEDS_INPUT else "error"


def _input_share(found: Explanation) -> float:
    """Share of the last layer's input energy that depends on the example; nan if not measured."""
    shares = found.base.values[:, INDEX["input_share"]]
    seen = shares[~np.isnan(shares)]
    return float(seen[-1]) if seen.size else math.nan


def _finding(claim: Claim, observed: Observed, found: Explanation) -> Finding:
    sites = _sites(observed, found)
    return Finding(
        rule=claim.rule,
        problem=claim.problem,
        severity=claim.severity,
        network=observed.network.name,
        sites=sites,
        first_step=0,
        last_step=0,
        summary=claim.summary,
        evidence=_evidence(found),
        causes=found.causes,
        remedies=prescribe(observed, found.causes, sites, found.culprits),
        advice=advise(observed, found.causes, sites),
    )


def _sites(observed: Observed, found: Explanation) -> tuple[str, ...]:
    if broken.is_broken(found.base):
        return (found.base.origin_site,) if found.base.origin_site else ()
    if found.gauge.site:
        return (found.gauge.site,)
    if found.table and found.table.dead_site:
        return (found.table.dead_site,)
    if "number-format" in found.culprits:
        return found.culprits["number-format"]
    whole = gain(observed)
    limit = found.gauge.tolerance
    return whole.below(limit) if found.gauge.gain < 0 else whole.above(limit)


def _evidence(found: Explanation) -> tuple[Evidence, ...]:
    gauge = found.gauge
    name = "time_gain" if gauge.site else "gain"
    limit = math.copysign(gauge.tolerance, gauge.gain) if not math.isnan(gauge.gain) else None
    each = "time_gain_per_step_decades" if gauge.site else "gain_per_layer_decades"
    dead = found.table.dead_share if found.table else math.nan
    return evidence.measured(
        (
            evidence.decades(f"{name}_decades", gauge.gain, limit, gauge.site or None),
            evidence.decades(each, gauge.rate if math.isfinite(gauge.rate) else math.nan),
            *_memory(found),
            evidence.share("dead_share", dead, levels.DEAD_ERROR, found.table.dead_site if found.table else None),
        )
    )


def _memory(found: Explanation) -> tuple[Evidence, ...]:
    """How far back the recurrence remembers, where the gain is one through time."""
    profile = next((one for one in found.base.profiles if one.site == found.gauge.site), None)
    return () if profile is None else lengths(profile.site, found.gauge.rate, forgotten(profile))


def _healthy(found: Explanation) -> Text:
    gauge = found.gauge
    if math.isnan(gauge.gain):
        return Text(
            "No gain could be measured on this batch: there are not two layers on one way, or the loss is satisfied.",
            "이 배치에서 이득을 측정할 수 없었습니다. 한 경로에 층이 둘 이상 없거나, 손실이 이미 더 줄 것이 없습니다.",
        )
    if gauge.gain == -math.inf:
        return Text(
            "Nothing need be changed: what starts at zero holds the gradient back for the first step only.",
            "바꿀 것이 없습니다. 0으로 시작하는 층이 첫 스텝에서만 기울기를 막습니다.",
        )
    return Text(
        "Nothing need be changed: before the first step the gradient keeps its size ({gain:+.1f} decades in all).",
        "바꿀 것이 없습니다. 첫 스텝 전의 기울기가 크기를 유지합니다(전체 10^{gain:.1f}배).",
        {"gain": gauge.gain},
    )


def _needed(finding: Finding, observed: Observed, found: Explanation) -> list[Text]:
    """The best change for each of the causes that restore the gain only together; else for the first alone."""
    together = found.table is not None and len(found.table.sufficient) == 1 and len(found.table.sufficient[0]) > 1
    changes: dict[str, Text] = {}
    for cause in found.causes if together else found.causes[:1]:
        own = (*advise(observed, (cause,), finding.sites), *(
            remedy.change for remedy in prescribe(observed, (cause,), finding.sites, found.culprits)
        ))  # fmt: skip
        told = next((change for change in own if change is not None), None)
        if told is not None:
            changes[cause.cause] = told
    if "saturating-activation" in changes:  # its change brings the initial values that suit it
        changes = {cause: change for cause, change in changes.items() if not cause.startswith("init-")}
    return list(changes.values())


def _advice(finding: Finding, observed: Observed, found: Explanation) -> Text:
    """One sentence: what restores the gain; where that takes several changes, all of them."""
    changes = _needed(finding, observed, found)
    if not changes and found.table is None:
        return Text(
            "The cause could not be tried for: look at {where} first.",
            "원인을 개입 실험으로 확인할 수 없었습니다. 먼저 {where}[을/를] 살펴봅니다.",
            {"where": span(finding.sites) or finding.network},
        )
    if not changes:
        return Text(
            "No single change restored the gradient: look at {where} first.",
            "어느 한 가지를 바꾸어도 기울기가 회복되지 않았습니다. 먼저 {where}[을/를] 살펴봅니다.",
            {"where": span(finding.sites) or finding.network},
        )
    if len(changes) == 1:
        return changes[0]
    return Text(
        "It takes {number} together. {first} {others}",
        "{number} 함께 바꾸어야 합니다. {first} {others}",
        {"number": _number(len(changes)), "first": changes[0], "others": _joined(changes[1:])},
    )


def _number(changes: int) -> Text:
    """How many, in words."""
    if changes == 2:
        return Text("two changes", "두 가지를")
    return Text("{number} changes", "{number}가지를", {"number": changes})


def _joined(texts: list[Text]) -> Text:
    """Sentences one after the other."""
    if len(texts) == 1:
        return texts[0]
    return Text("{first} {others}", "{first} {others}", {"first": texts[0], "others": _joined(texts[1:])})
