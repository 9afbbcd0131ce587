"""What a verdict says, in sentences: the remedy, the mechanism, the metric, the effect."""

import math
from collections.abc import Mapping, Sequence

from isograd.facts import Language
from isograd.facts.treatment import Dose, Plan
from isograd.facts.verdict import Arm, Effect, Verdict
from isograd.report.catalogue import remedy_title
from isograd.report.checkup.texts import decades
from isograd.report.language import render
from isograd.report.numbers import percent, plain
from isograd.report.verdict.words import word

_CALLED = {
    "en": {"gelu": "GELU", "silu": "SiLU", "elu": "ELU", "selu": "SELU"},
    "ko": {"gelu": "GELU", "silu": "SiLU", "elu": "ELU", "selu": "SELU", "sigmoid": "시그모이드"},
}
_OF_HE = ("", "relu", "leaky_relu", "prelu", "linear")
_REASONS_ARE = {
    "not-cured": "why_not",
    "no-remedy-needed": "why",
    "unknown": "why",
    "not-a-gradient-problem": "do",
}


def plan_name(plan: Plan, language: Language) -> str:
    """A plan in words, e.g. `ReLU as activation + He initialisation`."""
    return " + ".join(dose_name(dose, language) for dose in plan.doses)


def dose_name(dose: Dose, language: Language) -> str:
    """He's law is the critical one of ReLU; for other activations it is not his any more.

    >>> dose_name(Dose("init:he", {"nonlinearity": "sigmoid"}), "ko"), dose_name(Dose("init:he"), "en")
    ('시그모이드에 맞춘 임계 초기화', 'He initialisation')
    """
    activation = str(dose.settings.get("nonlinearity", ""))
    if dose.remedy == "init:he" and activation not in _OF_HE:
        return word("critical", language, activation=_CALLED[language].get(activation, activation))
    return remedy_title(dose.remedy, language)


def figure_words(figures: Mapping[str, float], language: Language) -> list[str]:
    """What the remedies did while the treated runs went on, as far as it is worth a line.

    >>> figure_words({"clip:norm bound_share": 0.25, "clip:norm steps": 40.0}, "en")
    ['clipping bound on 25 % of the steps']
    """
    said = []
    for name, value in figures.items():
        key = name.partition(" ")[2]
        if key == "bound_share" or (key in ("left_out_share", "raised_share") and value > 0):
            said.append(word(key, language, share=percent(value, language)))
    return said


def metric_words(verdict: Verdict, language: Language) -> str:
    """What decided, and which way is better; empty where nothing was decided."""
    metric = verdict.metric
    if metric is None:
        return ""
    name = word(metric.kind, language, pattern=metric.pattern)
    return word("higher" if metric.higher_is_better else "lower", language, metric=name)


def held_out_words(verdict: Verdict, language: Language) -> str:
    """The metric, that the choice of the remedy did not look at it, and how to give a better one."""
    if verdict.metric is None:
        return ""
    metric, seeds = metric_words(verdict, language), len(verdict.treated.values)
    said = word("held_out", language, metric=metric, seeds=seeds)
    return word("printed_instead", language, said=said) if verdict.metric.kind == "training-loss" else said


def effect_words(verdict: Verdict, arrow: str, language: Language) -> str:
    """From what to what the metric went, and how sure that is."""
    before, after = (mean_words(arm, language) for arm in (verdict.baseline, verdict.treated))
    said = size_words(verdict, language)
    return word("effect_from_to", language, before=before, after=after, arrow=arrow, effect=said)


def size_words(verdict: Verdict, language: Language) -> str:
    """How much better the metric is than in the unchanged training."""
    effect = verdict.effect
    return word(
        "better" if effect.low > 0 else "not_clear" if effect.mean > 0 else "no_better",
        language,
        mean=in_unit(effect, language),
        low=signed(effect.low),
        high=signed(effect.high),
        seeds=len(verdict.treated.values),
    )


def interval_words(effect: Effect, language: Language) -> str:
    """An effect with its interval, without its unit; empty where there is none."""
    if math.isnan(effect.mean):
        return ""
    return word("interval", language, mean=signed(effect.mean), low=signed(effect.low), high=signed(effect.high))


def in_unit(effect: Effect, language: Language) -> str:
    """The mean of an effect with its unit."""
    return word("decades", language, mean=signed(effect.mean)) if effect.unit == "decades" else signed(effect.mean)


def known_mean(arm: Arm, language: Language) -> str:
    """The mean of the runs that left a number."""
    known = [value for value in arm.values if math.isfinite(value)]
    return plain(math.fsum(known) / len(known)) if known else word("no_number", language)


def mean_words(arm: Arm, language: Language, short: bool = False) -> str:
    """The same, and how many runs left none, or in short how many it is the mean of.

    >>> arm = Arm((1.0, 2.0, float("nan")), (), (), 0.0)
    >>> mean_words(arm, "en"), mean_words(arm, "en", short=True)
    ('1.5 (1 of 3 left none)', '1.5 (2 of 3)')
    """
    mean, known = known_mean(arm, language), sum(map(math.isfinite, arm.values))
    if known in (0, len(arm.values)):
        return mean
    values = {"mean": mean, "known": known, "count": len(arm.values) - known, "all": len(arm.values)}
    return word("of_so_many" if short else "of_which", language, **values)


def capital(sentence: str) -> str:
    """The sentence with a capital.

    >>> capital("the patched source"), capital("고친 소스")
    ('The patched source', '고친 소스')
    """
    return sentence[:1].upper() + sentence[1:]


def mechanism_words(verdict: Verdict, arrow: str, language: Language) -> str:
    """What became of the gradient."""
    before, after = median(verdict.baseline.gains), median(verdict.treated.gains)
    well = sum(not sick for sick in verdict.treated.sick)
    gone = word("gone", language, well=well, all=len(verdict.treated.sick))
    if math.isnan(before) or math.isnan(after):
        return gone
    gain = word("gain", language, before=decades(before, language), after=decades(after, language), arrow=arrow)
    return word("gain_and", language, gain=gain, gone=gone)


def reasons_label(verdict: Verdict) -> str:
    """What the reasons are for that outcome, as a name of `VERDICT_TEXTS`."""
    return _REASONS_ARE.get(verdict.outcome, "limits")


def reasons_in(verdict: Verdict, language: Language) -> list[str]:
    """The reasons as sentences."""
    return [render(reason, language) for reason in verdict.reasons]


def signed(number: float) -> str:
    """A difference with its sign.

    >>> signed(0.8), signed(-3.0), signed(12345.6), signed(float("inf")), signed(0.0)
    ('+0.80', '-3.00', '+1.23e+04', '+inf', '0')
    """
    if number == 0:
        return "0"
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else f"{number:+}"
    if 0.1 <= abs(number) < 100:
        return f"{number:+.2f}"
    return f"{number:+.3g}"


def median(values: Sequence[float]) -> float:
    """The median of what is a number; nan if nothing is.

    >>> median((3.0, float("nan"), 1.0, 2.0))
    2.0
    """
    known = sorted(value for value in values if not math.isnan(value))
    if not known:
        return math.nan
    middle = len(known) // 2
    return known[middle] if len(known) % 2 else (known[middle - 1] + known[middle]) / 2
