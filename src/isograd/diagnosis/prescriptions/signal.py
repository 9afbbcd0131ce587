"""Prescriptions for causes in the signal's way: activation, weights, depth, normalisation, branches, dead units."""

from isograd.diagnosis.prescriptions.line import Line

HE = Line(
    "init:he",
    "Initialise {where} with torch.nn.init.kaiming_normal_(weight, nonlinearity='{nonlinearity}') and zero biases.",
    "{where}의 가중치를 torch.nn.init.kaiming_normal_(weight, nonlinearity='{nonlinearity}')로, 편향은 0으로 "
    "초기화합니다.",
    "Each layer passes the gradient on at its own size.",
    "각 층이 기울기를 크기 그대로 전달합니다.",
)
_RELU = Line(
    "activation:relu",
    "Replace the activation after {where} with torch.nn.ReLU() and initialise with kaiming_normal_.",
    "{where} 뒤의 활성화 함수를 torch.nn.ReLU()로 바꾸고 kaiming_normal_로 초기화합니다.",
    "The slope is 1 for active units instead of at most 1/4, so that the product over layers no longer shrinks.",
    "활성 뉴런의 미분값이 최대 1/4이 아니라 1이 되어, 층마다 곱해도 줄어들지 않습니다.",
)
_SKIP = Line(
    "residual:skip",
    "Add the input of each block to its output: x = x + block(x).",
    "각 블록의 입력을 출력에 더합니다(잔차 연결): x = x + block(x).",
    "The gradient has a path with gain 1 past every block.",
    "기울기가 블록마다 이득이 1배인 우회 경로로 전달됩니다.",
)
_NORM_BATCH = Line(
    "norm:batch",
    "Put torch.nn.BatchNorm1d or BatchNorm2d between each of {where} and its activation.",
    "{where}[과/와] 활성화 함수 사이에 torch.nn.BatchNorm1d 또는 BatchNorm2d를 넣습니다.",
    "Pre-activations keep variance 1 at any depth.",
    "깊이와 관계없이 활성화 함수에 들어가는 값의 분산이 1로 유지됩니다.",
)
_LEAKY = Line(
    "activation:leaky-relu",
    "Replace the ReLU after {where} with torch.nn.LeakyReLU(0.01).",
    "{where} 뒤의 ReLU를 torch.nn.LeakyReLU(0.01)로 바꿉니다.",
    "A silent unit still passes a hundredth of the gradient and can come back.",
    "반응하지 않는 뉴런도 기울기의 1/100을 전달하므로 되살아날 수 있습니다.",
)
XAVIER = Line(
    "init:xavier",
    "Initialise {where} with torch.nn.init.xavier_uniform_(weight) and zero biases.",
    "{where}의 가중치를 torch.nn.init.xavier_uniform_(weight)로, 편향은 0으로 초기화합니다.",
    "Weights fit the layer's width: activations stay off the flat ends, and the gain a layer is near 0 decades with "
    "tanh or without an activation; a sigmoid still passes on at most a quarter.",
    "가중치가 층의 너비에 맞아 활성값이 포화 구간을 벗어납니다. tanh이거나 활성화 함수가 없으면 층당 이득이 "
    "1배(0자릿수)에 가까워지고, 시그모이드는 여전히 최대 1/4만 전달합니다.",
)

DRIVE = Line(
    "scale:input",
    "Lower what the inputs add in {where}: standardise them, and draw the input weights smaller, e.g. "
    "torch.nn.init.normal_(weight_ih, std=0.1 / math.sqrt(input_size)).",
    "{where}에 더해지는 입력의 크기를 낮춥니다. 입력을 표준화하고 입력 가중치를 더 작게 초기화합니다(예: "
    "torch.nn.init.normal_(weight_ih, std=0.1 / math.sqrt(input_size))).",
    "The state stays off the flat ends of its activation, and the gradient passes through time.",
    "상태가 활성화 함수의 포화 구간을 벗어나 기울기가 시간 방향으로 전달됩니다.",
)
"""For a recurrence, which inputs push against the ends of its activation at every time step."""

SIGNAL: dict[str, tuple[Line, ...]] = {
    "saturating-activation": (_RELU, _NORM_BATCH, _SKIP),
    "init-too-small": (HE, _NORM_BATCH, _SKIP),
    "init-too-large": (XAVIER, HE, _NORM_BATCH),
    "depth": (_SKIP, _NORM_BATCH),
    "no-normalisation": (
        Line(
            "norm:layer",
            "Put torch.nn.LayerNorm before each of {where}.",
            "{where} 앞에 각각 torch.nn.LayerNorm을 넣습니다.",
            "The size of the signal no longer depends on the layers before it.",
            "신호의 크기가 앞 층들의 영향을 받지 않습니다.",
        ),
        _NORM_BATCH,
    ),
    "normalisation-depth": (
        _SKIP,
        Line(
            "norm:layer",
            "Replace the batch normalisation of {where} with torch.nn.LayerNorm or GroupNorm.",
            "{where}의 배치 정규화를 torch.nn.LayerNorm 또는 GroupNorm으로 바꿉니다.",
            "Removes the factor of about 1.21 a layer that batch normalisation with ReLU puts on the gradient.",
            "배치 정규화와 ReLU가 층마다 기울기에 곱하는 약 1.21배를 없앱니다.",
        ),
    ),
    "residual-scale": (
        Line(
            "residual:scale",
            "Scale each branch by 1/sqrt(number of blocks): x = x + block(x) / math.sqrt(num_blocks).",
            "각 잔차 분기를 블록 수의 제곱근으로 나눕니다: x = x + block(x) / math.sqrt(num_blocks).",
            "The growth over all blocks together stays below a factor of e.",
            "모든 블록을 거쳐도 e배보다 커지지 않습니다.",
        ),
        Line(
            "residual:rezero",
            "Multiply each branch by a learned scalar that begins at 0: x = x + self.alpha * block(x).",
            "각 잔차 분기에 0에서 시작하는 학습 가능한 스칼라를 곱합니다: x = x + self.alpha * block(x).",
            "The network begins as the identity, with gain 0 decades.",
            "신경망이 항등 함수에서 출발하여 이득이 1배(0자릿수)가 됩니다.",
        ),
    ),
    "attention-scale": (
        Line(
            "norm:rms",
            "Normalise queries and keys of each head before their product, with torch.nn.RMSNorm(head_size).",
            "각 헤드의 쿼리와 키를 곱하기 전에 torch.nn.RMSNorm(head_size)로 정규화합니다.",
            "Scores no longer depend on the size of inputs and weights, and the softmax stays off its flat ends.",
            "점수가 입력과 가중치의 크기에 좌우되지 않아 소프트맥스가 포화 구간을 벗어납니다.",
        ),
    ),
    "negative-bias": (
        Line(
            "init:he",
            "Set the biases of {where} to zero (or slightly above) and initialise the weights with kaiming_normal_.",
            "{where}의 편향을 0(또는 약간 큰 값)으로 두고 가중치를 kaiming_normal_로 초기화합니다.",
            "About half of the units are active again on each example.",
            "샘플마다 뉴런의 약 절반이 다시 활성화됩니다.",
        ),
        _LEAKY,
    ),
    "dead-at-birth": (HE, _LEAKY),
    "zero-init": (
        Line(
            "init:he",
            "Give {where} random weights: kaiming_normal_ for ReLU, xavier_uniform_ otherwise; only biases may be "
            "zero.",
            "{where}의 가중치를 무작위로 초기화합니다: ReLU는 kaiming_normal_, 그 밖은 xavier_uniform_. 편향만 "
            "0이어도 됩니다.",
            "Units differ from each other, and the gradient passes to the layers below.",
            "뉴런들이 서로 달라지고 기울기가 아래층으로 전달됩니다.",
        ),
    ),
    "rank-collapse": (
        Line(
            "init:orthogonal",
            "Initialise {where} with torch.nn.init.orthogonal_.",
            "{where}의 가중치를 torch.nn.init.orthogonal_로 초기화합니다.",
            "Different inputs stay different up to the last layer.",
            "서로 다른 입력이 마지막 층까지 구별됩니다.",
        ),
        _NORM_BATCH,
        _SKIP,
    ),
    "input-scale": (
        Line(
            "scale:input",
            "Standardise what goes into {where}: x = (x - mean) / std, with mean and std of the training set.",
            "{where}에 들어가는 입력을 표준화합니다: x = (x - mean) / std (학습 데이터의 평균과 표준편차).",
            "The first layer works at the size that its initialisation is made for.",
            "첫 층이 초기화에서 가정한 크기의 입력을 받습니다.",
        ),
    ),
    "target-scale": (
        Line(
            "scale:target",
            "Standardise the targets: y = (y - mean) / std, and undo it after prediction.",
            "목푯값을 표준화하고(y = (y - mean) / std) 예측값은 다시 되돌립니다.",
            "Loss and gradient fall to the size that the learning rate is made for.",
            "손실과 기울기가 학습률에 맞는 크기로 줄어듭니다.",
        ),
    ),
}
"""Best first: the least invasive."""
