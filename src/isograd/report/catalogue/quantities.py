"""What a measured quantity is called."""

from collections.abc import Mapping
from types import MappingProxyType

from isograd.facts import Text

QUANTITIES: Mapping[str, Text] = MappingProxyType(
    {
        # Gradient sizes and gains
        "gain": Text("gradient gain, last layer to first", "기울기 이득 (마지막 층에서 첫 층까지)"),
        "gain_at_start": Text("gradient gain at the start of the run", "학습 초기의 기울기 이득"),
        "gain_per_layer": Text("gradient gain per layer", "층당 기울기 이득"),
        "time_gain": Text(
            "gradient gain through time, last step to first", "시간 방향 기울기 이득 (마지막에서 처음까지)"
        ),
        "time_gain_at_start": Text("gradient gain through time at the start", "학습 초기의 시간 방향 기울기 이득"),
        "time_gain_per_step": Text("gradient gain per time step", "시점당 기울기 이득"),
        "memory_length": Text(
            "effective memory, time steps in which the gradient falls by e",
            "유효 기억 길이 (기울기가 1/e로 줄어드는 데 걸리는 시점 수)",
        ),
        "forgotten_lag": Text(
            "way back after which less than 1 % of the gradient is left",
            "기울기가 1% 미만만 남기까지 거슬러 간 시점 수",
        ),
        "sequence_length": Text("length of the sequences", "시퀀스 길이"),
        "gradient_since_start": Text("gradient norm now against the start", "처음 대비 현재 기울기 노름"),
        "growth_before": Text("growth of the gradient just before", "직전까지 기울기가 커진 정도"),
        "clipped": Text("factor that clipping takes off the gradient", "클리핑이 기울기를 줄인 배율"),
        "clipped_steps": Text("steps in which clipping took effect", "클리핑이 작동한 스텝의 비율"),
        "rho": Text("gradient gain across one layer", "층 하나의 기울기 이득"),
        "gradient_log10": Text("gradient size at the layer", "층의 기울기 크기"),
        "weight_gradient_log10": Text("gradient size of the weights", "가중치의 기울기 크기"),
        "raw_log10": Text("gradient norm before clipping", "클리핑 전 기울기 노름"),
        "applied_log10": Text("gradient norm given to the optimizer", "옵티마이저가 받은 기울기 노름"),
        # The ledger of one gain
        "slope": Text("part of the gain: largest slope of the activation", "이득의 몫: 활성화 함수의 최대 미분값"),
        "gate": Text("part of the gain: saturation and gating", "이득의 몫: 포화와 게이트"),
        "weight": Text("part of the gain: weights", "이득의 몫: 가중치"),
        "norm": Text("part of the gain: normalisation", "이득의 몫: 정규화"),
        "skip": Text("part of the gain: skip connections", "이득의 몫: 잔차 연결"),
        "other": Text("part of the gain: pooling, dropout and the rest", "이득의 몫: 풀링, 드롭아웃 등"),
        # Shares
        "saturation_share": Text("saturated activations", "포화된 활성값"),
        "dead_share": Text("units silent on the whole batch", "배치 전체에서 출력이 0인 뉴런"),
        "dead_lasting_share": Text("units silent in every recent reading", "최근 측정에서 줄곧 출력이 0인 뉴런"),
        "dead_at_start": Text("units silent at the start of the run", "학습 초기에 출력이 0인 뉴런"),
        "saturation_at_start": Text("saturated activations at the start of the run", "학습 초기의 포화된 활성값"),
        "input_dependent": Text(
            "share of the last layer's input that depends on the example",
            "마지막 층 입력 중 데이터에 따라 달라지는 비율",
        ),
        "unreached": Text("parameters that no gradient has reached", "기울기가 도달하지 않은 매개변수"),
        "zero_share": Text("gradient entries that are exactly zero", "정확히 0인 기울기 성분"),
        "nonfinite_share": Text("gradient entries that are not finite", "유한하지 않은 기울기 성분"),
        "underflow_share": Text("gradient entries below the normal range", "정규 범위보다 작은 기울기 성분"),
        "input_share": Text("share of the input that depends on the example", "데이터에 따라 달라지는 입력의 비율"),
        "epsilon_floor_share": Text("weights held back by the optimizer's eps", "옵티마이저의 엡실론에 묶인 가중치"),
        # Sizes of what goes through
        "input_rms": Text("root mean square of the input", "입력의 제곱평균제곱근"),
        "input_max": Text("largest magnitude of the input", "입력의 최대 크기"),
        "weight_scale": Text("weight scale, sqrt(fan_in) x rms(W)", "가중치 크기, sqrt(fan_in) x rms(W)"),
        "weight_max": Text("largest magnitude of the weights", "가중치의 최대 크기"),
        "travel": Text("way that the weights went in the whole run", "전체 실행 동안 가중치가 움직인 정도"),
        "update_ratio": Text("update ratio, step against weight", "갱신 비율 (가중치 대비 갱신 크기)"),
        # Loss and steps
        "loss": Text("loss", "손실"),
        "loss_start": Text("loss at the start", "처음 손실"),
        "loss_end": Text("loss at the end", "마지막 손실"),
        "loss_best": Text("lowest loss", "가장 낮은 손실"),
        "loss_peak": Text("highest loss", "가장 높은 손실"),
        "loss_leaps": Text("steps at which the loss leapt", "손실이 튄 스텝 수"),
        "loss_of_guessing": Text("loss of guessing", "무작위 추측 수준의 손실"),
        "opponent_loss": Text("loss of the opponent", "상대 신경망의 손실"),
        "learning_rate": Text("learning rate", "학습률"),
        "steps": Text("steps", "스텝 수"),
        "networks": Text("networks with the same finding", "같은 진단이 나온 신경망 수"),
        "nonfinite_steps": Text("steps with values that are not finite", "유한하지 않은 값이 나온 스텝 수"),
        "nonfinite": Text("steps that were not finite", "유한하지 않은 스텝"),
        "step": Text("step", "스텝"),
    }
)
"""The name of each quantity that evidence may hold; a unit at the end of its name (`_decades`) changes nothing."""
