"""The page's own words, headings, labels and captions, by name; sentences of findings come with the findings."""

from collections.abc import Mapping
from types import MappingProxyType

from isograd.facts import Text

PAGE_TEXTS: Mapping[str, Text] = MappingProxyType(
    {
        # Frame
        "report": Text("Gradient report", "기울기 진단 보고서"),
        "skip_link": Text("Skip to the findings", "진단 결과로 건너뛰기"),
        "contents": Text("On this page", "이 페이지의 내용"),
        "theme_dark": Text("Dark theme", "어두운 화면"),
        "theme_light": Text("Light theme", "밝은 화면"),
        "no_script": Text(
            "The maps below need JavaScript; every number is also in the tables.",
            "아래 지도는 자바스크립트가 필요합니다. 모든 수치는 표에도 있습니다.",
        ),
        "made_by": Text("Written by isograd {version}", "isograd {version} 작성"),
        # Verdict
        "verdict_finding": Text("{problem} in {where}, {since}.", "{problem}: {where}, {since}."),
        "verdict_cause": Text("Most likely cause: {cause}.", "가장 유력한 원인: {cause}."),
        "verdict_remedy": Text("What to do first: {remedy}.", "먼저 할 일: {remedy}."),
        "verdict_advice": Text("What to do first: {advice}", "먼저 할 일: {advice}"),
        "verdict_healthy": Text(
            "Gradients pass through every layer at a healthy size.",
            "기울기가 모든 층을 알맞은 크기로 통과합니다.",
        ),
        "verdict_unknown": Text(
            "Too little was seen of this run to judge it.", "관찰한 것이 부족하여 이 실행을 판정할 수 없습니다."
        ),
        "and_more_one": Text("One more finding below.", "이 밖에 진단이 1건 더 있습니다."),
        "and_more": Text("{count} more findings below.", "이 밖에 진단이 {count}건 더 있습니다."),
        # Key figures
        "key_figures": Text("Key figures", "주요 수치"),
        "steps": Text("Steps", "스텝"),
        "networks": Text("Networks", "신경망"),
        "overhead": Text("Overhead", "측정 부담"),
        "gain_now": Text("Gain G, latest", "이득 G, 최근"),
        "gain_worst": Text("Gain G, worst", "이득 G, 최악"),
        "at_step": Text("at step {step}", "{step} 스텝"),
        "of_run_time": Text("of the run's time", "실행 시간 대비"),
        "in_time": Text("in {time}", "소요 {time}"),
        "decades": Text("{value} decades", "10^{value}배"),
        "gain_help": Text(
            "G is the size of the gradient at the first layer against the last; about 1, or 0 decades, is healthy. "
            "A decade is a factor of ten.",
            "이득 G는 마지막 층에 대한 첫 층의 기울기 크기입니다. 1배 안팎이 정상입니다.",
        ),
        "not_seen": Text("not measured", "측정 안 됨"),
        "exact_zero": Text("exactly zero", "정확히 0"),
        "non_finite": Text("not finite", "유한하지 않음"),
        # Findings
        "findings": Text("Findings", "진단 결과"),
        "no_findings": Text("Nothing to report.", "보고할 문제가 없습니다."),
        "where": Text("Where", "위치"),
        "since": Text("Since", "기간"),
        "network": Text("Network", "신경망"),
        "step_range": Text("step {first} to {last}", "{first}~{last} 스텝"),
        "step_one": Text("step {first}", "{first} 스텝"),
        "whole_network": Text("the whole network", "신경망 전체"),
        "where_of": Text("{where}, {count} of {all} layers", "{where} (전체 {all}개 층 중 {count}개)"),
        "all_layers": Text("All {count} layers", "{count}개 층 모두 보기"),
        "evidence": Text("Evidence", "근거"),
        "quantity": Text("Quantity", "항목"),
        "measured": Text("Measured", "측정값"),
        "limit": Text("Limit", "기준"),
        "site": Text("Layer", "층"),
        "step": Text("Step", "스텝"),
        "causes": Text("Likely causes", "유력한 원인"),
        "how_intervention": Text("shown by intervention", "개입 실험으로 확인"),
        "how_forecast": Text("forecast by theory", "이론으로 예측"),
        "how_rule": Text("inferred by rule", "규칙으로 추정"),
        "remedies": Text("What to do", "해결 방안"),
        "expected": Text("Expected", "기대 효과"),
        "rule_page": Text("About rule {rule}", "규칙 {rule} 설명"),
        # Network figures
        "what_it_is": Text(
            "{type}, {parameters} parameters, {sites} layers, {optimizer}",
            "{type}, 매개변수 {parameters}개, 층 {sites}개, {optimizer}",
        ),
        "heat_title": Text("Gradient by layer and step", "층과 스텝에 따른 기울기"),
        "heat_caption": Text(
            "Each row is a layer, input side on top; each column is a reading, oldest on the left. "
            "Readings come closer together where something happened.",
            "행은 층(위가 입력 쪽), 열은 측정(왼쪽이 먼저)입니다. 이상이 있던 구간은 더 촘촘하게 측정합니다.",
        ),
        "heat_keys": Text(
            "Use the arrow keys to move through layers and readings; Home and End go to the first and last reading, "
            "Page Up and Page Down move ten layers.",
            "화살표 키로 층과 측정 사이를 이동합니다. Home과 End는 처음과 마지막 측정으로, "
            "Page Up과 Page Down은 열 층씩 이동합니다.",
        ),
        "heat_map": Text("Map of layers and steps, {network}", "층과 스텝의 지도, {network}"),
        "heat_show": Text("Show", "표시할 값"),
        "layer_ratio": Text("Gradient against the last layer", "마지막 층 대비 기울기"),
        "layer_rho": Text("Gain of the layer", "층의 이득"),
        "layer_saturation": Text("Saturated", "포화"),
        "layer_dead": Text("Dead units", "죽은 뉴런"),
        "layer_update": Text("Update ratio", "갱신 비율"),
        "vanishing": Text("vanishing", "소실"),
        "exploding": Text("exploding", "폭주"),
        "healthy": Text("healthy", "정상"),
        "slow": Text("slow", "느림"),
        "fast": Text("fast", "빠름"),
        "as_table": Text("As a table", "표로 보기"),
        "heat_table": Text(
            "log10 of the gradient against the last layer, thinned: of what was joined, the value farthest from 0",
            "마지막 층 대비 기울기(자릿수). 여러 측정을 합친 칸은 0에서 가장 먼 값",
        ),
        "no_readings": Text(
            "No detailed reading was taken of this network.", "이 신경망에는 층별로 측정한 값이 없습니다."
        ),
        "depth_title": Text("Gradient by depth", "깊이에 따른 기울기"),
        "depth_caption": Text(
            "How much of the last layer's gradient is left at each layer. The band is where healthy networks stay.",
            "마지막 층의 기울기가 각 층에 얼마나 남는지 나타냅니다. 띠는 정상 신경망의 범위입니다.",
        ),
        "depth_x": Text("Layer, from the input side to the loss", "층 (입력 쪽에서 손실 쪽으로)"),
        "depth_y": Text("Decades", "기울기 (자릿수)"),
        "reading_first": Text("first, step {step}", "처음, {step} 스텝"),
        "reading_worst": Text("worst, step {step}", "최악, {step} 스텝"),
        "reading_latest": Text("latest, step {step}", "최근, {step} 스텝"),
        "healthy_band": Text("healthy band", "정상 범위"),
        "ledger_title": Text("What each layer does to the gradient", "층마다 기울기가 변하는 이유"),
        "ledger_caption": Text(
            "The gain of each layer at step {step}, split into its parts: below zero it shrinks the gradient, "
            "above zero it grows it.",
            "{step} 스텝에서 층별 이득을 요인별로 나눈 것입니다. 0보다 아래면 기울기를 줄이고 위면 키웁니다.",
        ),
        "slope": Text("slope of the activation", "활성화 함수의 미분값"),
        "gate": Text("saturation and gating", "포화·게이트"),
        "weight": Text("weights", "가중치"),
        "norm": Text("normalisation", "정규화"),
        "skip": Text("skip connections", "잔차 연결"),
        "skip_or_loop": Text("time steps, skip connections", "시점 · 잔차 연결"),
        "other": Text("other", "기타"),
        "rho": Text("gain", "이득"),
        "gradient": Text("gradient", "기울기"),
        "layers_table": Text("The latest reading, in decades", "최근 측정 (자릿수)"),
        "lag_title": Text(
            "Gradient back through time: {site}, {gradient}", "시간을 거슬러 본 기울기: {site}, {gradient}"
        ),
        "lag_caption": Text(
            "How much of the gradient is left so many time steps back ({cell}, sequences of {length}).",
            "거슬러 간 시점마다 기울기가 얼마나 남는지 나타냅니다({cell}, 시퀀스 길이 {length}).",
        ),
        "lag_x": Text("Time steps back from the last", "마지막 시점에서 거슬러 간 시점 수"),
        "loss_title": Text("Loss", "손실"),
        "loss_caption": Text("As the script computed it, at every step.", "스크립트가 스텝마다 계산한 값입니다."),
        "loss": Text("loss", "손실"),
        "norm_title": Text("Gradient norm", "기울기 노름"),
        "norm_caption": Text(
            "Before clipping, and what the optimizer was given. The line stops where it was not sampled.",
            "클리핑 전의 값과 옵티마이저가 받은 값입니다. 측정하지 않은 구간에서는 선이 끊깁니다.",
        ),
        "norm_raw": Text("before clipping", "클리핑 전"),
        "norm_applied": Text("given to the optimizer", "옵티마이저가 받은 값"),
        "hint": Text("Point at a place, or use the arrow keys.", "그림의 한 곳을 가리키거나 화살표 키를 씁니다."),
        "loss_and_norm": Text("loss and gradient norm", "손실과 기울기 노름"),
        "steps_table": Text("Loss and gradient norm, thinned", "손실과 기울기 노름 (일부)"),
        "events": Text("What happened", "사건"),
        "events_more": Text("and {count} more", "외 {count}건"),
        "mark_non-finite": Text("not finite", "유한하지 않은 값"),
        "mark_rebuilt": Text("model rebuilt", "다시 만든 모델"),
        "mark_carried": Text("gradients not emptied", "비우지 않은 기울기"),
        "mark_scaler-skip": Text("step skipped by the scaler", "스케일러가 건너뛴 스텝"),
        "direction_forward": Text("forward", "순전파"),
        "direction_backward": Text("backward", "역전파"),
        "direction_update": Text("update", "갱신"),
        # The run
        "run": Text("What was run", "실행 정보"),
        "command": Text("Command", "명령"),
        "from_python": Text("watched from Python", "파이썬에서 관찰"),
        "ended_early": Text("The script did not run to its end.", "스크립트가 끝까지 실행되지 않았습니다."),
        "status": Text("Status", "상태"),
        "status_running": Text("running, or ended without a word", "실행 중이거나 기록 없이 끝남"),
        "status_finished": Text("finished", "끝까지 실행"),
        "status_failed": Text("failed", "오류로 종료"),
        "status_interrupted": Text("interrupted", "사용자가 중단"),
        "started": Text("Started", "시작"),
        "duration": Text("Duration", "소요 시간"),
        "versions": Text("Versions", "버전"),
        "notes": Text("What could not be observed", "관찰하지 못한 것"),
        "unreached": Text("Parameters that no gradient has reached", "기울기가 도달하지 않은 매개변수"),
        # Copying
        "copy": Text("Copy as text for an issue", "이슈에 붙일 글로 복사"),
        "copied": Text("Copied.", "복사했습니다."),
        "copy_by_hand": Text(
            "The browser did not allow it: the text below is selected, copy it by keyboard.",
            "브라우저가 복사를 허용하지 않았습니다. 아래에 선택된 글을 키보드로 복사합니다.",
        ),
        "issue_text": Text("Text for an issue", "이슈에 붙일 글"),
        # Read out by the script of the page
        "say_cell": Text("{site}, step {step}, {value}", "{site}, {step} 스텝, {value}"),
        "say_cell_range": Text("{site}, steps {step} to {last}, {value}", "{site}, {step}~{last} 스텝, {value}"),
        "say_step": Text("step {x}", "{x} 스텝"),
        "say_lag": Text("{x} back", "{x} 시점 전"),
    }
)
"""Every word of the page's frame, by name."""
