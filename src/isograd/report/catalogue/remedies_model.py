"""Remedies that change the model: its activations, initial values, normalisation, shortcuts and recurrence.

Each is its title and the sentence of what to change.
"""

from isograd.facts import Text


def _activation(name: str, korean: str, module: str) -> tuple[Text, Text]:
    return (
        Text(f"{name} as activation", f"{korean} 활성화 함수"),
        Text(
            f"Replace nn.Sigmoid or torch.sigmoid (or nn.Tanh) between hidden layers by {module}; "
            "leave the output layer as it is.",
            f"은닉층의 nn.Sigmoid나 torch.sigmoid(또는 nn.Tanh)를 {module}[으로/로] 바꿉니다. 출력층은 그대로 둡니다.",
        ),
    )


MODEL_REMEDIES: dict[str, tuple[Text, Text]] = {
    "activation:relu": _activation("ReLU", "ReLU", "nn.ReLU()"),
    "activation:leaky-relu": (
        Text("Leaky ReLU as activation", "리키 ReLU 활성화 함수"),
        Text(
            "Replace nn.ReLU() by nn.LeakyReLU(0.01), whose slope is never zero.",
            "nn.ReLU()를 미분값이 0이 되지 않는 nn.LeakyReLU(0.01)로 바꿉니다.",
        ),
    ),
    "activation:elu": _activation("ELU", "ELU", "nn.ELU()"),
    "activation:selu": (
        Text("SELU as activation", "SELU 활성화 함수"),
        Text(
            "Use nn.SELU() with LeCun initialisation (nn.init.normal_(w, std=fan_in ** -0.5)) and nn.AlphaDropout.",
            "nn.SELU()를 LeCun 초기화(nn.init.normal_(w, std=fan_in ** -0.5)), nn.AlphaDropout과 함께 사용합니다.",
        ),
    ),
    "activation:gelu": _activation("GELU", "GELU", "nn.GELU()"),
    "activation:silu": _activation("SiLU", "SiLU", "nn.SiLU()"),
    "activation:prelu": (
        Text("PReLU as activation", "PReLU 활성화 함수"),
        Text(
            "Replace nn.ReLU() by nn.PReLU(), which learns its slope on the negative side.",
            "nn.ReLU()를 음수 구간의 기울기를 학습하는 nn.PReLU()로 바꿉니다.",
        ),
    ),
    "activation:tanh": (
        Text("Tanh as activation", "하이퍼볼릭 탄젠트 활성화 함수"),
        Text(
            "Replace nn.Sigmoid or torch.sigmoid in hidden layers by nn.Tanh(), whose slope at zero is 1 and not 1/4.",
            "은닉층의 nn.Sigmoid나 torch.sigmoid를 nn.Tanh()로 바꿉니다. 0에서의 미분값이 1/4이 아니라 1입니다.",
        ),
    ),
    "init:xavier": (
        Text("Xavier (Glorot) initialisation", "세이비어(글로럿) 초기화"),
        Text(
            "After building the model, call nn.init.xavier_uniform_(layer.weight) and nn.init.zeros_(layer.bias) "
            "on every layer.",
            "모델을 만든 뒤 모든 층에 nn.init.xavier_uniform_(layer.weight)와 nn.init.zeros_(layer.bias)를 호출합니다.",
        ),
    ),
    "init:he": (
        Text("He initialisation", "He 초기화"),
        Text(
            'After building the model, call nn.init.kaiming_normal_(layer.weight, nonlinearity="relu") and '
            "nn.init.zeros_(layer.bias) on every layer.",
            '모델을 만든 뒤 모든 층에 nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")와 '
            "nn.init.zeros_(layer.bias)를 호출합니다.",
        ),
    ),
    "init:lecun": (
        Text("LeCun initialisation", "LeCun 초기화"),
        Text(
            "After building the model, call nn.init.normal_(layer.weight, std=fan_in ** -0.5) on every layer, "
            "where fan_in is the number of inputs of a unit.",
            "모델을 만든 뒤 모든 층에 nn.init.normal_(layer.weight, std=fan_in ** -0.5)를 호출합니다. "
            "fan_in은 뉴런 하나의 입력 수입니다.",
        ),
    ),
    "init:orthogonal": (
        Text("Orthogonal initialisation", "직교 초기화"),
        Text(
            "Call nn.init.orthogonal_(weight) on every weight matrix; in a recurrent layer on weight_hh_l0.",
            "모든 가중치 행렬에, 순환층에서는 weight_hh_l0에 nn.init.orthogonal_(weight)를 호출합니다.",
        ),
    ),
    "init:lsuv": (
        Text("LSUV initialisation", "LSUV 초기화"),
        Text(
            "Initialise orthogonally, then pass one batch through and divide each weight by the standard deviation "
            "of its layer's output, layer by layer.",
            "직교 초기화를 한 뒤 배치 하나를 통과시키면서, 앞 층부터 차례로 가중치를 그 층 출력의 표준편차로 나눕니다.",
        ),
    ),
    "init:identity-recurrent": (
        Text("Identity as recurrent weight", "단위행렬로 시작하는 순환 가중치"),
        Text(
            'Use nn.RNN(nonlinearity="relu") and start with nn.init.eye_(rnn.weight_hh_l0) and zero biases.',
            'nn.RNN(nonlinearity="relu")를 쓰고 nn.init.eye_(rnn.weight_hh_l0)와 0인 편향으로 시작합니다.',
        ),
    ),
    "init:forget-bias": (
        Text("Positive forget-gate bias", "망각 게이트의 양수 편향 초기화"),
        Text(
            "Set the second quarter of lstm.bias_ih_l0 to 1 (with n units: bias[n:2 * n].fill_(1.0)), "
            "so that the cell remembers from the start.",
            "lstm.bias_ih_l0의 두 번째 4분의 1을 1로 둡니다(유닛 n개: bias[n:2 * n].fill_(1.0)). "
            "셀이 처음부터 기억을 유지합니다.",
        ),
    ),
    "init:chrono": (
        Text("Chrono initialisation of the gates", "게이트의 크로노 초기화"),
        Text(
            "Draw the forget-gate biases as log(uniform(1, T - 1)) for sequences of length T, "
            "and set those of the input gate to their negatives.",
            "길이가 T인 시퀀스에 대해 망각 게이트의 편향을 log(uniform(1, T - 1))로 뽑고, "
            "입력 게이트의 편향은 부호를 바꾼 값으로 둡니다.",
        ),
    ),
    "norm:batch": (
        Text("Batch normalisation", "배치 정규화"),
        Text(
            "Insert nn.BatchNorm1d(width) (nn.BatchNorm2d(channels) after convolutions) between each layer "
            "and its activation.",
            "각 층과 활성화 함수 사이에 nn.BatchNorm1d(width)를 넣습니다. "
            "합성곱 뒤에는 nn.BatchNorm2d(channels)를 씁니다.",
        ),
    ),
    "norm:layer": (
        Text("Layer normalisation", "층 정규화"),
        Text(
            "Insert nn.LayerNorm(width) before each block (pre-norm), or between each layer and its activation.",
            "각 블록의 앞(프리놈, pre-norm)이나 각 층과 활성화 함수 사이에 nn.LayerNorm(width)를 넣습니다.",
        ),
    ),
    "norm:rms": (
        Text("RMS normalisation", "RMS 정규화"),
        Text("Insert nn.RMSNorm(width) before each block.", "각 블록의 앞에 nn.RMSNorm(width)를 넣습니다."),
    ),
    "norm:group": (
        Text("Group normalisation", "그룹 정규화"),
        Text(
            "Insert nn.GroupNorm(num_groups, channels) after each convolution; it does not depend on the batch size.",
            "각 합성곱 뒤에 배치 크기와 무관한 nn.GroupNorm(num_groups, channels)를 넣습니다.",
        ),
    ),
    "norm:weight": (
        Text("Weight normalisation", "가중치 정규화"),
        Text(
            "Wrap each layer in torch.nn.utils.parametrizations.weight_norm(layer).",
            "각 층을 torch.nn.utils.parametrizations.weight_norm(layer)로 감쌉니다.",
        ),
    ),
    "residual:skip": (
        Text("Residual connections", "잔차 연결"),
        Text(
            "Return x + f(x) instead of f(x) from each block of layers, where the shapes agree.",
            "입출력의 모양이 같은 블록마다 f(x) 대신 x + f(x)를 반환합니다.",
        ),
    ),
    "residual:rezero": (
        Text("Residual branches that start at zero (ReZero)", "0에서 시작하는 잔차 분기 (ReZero)"),
        Text(
            "Give each block self.alpha = nn.Parameter(torch.zeros(1)) and return x + self.alpha * f(x).",
            "블록마다 self.alpha = nn.Parameter(torch.zeros(1))을 두고 x + self.alpha * f(x)를 반환합니다.",
        ),
    ),
    "residual:scale": (
        Text("Scaled residual branches", "잔차 분기의 크기 조절"),
        Text(
            "Return x + f(x) / L ** 0.5 from each of the L blocks.",
            "블록 L개 각각에서 x + f(x) / L ** 0.5를 반환합니다.",
        ),
    ),
    "recurrent:lstm": (
        Text("LSTM instead of a plain recurrence", "단순 순환 신경망 대신 LSTM"),
        Text(
            "Replace nn.RNN(...) by nn.LSTM(...) of the same sizes; its state is the pair (h, c).",
            "nn.RNN(...)을 같은 크기의 nn.LSTM(...)으로 바꿉니다. 상태는 (h, c) 쌍입니다.",
        ),
    ),
    "recurrent:gru": (
        Text("GRU instead of a plain recurrence", "단순 순환 신경망 대신 GRU"),
        Text(
            "Replace nn.RNN(...) by nn.GRU(...) of the same sizes; the rest of the code stays.",
            "nn.RNN(...)을 같은 크기의 nn.GRU(...)로 바꿉니다. 나머지 코드는 그대로 둡니다.",
        ),
    ),
}
"""Remedies of the model, by name."""
