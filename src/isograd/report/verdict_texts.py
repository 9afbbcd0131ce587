"""The words of a verdict, on a terminal and on a page."""

import math
from collections.abc import Mapping
from types import MappingProxyType

from isograd.facts import Language, Text
from isograd.facts.treatment import Dose, Plan
from isograd.facts.verdict import Effect, Verdict
from isograd.report.catalogue import remedy_title
from isograd.report.checkup_texts import decades
from isograd.report.language import render
from isograd.report.numbers import plain

VERDICT_TEXTS: Mapping[str, Text] = MappingProxyType(
    {
        "cured": Text("cured", "치료됨"),
        "not-cured": Text("not cured", "치료되지 않음"),
        "no-remedy-needed": Text("no remedy needed", "처방이 필요 없음"),
        "not-a-gradient-problem": Text("not a gradient problem", "기울기 문제가 아님"),
        "interrupted": Text("broken off", "중단됨"),
        "one_training": Text("1 training in {time}", "{time} 동안 학습 1회"),
        "trainings": Text("{count} trainings in {time}", "{time} 동안 학습 {count}회"),
        "each": Text("one run of {steps} steps takes {time}", "한 번 학습하면 {steps}스텝에 {time}"),
        # Rows
        "problem": Text("problem", "문제"),
        "remedy": Text("remedy", "처방"),
        "best": Text("best seen", "가장 나았던 것"),
        "changed": Text("changed", "바뀐 것"),
        "mechanism": Text("gradient", "기울기"),
        "metric": Text("judged by", "평가 기준"),
        "effect": Text("effect", "효과"),
        "reason": Text("but", "단서"),
        "why": Text("why", "이유"),
        "patch": Text("the change", "바꿀 코드"),
        "by_hand": Text("by hand", "직접 추가할 코드"),
        "write": Text("apply", "적용"),
        # Sentences
        "gain": Text("gain {before} {arrow} {after} decades", "이득 {before}자릿수 {arrow} {after}자릿수"),
        "gone": Text("the finding is gone in {well} of {all} runs", "{all}회 중 {well}회에서 문제가 사라짐"),
        "from_to": Text(
            "{before} {arrow} {after}, better by {mean} (95 % interval {low} to {high}, {seeds} seeds)",
            "{before} {arrow} {after}, {mean}만큼 나아짐 (95% 신뢰구간 {low}~{high}, 시드 {seeds}개)",
        ),
        "no_better": Text(
            "{before} {arrow} {after}, no better: {mean} (95 % interval {low} to {high}, {seeds} seeds)",
            "{before} {arrow} {after}, 나아지지 않음: {mean} (95% 신뢰구간 {low}~{high}, 시드 {seeds}개)",
        ),
        "decades": Text("{mean} decades", "{mean}자릿수"),
        "control": Text("against {control}: {mean} ({low} to {high})", "{control}[과/와] 비교: {mean} ({low}~{high})"),
        "sham": Text("a sham change", "가짜 처방"),
        "reseed": Text("a new seed", "시드만 바꾼 학습"),
        "printed": Text("what the script prints, {pattern}", "스크립트 출력의 {pattern}"),
        "evaluate": Text("the task's own evaluate()", "과제의 evaluate()"),
        "evaluation-loss": Text("loss of the script's own evaluation passes", "스크립트가 스스로 하는 평가의 손실"),
        "training-loss": Text(
            "training loss over batches that came after the choice", "처방을 고른 뒤에 나온 배치들의 학습 손실"
        ),
        "higher": Text("{metric} (higher is better)", "{metric} (높을수록 좋음)"),
        "lower": Text("{metric} (lower is better)", "{metric} (낮을수록 좋음)"),
        "verified": Text(
            "the patched source, run without isograd, trains to the same bits",
            "고친 소스를 isograd 없이 실행해도 비트까지 같은 결과가 나옵니다",
        ),
        "unverified": Text(
            "the patched source does not train to the same bits as the treated run: read it before you use it",
            "고친 소스의 결과가 처방한 실행과 비트까지 같지는 않습니다. 쓰기 전에 살펴보십시오",
        ),
        "write_how": Text("{command} --write", "{command} --write"),
        "critical": Text("critical initialisation for {activation}", "{activation}에 맞춘 임계 초기화"),
        # The table of what was tried
        "plan": Text("Remedy", "처방"),
        "expected": Text("Forecast", "예측"),
        "measured": Text("One batch", "배치 하나"),
        "loss": Text("Loss", "손실"),
        "steps": Text("Steps", "스텝"),
        "note": Text("", ""),
        "proof_title": Text("The proof", "증명"),
        "tried_title": Text("What was tried", "시도한 처방"),
        "tried_caption": Text(
            "Gain in decades as forecast and as measured on one batch before any training; then the training loss at "
            "the end of short runs, on which the choice rests. The proof rests on other runs and on another metric.",
            "이득(자릿수)의 예측값과 학습 전 배치 하나에서 잰 값, 그리고 짧은 학습이 끝났을 때의 학습 손실입니다. 이 "
            "손실로 처방을 고르고, 증명은 다른 학습과 다른 기준으로 합니다.",
        ),
        "proof_caption": Text(
            "Each way of training over the same seeds, data order and number of steps.",
            "같은 시드, 같은 데이터 순서, 같은 스텝 수로 비교한 결과입니다.",
        ),
        "arm": Text("Training", "학습"),
        "baseline": Text("unchanged", "그대로"),
        "treated": Text("with the remedy", "처방 적용"),
        "sham_arm": Text("sham change", "가짜 처방"),
        "reseed_arm": Text("new seed", "새 시드"),
        "values": Text("Metric by seed", "시드별 결과"),
        "mean": Text("Mean", "평균"),
        "end_gain": Text("Gain at the end", "끝에서의 이득"),
        "patch_title": Text("The change in the source", "소스에서 바꿀 곳"),
    }
)
"""Each by its name."""


def word(name: str, language: Language, **values: object) -> str:
    """One of `VERDICT_TEXTS` with its fields filled in.

    >>> word("trainings", "en", count=21, time="2 min")
    '21 trainings in 2 min'
    """
    text = VERDICT_TEXTS[name]
    return render(Text(text.en, text.ko, values), language)


def plan_name(plan: Plan, language: Language) -> str:
    """A plan in words, e.g. `ReLU as activation + He initialisation`."""
    return " + ".join(_dose_name(dose, language) for dose in plan.doses)


def _dose_name(dose: Dose, language: Language) -> str:
    """He's law is the critical one of ReLU; for other activations it is not his any more."""
    activation = str(dose.settings.get("nonlinearity", ""))
    if dose.remedy == "init:he" and activation not in ("", "relu", "leaky_relu", "prelu", "linear"):
        return word("critical", language, activation=activation)
    return remedy_title(dose.remedy, language)


def metric_words(verdict: Verdict, language: Language) -> str:
    """What decided, and which way is better; empty where nothing was decided."""
    metric = verdict.metric
    if metric is None:
        return ""
    name = word(metric.kind, language, pattern=metric.pattern)
    return word("higher" if metric.higher_is_better else "lower", language, metric=name)


def effect_words(verdict: Verdict, arrow: str, language: Language) -> str:
    """From what to what the metric went, and how sure that is."""
    effect = verdict.effect
    return word(
        "from_to" if effect.mean > 0 else "no_better",
        language,
        before=plain(verdict.baseline.mean),
        after=plain(verdict.treated.mean),
        arrow=arrow,
        mean=_in_unit(effect, language),
        low=signed(effect.low),
        high=signed(effect.high),
        seeds=len(verdict.treated.values),
    )


def control_words(name: str, effect: Effect, language: Language) -> str:
    """The effect against one control."""
    control = word(name, language)
    values = {"mean": _in_unit(effect, language), "low": signed(effect.low), "high": signed(effect.high)}
    return word("control", language, control=control, **values)


def _in_unit(effect: Effect, language: Language) -> str:
    return word("decades", language, mean=signed(effect.mean)) if effect.unit == "decades" else signed(effect.mean)


def mechanism_words(verdict: Verdict, arrow: str, language: Language) -> str:
    """What became of the gradient."""
    before, after = median(verdict.baseline.gains), median(verdict.treated.gains)
    well = sum(not sick for sick in verdict.treated.sick)
    gone = word("gone", language, well=well, all=len(verdict.treated.sick))
    if math.isnan(before) or math.isnan(after):
        return gone
    gain = word("gain", language, before=decades(before, language), after=decades(after, language), arrow=arrow)
    return f"{gain}; {gone}"


def signed(number: float) -> str:
    """A difference with its sign.

    >>> signed(0.8), signed(-3.0), signed(float("inf"))
    ('+0.8000', '-3.000', 'inf')
    """
    return f"{number:+#.4g}" if math.isfinite(number) else str(number)


def median(values: tuple[float, ...]) -> float:
    """The median of what is a number; nan if nothing is.

    >>> median((3.0, float("nan"), 1.0, 2.0))
    2.0
    """
    known = sorted(value for value in values if not math.isnan(value))
    if not known:
        return math.nan
    middle = len(known) // 2
    return known[middle] if len(known) % 2 else (known[middle - 1] + known[middle]) / 2
