"""How a check tells of a gain that is too small or too large."""

from isograd.diagnosis.experiment import Explanation
from isograd.diagnosis.layer_words import layer
from isograd.diagnosis.memory import RISK
from isograd.facts import Text


def summary_of(found: Explanation) -> Text:
    """One sentence, by depth or through time."""
    gauge = found.gauge
    values: dict[str, object] = {"site": gauge.site, "length": gauge.steps + 1, "decades": abs(gauge.gain)}
    if gauge.site and gauge.gain < 0:
        return Text(
            "Through the {length} time steps of {site} the gradient shrinks to one part in 10^{decades:.1f}.{risk}",
            "{site}의 {length}개 시점을 거슬러 가며 기울기가 10^{decades:.1f}분의 1로 줄어듭니다.{risk}",
            values | {"risk": RISK if gauge.gated else ""},
        )
    if gauge.site:
        return Text(
            "Through the {length} time steps of {site} the gradient grows by 10^{decades:.1f}.",
            "{site}의 {length}개 시점을 거슬러 가며 기울기가 10^{decades:.1f}배로 커집니다.",
            values,
        )
    values |= {"first": layer(next((s.name for s in found.base.sites if s.on_chain), "")), "layers": gauge.steps + 1}
    if gauge.sums:
        return _past_sums(gauge.gain, values | {"sums": gauge.sums})
    if gauge.gain < 0:
        return Text(
            "Before the first step, of the gradient that reaches the last of {layers} layers one part in "
            "10^{decades:.1f} arrives at {first}.",
            "첫 스텝 전부터 이미, {layers}개 층의 마지막에 닿은 기울기의 10^{decades:.1f}분의 1만 {first}에 "
            "도달합니다.",
            values,
        )
    return Text(
        "Before the first step, the gradient grows by 10^{decades:.1f} on its way back through {layers} layers to "
        "{first}.",
        "첫 스텝 전부터 이미, 기울기가 {layers}개 층을 거슬러 {first}까지 가며 10^{decades:.1f}배로 커집니다.",
        values,
    )


def _past_sums(gain: float, values: dict[str, object]) -> Text:
    """The same for a residual network, whose blocks lie between few layers that every gradient passes."""
    if gain < 0:
        return Text(
            "Before the first step, of the gradient that reaches the last layer one part in 10^{decades:.1f} arrives "
            "at {first}, past {sums} residual sums.",
            "첫 스텝 전부터 이미, 마지막 층에 닿은 기울기가 잔차 합 {sums}개를 거슬러 {first}에 도달할 때는 "
            "10^{decades:.1f}분의 1로 줄어 있습니다.",
            values,
        )
    return Text(
        "Before the first step, the gradient grows by 10^{decades:.1f} on its way back past {sums} residual sums to "
        "{first}.",
        "첫 스텝 전부터 이미, 기울기가 잔차 합 {sums}개를 거슬러 {first}까지 가며 10^{decades:.1f}배로 커집니다.",
        values,
    )
