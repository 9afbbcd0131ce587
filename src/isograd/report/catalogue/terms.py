"""The glossary: each term in both languages, with the meaning that isograd gives it."""

from collections.abc import Mapping
from types import MappingProxyType

from isograd.facts import Text

TERMS: Mapping[str, Text] = MappingProxyType(
    {
        "vanishing-gradient": Text("vanishing gradient", "기울기 소실"),
        "exploding-gradient": Text("exploding gradient", "기울기 폭주"),
        "gradient": Text("gradient", "기울기"),
        "gradient-descent": Text("gradient descent", "경사 하강법"),
        "gain": Text("gradient gain", "기울기 이득"),
        "rho": Text("gain of one layer (rho)", "층별 이득 (rho)"),
        "decade": Text("decade", "자릿수"),
        "ledger": Text("gain ledger", "이득 분해표"),
        "backpropagation": Text("backpropagation", "역전파"),
        "forward-pass": Text("forward pass", "순전파"),
        "chain-rule": Text("chain rule", "연쇄 법칙"),
        "bptt": Text("backpropagation through time (BPTT)", "시간에 따른 역전파 (BPTT)"),
        "activation": Text("activation function", "활성화 함수"),
        "sigmoid": Text("sigmoid", "시그모이드"),
        "tanh": Text("hyperbolic tangent (tanh)", "하이퍼볼릭 탄젠트 (tanh)"),
        "saturation": Text("saturation", "포화"),
        "dead-relu": Text("dead ReLU", "죽은 ReLU"),
        "leaky-relu": Text("Leaky ReLU", "리키 ReLU (Leaky ReLU)"),
        "clipping": Text("gradient clipping", "기울기 클리핑"),
        "initialisation": Text("weight initialisation", "가중치 초기화"),
        "xavier": Text("Xavier (Glorot) initialisation", "세이비어(글로럿) 초기화"),
        "he": Text("He initialisation", "He 초기화"),
        "orthogonal": Text("orthogonal initialisation", "직교 초기화"),
        "batch-normalisation": Text("batch normalisation", "배치 정규화"),
        "layer-normalisation": Text("layer normalisation", "층 정규화"),
        "covariate-shift": Text("internal covariate shift", "내부 공변량 변화"),
        "residual": Text("residual (skip) connection", "잔차 연결 (스킵 연결)"),
        "learning-rate": Text("learning rate", "학습률"),
        "warm-up": Text("warm-up", "웜업"),
        "weight-decay": Text("weight decay", "가중치 감쇠"),
        "update-ratio": Text("update ratio", "갱신 비율 (가중치 대비 갱신 크기)"),
        "loss": Text("loss function", "손실 함수"),
        "plateau": Text("plateau", "정체 구간"),
        "divergence": Text("divergence", "발산"),
        "convergence": Text("convergence", "수렴"),
        "overflow": Text("numerical overflow", "오버플로"),
        "underflow": Text("numerical underflow", "언더플로"),
        "loss-scaling": Text("loss scaling", "손실 스케일링"),
        "mixed-precision": Text("mixed precision", "혼합 정밀도"),
        "recurrent": Text("recurrent network (RNN)", "순환 신경망 (RNN)"),
        "long-term-dependency": Text("long-term dependency", "장기 의존성"),
        "forget-gate": Text("forget gate", "망각 게이트 (삭제 게이트)"),
        "input-gate": Text("input gate", "입력 게이트"),
        "output-gate": Text("output gate", "출력 게이트"),
        "cell-state": Text("cell state", "셀 상태"),
        "hidden-state": Text("hidden state", "은닉 상태"),
        "spectral-radius": Text("spectral radius", "스펙트럼 반경"),
        "eigenvalue": Text("eigenvalue", "고유값"),
        "singular-value": Text("singular value", "특잇값"),
        "jacobian": Text("Jacobian", "야코비 행렬 (자코비안)"),
        "edge-of-chaos": Text("edge of chaos", "혼돈의 가장자리"),
        "pre-training": Text("pre-training", "사전 학습"),
        "fine-tuning": Text("fine-tuning", "미세 조정"),
        "dropout": Text("dropout", "드롭아웃"),
        "overfitting": Text("overfitting", "과적합"),
        "standardisation": Text("standardisation", "표준화"),
        "embedding": Text("embedding", "임베딩"),
        "diagnosis": Text("diagnosis", "진단"),
        "remedy": Text("remedy", "해결 방안"),
        "evidence": Text("evidence", "근거"),
        "intervention": Text("intervention", "개입"),
    }
)
"""Each term by its key."""

OTHER_WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "vanishing-gradient": ("기울기 소멸", "그래디언트 소실", "경사 소실", "gradient vanishing"),
        "exploding-gradient": ("기울기 폭발", "그래디언트 폭주", "그래디언트 폭발", "경사 폭발", "gradient explosion"),
        "gradient": ("그래디언트", "경사도"),
        "gradient-descent": ("경사 하강",),
        "backpropagation": ("오류 역전파", "오차 역전파", "backprop"),
        "activation": ("활성 함수",),
        "tanh": ("쌍곡탄젠트",),
        "dead-relu": ("dying ReLU", "죽은 렐루", "죽은 뉴런", "dead neuron", "dead unit"),
        "clipping": ("그래디언트 클리핑",),
        "xavier": ("세이비어 초기화", "글로럿 초기화"),
        "eigenvalue": ("고유치", "고윳값"),
        "overfitting": ("과대적합",),
        "warm-up": ("워밍업",),
    }
)
"""What else people call some of them."""
