import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isograd.report.particles import PAIR, append_literal, particle


@pytest.mark.parametrize(
    ("before", "literal", "sentence"),
    [
        ("layers.0", "[을/를] 봅니다", "layers.0을 봅니다"),
        ("layers.2", "[을/를] 봅니다", "layers.2를 봅니다"),
        ("layers.1", "[으로/로] 갑니다", "layers.1로 갑니다"),  # 일 ends in ㄹ
        ("layers.3", "[으로/로] 갑니다", "layers.3으로 갑니다"),
        ("layers.7", "[이/가] 멈췄습니다", "layers.7이 멈췄습니다"),
        ("손실", "[으로/로]서[은/는]", "손실로서는"),
        ("85 %", "[이/가] 0입니다", "85 %가 0입니다"),
        ("85%", "[이라/라] 높습니다", "85%라 높습니다"),
        ("ReLU", "[이/가] 죽었습니다", "ReLU가 죽었습니다"),
        ("LSTM", "[과/와] GRU[은/는]", "LSTM과 GRU는"),
        ("`fc`", "[은/는] 끝입니다", "`fc`는 끝입니다"),
        ("Adam", "[이었/였]습니다", "Adam이었습니다"),
        ("SGD", "[이었/였]습니다", "SGD였습니다"),
        ("SGD", "[이/]며", "SGD며"),
        ("Adam", "[이/]며", "Adam이며"),
        ("梯度", "[을/를]", "梯度을(를)"),
        ("", "층[이/가] 모델[을/를]", "층이 모델을"),
        ("값", " 그대로", "값 그대로"),
    ],
)
def test_append_literal(before: str, literal: str, sentence: str) -> None:
    assert append_literal(before, literal) == sentence


def test_pairs_inside_what_stands_before_are_data() -> None:
    assert append_literal("a[을/를]b", "[이/가]") == "a[을/를]b가"


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_every_text_takes_a_particle(before: str) -> None:
    assert particle(before, "은", "는") in ("은", "는", "은(는)")
    assert append_literal(before, "[은/는]").startswith(before)


def test_brackets_that_are_no_pair_stay() -> None:
    assert PAIR.search("[0, 1] [a/b] [을]") is None
