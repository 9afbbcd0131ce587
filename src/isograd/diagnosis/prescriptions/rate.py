"""Prescriptions for causes in the step: learning rate, clipping, weight decay, recurrence, outlying batches."""

from isograd.diagnosis.prescriptions.line import Line

_LOWER = Line(
    "lr:lower",
    "Lower the learning rate {lowered}.",
    "학습률을 {lowered} 낮춥니다.",
    "Steps become small against the curvature of the loss, and the loss falls steadily.",
    "갱신이 손실의 곡률에 비해 작아져 손실이 꾸준히 줄어듭니다.",
)
_WARMUP = Line(
    "lr:warmup",
    "Raise the learning rate linearly over the first steps: torch.optim.lr_scheduler.LinearLR(optimizer, 0.01, 1.0, "
    "100).",
    "처음 몇 스텝 동안 학습률을 서서히 올립니다(웜업): torch.optim.lr_scheduler.LinearLR(optimizer, 0.01, 1.0, 100).",
    "The first steps, where the loss is steepest, stay small.",
    "손실이 가장 가파른 초반의 갱신이 작게 유지됩니다.",
)
_CLIP = Line(
    "clip:norm",
    "Call torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0) between loss.backward() and optimizer.step().",
    "loss.backward()와 optimizer.step() 사이에서 torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)을 호출합니다.",
    "No single step can be larger than the limit; the direction stays.",
    "한 번의 갱신이 기준보다 커질 수 없으며, 방향은 유지됩니다.",
)
_ZSCORE = Line(
    "clip:zscore",
    "Clip against the recent norms: keep a running mean and deviation of the gradient norm, and clip only steps more "
    "than 2.5 deviations above the mean.",
    "최근 노름에 맞추어 클리핑합니다: 기울기 노름의 이동 평균과 표준편차를 유지하고, 평균보다 2.5 표준편차 넘게 큰 "
    "스텝만 클리핑합니다.",
    "One batch can no longer undo what many others built, and ordinary steps are left alone.",
    "배치 하나 때문에 그동안 학습한 것이 망가지지 않으며, 보통의 스텝은 그대로 둡니다.",
)
_LSTM = Line(
    "recurrent:lstm",
    "Replace torch.nn.RNN in {where} with torch.nn.LSTM and set its forget-gate bias to 1.",
    "{where}의 torch.nn.RNN을 torch.nn.LSTM으로 바꾸고 망각 게이트 편향을 1로 둡니다.",
    "The cell state carries the gradient over many steps.",
    "셀 상태가 기울기를 여러 시점에 걸쳐 전달합니다.",
)
_ORTHOGONAL = Line(
    "init:orthogonal",
    "Initialise the recurrent weight of {where} with torch.nn.init.orthogonal_(weight_hh).",
    "{where}의 순환 가중치를 torch.nn.init.orthogonal_(weight_hh)로 초기화합니다.",
    "Every singular value is 1: the gain a time step is near 0 decades.",
    "모든 특잇값이 1이 되어 시점당 이득이 1배(0자릿수)에 가까워집니다.",
)

RATE: dict[str, tuple[Line, ...]] = {
    "learning-rate-too-high": (_LOWER, _WARMUP, _CLIP),
    "learning-rate-too-low": (
        Line(
            "lr:raise",
            "Raise the learning rate {raised}{or_adam}.",
            "학습률을 {raised} 높입니다.{or_adam}",
            "Weights move by about a thousandth of their size a step, and the loss begins to fall.",
            "가중치가 스텝마다 크기의 약 1/1000씩 움직여 손실이 줄기 시작합니다.",
        ),
    ),
    "clipping-too-tight": (
        Line(
            "clip:norm",
            "Raise the limit given to torch.nn.utils.clip_grad_norm_ to about the median norm before clipping.",
            "torch.nn.utils.clip_grad_norm_에 주는 기준을 클리핑 전 기울기 노름의 중앙값 정도로 높입니다.",
            "Only outlying steps are cut, and ordinary steps keep their size.",
            "튀는 스텝에서만 클리핑되고, 보통의 스텝에서는 갱신이 크기를 유지합니다.",
        ),
        _ZSCORE,
    ),
    "weight-decay-too-large": (
        Line(
            "norm:batch",
            "If the decay has to stay: put torch.nn.BatchNorm1d or BatchNorm2d between each of {where} and its "
            "activation.",
            "가중치 감쇠를 그대로 두어야 한다면 {where}[과/와] 활성화 함수 사이에 torch.nn.BatchNorm1d 또는 "
            "BatchNorm2d를 넣습니다.",
            "What a normalised layer gives does not depend on the size of its weights.",
            "정규화된 층의 출력은 가중치의 크기에 좌우되지 않습니다.",
        ),
    ),
    "outlier-batch": (_CLIP, _ZSCORE),
    "recurrence-contracts": (_ORTHOGONAL, _LSTM),
    "recurrence-expands": (_CLIP, _ORTHOGONAL, _LSTM),
    "forget-gate": (
        Line(
            "init:forget-bias",
            "Set the forget-gate bias of {where} to 1: bias[hidden:2*hidden].data.fill_(1.0) of bias_ih, 0 of bias_hh.",
            "{where}의 망각 게이트 편향을 1로 둡니다: bias_ih의 bias[hidden:2*hidden].data.fill_(1.0), bias_hh는 0.",
            "The cell keeps 73 % a time step instead of 50 % or less.",
            "셀이 시점마다 기억을 50% 이하가 아니라 73% 유지합니다.",
        ),
        Line(
            "init:chrono",
            "For long sequences draw the forget-gate bias as log U(1, T-1) and set the input gate's to its negative.",
            "긴 시퀀스에서는 망각 게이트 편향을 log U(1, T-1)로 뽑고, 입력 게이트 편향은 부호를 바꾼 값으로 둡니다.",
            "The memory of the cell reaches over the length T.",
            "셀의 기억이 길이 T에 걸쳐 이어집니다.",
        ),
    ),
    "loss-reduction": (
        Line(
            "lr:lower",
            "If the sum over the batch has to stay: divide {the_rate} by the batch size.",
            "배치의 합을 그대로 써야 한다면 {the_rate} 배치 크기로 나눕니다.",
            "A step no longer grows with the batch.",
            "갱신이 더는 배치 크기에 비례해 커지지 않습니다.",
        ),
    ),
    "adversary": (
        Line(
            "lr:lower",
            "Give the discriminator a smaller learning rate than {where} has: {a_quarter}, say.",
            "판별자의 학습률을 {where}의 학습률보다 낮춥니다(예: {a_quarter}).",
            "The discriminator does not run so far ahead that nothing is left to learn from it.",
            "판별자가 너무 앞서가지 않아 생성자가 배울 것이 남습니다.",
        ),
    ),
}
"""Best first: the least invasive."""
