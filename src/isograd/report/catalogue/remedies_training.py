"""Remedies that leave the model as it is: clipping, pre-training, scales, learning rate, number format, loss.

Each is its title and the sentence of what to change.
"""

from isograd.facts import Text

TRAINING_REMEDIES: dict[str, tuple[Text, Text]] = {
    "clip:value": (
        Text("Gradient clipping by value", "값 기준 기울기 클리핑"),
        Text(
            "Call torch.nn.utils.clip_grad_value_(model.parameters(), 1.0) between backward() and step().",
            "backward()와 step() 사이에 torch.nn.utils.clip_grad_value_(model.parameters(), 1.0)을 호출합니다.",
        ),
    ),
    "clip:norm": (
        Text("Gradient clipping by norm", "노름 기준 기울기 클리핑"),
        Text(
            "Call torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0) between backward() and step().",
            "backward()와 step() 사이에 torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)을 호출합니다.",
        ),
    ),
    "clip:adaptive": (
        Text("Adaptive gradient clipping (AGC)", "적응형 기울기 클리핑 (AGC)"),
        Text(
            "Between backward() and step(), scale the gradient of each unit down to 0.01 of its weight's norm "
            "where it is larger; leave out the last layer.",
            "backward()와 step() 사이에서, 가중치 노름의 0.01배보다 큰 뉴런별 기울기를 그 크기로 줄입니다. "
            "마지막 층은 제외합니다.",
        ),
    ),
    "clip:auto": (
        Text("Clipping at a percentile of past norms (AutoClip)", "과거 노름의 백분위수로 클리핑 (AutoClip)"),
        Text(
            "Keep the gradient norms of all steps so far and call clip_grad_norm_ with their 10th percentile.",
            "지금까지의 기울기 노름을 모아 두고 그 10번째 백분위수로 clip_grad_norm_을 호출합니다.",
        ),
    ),
    "clip:zscore": (
        Text("Clipping of outlying norms only (ZClip)", "이상치만 클리핑 (ZClip)"),
        Text(
            "Keep a running mean and deviation of the gradient norm, and clip only steps more than 2.5 deviations "
            "above the mean.",
            "기울기 노름의 이동 평균과 표준편차를 유지하고, 평균보다 2.5 표준편차 넘게 큰 스텝만 클리핑합니다.",
        ),
    ),
    "pretrain:dbn": (
        Text("Layer-wise pre-training as a deep belief network", "심층 신뢰 신경망(DBN) 층별 사전 학습"),
        Text(
            "Train each layer in turn as a restricted Boltzmann machine on the output of the layers below, "
            "then fine-tune the whole network.",
            "아래층의 출력을 입력으로 각 층을 제한 볼츠만 머신으로 차례로 학습한 뒤 전체를 미세 조정합니다.",
        ),
    ),
    "pretrain:autoencoder": (
        Text("Layer-wise pre-training as autoencoders", "오토인코더 층별 사전 학습"),
        Text(
            "Train each layer in turn to restore the output of the layers below, then fine-tune the whole network.",
            "각 층이 아래층의 출력을 복원하도록 차례로 학습한 뒤 전체를 미세 조정합니다.",
        ),
    ),
    "scale:input": (
        Text("Standardised inputs", "입력 표준화"),
        Text(
            "Standardise the inputs before training: x = (x - mean) / std, with mean and std of the training set "
            "for each feature.",
            "학습 전에 입력을 표준화합니다: x = (x - mean) / std. 평균과 표준편차는 학습 데이터에서 특성별로 구합니다.",
        ),
    ),
    "scale:target": (
        Text("Standardised targets", "목푯값 표준화"),
        Text(
            "Standardise the targets before training, y = (y - mean) / std, and undo it on predictions.",
            "학습 전에 목푯값을 표준화하고(y = (y - mean) / std), 예측값은 다시 되돌립니다.",
        ),
    ),
    "lr:lower": (
        Text("Lower learning rate", "더 작은 학습률"),
        Text(
            "Divide the learning rate by 10: lr=... in the optimizer's constructor.",
            "옵티마이저를 만들 때 주는 lr 값을 10분의 1로 줄입니다.",
        ),
    ),
    "lr:raise": (
        Text("Higher learning rate", "더 큰 학습률"),
        Text(
            "Multiply the learning rate by 10: lr=... in the optimizer's constructor.",
            "옵티마이저를 만들 때 주는 lr 값을 10배로 늘립니다.",
        ),
    ),
    "lr:warmup": (
        Text("Learning-rate warm-up", "학습률 웜업"),
        Text(
            "Let the learning rate rise over the first steps: torch.optim.lr_scheduler.LinearLR(optimizer, 0.01, "
            "total_iters=1000), with scheduler.step() after each optimizer.step().",
            "처음 몇 스텝 동안 학습률을 서서히 올립니다: torch.optim.lr_scheduler.LinearLR(optimizer, 0.01, "
            "total_iters=1000)을 만들고 optimizer.step() 다음에 scheduler.step()을 호출합니다.",
        ),
    ),
    "precision:loss-scale": (
        Text("Loss scaling", "손실 스케일링"),
        Text(
            'With scaler = torch.amp.GradScaler("cuda"), call scaler.scale(loss).backward(), scaler.step(optimizer) '
            "and scaler.update().",
            'scaler = torch.amp.GradScaler("cuda")를 만들고 scaler.scale(loss).backward(), '
            "scaler.step(optimizer), scaler.update()를 호출합니다.",
        ),
    ),
    "precision:bf16": (
        Text("bfloat16 instead of float16", "float16 대신 bfloat16"),
        Text(
            "Use torch.autocast(..., dtype=torch.bfloat16), whose range is that of float32.",
            "표현 범위가 float32와 같은 torch.autocast(..., dtype=torch.bfloat16)을 사용합니다.",
        ),
    ),
    "loss:stable": (
        Text("Numerically stable loss", "수치적으로 안정된 손실 함수"),
        Text(
            "Give the loss raw outputs: nn.CrossEntropyLoss without a softmax before it, nn.BCEWithLogitsLoss without "
            "a sigmoid; add a small eps inside log, sqrt and division.",
            "손실 함수에 로짓을 그대로 넘깁니다: 소프트맥스 없이 nn.CrossEntropyLoss, 시그모이드 없이 "
            "nn.BCEWithLogitsLoss. log, sqrt, 나눗셈 안에는 작은 eps를 더합니다.",
        ),
    ),
}
"""Remedies of the training, by name."""
