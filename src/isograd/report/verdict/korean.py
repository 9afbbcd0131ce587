"""What remedies say of their changes, in Korean: they write a fixed set of phrases around names and numbers."""

import re

_PHRASES = tuple(
    (re.compile(english), korean)
    for english, korean in (
        (r"\brising to it over (.+) steps", r"\1스텝에 걸쳐 그 값까지 올림"),
        (r"\blearning rate (?=[-\d.])", "학습률 "),
        (r"\braw gradients", "기울기 그대로"),
        (r"\bmax_norm of the program's clip_grad_norm_", "프로그램이 clip_grad_norm_에 주는 max_norm"),
        (r"\bat least (?=[-\d.])", "최소 "),
        (r"\blosses as written", "작성된 그대로의 손실"),
        (r"\bstable forms of softmax, sigmoid and their losses; eps (\S+) for zero",
         r"수치적으로 안정된 소프트맥스, 시그모이드와 그 손실(0에는 eps \1)"),
        (r"\bloss (\S+) loss \* (.+), dynamic", r"손실 \1 손실 × \2, 동적"),
        (r"\bautocast in (\w+)", r"\1 autocast"),
        (r"\bpretrained as ", "사전 학습: "),
        (r"\bbinary RBM", "이진 RBM"),
        (r"\bGaussian RBM", "가우시안 RBM"),
        (r"\bgaussian RBM", "가우시안 RBM"),
        (r"\bdenoising autoencoder", "잡음 제거 오토인코더"),
        (r"(\d) epochs?\b", r"\1에포크"),
        (r"\breconstruction (?=[-\d.])", "재구성 오차 "),
        (r"\bno gate\b", "게이트 없음"),
        (r"\bforget biases\b", "망각 게이트 편향"),
        (r"\bmemory ([^ ]+(?: \.\. [^ ]+)?) steps", r"기억 \1시점"),
        (r"\binputs as given", "입력 그대로"),
        (r"\binput - ", "입력 - "),
        (r"\boutputs as they are", "출력 그대로"),
        (r"\boutput \* ", "출력 × "),
        (r", gradient over std\^(\S+)", r", 기울기는 std^\1로 나눔"),
        (r"\.\.\. (\d+) in all", r"... 모두 \1개"),
        (r"\bweight of length g\b", "가중치 길이 g"),
        (r"\ball (?=[-\d.])", "모두 "),
        (r"\bidentity\b", "단위행렬"),
        (r"\bmean (?=[-\d.])", "평균 "),
        (r"\bstd (?=[-\d.])", "표준편차 "),
        (r"\bleft as it is: ", "그대로 둠: "),
        (r"\bleft alone\b", "그대로 둠"),
    )
)  # fmt: skip


def in_korean(line: str) -> str:
    """A line of changes with the phrases that are known; what is not known stays English.

    >>> in_korean("0.bias: mean 0.1, std 0.2 -> all 0"), in_korean("learning rate 0.5 -> 0.05")
    ('0.bias: 평균 0.1, 표준편차 0.2 -> 모두 0', '학습률 0.5 -> 0.05')
    """
    for english, korean in _PHRASES:
        line = english.sub(korean, line)
    return line
