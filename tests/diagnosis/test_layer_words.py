"""Layers within a sentence, named as a person would name them."""

import pytest

from isograd.diagnosis.layer_words import layer, span
from isograd.facts import Text
from isograd.report.language import render

SENTENCE = "{what}[은/는] 학습되지 않습니다."


@pytest.mark.parametrize(
    ("sites", "en", "ko"),
    [
        (("0",), "layer 0 learns", "0번 층은 학습되지 않습니다."),
        (("0.1",), "layer 0.1 learns", "0.1번 층은 학습되지 않습니다."),
        (("0", "2"), "layers 0 and 2 learns", "0번, 2번 층은 학습되지 않습니다."),
        (("0", "2", "14"), "layers 0 … 14 learns", "0번 … 14번 층은 학습되지 않습니다."),
        (("3+",), "layer 3+ learns", "3+번 층은 학습되지 않습니다."),
        (("3+2",), "layer 3+2 learns", "3+2번 층은 학습되지 않습니다."),
        (("0", "1", "head"), "0 … head learns", "0 … head는 학습되지 않습니다."),
        (("fc1",), "fc1 learns", "fc1은 학습되지 않습니다."),
        (("embed", "0", "1"), "embed … 1 learns", "embed … 1은 학습되지 않습니다."),
        (("0.weight", "0.bias"), "0.weight, 0.bias learns", "0.weight, 0.bias는 학습되지 않습니다."),
    ],
)
def test_numbers_are_called_layers(sites: tuple[str, ...], en: str, ko: str) -> None:
    text = Text("{what} learns", SENTENCE, {"what": span(sites)})
    assert (render(text, "en"), render(text, "ko")) == (en, ko)


def test_no_layers_are_no_words() -> None:
    assert span(()) == ""
    assert layer("layers.0") == "layers.0"
