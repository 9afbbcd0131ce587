"""The words of a checkup, on a terminal and on a page."""

import math
from collections.abc import Mapping
from types import MappingProxyType

from isograd.facts import Intervened, InterventionTable, Language, Text
from isograd.report.language import render

CHECKUP_TEXTS: Mapping[str, Text] = MappingProxyType(
    {
        "before": Text("before the first step", "첫 스텝 전"),
        "kicker": Text("Check before the first step", "첫 스텝 전 점검"),
        "network": Text("Network", "신경망"),
        "of_size": Text("{size} parameters", "매개변수 {size}개"),
        "gain_measured": Text("Gain G, measured", "이득 G, 측정"),
        "gain_expected": Text("Gain G, forecast", "이득 G, 예측"),
        "on_batch": Text("on one batch", "배치 하나에서"),
        "experiments": Text("Experiments", "개입 실험"),
        "same_batch": Text("on the same batch", "같은 배치에서"),
        "bar_of": Text("error bar {bar}", "오차 범위 {bar}"),
        "tried": Text("tried", "개입 실험"),
        "tried_title": Text("One thing changed, on the same batch", "같은 배치에서 한 가지만 바꾸어 보기"),
        "tried_caption": Text(
            "Gain in decades, as it is and with something changed. The model itself was not touched.",
            "그대로일 때와 무언가를 바꾸었을 때의 이득(자릿수)입니다. 모델은 건드리지 않았습니다.",
        ),
        "tried_caption_time": Text(
            "Gain through time of {site} in decades, as it is and with something changed. The model itself was not "
            "touched.",
            "그대로일 때와 무언가를 바꾸었을 때의 {site}의 시간 방향 이득(자릿수)입니다. 모델은 건드리지 않았습니다.",
        ),
        "as_is": Text("as it is", "그대로"),
        "alone": Text("{change} alone", "{change}만"),
        "from_to": Text("{change}: {before} to {after} decades", "{change}: 이득 {before}에서 {after}[으로/로]"),
        "both": Text("both", "둘 다"),
        "all": Text("all of them", "모두"),
        "together": Text("{changes} together", "{changes} 함께"),
        "change": Text("Changed", "바꾼 것"),
        "gain": Text("Gain, decades", "이득 (자릿수)"),
        "restored": Text("restored", "회복"),
        "exact_zero": Text("exactly zero", "정확히 0"),
        "unknown": Text("did not run", "실행 안 됨"),
        "forecast": Text("forecast", "예측"),
        "forecast_title": Text("Forecast against measured", "예측과 측정"),
        "forecast_caption": Text(
            "Gain from the last layer to each layer in decades: forecast from the initialisation alone, with its error "
            "bar, and measured on one batch.",
            "마지막 층에서 각 층까지의 이득(자릿수)입니다. 초깃값만으로 예측한 값과 오차 범위, 배치 하나로 측정한 "
            "값입니다.",
        ),
        "forecast_line": Text(
            "{gain} decades in all ({low} to {high}), measured {measured}",
            "전체 이득 {gain}자릿수({low}~{high}), 측정값 {measured}",
        ),
        "forecast_open": Text(
            "{gain} decades in all (no error bar: part of the way has no rule), measured {measured}",
            "전체 이득 {gain}자릿수(규칙이 없는 연산을 지나므로 오차 범위 없음), 측정값 {measured}",
        ),
        "no_bar": Text("none", "없음"),
        "assumed": Text("assumed", "가정"),
        "fails_at": Text("; with {depth:.0f} layers it would fail", ". 층이 {depth:.0f}개이면 학습되지 않습니다"),
        "failed_at": Text("; it fails from {depth:.0f} layers on", ". 층이 {depth:.0f}개 이상이면 학습되지 않습니다"),
        "critical": Text(
            "; sigma_w = {sigma_w:.3g} and sigma_b = {sigma_b:.3g} would hold it",
            ". sigma_w = {sigma_w:.3g}, sigma_b = {sigma_b:.3g}[이면/면] 크기가 유지됩니다",
        ),
        "layer": Text("Layer", "층"),
        "expected": Text("Forecast", "예측"),
        "bar": Text("Error bar", "오차 범위"),
        "measured": Text("Measured", "측정"),
        "advice": Text("change", "바꿀 것"),
        "advice_title": Text("What to change", "바꿀 것"),
        "whole": Text("whole network", "신경망 전체"),
    }
)
"""Each by its name."""


def tell(name: str, language: Language, **values: object) -> str:
    """One of `CHECKUP_TEXTS` with its fields filled in.

    >>> tell("alone", "en", change="weights rescaled")
    'weights rescaled alone'
    """
    text = CHECKUP_TEXTS[name]
    return render(Text(text.en, text.ko, values), language)


def row_name(row: Intervened, table: InterventionTable, language: Language) -> str:
    """What was changed, in words."""
    changes = [render(table.labels[name], language) for name in row.names]
    if len(changes) == 1:
        return tell("alone", language, change=changes[0])
    return tell("together", language, changes=" + ".join(changes))


def sentence(table: InterventionTable, language: Language) -> str:
    """What each change of the smallest sets does by itself and all of them together; empty where none restores.

    >>> rows = (Intervened(("w",), -7.7), Intervened(("a",), -4.7), Intervened(("w", "a"), -0.7))
    >>> labels = {"w": Text("weights rescaled", ""), "a": Text("sigmoid to tanh", "")}
    >>> table = InterventionTable("net", "", -16.2, 1.5, rows, labels, (("w", "a"),), {"a": 0.6, "w": 0.4})
    >>> sentence(table, "en")
    'weights rescaled alone: -16.2 to -7.7 decades; sigmoid to tanh alone: -4.7; both: -0.7'
    """
    gains = {frozenset(row.names): row.gain for row in table.rows}
    members = [name for names in table.sufficient for name in names]
    parts: list[str] = []
    for name in members:
        change = tell("alone", language, change=render(table.labels[name], language))
        gain = decades(gains[frozenset((name,))], language) if frozenset((name,)) in gains else ""
        first = {"change": change, "before": decades(table.before, language), "after": gain}
        parts.append(tell("from_to", language, **first) if not parts else f"{change}: {gain}")
    whole = frozenset(members)
    if len(table.sufficient) == 1 and len(members) > 1 and whole in gains:
        name = "both" if len(members) == 2 else "all"
        parts.append(f"{tell(name, language)}: {decades(gains[whole], language)}")
    return "; ".join(parts)


def decades(gain: float, language: Language) -> str:
    """A gain in decades with its sign, or in words what has none.

    >>> decades(-16.18, "en"), decades(float("-inf"), "en"), decades(float("nan"), "ko")
    ('-16.2', 'exactly zero', '실행 안 됨')
    """
    if gain != gain:
        return tell("unknown", language)
    if gain in (float("inf"), float("-inf")):
        return tell("exact_zero", language) if gain < 0 else "inf"
    return f"{gain + 0.0:+.1f}"


def bar(low: float, high: float, language: Language) -> str:
    """An error bar, or that there is none.

    >>> bar(-2.04, -1.3, "en"), bar(float("-inf"), float("inf"), "en")
    ('-2.0 .. -1.3', 'none')
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return tell("no_bar", language)
    return f"{decades(low, language)} .. {decades(high, language)}"


def is_restored(row: Intervened, table: InterventionTable) -> bool:
    """True if the row's changes are one of the smallest sets that restore the gain."""
    return frozenset(row.names) in {frozenset(names) for names in table.sufficient}
