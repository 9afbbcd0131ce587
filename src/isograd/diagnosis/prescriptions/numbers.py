"""Prescriptions for causes in numbers, graph and data: formats, operations, cuts, the form of the loss, the data."""

from isograd.diagnosis.prescriptions.line import Line

NUMBERS: dict[str, tuple[Line, ...]] = {
    "number-format": (
        Line(
            "precision:loss-scale",
            "Keep the weights in float32, compute under torch.autocast, and scale the loss: scaler = "
            "torch.amp.GradScaler(); scaler.scale(loss).backward(); scaler.step(optimizer); scaler.update().",
            "가중치는 float32로 두고 torch.autocast에서 계산하며 손실 스케일링을 씁니다: scaler = "
            "torch.amp.GradScaler(); scaler.scale(loss).backward(); scaler.step(optimizer); scaler.update().",
            "Small gradients are lifted over the smallest number that float16 can hold, 6e-8.",
            "작은 기울기가 float16의 최솟값 6e-8 위로 올라갑니다.",
        ),
        Line(
            "precision:bf16",
            "Compute in bfloat16: torch.autocast(device, dtype=torch.bfloat16), with weights in float32.",
            "bfloat16으로 계산합니다: torch.autocast(device, dtype=torch.bfloat16). 가중치는 float32로 둡니다.",
            "The range is that of float32: neither underflow nor overflow at 65504.",
            "표현 범위가 float32와 같아 언더플로도, 65504에서의 오버플로도 없습니다.",
        ),
    ),
    "undefined-operation": (
        Line(
            "loss:stable",
            "Keep the operation off its singular point: log(x + 1e-8), sqrt(x + 1e-12), or the stable form "
            "(log_softmax, BCEWithLogitsLoss); mask before the operation, not after, and never a whole row of a "
            "softmax.",
            "연산이 특이점에 닿지 않게 합니다: log(x + 1e-8), sqrt(x + 1e-12), 또는 수치적으로 안정된 "
            "형태(log_softmax, BCEWithLogitsLoss). 마스크는 연산 뒤가 아니라 앞에 씌우고, 소프트맥스의 한 행을 모두 "
            "가리지는 않습니다.",
            "Value and slope stay finite on every example.",
            "모든 샘플에서 값과 미분값이 유한합니다.",
        ),
    ),
    "loss-form": (
        Line(
            "loss:stable",
            "Give the loss raw outputs: CrossEntropyLoss and BCEWithLogitsLoss apply softmax or sigmoid themselves; "
            "leave out the activation after {where}.",
            "손실에 활성화 함수를 거치지 않은 출력(로짓)을 넘깁니다. CrossEntropyLoss와 BCEWithLogitsLoss가 "
            "소프트맥스나 "
            "시그모이드를 스스로 적용하므로 {where} 뒤의 활성화 함수를 뺍니다.",
            "Outputs are squashed once instead of twice, and the gradient keeps its size.",
            "소프트맥스나 시그모이드가 두 번이 아니라 한 번만 적용되어 기울기가 크기를 유지합니다.",
        ),
    ),
    "detached": (),  # no change to the network helps: see `advice`
    "data": (),
}
"""Best first: the least invasive; none where no remedy of the vocabulary is what should be done."""
