"""What a forecast admits: where it is approximate and what it assumed."""

from isograd.facts import Text

EDGES = Text(
    "Convolutions: zero padding is counted by its share of taps, and overlapping windows are taken as independent.",
    "합성곱: 제로 패딩은 커널 원소에서 차지하는 비율로만 계산하고, 겹치는 윈도는 서로 독립이라고 봅니다.",
)
RESIDUAL = Text(
    "Residual sums: branch and stream are taken as independent, so their gradients add as squares.",
    "잔차 합: 잔차 분기와 본 경로를 서로 독립으로 보아 기울기를 제곱합으로 더합니다.",
)
ATTENTION = Text(
    "Attention: scores are taken as Gaussian and independent of the values, and every mask as causal.",
    "어텐션: 점수는 값(value)과 독립인 정규 분포로, 마스크는 모두 인과적 마스크로 봅니다.",
)
RECURRENT = Text(
    "Recurrence: weights shared over time steps are taken as drawn anew at each, and gates as independent, so that"
    " the gradient of gated cells may shrink less than forecast; for gated networks a small gain at birth is a risk and"
    " no verdict.",
    "순환: 모든 시점이 공유하는 가중치를 시점마다 새로 뽑은 것으로, 게이트를 서로 독립으로 봅니다. 그래서 게이트가 "
    "있는 셀의 기울기는 예측보다 덜 줄어들 수 있습니다. 게이트가 있는 신경망에서 초기의 작은 이득은 위험 신호일 뿐 "
    "판정이 아닙니다.",
)
LARGEST = Text(
    "Pooling by the largest: the values in a window are taken as independent.",
    "최대 풀링: 윈도 안의 값들을 서로 독립으로 봅니다.",
)
META = Text(
    "The parameters hold no numbers (meta device): the default initialiser of each module's class was assumed.",
    "매개변수에 값이 없어(meta 장치) 각 모듈 클래스의 기본 초기화를 가정했습니다.",
)
DECIDED = Text(
    "The model asks whether a tensor is true, which a run without data cannot know: yes was assumed.",
    "모델이 텐서의 참·거짓을 묻지만 데이터 없이 실행해서는 알 수 없어 참이라고 가정했습니다.",
)
ORDER = Text(
    "The model could not be run without data, so its modules were taken in the order in which they were registered.",
    "데이터 없이 모델을 실행할 수 없어 모듈이 등록된 순서를 따랐습니다.",
)


def guessed(shape: tuple[int, ...]) -> Text:
    """No example was given."""
    text = " x ".join(map(str, shape))
    return Text(
        "No example was given: an input of shape {shape} was assumed.",
        "예시 입력이 없어 입력의 모양을 {shape}[으로/로] 가정했습니다.",
        {"shape": text},
    )


def unknown(operations: tuple[str, ...]) -> Text:
    """Operations without a rule."""
    return Text(
        "Taken as if they passed everything on unchanged: {operations}.",
        "입력을 그대로 통과시킨다고 본 연산: {operations}.",
        {"operations": ", ".join(operations)},
    )


def parametrised(names: tuple[str, ...]) -> Text:
    """Parameters that are computed from others."""
    return Text(
        "Computed weights were taken by the parameter behind them: {names}.",
        "계산으로 얻는 가중치는 그 바탕이 되는 매개변수로 보았습니다: {names}.",
        {"names": ", ".join(names)},
    )
