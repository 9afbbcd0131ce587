"""What a cause is called."""

from collections.abc import Mapping
from types import MappingProxyType

from isograd.facts import Text

CAUSES: Mapping[str, Text] = MappingProxyType(
    {
        "saturating-activation": Text("slope of a saturating activation", "포화형 활성화 함수의 작은 미분값"),
        "init-too-small": Text("initial weights too small", "너무 작은 가중치 초깃값"),
        "init-too-large": Text("initial weights too large", "너무 큰 가중치 초깃값"),
        "depth": Text(
            "many layers, each with a small loss or gain", "층마다 조금씩 줄거나 커지는 기울기가 쌓이는 깊이"
        ),
        "recurrence-contracts": Text("recurrent weights that shrink the gradient", "기울기를 줄이는 순환 가중치"),
        "recurrence-expands": Text("recurrent weights that amplify the gradient", "기울기를 키우는 순환 가중치"),
        "forget-gate": Text("forget gate half closed from the start", "처음부터 반쯤 닫힌 망각 게이트"),
        "learning-rate-too-high": Text("learning rate too high", "너무 큰 학습률"),
        "learning-rate-too-low": Text("learning rate too low", "너무 작은 학습률"),
        "input-scale": Text("scale of the inputs", "표준화되지 않은 입력의 크기"),
        "target-scale": Text("scale of the targets", "목푯값의 크기"),
        "no-normalisation": Text("no normalisation layer", "정규화 층이 없음"),
        "normalisation-depth": Text(
            "batch normalisation stacked deep without skips", "잔차 연결 없이 깊게 쌓은 배치 정규화"
        ),
        "residual-scale": Text("residual branches too large", "너무 큰 잔차 분기"),
        "attention-scale": Text("attention scores too large", "너무 큰 어텐션 점수"),
        "negative-bias": Text("biases far below zero", "0보다 훨씬 작은 편향"),
        "dead-at-birth": Text("units silent from the first step", "첫 스텝부터 죽어 있던 뉴런"),
        "outlier-batch": Text("single batches with outliers", "이상치가 든 일부 배치"),
        "number-format": Text("narrow range of the number format", "부동소수점 형식의 좁은 표현 범위"),
        "undefined-operation": Text(
            "operation that is undefined at its input (log or square root of 0, empty softmax)",
            "입력에서 정의되지 않는 연산 (0의 로그나 제곱근, 빈 소프트맥스)",
        ),
        "detached": Text("graph that is cut (detach, or a frozen or non-differentiable part)", "끊어진 계산 그래프"),
        "zero-init": Text("layers that start at zero on both sides of a product", "0으로 초기화된 가중치"),
        "rank-collapse": Text("outputs that no longer depend on the input", "입력에 따라 달라지지 않는 출력"),
        "weight-decay-too-large": Text("weight decay too large", "너무 큰 가중치 감쇠"),
        "loss-form": Text("loss that does not suit the output", "출력과 맞지 않는 손실 함수"),
        "loss-reduction": Text("loss summed instead of averaged", "평균 대신 합으로 계산한 손실"),
        "adversary": Text("discriminator that has won", "지나치게 앞선 판별자"),
        "clipping-too-tight": Text("clipping threshold too low", "너무 낮은 클리핑 기준"),
        "data": Text("data or labels", "데이터 또는 레이블"),
    }
)
"""The name of each cause of `vocabulary.CAUSES`, to stand alone in a line."""
