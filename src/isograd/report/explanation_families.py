"""How the pages of remedies, causes and terms are grouped: one family is one file and one line of the list."""

from dataclasses import dataclass
from typing import Literal

from isograd.facts import Text

Kind = Literal["remedy", "cause", "term"]
"""What a page explains."""


@dataclass(frozen=True)
class Family:
    """Pages that belong together."""

    kind: Kind
    """What they explain."""
    name: str
    """Name of their file."""
    title: Text
    """What they have in common."""


FAMILIES: tuple[Family, ...] = (
    Family("remedy", "activation", Text("activation", "활성화 함수")),
    Family("remedy", "init", Text("initial values", "초기화")),
    Family("remedy", "norm", Text("normalisation", "정규화")),
    Family("remedy", "residual", Text("shortcuts", "잔차 연결")),
    Family("remedy", "clip", Text("clipping", "클리핑")),
    Family("remedy", "recurrent", Text("recurrence", "순환")),
    Family("remedy", "pretrain", Text("pre-training", "사전 학습")),
    Family("remedy", "scale", Text("data", "데이터")),
    Family("remedy", "lr", Text("learning rate", "학습률")),
    Family("remedy", "precision", Text("number format", "부동소수점 형식")),
    Family("remedy", "loss", Text("loss", "손실")),
    Family("cause", "weights", Text("initial values", "초깃값")),
    Family("cause", "architecture", Text("architecture", "구조")),
    Family("cause", "recurrence", Text("recurrence", "순환")),
    Family("cause", "optimisation", Text("training", "학습")),
    Family("cause", "data", Text("data", "데이터")),
    Family("cause", "loss", Text("loss and graph", "손실과 그래프")),
    Family("cause", "numbers", Text("numbers", "수치 계산")),
    Family("term", "gradients", Text("gradients", "기울기")),
    Family("term", "activations", Text("activations", "활성화 함수")),
    Family("term", "weights", Text("initial values", "초깃값")),
    Family("term", "layers", Text("layers", "층")),
    Family("term", "training", Text("training", "학습")),
    Family("term", "numbers", Text("numbers", "수치 계산")),
    Family("term", "recurrence", Text("recurrence", "순환")),
    Family("term", "mathematics", Text("mathematics", "수학")),
    Family("term", "findings", Text("findings", "진단")),
)
"""Every family, in the order of the list."""
