"""What a problem, a severity and a health are called."""

from collections.abc import Mapping
from types import MappingProxyType

from isograd.facts import Health, Problem, Severity, Text

PROBLEMS: Mapping[Problem, Text] = MappingProxyType(
    {
        "vanishing": Text("Vanishing gradient", "기울기 소실"),
        "exploding": Text("Exploding gradient", "기울기 폭주"),
        "dead-units": Text("Dead units", "죽은 뉴런"),
        "saturation": Text("Saturated units", "포화된 뉴런"),
        "non-finite": Text("Values that are not finite (NaN or infinity)", "유한하지 않은 값 (NaN 또는 무한대)"),
        "underflow": Text("Gradient lost to rounding (underflow)", "기울기 언더플로"),
        "instability": Text("Unstable training", "불안정한 학습"),
        "stalled": Text("Stalled training", "학습 정체"),
    }
)
"""The name of each problem, as a heading."""

MEANINGS: Mapping[Problem, Text] = MappingProxyType(
    {
        "vanishing": Text(
            "The gradient shrinks on its way back, so that the layers near the input hardly learn.",
            "역전파되면서 기울기가 작아져 입력층에 가까운 층이 거의 학습되지 않습니다.",
        ),
        "exploding": Text(
            "The gradient grows on its way back, so that a step throws the weights far off.",
            "역전파되면서 기울기가 커져 한 번의 갱신으로 가중치가 크게 벗어납니다.",
        ),
        "dead-units": Text(
            "Units that are silent on every example pass no gradient on and cannot learn.",
            "모든 샘플에서 출력이 0인 뉴런은 기울기를 전달하지 못하고 학습되지도 않습니다.",
        ),
        "saturation": Text(
            "Activations sit where their slope is next to nothing, so that little gradient passes.",
            "활성값이 활성화 함수의 평평한 구간에 머물러 기울기가 거의 전달되지 않습니다.",
        ),
        "non-finite": Text(
            "A NaN or an infinity has appeared; everything computed from it is lost.",
            "NaN이나 무한대가 나타났고, 그 값으로 계산한 결과는 모두 쓸 수 없습니다.",
        ),
        "underflow": Text(
            "The gradient is smaller than its number format can hold, and is rounded to zero.",
            "기울기가 부동소수점 형식으로 나타낼 수 있는 값보다 작아 0으로 반올림됩니다.",
        ),
        "instability": Text(
            "The training diverges or oscillates although gradients pass well.",
            "기울기는 잘 전달되지만 학습이 발산하거나 진동합니다.",
        ),
        "stalled": Text(
            "The training does not get better although gradients are healthy: look at data, labels and learning rate.",
            "기울기는 정상이지만 학습이 나아지지 않습니다. 데이터, 레이블, 학습률을 살펴보아야 합니다.",
        ),
    }
)
"""Each problem in one sentence."""

SEVERITIES: Mapping[Severity, Text] = MappingProxyType(
    {
        "error": Text("error", "오류"),
        "warning": Text("warning", "경고"),
        "note": Text("note", "참고"),
    }
)
"""How grave a finding is."""

HEALTHS: Mapping[Health, Text] = MappingProxyType(
    {
        "healthy": Text("healthy", "정상"),
        "warning": Text("needs attention", "주의 필요"),
        "failing": Text("failing", "학습 실패"),
        "unknown": Text("no verdict", "판정 보류"),
    }
)
"""The verdict on a run."""
