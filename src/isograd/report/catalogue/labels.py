"""The words between the facts on a terminal: labels, and short phrases with fields."""

from collections.abc import Mapping
from types import MappingProxyType

from isograd.facts import Language, Text
from isograd.report.language import render

LABELS: Mapping[str, Text] = MappingProxyType(
    {
        # Labels of a finding's rows
        "where": Text("where", "위치"),
        "since": Text("since", "기간"),
        "began": Text("began", "발생"),
        "evidence": Text("evidence", "근거"),
        "picture": Text("picture", "그림"),
        "why": Text("why", "원인"),
        "ruled_out": Text("ruled out", "원인 아님"),
        "do": Text("do", "해결 방안"),
        "more": Text("more", "자세히"),
        # Phrases of those rows
        "whole_network": Text("the whole network", "신경망 전체"),
        "of_layers": Text("{where} ({number} of {total} layers)", "{where} ({total}개 층 중 {number}개)"),
        "all_layers": Text("{where} (all {total} layers)", "{where} (전체 {total}개 층)"),
        "at_step": Text("step {first}", "{first} 스텝"),
        "to_step": Text("step {first} to {last}", "{first}~{last} 스텝"),
        "to_the_end": Text("step {first} to the end ({last})", "{first} 스텝부터 끝까지 ({last})"),
        "limit": Text("limit {limit}", "기준 {limit}"),
        "loss_start": Text("loss {loss} at the start", "손실 처음 {loss}"),
        "loss_end": Text("{loss} at the end", "마지막 {loss}"),
        "loss_of_guessing": Text("{loss} by guessing", "무작위 추측 수준 {loss}"),
        "more_evidence": Text("and {count} more in the report", "외 {count}건은 보고서에"),
        "expected": Text("expected: {expected}", "기대 효과: {expected}"),
        "how_rule": Text("inferred", "규칙으로 추정"),
        "how_intervention": Text("shown by experiment", "개입 실험으로 확인"),
        "how_forecast": Text("forecast from the initial weights", "초깃값으로 예측"),
        "direction_forward": Text("forward pass", "순전파"),
        "direction_backward": Text("backward pass", "역전파"),
        "direction_update": Text("update of the weights", "가중치 갱신"),
        # Pictures
        "by_layer": Text(
            "gradient at each layer against the last one, log10, step {step}",
            "마지막 층 대비 층별 기울기 (자릿수), {step} 스텝",
        ),
        "by_lag": Text(
            "gradient at each time step against the last one, log10, step {step}",
            "마지막 시점 대비 시점별 기울기 (자릿수), {step} 스텝",
        ),
        "by_share": Text("{quantity} by layer, step {step}", "층별 {quantity}, {step} 스텝"),
        "lag": Text("{lag} back", "{lag} 시점 전"),
        "last_time": Text("last", "마지막 시점"),
        "zero_is": Text("0: no gradient at all", "0: 기울기 없음"),
        # The head and the foot
        "steps_in": Text("{steps} steps in {time}", "{time} 동안 {steps}스텝"),
        "networks_in": Text(
            "{steps} steps of {networks} networks in {time}", "{time} 동안 신경망 {networks}개에서 {steps}스텝"
        ),
        "one_step_in": Text("1 step in {time}", "{time} 동안 1스텝"),
        "parameters": Text("{type}, {parameters} parameters", "{type}, 매개변수 {parameters}개"),
        "layers": Text("{layers} layers", "{layers}개 층"),
        "optimizer": Text("{optimizer} with lr {rate}", "{optimizer} (학습률 {rate})"),
        "overhead": Text("overhead {share}", "측정 부담 {share}"),
        "loss": Text("loss", "손실"),
        "failed": Text("the script failed: {error}", "스크립트 오류: {error}"),
        "interrupted": Text("interrupted", "중단됨"),
        "ended_early": Text("the script did not run to its end", "스크립트가 끝까지 실행되지 않음"),
        "notes": Text("{count} notes in the report", "참고 {count}건은 보고서에"),
        "one_note": Text("1 note in the report", "참고 1건은 보고서에"),
        "unseen": Text("{count} parts not observed", "{count}곳 관찰 못함"),
        "one_unseen": Text("1 part not observed", "1곳 관찰 못함"),
        "not_observed": Text("not observed", "관찰 못함"),
        "unreached": Text("no gradient has reached {names}", "기울기가 도달하지 않은 매개변수: {names}"),
        "and_more": Text("{names} and {count} more", "{names} 외 {count}개"),
        "frozen": Text("{count} frozen", "동결 {count}개"),
        "again": Text("check", "확인"),
        "again_how": Text(
            "change one thing, then run the same again: {command}",
            "한 가지만 바꾼 뒤 같은 명령을 다시 실행합니다: {command}",
        ),
        "cure": Text("cure", "해결"),
        "cure_how": Text(
            "try the remedies and prove which one works: {command}",
            "해결 방안을 시험하여 효과를 증명합니다: {command}",
        ),
        "report": Text("report", "보고서"),
        # Live vitals
        "live_step": Text("step {step}", "{step} 스텝"),
        "live_loss": Text("loss {loss}", "손실 {loss}"),
        "live_gain": Text("gain {gain}", "이득 {gain}"),
        "live_rate": Text("{rate} steps/s", "초당 {rate}스텝"),
        "live_input": Text("input", "입력"),
        "live_output": Text("output", "출력"),
        "verdict_unseen": Text("not yet seen", "측정 전"),
        "verdict_healthy": Text("healthy", "정상"),
        "verdict_watch": Text("borderline", "주의"),
        "verdict_vanishing": Text("vanishing", "소실"),
        "verdict_exploding": Text("exploding", "폭주"),
        "verdict_non-finite": Text("not finite", "NaN/무한대"),
    }
)
"""Each label by its name."""


def label(name: str, language: Language, **values: object) -> str:
    """One of `LABELS` with its fields filled in.

    >>> label("at_step", "ko", first="1,200")
    '1,200 스텝'
    """
    text = LABELS[name]
    return render(Text(text.en, text.ko, values), language)
